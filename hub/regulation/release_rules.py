"""May this version be released into this channel? Pure; every refusal has a name.

The clauses: what consent allows (`consent_rules`); an embargo of the act is never earlier than the story's; the
newspaper's column lives from method and lesson; the live-exchange segment needs somebody to talk to.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hub.records.grants import Agreed, Given
from hub.regulation.consent import consent_rules
from hub.regulation.refusals import Refusal, Target, has

__all__ = ["Refusal", "Target", "embargo_of", "find_profile_refusals", "find_refusals", "has"]


def find_refusals(
    content: Mapping[str, Any], target: Target, agreed: Agreed, *, act_embargo: datetime | None
) -> list[Refusal]:
    """Every reason why this content may not be released into this channel; none when it may."""
    allowed = consent_rules.allow(content, target, agreed)
    return [
        *consent_rules.find_refusals(content, target, agreed, allowed),
        *_date_refusals(agreed.subject),
        *_embargo_refusals(content, act_embargo),
        *find_profile_refusals(content, target),
    ]


def find_profile_refusals(content: Mapping[str, Any], target: Target) -> list[Refusal]:
    """What the channel's profile cannot do without."""
    missing = [path for path in target.required if not has(content, path)]
    if target.profile == "segment" and "interview.guests" in missing:
        return [Refusal("no_guest")]
    if target.profile == "column" and {"method", "lesson"} & set(missing):
        return [Refusal("no_method_or_lesson", {"fields": ", ".join(missing)})]
    return [Refusal("field_missing", {"fields": ", ".join(missing)})] if missing else []


def embargo_of(content: Mapping[str, Any]) -> datetime | None:
    """The story's own embargo."""
    said = content.get("embargo_until")
    return datetime.fromisoformat(said) if said else None


def _date_refusals(subject: Given) -> list[Refusal]:
    """A consent of another day is none yet."""
    return [Refusal("consent_not_yet", {"date": subject.pending.isoformat()})] if subject.pending else []


def _embargo_refusals(content: Mapping[str, Any], act_embargo: datetime | None) -> list[Refusal]:
    own = embargo_of(content)
    if own is not None and act_embargo is not None and act_embargo < own:
        return [Refusal("embargo_too_early", {"earliest": own.isoformat()})]
    return []
