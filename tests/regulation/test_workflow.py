"""The table of states and acts."""

from __future__ import annotations

import pytest

from hub.actors import Role
from hub.regulation.workflow import (
    ENDED,
    MOVES,
    SENDERS,
    STANDING,
    ActForbidden,
    ActKind,
    ActNotYours,
    Standing,
    State,
    next_standing,
)

REAL = [state for state in State if state is not State.BEFORE]


@pytest.mark.parametrize("state", REAL)
@pytest.mark.parametrize("act", list(ActKind))
@pytest.mark.parametrize("role", list(Role))
def test_what_does_not_stand_in_the_table_is_forbidden(state: State, act: ActKind, role: Role) -> None:
    before = Standing(state, held=state is State.HELD, resumes_to="released" if state is State.HELD else "")
    if role not in SENDERS[act]:
        with pytest.raises(ActNotYours):
            next_standing(before, act, role)
    elif act not in MOVES[state]:
        with pytest.raises(ActForbidden):
            next_standing(before, act, role)
    elif MOVES[state][act] is not State.BEFORE:
        assert next_standing(before, act, role).state is MOVES[state][act]


def test_every_state_can_be_reached_and_only_a_withdrawal_or_a_join_is_an_end() -> None:
    goals = {goal for moves in MOVES.values() for goal in moves.values()}
    assert goals - {State.BEFORE} == set(REAL)
    assert [state for state in REAL if not MOVES[state]] == [State.WITHDRAWN, State.JOINED]
    assert set(ENDED) == {State.WITHDRAWN, State.JOINED}
    assert set(MOVES) == set(REAL)


def test_only_what_was_handed_in_and_never_released_can_be_joined() -> None:
    joinable = {state for state in REAL if ActKind.JOIN in MOVES[state]}
    assert joinable == {State.SUBMITTED, State.RETURNED, State.APPROVED}
    assert not joinable & STANDING


@pytest.mark.parametrize("interrupted", [State.RELEASED, State.CORRECTING, State.CORRECTION_APPROVED])
def test_a_lift_restores_the_state_that_was_interrupted(interrupted: State) -> None:
    held = next_standing(Standing(interrupted), ActKind.HOLD, Role.EDITOR)
    assert (held.state, held.held) == (State.HELD, True)
    assert next_standing(held, ActKind.LIFT, Role.EDITOR) == Standing(interrupted)


def test_a_correction_that_comes_during_a_hold_waits_for_its_end() -> None:
    held = next_standing(Standing(State.RELEASED), ActKind.HOLD, Role.EDITOR)
    corrected = next_standing(held, ActKind.CORRECT, Role.CONTRIBUTOR)
    assert (corrected.state, corrected.held) == (State.HELD, True)
    assert next_standing(corrected, ActKind.LIFT, Role.EDITOR) == Standing(State.CORRECTING)


def test_a_declined_withdrawal_restores_what_was_before_and_a_hold_outlasts_it() -> None:
    asked = next_standing(Standing(State.RELEASED), ActKind.REQUEST_WITHDRAWAL, Role.CONTRIBUTOR)
    assert next_standing(asked, ActKind.RETURN, Role.EDITOR) == Standing(State.RELEASED)
    held = next_standing(Standing(State.CORRECTING), ActKind.HOLD, Role.EDITOR)
    asked = next_standing(held, ActKind.REQUEST_WITHDRAWAL, Role.CONTRIBUTOR)
    assert next_standing(asked, ActKind.RECALL, Role.CONTRIBUTOR) == held
