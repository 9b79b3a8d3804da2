"""When may a version be seen? Pure; takes `now`.

Early is impossible, late is a bug: an embargo ends when the wall clock *and* the monotonic clock have passed it,
and a clock that jumped, or stands behind what the journal saw, stops every release until an operator accepts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.clock import BEHIND

JUMP = timedelta(minutes=1)


def available_from(*, now: datetime, story_embargo: datetime | None, act_embargo: datetime | None) -> datetime:
    """The instant from which a release may be seen: the latest of now and every embargo."""
    return max(instant for instant in (now, story_embargo, act_embargo) if instant is not None)


def is_due(starts: datetime, *, now: datetime) -> bool:
    """An embargo ends at its very instant."""
    return starts <= now


@dataclass(frozen=True, slots=True)
class ClockFault:
    """Why the clock is not believed, by how much."""

    reason: str  # jumped or behind
    seconds: float


@dataclass(slots=True)
class Watch:
    """Wall clock and monotonic clock from the same moment; `believable` tells how far time has safely come."""

    wall: datetime
    monotonic: float

    def find_fault(self, *, now: datetime, monotonic: float, newest_row: datetime | None) -> ClockFault | None:
        """Why `now` must not end an embargo; None when it may."""
        drift = (now - self.expected(monotonic)).total_seconds()
        if abs(drift) > JUMP.total_seconds():
            return ClockFault("jumped", drift)
        if newest_row is not None and newest_row - now > BEHIND:
            return ClockFault("behind", (newest_row - now).total_seconds())
        return None

    def believable(self, *, now: datetime, monotonic: float) -> datetime:
        """The earlier of what both clocks say."""
        return min(now, self.expected(monotonic))

    def expected(self, monotonic: float) -> datetime:
        """What the wall clock should say when it ran as the monotonic clock did."""
        return self.wall + timedelta(seconds=monotonic - self.monotonic)
