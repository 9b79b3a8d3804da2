"""Lanes: who may send how much at the same time, so that the dead keep nobody alive waiting. Pure.

Whoever's last push failed is tried in a narrow lane of its own. In the wide lane a push that has lasted for a while
moves aside and makes room: a crowd that falls silent between two releases costs the others no turn.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Generic, Protocol, TypeVar


class Lane(StrEnum):
    """What a flight is."""

    ASKING = "asking"  # a callback is asked or told
    HEALTHY = "healthy"
    FAILING = "failing"


TURNS = {Lane.ASKING: 32, Lane.HEALTHY: 384, Lane.FAILING: 32}
BATCHES = {Lane.ASKING: 64, Lane.HEALTHY: 512, Lane.FAILING: 64}  # claimed at once
ASIDE = 256  # flights of the healthy that have lasted for SLOW_SECONDS and count no more
SLOW_SECONDS = 1.0
PER_PLACE = {Lane.ASKING: 2, Lane.HEALTHY: 4, Lane.FAILING: 2}  # with all other flights to one host and port
CLAIMED_PER_PLACE = 32  # with those that fly


@dataclass(frozen=True, slots=True, eq=False)
class Flight:
    """A request on its way; `started` by a clock that never runs backwards."""

    lane: Lane
    place: str
    started: float


class Traffic:
    """What is on its way, and whether more may begin."""

    def __init__(self) -> None:
        self._flights: dict[Lane, list[Flight]] = {lane: [] for lane in Lane}  # in the order they began
        self.places = Counter[str]()

    def __len__(self) -> int:
        return sum(map(len, self._flights.values()))

    def begin(self, flight: Flight) -> None:
        """A request leaves."""
        self._flights[flight.lane].append(flight)
        self.places[flight.place] += 1

    def end(self, flight: Flight) -> None:
        """It has landed, or was lost."""
        self._flights[flight.lane].remove(flight)
        self.places[flight.place] -= 1
        if not self.places[flight.place]:
            del self.places[flight.place]

    def count(self, lane: Lane) -> int:
        """How many are on their way in a lane."""
        return len(self._flights[lane])

    def may_begin(self, lane: Lane, *, now: float) -> bool:
        """Has the lane a turn for one more?"""
        mine = self._flights[lane]
        over = len(mine) - TURNS[lane]  # so many more than these have to stand aside
        if over < 0:
            return True
        return lane is Lane.HEALTHY and over < ASIDE and now - mine[over].started >= SLOW_SECONDS


class Placed(Protocol):
    """Whatever goes to a host and port."""

    @property
    def place(self) -> str: ...


Item = TypeVar("Item", bound=Placed)


class Queue(Generic[Item]):
    """What waits for a turn in one lane. Whatever waits for its place, too, steps back and holds nobody up."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self._ready: deque[Item] = deque()
        self._parked: dict[str, deque[Item]] = {}

    def __len__(self) -> int:
        return len(self._ready) + sum(map(len, self._parked.values()))

    @property
    def ready(self) -> int:
        """How many wait for nothing but a turn of the lane."""
        return len(self._ready)

    def __iter__(self) -> Iterator[Item]:
        return chain(self._ready, *self._parked.values())

    def put(self, items: Iterable[Item]) -> None:
        """At the end."""
        self._ready.extend(items)

    def take(self, traffic: Traffic, *, now: float) -> Item | None:
        """The next one that may begin; None for now."""
        while self._ready and traffic.may_begin(self.lane, now=now):
            item = self._ready.popleft()
            if traffic.places[item.place] < PER_PLACE[self.lane]:
                return item
            self._parked.setdefault(item.place, deque()).append(item)
        return None

    def unpark(self, place: str) -> None:
        """A turn of this place is free: its next one is the next of all."""
        parked = self._parked.get(place)
        if parked:
            self._ready.appendleft(parked.popleft())
        if parked is not None and not parked:
            del self._parked[place]
