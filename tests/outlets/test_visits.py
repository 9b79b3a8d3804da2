"""How far back an inbox counts what changed."""

from __future__ import annotations

import pytest

from hub.models import Channel
from hub.outlets.visits import NEWS_AT_MOST, first_counted


@pytest.mark.parametrize(
    ("head", "mark", "after"),
    [(10, 0, 0), (10, 7, 7), (NEWS_AT_MOST, 0, 0), (NEWS_AT_MOST + 100, 0, 100), (NEWS_AT_MOST + 100, 300, 300)],
)
def test_whoever_was_away_long_costs_no_more_than_others(head: int, mark: int, after: int) -> None:
    assert first_counted(Channel(head=head), mark) == after
