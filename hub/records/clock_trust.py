"""Whether the clock is believed: a fault that the worker saw stands until an operator accepts the clock."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from hub.clock import BEHIND
from hub.models import Setting
from hub.records import journal

FAULT = "clock_fault"
ACCEPTED = "clock_accepted"  # the newest journal row when an operator accepted the clock


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


def note_fault(session: Session, fault: str) -> None:
    """Stop releases because of `fault`."""
    session.merge(Setting(name=FAULT, value=fault))


def accept(session: Session) -> str | None:
    """Believe the clock again; returns the fault that stood."""
    fault = find_fault(session)
    newest = journal.newest(session)
    if newest is not None:
        session.merge(Setting(name=ACCEPTED, value=newest.isoformat()))
    row = session.get(Setting, FAULT)
    if row is not None:
        session.delete(row)
    return fault
