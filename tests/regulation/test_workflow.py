"""The table of states, acts and roles: it is drawn, and every path of it is walked, allowed and forbidden."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import pytest

import hub
from hub.actors import Role
from hub.regulation import workflow
from hub.regulation.workflow import (
    ENDED,
    MOVES,
    PASSED,
    STANDING,
    ActForbidden,
    ActKind,
    ActNotYours,
    Standing,
    State,
    next_standing,
)

REAL = [state for state in State if state not in PASSED]
DRAWING = Path(hub.__file__).parent / "regulation" / "workflow.md"


def draw() -> str:
    """The table as people read it: one line for each act of a state, with its goal and who may do it."""
    lines = ["| state | act | becomes | by |", "| --- | --- | --- | --- |"]
    for state in REAL:
        moves = MOVES[state]
        for act in ActKind:
            if act in moves:
                roles = ", ".join(role.value for role in Role if role in moves[act].roles)
                lines.append(f"| {state.value} | {act.value} | {moves[act].goal.value} | {roles} |")
        if not moves:
            lines.append(f"| {state.value} | – | – | – |")
    return "\n".join(lines) + "\n"


def reachable() -> set[Standing]:
    """Every standing that a story can come to from a new draft."""
    first = Standing(State.DRAFT)
    found, ahead = {first}, deque([first])
    while ahead:
        now = ahead.popleft()
        for act in ActKind:
            for role in Role:
                for route_open in (False, True):
                    try:
                        after = next_standing(now, act, role, route_open=route_open)
                    except ActForbidden:
                        continue
                    if act is ActKind.RELEASE:
                        after = Standing(after.state, after.held, after.resumes_to, released=True)
                    if after not in found:
                        found.add(after)
                        ahead.append(after)
    return found


WALKED = sorted(reachable(), key=lambda one: (one.state, one.held, one.resumes_to, one.released))


def test_the_drawing_is_the_table() -> None:
    """Otherwise: write draw() into hub/regulation/workflow.md."""
    assert DRAWING.read_text(encoding="utf-8").endswith(draw())


def test_every_state_is_reached_and_only_the_ended_ones_lead_nowhere() -> None:
    assert {one.state for one in WALKED} == set(REAL) == set(MOVES)
    assert {state for state in REAL if not MOVES[state]} == ENDED


@pytest.mark.parametrize("now", WALKED, ids=lambda one: f"{one.state}-{one.held}-{one.resumes_to}-{one.released}")
@pytest.mark.parametrize("act", list(ActKind))
@pytest.mark.parametrize("role", list(Role))
def test_every_path_is_allowed_by_the_table_or_refused(now: Standing, act: ActKind, role: Role) -> None:
    move = MOVES[now.state].get(act)
    for route_open in (False, True):
        if move is None or role not in move.roles:
            anywhere = {one for moves in MOVES.values() if act in moves for one in moves[act].roles}
            refusal = ActNotYours if role not in (move.roles if move else anywhere) else ActForbidden
            with pytest.raises(refusal):
                next_standing(now, act, role, route_open=route_open)
            continue
        if now.state is State.HELD and act in (ActKind.SUBMIT, ActKind.CORRECT):
            wrong = (act is ActKind.CORRECT) != now.released
            if wrong:
                with pytest.raises(ActForbidden):
                    next_standing(now, act, role, route_open=route_open)
                continue
        after = next_standing(now, act, role, route_open=route_open)
        routed = State.CONFIRMING if route_open else State.SUBMITTED
        expected = {State.ROUTED: routed, State.SAME: now.state}.get(move.goal, move.goal)
        if move.goal is State.BEFORE:
            assert after.state in MOVES
            assert after.state not in ENDED
            still_held = Standing(State.HELD, True, now.resumes_to, now.released)
            assert after.state.value == now.resumes_to or after == still_held
        else:
            assert after.state is expected
        stays_held = (now.held or act is ActKind.HOLD) and after.state is State.WITHDRAWAL_REQUESTED
        assert after.held is (after.state is State.HELD or stays_held)


def test_a_held_or_interrupted_story_always_knows_what_it_resumes_to() -> None:
    for one in WALKED:
        interrupted = one.state in (State.HELD, State.WITHDRAWAL_REQUESTED)
        assert bool(one.resumes_to) is interrupted, one
        assert one.resumes_to not in ("held", "withdrawal_requested", *ENDED)


def test_what_was_never_released_never_comes_to_a_state_of_releases() -> None:
    for one in WALKED:
        if not one.released and one.state not in (State.HELD, State.WITHDRAWAL_REQUESTED):
            assert one.state not in STANDING, one
            assert one.state not in workflow.CORRECTIONS, one


@pytest.mark.parametrize("interrupted", [State.CONFIRMING, State.SUBMITTED, State.APPROVED])
def test_a_hold_freezes_a_story_before_its_release_too(interrupted: State) -> None:
    held = next_standing(Standing(interrupted), ActKind.HOLD, Role.EDITOR)
    with pytest.raises(ActForbidden):
        next_standing(held, ActKind.RELEASE, Role.EDITOR)
    with pytest.raises(ActForbidden):
        next_standing(held, ActKind.CORRECT, Role.CONTRIBUTOR)
    again = next_standing(held, ActKind.SUBMIT, Role.CONTRIBUTOR, route_open=True)
    assert (again.state, again.resumes_to) == (State.HELD, "confirming")
    assert next_standing(held, ActKind.LIFT, Role.AUDITOR) == Standing(interrupted)


@pytest.mark.parametrize(
    "interrupted", [State.SUBMITTED, State.APPROVED, State.RELEASED, State.CORRECTING, State.CORRECTION_APPROVED]
)
def test_a_lift_restores_the_state_that_was_interrupted(interrupted: State) -> None:
    held = next_standing(Standing(interrupted), ActKind.HOLD, Role.EDITOR)
    assert (held.state, held.held) == (State.HELD, True)
    assert next_standing(held, ActKind.LIFT, Role.EDITOR) == Standing(interrupted)


def test_a_correction_that_comes_during_a_hold_waits_for_its_end() -> None:
    held = next_standing(Standing(State.RELEASED, released=True), ActKind.HOLD, Role.EDITOR)
    corrected = next_standing(held, ActKind.CORRECT, Role.CONTRIBUTOR)
    assert (corrected.state, corrected.held) == (State.HELD, True)
    assert next_standing(corrected, ActKind.LIFT, Role.EDITOR) == Standing(State.CORRECTING, released=True)


def test_a_declined_withdrawal_restores_what_was_before_and_a_hold_outlasts_it() -> None:
    asked = next_standing(Standing(State.RELEASED), ActKind.REQUEST_WITHDRAWAL, Role.CONTRIBUTOR)
    assert next_standing(asked, ActKind.RETURN, Role.EDITOR) == Standing(State.RELEASED)
    held = next_standing(Standing(State.CORRECTING), ActKind.HOLD, Role.EDITOR)
    asked = next_standing(held, ActKind.REQUEST_WITHDRAWAL, Role.CONTRIBUTOR)
    assert next_standing(asked, ActKind.RECALL, Role.CONTRIBUTOR) == held


def test_a_story_whose_withdrawal_is_asked_for_can_still_be_held() -> None:
    asked = next_standing(Standing(State.RELEASED, released=True), ActKind.REQUEST_WITHDRAWAL, Role.CONTRIBUTOR)
    held = next_standing(asked, ActKind.HOLD, Role.AUDITOR)
    assert (held.state, held.held) == (State.WITHDRAWAL_REQUESTED, True)
    recalled = next_standing(held, ActKind.RECALL, Role.CONTRIBUTOR)
    assert (recalled.state, recalled.held) == (State.HELD, True)
    assert next_standing(recalled, ActKind.LIFT, Role.AUDITOR) == Standing(State.RELEASED, released=True)


def test_only_what_nobody_has_read_yet_is_joined_into_another_story() -> None:
    joinable = {state for state in REAL if ActKind.JOIN in MOVES[state]}
    assert joinable == {State.CONFIRMING, State.SUBMITTED, State.RETURNED, State.APPROVED}
    assert joinable.isdisjoint(STANDING)


def test_a_confirmation_leads_on_to_the_next_step_and_at_last_to_the_desk() -> None:
    sent = next_standing(Standing(State.DRAFT), ActKind.SUBMIT, Role.CONTRIBUTOR, route_open=True)
    between = next_standing(sent, ActKind.CONFIRM, Role.CONFIRMER, route_open=True)
    done = next_standing(between, ActKind.CONFIRM, Role.CONFIRMER)
    assert [one.state for one in (sent, between, done)] == [State.CONFIRMING, State.CONFIRMING, State.SUBMITTED]


def test_nobody_but_confirmers_confirms_and_nobody_but_the_desk_releases() -> None:
    assert workflow.anywhere(ActKind.CONFIRM) == {Role.CONFIRMER}
    assert workflow.anywhere(ActKind.RELEASE) == workflow.anywhere(ActKind.APPROVE) == {Role.EDITOR}
