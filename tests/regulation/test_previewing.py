"""A selection is previewed before it is saved: what it would have let in, and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from hub.clock import FixedClock
from hub.db import Database
from hub.models import Channel, Entry
from hub.regulation import previewing
from hub.regulation.previewing import Preview
from tests.api.test_openapi import Described
from tests.builders import ALL_SCOPES, OUTLETS, World, a_channel, a_story

CHANNEL_ALL = select(Channel.id).where(Channel.code == "all").scalar_subquery()
GREEN = {"topics": ["bao_ve_moi_truong"]}


def previewed(database: Database, clock: FixedClock, outlet: str = "public", **said: Any) -> dict[str, Preview]:
    channel = {**a_channel("green", "Môi trường"), **said}
    since = clock.now() - timedelta(days=90)
    with database.reading() as session:
        found = list(previewing.preview(session, outlet, channel, since=since, now=clock.now()))
    return {each.title: each for each in found}


def test_each_story_is_let_in_or_kept_out_by_a_dimension(world: World, database: Database, clock: FixedClock) -> None:
    world.release(a_story(title="Xanh", topics=["bao_ve_moi_truong", "tuong_than_tuong_ai"]), external_id="a")
    world.release(a_story(title="Khác"), external_id="b")
    found = previewed(database, clock, selection=GREEN)
    assert (found["Xanh"].is_let_in, found["Xanh"].matches) == (True, GREEN)
    assert (found["Khác"].is_let_in, found["Khác"].mismatch) == (False, "topics")
    everything = previewed(database, clock, selection={})
    assert {title: each.is_let_in for title, each in everything.items()} == {"Xanh": True, "Khác": True}
    near = previewed(database, clock, selection={"places": [{"province": "tỉnh Hải Sơn"}], "subtrees": ["ldld"]})
    assert near["Khác"].matches == {"places": ["tỉnh Hải Sơn"], "subtrees": ["ldld"]}


def test_it_is_told_what_stands_in_the_channel_already(world: World, database: Database, clock: FixedClock) -> None:
    world.release(a_story(title="Xanh", topics=["bao_ve_moi_truong"]), external_id="a", channels=["public/green"])
    world.release(a_story(title="Khác"), external_id="b", channels=["public/all"])
    found = previewed(database, clock, selection={})
    assert {title: each.stands for title, each in found.items()} == {"Xanh": True, "Khác": False}


def test_the_rules_of_release_keep_out_what_the_selection_proposes(
    world: World, database: Database, clock: FixedClock
) -> None:
    world.release(a_story(title="Không có khách", interview=None), channels=["public/all"])
    found = previewed(database, clock, "tv", profile="segment", audience="outlet", selection={})["Không có khách"]
    assert (found.mismatch, [refusal.code for refusal in found.refusals]) == (None, ["no_guest"])
    assert not found.is_let_in


def test_what_was_taken_back_from_the_channel_never_returns_there(
    world: World, database: Database, clock: FixedClock
) -> None:
    told = {"scopes": ALL_SCOPES, "obtained_on": "2026-11-01"}
    story_id = world.push(a_story(title="Rút một nơi", interview=None, consent=told))
    world.editor.act(story_id, "approve", channels=["public/all", "newspaper/column"])
    with database.writing() as session:
        session.execute(update(Entry).where(Entry.channel_id == CHANNEL_ALL).values(state="withdrawn"))
    found = previewed(database, clock, code="all", selection={})["Rút một nơi"]
    assert [refusal.code for refusal in found.refusals] == ["taken_back_here"]
    assert not found.stands


def test_what_was_seen_before_or_never_or_was_withdrawn_is_left_out(
    world: World, database: Database, clock: FixedClock
) -> None:
    world.release(a_story(title="Cũ"), external_id="a")
    clock.forward(timedelta(days=90, seconds=1))
    gone = world.release(a_story(title="Đã rút"), external_id="b")
    world.editor.act(gone, "withdraw", reason="other")
    world.push(a_story(title="Chưa phát hành"), external_id="c")
    later = (clock.now() + timedelta(days=1)).isoformat()
    world.release(a_story(title="Đang chờ", embargo_until=later), external_id="d")
    world.release(a_story(title="Mới"), external_id="e")
    assert list(previewed(database, clock, selection={})) == ["Mới"]


def test_nothing_is_saved(world: World, database: Database, clock: FixedClock) -> None:
    world.release(a_story(title="Khác"))
    previewed(database, clock, selection={"kinds": ["mo_hinh_cach_lam_hay"]})
    page = world.reader.get("/feeds/public/green.json").json
    assert page["items"] == []
    assert previewed(database, clock, selection=GREEN)["Khác"].mismatch == "topics"


def test_who_decides_over_outlets_asks_the_same_over_the_api(world: World) -> None:
    world.release(a_story(title="Xanh", topics=["bao_ve_moi_truong"]), external_id="a", channels=["public/all"])
    world.release(a_story(title="Không có khách", interview=None), external_id="b", channels=["public/all"])
    outlets = [
        {**OUTLETS["outlets"][1], "channels": [a_channel("segment", "T", profile="segment", audience="outlet")]},  # type: ignore[index]
        {**OUTLETS["outlets"][2], "channels": [a_channel("green", "Môi trường", selection=GREEN)]},  # type: ignore[index]
    ]
    path, body = "/api/v1/outlets/preview", {**OUTLETS, "outlets": outlets}
    document = world.reader.get("/api/v1/openapi.json").json
    answer = Described(document).check(world.editor.ask("POST", path, body=body), "POST", path)
    told = {(row["channel"], row["title"]): row for row in answer["items"]}
    assert {place: row["let_in"] for place, row in told.items()} == {
        ("tv/segment", "Xanh"): True,
        ("tv/segment", "Không có khách"): False,
        ("public/green", "Xanh"): True,
        ("public/green", "Không có khách"): False,
    }
    assert told["public/green", "Xanh"]["matches"] == GREEN
    assert told["public/green", "Không có khách"]["mismatch"] == "topics"
    (refusal,) = told["tv/segment", "Không có khách"]["refusals"]
    assert (refusal["code"], bool(refusal["detail"])) == ("no_guest", True)
    assert [row["stands"] for row in told.values()] == [False] * 4  # nothing was saved, and nothing stands there yet
    asked = [
        client.ask("POST", path, body=body).status_code for client in (world.newspaper, world.fishers, world.reader)
    ]
    assert asked == [403, 403, 401]
    wrong = world.editor.ask("POST", path, body={"outlets": [{"code": "x"}]})
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"][:9]) == (422, "/outlets/")
    assert world.editor.ask("POST", f"{path}?days=0", body=body).status_code == 400
