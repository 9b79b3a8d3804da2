"""Who may send how much at once: the silent step aside, the failing have a lane of their own."""

from __future__ import annotations

import pytest

from hub.delivery.lanes import ASIDE, SLOW_SECONDS, TURNS, Flight, Lane, free_turns

WIDE = TURNS[Lane.HEALTHY]


def flights(count: int, lane: Lane, *, age: float = 0.0) -> list[Flight]:
    return [Flight(lane, f"127.0.0.1:{number}", 100.0 - age) for number in range(count)]


@pytest.mark.parametrize(
    ("on_the_way", "lane", "free"),
    [
        ([], Lane.HEALTHY, WIDE),
        (flights(WIDE, Lane.HEALTHY), Lane.HEALTHY, 0),
        (flights(WIDE, Lane.HEALTHY, age=SLOW_SECONDS), Lane.HEALTHY, WIDE),  # they step aside
        (flights(ASIDE + 10, Lane.HEALTHY, age=9.0), Lane.HEALTHY, WIDE - 10),  # as far as there is room
        (flights(WIDE + ASIDE, Lane.HEALTHY, age=9.0), Lane.HEALTHY, 0),
        (flights(200, Lane.FAILING), Lane.HEALTHY, WIDE),  # the dead take no turn of the others
        (flights(TURNS[Lane.FAILING], Lane.FAILING, age=9.0), Lane.FAILING, 0),
        (flights(10, Lane.ASKING), Lane.ASKING, TURNS[Lane.ASKING] - 10),
    ],
)
def test_turns_are_given_by_lane(on_the_way: list[Flight], lane: Lane, free: int) -> None:
    assert free_turns(on_the_way, lane, now=100.0) == free
