"""A week as its outlet plans it: segments, and the starts of programmes for which nothing is planned yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from feeds.planning import BookingState
from hub.clock import LOCAL
from hub.models import Booking, Programme, Segment
from hub.outlets.planning import keeping, programmes, reading, recurrence
from hub.outlets.planning.keeping import Desk

SEGMENTS_AT_MOST = 200
PROGRAMMES_AT_MOST = 100
STARTS_AT_MOST = 60  # of one programme in a week


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A segment, or a start of a programme that waits to be planned (`segment` is None)."""

    starts_at: datetime
    ends_at: datetime
    title: str
    segment: Segment | None = None
    programme: Programme | None = None
    confirmed: int = 0  # guests
    optioned: int = 0
    next_end: datetime | None = None  # of the option that ends first


def monday_of(day: date) -> date:
    """The first day of the week that a day is of."""
    return day - timedelta(days=day.weekday())


def list_week(session: Session, desk: Desk, *, first: date) -> list[Occasion]:
    """What begins within seven days of Việt Nam from `first` on, by time."""
    since = datetime(first.year, first.month, first.day, tzinfo=LOCAL)
    until = since + timedelta(days=7)
    rows = reading.list_page(
        session, outlet_ids=desk.outlet_ids, since=since, until=until, after=None, limit=SEGMENTS_AT_MOST
    )
    bookings = reading.list_bookings(session, [row.id for row in rows])
    found = [_planned(row, bookings[row.id], desk.now) for row in rows]
    for programme in programmes.list_page(session, desk, before=None, limit=PROGRAMMES_AT_MOST):
        found += _waiting(session, programme, since, until)
    return sorted(found, key=lambda each: (each.starts_at, each.title))


def _planned(row: Segment, bookings: list[Booking], now: datetime) -> Occasion:
    states = [keeping.state_of(each, now) for each in bookings]
    ends = [
        each.option_expires_at
        for each, state in zip(bookings, states, strict=True)
        if state is BookingState.OPTIONED and each.option_expires_at is not None
    ]
    return Occasion(
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        title=row.title,
        segment=row,
        programme=row.programme,
        confirmed=states.count(BookingState.CONFIRMED),
        optioned=states.count(BookingState.OPTIONED),
        next_end=min(ends, default=None),
    )


def _waiting(session: Session, row: Programme, since: datetime, until: datetime) -> list[Occasion]:
    if row.cancelled_at is not None:
        return []
    starts = recurrence.between(reading.pattern_of(row), since, until, most=STARTS_AT_MOST)
    planned = programmes.list_planned(session, row, starts)
    length = timedelta(seconds=row.planned_seconds)
    return [
        Occasion(starts_at=start, ends_at=start + length, title=row.title, programme=row)
        for start in starts
        if start not in planned
    ]
