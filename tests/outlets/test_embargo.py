"""When may a version be seen?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub.outlets import embargo
from hub.outlets.embargo import Watch

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("now", "due"), [(NOON - SECOND, False), (NOON, True), (NOON + SECOND, True)])
def test_an_embargo_ends_at_its_very_instant(now: datetime, due: bool) -> None:
    assert embargo.is_due(NOON, now=now) is due


def test_a_release_waits_for_the_latest_of_all_embargoes() -> None:
    hour = timedelta(hours=1)
    assert embargo.available_from(now=NOON, story_embargo=None, act_embargo=None) == NOON
    assert embargo.available_from(now=NOON, story_embargo=NOON + hour, act_embargo=None) == NOON + hour
    assert embargo.available_from(now=NOON, story_embargo=NOON - hour, act_embargo=NOON + 2 * hour) == NOON + 2 * hour


@pytest.mark.parametrize(
    ("wall", "monotonic", "reason"),
    [(10, 10, None), (65, 10, None), (75, 10, "jumped"), (3600, 10, "jumped"), (-55, 10, "jumped"), (3600, 3600, None)],
)
def test_a_clock_that_jumps_over_a_minute_is_not_believed(wall: int, monotonic: float, reason: str | None) -> None:
    watch = Watch(NOON, 0.0)
    fault = watch.find_fault(now=NOON + timedelta(seconds=wall), monotonic=monotonic, newest_row=None)
    assert (fault.reason if fault else None) == reason


def test_a_clock_behind_the_journal_is_not_believed() -> None:
    watch = Watch(NOON, 0.0)
    assert watch.find_fault(now=NOON, monotonic=0.0, newest_row=NOON + 20 * SECOND) is None  # somebody else's row
    fault = watch.find_fault(now=NOON, monotonic=0.0, newest_row=NOON + 21 * SECOND)
    assert fault is not None
    assert (fault.reason, fault.seconds) == ("behind", 21.0)


def test_of_two_clocks_the_slower_one_counts() -> None:
    watch = Watch(NOON, 0.0)
    assert watch.believable(now=NOON + 30 * SECOND, monotonic=10.0) == NOON + 10 * SECOND
    assert watch.believable(now=NOON + 5 * SECOND, monotonic=10.0) == NOON + 5 * SECOND
