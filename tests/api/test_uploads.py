"""Uploads in pieces: they go on after a lost connection, and become pictures and films of stories."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import timedelta

import pytest
from flask import Flask
from PIL import Image

from hub.background import create_worker
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.intake import pictures, resumable
from hub.intake.resumable import Pieces
from hub.models import PartialUpload, Upload
from hub.operation import genuine
from hub.operation.genuine import Trust
from hub.worker import Worker
from tests.builders import INTERVIEW, Client, World, a_story

MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + bytes(range(256)) * 400
WEBM = (
    b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm" + b"x" * 900
)
PIECE = 30_000


def begin(client: Client, data: bytes, media_type: str = "video/mp4", **more: object) -> str:
    said = {"name": "Lớp học trên boong.mp4", "media_type": media_type, "length": len(data), **more}
    answer = client.ask("POST", "/api/v1/uploads", body=said)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"].endswith(answer.json["id"])
    return answer.json["id"]


def send(client: Client, partial: str, data: bytes, offset: int):
    return client.ask("PATCH", f"/api/v1/uploads/{partial}", body=data, headers={"Upload-Offset": str(offset)})


def send_all(client: Client, data: bytes, media_type: str = "video/mp4", **more: object):
    partial = begin(client, data, media_type, **more)
    for offset in range(0, len(data), PIECE):
        answer = send(client, partial, data[offset : offset + PIECE], offset)
    return answer


def film_story(upload: str, **changes: object) -> dict:
    film = {"kind": "film", "upload": upload, "alt": "Lớp học trên boong", "credit": "Hội", "duration_seconds": 42}
    return a_story(media=[film], interview=INTERVIEW, **changes)


def test_a_film_comes_in_pieces_and_is_kept_as_it_was_sent(app: Flask, world: World, settings: Settings) -> None:
    partial = begin(world.fishers, MP4, sha256=hashlib.sha256(MP4).hexdigest())
    first = send(world.fishers, partial, MP4[:PIECE], 0)
    assert (first.status_code, first.json["offset"], first.json["upload"]) == (200, PIECE, None)
    assert send(world.fishers, partial, MP4[:PIECE], 0).json["offset"] == PIECE  # the same piece again
    overlapping = send(world.fishers, partial, MP4[10_000 : 2 * PIECE], 10_000)
    assert overlapping.json["offset"] == 2 * PIECE
    head = world.fishers.ask("HEAD", f"/api/v1/uploads/{partial}")
    assert (head.headers["Upload-Offset"], head.headers["Upload-Length"]) == (str(2 * PIECE), str(len(MP4)))
    gap = send(world.fishers, partial, b"x", 2 * PIECE + 1)
    assert (gap.status_code, gap.json["offset"]) == (409, 2 * PIECE)
    other = send(world.fishers, partial, b"other", 0)
    assert (other.status_code, other.json["type"].rpartition("/")[2]) == (409, "piece_differs")
    last = send(world.fishers, partial, MP4[2 * PIECE : 3 * PIECE], 2 * PIECE)
    last = send(world.fishers, partial, MP4[3 * PIECE :], 3 * PIECE)
    (kept,) = last.json["upload"]["renditions"]
    assert kept == {"width": 0, "height": 0, "length": len(MP4), "media_type": "video/mp4"}
    again = send(world.fishers, partial, MP4[3 * PIECE :], 3 * PIECE)
    assert again.json["upload"] == last.json["upload"]
    store = app.extensions["hub"].store
    assert store.path(hashlib.sha256(MP4).hexdigest()).read_bytes() == MP4
    assert not Pieces(settings.pieces_folder).path(partial).exists()


def test_bytes_that_nobody_acknowledged_are_cut_off_and_sent_again(
    database: Database, world: World, settings: Settings
) -> None:
    partial = begin(world.fishers, MP4)
    send(world.fishers, partial, MP4[:PIECE], 0)
    path = Pieces(settings.pieces_folder).path(partial)
    with path.open("ab") as file:
        file.write(b"half a piece, and then the power went")
    assert send(world.fishers, partial, MP4[PIECE:], PIECE).json["upload"] is not None
    restored = begin(world.fishers, MP4)
    send(world.fishers, restored, MP4[:PIECE], 0)
    Pieces(settings.pieces_folder).path(restored).unlink()  # a backup holds no pieces
    answer = send(world.fishers, restored, MP4[PIECE:], PIECE)
    assert (answer.status_code, answer.json["offset"]) == (409, 0)
    assert send(world.fishers, restored, MP4, 0).json["upload"] is not None


def test_a_large_phone_picture_comes_out_upright_and_without_metadata(app: Flask, world: World) -> None:
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[pictures.ORIENTATION] = 6
    exif[0x010F] = "Secret Phone"
    Image.new("RGB", (3000, 2000), "teal").save(buffer, "JPEG", exif=exif, quality=100)
    answer = send_all(world.fishers, buffer.getvalue(), "image/jpeg")
    largest = answer.json["upload"]["renditions"][0]
    assert (largest["width"], largest["height"]) == (2000, 3000)
    with app.extensions["hub"].database.reading() as session:
        upload = session.get(Upload, answer.json["upload"]["id"])
        assert upload is not None
        assert upload.kind == "picture"
    shown = world.fishers.ask("GET", f"/api/v1/media/{answer.json['upload']['id']}/2000")
    assert b"Secret Phone" not in shown.data


@pytest.mark.parametrize(
    ("data", "media_type", "code"),
    [
        (b"<html>" * 20, "video/mp4", "not_a_film"),
        (MP4, "video/webm", "not_a_film"),
        (WEBM, "video/mp4", "not_a_film"),
        (MP4.replace(b"ftypisom", b"ftypqt  "), "video/mp4", "not_a_film"),
        (WEBM.replace(b"webm", b"mkv1"), "video/webm", "not_a_film"),
        (MP4, "image/png", "not_a_picture"),
    ],
)
def test_what_is_not_what_it_was_announced_as_is_dropped(
    database: Database, world: World, data: bytes, media_type: str, code: str
) -> None:
    answer = send_all(world.fishers, data, media_type)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, code)
    with database.reading() as session:
        assert session.query(PartialUpload).count() == 0


def test_a_wrong_digest_is_told(world: World) -> None:
    answer = send_all(world.fishers, WEBM, "video/webm", sha256="0" * 64)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "digest_differs")


def test_limits_are_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    too_long = {"name": "a", "media_type": "video/mp4", "length": 501 * 1024 * 1024}
    assert world.fishers.ask("POST", "/api/v1/uploads", body=too_long).status_code == 413
    assert (
        world.fishers.ask(
            "POST", "/api/v1/uploads", body={"name": "a", "media_type": "audio/mpeg", "length": 1}
        ).status_code
        == 422
    )
    partial = begin(world.fishers, MP4)
    assert send(world.fishers, partial, MP4 + b"more", 0).status_code == 413
    assert send(world.fishers, partial, b"x" * (resumable.MAX_PIECE + 1), 0).status_code == 413
    assert world.fishers.ask("PATCH", f"/api/v1/uploads/{partial}", body=b"x").status_code == 400
    monkeypatch.setattr(resumable, "OPEN_AT_MOST", 1)
    assert world.fishers.ask("POST", "/api/v1/uploads", body={**too_long, "length": 9}).status_code == 403
    assert world.women.ask("POST", "/api/v1/uploads", body={**too_long, "length": 9}).status_code == 201


def test_an_upload_is_its_organizations_own(world: World) -> None:
    partial = begin(world.fishers, MP4)
    assert send(world.women, partial, MP4, 0).status_code == 404
    assert world.women.ask("GET", f"/api/v1/uploads/{partial}").status_code == 404
    assert world.women.ask("DELETE", f"/api/v1/uploads/{partial}").status_code == 404
    assert world.fishers.ask("DELETE", f"/api/v1/uploads/{partial}").status_code == 204
    assert world.fishers.ask("GET", f"/api/v1/uploads/{partial}").status_code == 404


def test_two_at_the_same_file_cannot_write_into_each_other(world: World, settings: Settings) -> None:
    partial = begin(world.fishers, MP4)
    with Pieces(settings.pieces_folder).locked(partial):
        assert send(world.fishers, partial, MP4, 0).status_code == 409
    assert send(world.fishers, partial, MP4, 0).json["upload"] is not None


def test_what_nobody_goes_on_with_goes_after_a_day(
    database: Database, world: World, settings: Settings, clock: FixedClock
) -> None:
    import os

    partial = begin(world.fishers, MP4)
    send(world.fishers, partial, MP4[:PIECE], 0)
    pieces = Pieces(settings.pieces_folder)
    clock.forward(timedelta(hours=23))
    create_worker(settings, clock=clock).step()
    assert pieces.path(partial).exists()
    clock.forward(timedelta(hours=2))
    for path in pieces.folder.iterdir():
        os.utime(path, (clock.now().timestamp() - 90_000,) * 2)
    create_worker(settings, clock=clock).step()
    assert list(pieces.folder.iterdir()) == []
    assert world.fishers.ask("GET", f"/api/v1/uploads/{partial}").status_code == 404


@pytest.fixture
def released(world: World) -> tuple[str, str, dict]:
    """A story with a film that stands in the television's channel: its id, the film's path, its item there."""
    upload = send_all(world.fishers, MP4).json["upload"]["id"]
    story = world.release(film_story(upload))
    feed = json.loads(world.tv.get("/feeds/tv/segment.json").data)
    (item,) = feed["items"]
    return story, item["_hub"]["footage"][0]["url"].removeprefix("https://hub.example"), item


def test_a_film_stands_in_every_format_of_the_outlets_and_not_in_public_feeds(
    world: World, released: tuple[str, str, dict]
) -> None:
    _, path, item = released
    film = item["_hub"]["footage"][0]
    assert (film["media_type"], film["length"], film["duration_seconds"]) == ("video/mp4", len(MP4), 42)
    attachment = {
        "url": "https://hub.example" + path,
        "mime_type": "video/mp4",
        "size_in_bytes": len(MP4),
        "title": "Lớp học trên boong",
        "duration_in_seconds": 42,
    }
    assert item["attachments"] == [attachment]
    atom = world.tv.get("/feeds/tv/segment.atom").text
    assert f'<link rel="enclosure" type="video/mp4" length="{len(MP4)}" href="https://hub.example{path}"/>' in atom
    rss = world.tv.get("/feeds/tv/segment.rss").text
    assert f'<enclosure url="https://hub.example{path}" length="{len(MP4)}" type="video/mp4"/>' in rss
    assert 'medium="video" duration="42"' in rss
    ninjs = world.tv.get("/feeds/tv/segment.ninjs").text
    assert f'"sizeInBytes":{len(MP4)}' in ninjs.replace(" ", "")
    public = world.reader.get("/feeds/public/all.json").text
    assert "footage" not in public
    assert path not in public


def test_a_film_is_served_whole_by_range_and_by_head(world: World, released: tuple[str, str, dict]) -> None:
    _, path, _ = released
    whole = world.reader.get(path)
    assert (whole.status_code, whole.data, whole.mimetype) == (200, MP4, "video/mp4")
    assert whole.headers["Accept-Ranges"] == "bytes"
    part = world.reader.ask("GET", path, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.data) == (206, MP4[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(MP4)}"
    tail = world.reader.ask("GET", path, headers={"Range": "bytes=-50"})
    assert (tail.status_code, tail.data) == (206, MP4[-50:])
    beyond = world.reader.ask("GET", path, headers={"Range": f"bytes={len(MP4)}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(MP4)}")
    stale = world.reader.ask("GET", path, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (stale.status_code, stale.data) == (200, MP4)
    fresh = world.reader.ask("GET", path, headers={"Range": "bytes=0-9", "If-Range": whole.headers["ETag"]})
    assert (fresh.status_code, fresh.data) == (206, MP4[:10])
    head = world.reader.ask("HEAD", path)
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(MP4)))
    assert world.reader.get(path.replace("/film", "/0")).status_code == 404


@pytest.mark.parametrize("said", ["bytes=0-1,4-5", "bytes=abc", "bytes=9-3", "items=0-3", "bytes", "bytes=0-1,"])
def test_a_range_that_is_malformed_or_of_several_pieces_counts_as_none(
    world: World, released: tuple[str, str, dict], said: str
) -> None:
    """RFC 9110 §14.2."""
    answer = world.reader.ask("GET", released[1], headers={"Range": said})
    assert (answer.status_code, answer.data) == (200, MP4)
    assert "Content-Range" not in answer.headers


def test_a_film_is_gone_once_its_story_is_withdrawn(world: World, released: tuple[str, str, dict]) -> None:
    story, path, _ = released
    assert world.editor.act(story, "withdraw", reason="consent_withdrawn").status_code == 201
    gone = world.reader.ask("GET", path, headers={"Range": "bytes=0-9"})
    assert gone.status_code == 410


def test_a_picture_is_no_film_and_a_film_no_picture(world: World) -> None:
    film = send_all(world.fishers, MP4).json["upload"]["id"]
    buffer = io.BytesIO()
    Image.new("RGB", (10, 10)).save(buffer, "PNG")
    picture = send_all(world.fishers, buffer.getvalue(), "image/png").json["upload"]["id"]
    as_film = world.fishers.put("one", film_story(picture))
    assert [fault["code"] for fault in as_film.json["errors"]] == ["unknown_upload"]
    said = {"kind": "picture", "upload": film, "alt": "x", "credit": "x"}
    as_picture = world.fishers.put("two", a_story(media=[said]))
    assert [fault["code"] for fault in as_picture.json["errors"]] == ["unknown_upload"]


def test_a_film_of_people_goes_from_a_release_when_they_take_back_their_consent(
    world: World, worker: Worker, clock: FixedClock, released: tuple[str, str, dict]
) -> None:
    story, path, _ = released
    worker.step()
    clock.forward(timedelta(seconds=1))
    for person in world.editor.get(f"/api/v1/persons?story={story}").json["items"]:
        order = {"act": "withdraw", "scopes": ["image"], "story": story}
        assert world.editor.ask("POST", f"/api/v1/persons/{person['id']}/acts", body=order).status_code in (201, 422)
    worker.step()
    assert world.reader.get(path).status_code == 410
    (item,) = json.loads(world.tv.get("/feeds/tv/segment.json").data)["items"]
    assert "footage" not in item["_hub"]
    assert "attachments" not in item


def test_a_copy_with_a_film_is_proved_and_its_address_with_it(world: World, released: tuple[str, str, dict]) -> None:
    _, path, item = released
    trust = Trust.read(world.reader.get("/.well-known/jwks.json").data)
    assert genuine.judge(item, trust).faults == ()
    elsewhere = json.loads(json.dumps(item).replace("https://hub.example" + path, "https://evil.example/film"))
    assert genuine.judge(elsewhere, trust).faults
    bare = json.loads(json.dumps(item))
    del bare["_hub"]["footage"][0]["media_type"]
    assert genuine.judge(bare, trust).faults


def test_the_sender_and_the_desk_see_a_film_before_any_release(world: World) -> None:
    upload = send_all(world.fishers, WEBM, "video/webm").json["upload"]["id"]
    shown = world.fishers.get(f"/api/v1/media/{upload}/0")
    assert (shown.status_code, shown.data, shown.mimetype) == (200, WEBM, "video/webm")
    assert world.women.get(f"/api/v1/media/{upload}/0").status_code == 404
    world.push(film_story(upload))
    assert world.editor.get(f"/api/v1/media/{upload}/0").data == WEBM
