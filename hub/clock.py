"""The time, asked for in one place so that tests can hold it still."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

LOCAL = timezone(timedelta(hours=7))  # Việt Nam, which has no daylight saving
BEHIND = timedelta(seconds=20)  # rows of others may carry later instants than a `now` that waited for its turn
FIRST_YEAR, LAST_YEAR = 1970, 3000  # what lies outside is no instant of ours


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


def read_instant(said: str) -> datetime | None:
    """An instant as a key of a list says it, ISO 8601 with its offset; in UTC. None where it is none of our time."""
    try:
        said_at = datetime.fromisoformat(said.replace(" ", "+"))
        at = said_at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if said_at.tzinfo is not None and FIRST_YEAR <= at.year < LAST_YEAR else None


def local_day(now: datetime) -> date:
    """The calendar day in Việt Nam: decisions, memberships and consents are dated by it."""
    return now.astimezone(LOCAL).date()
