"""Working days in Việt Nam, and the ends of terms counted in them. Pure; the only importer of `holidays`.

A term in days begins on the day after the event and ends with its last day, at midnight; where the last day of a term
in calendar days is off, it ends with the next working day (Civil Code 2015, art. 147 and 148). A term in hours runs
from the very instant, day and night. Days are those of Việt Nam, UTC+7, which has no daylight saving.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import holidays

from hub.clock import LOCAL, local_day

DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Calendar:
    """The country's calendar, with the days that a province takes off or works besides (they win)."""

    off: frozenset[date] = frozenset()
    working: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        """Is `day` worked?"""
        if day in self.working or day in self.off:
            return day in self.working
        public, worked = _of_year(day.year)
        return day in worked or (day.weekday() < SATURDAY and day not in public)

    def next_working(self, day: date) -> date:
        """`day` itself when it is worked, or else the first worked day after it."""
        while not self.is_working(day):
            day += DAY
        return day

    def end_of_working_days(self, start: datetime, days: int) -> datetime:
        """The end of the `days`-th working day after the day of `start`."""
        day = local_day(start)
        for _ in range(days):
            day = self.next_working(day + DAY)
        return end_of(day)

    def end_of_days(self, start: datetime, days: int) -> datetime:
        """The end of the `days`-th calendar day after that of `start`, or of the next working day when that is off."""
        return end_of(self.next_working(local_day(start) + days * DAY))

    def working_days_before(self, end: datetime, days: int) -> datetime:
        """The beginning of the `days`-th working day before the term's last day, which ends at `end`."""
        day = local_day(end - timedelta(microseconds=1))
        while days:
            day -= DAY
            days -= self.is_working(day)
        return start_of(day)


def calendar(off: Iterable[date] = (), working: Iterable[date] = ()) -> Calendar:
    """A calendar with a province's own days."""
    return Calendar(frozenset(off), frozenset(working))


def start_of(day: date) -> datetime:
    """The instant at which a day begins in Việt Nam."""
    return datetime.combine(day, time(), LOCAL).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The instant at which a day has ended in Việt Nam: the next one's beginning."""
    return start_of(day + DAY)


@cache
def _of_year(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """The public holidays of a year with their substitute days, and the weekend days worked in exchange."""
    known = holidays.country_holidays("VN", years=year)
    worked = frozenset(day for day in getattr(known, "weekend_workdays", ()) if day.year == year)
    return frozenset(known), worked
