"""Overtaken notices: what is not said any more, because by now something newer holds of the same story or duty.

A letter may wait for hours, for a digest's hour or a mail server that is down. What it says is decided when it is
sent: nobody reads that a story is released which has been withdrawn, nor an older state after a newer one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.delivery.recipients import DRAFT, WITHDRAWN, Kind
from hub.models import CoverageRequest, Duty, Letter, Notice, Pickup, Story
from hub.outlets.uses import PROPOSED

AFTERWARDS: Mapping[Kind, frozenset[Kind]] = {  # once one of these has been told, the older notice would be wrong
    Kind.RETURNED: frozenset({Kind.CONFIRMED, Kind.RELEASED, Kind.CORRECTED}),
    Kind.CONFIRMED: frozenset({Kind.RETURNED, Kind.RELEASED, Kind.CORRECTED, Kind.USED}),
    Kind.RELEASED: frozenset({Kind.CORRECTED, Kind.USED}),
    Kind.DUE_SOON: frozenset({Kind.LATE}),
}
OF_STANDING = frozenset({Kind.RETURNED, Kind.CONFIRMED, Kind.RELEASED, Kind.CORRECTED})  # says what a story is now
TAKEN_AWAY = OF_STANDING | {Kind.REDUCED}  # a notice of withdrawal, told or still to be, says more
INVITING = frozenset({Kind.RELEASED, Kind.CORRECTED})  # to print or air; not while a story is on hold
WAITS = ("state", "step")  # what a story and the notice that it waits have to agree in
GONE = frozenset({"sending", "sent", "doubtful"})  # states of letters that have been, or may have been, read
DEAD = "dead"
CHUNK = 500  # values in one IN


@dataclass(frozen=True, slots=True)
class Sorted:
    """The notices of a letter that still hold, and those that a hold keeps back; the rest is not said any more."""

    told: Sequence[Notice]
    kept_back: Sequence[Notice]


def sort(session: Session, letter: Letter) -> Sorted:
    """Decide which notices of a letter that is about to be sent are still true."""
    stories, newer = _stories(session, letter.notices), _newer(session, letter)
    done, closed = _ended_duties(session, letter.notices), _closed_requests(session, letter.notices)
    asked = _waiting_pickups(session, letter.notices)
    told: list[Notice] = []
    kept_back: list[Notice] = []
    for notice in letter.notices:
        kind, story = Kind(notice.kind), stories.get(_story_of(notice))
        later = [(each, state) for number, each, state in newer.get(_subject(notice), ()) if number > notice.id]
        if is_overtaken(kind, later) or notice.facts.get("duty") in done:
            continue
        if kind is Kind.REQUESTED and notice.facts.get("request") in closed:
            continue
        if kind is Kind.PROPOSED and notice.facts.get("pickup") not in asked:
            continue
        if story is not None and _has_moved_on(kind, notice, story):
            continue
        (kept_back if story is not None and story.held and kind in INVITING else told).append(notice)
    return Sorted(told, kept_back)


def is_overtaken(kind: Kind, later: Collection[tuple[Kind, str]]) -> bool:
    """Has a notice had its day? `later` are the kinds of newer ones to the same reader, and their letters' states."""
    return any(
        (each is kind is Kind.WAITING and state != DEAD)
        or (each is Kind.WITHDRAWN and kind in TAKEN_AWAY and state != DEAD)
        or (each in AFTERWARDS.get(kind, ()) and state in GONE)
        for each, state in later
    )


def _has_moved_on(kind: Kind, notice: Notice, story: Story) -> bool:
    if kind is Kind.WAITING:
        return any(getattr(story, name) != notice.facts.get(name) for name in WAITS)
    if kind is Kind.DRAFTED:
        return story.state != DRAFT
    return story.state == WITHDRAWN and kind in OF_STANDING


def _newer(session: Session, letter: Letter) -> dict[str, list[tuple[int, Kind, str]]]:
    """What the reader is told of later than the letter's oldest notice: number, kind, and state of its letter.

    The letter itself is `sending`, so what stands in it counts as waiting: a digest tells a day in order.
    """
    found: dict[str, list[tuple[int, Kind, str]]] = {}
    query = (
        select(Notice, Letter.state)
        .join(Letter, Letter.id == Notice.letter_id)
        .where(Notice.user_id == letter.user_id, Notice.id > min(notice.id for notice in letter.notices))
    )
    for notice, state in session.execute(query):
        state = "waiting" if notice.letter_id == letter.id else state
        found.setdefault(_subject(notice), []).append((notice.id, Kind(notice.kind), state))
    return found


def _subject(notice: Notice) -> str:
    """What a notice is about: a duty, a request, or else a story."""
    request = notice.facts.get("request")
    return str(notice.facts.get("duty") or "") or (f"request:{request}" if request else _story_of(notice))


def _story_of(notice: Notice) -> str:
    return str(notice.facts.get("story") or "")


def _stories(session: Session, notices: Collection[Notice]) -> dict[str, Story]:
    ids = sorted({_story_of(notice) for notice in notices})
    found: dict[str, Story] = {}
    for some in _batched(ids):
        found |= {story.id: story for story in session.scalars(select(Story).where(Story.id.in_(some)))}
    return found


def _ended_duties(session: Session, notices: Collection[Notice]) -> set[str]:
    ids = sorted({str(notice.facts["duty"]) for notice in notices if notice.facts.get("duty")})
    ended = select(Duty.id).where(Duty.ended_at.is_not(None))
    return {duty_id for some in _batched(ids) for duty_id in session.scalars(ended.where(Duty.id.in_(some)))}


def _closed_requests(session: Session, notices: Collection[Notice]) -> set[int]:
    ids = {notice.facts["request"] for notice in notices if notice.facts.get("request")}
    closed = select(CoverageRequest.id).where(CoverageRequest.id.in_(ids), CoverageRequest.state == "closed")
    return set(session.scalars(closed)) if ids else set()


def _waiting_pickups(session: Session, notices: Collection[Notice]) -> set[int]:
    """What the hub found and the outlet has not answered yet."""
    ids = sorted({notice.facts["pickup"] for notice in notices if notice.kind == Kind.PROPOSED})
    query = select(Pickup.id).where(Pickup.id.in_(ids), Pickup.state == PROPOSED)
    return set(session.scalars(query)) if ids else set()


def _batched(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
