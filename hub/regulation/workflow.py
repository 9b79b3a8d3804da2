"""The workflow as one table of states × acts. Pure: it decides, it does nothing.

A row says what an act makes of a state and who may do it. What does not stand in the table is forbidden.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from hub.actors import Role
from hub.errors import Conflict


class State(StrEnum):
    """Where a story stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    RELEASED = "released"
    CORRECTING = "correcting"  # a released version stands, a correction waits
    CORRECTION_RETURNED = "correction_returned"
    CORRECTION_APPROVED = "correction_approved"
    HELD = "held"
    WITHDRAWAL_REQUESTED = "withdrawal_requested"
    WITHDRAWN = "withdrawn"
    JOINED = "joined"  # became a part of another story, which credits its supplier; nothing of it was ever public
    BEFORE = "before"  # only as a goal in the table: the state that was interrupted


class ActKind(StrEnum):
    """The steps of the regulation."""

    SUBMIT = "submit"
    RECALL = "recall"
    RETURN = "return"
    APPROVE = "approve"
    RELEASE = "release"
    HOLD = "hold"
    LIFT = "lift"
    CORRECT = "correct"
    REQUEST_WITHDRAWAL = "request_withdrawal"
    WITHDRAW = "withdraw"
    JOIN = "join"


S, A = State, ActKind
SENDERS: Mapping[ActKind, frozenset[Role]] = {
    A.SUBMIT: frozenset({Role.CONTRIBUTOR}),
    A.RECALL: frozenset({Role.CONTRIBUTOR}),
    A.CORRECT: frozenset({Role.CONTRIBUTOR}),
    A.REQUEST_WITHDRAWAL: frozenset({Role.CONTRIBUTOR}),
    A.RETURN: frozenset({Role.EDITOR}),
    A.APPROVE: frozenset({Role.EDITOR}),
    A.RELEASE: frozenset({Role.EDITOR}),
    A.HOLD: frozenset({Role.EDITOR}),
    A.LIFT: frozenset({Role.EDITOR}),
    A.WITHDRAW: frozenset({Role.EDITOR}),
    A.JOIN: frozenset({Role.EDITOR}),
}
_STOPS = {A.HOLD: S.HELD, A.REQUEST_WITHDRAWAL: S.WITHDRAWAL_REQUESTED, A.WITHDRAW: S.WITHDRAWN}
MOVES: Mapping[State, Mapping[ActKind, State]] = {
    S.DRAFT: {A.SUBMIT: S.SUBMITTED},
    S.SUBMITTED: {
        A.SUBMIT: S.SUBMITTED,
        A.RECALL: S.DRAFT,
        A.RETURN: S.RETURNED,
        A.APPROVE: S.APPROVED,
        A.WITHDRAW: S.WITHDRAWN,
        A.JOIN: S.JOINED,
    },
    S.RETURNED: {A.SUBMIT: S.SUBMITTED, A.WITHDRAW: S.WITHDRAWN, A.JOIN: S.JOINED},
    S.APPROVED: {
        A.SUBMIT: S.SUBMITTED,
        A.RECALL: S.DRAFT,
        A.RETURN: S.RETURNED,
        A.RELEASE: S.RELEASED,
        A.WITHDRAW: S.WITHDRAWN,
        A.JOIN: S.JOINED,
    },
    S.RELEASED: {A.RELEASE: S.RELEASED, A.CORRECT: S.CORRECTING, **_STOPS},
    S.CORRECTING: {
        A.CORRECT: S.CORRECTING,
        A.RECALL: S.RELEASED,
        A.RETURN: S.CORRECTION_RETURNED,
        A.APPROVE: S.CORRECTION_APPROVED,
        **_STOPS,
    },
    S.CORRECTION_RETURNED: {A.CORRECT: S.CORRECTING, A.RECALL: S.RELEASED, **_STOPS},
    S.CORRECTION_APPROVED: {
        A.CORRECT: S.CORRECTING,
        A.RECALL: S.RELEASED,
        A.RETURN: S.CORRECTION_RETURNED,
        A.RELEASE: S.RELEASED,
        **_STOPS,
    },
    S.HELD: {
        A.LIFT: S.BEFORE,
        A.CORRECT: S.HELD,
        A.REQUEST_WITHDRAWAL: S.WITHDRAWAL_REQUESTED,
        A.WITHDRAW: S.WITHDRAWN,
    },
    S.WITHDRAWAL_REQUESTED: {A.RECALL: S.BEFORE, A.RETURN: S.BEFORE, A.WITHDRAW: S.WITHDRAWN},
    S.WITHDRAWN: {},
    S.JOINED: {},
}
ENDED = frozenset({S.WITHDRAWN, S.JOINED})  # nothing happens to it any more
STANDING = frozenset(  # a version stands, or will stand, in channels
    {
        S.RELEASED,
        S.CORRECTING,
        S.CORRECTION_RETURNED,
        S.CORRECTION_APPROVED,
        S.HELD,
        S.WITHDRAWAL_REQUESTED,
    }
)
CORRECTIONS = frozenset({S.CORRECTING, S.CORRECTION_RETURNED, S.CORRECTION_APPROVED})


class ActForbidden(Conflict):
    """The workflow does not let this act happen in this state."""

    key = "error.act_forbidden"


class ActNotYours(ActForbidden):
    """The act exists in this state, but for somebody else."""

    key = "error.act_not_yours"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the table needs to know of a story."""

    state: State
    held: bool = False
    resumes_to: str = ""


def role_for(act: ActKind, roles: Collection[Role], *, state: State) -> Role:
    """The role in which somebody with these roles over the story may do this act. Raises ActNotYours."""
    fit = next((role for role in roles if role in SENDERS[act]), None)
    if fit is None:
        raise ActNotYours(act=act.value, state=state.value, role=", ".join(role.value for role in roles) or "-")
    return fit


def next_standing(now: Standing, act: ActKind, role: Role) -> Standing:
    """What `act` by `role` makes of `now`. Raises ActNotYours or ActForbidden."""
    if role not in SENDERS[act]:
        raise ActNotYours(act=act.value, state=now.state.value, role=role.value)
    goal = MOVES[now.state].get(act)
    if goal is None:
        allowed = ", ".join(kind.value for kind in MOVES[now.state] if role in SENDERS[kind])
        raise ActForbidden(act=act.value, state=now.state.value, allowed=allowed or "-")
    if goal is S.BEFORE:
        return _resumed(now)
    if goal in (S.HELD, S.WITHDRAWAL_REQUESTED):
        return _interrupted(now, act, goal)
    return Standing(goal)


def _interrupted(now: Standing, act: ActKind, goal: State) -> Standing:
    held = now.held or goal is S.HELD
    if act is A.CORRECT:  # a correction that arrives during a hold waits for its end
        return Standing(S.HELD, held, S.CORRECTING.value)
    return Standing(goal, held, now.resumes_to or now.state.value)


def _resumed(now: Standing) -> Standing:
    if now.state is S.WITHDRAWAL_REQUESTED and now.held:
        return Standing(S.HELD, True, now.resumes_to)
    return Standing(State(now.resumes_to))
