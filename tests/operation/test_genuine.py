"""Is a copy what was released? Every field is changed in turn, and every change is found."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from hub.clock import FixedClock
from hub.operation import genuine, genuine_xml
from hub.operation.genuine import Fault, NewestState, Trust, Verdict
from hub.records import signing
from hub.worker import Worker
from tests.builders import Client, World, a_picture, a_story
from tests.public.test_pages import a_full_story

FRAME = {"/id", "/url", "/date_published", "/date_modified", "/_hub/number", "/_hub/status", "/_hub/correction"}
CHANNELS = ("public/all", "newspaper/column", "tv/segment")
DAY = timedelta(days=1)


def client_of(world: World, channel: str) -> Client:
    return {"public": world.reader, "newspaper": world.newspaper, "tv": world.tv}[channel.split("/")[0]]


def items_of(world: World, channel: str) -> list[Any]:
    return genuine.list_items(client_of(world, channel).get(f"/feeds/{channel}.json").data) or []


def trust_of(world: World, **changes: Any) -> Trust:
    return Trust.read(world.reader.get("/.well-known/jwks.json").data, **changes)


def manifest_of(world: World, channel: str = "public/all") -> NewestState:
    state = genuine.read_manifest(client_of(world, channel).get(f"/feeds/{channel}/manifest.jws").data, trust_of(world))
    assert isinstance(state, NewestState), state
    return state


def keys_of(verdict: Verdict) -> set[str]:
    return {fault.key.removeprefix("error.copy_") for fault in verdict.faults}


def fields_of(verdict: Verdict) -> set[str]:
    return {str(fault.facts.get("field")) for fault in verdict.faults}


@pytest.fixture
def pictured(world: World) -> World:
    """A province with a story that has everything, two pictures among it, one of them in the body."""
    uploads = [world.fishers.upload(a_picture(900 + n, 600)).json["id"] for n in range(2)]
    media: list[Any] = [
        {"kind": "picture", "upload": u, "alt": f"Bến {n} > 1", "caption": "Bến", "credit": "Hòa", "rights": "Kèm tên"}
        for n, u in enumerate(uploads)
    ]
    media.append({"kind": "footage", "url": "https://footage.example.org/1.mp4", "duration_seconds": 48})
    html = f'<p>Một &amp; hai</p><img src="media:{uploads[1]}" alt="Bến &lt;1&gt;"><p>Ba</p>'
    world.release(a_full_story(body={"html": html, "short": "<p>Ngắn</p>"}, media=media, language="vi"))
    return world


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list) and value:
        for name, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(member, (*path, name))
    else:
        yield path


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def changed(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else f"{value}x"


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_the_hub_serves_is_genuine(pictured: World, channel: str) -> None:
    (item,) = items_of(pictured, channel)
    verdict = genuine.judge(item, trust_of(pictured))
    assert verdict.faults == ()
    assert verdict.title == item["title"]
    assert verdict.name.endswith("/1")


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_field_that_is_changed_left_out_or_added_is_found(pictured: World, channel: str) -> None:
    (item,) = items_of(pictured, channel)
    trust = trust_of(pictured)
    every = list(leaves(item))
    assert len(every) > 60
    missed = []
    for path in every:
        pointer = "/" + "/".join(map(str, path))
        if pointer in FRAME or ("renditions" in pointer and path[-1] != "url"):
            continue  # where an entry stands and which sizes a picture has: the manifest's to prove
        for value in (changed(at(item, path)), None):
            tampered = copy.deepcopy(item)
            holder = at(tampered, path[:-1])
            if value is None:
                del holder[path[-1]]
            else:
                holder[path[-1]] = value
            if not genuine.judge(tampered, trust).faults:
                missed.append((pointer, value))
    assert missed == []
    for name in ("content_text", "banner_image", "external_url"):
        assert fields_of(genuine.judge({**item, name: "x"}, trust)) == {f"/{name}"}
    assert fields_of(genuine.judge({**item, "_hub": {**item["_hub"], "evidence": []}}, trust)) == {"/_hub/evidence"}


NINJS_FRAME = {"/uri", "/firstCreated", "/versionCreated", "/_hub/number", "/_hub/status"}


def test_ninjs_with_the_hubs_fields_is_checked_field_by_field_as_well(pictured: World) -> None:
    body = pictured.newspaper.get("/feeds/newspaper/column.ninjs?profile=hub").data
    (item,), trust = genuine.list_items(body) or [], trust_of(pictured)
    assert genuine.is_feed(body)
    assert (genuine.judge(item, trust).faults, genuine.judge(item, trust).is_proved) == ((), True)
    missed = []
    for path in leaves(item):
        pointer = "/" + "/".join(map(str, path))
        tampered = copy.deepcopy(item)
        at(tampered, path[:-1])[path[-1]] = changed(at(item, path))
        if pointer not in NINJS_FRAME and "/_hub/pictures/" not in pointer:
            missed += [pointer] if not genuine.judge(tampered, trust).faults else []
    assert missed == []
    (plain,) = genuine.list_items(pictured.newspaper.get("/feeds/newspaper/column.ninjs").data) or []
    assert keys_of(genuine.judge(plain, trust)) == {"ninjs_without_proof"}
    without_page = {**item, "renditions": []}
    assert keys_of(genuine.judge(without_page, trust)) == {"unreadable"}


def test_a_field_of_another_channel_does_not_pass(pictured: World) -> None:
    (public,), (tv,) = items_of(pictured, "public/all"), items_of(pictured, "tv/segment")
    public["_hub"]["interview"] = tv["_hub"]["interview"]
    assert fields_of(genuine.judge(public, trust_of(pictured))) == {"/_hub/interview"}


def test_a_picture_of_another_host_or_story_is_found(pictured: World, worker: Worker) -> None:
    worker.step()
    (item,) = items_of(pictured, "public/all")
    other = json.dumps(item).replace("https://hub.example/media/", "https://copy.example/media/")
    faults = fields_of(genuine.judge(json.loads(other), trust_of(pictured)))
    assert {"/content_html", "/image", "/_hub/pictures"} <= faults
    token = item["image"].split("/")[-2]
    swapped = json.loads(json.dumps(item).replace(token, "A" * len(token)))
    verdict = genuine.judge(swapped, trust_of(pictured))
    assert verdict.faults == ()  # the words are what was released; of the address only the manifest knows
    state = manifest_of(pictured)
    assert {str(f.facts["field"]) for f in genuine.find_age_faults(verdict, state)} == {"/_hub/pictures"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda item: item["_hub"].pop("proof"), "without_proof"),
        (lambda item: item.pop("_hub"), "without_proof"),
        (lambda item: item["_hub"].update(proof=7), "without_proof"),
        (lambda item: item["_hub"].update(proof="x"), "signature_broken"),
        (lambda item: item["_hub"].update(proof=item["_hub"]["proof"][1:]), "signature_broken"),
        (lambda item: item["_hub"].update(pictures=[{"renditions": []}]), "unreadable"),
        (lambda item: item["_hub"].update(pictures=7), "unreadable"),
        (lambda item: item.update(date_published="gestern"), "unreadable"),
        (lambda item: item.pop("id"), "unreadable"),
        (lambda item: item["_hub"].update(status="rumour"), "unreadable"),
    ],
)
def test_what_proves_nothing_is_said_plainly(pictured: World, change: Any, expected: str) -> None:
    (item,) = items_of(pictured, "public/all")
    change(item)
    assert keys_of(genuine.judge(item, trust_of(pictured))) == {expected}


def test_an_unknown_key_and_another_hub_are_told_apart(pictured: World) -> None:
    (item,) = items_of(pictured, "public/all")
    stranger = signing.new_key()
    assert keys_of(genuine.judge(item, Trust(keys={stranger.kid: stranger.public}))) == {"key_unknown"}
    for trust in (trust_of(pictured, issuer="https://other.example/"), _without_issuer(pictured, "https://o.example")):
        assert keys_of(genuine.judge(item, trust)) == {"of_another_hub"}
    for trust in (trust_of(pictured, issuer="https://hub.example/"), _without_issuer(pictured, "https://hub.example")):
        assert genuine.judge(item, trust).faults == ()


def _without_issuer(world: World, home: str) -> Trust:
    """Keys of a hub that does not say whose they are, found at `home`."""
    keys = {k: {n: v for n, v in key.items() if n != "iss"} for k, key in trust_of(world).keys.items()}
    return Trust(keys=keys, home=home)


def test_a_proof_of_one_story_does_not_prove_another(pictured: World) -> None:
    pictured.release(a_story(title="Bài hai"), external_id="two")
    second, first = items_of(pictured, "public/all")
    second["_hub"]["proof"] = first["_hub"]["proof"]
    assert {"/title", "/_hub/story"} <= fields_of(genuine.judge(second, trust_of(pictured)))


# the newest?


def aged(world: World, item: Any, channel: str = "public/all") -> set[str]:
    verdict = genuine.judge(item, trust_of(world))
    assert verdict.faults == ()
    return {
        fault.key.removeprefix("error.copy_") for fault in genuine.find_age_faults(verdict, manifest_of(world, channel))
    }


def test_an_old_copy_is_told_from_the_newest(world: World, worker: Worker, clock: FixedClock) -> None:
    world.release(a_story(title="Chuyện khác"), external_id="two", channels=["newspaper/column"])
    story_id = world.release(channels=["public/all"])
    (first,) = items_of(world, "public/all")
    worker.step()
    assert aged(world, first) == set()
    clock.forward(DAY)
    world.push(a_story(title="Bản đính chính"))
    world.editor.act(story_id, "approve")
    world.editor.act(story_id, "release", public_note="Sửa tên bài.")
    (second,) = items_of(world, "public/all")
    assert aged(world, second) == set()  # newer than the manifest
    worker.step()
    assert aged(world, first) == {"older"}
    assert aged(world, second) == set()
    assert aged(world, {**second, "_hub": {**second["_hub"], "correction": "Không sửa gì."}}) == {"tampered"}
    assert aged(world, {**second, "date_published": "2020-01-01T00:00:00.000000Z"}) == {"tampered"}
    assert aged(world, {**second, "_hub": {**second["_hub"], "number": 1}}) == {"state_older"}
    assert aged(world, {**second, "id": "urn:uuid:x"}) == {"tampered"}
    late = {**first, "id": "urn:uuid:x", "_hub": {**first["_hub"], "number": 999}}
    assert aged(world, late) == {"older"}  # a number that nobody knows hides nothing
    assert aged(world, first, "newspaper/column") == {"not_in_manifest"}
    clock.forward(DAY)
    world.editor.act(story_id, "withdraw", reason="other")
    worker.step()
    assert aged(world, second) == {"withdrawn"}
    (stone,) = items_of(world, "public/all")
    assert aged(world, stone) == set()


def test_a_tombstone_shows_nothing_else(world: World) -> None:
    story_id = world.release()
    world.editor.act(story_id, "withdraw", reason="other")
    (stone,) = items_of(world, "public/all")
    verdict = genuine.judge(stone, trust_of(world))
    assert (verdict.is_withdrawn, verdict.faults) == (True, ())
    assert fields_of(genuine.judge({**stone, "title": "Ông Biển bị rút bài"}, trust_of(world))) == {"/title"}


def test_a_mark_for_outlets_that_is_hidden_is_found(world: World, worker: Worker, clock: FixedClock) -> None:
    story_id = world.release()
    (before,) = items_of(world, "newspaper/column")
    clock.forward(timedelta(seconds=1))
    world.editor.act(story_id, "hold")
    (held,) = items_of(world, "newspaper/column")
    worker.step()
    assert aged(world, before, "newspaper/column") == {"state_older"}
    assert aged(world, held, "newspaper/column") == set()
    held["_hub"]["status"] = "released"
    assert aged(world, held, "newspaper/column") == {"tampered"}


def test_a_gap_is_proved(world: World, worker: Worker) -> None:
    for number in range(4):
        world.release(a_story(title=f"Bài {number}"), external_id=str(number))
    worker.step()
    trust, state = trust_of(world), manifest_of(world)
    items = items_of(world, "public/all")
    whole = [genuine.judge(item, trust) for item in items]
    assert list(genuine.find_gaps(whole, state)) == []
    gaps = list(genuine.find_gaps([whole[0], whole[1], whole[3]], state))
    assert [gap.facts["number"] for gap in gaps] == [2]
    assert list(genuine.find_gaps(whole[:3], state)) == []  # a page may end anywhere


@pytest.mark.parametrize("change", [lambda jws: jws[:-1], lambda jws: "é" + jws, lambda jws: jws.replace(".", "", 1)])
def test_a_manifest_that_does_not_hold_is_refused(world: World, worker: Worker, change: Any) -> None:
    worker.step()
    jws = world.reader.get("/feeds/public/all/manifest.jws").text
    assert isinstance(genuine.read_manifest(change(jws).encode(), trust_of(world)), Fault)


# RSS and Atom


def xml_verdicts(world: World, channel: str, form: str, body: bytes | None = None) -> list[Verdict]:
    client = client_of(world, channel)
    body = client.get(f"/feeds/{channel}.{form}").data if body is None else body
    found = genuine_xml.judge_feed(
        body, trust_of(world), lambda url: client.get(url.removeprefix("https://hub.example")).data
    )
    assert found is not None
    return found


@pytest.mark.parametrize("form", ["rss", "atom"])
@pytest.mark.parametrize("channel", CHANNELS)
def test_rss_and_atom_are_genuine_by_the_json_they_lead_to(pictured: World, channel: str, form: str) -> None:
    pictured.release(a_story(title="1 < 2 & <b>3</b>"), external_id="two")
    verdicts = xml_verdicts(pictured, channel, form)
    assert [verdict.faults for verdict in verdicts] == [(), ()]


@pytest.mark.parametrize("form", ["rss", "atom"])
@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("Người giữ bến Đá Lau", "Người bỏ bến Đá Lau", "title"),
        ("lập trạm cứu hộ không thu tiền", "lập trạm cứu hộ có thu tiền", "summary"),
        ("Một ", "Hai ", "content"),
        ("137 lượt tàu được giúp.", "7 lượt tàu được giúp.", "hub:…"),
        ("https://hub.example/media/", "https://copy.example/media/", "content"),
        ("https://hub.example/stories/", "https://copy.example/stories/", None),
    ],
)
def test_a_changed_word_of_rss_and_atom_is_found(
    pictured: World, form: str, old: str, new: str, field: str | None
) -> None:
    body = pictured.reader.get(f"/feeds/public/all.{form}").text
    assert old in body
    json_at = f'"https://hub.example/stories/{items_of(pictured, "public/all")[0]["_hub"]["story"]}.json"'
    tampered = body.replace(old, new).replace(json_at.replace("hub.", "copy."), json_at)
    (verdict,) = xml_verdicts(pictured, "public/all", form, tampered.encode())
    assert (field or "link") in fields_of(verdict)


def test_a_feed_without_its_links_proves_nothing(world: World) -> None:
    world.release()
    body = world.reader.get("/feeds/public/all.rss").text
    (verdict,) = xml_verdicts(world, "public/all", "rss", body.replace("describedby", "related").encode())
    assert keys_of(verdict) == {"without_proof"}
    found = genuine_xml.judge_feed(body.encode(), trust_of(world), None)
    assert found is not None
    assert keys_of(found[0]) == {"without_json"}


def test_an_entry_that_was_withdrawn_meanwhile_is_said(world: World) -> None:
    story_id = world.release()
    body = world.reader.get("/feeds/public/all.rss").data
    world.editor.act(story_id, "withdraw", reason="other")
    (verdict,) = xml_verdicts(world, "public/all", "rss", body)
    assert keys_of(verdict) == {"withdrawn"}
    (gone,) = xml_verdicts(world, "public/all", "rss")
    assert (gone.is_withdrawn, gone.faults) == (True, ())


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"{", b'{"version": 1}', b"\x00\xff"])
def test_what_is_no_feed_is_none(world: World, body: bytes) -> None:
    assert genuine.list_items(body) is None
    assert genuine_xml.judge_feed(body, Trust(keys={}), None) is None
