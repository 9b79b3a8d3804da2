"""Programmes recur by the wall clock of their own zone, and no rule runs for ever."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from hub.outlets.planning import recurrence
from hub.outlets.planning.recurrence import BadRule, Pattern

TUESDAY = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)  # 19:30 in Việt Nam
HANOI = "Asia/Ho_Chi_Minh"
YEAR = timedelta(days=365)


def starts(rule: str, first: datetime = TUESDAY, zone: str = HANOI, *, days: int = 60, **more: object) -> list[str]:
    pattern = recurrence.checked(Pattern(rule, first, zone, **more))  # type: ignore[arg-type]
    return [f"{at:%m-%d %H:%M}" for at in recurrence.between(pattern, first, first + timedelta(days=days))]


@pytest.mark.parametrize(
    ("rule", "days", "expected"),
    [
        ("FREQ=WEEKLY;BYDAY=TU", 15, ["11-24 12:30", "12-01 12:30", "12-08 12:30"]),
        ("FREQ=WEEKLY;BYDAY=TU,SA;COUNT=3", 60, ["11-24 12:30", "11-28 12:30", "12-01 12:30"]),
        ("FREQ=WEEKLY;INTERVAL=2", 29, ["11-24 12:30", "12-08 12:30", "12-22 12:30"]),
        ("FREQ=MONTHLY;BYDAY=-1TU", 40, ["11-24 12:30", "12-29 12:30"]),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=-1", 40, ["11-24 12:30", "12-29 12:30"]),
        ("FREQ=MONTHLY;BYMONTHDAY=+24", 40, ["11-24 12:30", "12-24 12:30"]),
        ("FREQ=DAILY;UNTIL=20261126T123000Z", 60, ["11-24 12:30", "11-25 12:30", "11-26 12:30"]),
        ("FREQ=DAILY;UNTIL=20261126T122959Z", 60, ["11-24 12:30", "11-25 12:30"]),
    ],
)
def test_a_rule_gives_its_starts(rule: str, days: int, expected: list[str]) -> None:
    assert starts(rule, days=days) == expected


def test_what_begins_at_half_past_seven_does_so_in_summer_and_in_winter() -> None:
    first = datetime(2026, 10, 20, 17, 30, tzinfo=UTC)  # 19:30 in Berlin, the last Tuesday of summer time
    assert starts("FREQ=WEEKLY", first, "Europe/Berlin", days=15) == ["10-20 17:30", "10-27 18:30", "11-03 18:30"]


def test_a_start_that_the_clocks_skip_is_that_of_the_offset_before() -> None:
    first = datetime(2027, 3, 27, 1, 30, tzinfo=UTC)  # 02:30 in Berlin; the next night has none
    assert starts("FREQ=DAILY", first, "Europe/Berlin")[:3] == ["03-27 01:30", "03-28 01:30", "03-29 00:30"]


def test_a_start_that_comes_twice_is_the_first_of_both() -> None:
    first = datetime(2026, 10, 24, 0, 30, tzinfo=UTC)  # 02:30 in Berlin; the next night has two
    assert starts("FREQ=DAILY", first, "Europe/Berlin")[:3] == ["10-24 00:30", "10-25 00:30", "10-26 01:30"]


def test_an_excluded_start_does_not_take_place() -> None:
    gone = frozenset({TUESDAY + timedelta(days=7)})
    assert starts("FREQ=WEEKLY", days=15, excluded=gone) == ["11-24 12:30", "12-08 12:30"]


def test_a_start_is_strange_where_the_rule_does_not_give_it() -> None:
    pattern = Pattern("FREQ=WEEKLY", TUESDAY, HANOI)
    known, strange = TUESDAY + timedelta(days=7), TUESDAY + timedelta(days=8)
    assert recurrence.list_strange(pattern, [strange, known]) == [strange]
    assert recurrence.list_strange(pattern, [TUESDAY - timedelta(days=7)]) == [TUESDAY - timedelta(days=7)]


@pytest.mark.parametrize(
    ("rule", "part"),
    [
        ("FREQ=SECONDLY", "FREQ=SECONDLY"),
        ("FREQ=HOURLY;INTERVAL=2", "FREQ=HOURLY"),
        ("BYDAY=TU", "FREQ"),
        ("", "FREQ"),
        ("FREQ=DAILY;BYHOUR=3", "BYHOUR=3"),
        ("FREQ=DAILY;COUNT=0", "COUNT=0"),
        ("FREQ=DAILY;COUNT=99999", "COUNT=99999"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101T000000Z", "COUNT"),
        ("FREQ=DAILY;UNTIL=20270101", "UNTIL=20270101"),
        ("FREQ=DAILY;UNTIL=20271301T000000Z", "UNTIL=20271301T000000Z"),
        ("FREQ=DAILY;FREQ=WEEKLY", "FREQ"),
        ("FREQ=WEEKLY;BYDAY=WE", "DTSTART"),
        ("FREQ=WEEKLY;BYDAY=1TU", "BYDAY"),
        ("FREQ=DAILY;BYSETPOS=2;BYDAY=MO", "BYSETPOS"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31", "DTSTART"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY=XX"),
        ("FREQ=WEEKLY;BYMONTHDAY=24", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=DAILY;COUNT=+5", "COUNT=+5"),
        ("FREQ=DAILY;INTERVAL=+2", "INTERVAL=+2"),
        ("FREQ=YEARLY;BYMONTH=+11", "BYMONTH=+11"),
        ("FREQ=DAILY;COUNT=٢", "COUNT=٢"),
        ("FREQ=WEEKLY\nATTENDEE:x", "FREQ=WEEKLY\nATTENDEE:x"),
        ("FREQ=DAILY;" * 40, "RRULE"),
    ],
)
def test_what_is_no_rule_for_broadcasts_is_refused_at_once(rule: str, part: str) -> None:
    began = time.process_time()
    with pytest.raises(BadRule) as refused:
        recurrence.checked(Pattern(rule, TUESDAY, HANOI))
    assert refused.value.part == part
    assert time.process_time() - began < 3  # without bounds the last of them takes minutes


def test_nobody_gets_more_starts_than_an_answer_holds() -> None:
    pattern = Pattern("FREQ=DAILY", TUESDAY, HANOI)
    assert len(recurrence.between(pattern, TUESDAY, TUESDAY + 20 * YEAR, most=5000)) == recurrence.STARTS_AT_MOST


def test_a_rule_ends() -> None:
    pattern = Pattern("FREQ=DAILY;COUNT=2", TUESDAY, HANOI)
    last = TUESDAY + timedelta(days=1)
    assert not recurrence.ends_before(pattern, last)
    assert recurrence.ends_before(pattern, last + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("name", "known"),
    [
        *[(HANOI, True), ("Europe/Berlin", True), ("UTC", True)],
        *[("Mars/Base", False), ("../x", False), ("", False), ("europe/berlin", False)],
        *[("localtime", False), ("posixrules", False), ("Factory", False)],
    ],
)
def test_zones_are_those_of_iana(name: str, known: bool) -> None:
    assert recurrence.is_zone(name) is known
