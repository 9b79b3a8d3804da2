"""How far the planning of a broadcast may go next: one table. Pure.

What was aired or cancelled stays so: whoever changes their mind plans another broadcast, under another UID.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from feeds.planning import Certainty, SegmentState
from hub.errors import Conflict

OPTION, PLANNED, CONFIRMED = SegmentState.OPTION, SegmentState.PLANNED, SegmentState.CONFIRMED
AIRED, POSTPONED, CANCELLED = SegmentState.AIRED, SegmentState.POSTPONED, SegmentState.CANCELLED
NEXT: Mapping[SegmentState, frozenset[SegmentState]] = {
    OPTION: frozenset({PLANNED, CONFIRMED, POSTPONED, CANCELLED}),
    PLANNED: frozenset({OPTION, CONFIRMED, POSTPONED, CANCELLED}),
    CONFIRMED: frozenset({PLANNED, AIRED, POSTPONED, CANCELLED}),
    POSTPONED: frozenset({OPTION, PLANNED, CONFIRMED, CANCELLED}),
    AIRED: frozenset(),
    CANCELLED: frozenset(),
}
FIRST = frozenset({OPTION, PLANNED, CONFIRMED})  # in which a broadcast may begin
AHEAD = frozenset({OPTION, PLANNED, CONFIRMED, POSTPONED})  # its guests and its crew are still to come
TAKES_PLACE = AHEAD - {POSTPONED}  # at a known time, at which its people are needed
ON_AIR = TAKES_PLACE | {AIRED}  # once its time has come: not every producer says that it was aired
USUAL_CERTAINTY: Mapping[SegmentState, Certainty] = {  # as long as nobody says another
    OPTION: Certainty.POSSIBLE,
    PLANNED: Certainty.LIKELY,
    CONFIRMED: Certainty.CERTAIN,
    AIRED: Certainty.CERTAIN,
    POSTPONED: Certainty.UNCERTAIN,
    CANCELLED: Certainty.UNCERTAIN,
}


class NotThisWay(Conflict):
    """A broadcast in this state cannot come to that one."""

    key = "error.segment_state"


class NotAiredYet(Conflict):
    """What is still to begin was not aired."""

    key = "error.segment_to_come"


def next_state(state: SegmentState, wanted: SegmentState, *, starts_at: datetime, now: datetime) -> SegmentState:
    """`wanted`, where the table has it. Raises NotThisWay or NotAiredYet."""
    if wanted not in NEXT[state]:
        allowed = [each.value for each in SegmentState if each in NEXT[state]]
        raise NotThisWay(segment_state=state.value, wanted=wanted.value, next_states=", ".join(allowed))
    if wanted is AIRED and now < starts_at:
        raise NotAiredYet(at=starts_at.isoformat())
    return wanted
