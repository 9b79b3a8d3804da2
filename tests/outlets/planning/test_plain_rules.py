"""Rules in plain words: a table there and back."""

from __future__ import annotations

from datetime import date

import pytest

from hub.outlets.planning.plain_rules import Asked, as_asked, rule_of

WEDNESDAY = date(2026, 12, 2)


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        (Asked(frequency="WEEKLY", days=("WE",)), "FREQ=WEEKLY;BYDAY=WE"),
        (Asked(frequency="WEEKLY", interval=2, days=("MO", "WE")), "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE"),
        (Asked(frequency="DAILY", interval=3), "FREQ=DAILY;INTERVAL=3"),
        (Asked(frequency="MONTHLY", until=date(2027, 6, 30)), "FREQ=MONTHLY;UNTIL=20270630T165959Z"),
    ],
)
def test_a_rule_is_asked_and_told_in_the_same_words(asked: Asked, rule: str) -> None:
    assert rule_of(asked, starts_on=WEDNESDAY) == rule
    assert as_asked(rule, starts_on=WEDNESDAY) == asked


def test_the_day_of_the_first_start_is_among_the_days() -> None:
    assert rule_of(Asked(frequency="WEEKLY", days=("FR",)), starts_on=WEDNESDAY) == "FREQ=WEEKLY;BYDAY=WE,FR"
    assert as_asked("FREQ=WEEKLY", starts_on=WEDNESDAY) == Asked(frequency="WEEKLY", days=("WE",))


@pytest.mark.parametrize(
    "rule",
    ["FREQ=MONTHLY;BYDAY=1FR", "FREQ=YEARLY", "FREQ=WEEKLY;COUNT=3", "FREQ=DAILY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=1MO"],
)
def test_what_a_form_cannot_ask_stays_as_it_is_written(rule: str) -> None:
    assert as_asked(rule, starts_on=WEDNESDAY) is None
