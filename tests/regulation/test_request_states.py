"""How far a request for coverage has come, by what was said to it."""

from __future__ import annotations

import pytest

from hub.regulation.filed.request_states import BY_ORGANIZATION, BY_OUTLET, MAY, Move, RequestState, state_after

A, D, Q, R, C = Move.ACCEPTED, Move.DECLINED, Move.QUESTION, Move.REPLY, Move.CLOSED


@pytest.mark.parametrize(
    ("said", "alone", "together"),
    [
        ([], "open", "open"),
        ([("x", Q), (None, R)], "open", "open"),
        ([("x", D)], "declined", "open"),
        ([("x", D), ("x", Q)], "declined", "open"),
        ([("x", D), ("x", A)], "accepted", "accepted"),
        ([("x", A), ("x", D)], "declined", "open"),
        ([("x", A), ("y", D)], "accepted", "accepted"),
        ([("x", A), ("y", A), ("x", D)], "accepted", "accepted"),
        ([("x", A), (None, C)], "closed", "closed"),
        ([(None, C), ("x", A)], "closed", "closed"),  # nothing after it counts
    ],
)
def test_a_request_stands_by_the_last_word_of_each_that_was_asked(said, alone, together):
    assert state_after(said, alone=True) == alone
    assert state_after(said, alone=False) == together


def test_until_it_is_closed_each_side_may_say_its_own_and_then_nothing():
    assert set(Move) == BY_ORGANIZATION | BY_OUTLET
    assert not BY_ORGANIZATION & BY_OUTLET
    assert set(MAY) == set(RequestState)
    assert MAY[RequestState.CLOSED] == frozenset()
    assert all(MAY[state] == set(Move) for state in set(RequestState) - {RequestState.CLOSED})
