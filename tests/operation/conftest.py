"""A hub that has seen something of every kind."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.intake.media_store import MediaStore
from hub.operation import verification
from hub.worker import Worker
from tests.builders import World, a_picture, a_story

SECOND = timedelta(seconds=1)


def find_faults(settings: Settings, database: Database, counts: Counter[str] | None = None) -> list[str]:
    """What `hub verify` would say."""
    found: Counter[str] = Counter() if counts is None else counts

    def seen(what: str, many: int) -> None:
        found[what] += many

    store = MediaStore(settings.media_folder)
    return list(verification.find_faults(database, store, settings.address, seen=seen))


@pytest.fixture
def lived(world: World, worker: Worker, clock: FixedClock) -> World:
    """Stories released with a picture, corrected, returned, withdrawn, drafted, under embargo; documents kept."""
    upload = world.fishers.upload(a_picture()).json["id"]
    picture = {"kind": "picture", "upload": upload, "alt": "Bến", "caption": "Bến lúc sáng", "credit": "Phan Thị Hòa"}
    world.release(a_story(media=[picture]), external_id="with-picture")
    clock.forward(SECOND)
    corrected = world.release(external_id="corrected")
    clock.forward(SECOND)
    world.push(a_story(title="Bản đính chính"), external_id="corrected")
    world.editor.act(corrected, "approve", channels=[])
    clock.forward(SECOND)
    returned = world.push(a_story(title="Thiếu số liệu"), external_id="returned")
    world.editor.act(returned, "return", note="Thiếu số liệu")
    clock.forward(SECOND)
    withdrawn = world.release(a_story(title="Rút lại"), external_id="withdrawn")
    clock.forward(SECOND)
    world.editor.act(withdrawn, "withdraw", reason="subject_request", note="Người trong bài yêu cầu")
    world.push(a_story(state="draft"), external_id="draft")
    later = (clock.now() + timedelta(days=3)).isoformat()
    world.release(a_story(title="Ba ngày nữa", embargo_until=later), external_id="embargo")
    clock.forward(SECOND)
    worker.step()
    return world
