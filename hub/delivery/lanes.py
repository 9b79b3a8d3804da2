"""Lanes: who may send how much at the same time, so that the dead keep nobody alive waiting. Pure.

Whoever's last push failed is tried in a narrow lane of its own. In the wide lane a push that has lasted for a while
moves aside and makes room: a crowd that falls silent between two releases costs the others no turn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Lane(StrEnum):
    """What a flight is."""

    ASKING = "asking"  # a callback is asked or told
    HEALTHY = "healthy"
    FAILING = "failing"


TURNS = {Lane.ASKING: 32, Lane.HEALTHY: 256, Lane.FAILING: 32}
BATCHES = {Lane.ASKING: 64, Lane.HEALTHY: 512, Lane.FAILING: 64}  # claimed at once
ASIDE = 256  # flights of the healthy that have lasted for SLOW_SECONDS and count no more
SLOW_SECONDS = 1.0
PER_PLACE = {Lane.ASKING: 2, Lane.HEALTHY: 4, Lane.FAILING: 2}  # with all other flights to one host and port


@dataclass(frozen=True, slots=True)
class Flight:
    """A request on its way; `started` by a clock that never runs backwards."""

    lane: Lane
    place: str
    started: float


def free_turns(flights: Collection[Flight], lane: Lane, *, now: float) -> int:
    """How many more requests may begin in a lane."""
    mine = [flight for flight in flights if flight.lane is lane]
    slow = 0
    if lane is Lane.HEALTHY:
        slow = sum(now - flight.started >= SLOW_SECONDS for flight in mine)
    return max(0, TURNS[lane] - len(mine) + min(slow, ASIDE))


def held_turns(places: Collection[str]) -> Counter[str]:
    """How many requests are on their way, or about to be, by place."""
    return Counter(places)
