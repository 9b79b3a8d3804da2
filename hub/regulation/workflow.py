"""The workflow as one table of states × acts. Pure: it decides, it does nothing.

A row says what an act makes of a state and who may do it. What does not stand in the table is forbidden.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from hub.actors import Role
from hub.errors import Conflict


class State(StrEnum):
    """Where a story stands."""

    DRAFT = "draft"
    CONFIRMING = "confirming"  # the chain of its organization has still to confirm it
    SUBMITTED = "submitted"  # waits for the desk
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
    # only as goals in the table:
    BEFORE = "before"  # the state that was interrupted
    ROUTED = "routed"  # confirming while a step of the route is open, else submitted
    SAME = "same"


class ActKind(StrEnum):
    """The steps of the regulation."""

    SUBMIT = "submit"
    RECALL = "recall"
    CONFIRM = "confirm"
    VERIFY_CLAIM = "verify_claim"
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


@dataclass(frozen=True, slots=True)
class Move:
    """What an act makes of a state, and the roles that may do it there."""

    goal: State
    roles: frozenset[Role]


def _by(*roles: Role) -> Callable[[State], Move]:
    return lambda goal: Move(goal, frozenset(roles))


_sender, _chain, _desk = _by(Role.CONTRIBUTOR), _by(Role.CONFIRMER), _by(Role.EDITOR)
_judges, _keepers = _by(Role.CONFIRMER, Role.EDITOR), _by(Role.EDITOR, Role.AUDITOR)

_TAKEN_BACK = {A.WITHDRAW: _desk(S.WITHDRAWN), A.HOLD: _keepers(S.HELD)}
_JUDGED = {A.VERIFY_CLAIM: _judges(S.SAME), A.JOIN: _judges(S.JOINED)}
_STOPS = {**_TAKEN_BACK, A.REQUEST_WITHDRAWAL: _sender(S.WITHDRAWAL_REQUESTED)}
MOVES: Mapping[State, Mapping[ActKind, Move]] = {
    S.DRAFT: {A.SUBMIT: _sender(S.ROUTED)},
    S.CONFIRMING: {
        A.SUBMIT: _sender(S.ROUTED),
        A.RECALL: _sender(S.DRAFT),
        A.CONFIRM: _chain(S.ROUTED),
        A.RETURN: _judges(S.RETURNED),
        **_JUDGED,
        **_TAKEN_BACK,
    },
    S.SUBMITTED: {
        A.SUBMIT: _sender(S.ROUTED),
        A.RECALL: _sender(S.DRAFT),
        A.RETURN: _desk(S.RETURNED),
        A.APPROVE: _desk(S.APPROVED),
        **_JUDGED,
        **_TAKEN_BACK,
    },
    S.RETURNED: {A.SUBMIT: _sender(S.ROUTED), A.JOIN: _judges(S.JOINED), **_TAKEN_BACK},
    S.APPROVED: {
        A.SUBMIT: _sender(S.ROUTED),
        A.RECALL: _sender(S.DRAFT),
        A.RETURN: _desk(S.RETURNED),
        A.RELEASE: _desk(S.RELEASED),
        **_JUDGED,
        **_TAKEN_BACK,
    },
    S.RELEASED: {A.RELEASE: _desk(S.RELEASED), A.CORRECT: _sender(S.CORRECTING), **_STOPS},
    S.CORRECTING: {
        A.CORRECT: _sender(S.CORRECTING),
        A.RECALL: _sender(S.RELEASED),
        A.RETURN: _desk(S.CORRECTION_RETURNED),
        A.APPROVE: _desk(S.CORRECTION_APPROVED),
        A.VERIFY_CLAIM: _judges(S.SAME),
        **_STOPS,
    },
    S.CORRECTION_RETURNED: {A.CORRECT: _sender(S.CORRECTING), A.RECALL: _sender(S.RELEASED), **_STOPS},
    S.CORRECTION_APPROVED: {
        A.CORRECT: _sender(S.CORRECTING),
        A.RECALL: _sender(S.RELEASED),
        A.RETURN: _desk(S.CORRECTION_RETURNED),
        A.RELEASE: _desk(S.RELEASED),
        A.VERIFY_CLAIM: _judges(S.SAME),
        **_STOPS,
    },
    S.HELD: {
        A.LIFT: _keepers(S.BEFORE),
        A.SUBMIT: _sender(S.HELD),
        A.CORRECT: _sender(S.HELD),
        A.REQUEST_WITHDRAWAL: _sender(S.WITHDRAWAL_REQUESTED),
        A.WITHDRAW: _desk(S.WITHDRAWN),
    },
    S.WITHDRAWAL_REQUESTED: {
        A.RECALL: _sender(S.BEFORE),
        A.RETURN: _desk(S.BEFORE),
        A.HOLD: _keepers(S.WITHDRAWAL_REQUESTED),  # the request stands, and what it asks for cannot end the check
        A.WITHDRAW: _desk(S.WITHDRAWN),
    },
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


PASSED = frozenset({S.BEFORE, S.ROUTED, S.SAME})  # goals that no story ever stands in


class ActForbidden(Conflict):
    """The workflow does not let this act happen in this state."""

    key = "error.act_forbidden"


class ActNotYours(ActForbidden):
    """The act exists in this state, but for somebody else."""

    key = "error.act_not_yours"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the table needs to know of a story. `released`: a version of it has been released."""

    state: State
    held: bool = False
    resumes_to: str = ""
    released: bool = False


def role_for(act: ActKind, roles: Collection[Role], *, state: State) -> Role:
    """The role in which somebody with these roles over the story does this act. Raises ActNotYours or ActForbidden."""
    move = MOVES[state].get(act)
    may = move.roles if move is not None else anywhere(act)
    fit = next((role for role in roles if role in may), None)
    if fit is None:
        raise ActNotYours(act=act.value, state=state.value, role=", ".join(role.value for role in roles) or "-")
    return fit


def open_acts(state: State, roles: Collection[Role]) -> tuple[ActKind, ...]:
    """What somebody with these roles over a story may do to it in this state."""
    return tuple(act for act, move in MOVES[state].items() if not move.roles.isdisjoint(roles))


def anywhere(act: ActKind) -> frozenset[Role]:
    """The roles that may do an act in some state."""
    return frozenset[Role]().union(*(moves[act].roles for moves in MOVES.values() if act in moves))


def next_standing(now: Standing, act: ActKind, role: Role, *, route_open: bool = False) -> Standing:
    """What `act` by `role` makes of `now`; `route_open`: a step of the chain is open once it is done.

    Raises ActNotYours or ActForbidden.
    """
    move = MOVES[now.state].get(act)
    if role not in (move.roles if move is not None else anywhere(act)):
        raise ActNotYours(act=act.value, state=now.state.value, role=role.value)
    if move is None or (now.state is S.HELD and act in (A.SUBMIT, A.CORRECT) and (act is A.CORRECT) != now.released):
        allowed = ", ".join(kind.value for kind, known in MOVES[now.state].items() if role in known.roles)
        raise ActForbidden(act=act.value, state=now.state.value, allowed=allowed or "-")
    routed = S.CONFIRMING if route_open else S.SUBMITTED
    match move.goal:
        case S.SAME:
            return now
        case S.BEFORE:
            return _resumed(now)
        case S.ROUTED:
            return replace(now, state=routed, held=False, resumes_to="")
        case S.HELD | S.WITHDRAWAL_REQUESTED:
            return _interrupted(now, act, move.goal, routed)
    return replace(now, state=move.goal, held=False, resumes_to="")


def _interrupted(now: Standing, act: ActKind, goal: State, routed: State) -> Standing:
    held = now.held or act is A.HOLD
    if act in (A.CORRECT, A.SUBMIT):  # what arrives during a hold waits for its end
        return replace(now, state=S.HELD, held=held, resumes_to=(S.CORRECTING if act is A.CORRECT else routed).value)
    return replace(now, state=goal, held=held, resumes_to=now.resumes_to or now.state.value)


def _resumed(now: Standing) -> Standing:
    if now.state is S.WITHDRAWAL_REQUESTED and now.held:
        return replace(now, state=S.HELD)
    return replace(now, state=State(now.resumes_to), held=False, resumes_to="")
