"""A broadcast while it is on: which item is on now, how much of it and of the broadcast is left, over or under. Pure.

Items follow each other by the clock as long as nobody says how long one took. Once somebody does, the item after the
last one that was timed is on until it is timed, too, and it may run over what was planned for it.
`hub/web/static/on-air.js` reckons the same in the browser, second by second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.outlets.planning import clockwork
from hub.outlets.planning.clockwork import Length

LEAD = timedelta(hours=12)  # before the start, in which a page that stays open should count down to it
TAIL = timedelta(hours=1)  # after the end as planned: what still is not said to be aired is forgotten, not on
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAir:
    """A broadcast at an instant; seconds are whole ones, negative where that much is over."""

    begins_in: int  # seconds; 0 once it is on
    place: int | None  # of the item that is on, from 0; None before the first and after the last one
    item_left: int
    left: int  # until the end of the broadcast as planned
    over: int  # by how much the items will have run over that end, as it goes now; negative where time is left


def at(now: datetime, *, starts_at: datetime, available: int, lengths: Sequence[Length]) -> OnAir | None:
    """How a broadcast of `available` seconds stands now; None where it is not about to be on, and not on."""
    ends_at = starts_at + timedelta(seconds=available)
    if not starts_at - LEAD <= now < ends_at + TAIL:
        return None
    runs = list(clockwork.run(starts_at, lengths))
    place = _place(now, lengths, runs) if now >= starts_at else None
    item_ends = runs[place][1] if place is not None else now
    late = max(now - item_ends, timedelta())  # all that follows begins later by this
    last = runs[-1][1] if runs else starts_at
    return OnAir(
        begins_in=max(_seconds(starts_at - now), 0),
        place=place,
        item_left=_seconds(item_ends - now),
        left=_seconds(ends_at - now),
        over=_seconds(last + late - ends_at),
    )


def took(now: datetime, place: int, *, starts_at: datetime, lengths: Sequence[Length]) -> int:
    """How many seconds an item took that is over at this very instant."""
    begins = list(clockwork.run(starts_at, lengths))[place][0]
    return max(_seconds(now - begins), 0)


def _place(now: datetime, lengths: Sequence[Length], runs: Sequence[tuple[datetime, datetime]]) -> int | None:
    timed = [place for place, length in enumerate(lengths) if length.real is not None]
    if timed:
        following = timed[-1] + 1
        return following if following < len(lengths) else None
    return next((place for place, (_, ends) in enumerate(runs) if now < ends), None)


def _seconds(length: timedelta) -> int:
    """Whole seconds, downwards: what is left at 0.4 s is nothing."""
    return length // SECOND
