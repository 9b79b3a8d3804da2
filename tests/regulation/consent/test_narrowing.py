"""A correction that brings less consent is obeyed at once, as if the consent had been taken back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import JournalRow
from hub.worker import Worker
from tests.builders import Client, World, a_picture, a_story
from tests.operation.conftest import Hub

CHANNELS = ["newspaper/column", "public/all"]
HOUR = timedelta(hours=1)
ALT = "Bến lúc sáng"
NO_PICTURES = {"scopes": ["name", "voice", "work_story"], "obtained_on": "2026-11-01"}
UNNAMED = {"scopes": ["image", "voice", "work_story"], "obtained_on": "2026-11-01"}
NAMING, SILENT = "Ông Nguyễn Văn Biển lập trạm.", "Trạm cứu hộ không thu tiền ở bến Đá Lau."
WITHOUT_NAME = {"title": "Người giữ bến", "interview": None, "byline": None}


def _story(world: World, **changes: Any) -> dict[str, Any]:
    upload = world.fishers.upload(a_picture()).json["id"]
    picture = {"kind": "picture", "upload": upload, "alt": ALT, "credit": "Phan Thị Hòa"}
    return a_story(media=[picture], **changes)


def _correct(world: World, story_id: str, story: dict[str, Any], **order: Any) -> None:
    world.push(story)
    assert world.editor.act(story_id, "approve").status_code == 201
    answer = world.editor.act(story_id, "release", **order)
    assert answer.status_code == 201, answer.text


def _item(world: World, channel: str = "public/all") -> str:
    client = world.newspaper if channel.startswith("newspaper") else world.reader
    items = client.get(f"/feeds/{channel}.json").json["items"]
    return json.dumps(items, ensure_ascii=False)


def _kinds(world: World) -> list[str]:
    rows = world.newspaper.get("/api/v1/outlets/newspaper/channels/column/changes").json["items"]
    return [row["kind"] for row in rows]


def _asked(client: Client) -> list[tuple[str, list[str]]]:
    return [(row["task"], row["fields"]) for row in client.get("/api/v1/receipts").json["items"]]


def test_what_stands_loses_it_at_once_though_the_correction_waits_for_its_embargo(
    world: World, worker: Worker, clock: FixedClock, database: Database, settings: Settings
) -> None:
    story = _story(world)
    story_id = world.release(story, channels=CHANNELS)
    picture = world.reader.get("/feeds/public/all.json").json["items"][0]["attachments"][0]["url"]
    clock.forward(HOUR)
    _correct(world, story_id, {**story, "consent": NO_PICTURES}, embargo_until=(clock.now() + 48 * HOUR).isoformat())
    for channel in CHANNELS:
        assert ALT not in _item(world, channel)
    assert world.reader.get(picture.removeprefix("https://hub.example")).status_code == 410
    assert "reduced" in _kinds(world)
    assert _asked(world.newspaper) == [("reduce", ["media"])]
    clock.forward(49 * HOUR)
    worker.step()
    assert ALT not in _item(world)
    assert _asked(world.newspaper) == [("reduce", ["media"])]
    assert Hub(settings, database).find_faults() == []


@pytest.mark.parametrize(
    ("severity", "kinds"), [("minor", ["released", "corrected"]), ("cosmetic", ["released", "reduced"])]
)
def test_outlets_that_had_it_are_asked_also_when_the_correction_stands_at_once(
    world: World, clock: FixedClock, database: Database, settings: Settings, severity: str, kinds: list[str]
) -> None:
    story = _story(world)
    story_id = world.release(story, channels=CHANNELS)
    clock.forward(HOUR)
    _correct(world, story_id, {**story, "consent": NO_PICTURES}, severity=severity)
    assert ALT not in _item(world)
    assert [kind for kind in _kinds(world) if kind != "flagged"] == kinds
    assert _asked(world.newspaper) == [("reduce", ["media"])]
    with database.reading() as session:
        told = [json.loads(body) for body in session.scalars(select(JournalRow.body).order_by(JournalRow.number))]
    (narrowed,) = [record for record in told if record["kind"] == "consent_narrowed"]
    assert (narrowed["organization"], narrowed["channels"]) == ("nghe-ca", sorted(CHANNELS))
    assert [record["reason"] for record in told if record["kind"] == "receipt_asked"] == ["consent"]
    assert Hub(settings, database).find_faults() == []


def test_corrections_tell_an_outlet_nothing_of_a_picture_whose_consent_went(world: World, clock: FixedClock) -> None:
    story_id = world.release(channels=CHANNELS)
    clock.forward(HOUR)
    with_picture = _story(world, result="173 lượt.")
    _correct(world, story_id, with_picture)
    told = f"/api/v1/stories/{story_id}/corrections"
    assert ALT in world.newspaper.get(told).text
    clock.forward(HOUR)
    _correct(world, story_id, {**with_picture, "consent": NO_PICTURES})
    answer = world.newspaper.get(told)
    assert "173 lượt" in answer.text
    for secret in (ALT, "med_", "picture"):
        assert secret not in json.dumps(answer.json, ensure_ascii=False)


def test_corrections_tell_no_outlet_of_a_text_that_tells_what_may_not_be_told_any_more(
    world: World, clock: FixedClock, database: Database, settings: Settings
) -> None:
    named = a_story(summary=NAMING, **WITHOUT_NAME)
    story_id = world.release(named, channels=CHANNELS)
    clock.forward(HOUR)
    _correct(world, story_id, {**named, "summary": SILENT})
    told = f"/api/v1/stories/{story_id}/corrections"
    assert NAMING in world.newspaper.get(told).json["items"][0]["changes"][0]["before"]
    clock.forward(HOUR)
    _correct(world, story_id, {**named, "summary": SILENT, "consent": UNNAMED})
    assert SILENT in _item(world)
    assert "Biển" not in json.dumps(world.newspaper.get(told).json, ensure_ascii=False)
    assert Hub(settings, database).find_faults() == []


def test_a_text_that_cannot_stand_without_it_is_taken_back_while_the_correction_waits(
    world: World, clock: FixedClock, database: Database, settings: Settings
) -> None:
    named = a_story(summary=NAMING, **WITHOUT_NAME)
    story_id = world.release(named, channels=CHANNELS)
    clock.forward(HOUR)
    corrected = {**named, "summary": SILENT, "consent": UNNAMED}
    _correct(world, story_id, corrected, embargo_until=(clock.now() + 48 * HOUR).isoformat())
    assert "Biển" not in _item(world)
    assert world.reader.get(f"/stories/{story_id}").status_code == 410
    assert world.editor.get(f"/api/v1/stories/{story_id}").json["state"] == "withdrawn"
    assert _asked(world.newspaper) == [("withdraw", [])]
    assert Hub(settings, database).find_faults() == []


def test_a_correction_stands_at_once_where_the_storys_own_embargo_is_over(
    world: World, worker: Worker, clock: FixedClock, database: Database, settings: Settings
) -> None:
    """So that a text which tells a name gives way to one that does not, and nothing has to be taken back."""
    until = (clock.now() + HOUR).isoformat()
    named = a_story(summary=NAMING, embargo_until=until, **WITHOUT_NAME)
    story_id = world.release(named, channels=CHANNELS)
    clock.forward(HOUR)
    worker.step()
    assert NAMING in _item(world)
    clock.forward(HOUR)
    _correct(world, story_id, {**named, "summary": SILENT, "consent": UNNAMED})
    assert SILENT in _item(world)
    assert NAMING not in _item(world)
    assert world.editor.get(f"/api/v1/stories/{story_id}").json["state"] == "released"
    assert Hub(settings, database).find_faults() == []


def test_ready_words_read_no_values_for_machines_aloud(world: World, clock: FixedClock) -> None:
    story = a_story()
    story_id = world.release(story, channels=CHANNELS)
    clock.forward(HOUR)
    told = f"/api/v1/stories/{story_id}/corrections"
    _correct(world, story_id, _story(world))
    (correction,) = world.newspaper.get(told).json["items"]
    (change,) = correction["changes"]
    assert change["after"][0]["kind"] == "picture"  # programs read on what it is
    for words in correction["wording"].values():
        assert ALT in words
        assert "med_" not in words
        assert "picture" not in words
    clock.forward(HOUR)
    _correct(world, story_id, _story(world))  # the same picture, uploaded anew
    newest = world.newspaper.get(told).json["items"][-1]
    assert [change["field"] for change in newest["changes"]] == ["/media/0/upload"]
    assert newest["wording"] == {"print": "", "air": ""}
