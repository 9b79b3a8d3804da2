"""What a call of the API is described by: texts in both languages, parameters, bodies, answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NamedTuple

from feeds import opml
from hub.actors import Role
from hub.errors import HubError

HTML, JSON, FORM, OPML = "text/html", "application/json", "multipart/form-data", opml.MEDIA_TYPE.partition(";")[0]
URLENCODED = "application/x-www-form-urlencoded"


class Text(NamedTuple):
    """A text in both languages."""

    vi: str
    en: str

    def to(self, language: str) -> str:
        """The text in ``vi`` or ``en``."""
        return self.en if language == "en" else self.vi


@dataclass(frozen=True, slots=True)
class Parameter:
    """What stands in a path, a query or a header."""

    name: str
    about: Text
    schema: Mapping[str, Any]
    example: str = ""
    required: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """What a call takes: JSON of a schema, the parameters of a form, or a file."""

    schema: str = ""  # name of a component
    media_types: Sequence[str] = (JSON,)
    examples: Mapping[str, Any] = field(default_factory=dict)  # values, or the name of a file under EXAMPLES
    form: Sequence[Parameter] = ()  # of URLENCODED


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a call answers when it does what was asked; what it is says `about`, or else its schema's title."""

    status: int = HTTPStatus.OK
    schema: str = ""  # name of a component; of JSON only
    about: Text | None = None
    media_types: Sequence[str] = (JSON,)
    headers: Sequence[str] = ()  # names in HEADERS


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call, under its endpoint's name in CALLS."""

    group: str
    title: Text
    about: Text | None = None
    roles: Sequence[Role] = ()  # whose key opens it; without one `who` says it
    who: Text | None = None
    key_optional: bool = False  # answers without a key, and more with one
    path: Mapping[str, Parameter] = field(default_factory=dict)  # where a name means another thing than in PATH
    query: Sequence[Parameter] = ()
    headers: Sequence[Parameter] = ()
    body: Body | None = None
    answers: Sequence[Answer]
    refusals: Sequence[type[HubError]] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """A call where it is found."""

    endpoint: str
    method: str
    path: str  # with {names}
    parameters: Sequence[Parameter]  # of the path
    call: Call

    @property
    def name(self) -> str:
        """The view's name: unique in the description, and an anchor of the page."""
        return self.endpoint.partition(".")[2]
