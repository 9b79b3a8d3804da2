"""How far a request for coverage has come. Pure.

Organizations accept, decline or ask; the outlet replies and closes. What an organization said last of the two holds
for it; a request is accepted as long as somebody's acceptance holds, and one that went to a single organization is
declined with its word.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from enum import StrEnum


class RequestState(StrEnum):
    """What a request is to whoever lists it."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CLOSED = "closed"


class Move(StrEnum):
    """What somebody says to a request."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    QUESTION = "question"
    REPLY = "reply"
    CLOSED = "closed"


BY_ORGANIZATION = frozenset({Move.ACCEPTED, Move.DECLINED, Move.QUESTION})
BY_OUTLET = frozenset({Move.REPLY, Move.CLOSED})
STANCES = frozenset({Move.ACCEPTED, Move.DECLINED})
_UNTIL_CLOSED = BY_ORGANIZATION | BY_OUTLET
MAY: Mapping[RequestState, frozenset[Move]] = {
    RequestState.OPEN: _UNTIL_CLOSED,
    RequestState.ACCEPTED: _UNTIL_CLOSED,
    RequestState.DECLINED: _UNTIL_CLOSED,  # they may think better of it
    RequestState.CLOSED: frozenset(),
}


def state_after(moves: Iterable[tuple[Hashable, Move]], *, alone: bool) -> RequestState:
    """The state after everything that was said, oldest first: by whom and what; `alone`: one organization was asked."""
    stances: dict[Hashable, Move] = {}
    for who, move in moves:
        if move is Move.CLOSED:
            return RequestState.CLOSED
        if move in STANCES:
            stances[who] = move
    return _state_of(stances.values(), alone=alone)


def _state_of(stances: Collection[Move], *, alone: bool) -> RequestState:
    if Move.ACCEPTED in stances:
        return RequestState.ACCEPTED
    return RequestState.DECLINED if alone and Move.DECLINED in stances else RequestState.OPEN
