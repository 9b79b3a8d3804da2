"""What the rules of release speak of: a refusal, and what they know of a channel. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a release is refused: a code, whose sentence stands in ``hub/i18n`` under ``fault.<code>``."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the rules need to know of a channel."""

    profile: str
    audience: str
    fields: Sequence[str]
    required: Sequence[str]
    outlet: str = ""  # its code, to which a consent may be limited


def has(content: Any, path: str) -> bool:
    """Is something there at this dotted path? An empty text or list is nothing."""
    for step in path.split("."):
        if not isinstance(content, Mapping):
            return False
        content = content.get(step)
    return bool(content)
