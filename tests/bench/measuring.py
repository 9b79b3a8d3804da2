"""How things are measured, and the line that tells it.

CPU time, not the clock on the wall; medians; and what is compared takes turns, so that a busy machine slows all alike.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

HEADS = ("measure", "ours", "compared with", "ratio", "limit", "")
SMALL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the table. The limit is for the ratio where there is something to compare with, else for `ours`."""

    measure: str
    ours: float | None  # None: could not be measured, and `beside` says why
    unit: str = "ms"
    beside: str = ""
    theirs: float | None = None
    limit: float | None = None  # None: only shown

    @property
    def ratio(self) -> float | None:
        return self.ours / self.theirs if self.theirs and self.ours is not None else None

    @property
    def is_over(self) -> bool:
        if self.ours is None or self.limit is None:
            return False
        return (self.ours if self.ratio is None else self.ratio) > self.limit

    def cells(self) -> tuple[str, ...]:
        """The line as text, one for each of HEADS."""
        if self.ours is None:
            return (self.measure, "-", self.beside, "-", "-", "not measured")
        limit_unit = self.unit if self.theirs is None else "x"
        return (
            self.measure,
            _amount(self.ours, self.unit),
            self.beside + (f": {_amount(self.theirs, self.unit)}" if self.theirs is not None else ""),
            "-" if self.ratio is None else f"{self.ratio:.2f}",
            "-" if self.limit is None else f"{self.limit:g} {limit_unit}",
            "" if self.limit is None else "OVER" if self.is_over else "ok",
        )


def side_by_side(
    *jobs: Callable[[], object],
    rounds: int,
    calls: int = 1,
    clock: Callable[[], float] = time.process_time,
    before: Callable[[int], object] | None = None,
) -> list[float]:
    """The median milliseconds of one call of each job, after one call that warms it.

    `before` is told the place of each job before its calls, and is not measured.
    """
    spent: list[list[float]] = [[] for _ in jobs]
    for turn in range(rounds + 1):
        for place, job in enumerate(jobs):
            if before is not None:
                before(place)
            gc.collect()
            start = clock()
            for _ in range(calls if turn else 1):
                job()
            if turn:
                spent[place].append((clock() - start) / calls * 1000)
    return [statistics.median(times) for times in spent]


def as_table(lines: Iterable[Sequence[str]]) -> str:
    """Lines under HEADS, in columns."""
    rows = [HEADS, *lines]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    told = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([told[0], "-" * max(map(len, told)), *told[1:]])


def _amount(value: float, unit: str) -> str:
    number = f"{value:,.0f}" if value >= SMALL or value == int(value) else f"{value:.3g}"
    return f"{number} {unit}"
