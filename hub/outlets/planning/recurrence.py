"""Recurrence of programmes: RRULE (RFC 5545 §3.3.10) as far as broadcasts need it. Pure.

A rule is reckoned by the wall clock of the programme's own zone, so that what begins at 19:30 does so in summer and in
winter. A start that a change of clocks skips or repeats is the one of the offset before the change (§3.3.5).

dateutil follows a rule that never comes true up to the year 9999, day by day; so hours and smaller steps are refused,
and rules by days or weeks have to give their first start as they stand.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice, takewhile
from zoneinfo import ZoneInfo, available_timezones

from dateutil.rrule import rrule, rrulestr

FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
NUMBERS = {  # the parts that we take, with the least and the most of their numbers; a sign where it may be negative
    "INTERVAL": (1, 60),
    "COUNT": (1, 2000),
    "BYMONTHDAY": (-31, 31),
    "BYMONTH": (1, 12),
    "BYSETPOS": (-31, 31),
}
CHOSEN_FROM = frozenset({"BYDAY", "BYMONTHDAY", "BYMONTH"})  # by BYSETPOS
NO_PLACES = frozenset({"Factory", "localtime", "posixrules"})  # in zone databases, and none that a calendar can name
DAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
UNTIL = re.compile(r"[0-9]{8}T[0-9]{6}Z")
MAX_RULE = 300  # characters
STARTS_AT_MOST = 1000  # in one answer
AHEAD = timedelta(days=366 * 5)  # a rule has to come true within


class BadRule(ValueError):
    """Not a rule that broadcasts recur by; `part` is what cannot be."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


@dataclass(frozen=True, slots=True)
class Pattern:
    """A rule that was checked, with its first start, its zone, and the starts that do not take place."""

    rule: str
    starts_at: datetime
    time_zone: str
    excluded: frozenset[datetime] = frozenset()


def is_zone(name: str) -> bool:
    """Is this a time zone of the IANA database?"""
    return name in _zones()


def checked(pattern: Pattern) -> Pattern:
    """The pattern, where its rule is one that we take and its first start one that the rule gives. Raises BadRule."""
    parts = _parts(pattern.rule)
    for part in parts:
        _check_part(*part)
    _check_steps(dict(parts), pattern.starts_at.astimezone(ZoneInfo(pattern.time_zone)))
    first = next(_starts(pattern), None)
    if first is None or first > pattern.starts_at + AHEAD:
        raise BadRule(pattern.rule)
    if first != pattern.starts_at:
        raise BadRule("DTSTART")  # RFC 5545 §3.8.5.3: it should be synchronized with the rule
    return pattern


def between(pattern: Pattern, since: datetime, until: datetime, *, most: int = STARTS_AT_MOST) -> list[datetime]:
    """The starts from an instant on and before another that take place, in UTC; no more than `most`."""
    found = takewhile(lambda start: start < until, _starts(pattern))
    taking_place = (start for start in found if start >= since and start not in pattern.excluded)
    return list(islice(taking_place, min(most, STARTS_AT_MOST)))


def list_strange(pattern: Pattern, starts: Collection[datetime]) -> list[datetime]:
    """Those of `starts` that the rule does not give, in order; exclusions do not count."""
    if not starts:
        return []
    last = max(starts)
    given = set(takewhile(lambda start: start <= last, _starts(pattern)))
    return sorted(set(starts) - given)


def ends_before(pattern: Pattern, at: datetime) -> bool:
    """Does nothing of it begin from an instant on?"""
    return not between(pattern, at, at + AHEAD, most=1)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - NO_PLACES)


def _starts(pattern: Pattern) -> Iterator[datetime]:
    zone = ZoneInfo(pattern.time_zone)
    for local in _rule(pattern, zone):
        yield local.replace(tzinfo=zone).astimezone(UTC)


def _rule(pattern: Pattern, zone: ZoneInfo) -> rrule:
    """The rule by wall clock: dateutil would reckon aware instants in steps of 24 hours where clocks change."""
    parts = dict(_parts(pattern.rule))
    if "UNTIL" in parts:
        until = datetime.strptime(parts["UNTIL"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        parts["UNTIL"] = until.astimezone(zone).strftime("%Y%m%dT%H%M%S")
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    found = rrulestr(f"RRULE:{text}", dtstart=pattern.starts_at.astimezone(zone).replace(tzinfo=None))
    if not isinstance(found, rrule):
        raise BadRule(pattern.rule)
    return found


def _parts(rule: str) -> list[tuple[str, str]]:
    """The names and values of a rule, FREQ among them. Raises BadRule."""
    if len(rule) > MAX_RULE:
        raise BadRule("RRULE")
    parts = [(name, value) for name, _, value in (part.partition("=") for part in rule.split(";"))]
    names = [name for name, _ in parts]
    if "FREQ" not in names:
        raise BadRule("FREQ")
    if len(set(names)) != len(names):
        raise BadRule(next(name for name in names if names.count(name) > 1))
    if {"COUNT", "UNTIL"} <= set(names):
        raise BadRule("COUNT")  # RFC 5545 §3.3.10: never both
    return parts


def _check_part(name: str, value: str) -> None:
    """Raises BadRule for a part that we do not take."""
    values = value.split(",")
    if name == "FREQ":
        good = value in FREQUENCIES
    elif name == "UNTIL":
        good = UNTIL.fullmatch(value) is not None and _is_instant(value)
    elif name == "WKST":
        good = value in ("MO", "SU")
    elif name == "BYDAY":
        good = all(DAY.fullmatch(each) for each in values)
    else:
        least, most = NUMBERS.get(name, (0, 0))
        alone = name in ("INTERVAL", "COUNT")
        good = all(_is_number(each, least, most) for each in values) and not (alone and len(values) > 1)
    if not good:
        raise BadRule(f"{name}={value}"[:60] if name else "RRULE")


def _check_steps(parts: Mapping[str, str], local: datetime) -> None:
    """What only months and years can have, and whether days or weeks begin where they should. Raises BadRule."""
    if "BYSETPOS" in parts and CHOSEN_FROM.isdisjoint(parts):
        raise BadRule("BYSETPOS")  # "MUST only be used in conjunction with another BYxxx rule part"
    if parts["FREQ"] == "WEEKLY" and "BYMONTHDAY" in parts:
        raise BadRule("BYMONTHDAY")  # "MUST NOT be specified when the FREQ rule part is set to WEEKLY"
    if parts["FREQ"] in ("MONTHLY", "YEARLY"):
        return
    days = parts.get("BYDAY", "").split(",")
    if "BYSETPOS" in parts or any(each[:-2] for each in days):
        raise BadRule("BYSETPOS" if "BYSETPOS" in parts else "BYDAY")
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[local.weekday()]
    month_days = {local.day, local.day - 1 - monthrange(local.year, local.month)[1]}
    begins = (
        ("BYDAY" not in parts or weekday in days)
        and ("BYMONTH" not in parts or local.month in _numbers(parts["BYMONTH"]))
        and ("BYMONTHDAY" not in parts or month_days & _numbers(parts["BYMONTHDAY"]))
    )
    if not begins:
        raise BadRule("DTSTART")


def _numbers(value: str) -> set[int]:
    return {int(each) for each in value.split(",")}


def _is_number(text: str, least: int, most: int) -> bool:
    digits = r"[+-]?[0-9]{1,4}" if least < 0 else r"[0-9]{1,4}"
    return re.fullmatch(digits, text) is not None and least <= int(text) <= most and int(text) != 0


def _is_instant(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return True
