"""Uploads: a picture comes in, or nothing of it stays."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from hub.clock import FixedClock
from hub.db import Database
from tests.auditors import an_auditing_client
from tests.builders import World, a_picture, a_story


def _files(world: World) -> list[Path]:
    folder = world.fishers.app.extensions["hub"].store.folder
    return [path for path in folder.rglob("*") if path.is_file()]


def _bomb() -> bytes:
    """A PNG whose header claims 30,000 × 30,000 pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "media_type", "code"),
    [
        (b"hello", "image/jpeg", "not_a_picture"),
        (b"", "image/png", "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "not_a_picture"),
        (a_picture(), "image/png", "type_mismatch"),
        (a_picture(), "text/html", "type_mismatch"),
        (a_picture()[:2000], "image/jpeg", "truncated"),
        (_bomb(), "image/png", "too_many_pixels"),
    ],
)
def test_what_is_no_picture_is_refused_and_leaves_no_file(
    world: World, data: bytes, media_type: str, code: str
) -> None:
    answer = world.fishers.upload(data, media_type)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, code)
    assert answer.json["errors"][0]["detail"] not in ("", f"fault.{code}")
    assert _files(world) == []


def test_an_upload_over_the_limit_is_too_large(world: World) -> None:
    assert world.fishers.upload(bytes(23 * 1024 * 1024)).status_code == 413
    assert world.fishers.upload(a_picture() + bytes(20 * 1024 * 1024)).status_code == 422
    assert _files(world) == []


def test_a_picture_is_turned_upright_and_loses_its_metadata(world: World) -> None:
    file = io.BytesIO()
    picture = Image.linear_gradient("L").resize((600, 400)).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90°
    exif[0x010E] = "nơi chụp bí mật"
    picture.save(file, "JPEG", exif=exif)
    upload = world.fishers.upload(file.getvalue()).json
    width = upload["renditions"][0]["width"]
    shown = world.fishers.get(f"/api/v1/media/{upload['id']}/{width}").data
    read = Image.open(io.BytesIO(shown))
    assert read.size == (400, 600)
    assert not read.getexif()
    assert "bí mật".encode() not in shown


def test_an_upload_is_seen_by_its_organization_and_by_the_editor_once_a_story_names_it(world: World) -> None:
    upload = world.fishers.upload(a_picture()).json
    path = f"/api/v1/media/{upload['id']}/{upload['renditions'][0]['width']}"
    assert world.fishers.get(path).status_code == 200
    assert world.women.get(path).status_code == 404
    assert world.editor.get(path).status_code == 404
    picture = {"kind": "picture", "upload": upload["id"], "alt": "a", "credit": "c"}
    world.push(a_story(media=[picture]))
    assert world.editor.get(path).status_code == 200
    assert world.reader.get(path).status_code == 401


def test_a_picture_of_withdrawn_stories_is_closed_to_all_but_auditors(
    world: World, database: Database, clock: FixedClock
) -> None:
    upload = world.fishers.upload(a_picture()).json
    path = f"/api/v1/media/{upload['id']}/{upload['renditions'][0]['width']}"
    picture = {"kind": "picture", "upload": upload["id"], "alt": "a", "credit": "c"}
    first = world.push(a_story(media=[picture]))
    assert world.editor.act(first, "withdraw", reason="factual_error").status_code == 201
    auditor = an_auditing_client(world.editor.app, database, now=clock.now())
    assert [client.get(path).status_code for client in (world.fishers, world.editor)] == [404, 404]
    assert auditor.get(path).status_code == 200
    world.push(a_story(media=[picture], replaces=first), external_id="two")
    assert [client.get(path).status_code for client in (world.fishers, world.editor)] == [200, 200]


def test_a_form_may_carry_the_picture(world: World) -> None:
    client = world.fishers.app.test_client()
    answer = client.post(
        "/api/v1/media",
        data={"file": (io.BytesIO(a_picture(form="PNG")), "a.png", "image/png")},
        headers={"Authorization": f"Bearer {world.fishers.secret}"},
    )
    assert answer.status_code == 201
