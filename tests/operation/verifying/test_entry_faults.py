"""`hub verify` finds entries and stories that stand otherwise than acts and ledger left them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.worker import Worker
from tests.builders import World, a_story
from tests.operation.conftest import Hub, Made
from tests.operation.verifying.test_verification import PAST, execute

OF = "story_id = (SELECT id FROM stories WHERE external_id = '{}')"
PUBLIC = "channel_id IN (SELECT id FROM channels WHERE audience = 'public')"
NOTHING_KEPT = ("DELETE FROM documents", "DELETE FROM fragments")  # what would give a change away
MINUTE, LONG = timedelta(minutes=1), timedelta(days=40)


def make_standing(world: World, worker: Worker, clock: FixedClock, settings: Settings, database: Database) -> None:
    """A hub with stories that were released, corrected, corrected under embargo, held, asked back and withdrawn."""
    ids = {
        name: world.release(a_story(title=name, interview=None), external_id=name)
        for name in ("plain", "corrected", "waiting", "held", "asked", "withdrawn", "long-gone")
    }
    world.editor.act(ids["long-gone"], "withdraw", reason="subject_request")
    worker.step()
    clock.forward(LONG)
    worker.step()  # takes the tombstone off the public pages
    for name in ("corrected", "waiting"):
        world.push(a_story(title=f"{name} again", interview=None), external_id=name)
        assert world.editor.act(ids[name], "approve").status_code == 201
    later = (clock.now() + timedelta(days=3)).isoformat()
    assert world.editor.act(ids["corrected"], "release").status_code == 201
    assert world.editor.act(ids["waiting"], "release", embargo_until=later).status_code == 201
    clock.forward(MINUTE)
    assert world.editor.act(ids["held"], "hold").status_code == 201
    assert world.editor.act(ids["asked"], "hold").status_code == 201
    asked = world.fishers.act(ids["asked"], "request_withdrawal", reason="supplier_wish")
    assert asked.status_code == 201, asked.json
    assert world.editor.act(ids["withdrawn"], "withdraw", reason="subject_request").status_code == 201
    worker.step()


@pytest.fixture
def standing(made: Made) -> Hub:
    return made(make_standing)


def test_sound_entries_have_no_faults(standing: Hub) -> None:
    assert standing.find_faults() == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            f"UPDATE entries SET state = 'released' WHERE {OF.format('withdrawn')}",
            "entry .*: is released, and the ledger's last word is withdrawn",
        ),
        (
            f"UPDATE entries SET state = 'withdrawn' WHERE {OF.format('plain')}",
            "entry .*: is withdrawn, and the ledger's last word is released",
        ),
        (f"UPDATE entries SET listed = (1=0) WHERE {OF.format('withdrawn')}", "is withdrawn, and does not stand on"),
        (f"UPDATE entries SET listed = (1=0) WHERE {OF.format('plain')}", "is released, and does not stand on"),
        (f"UPDATE entries SET listed = (1=1) WHERE {PUBLIC} AND {OF.format('held')}", "is held, and stands on"),
        (f"UPDATE entries SET state = 'released', listed = (1=1) WHERE {OF.format('held')}", "its story is held"),
        (f"UPDATE entries SET state = 'released' WHERE {OF.format('asked')}", "its story is withdrawal_requested"),
        (f"UPDATE entries SET state = 'held' WHERE {OF.format('plain')}", "is held, and its story is released"),
        (f"UPDATE entries SET state = 'released' WHERE {OF.format('corrected')}", "is released, and its story is"),
        (f"UPDATE entries SET corrected = (1=0) WHERE {OF.format('corrected')}", "is said to be not corrected"),
        (f"UPDATE entries SET corrected = (1=1) WHERE {OF.format('plain')}", "is said to be corrected"),
        (f"UPDATE entries SET published = {PAST}", "was not published when the ledger tells"),
        (f"UPDATE entries SET uid = 'urn:uuid:0' WHERE {OF.format('plain')}", "was not published when"),
        (f"UPDATE releases SET state = 'superseded' WHERE {OF.format('plain')}", "and its release is superseded"),
        (
            f"UPDATE entries SET release_id = (SELECT max(id) FROM releases AS r WHERE r.story_id = entries.story_id"
            f" AND r.channel_id = entries.channel_id) WHERE {OF.format('waiting')}",
            "is correction_pending, and its release is scheduled",
        ),
        ("UPDATE stories SET held = (1=0) WHERE external_id = 'held'", "story .*: is not held, and its acts"),
        ("UPDATE stories SET held = (1=0) WHERE external_id = 'asked'", "story .*: is not held, and its acts"),
        ("UPDATE stories SET held = (1=1) WHERE external_id = 'plain'", "story .*: is held, and its acts leave it"),
        ("UPDATE stories SET resumes_to = 'approved' WHERE external_id = 'held'", "would go on as approved"),
        ("UPDATE stories SET released = 1 WHERE released = 2", "names version 1 as released, and its acts leave 2"),
        ("UPDATE stories SET released = 1 WHERE external_id = 'withdrawn'", "and its acts leave None"),
        (
            "UPDATE changes SET kind = 'withdrawn' WHERE entry_id IN"
            f" (SELECT id FROM entries WHERE {OF.format('corrected')}) AND kind = 'released'",
            "the ledger goes on after it was withdrawn",
        ),
    ],
)  # fmt: skip
def test_what_was_changed_of_it_is_found(standing: Hub, statement: str, expected: str) -> None:
    execute(standing.database, statement, *NOTHING_KEPT)
    faults = standing.find_faults()
    assert any(re.search(expected, fault) for fault in faults), faults
