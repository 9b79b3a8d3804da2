"""Bookings that end: nobody who does not come stays reachable, and of whom a story tells no more little is left.

How to reach a guest, and when they can come, is there for a guest who comes. Once the story or the consent was taken
back, needs and bounds go as well; the name stays for the crew, who have to hear who does not come, and of what was on
air what viewers saw.
"""

from __future__ import annotations

from datetime import datetime

from feeds.planning import BookingState
from hub.models import Booking

ON_AIR = ("role", "name_strap", "pronunciation")  # what viewers saw and heard of a guest
PRIVATE = ("travel", "access_needs", "note")


def end(row: Booking, state: BookingState, *, why: str = "", now: datetime) -> None:
    """Let a booking have ended, and its guest not be reachable by it."""
    row.state, row.end_reason, row.updated_at = state.value, why, now
    if state is not BookingState.EXPIRED:  # of which one may still read since when
        row.option_expires_at = None
    row.contact, row.availability = {}, []


def strip(row: Booking, *, was_on_air: bool) -> bool:
    """Leave of somebody whom a story tells of no more the name, and what viewers saw; was there anything else?"""
    texts = PRIVATE if was_on_air else (*ON_AIR, *PRIVATE)
    lists = ("availability", "topics", "scopes", "off_limits")
    if not (row.contact or any(getattr(row, name) for name in (*texts, *lists))):
        return False
    row.contact = {}
    for name in texts:
        setattr(row, name, "")
    for name in lists:
        setattr(row, name, [])
    return True
