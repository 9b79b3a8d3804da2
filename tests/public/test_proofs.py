"""The doors of the proof: the JWK Set, an entry's JSON, the manifests; each for whoever may read its page or feed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from feeds.parse import parse
from hub.clock import FixedClock
from hub.db import Database
from hub.outlets import catalog
from hub.publishing import manifests
from hub.records import signing, signing_keys
from hub.worker import Worker
from tests.builders import World, a_story

BASE = "https://hub.example"
DAY = timedelta(days=1)


def json_link(world: World, path: str) -> str:
    """The path of the newest entry's JSON, as the feed links it."""
    client = world.newspaper if "newspaper" in path else world.reader
    links = parse(client.get(path).data).entries[0].links
    (found,) = [link.href for link in links if (link.rel, link.media_type) == ("describedby", "application/json")]
    assert found.startswith(BASE)
    return found.removeprefix(BASE)


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_an_entry_leads_to_the_very_item_of_the_json_feed(world: World, form: str) -> None:
    story_id = world.release()
    assert json_link(world, f"/feeds/public/all.{form}") == f"/stories/{story_id}.json"
    for client, channel in ((world.reader, "public/all"), (world.newspaper, "newspaper/column")):
        answer = client.get(json_link(world, f"/feeds/{channel}.{form}"))
        assert (answer.status_code, answer.content_type) == (200, "application/json")
        assert answer.json == client.get(f"/feeds/{channel}.json").json["items"][0]
        assert answer.json["_hub"]["proof"].endswith("~")


def test_an_outlets_entry_is_for_that_outlet(world: World) -> None:
    world.release()
    path = json_link(world, "/feeds/newspaper/column.rss")
    assert world.reader.get(path).status_code == 401
    assert world.tv.get(path).status_code == 404
    assert world.newspaper.get(path).status_code == 200
    assert world.newspaper.get(path).headers["Cache-Control"] == "private, no-cache"
    assert world.newspaper.get("/feeds/newspaper/column/00000000-0000-0000-0000-000000000000.json").status_code == 404


def test_a_withdrawn_or_held_storys_json_says_no_more_than_its_page(world: World) -> None:
    story_id = world.release()
    world.editor.act(story_id, "hold")
    assert world.reader.get(f"/stories/{story_id}.json").status_code == 404
    world.editor.act(story_id, "lift")
    world.editor.act(story_id, "withdraw", reason="other")
    gone = world.reader.get(f"/stories/{story_id}.json")
    assert gone.status_code == 410
    assert gone.json["_hub"]["status"] == "withdrawn"
    assert "Đá Lau" not in gone.text
    assert "proof" not in gone.json["_hub"]
    assert world.reader.get("/stories/st_none.json").status_code == 404


def test_the_keys_are_public_and_may_be_cached(world: World) -> None:
    world.release()
    answer = world.reader.get("/.well-known/jwks.json")
    assert answer.content_type == "application/jwk-set+json"
    assert answer.headers["Cache-Control"] == "public, max-age=600"
    (key,) = json.loads(answer.data)["keys"]
    assert {"kty", "crv", "x", "kid", "use", "alg", "iss"} == set(key)  # and no "d"
    assert signing.thumbprint(key) == key["kid"]
    again = world.reader.get("/.well-known/jwks.json", If_None_Match=answer.headers["ETag"])
    assert again.status_code == 304


def test_a_manifest_is_made_once_a_day_and_kept(
    world: World, worker: Worker, database: Database, clock: FixedClock
) -> None:
    story_id = world.release()
    assert world.reader.get("/feeds/public/all/manifest.jws").status_code == 404
    worker.step()
    first = world.reader.get("/feeds/public/all/manifest.jws")
    assert (first.status_code, first.content_type) == (200, "application/jose")
    world.release(a_story(title="Bài hai"), external_id="two")
    clock.forward(timedelta(minutes=10))
    worker.step()
    assert world.reader.get("/feeds/public/all/manifest.jws").data == first.data
    clock.forward(DAY)
    worker.step()
    newest = world.reader.get("/feeds/public/all/manifest.jws")
    assert world.reader.get("/feeds/public/all/manifests/2026-11-23.jws").data == first.data
    assert world.reader.get("/feeds/public/all/manifests/2026-11-24.jws").data == newest.data
    with database.reading() as session:
        keys = signing_keys.public_keys(session)
        channel = catalog.get_channel(session, "public/all")
    told = signing.verify(newest.text, keys, kind=manifests.KIND).claims
    assert (told["head"], told["ledger"], told["day"]) == (2, channel.head_digest, "2026-11-24")
    assert [change[:2] for change in told["changes"]] == [[1, "released"], [2, "released"]]
    assert told["entries"][0]["story"] == story_id
    item = world.reader.get("/feeds/public/all.json").json["items"][1]
    assert told["entries"][0]["id"] == item["id"]
    assert told["entries"][0]["published"] == item["date_published"]


@pytest.mark.parametrize("path", ["manifest.jws", "manifests/2026-11-23.jws"])
def test_a_manifest_is_for_whoever_may_read_the_feed(world: World, worker: Worker, path: str) -> None:
    world.release()
    worker.step()
    assert world.reader.get(f"/feeds/newspaper/column/{path}").status_code == 401
    assert world.tv.get(f"/feeds/newspaper/column/{path}").status_code == 404
    assert world.newspaper.get(f"/feeds/newspaper/column/{path}").status_code == 200
    assert world.reader.get("/feeds/newspaper/none/manifest.jws").status_code == 401


def test_a_manifest_stands_under_an_unguessable_address_too(world: World, worker: Worker) -> None:
    world.release()
    worker.step()
    own = f"/feeds/k/{world.newspaper_address}/newspaper/column/manifest.jws"
    assert world.reader.get(own).data == world.newspaper.get("/feeds/newspaper/column/manifest.jws").data
    assert world.reader.get(f"/feeds/k/{world.tv_address}/newspaper/column/manifest.jws").status_code == 404
    assert world.reader.get("/feeds/k/adr_none/newspaper/column/manifest.jws").status_code == 404


@pytest.mark.parametrize("day", ["2026-11-22", "2026-02-30", "2026-1-1", "x", "%00", "2026-11-23.jws"])
def test_there_is_no_manifest_of_another_day(world: World, worker: Worker, day: str) -> None:
    worker.step()
    assert world.reader.get(f"/feeds/public/all/manifests/{day}.jws").status_code == 404


def test_a_manifest_names_nothing_that_is_not_to_be_read(
    world: World, worker: Worker, database: Database, clock: FixedClock
) -> None:
    held, gone = world.release(), world.release(external_id="two")
    clock.forward(timedelta(seconds=1))
    ids = {item["_hub"]["story"]: item["id"] for item in world.reader.get("/feeds/public/all.json").json["items"]}
    world.editor.act(held, "hold")
    world.editor.act(gone, "withdraw", reason="other")
    worker.step()
    with database.reading() as session:
        keys = signing_keys.public_keys(session)
    told = signing.verify(world.reader.get("/feeds/public/all/manifest.jws").text, keys, kind=manifests.KIND).claims
    assert ids[held] not in json.dumps(told)
    assert [change[0] for change in told["changes"]] == [1, 2, 3]  # and no gap
    (tombstone,) = told["entries"]
    assert (tombstone["id"], tombstone["status"]) == (ids[gone], "withdrawn")
    assert not {"version", "digest", "correction", "pictures"} & set(tombstone)
