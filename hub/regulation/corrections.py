"""Corrections: what changed from the version that stood, why, how much it matters, and who says so.

A row names fields by pointer, with reason and severity; the texts before and after stand in the two versions alone,
so that erasing somebody leaves none behind. A correction is cosmetic only where every change of it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

import schemas
from hub.errors import Invalid
from hub.models import Act, Correction, Release, Story
from hub.outlets import releases
from hub.records.disclosures import Content, reveal
from hub.regulation.reading import get_version
from hub.regulation.releasing import ChangeNote, Order, ReleaseRefused, ReturnFault, meant_version
from hub.regulation.ruling import Ruling
from hub.regulation.workflow import ActKind

SEVERITIES = schemas.vocabulary("correction_severities").codes  # from the slightest on
COSMETIC, USUAL = "cosmetic", "substantive"
BODY, BODY_AS_SENT = "/body/html", frozenset({"/body/markdown", "/body/text"})  # a version keeps its body as HTML


def check_notes(session: Session, story: Story, notes: Sequence[ChangeNote]) -> None:
    """Notes speak of fields that the correction changes. Raises Invalid, naming those that it does not."""
    if not notes or story.released is None:
        return
    old, new = (_content(session, story.id, number) for number in (story.released, story.latest))
    faults = [
        schemas.Fault(f"/changes/{place}/pointer", "field_not_changed", {"field": note.pointer})
        for place, note in enumerate(notes)
        if value_at(old, _kept(note.pointer)) == value_at(new, _kept(note.pointer))
    ]
    if faults:
        raise Invalid(faults=faults)


def check_faults(session: Session, story: Story, faults: Sequence[ReturnFault]) -> None:
    """What a return asks to mend stands in the newest version, or may be added to it. Raises Invalid for the rest."""
    if not faults:
        return
    content = _content(session, story.id, story.latest)
    unknown = [
        schemas.Fault(f"/faults/{place}/pointer", "no_such_field", {"sent": fault.pointer, "version": story.latest})
        for place, fault in enumerate(faults)
        if not _may_stand(content, fault.pointer)
    ]
    if unknown:
        raise Invalid(faults=unknown)


def check_explained(session: Session, story: Story, order: Order, ruling: Ruling) -> None:
    """Where a clause asks for it, a correction with a change that nobody explains is not released.

    Raises ReleaseRefused, naming each such field and the clause.
    """
    version = meant_version(story, order.kind)
    if story.released in (None, version) or not ruling.bars("unexplained_change"):
        return
    said = _said(session, story, version, order)
    silent = _unexplained(session, story.id, story.released, version, said, order.severity or _gravest(said))
    if silent:
        clause = ruling.clause_for_refusal("unexplained_change")
        facts = [{"field": pointer, "clause": clause} for pointer in silent]
        raise ReleaseRefused(faults=[schemas.Fault("/changes", "unexplained_change", each) for each in facts])


def list_unexplained(session: Session, correction: Correction) -> list[str]:
    """The fields that a released correction changed with no reason from either side, by pointer."""
    numbers = correction.from_version, correction.to_version
    return _unexplained(session, correction.story_id, *numbers, correction.changes, correction.severity)


def record(session: Session, story: Story, act: Act, order: Order) -> Correction:
    """Write what the release of a corrected version corrects; of fields where the desk is silent, as the sender said.

    Call it before `story.released` moves on.
    """
    said = _said(session, story, act.version, order)
    severity = order.severity or _gravest(said)
    row = Correction(
        act_id=act.id,
        story_id=story.id,
        from_version=story.released,
        to_version=act.version,
        severity=severity,
        changes=said,
        actor_name=act.actor_name,
        at=act.at,
    )
    session.add(row)
    session.flush()
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A correction as one channel saw it: from the version that stood there to the next that did.

    It tells what every correction in between said, where one waited for an embargo and was overtaken by another.
    """

    story_id: str
    act_id: int
    from_version: int
    to_version: int
    severity: str
    changes: Sequence[Mapping[str, str]]  # those said last come first
    actor_name: str
    at: datetime


def list_told(corrections: Sequence[Correction], versions: Sequence[int]) -> Iterator[Told]:
    """The corrections of a story, oldest first, as a channel saw them in which these versions stood, in this order."""
    for before, after in pairwise(versions):
        told = [each for each in corrections if before < each.to_version <= after]
        if told:
            newest = told[-1]
            yield Told(
                story_id=newest.story_id,
                act_id=newest.act_id,
                from_version=before,
                to_version=after,
                severity=max((each.severity for each in told), key=SEVERITIES.index),
                changes=[note for each in reversed(told) for note in each.changes],
                actor_name=newest.actor_name,
                at=newest.at,
            )


def gravest_shown(session: Session, story: Story, severity: str) -> str:
    """How grave the step is that readers will see: with what corrections change that wait and are overtaken by this."""
    waiting = [row.severity for row in releases.list_live(session, story.id) if row.state == "scheduled"]
    return max((severity, *filter(None, waiting)), key=SEVERITIES.index)


def list_corrections(session: Session, story_id: str) -> list[Correction]:
    """Every correction of a story that was released, oldest first."""
    return list(session.scalars(select(Correction).where(Correction.story_id == story_id).order_by(Correction.act_id)))


def public_note(session: Session, correction: Correction | Told, *, channel_id: int | None = None) -> str:
    """What readers were told of a correction, in one channel or in any; empty where nothing was said."""
    query = select(Release.note).where(Release.act_id == correction.act_id, Release.note != "")
    if channel_id is not None:
        query = query.where(Release.channel_id == channel_id)
    return session.scalar(query.limit(1)) or ""


def note_for(correction: Correction | Told, pointer: str) -> Mapping[str, str]:
    """What was said of a changed field: its own note, that of what holds it, or the correction's severity alone."""
    kept = [{**note, "pointer": _kept(note["pointer"])} for note in correction.changes]
    named = [note for note in kept if _holds(note["pointer"], pointer)]
    closest = max(named, key=lambda note: len(note["pointer"]), default=None)
    return closest or {"reason": "", "severity": correction.severity}


def find_of_act(session: Session, act_id: int) -> Correction | None:
    """The correction that an act released; None where it released no correction."""
    return session.scalar(select(Correction).where(Correction.act_id == act_id))


def value_at(content: Any, pointer: str) -> Any:
    """The value at a JSON Pointer (RFC 6901); None where there is none."""
    node = content
    for name in _steps(pointer):
        if isinstance(node, list):
            node = node[int(name)] if name.isdecimal() and int(name) < len(node) else None
        else:
            node = node.get(name) if isinstance(node, dict) else None
    return node


def _may_stand(content: Content, pointer: str) -> bool:
    """Is something there; or is it a field that this story leaves out, and that can be asked for?

    A place that a list does not have is neither: the list itself is what is asked for.
    """
    if pointer == "" or value_at(content, pointer) is not None:
        return True
    node: Any = content
    for name in _steps(pointer):
        if isinstance(node, list) or name.isdecimal():
            node = value_at(node, f"/{name}")
            if node is None:
                return False
        else:
            node = node.get(name) if isinstance(node, dict) else None
    return schemas.is_field(pointer)


def _kept(pointer: str) -> str:
    """Where a version keeps what a pointer of a submission means."""
    return BODY if pointer in BODY_AS_SENT else pointer


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _unexplained(
    session: Session, story_id: str, before: int, after: int, said: Sequence[Mapping[str, str]], severity: str
) -> list[str]:
    """The fields in which two versions differ and of which nothing that was said gives a reason.

    A reason holds where it names the field, what holds it, or a part of it. What is cosmetic needs none.
    """
    if severity == COSMETIC:
        return []
    told = [_kept(note["pointer"]) for note in said if note["reason"] or note["severity"] == COSMETIC]
    old, new = (_content(session, story_id, number) for number in (before, after))
    return [
        pointer
        for pointer in _differing(old, new)
        if not any(_holds(note, pointer) or _holds(pointer, note) for note in told)
    ]


def _holds(pointer: str, other: str) -> bool:
    """Is a pointer the other one, or does it hold what the other one points at?"""
    return other == pointer or other.startswith(pointer + "/")


def _differing(old: Any, new: Any, pointer: str = "") -> Iterator[str]:
    """Where two contents differ, member by member; a list as a whole."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        if old != new:
            yield pointer
        return
    for name in {**new, **old}:
        yield from _differing(old.get(name), new.get(name), f"{pointer}/{name}")


def _said(session: Session, story: Story, version: int, order: Order) -> list[dict[str, str]]:
    """What the desk says of a correction's fields; of those where it is silent, what the sender said."""
    desk = [note.as_json() for note in order.changes]
    named = {note["pointer"] for note in desk}
    return desk + [note for note in said_by_sender(session, story, version) if note["pointer"] not in named]


def said_by_sender(session: Session, story: Story, version: int) -> list[dict[str, str]]:
    """What came with the correction that a version is: of its fields pointer, reason and severity."""
    query = select(Act.changes).where(
        Act.story_id == story.id, Act.kind == ActKind.CORRECT.value, Act.version == version, Act.changes.is_not(None)
    )
    return list(session.scalar(query.order_by(Act.id.desc()).limit(1)) or ())


def list_said(session: Session, stories: Collection[Story]) -> dict[str, list[dict[str, str]]]:
    """As `said_by_sender` of the newest version of each of these stories, by their ids, in one statement."""
    query = (
        select(Act.story_id, Act.changes)
        .join(Story, and_(Story.id == Act.story_id, Story.latest == Act.version))
        .where(
            Act.story_id.in_([story.id for story in stories]),
            Act.kind == ActKind.CORRECT.value,
            Act.changes.is_not(None),
        )
        .order_by(Act.id)  # what was said last holds
    )
    return {story_id: list(said or ()) for story_id, said in session.execute(query)} if stories else {}


def _gravest(notes: Sequence[Mapping[str, str]]) -> str:
    """How much a correction matters as a whole: as its gravest change does; substantive where nobody said."""
    return max((note["severity"] for note in notes), key=SEVERITIES.index, default=USUAL)


def _content(session: Session, story_id: str, number: int) -> Content:
    return reveal(get_version(session, story_id, number).disclosures)
