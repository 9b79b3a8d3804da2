"""A week as its outlet plans it: segments, and the starts of programmes for which nothing is planned yet."""

from __future__ import annotations

from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What begins within a week, by time; and whether there was more than a page can hold."""

    occasions: list[Occasion]
    segments_left_off: bool = False  # broadcasts past the first SEGMENTS_AT_MOST
    programmes_left_off: bool = False  # starts of programmes older than the newest PROGRAMMES_AT_MOST


def list_week(session: Session, desk: Desk, *, first: date) -> Week:
    """What begins within seven days of Việt Nam from `first` on."""
    since = _begin_of(first)
    until = since + timedelta(days=7)
    most = SEGMENTS_AT_MOST
    rows = reading.list_page(session, outlet_ids=desk.outlet_ids, since=since, until=until, after=None, limit=most + 1)
    shown = rows[:most]
    bookings = reading.list_bookings(session, [row.id for row in shown])
    found = [_planned(row, bookings[row.id], desk.now) for row in shown]
    live = programmes.list_live(session, desk, until=until, limit=PROGRAMMES_AT_MOST + 1)
    found += _waiting(session, live[:PROGRAMMES_AT_MOST], since, until)
    return Week(
        occasions=sorted(found, key=lambda each: (each.starts_at, each.title)),
        segments_left_off=len(rows) > most,
        programmes_left_off=len(live) > PROGRAMMES_AT_MOST,
    )


def find_nearest(session: Session, desk: Desk, *, first: date) -> Segment | None:
    """The broadcast that is nearest to an empty week: the first one after it, else the last one before."""
    since = _begin_of(first)
    until = since + timedelta(days=7)
    return reading.find_next(session, outlet_ids=desk.outlet_ids, at=until) or reading.find_last(
        session, outlet_ids=desk.outlet_ids, at=since
    )


def _begin_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL)


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


def _waiting(session: Session, rows: Sequence[Programme], since: datetime, until: datetime) -> list[Occasion]:
    starts = {row.id: recurrence.between(reading.pattern_of(row), since, until, most=STARTS_AT_MOST) for row in rows}
    planned = programmes.list_all_planned(session, [row.id for row in rows], since=since, until=until)
    return [
        Occasion(
            starts_at=start, ends_at=start + timedelta(seconds=row.planned_seconds), title=row.title, programme=row
        )
        for row in rows
        for start in starts[row.id]
        if (row.id, start) not in planned
    ]
