"""Options that have ended without an answer: the crew reads of it, the unit hears of it, and calendars change.

The slot has been free from the very instant on, whether this runs or not.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from feeds.planning import BookingState
from hub.actors import SYSTEM
from hub.models import Booking
from hub.outlets.planning import ending, keeping, moves, telling
from hub.outlets.planning.wording import Why
from hub.records import journal

AT_ONCE = 200  # segments


def is_due(session: Session, *, now: datetime) -> bool:
    """Has an option ended that stands as one?"""
    return session.scalar(_due(now).limit(1)) is not None


def lapse_due(session: Session, *, now: datetime) -> int:
    """Write down options that `now` has passed the end of, AT_ONCE at most; returns of how many segments."""
    due = _due(now).distinct().order_by(Booking.segment_id).limit(AT_ONCE)
    records = []
    for opened in keeping.list_locked(session, list(session.scalars(due))):
        lapsed = [row for row in opened.bookings if row.state == BookingState.OPTIONED and _has_ended(row, now)]
        for row in lapsed:  # somebody may have answered or asked anew until we had the lock
            if opened.state in moves.AHEAD:
                telling.note_crew(opened, row, Why.LAPSED, now=now)
                telling.freed(session, opened, row, now=now)
            ending.end(row, BookingState.EXPIRED, now=now)
        if lapsed:
            records.append(keeping.note(opened, "options_lapsed", by=SYSTEM.name, now=now))
    journal.append_all(session, records, at=now)
    return len(records)


def _due(now: datetime) -> Select[int]:
    optioned = Booking.state == BookingState.OPTIONED.value
    return select(Booking.segment_id).where(optioned, Booking.option_expires_at <= now)


def _has_ended(row: Booking, now: datetime) -> bool:
    return keeping.state_of(row, now) is BookingState.EXPIRED
