"""The default regulation at work, clause by clause: what each opens, for whom, until when, and what ends it."""

from __future__ import annotations

import pytest

from tests.regulation.scenes import Scene, local

MONDAY = "2026-11-16 10:00"
CONFIRMED = {"act": "confirm", "step": "unit"}


# --- clause 10: the unit confirms within three working days ---------------------------------------------------------


def test_clause_10_the_unit_owes_a_confirmation_within_three_working_days(scene: Scene) -> None:
    opened = scene.act(MONDAY, "submit")
    (duty,) = scene.duties("10")
    assert (duty.clause, duty.owner_kind, duty.owner, duty.story_id) == ("10.1", "organization", "nghe-ca", "st_1")
    assert (local(duty.opened_at), local(duty.due_at), duty.state) == (MONDAY, "2026-11-19 24:00", "open")
    assert (duty.opened_by, duty.evidence) == (opened, [])


@pytest.mark.parametrize(
    ("confirmed", "state"),
    [
        ("2026-11-17 09:00", "met"),
        ("2026-11-19 23:59", "met"),
        ("2026-11-20 00:00", "met"),
        ("2026-11-20 00:01", "met_late"),
    ],
)
def test_clause_10_a_confirmation_is_in_time_until_the_third_day_has_ended(
    scene: Scene, confirmed: str, state: str
) -> None:
    scene.act(MONDAY, "submit")
    number = scene.act(confirmed, "confirm", step="unit")
    (duty,) = scene.duties("10")
    assert (duty.state, duty.evidence, local(duty.ended_at)) == (state, [number], local(duty.ended_at))
