"""Slots of guests: how a booking stands at an instant, whether two windows meet, and when a guest can come. Pure.

An option ends at its very instant, by the clock alone: nothing has to run for the slot to be free again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from feeds.planning import BookingState

LIVE = frozenset({BookingState.OPTIONED, BookingState.CONFIRMED})  # hold their slot
OPTION_TIME = timedelta(days=3)  # for a unit to answer, where the outlet names no other


@dataclass(frozen=True, slots=True)
class Window:
    """From an instant until another, which is no part of it."""

    starts_at: datetime
    ends_at: datetime

    def meets(self, other: Window) -> bool:
        """Is there an instant in both?"""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def holds(self, other: Window) -> bool:
        """Does all of the other lie in this one?"""
        return self.starts_at <= other.starts_at and other.ends_at <= self.ends_at


def state_at(state: BookingState, expires_at: datetime | None, now: datetime) -> BookingState:
    """How a booking stands now: an option whose instant has come is one no more."""
    if state is BookingState.OPTIONED and expires_at is not None and expires_at <= now:
        return BookingState.EXPIRED
    return state


def option_end(asked: datetime | None, *, slot: Window, now: datetime) -> datetime:
    """Until when a slot is held: as the outlet asks, else three days; never beyond the slot's beginning."""
    return min(asked or now + OPTION_TIME, slot.starts_at)


def fits(slot: Window, availability: Iterable[Mapping[str, str]]) -> bool:
    """Does a slot lie in one of the windows in which a guest can come? Where none was named, any does."""
    windows = [
        Window(datetime.fromisoformat(each["starts_at"]), datetime.fromisoformat(each["ends_at"]))
        for each in availability
    ]
    return not windows or any(window.holds(slot) for window in windows)


def needed(starts_at: datetime, planned_seconds: int, recording: Window | None) -> Window:
    """When the people of a broadcast are needed: at its recording, else while it is on air."""
    return recording or Window(starts_at, starts_at + timedelta(seconds=planned_seconds))
