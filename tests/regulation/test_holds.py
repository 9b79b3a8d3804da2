"""Whose hold it is: the desk's and the auditors', each lifted by its own side only."""

from __future__ import annotations

import pytest

from hub.actors import Role
from hub.regulation.holds import Side, list_holders, next_standing
from hub.regulation.workflow import ActForbidden, ActKind, ActNotYours, Standing, State

HELD = Standing(State.HELD, True, "released")
RELEASED = Standing(State.RELEASED)
DESK, AUDITORS = frozenset({Side.DESK}), frozenset({Side.AUDITORS})
NOBODY, BOTH = frozenset[Side](), frozenset(Side)
HOLD, LIFT = ActKind.HOLD, ActKind.LIFT


@pytest.mark.parametrize(
    ("before", "act", "role", "holders", "after"),
    [
        (RELEASED, HOLD, Role.EDITOR, NOBODY, HELD),
        (RELEASED, HOLD, Role.AUDITOR, NOBODY, HELD),
        (HELD, HOLD, Role.AUDITOR, DESK, HELD),
        (HELD, HOLD, Role.EDITOR, AUDITORS, HELD),
        (HELD, LIFT, Role.EDITOR, DESK, RELEASED),
        (HELD, LIFT, Role.AUDITOR, AUDITORS, RELEASED),
        (HELD, LIFT, Role.EDITOR, BOTH, HELD),
        (HELD, LIFT, Role.AUDITOR, BOTH, HELD),
        (HELD, HOLD, Role.EDITOR, DESK, ActForbidden),
        (HELD, HOLD, Role.AUDITOR, BOTH, ActForbidden),
        (HELD, LIFT, Role.EDITOR, AUDITORS, ActNotYours),
        (HELD, LIFT, Role.AUDITOR, DESK, ActNotYours),
        (HELD, LIFT, Role.CONTRIBUTOR, DESK, ActNotYours),
        (RELEASED, HOLD, Role.CONTRIBUTOR, NOBODY, ActNotYours),
        (RELEASED, LIFT, Role.EDITOR, NOBODY, ActForbidden),
        (Standing(State.WITHDRAWN), HOLD, Role.AUDITOR, NOBODY, ActForbidden),
    ],
)
def test_a_side_lifts_what_it_holds_and_nothing_else(
    before: Standing, act: ActKind, role: Role, holders: frozenset[Side], after: Standing | type[Exception]
) -> None:
    if isinstance(after, Standing):
        assert next_standing(before, act, role, holders) == after
        return
    with pytest.raises(ActForbidden) as refused:
        next_standing(before, act, role, holders)
    assert refused.type is after


@pytest.mark.parametrize(
    ("acts", "holders"),
    [
        ([], NOBODY),
        ([("submit", "organization"), ("hold", "editor")], DESK),
        ([("hold", "auditor"), ("correct", "organization")], AUDITORS),
        ([("hold", "editor"), ("hold", "auditor")], BOTH),
        ([("hold", "editor"), ("hold", "auditor"), ("lift", "editor")], AUDITORS),
        ([("hold", "auditor"), ("lift", "auditor"), ("hold", "editor")], DESK),
        ([("hold", "auditor"), ("hold", "editor"), ("lift", "editor"), ("lift", "auditor")], NOBODY),
    ],
)
def test_the_holders_follow_from_the_acts(acts: list[tuple[str, str]], holders: frozenset[Side]) -> None:
    assert list_holders(acts) == holders
