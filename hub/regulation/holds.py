"""Who holds a story: the desk and the auditors each on their own, so that neither can lift what the other began. Pure.

The workflow knows one hold; this says whose it is. A story is free again when nobody holds it any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from hub.actors import Actor, Grant, Role
from hub.regulation import workflow
from hub.regulation.workflow import ActForbidden, ActKind, ActNotYours, Standing, State

if TYPE_CHECKING:
    from hub.regulation.releasing import Order


class Side(StrEnum):
    """Whose hold it is."""

    DESK = "desk"
    AUDITORS = "auditors"


class HoldNotYours(ActNotYours):
    """The role may lift holds, but not this one: the other side placed it."""

    key = "error.hold_not_yours"


BEING_CHECKED = "being_checked"  # all that a hold by auditors ever says of its cause
AUDITORS = Actor(name="", grants=(Grant(Role.AUDITOR),))  # which of them read what is nobody's business
KINDS = frozenset({ActKind.HOLD, ActKind.LIFT})


def hushed(order: Order) -> Order:
    """An order of the auditors without a word beside it."""
    return replace(order, note="", public_note="", reason=BEING_CHECKED if order.kind is ActKind.HOLD else "")


def side_of(role: str) -> Side:
    """The side somebody with this role holds and lifts for."""
    return Side.AUDITORS if role == Role.AUDITOR else Side.DESK


def list_holders(acts: Iterable[tuple[str, str]]) -> frozenset[Side]:
    """Who still holds a story, from its acts in order: pairs of kind and the actor's role."""
    holders: set[Side] = set()
    for kind, role in acts:
        if kind == ActKind.HOLD:
            holders.add(side_of(role))
        elif kind == ActKind.LIFT:
            holders.discard(side_of(role))
    return frozenset(holders)


def next_standing(now: Standing, act: ActKind, role: Role, holders: frozenset[Side]) -> Standing:
    """What a hold or a lift by `role` makes of `now`. Raises ActNotYours, HoldNotYours or ActForbidden.

    A second side may hold what is held already, which changes nothing but who has to lift it. While a withdrawal is
    asked for nothing is lifted: the request is decided first.
    """
    side = side_of(role)
    waits = act is ActKind.LIFT and now.state is not State.HELD
    if not now.held or waits or role not in workflow.anywhere(act):
        return workflow.next_standing(now, act, role)
    if act is ActKind.HOLD:
        if side in holders:
            raise ActForbidden(act=act.value, state=now.state.value, allowed=ActKind.LIFT.value)
        return now
    if side not in holders:
        raise HoldNotYours(act=act.value, state=now.state.value, role=role.value)
    return now if holders - {side} else workflow.next_standing(now, act, role)
