"""Who may send how much at once: the silent step aside, the failing have a lane of their own."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from hub.delivery.pushing.lanes import ASIDE, PER_PLACE, SLOW_SECONDS, TURNS, Flight, Lane, Queue, Traffic

WIDE = TURNS[Lane.HEALTHY]


def flights(count: int, lane: Lane, *, age: float = 0.0) -> list[Flight]:
    return [Flight(lane, f"127.0.0.1:{number}", 100.0 - age) for number in range(count)]


@pytest.mark.parametrize(
    ("on_the_way", "lane", "may"),
    [
        ([], Lane.HEALTHY, True),
        (flights(WIDE - 1, Lane.HEALTHY), Lane.HEALTHY, True),
        (flights(WIDE, Lane.HEALTHY), Lane.HEALTHY, False),
        (flights(WIDE, Lane.HEALTHY, age=SLOW_SECONDS), Lane.HEALTHY, True),  # they step aside
        (flights(9, Lane.HEALTHY, age=9.0) + flights(WIDE - 1, Lane.HEALTHY), Lane.HEALTHY, True),
        (flights(9, Lane.HEALTHY, age=9.0) + flights(WIDE, Lane.HEALTHY), Lane.HEALTHY, False),
        (flights(WIDE + ASIDE - 1, Lane.HEALTHY, age=9.0), Lane.HEALTHY, True),  # as far as there is room
        (flights(WIDE + ASIDE, Lane.HEALTHY, age=9.0), Lane.HEALTHY, False),
        (flights(TURNS[Lane.FAILING], Lane.FAILING), Lane.HEALTHY, True),  # the dead take no turn of the others
        (flights(TURNS[Lane.FAILING], Lane.FAILING, age=9.0), Lane.FAILING, False),
        (flights(TURNS[Lane.ASKING] - 1, Lane.ASKING), Lane.ASKING, True),
    ],
)
def test_turns_are_given_by_lane(on_the_way: list[Flight], lane: Lane, may: bool) -> None:
    traffic = Traffic()
    for flight in on_the_way:
        traffic.begin(flight)
    assert (traffic.may_begin(lane, now=100.0), len(traffic)) == (may, len(on_the_way))
    for flight in on_the_way:
        traffic.end(flight)
    assert (traffic.may_begin(lane, now=100.0), traffic.places) == (True, {})


@dataclass(frozen=True)
class Letter:
    place: str
    number: int = 0


def test_a_crowd_at_one_place_lets_the_others_pass() -> None:
    queue, traffic = Queue[Letter](Lane.HEALTHY), Traffic()
    crowd = [Letter("crowd:80", number) for number in range(6)]
    queue.put([*crowd, Letter("other:80")])
    flights, taken = dict[Letter, Flight](), list[Letter]()
    while (item := queue.take(traffic, now=100.0)) is not None:
        taken.append(item)
        flights[item] = Flight(Lane.HEALTHY, item.place, 100.0)
        traffic.begin(flights[item])
    most = PER_PLACE[Lane.HEALTHY]
    assert taken == [*crowd[:most], Letter("other:80")]
    assert [*queue] == crowd[most:]
    for done, following in zip(crowd[:2], crowd[most:], strict=True):
        traffic.end(flights[done])
        queue.unpark(done.place)
        assert queue.take(traffic, now=100.0) == following
        traffic.begin(Flight(Lane.HEALTHY, done.place, 100.0))
    assert [*queue] == []
