"""Print packs at each key's own addresses: what is in them, who gets them, and when they are gone."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from feeds.parse import parse
from hub.accounts import keys
from hub.clock import FixedClock
from hub.db import Database
from hub.outlets import catalog
from hub.records.secret import Secret
from tests.builders import Client, World, a_picture, a_story

COLUMN = "/feeds/newspaper/column"
HOME = "https://hub.example"
CONTACT = {"name": "Lê Thị Hạnh", "contact": {"phone": "0200 000 0111"}}


def pack_path(client: Client, address: str = COLUMN) -> str:
    """The path of the pack of the channel's newest entry, as this reader's feed says."""
    (item, *_) = client.get(f"{address}.json").json["items"]
    url: str = item["_hub"]["pack"]["url"]
    assert item["_hub"]["pack"]["media_type"] == "application/zip"
    return url.removeprefix(HOME)


def opened(client: Client, path: str) -> dict[str, bytes]:
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (200, "application/zip"), answer.text
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        return {name.partition("/")[2]: file.read(name) for name in file.namelist()}


def told(files: dict[str, bytes]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files["entry.json"])
    return found


def addresses(client: Client, address: str) -> dict[str, list[str]]:
    """The packs that each format names."""
    atom = ElementTree.fromstring(client.get(f"{address}.atom").data)
    rss = ElementTree.fromstring(client.get(f"{address}.rss").data)
    name = "{http://www.w3.org/2005/Atom}link"
    ninjs = client.get(f"{address}.ninjs").json["associations"]
    return {
        "atom": [link.attrib["href"] for link in atom.iter(name) if link.get("type") == "application/zip"],
        "rss": [link.attrib["href"] for link in rss.iter(name) if link.get("type") == "application/zip"],
        "json": [item["_hub"]["pack"]["url"] for item in client.get(f"{address}.json").json["items"]],
        "ninjs": [r["href"] for item in ninjs for r in item["renditions"] if r["name"] == "print-pack"],
        "hub": [
            item["_hub"]["pack"]["url"] for item in client.get(f"{address}.ninjs?profile=hub").json["associations"]
        ],
    }


def test_the_address_is_each_keys_own_and_stands_in_every_format(world: World) -> None:
    story_id = world.release()
    by_key, by_address = (
        addresses(world.newspaper, COLUMN),
        addresses(world.reader, f"/feeds/k/{world.newspaper_address}/newspaper/column"),
    )
    for found in (by_key, by_address):
        assert len({url for urls in found.values() for url in urls}) == 1, found
        assert {len(urls) for urls in found.values()} == {1}
    assert by_key["atom"] != by_address["atom"]
    changes = world.newspaper.get("/api/v1/outlets/newspaper/channels/column/changes").json["items"]
    assert changes[0]["entry"]["_hub"]["pack"]["url"] == by_key["json"][0]
    page = changes[0]["entry"]["url"].removeprefix(HOME)
    assert world.newspaper.get(f"{page}.json").json["_hub"]["pack"]["url"] == by_key["json"][0]
    assert (
        "/packs/"
        not in world.reader.get("/feeds/public/all.json").text + world.reader.get(f"/stories/{story_id}.json").text
    )
    assert "/packs/" not in world.tv.get("/feeds/tv/segment.json").text


def test_a_feed_is_answered_304_to_its_key_and_a_pack_to_whoever_has_it(world: World) -> None:
    world.release()
    feed = world.newspaper.get(f"{COLUMN}.atom")
    assert world.newspaper.get(f"{COLUMN}.atom", If_None_Match=feed.headers["ETag"]).status_code == 304
    path = pack_path(world.newspaper)
    first = world.reader.get(path)  # whoever holds the address, without a key
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert "filename=nguoi-giu-ben-da-lau-v1.zip" in first.headers["Content-Disposition"]
    assert world.reader.get(path).data == first.data
    again = world.reader.get(path, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")


def test_a_pack_holds_pictures_in_print_size_and_words_of_the_entry(world: World) -> None:
    upload = world.fishers.upload(a_picture(2400, 1600)).json
    media = [{"kind": "picture", "upload": upload["id"], "alt": "Bến", "credit": "Nghiệp đoàn", "rights": "Được dùng"}]
    world.release(a_story(media=media, standfirst="Một sa pô ngắn."))
    files = opened(world.reader, pack_path(world.newspaper))
    assert set(files) == {
        "nguoi-giu-ben-da-lau.docx", "nguoi-giu-ben-da-lau.txt", "credits.txt", "pictures/01.jpg", "entry.json",
    }  # fmt: skip
    assert len(files["pictures/01.jpg"]) == upload["renditions"][0]["length"]
    assert "Nghiệp đoàn" in files["credits.txt"].decode()
    assert told(files)["entry"]["_hub"]["words"] == {"standfirst": 4, "body": 17}


def test_a_pack_shows_what_the_reader_of_its_feed_sees(world: World) -> None:
    world.release(a_story(spokesperson=CONTACT))
    full = opened(world.reader, pack_path(world.newspaper))
    bare = opened(world.reader, pack_path(world.reader, f"/feeds/k/{world.newspaper_address}/newspaper/column"))
    for files, seen in ((full, True), (bare, False)):
        everything = b"\n".join(files.values()).decode(errors="replace")
        assert ("0200 000 0111" in everything) is seen
        assert ("spokesperson_contact" in told(files)["entry"]["_hub"]) is seen
        assert "0200 000 0999" not in everything  # a guest's, which no column shows
        assert told(files)["entry"]["_hub"]["spokesperson"]["name"] == "Lê Thị Hạnh"


def test_consent_that_goes_takes_what_it_opened_out_of_the_pack(world: World) -> None:
    upload = world.fishers.upload(a_picture(600, 400)).json
    media = [{"kind": "picture", "upload": upload["id"], "alt": "Bến", "credit": "Nghiệp đoàn", "shows": "people"}]
    story_id = world.release(a_story(media=media))
    path = pack_path(world.newspaper)
    before = world.reader.get(path).headers["ETag"]
    assert "pictures/01.jpg" in opened(world.reader, path)
    (person, *_) = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"]
    said = {"act": "withdraw", "scopes": ["image"]}
    assert world.editor.ask("POST", f"/api/v1/persons/{person['id']}/acts", body=said).status_code == 201
    assert "pictures/01.jpg" not in opened(world.reader, path)
    assert world.reader.get(path, If_None_Match=before).status_code == 200


def test_a_correction_makes_another_pack_and_a_withdrawal_none(world: World, clock: FixedClock) -> None:
    story_id = world.release()
    path = pack_path(world.newspaper)
    before = world.reader.get(path)
    clock.forward(timedelta(minutes=1))
    world.push(a_story(result="138 lượt tàu được giúp."))
    world.editor.act(story_id, "approve")
    assert world.editor.act(story_id, "release", version=2, public_note="Sửa số.").status_code == 201
    assert pack_path(world.newspaper) == path
    after = world.reader.get(path, If_None_Match=before.headers["ETag"])
    assert after.status_code == 200
    files = opened(world.reader, path)
    assert told(files)["version"] == 2
    (item,) = world.newspaper.get(f"{COLUMN}.json").json["items"]
    assert told(files)["entry"]["_hub"] == item["_hub"]  # an outlet may hold it against the manifest
    assert item["_hub"]["corrected"]["replaces"] == 1
    assert "138 lượt tàu" in files["nguoi-giu-ben-da-lau.txt"].decode()
    world.editor.act(story_id, "withdraw", reason="subject_request")
    gone = world.reader.get(path, If_None_Match=after.headers["ETag"])
    assert (gone.status_code, gone.json["instance"]) == (410, "/packs/")
    assert "application/zip" not in world.newspaper.get(f"{COLUMN}.atom").text


def test_an_address_dies_with_its_key(world: World, database: Database, clock: FixedClock) -> None:
    world.release()
    with database.writing() as session:
        outlet = catalog.get_outlet(session, "newspaper")
        short = keys.mint(session, "outlet", outlet=outlet, now=clock.now(), expires_at=clock.now() + timedelta(days=1))
    paths = [pack_path(world.newspaper), pack_path(Client(world.reader.app, short.secret))]
    assert [world.reader.get(path).status_code for path in paths] == [200, 200]
    with database.writing() as session:
        keys.revoke(session, (world.newspaper.secret or "")[:9], now=clock.now())
    assert [world.reader.get(path).status_code for path in paths] == [404, 200]
    clock.forward(timedelta(days=2))
    assert [world.reader.get(path).status_code for path in paths] == [404, 404]


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.replace("/packs/", "/packs/1"),
        lambda path: path[:-5] + ("0" if path[-5] != "0" else "1") + ".zip",
        lambda path: path.replace("-", "--", 1),
        lambda path: "/packs/x.zip",
        lambda path: f"/packs/{'9' * 30}-{'0' * 32}-{'0' * 40}.zip",
    ],
)
def test_nobody_makes_an_address(world: World, change: Any) -> None:
    world.release()
    assert world.reader.get(change(pack_path(world.newspaper))).status_code == 404


def test_a_genuine_ticket_of_a_key_that_may_not_read_the_channel_opens_nothing(
    world: World, database: Database
) -> None:
    from hub.publishing.packs import Tickets

    world.release()
    path = pack_path(world.newspaper)
    entry = path.split("-")[1]
    with database.reading() as session:
        station = keys.find(session, keys.fingerprint(world.tv.secret or ""))
    assert station is not None
    secret: Secret = world.reader.app.extensions["hub"].secret
    assert world.reader.get(f"/packs/{Tickets(station.id, secret).of(entry)}.zip").status_code == 404


def test_no_text_of_a_story_can_pose_as_a_mark(world: World) -> None:
    mark = f"\u200b{'0' * 32}\u200b"
    world.release(a_story(title=f"Bến {mark}", summary=f"https://hub.example/packs/{mark}.zip"))
    text = world.newspaper.get(f"{COLUMN}.json").text
    assert "0" * 32 in text
    assert f"-{'0' * 32}-" not in text


def test_a_held_story_says_so_in_its_pack(world: World) -> None:
    story_id = world.release()
    path = pack_path(world.newspaper)
    world.editor.act(story_id, "hold", note="Chờ xác minh.")
    assert "Tạm dừng" in opened(world.reader, path)["nguoi-giu-ben-da-lau.txt"].decode()


def test_readers_still_see_their_entries(world: World) -> None:
    world.release()
    (entry,) = parse(world.newspaper.get(f"{COLUMN}.rss").data).entries
    assert entry.title == "Người giữ bến Đá Lau"
    assert [link.rel for link in entry.links if link.media_type == "application/zip"] in ([], ["related"])
