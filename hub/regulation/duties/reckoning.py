"""When a duty is due, when its timers speak, and what period a day lies in. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hub.clock import local_day
from hub.regulation.edition.clauses import Rule, Span
from hub.regulation.edition.working_days import DAY, Calendar, end_of, start_of

MORNING = timedelta(hours=8)  # reminders of terms in days come when offices open
MONTHS = {"month": 1, "quarter": 3, "year": 12}
DUE_SOON, LATE = "due_soon", "late"
INSTANT = timedelta(microseconds=1)
LONGEST_DAYS = 800  # that a term of days is looked back for


@dataclass(frozen=True, slots=True)
class Period:
    """A month, quarter or year: its name, its first day, and the first day after it."""

    name: str
    first: date
    following: date


@dataclass(frozen=True, slots=True)
class Timer:
    """An instant at which something is said; `climbs` is how many levels above the owner it is said."""

    at: datetime
    kind: str
    climbs: int = 0


def period_of(each: str, day: date) -> Period:
    """The period that a day lies in: ``2026-11``, ``2026-Q4`` or ``2026``."""
    months = MONTHS[each]
    number = (day.month - 1) // months
    first = date(day.year, number * months + 1, 1)
    name = {"month": f"{day.year}-{number + 1:02d}", "quarter": f"{day.year}-Q{number + 1}", "year": f"{day.year}"}
    return Period(name[each], first, _months_later(first, months))


def periods_between(after: datetime, until: datetime) -> Iterator[tuple[datetime, str, Period]]:
    """Every period that begins after one instant and not after the other, in order, with its instant and length."""
    first = _months_later(local_day(after).replace(day=1), 1)
    while start_of(first) <= until:
        for each in MONTHS:
            found = period_of(each, first)
            if found.first == first:
                yield start_of(first), each, found
        first = _months_later(first, 1)


def next_period(after: datetime) -> datetime:
    """When the next period of any length begins: with a month."""
    return start_of(_months_later(local_day(after).replace(day=1), 1))


def due_at(deadline: Span, calendar: Calendar, opened_at: datetime, period: Period | None = None) -> datetime:
    """The instant by which a duty has to be fulfilled."""
    if deadline.unit == "at_once":
        return opened_at
    if period is not None and deadline.unit == "period_end":
        return start_of(period.following)
    if period is not None and deadline.unit == "day_after_period":
        return end_of(calendar.next_working(period.following.replace(day=deadline.amount)))
    return _later(deadline, calendar, opened_at)


def opened_before(deadline: Span, calendar: Calendar, now: datetime) -> datetime:
    """What was opened later than this is not late yet; of what was opened by then, `due_at` tells."""
    if deadline.unit == "at_once":
        return now
    if deadline.unit not in ("working_days", "days"):
        return now - timedelta(hours=deadline.amount)
    day = local_day(now)
    for _ in range(LONGEST_DAYS):
        if _later(deadline, calendar, start_of(day)) < now:
            break
        day -= DAY
    return end_of(day)


def timers(rule: Rule, calendar: Calendar, due: datetime) -> list[Timer]:
    """What is said about a duty as long as no recorded act ends it, in order."""
    found = [Timer(_before(span, calendar, due), DUE_SOON) for span in rule.reminders]
    found.append(Timer(due, LATE))
    if rule.escalation is not None:
        at = due
        for level in range(1, rule.escalation.climbs + 1):
            at = _later(rule.escalation.after, calendar, at - INSTANT if at == due else at)
            found.append(Timer(at, LATE, level))
    return sorted(found, key=lambda timer: (timer.at, timer.climbs))


def next_timer(rule: Rule, calendar: Calendar, due: datetime, *, after: datetime) -> datetime | None:
    """When the first timer after an instant speaks; None when there is none left."""
    return next((timer.at for timer in timers(rule, calendar, due) if timer.at > after), None)


def ended_state(due: datetime, at: datetime, *, fulfilled: bool) -> str:
    """What a duty is once it ended: also one that nobody owes any more stays late when it was."""
    if fulfilled:
        return "met" if at <= due else "met_late"
    return "lapsed" if at <= due else "late"


def _later(span: Span, calendar: Calendar, start: datetime) -> datetime:
    if span.unit == "working_days":
        return calendar.end_of_working_days(start, span.amount)
    if span.unit == "days":
        return calendar.end_of_days(start, span.amount)
    return start.astimezone(UTC) + timedelta(hours=span.amount)


def _before(span: Span, calendar: Calendar, due: datetime) -> datetime:
    if span.unit == "working_days":
        return calendar.working_days_before(due, span.amount) + MORNING
    if span.unit == "days":
        return start_of(local_day(due - INSTANT) - span.amount * DAY) + MORNING
    return due - timedelta(hours=span.amount)


def _months_later(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)
