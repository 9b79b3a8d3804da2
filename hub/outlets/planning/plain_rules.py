"""Rules of programmes as people say them: every so many days, weeks or months, on these days, until then. Pure.

A rule that says more than a form can ask (`as_asked` gives None) is shown as it is written, and stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from hub.clock import LOCAL

DAILY, WEEKLY, MONTHLY = "DAILY", "WEEKLY", "MONTHLY"
FREQUENCIES = (WEEKLY, DAILY, MONTHLY)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A rule as a form asks for it; `days` of weeks alone, `until` the last day on which it may begin."""

    frequency: str
    interval: int = 1
    days: tuple[str, ...] = ()
    until: date | None = None


def rule_of(asked: Asked, *, starts_on: date) -> str:
    """The value of RRULE; the day of the first start is always among the days of a week."""
    parts = [f"FREQ={asked.frequency}"]
    if asked.interval > 1:
        parts.append(f"INTERVAL={asked.interval}")
    if asked.frequency == WEEKLY:
        chosen: Collection[str] = {*asked.days, DAYS[starts_on.weekday()]}
        parts.append("BYDAY=" + ",".join(day for day in DAYS if day in chosen))
    if asked.until is not None:
        ends = datetime.combine(asked.until + timedelta(days=1), time(), LOCAL) - timedelta(seconds=1)
        parts.append(f"UNTIL={ends.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    return ";".join(parts)


def as_asked(rule: str, *, starts_on: date) -> Asked | None:
    """A rule as the form would have asked for it; None where the form cannot."""
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    frequency, interval = parts.pop("FREQ", ""), parts.pop("INTERVAL", "1")
    days = tuple(filter(None, parts.pop("BYDAY", "").split(",")))
    until = parts.pop("UNTIL", "")
    parts.pop("WKST", None)
    if parts or frequency not in FREQUENCIES or not interval.isdigit():
        return None
    if frequency == WEEKLY:
        days = days or (DAYS[starts_on.weekday()],)
    if not set(days) <= set(DAYS) or (days and frequency != WEEKLY):
        return None
    return Asked(frequency=frequency, interval=int(interval), days=days, until=_day(until) if until else None)


def _day(until: str) -> date:
    return datetime.strptime(until, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).astimezone(LOCAL).date()
