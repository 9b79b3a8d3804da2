"""Outlets and channels as data: made, changed, refused."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest

from feeds.parse import parse
from hub.clock import FixedClock
from hub.db import Database
from hub.errors import Invalid
from hub.outlets import catalog
from tests.builders import OUTLETS, World, a_story


def test_a_changed_selection_affects_later_releases_only(world: World, database: Database, clock: FixedClock) -> None:
    world.release(a_story(title="Trước"), external_id="s1")
    changed = copy.deepcopy(OUTLETS)
    changed["outlets"][2]["channels"][0]["selection"] = {"topics": ["bao_ve_moi_truong"]}
    clock.forward(timedelta(seconds=1))
    with database.writing() as session:
        catalog.load(session, changed, now=clock.now())
    world.release(a_story(title="Sau"), external_id="s2")
    titles = [entry.title for entry in parse(world.reader.get("/feeds/public/all.atom").data).entries]
    assert titles == ["Trước"]
    assert "Sau" in world.newspaper.get("/feeds/newspaper/column.atom").text


def test_a_changed_profile_shows_at_once(world: World, database: Database, clock: FixedClock) -> None:
    world.release()
    assert "137 lượt" in world.reader.get("/feeds/public/all.json").text
    changed = copy.deepcopy(OUTLETS)
    changed["outlets"][2]["channels"][0]["fields"] = ["title", "summary", "body", "language"]
    clock.forward(timedelta(seconds=1))
    with database.writing() as session:
        catalog.load(session, changed, now=clock.now())
    assert "137 lượt" not in world.reader.get("/feeds/public/all.json").text


def test_loading_the_same_file_again_changes_no_byte(world: World, database: Database, clock: FixedClock) -> None:
    world.release()
    before = world.reader.get("/feeds/public/all.atom")
    clock.forward(timedelta(days=1))
    with database.writing() as session:
        catalog.load(session, OUTLETS, now=clock.now())
    after = world.reader.get("/feeds/public/all.atom")
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])


def test_a_file_with_faults_changes_nothing(world: World, database: Database, clock: FixedClock) -> None:
    bad = copy.deepcopy(OUTLETS)
    bad["outlets"][0]["name"] = ""
    bad["outlets"][1]["channels"][0]["profile"] = "nothing"
    with database.writing() as session, pytest.raises(Invalid) as refused:
        catalog.load(session, bad, now=clock.now())
    assert {fault.pointer for fault in refused.value.faults} == {"/outlets/0/name", "/outlets/1/channels/0/profile"}


def test_a_channel_with_entries_keeps_its_audience(world: World, database: Database, clock: FixedClock) -> None:
    story_id = world.release()
    world.editor.act(story_id, "hold")
    changed = copy.deepcopy(OUTLETS)
    changed["outlets"][0]["channels"][0]["audience"] = "public"
    with pytest.raises(catalog.AudienceFixed), database.writing() as session:
        catalog.load(session, changed, now=clock.now())
    assert world.reader.get("/feeds/newspaper/column.atom").status_code == 401


def test_a_changed_name_of_an_outlet_shows_at_once(world: World, database: Database, clock: FixedClock) -> None:
    world.release()
    before = world.reader.get("/feeds/public/all.atom").headers["ETag"]
    changed = copy.deepcopy(OUTLETS)
    changed["outlets"][2]["name"] = "Cổng tên mới"
    with database.writing() as session:
        catalog.load(session, changed, now=clock.now())
    after = world.reader.get("/feeds/public/all.atom")
    assert "Cổng tên mới" in after.text
    assert after.headers["ETag"] != before
