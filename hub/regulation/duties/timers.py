"""Timers: they remind before and at the deadline and tell the next level when it has passed.

They touch only what is due, by the index on `next_due_at`, and stop only when a recorded act ends the duty. They run
on a time that both clocks have passed; whether a duty was kept in time is told by the instants of journal rows, so a
clock that jumped makes nothing met or late for good.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.db import Database
from hub.models import Duty
from hub.records import outbox
from hub.regulation.duties import marks, opening, projector, reckoning
from hub.regulation.duties.lookups import Lookups
from hub.regulation.edition import editions
from hub.regulation.edition.clauses import Rule
from hub.regulation.edition.editions import Adopted

NOTICE = "notice"  # the outbox's kind
ROUND = 500  # duties of one transaction


def is_due(session: Session, *, now: datetime) -> bool:
    """Has a timer something to say, or does a period begin?"""
    mark = marks.read(session)
    if mark.calendar is not None and reckoning.next_period(mark.calendar) <= now:
        return True
    return session.scalar(select(Duty.id).where(Duty.next_due_at <= now).limit(1)) is not None


def ring(database: Database, *, now: datetime) -> int:
    """Open the periods that began by `now` and let every timer that is due speak; returns how many duties it moved."""
    with database.writing() as session:
        projector.open_periods(session, until=now)
    count = 0
    while True:
        with database.writing() as session:
            some = ring_some(session, now=now)
        count += some
        if some < ROUND:
            return count


def ring_some(session: Session, *, now: datetime, silently: bool = False) -> int:
    """One round of `ring`; `silently` only moves the timers on, for what was said before."""
    mark = marks.lock(session)
    query = select(Duty).where(Duty.next_due_at <= now).order_by(Duty.next_due_at, Duty.id).limit(ROUND)
    due = list(session.scalars(query))
    known = {edition.id: edition for edition in editions.timeline(session)} if due else {}
    lookups = Lookups(session)
    lookups.prepare({duty.owner for duty in due if duty.owner_kind == opening.ORGANIZATION}, ())
    for duty in due:
        _move(session, duty, known[duty.edition_id], lookups, now=now, silently=silently)
    if len(due) < ROUND:
        marks.write(session, replace(mark, rung=max(now, mark.rung or now)))
    return len(due)


def _move(session: Session, duty: Duty, edition: Adopted, lookups: Lookups, *, now: datetime, silently: bool) -> None:
    rule, calendar = edition.regulation.rules[duty.clause], edition.regulation.calendar
    spoken = [t for t in reckoning.timers(rule, calendar, duty.due_at) if (duty.next_due_at or now) <= t.at <= now]
    if duty.due_at <= now:
        duty.state = "late"
        spoken = [timer for timer in spoken if timer.kind == reckoning.LATE]  # too late for a reminder
    duty.next_due_at = reckoning.next_timer(rule, calendar, duty.due_at, after=now)
    if silently:
        return
    for timer in spoken:
        outbox.add(session, NOTICE, _notice(duty, rule, timer, lookups), at=now)


def _notice(duty: Duty, rule: Rule, timer: reckoning.Timer, lookups: Lookups) -> dict[str, Any]:
    kind, code = _told(duty, timer, lookups)
    return {
        "kind": timer.kind,
        "duty": duty.id,
        "organization": code if kind == opening.ORGANIZATION else "",
        "outlet": code if kind == opening.OUTLET else "",
        "role": rule.who.role if rule.who is not None and not timer.climbs else "",
        "clause": duty.clause,
        "story": duty.story_id,
        "due_at": duty.due_at.isoformat(),
    }


def _told(duty: Duty, timer: reckoning.Timer, lookups: Lookups) -> tuple[str, str]:
    """Who hears of it: its owner, or what stands so many levels above; the desk where nothing does."""
    if duty.owner_kind != opening.ORGANIZATION:
        return (opening.DESK, "") if timer.climbs else (duty.owner_kind, duty.owner)
    line = lookups.who_answers(duty.owner, timer.at)  # begins with the successor where there is one
    return (opening.ORGANIZATION, line[timer.climbs]) if timer.climbs < len(line) else (opening.DESK, "")
