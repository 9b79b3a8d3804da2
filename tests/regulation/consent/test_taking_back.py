"""What somebody took back stays taken back, whatever paper of before is handed in again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from tests.builders import ALL_SCOPES, Client, World, a_story
from tests.operation.conftest import Hub

CHANNELS = ["newspaper/column", "public/all"]
HOUR = timedelta(hours=1)


def _person(world: World, story_id: str) -> str:
    (person,) = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"]
    found: str = person["id"]
    return found


def _take_back(client: Client, person: str, story_id: str, *scopes: str) -> dict[str, Any]:
    order = {"act": "withdraw", "scopes": list(scopes), "story": story_id}
    answer = client.ask("POST", f"/api/v1/persons/{person}/acts", body=order)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def _open(world: World, story_id: str) -> set[str]:
    ledger = world.editor.get(f"/api/v1/persons/{_person(world, story_id)}").json["consents"]
    return {row["scope"] for row in ledger if row["story"] == story_id and row["ended_at"] is None}


@pytest.mark.parametrize("replacing", [True, False])
def test_a_new_story_does_not_open_by_the_old_paper_what_was_taken_back_in_another(
    world: World, clock: FixedClock, database: Database, settings: Settings, replacing: bool
) -> None:
    story_id = world.release(channels=CHANNELS)
    clock.forward(HOUR)
    _take_back(world.editor, _person(world, story_id), story_id)
    clock.forward(HOUR)
    again = world.push(a_story(replaces=story_id if replacing else None), external_id="two")
    assert _person(world, again) == _person(world, story_id)
    assert _open(world, again) == set()
    assert world.editor.act(again, "approve").status_code == 201
    refused = world.editor.act(again, "release", channels=CHANNELS)
    assert refused.status_code == 409
    assert "no_consent" in {fault["code"] for fault in refused.json["errors"]}
    assert Hub(settings, database).find_faults() == []


def test_only_the_scopes_that_were_taken_back_stay_closed_and_a_newer_paper_opens_them(
    world: World, clock: FixedClock
) -> None:
    story_id = world.release(channels=CHANNELS)
    clock.forward(HOUR)
    _take_back(world.editor, _person(world, story_id), story_id, "image")
    same_day = {"scopes": ALL_SCOPES, "obtained_on": "2026-11-23"}
    again = world.push(a_story(consent=same_day), external_id="two")
    assert _open(world, again) == set(ALL_SCOPES) - {"image"}
    clock.forward(timedelta(days=2))
    newer = {"scopes": ALL_SCOPES, "obtained_on": "2026-11-24"}
    third = world.push(a_story(consent=newer), external_id="three")
    assert _open(world, third) == set(ALL_SCOPES)


def test_a_story_that_had_it_already_keeps_it(world: World, clock: FixedClock) -> None:
    """Whoever takes consent back in one story leaves the others, in which they had given it, as they are."""
    few = {"scopes": ["name", "voice", "work_story"], "obtained_on": "2026-11-01"}
    other = world.push(a_story(consent=few), external_id="two")
    story_id = world.release(channels=CHANNELS)
    clock.forward(HOUR)
    _take_back(world.editor, _person(world, story_id), story_id, "image", "voice")
    assert _open(world, other) == set(few["scopes"])
    clock.forward(HOUR)
    world.push(a_story(consent={"scopes": ALL_SCOPES, "obtained_on": "2026-11-02"}), external_id="two")
    assert _open(world, other) == set(few["scopes"])  # the voice by a paper that says more; the picture it never had


def test_two_rows_that_are_one_person_have_open_nothing_that_either_took_back_before(
    world: World, clock: FixedClock, database: Database, settings: Settings
) -> None:
    """Without a year of birth the hub does not know them again; the desk does, and merges them."""
    somebody = {"type": "individual", "name": "Nguyễn Văn Biển", "role": "thợ máy"}
    before = world.release(a_story(subject=somebody), external_id="zero", channels=CHANNELS)
    story_id = world.release(a_story(subject=somebody), channels=CHANNELS)
    clock.forward(HOUR)
    _take_back(world.editor, _person(world, story_id), story_id, "image", "name")
    clock.forward(HOUR)
    again = world.release(a_story(subject=somebody), external_id="two", channels=CHANNELS)
    kept = _person(world, story_id)
    lost = set()
    for other in (before, again):
        order = {"act": "merge", "double": _person(world, other)}
        answer = world.editor.ask("POST", f"/api/v1/persons/{kept}/acts", body=order)
        assert answer.status_code == 201, answer.text
        lost |= {(loss["story"], loss["channel"]) for loss in answer.json["losses"]}
    assert lost == {(again, channel) for channel in CHANNELS}
    assert _open(world, again) == {"voice", "work_story"}
    assert _open(world, before) == set(ALL_SCOPES)  # they could have named this one, too
    assert Hub(settings, database).find_faults() == []
