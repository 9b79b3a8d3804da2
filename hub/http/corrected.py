"""Corrections as people read them: each change with before, after, reason and severity, and words for print and air.

For the doors that tell of them; of an outlet's channels what these showed, before and after.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

import schemas
from hub.clock import local_day
from hub.http.language import asked_language
from hub.intake.differences import Change, Words, compare
from hub.intake.html import visible_text
from hub.models import Correction
from hub.outlets import readership
from hub.outlets.readership import Had
from hub.publishing import showing
from hub.records.disclosures import Content
from hub.regulation import corrections, wording
from hub.regulation.corrections import Told
from hub.regulation.wording import Corrected, Wording

FOR_MACHINES = frozenset({"kind", "shows", "upload"})  # members whose values nobody prints or reads aloud


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldChange:
    """One field that a correction changed; `words` of long texts, as `hub.intake.differences` has them."""

    field: str  # JSON pointer
    label: str
    before: Any
    after: Any
    reason: str
    severity: str
    who: str
    words: Words | None = None

    @property
    def was(self) -> str:
        """The value before, as one reads it; empty where there was none."""
        return text_of(self.before)

    @property
    def now(self) -> str:
        """The value after."""
        return text_of(self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldCorrection:
    """A correction, in one channel or as a whole (`channel` empty)."""

    story: str
    act: int
    channel: str
    from_version: int
    to_version: int
    severity: str
    at: datetime
    public_note: str
    changes: Sequence[ToldChange]
    wording: Wording


def to_outlets(session: Session, story_id: str, outlet_ids: Collection[int]) -> list[ToldCorrection] | None:
    """What channels of these outlets showed corrected of a story, oldest first; None where it never stood in one."""
    had = [one for one in readership.list_had(session, story_id) if one.outlet_id in outlet_ids]
    if not had:
        return None
    known = corrections.list_corrections(session, story_id)
    told = [(each, one) for one in had for each in corrections.list_told(known, one.versions)]
    return list(_to_channels(session, sorted(told, key=lambda pair: pair[0].act_id)))


def find_told(
    session: Session, correction: Correction | Told, contents: Sequence[Content | None], *, had: Had | None = None
) -> ToldCorrection | None:
    """A correction from the contents before and after; None where these show nothing of it."""
    old, new = contents[0] or {}, contents[1] or {}
    changes = compare(old, new)
    if not changes:
        return None  # nothing that this channel showed
    language = asked_language()
    shown = [_change(correction, change, language) for change in changes]
    words = wording.word(
        str(old.get("title") or new.get("title", "")),
        local_day(readership.released_at(session, correction.story_id, correction.from_version) or correction.at),
        [_corrected(each) for each in shown if each.field.rpartition("/")[2] not in FOR_MACHINES],
        language=language,
    )
    return ToldCorrection(
        story=correction.story_id,
        act=correction.act_id,
        channel=had.address if had else "",
        from_version=correction.from_version,
        to_version=correction.to_version,
        severity=correction.severity,
        at=correction.at,
        public_note=corrections.public_note(session, correction, channel_id=had.channel_id if had else None),
        changes=shown,
        wording=words,
    )


def text_of(value: Any) -> str:
    """A value as one reads it: HTML without its tags, an object as its members' texts but those for machines."""
    if value is None:
        return ""
    if isinstance(value, str):
        return visible_text(value) if "<" in value else value
    if isinstance(value, dict):
        return ", ".join(text_of(member) for name, member in value.items() if name not in FOR_MACHINES)
    if isinstance(value, list):
        return "; ".join(text_of(member) for member in value)
    return str(value)


def _to_channels(session: Session, told: Sequence[tuple[Told, Had]]) -> Iterator[ToldCorrection]:
    for each, one in told:
        shown = [showing.of_version(session, one, number) for number in (each.from_version, each.to_version)]
        if None not in shown and (found := find_told(session, each, shown, had=one)) is not None:
            yield found


def _change(correction: Correction | Told, change: Change, language: str) -> ToldChange:
    note = corrections.note_for(correction, change.path)
    return ToldChange(
        field=change.path,
        label=str(schemas.title_of(change.path, language)),
        before=change.before,
        after=change.after,
        reason=note["reason"],
        severity=note["severity"],
        who=correction.actor_name,
        words=change.words,
    )


def _corrected(change: ToldChange) -> Corrected:
    before, after = wording.differing(change.was, change.now)
    return Corrected(field=change.label, before=before, after=after, reason=change.reason)
