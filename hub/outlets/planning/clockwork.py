"""The running clock of a rundown: when each item begins and ends. Pure.

What an item really took shifts all that follow; what is still to come counts as planned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

ITEMS_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class Length:
    """What an item is planned to take, and what it took, in seconds."""

    planned: int
    real: int | None = None


def run(starts_at: datetime, lengths: Sequence[Length]) -> Iterator[tuple[datetime, datetime]]:
    """When each item begins and ends, from the instant the first one begins."""
    at = starts_at
    for length in lengths:
        ends = at + timedelta(seconds=length.planned if length.real is None else length.real)
        yield at, ends
        at = ends


def planned_seconds(lengths: Sequence[Length]) -> int:
    """What all items are planned to take."""
    return sum(length.planned for length in lengths)


def over_seconds(lengths: Sequence[Length], *, available: int) -> int:
    """By how much the items are longer than the broadcast, as it runs now; negative where they are shorter."""
    return sum(length.planned if length.real is None else length.real for length in lengths) - available
