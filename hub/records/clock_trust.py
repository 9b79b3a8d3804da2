"""Whether the clock is believed: a fault that the worker saw stands until an operator accepts the clock.

What was journalled in between is doubtful: it happened, but not when it says. The acceptance is a row of its own that
names the first such row, so that whoever reads the journal later knows which instants not to take at their word.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.actors import SYSTEM
from hub.clock import BEHIND
from hub.errors import Conflict
from hub.models import JournalHead, Setting
from hub.records import journal

FAULT = "clock_fault"
BELIEVED = "clock_believed_row"  # the last row that duties had read when the fault was seen
ACCEPTED = "clock_accepted"  # the newest journal row when an operator accepted the clock
KIND = "clock_accepted"  # of the journal's row


class ClockNotBelieved(Conflict):
    """What depends on the time waits until an operator accepts the clock."""

    key = "error.clock_not_believed"


def is_trusted(session: Session, *, now: datetime) -> bool:
    """May a release happen now? Not while a fault stands, nor with a clock behind the journal."""
    newest = unaccepted_row(session)
    return find_fault(session) is None and (newest is None or newest - now <= BEHIND)


def unaccepted_row(session: Session) -> datetime | None:
    """When the newest journal row was written, unless an operator accepted that it lies ahead of the clock."""
    newest = journal.newest(session)
    accepted = session.get(Setting, ACCEPTED)
    if newest is None or (accepted is not None and newest <= datetime.fromisoformat(accepted.value)):
        return None
    return newest


def find_fault(session: Session) -> str | None:
    """The fault that stops releases, as a sentence."""
    row = session.get(Setting, FAULT)
    return row.value if row else None


def find_believed(session: Session) -> int | None:
    """The number of the last row from before the fault that stands; None where every row may be read."""
    query = select(Setting.value).where(Setting.name == BELIEVED)
    value = session.scalar(query)
    return int(value) if value is not None else None


def note_fault(session: Session, fault: str, *, read: int | None = None) -> None:
    """Stop releases because of `fault`. `read` is the last row that nobody has to doubt; None: the newest one."""
    if session.get(Setting, BELIEVED) is None:  # what is doubted already stays so
        believed = _head(session) if read is None else read
        session.add(Setting(name=BELIEVED, value=str(believed)))
    session.merge(Setting(name=FAULT, value=fault))


def accept(session: Session, *, now: datetime, read: int | None = None) -> str | None:
    """Believe the clock again, from `now` on; returns the fault that stood.

    `read` is as in `note_fault`, for a clock that lies behind the journal before any worker has noticed.
    """
    fault, newest, believed = find_fault(session), journal.newest(session), find_believed(session)
    if fault is not None or not is_trusted(session, now=now):
        if believed is None:
            believed = _head(session) if read is None else read
        record = {"kind": KIND, "fault": fault or "", "from": believed + 1, "actor": SYSTEM.name}
        journal.append(session, record, at=now)
    if newest is not None:
        session.merge(Setting(name=ACCEPTED, value=newest.isoformat()))
    for name in (FAULT, BELIEVED):
        row = session.get(Setting, name)
        if row is not None:
            session.delete(row)
    return fault


def _head(session: Session) -> int:
    return session.scalar(select(JournalHead.number)) or 0
