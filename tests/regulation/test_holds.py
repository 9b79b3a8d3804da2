"""Whose hold it is: the desk's and the auditors', each lifted by its own side only."""

from __future__ import annotations

import pytest

from hub.actors import Role
from hub.regulation.holds import HoldNotYours, Side, list_holders, next_standing
from hub.regulation.workflow import ActForbidden, ActKind, ActNotYours, Standing, State
from tests.builders import World

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
        (HELD, LIFT, Role.EDITOR, AUDITORS, HoldNotYours),
        (HELD, LIFT, Role.AUDITOR, DESK, HoldNotYours),
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


def test_a_hold_has_reasons_of_its_own_and_a_withdrawal_those_of_a_withdrawal(world: World) -> None:
    story = world.release()
    refused = world.editor.act(story, "hold", reason="factual_error")
    (fault,) = refused.json["errors"]
    assert (refused.status_code, fault["pointer"], fault["code"]) == (422, "/reason", "enum")
    assert "being_checked" in fault["detail"]
    held = world.editor.act(story, "hold", reason="being_checked")
    assert (held.status_code, held.json["reason"]) == (201, "being_checked")
    refused = world.editor.act(story, "withdraw", reason="being_checked")
    assert (refused.status_code, "factual_error" in refused.json["errors"][0]["detail"]) == (422, True)
    assert world.editor.act(story, "withdraw", reason="factual_error").status_code == 201
