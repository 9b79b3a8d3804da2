"""A correction that waits for its embargo, and of which consent leaves nothing to show: what stands goes on."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import JournalRow, Story
from hub.worker import Worker
from tests.builders import World, a_story
from tests.operation.conftest import Hub

CHANNELS = ["newspaper/column", "public/all"]
HOUR = timedelta(hours=1)
SILENT = "Trạm cứu hộ không thu tiền ở bến Đá Lau."
NAMING = "Ông Nguyễn Văn Biển lập trạm."


def _story(**changes: Any) -> dict[str, Any]:
    """One that can stand without the name of whom it is about."""
    return a_story(**{"interview": None, "byline": None, "title": "Người giữ bến", "summary": SILENT, **changes})


def _correct(world: World, story_id: str, story: dict[str, Any], **order: Any) -> Any:
    world.push(story)
    assert world.editor.act(story_id, "approve").status_code == 201
    return world.editor.act(story_id, "release", **order)


def _take_back_name(world: World, story_id: str) -> None:
    (person,) = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"]
    order = {"act": "withdraw", "scopes": ["name"], "story": story_id}
    assert world.editor.ask("POST", f"/api/v1/persons/{person['id']}/acts", body=order).status_code == 201


def _status(world: World) -> str:
    (item,) = world.newspaper.get("/feeds/newspaper/column.json").json["items"]
    found: str = item["_hub"]["status"]
    return found


@pytest.fixture
def cancelled(world: World, clock: FixedClock, worker: Worker) -> str:
    """A released story whose correction tells a name under embargo, and whose person took the name back."""
    story_id = world.release(_story(), channels=CHANNELS)
    clock.forward(HOUR)
    until = (clock.now() + 72 * HOUR).isoformat()
    assert _correct(world, story_id, _story(summary=NAMING), embargo_until=until).status_code == 201
    clock.forward(HOUR)
    worker.step()
    assert _status(world) == "correction_pending"
    _take_back_name(world, story_id)
    return story_id


def test_a_cancelled_correction_leaves_the_story_as_it_stands(
    world: World, clock: FixedClock, worker: Worker, cancelled: str, database: Database, settings: Settings
) -> None:
    story = world.editor.get(f"/api/v1/stories/{cancelled}").json
    assert (story["state"], story["released_version"], story["version"]) == ("released", 1, 2)
    assert _status(world) == "released"
    clock.forward(100 * HOUR)
    worker.step()
    assert SILENT in world.reader.get("/feeds/public/all.json").text
    assert "Biển" not in world.reader.get("/feeds/public/all.json").text
    with database.reading() as session:
        told = [json.loads(body) for body in session.scalars(select(JournalRow.body).order_by(JournalRow.number))]
    (record,) = [record for record in told if record["kind"] == "correction_cancelled"]
    assert (record["version"], record["stands"], record["organization"]) == (2, 1, "nghe-ca")
    assert Hub(settings, database).find_faults() == []


def test_the_story_can_be_corrected_again_from_what_stands(
    world: World, clock: FixedClock, cancelled: str, database: Database, settings: Settings
) -> None:
    clock.forward(HOUR)
    assert _correct(world, cancelled, _story(result="173 lượt.")).status_code == 201
    assert "173 lượt" in world.reader.get("/feeds/public/all.json").text
    newest = world.newspaper.get(f"/api/v1/stories/{cancelled}/corrections").json["items"][-1]
    assert (newest["from"], newest["to"]) == (1, 3)
    assert Hub(settings, database).find_faults() == []


def test_a_released_version_that_nothing_supports_is_found(
    cancelled: str, database: Database, settings: Settings
) -> None:
    with database.writing() as session:
        session.execute(update(Story).where(Story.id == cancelled).values(released=2))
    faults = Hub(settings, database).find_faults()
    assert f"story {cancelled}: names version 2 as released, and no release of it ever stood or waits" in faults
    assert f"story {cancelled}: names version 2 as released, and its acts leave 1" in faults
