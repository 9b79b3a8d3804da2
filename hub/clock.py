"""The time, asked for in one place so that tests can hold it still."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

LOCAL = timezone(timedelta(hours=7))  # Việt Nam, which has no daylight saving
BEHIND = timedelta(seconds=20)  # rows of others may carry later instants than a `now` that waited for its turn


class Clock(Protocol):
    """Wall clock and monotonic clock; the worker trusts neither alone."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC, with microseconds."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class FixedClock:
    """A clock that stands still until it is moved (demo data and tests)."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def forward(self, step: timedelta) -> None:
        """Move both clocks together."""
        self.at += step
        self.seconds += step.total_seconds()


def local_day(now: datetime) -> date:
    """The calendar day in Việt Nam: decisions, memberships and consents are dated by it."""
    return now.astimezone(LOCAL).date()
