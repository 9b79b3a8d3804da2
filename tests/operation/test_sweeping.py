"""What time takes away, and what it must leave."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from hub.accounts import history
from hub.accounts.history import Decision
from hub.clock import FixedClock, local_day
from hub.operation.sweeping import sweep
from tests.builders import World, a_picture, a_story


def _files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def test_an_upload_no_story_took_goes_after_a_day_and_a_named_one_stays(world: World, clock: FixedClock) -> None:
    parts = world.fishers.app.extensions["hub"]
    named, orphan = (world.fishers.upload(a_picture(width)).json for width in (500, 700))
    picture = {"kind": "picture", "upload": named["id"], "alt": "a", "credit": "c"}
    world.push(a_story(media=[picture]))
    before = _files(parts.store.folder)
    clock.forward(timedelta(hours=25))
    for path in parts.store.folder.rglob("*"):
        os.utime(path, (0, 0))  # as if it had been put long ago
    sweep(parts.database, parts.store, now=clock.now())
    assert _files(parts.store.folder) == before - len(orphan["renditions"])
    width = named["renditions"][0]["width"]
    assert world.fishers.get(f"/api/v1/media/{named['id']}/{width}").status_code == 200
    assert world.fishers.get(f"/api/v1/media/{orphan['id']}/{orphan['renditions'][0]['width']}").status_code == 404


def test_a_file_that_just_came_in_again_is_not_swept(world: World, clock: FixedClock) -> None:
    parts = world.fishers.app.extensions["hub"]
    world.fishers.upload(a_picture(700))
    clock.forward(timedelta(hours=25))
    sweep(parts.database, parts.store, now=clock.now() - timedelta(hours=25) + timedelta(seconds=1))
    before = _files(parts.store.folder)
    assert before > 0
    again = world.fishers.upload(a_picture(700)).json
    sweep(parts.database, parts.store, now=clock.now())
    width = again["renditions"][0]["width"]
    assert world.fishers.get(f"/api/v1/media/{again['id']}/{width}").status_code == 200


def test_an_idempotency_key_is_forgotten_after_two_days_and_not_before_one(world: World, clock: FixedClock) -> None:
    parts = world.fishers.app.extensions["hub"]
    headers = {"Idempotency-Key": "k"}
    first = world.fishers.ask("POST", "/api/v1/stories", body=a_story(), headers=headers).json["id"]
    for hours, same in ((24, True), (25, False)):
        clock.forward(timedelta(hours=hours))
        sweep(parts.database, parts.store, now=clock.now())
        again = world.fishers.ask("POST", "/api/v1/stories", body=a_story(), headers=headers).json["id"]
        assert (again == first) is same


def test_what_was_decided_for_a_day_holds_from_that_day_on(world: World, clock: FixedClock) -> None:
    parts = world.fishers.app.extensions["hub"]
    tomorrow = local_day(clock.now()) + timedelta(days=1)
    with parts.database.writing() as session:
        history.rename(session, "nghe-ca", "Nghiệp đoàn phường Bến Lau", Decision(tomorrow, "1"), now=clock.now())
    names = []
    for hours in (0, 24):
        clock.forward(timedelta(hours=hours))
        sweep(parts.database, parts.store, now=clock.now())
        names.append(world.fishers.get("/api/v1/organizations/nghe-ca").json["name"])
    assert names == ["Nghiệp đoàn nghề cá Bến Lau", "Nghiệp đoàn phường Bến Lau"]
