"""Bookings that end: nobody who does not come stays reachable, and of whom a story tells no more little is left.

How to reach a guest, and when they can come, is there for a guest who comes. Once the story or the consent was taken
back, needs and bounds go as well, and the name of whoever was not on air: at once where the booking had ended before,
else once the crew has seen who does not come.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from feeds.planning import BookingState
from hub.models import Booking
from hub.outlets.planning.wording import Why

ON_AIR = ("role", "name_strap", "pronunciation")  # what viewers saw and heard of a guest
PRIVATE = ("travel", "access_needs", "note")
NAMES = ("name", "name_key")
TAKEN_BACK = frozenset({Why.STORY_WITHDRAWN, Why.CONSENT, Why.CARD})  # for good: a hold may be lifted


def end(row: Booking, state: BookingState, *, why: str = "", now: datetime) -> None:
    """Let a booking have ended, and its guest not be reachable by it."""
    row.state, row.updated_at = state.value, now
    if row.end_reason not in TAKEN_BACK:  # for good, whatever the desk does with it afterwards
        row.end_reason = why
    if state is not BookingState.EXPIRED:  # of which one may still read since when
        row.option_expires_at = None
    row.contact, row.availability = {}, []


def strip(row: Booking, *, was_on_air: bool, named: bool) -> bool:
    """Leave of somebody whom a story tells of no more what viewers saw, and the name as long as it is `named`.

    Returns whether there was anything else.
    """
    texts = PRIVATE if was_on_air else (*ON_AIR, *PRIVATE) if named else (*NAMES, *ON_AIR, *PRIVATE)
    lists = ("availability", "topics", "scopes", "off_limits")
    if not (row.contact or any(getattr(row, name) for name in (*texts, *lists))):
        return False
    row.contact = {}
    for name in texts:
        setattr(row, name, "")
    for name in lists:
        setattr(row, name, [])
    return True


def forget_seen(row: Booking) -> None:
    """The crew has seen who does not come: nothing needs the name any more where it was taken back for good."""
    if row.end_reason in TAKEN_BACK:
        strip(row, was_on_air=False, named=False)


def forget_all_seen(rows: Iterable[Booking]) -> None:
    """The same for the guests of a broadcast that is over: nobody has to see a notice of it any more."""
    for row in rows:
        forget_seen(row)
