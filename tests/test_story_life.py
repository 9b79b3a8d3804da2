"""One story's life as every reader sees it, in each format: from the push to the tombstone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from feeds.parse import parse
from feeds.parsed import ParsedFeed
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.worker import Worker
from tests.builders import Client, World, a_story
from tests.operation.conftest import Hub

FORMATS = ("rss", "atom", "json", "ninjs")
SECOND = timedelta(seconds=1)
CHANNELS = ("newspaper/column", "tv/segment", "public/all")


def _reader(world: World, channel: str) -> Client:
    return {"newspaper": world.newspaper, "tv": world.tv, "public": world.reader}[channel.split("/")[0]]


def _read(world: World, channel: str, form: str) -> ParsedFeed:
    answer = _reader(world, channel).get(f"/feeds/{channel}.{form}")
    assert answer.status_code == 200, answer.text
    return parse(answer.data)


def _titles(world: World, form: str, channel: str = "public/all") -> list[str]:
    return [entry.title for entry in _read(world, channel, form).entries]


@pytest.mark.parametrize("form", FORMATS)
def test_a_story_lives_from_push_to_tombstone(
    world: World, worker: Worker, clock: FixedClock, form: str, settings: Settings, database: Database
) -> None:
    embargo = clock.now() + timedelta(hours=1)
    story = a_story(title='Giữ bến <b>Đá Lau</b> & "tủ phụ tùng"', embargo_until=embargo.isoformat())
    before = {channel: _read(world, channel, form) for channel in CHANNELS}
    assert all(not feed.entries for feed in before.values())

    story_id = world.push(story)
    assert world.editor.act(story_id, "return", note="Thiếu số liệu").json["state"] == "returned"
    mended = {**story, "result": "137 lượt tàu được giúp, 14 thanh niên được truyền nghề."}
    answer = world.fishers.put("one", mended)
    assert (answer.json["version"], answer.json["state"]) == (2, "submitted")
    assert world.editor.act(story_id, "approve", version=2).json["state"] == "approved"
    assert world.editor.act(story_id, "release", channels=list(CHANNELS)).json["state"] == "released"

    clock.forward(timedelta(hours=1) - SECOND)  # nothing is visible one second before
    worker.step()
    for channel in CHANNELS:
        assert _titles(world, form, channel) == []
        assert world.reader.get(f"/stories/{story_id}").status_code == 404
    clock.forward(SECOND)
    worker.step()
    ids = {}
    for channel in CHANNELS:
        (entry,) = _read(world, channel, form).entries
        assert entry.title == story["title"]
        assert entry.published == embargo
        ids[channel] = entry.id
    assert len(set(ids.values())) == 3
    assert world.reader.get(f"/stories/{story_id}").status_code == 200

    clock.forward(SECOND)
    corrected = {**mended, "title": "Giữ bến Đá Lau, bản đính chính"}
    assert world.fishers.put("one", corrected).json["state"] == "correcting"
    assert _titles(world, form) == [story["title"]]  # the public sees a correction when it is released
    assert _titles(world, form, "newspaper/column") == [story["title"]]
    column = world.newspaper.get(f"/feeds/newspaper/column.{form}").text
    assert "correction_pending" in column  # outlets hear of it at once
    assert world.editor.act(story_id, "approve", channels=["public/all"]).json["state"] == "released"
    worker.step()
    for channel in CHANNELS:  # a correction goes wherever the story stands
        (entry,) = _read(world, channel, form).entries
        assert (entry.title, entry.id, entry.published) == (corrected["title"], ids[channel], embargo)
        assert entry.updated is not None
        assert entry.updated > embargo

    clock.forward(SECOND)
    assert world.editor.act(story_id, "withdraw", reason="subject_request").json["state"] == "withdrawn"
    for channel in CHANNELS:
        feed = _read(world, channel, form)
        assert all(entry.withdrawn for entry in feed.entries)
        assert ids[channel] in feed.deleted
        assert "Đá Lau" not in _reader(world, channel).get(f"/feeds/{channel}.{form}").text
    gone = world.reader.get(f"/stories/{story_id}")
    assert gone.status_code == 410
    assert "Đá Lau" not in gone.text
    again = world.fishers.put("one", corrected)
    assert again.status_code == 409
    assert "replaces" in again.text
    assert Hub(settings, database).find_faults() == []


def test_a_held_story_leaves_the_public_quietly_and_is_flagged_to_outlets(
    world: World, clock: FixedClock, settings: Settings, database: Database
) -> None:
    story_id = world.release()
    seen = _read(world, "public/all", "atom")
    clock.forward(SECOND)
    assert world.editor.act(story_id, "hold", note="Chờ xác minh").status_code == 201
    held = _read(world, "public/all", "atom")
    assert held.entries == ()
    assert held.deleted == ()
    assert held.updated == seen.updated  # nothing that a reader should notice
    assert world.reader.get(f"/stories/{story_id}").status_code == 404
    for form in FORMATS:
        assert "held" in world.newspaper.get(f"/feeds/newspaper/column.{form}").text
    clock.forward(SECOND)
    world.editor.act(story_id, "lift")
    assert [entry.id for entry in _read(world, "public/all", "atom").entries] == [entry.id for entry in seen.entries]
    assert Hub(settings, database).find_faults() == []


def test_a_changed_selection_affects_later_releases_only(world: World, clock: FixedClock) -> None:
    green = a_story(topics=["bao_ve_moi_truong"])
    assert "public/green" in world.editor.act(world.push(green), "approve", channels=["public/green"]).text
    world.release(a_story(title="Chuyện khác"), external_id="two")
    assert _titles(world, "atom", "public/green") == [green["title"]]
