"""What forms of administration share: reading fields, and saying refusals beside the field they are about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus

from flask import request

from feeds.text import clean_text
from hub import i18n
from hub.errors import HubError, Invalid
from hub.http.language import asked_language
from hub.http.problems import status_of
from schemas import Fault

PAGE = 50
FIELDS: Mapping[str, str] = {  # of refusals that speak of one field only
    "error.bad_code": "code",
    "error.code_taken": "code",
    "error.organization_needs_a_name": "name",
    "error.bad_email": "email",
    "error.password_short": "password",
    "error.password_long": "password",
    "error.password_common": "password",
    "error.password_own": "password",
    "error.wrong_start_code": "code",
}


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a form was not taken: a sentence about the whole, and sentences beside its fields."""

    sentence: str
    status: int
    fields: Mapping[str, list[str]] = field(default_factory=dict)

    def of(self, name: str) -> list[str]:
        """What is said beside a field."""
        return list(self.fields.get(name, ()))


NOTHING = Refused("", HTTPStatus.OK)


def refused(error: HubError, names: Mapping[str, str] | None = None) -> Refused:
    """A refusal in the language of the page. `names` leads from pointers and keys to fields of the form."""
    language = asked_language()
    sentence = i18n.sentence(error.key, language, **error.facts)
    known = {**FIELDS, **(names or {})}
    fields: dict[str, list[str]] = {}
    for fault in error.faults:
        name = _field_of(fault.pointer, known)
        fields.setdefault(name, []).append(i18n.fault_sentence(fault, language))
    if error.key in known:
        fields.setdefault(known[error.key], []).append(sentence)
    return Refused(sentence, status_of(error), fields)


def _field_of(pointer: str, known: Mapping[str, str]) -> str:
    """The field that a pointer leads to, or into."""
    way = pointer
    while way and way not in known:
        way = way.rpartition("/")[0]
    return known[way] if way else pointer.strip("/").split("/")[0]


def text(name: str) -> str:
    """A field of one line, tidied; empty when it is not there."""
    return clean_text(request.form.get(name, "")).strip()


def day(name: str) -> date | None:
    """A day as ``2026-11-27``; None when the field is empty. Raises Invalid for anything else."""
    said = text(name)
    try:
        return date.fromisoformat(said) if said else None
    except ValueError as exc:
        raise Invalid(faults=[Fault(f"/{name}", "cell_not_a_day", {"value": said[:40]})]) from exc


def needed_day(name: str) -> date:
    """A day that has to be named. Raises Invalid."""
    found = day(name)
    if found is None:
        raise missing(name)
    return found


def missing(name: str) -> Invalid:
    """The refusal of a form that leaves a field empty."""
    return Invalid(faults=[Fault(f"/{name}", "field_needed", {})])


def following(rows: list[str], limit: int) -> str:
    """The key of the page after one that was asked for with one row too many; empty at the end."""
    return rows[limit - 1] if len(rows) > limit else ""
