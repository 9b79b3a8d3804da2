"""`hub verify` finds corrections that tell something else than the acts that made them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from hub.actors import SYSTEM
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.records import persons
from hub.records.signing_keys import Signer
from hub.regulation.consent import erasing
from tests.builders import World, a_story
from tests.operation.conftest import Hub, Made
from tests.operation.verifying.test_verification import PAST, execute

NAME = "Nguyễn Văn Biển"
MINUTE = timedelta(minutes=1)
SAID = "(SELECT max(act_id) FROM corrections)"
OTHER = '[{"pointer": "/title", "reason": "Khác", "severity": "substantive"}]'
NOT_AS_SAID = "correction by act .*: says other than its act of what changed"


def make_corrected(world: World, clock: FixedClock, settings: Settings, database: Database) -> None:
    """A hub with a correction that the sender spoke of, one the desk did, and one that an erasure emptied."""
    for name, text in (("sent", "Sai số"), ("desk", "Sai tên"), ("erased", f"Không phải {NAME}")):
        subject = {"type": "individual", "name": NAME if name == "erased" else f"Người {name}"}
        story = a_story(interview=None, subject=subject)
        story_id = world.release(story, external_id=name)
        clock.forward(MINUTE)
        world.push({**story, "title": "Bản đính chính"}, external_id=name)
        note = [{"pointer": "/title", "reason": text, "severity": "minor"}]
        if name == "sent":
            assert world.fishers.act(story_id, "correct", changes=note).status_code == 201
        assert world.editor.act(story_id, "approve", note=text).status_code == 201
        told = {} if name == "sent" else {"changes": note, "public_note": text}
        assert world.editor.act(story_id, "release", **told).status_code == 201
    person = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"][0]["id"]
    with Database(database.engine, info=Signer.of(settings).info).writing() as session:
        erasing.erase(session, persons.get(session, person), actor=SYSTEM, now=clock.now())


@pytest.fixture
def corrected(made: Made) -> Hub:
    return made(make_corrected)


def test_sound_corrections_have_no_faults(corrected: Hub) -> None:
    assert corrected.find_faults() == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE corrections SET changes = '[]'", NOT_AS_SAID),
        (f"UPDATE corrections SET changes = '{OTHER}' WHERE act_id <> {SAID}", NOT_AS_SAID),
        ("UPDATE corrections SET severity = 'cosmetic'", "is of another severity than its releases"),
        (f"DELETE FROM corrections WHERE act_id = {SAID}", "its releases tell of it, but it is not there"),
        ("UPDATE corrections SET from_version = 0", "is from 0 to 2, but the act went from 1 to 2"),
        ("UPDATE corrections SET actor_name = 'Ai đó'", "is not by whom and from when its act is"),
        (f"UPDATE corrections SET at = {PAST}", "is not by whom and from when its act is"),
        (
            f"UPDATE corrections SET act_id = (SELECT max(id) FROM acts WHERE kind = 'submit') WHERE act_id = {SAID}",
            "no act of the story released it",
        ),
        # written back after the erasure
        (f"UPDATE corrections SET changes = '{OTHER}' WHERE act_id = {SAID}", "its reasons are there again"),
        (f"UPDATE releases SET note = 'Khác' WHERE act_id = {SAID}", "its note was emptied by an erasure"),
        (f"UPDATE acts SET note = '{NAME}' WHERE id = {SAID} - 1", "act .*: was emptied by an erasure, and its texts"),
        (f"UPDATE acts SET changes = '{OTHER}' WHERE id = {SAID}", "act .*: was emptied by an erasure, and its texts"),
        (f"UPDATE acts SET salt = 's' WHERE id = {SAID}", "act .*: was emptied by an erasure, and its texts"),
        (f"UPDATE acts SET reason = '{NAME}' WHERE id = {SAID}", "its reason is none that there is"),
    ],
)
def test_what_was_changed_of_them_is_found(corrected: Hub, statement: str, expected: str) -> None:
    execute(corrected.database, statement)
    faults = corrected.find_faults()
    assert any(re.search(expected, fault) for fault in faults), faults
