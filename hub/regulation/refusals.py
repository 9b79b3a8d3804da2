"""What the rules of release speak of: a refusal, and what they know of a channel. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

RELEASE_CODES = (  # why the rules of release refuse
    *("no_consent", "consent_not_yet", "name_without_consent", "no_guardian_consent", "no_child_assent"),
    *("embargo_too_early", "no_guest", "no_method_or_lesson", "field_missing", "unverified_claim"),
    *("child_detail_without_consent", "no_unit_clearance", "taken_back_here", "story_ended", "story_held"),
    "unexplained_change",
)
WITH_CLAUSE = (*RELEASE_CODES, "already_released")  # the clause of a regulation may stand beside each of these
ASKED_FOR_BY_CLAUSES = frozenset({"unverified_claim", "unexplained_change"})  # without a clause nobody is refused so


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
