"""Working days in Việt Nam: Tết, the substitute days, the days a province sets itself, and how terms end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from hub.clock import local_day
from hub.regulation.edition.working_days import calendar, end_of, start_of

VIETNAM = calendar()


def at(day: str, clock: str = "10:00") -> datetime:
    """An instant by the clocks of Việt Nam."""
    return datetime.fromisoformat(f"{day}T{clock}:00+07:00")


def last_day(end: datetime) -> str:
    """The day with whose end a term ends."""
    assert end == end_of(local_day(end - timedelta(microseconds=1)))
    return local_day(end - timedelta(microseconds=1)).isoformat()


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2026-02-13", True),  # the Friday before Tết
        ("2026-02-14", False),  # Saturday
        ("2026-02-16", False),  # New Year's Eve by the moon
        ("2026-02-17", False),
        ("2026-02-20", False),  # the fourth day of Tết
        ("2026-02-23", True),
        ("2027-02-03", True),
        ("2027-02-04", False),  # Tết of the goat
        ("2027-02-10", False),  # the substitute for its Sunday
        ("2027-02-11", True),
        ("2026-04-26", False),  # the Hùng kings' day, a Sunday
        ("2026-04-27", False),  # its substitute
        ("2026-04-30", False),
        ("2026-05-01", False),
        ("2026-05-04", True),
        ("2027-05-03", False),  # 1 May is a Saturday, so Monday stands in for it
        ("2026-08-22", True),  # a Saturday worked for the Monday before National Day
        ("2026-08-31", False),
        ("2026-09-01", False),
        ("2026-09-02", False),
        ("2026-09-03", True),
    ],
)
def test_a_day_is_worked_or_off_as_the_country_has_it(day: str, worked: bool) -> None:
    assert VIETNAM.is_working(date.fromisoformat(day)) is worked


@pytest.mark.parametrize(
    ("sent", "days", "last"),
    [
        ("2026-11-16", 3, "2026-11-19"),  # Monday; the first day is the one after
        ("2026-11-20", 3, "2026-11-26"),  # Friday; the weekend and 24 November are off
        ("2026-11-21", 1, "2026-11-23"),  # on a Saturday
        ("2026-02-13", 3, "2026-02-25"),  # over Tết
        ("2027-02-03", 1, "2027-02-11"),
        ("2026-04-29", 2, "2026-05-05"),
        ("2026-08-28", 1, "2026-09-03"),
        ("2026-08-21", 1, "2026-08-22"),  # a Saturday that is worked
    ],
)
def test_a_term_in_working_days_begins_with_the_day_after_and_ends_at_midnight(sent: str, days: int, last: str) -> None:
    for clock in ("00:00", "10:00", "23:59"):
        assert last_day(VIETNAM.end_of_working_days(at(sent, clock), days)) == last


@pytest.mark.parametrize(
    ("sent", "days", "last"),
    [
        ("2026-11-16", 7, "2026-11-23"),
        ("2026-11-17", 7, "2026-11-25"),  # its last day is 24 November, which is off
        ("2026-11-19", 10, "2026-11-30"),  # a Sunday
        ("2026-02-09", 7, "2026-02-23"),  # New Year's Eve
    ],
)
def test_a_term_in_days_whose_last_one_is_off_ends_with_the_next_working_day(sent: str, days: int, last: str) -> None:
    assert last_day(VIETNAM.end_of_days(at(sent), days)) == last


def test_a_province_takes_days_off_and_works_others() -> None:
    own = calendar(off=[date(2026, 11, 17)], working=[date(2026, 11, 24), date(2026, 11, 21)])
    assert last_day(own.end_of_working_days(at("2026-11-16"), 1)) == "2026-11-18"
    assert last_day(own.end_of_working_days(at("2026-11-20"), 3)) == "2026-11-24"


def test_what_a_province_sets_wins_over_the_country_also_at_tet() -> None:
    assert calendar(working=[date(2026, 2, 17)]).is_working(date(2026, 2, 17))
    assert not calendar(off=[date(2026, 8, 22)]).is_working(date(2026, 8, 22))


@pytest.mark.parametrize(
    ("last", "days", "first"),
    [("2026-11-26", 1, "2026-11-25"), ("2026-11-25", 1, "2026-11-23"), ("2026-02-24", 2, "2026-02-13")],
)
def test_a_reminder_comes_on_a_working_day_before(last: str, days: int, first: str) -> None:
    end = end_of(date.fromisoformat(last))
    assert VIETNAM.working_days_before(end, days) == start_of(date.fromisoformat(first))


def test_a_day_begins_and_ends_by_the_clocks_of_viet_nam() -> None:
    assert local_day(datetime(2026, 11, 22, 17, 0, tzinfo=UTC)) == date(2026, 11, 23)
    assert local_day(datetime(2026, 11, 22, 16, 59, tzinfo=UTC)) == date(2026, 11, 22)
    assert start_of(date(2026, 11, 23)) == datetime(2026, 11, 22, 17, 0, tzinfo=UTC) == end_of(date(2026, 11, 22))
