"""Where the bars of charts stand: numbers for SVG, which the templates write with classes and a table beside. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

ORDER = (  # of states, from those that wait to those that are over
    *("confirming", "submitted", "returned", "approved", "released", "correcting", "correction_returned"),
    *("correction_approved", "held", "withdrawal_requested", "withdrawn", "joined"),
)
WIDTH, HEIGHT = 720, 240  # of the columns' plot, in the SVG's own units
GAP = 0.3  # of a column's room that stays empty
BAR = 18
LEAST = 1.5  # height of what is there at all


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a column: which state, how many, and where."""

    state: str
    count: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """A column of stacked parts."""

    day: date
    x: float
    width: float
    parts: tuple[Part, ...]
    whole: int


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns on a plot of WIDTH × HEIGHT, and the lines across it: (y, the number they stand for)."""

    columns: tuple[Column, ...]
    lines: tuple[tuple[float, int], ...]
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar that lies: its length by its number."""

    name: str
    number: int
    width: float


@dataclass(frozen=True, slots=True)
class Bars:
    """Lying bars of one scale."""

    bars: tuple[Bar, ...]
    width: int = WIDTH
    thick: int = BAR


def columns(weeks: Sequence[tuple[date, Mapping[str, int]]], states: Sequence[str]) -> Columns:
    """Weeks as columns, each with its states stacked from the bottom."""
    top = round_up(max((sum(counts.values()) for _, counts in weeks), default=0))
    room = WIDTH / max(len(weeks), 1)
    found = []
    for place, (day, counts) in enumerate(weeks):
        found.append(
            Column(
                day=day,
                x=round(room * (place + GAP / 2), 1),
                width=round(room * (1 - GAP), 1),
                parts=tuple(_stacked([(state, counts.get(state, 0)) for state in states], top)),
                whole=sum(counts.values()),
            )
        )
    lines = [(round(HEIGHT - HEIGHT * step / 4, 1), top * step // 4) for step in range(5) if top * step % 4 == 0]
    return Columns(tuple(found), tuple(lines))


def bars(numbers: Sequence[tuple[str, int]], *, most: int = 0) -> Bars:
    """Names with numbers as bars; the longest, or `most`, takes all the width."""
    top = most or max((number for _, number in numbers), default=0) or 1
    return Bars(tuple(Bar(name, number, round(WIDTH * number / top, 1)) for name, number in numbers))


def round_up(number: int) -> int:
    """The next number that four lines divide well: a multiple of 4, of 20 from 40 on, of 100 from 200 on."""
    step = 4 if number <= 40 else 20 if number <= 200 else 100 if number <= 2_000 else 1_000
    return max(step, -(-number // step) * step)


def _stacked(counts: Sequence[tuple[str, int]], top: int) -> list[Part]:
    parts, reached = [], float(HEIGHT)
    for state, count in counts:
        if count:
            height = max(LEAST, HEIGHT * count / top)
            reached -= height
            parts.append(Part(state, count, round(reached, 1), round(height, 1)))
    return parts
