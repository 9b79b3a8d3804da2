"""`hub verify` finds whatever was changed in the consent ledger behind the hub's back."""

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
from hub.worker import Worker
from tests.builders import ALL_SCOPES, World, a_story
from tests.operation.conftest import Hub, Made
from tests.operation.verifying.test_verification import execute

SAID, CLEARED = '{"obtained_on": "2026-11-09"}', '{"date": "2026-11-09"}'
DAY = timedelta(days=1)
TWO = "(SELECT id FROM stories WHERE external_id = 'two')"
ERASED = "(SELECT id FROM persons WHERE erased_at IS NOT NULL)"


def make_ledger(world: World, worker: Worker, database: Database, settings: Settings, clock: FixedClock) -> None:
    """A hub in whose ledger entries were opened, recorded, withdrawn, expired and erased."""
    until = {"scopes": ALL_SCOPES, "obtained_on": "2026-11-01", "expires_on": "2026-11-30"}
    names = ("Một", "Hai", "Ba")
    ids = []
    for name in names:
        story = a_story(subject={"type": "individual", "name": f"Người {name}"}, interview=None, consent=until)
        story_id = world.push(story, external_id={"Một": "one", "Hai": "two", "Ba": "three"}[name])
        ids.append(world.editor.get(f"/api/v1/persons?story={story_id}").json["items"][0]["id"])
    for order in ({"act": "record", "scopes": ["archive"]}, {"act": "withdraw", "scopes": ["image"]}):
        assert world.editor.ask("POST", f"/api/v1/persons/{ids[0]}/acts", body=order).status_code == 201
    with Database(database.engine, info=Signer.of(settings).info).writing() as session:
        erasing.erase(session, persons.get(session, ids[2]), actor=SYSTEM, now=clock.now())
    worker.step()
    clock.forward(8 * DAY)
    worker.step()


@pytest.fixture
def ledger(made: Made) -> Hub:
    return made(make_ledger)


def test_a_sound_ledger_has_no_faults(ledger: Hub) -> None:
    assert ledger.find_faults() == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (f"DELETE FROM consents WHERE story_id = {TWO} AND scope = 'name'", "not those that the journal tells"),
        (f"UPDATE consents SET scope = 'reuse' WHERE story_id = {TWO} AND scope = 'name'", "not those that"),
        ("DELETE FROM consents WHERE version = 0", "the journal tells of it, but it is not there"),
        ("UPDATE consents SET version = 0 WHERE scope = 'voice'", "is there, and no act recorded it"),
        (
            "UPDATE consents SET ended_at = NULL, end_reason = '' WHERE end_reason = 'withdrawn_all'",
            "was taken back or expired, and is not so any more",
        ),
        (
            "UPDATE consents SET ended_at = NULL, end_reason = '' WHERE end_reason = 'expired'",
            "was taken back or expired, and is not so any more",
        ),
        ("UPDATE consents SET end_reason = 'withdrawn' WHERE version = 0", "has ended .withdrawn., and"),
        (f"UPDATE consents SET end_reason = 'erased' WHERE story_id = {TWO}", "was erased, and no erasure is recorded"),
        (f"UPDATE persons SET name = 'Người Ba' WHERE id = {ERASED}", "person per_.* was erased, and is there again"),
        (f"UPDATE persons SET erased_at = NULL WHERE id = {ERASED}", "was erased, and is there again"),
        ("UPDATE persons SET erased_at = created_at", "person per_.*: was erased, and no erasure is recorded"),
        (f"UPDATE persons SET unit = 'Đội tàu' WHERE id = {ERASED}", "was erased, and is there again"),
        (f"UPDATE consents SET ended_at = NULL WHERE person_id = {ERASED}", "is open, and its person was erased"),
        (f"UPDATE consents SET form = 'giấy' WHERE person_id = {ERASED}", "tells of a person who was erased"),
        (
            "INSERT INTO proofs (id, person_id, media_type, length, sha256, sealed, created_at, created_by)"
            f" SELECT 'prf_1', id, 'application/pdf', 1, '', '', created_at, '' FROM persons WHERE id = {ERASED}",
            "proof prf_1: is there, and its person was erased",
        ),
        (f"UPDATE consents SET outlets = '[\"tv\"]' WHERE story_id = {TWO}", "not those that the journal tells"),
        (f"UPDATE consents SET audience = 'outlet' WHERE story_id = {TWO}", "not those that the journal tells"),
        (f"UPDATE consents SET expires_at = NULL WHERE story_id = {TWO}", "not those that the journal tells"),
        (f"UPDATE consents SET obtained_on = '2026-11-09' WHERE story_id = {TWO}", "not those that the journal tells"),
        (f"UPDATE consents SET assent_on = '2026-11-09' WHERE story_id = {TWO}", "not those that the journal tells"),
        (f"UPDATE consents SET guardian = '{SAID}' WHERE story_id = {TWO}", "not those that the journal tells"),
        (f"UPDATE consents SET clearance = '{CLEARED}' WHERE story_id = {TWO}", "not those that the journal tells"),
        ("UPDATE consents SET scope = 'reuse' WHERE version = 0", "not what the journal tells was opened"),
        ("UPDATE consents SET audience = 'outlet' WHERE version = 0", "not what the journal tells was opened"),
        (f"DELETE FROM story_persons WHERE story_id = {TWO}", "nobody is written down whom it is about"),
    ],
)  # fmt: skip
def test_what_was_changed_in_the_ledger_is_found(ledger: Hub, statement: str, expected: str) -> None:
    execute(ledger.database, statement)
    faults = ledger.find_faults()
    assert any(re.search(expected, fault) for fault in faults), faults
    assert not any("Người" in fault for fault in faults)


def make_narrowed(world: World, database: Database, settings: Settings) -> None:
    """A ledger in which a correction narrowed what a released version had opened, and a unit cleared what is left."""
    story_id = world.release()
    person = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"][0]["id"]
    limited = {
        "scopes": ALL_SCOPES,
        "obtained_on": "2026-11-01",
        "limited_to": {"outlets": ["newspaper", "tv", "public"]},
    }
    world.push(a_story(title="Người giữ bến", consent=limited))
    assert world.editor.act(story_id, "approve").status_code == 201
    answer = world.editor.act(story_id, "release")
    assert answer.status_code == 201, answer.json
    cleared = {"act": "clear", "story": story_id, "clearance": {"by": "Đồn", "role": "Trưởng", "date": "2026-11-20"}}
    assert world.editor.ask("POST", f"/api/v1/persons/{person}/acts", body=cleared).status_code == 201


@pytest.fixture
def narrowed(made: Made) -> Hub:
    return made(make_narrowed)


def test_a_narrowed_ledger_has_no_faults(narrowed: Hub) -> None:
    assert narrowed.find_faults() == []


def test_what_was_cleared_before_it_was_narrowed_has_no_faults(
    world: World, database: Database, settings: Settings
) -> None:
    story_id = world.release()
    person = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"][0]["id"]
    cleared = {"act": "clear", "story": story_id, "clearance": {"by": "Đồn", "role": "Trưởng", "date": "2026-11-20"}}
    assert world.editor.ask("POST", f"/api/v1/persons/{person}/acts", body=cleared).status_code == 201
    less = {"scopes": [scope for scope in ALL_SCOPES if scope != "image"], "obtained_on": "2026-11-01"}
    world.push(a_story(title="Người giữ bến", consent=less))
    assert world.editor.act(story_id, "approve").status_code == 201
    assert world.editor.act(story_id, "release").status_code == 201
    assert Hub(settings, database).find_faults() == []


NARROWED = "(SELECT max(id) FROM consents WHERE end_reason = 'narrowed')"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE consents SET outlets = '[]' WHERE ended_at IS NULL", "not what the journal tells was opened"),
        (
            f"UPDATE consents SET end_reason = 'replaced' WHERE id = {NARROWED}",
            "was narrowed by a correction, and is not",
        ),
        (f"UPDATE consents SET end_reason = '' WHERE id = {NARROWED}", "is neither open nor ended"),
        (f"UPDATE consents SET ended_at = NULL WHERE id = {NARROWED}", "is neither open nor ended"),
        (f"DELETE FROM consents WHERE id = {NARROWED}", "the journal tells of it, but it is not there"),
        (
            """UPDATE consents SET clearance = '{"date": "2026-11-21"}' WHERE ended_at IS NULL""",
            "was cleared on another day",
        ),
    ],
)
def test_what_was_changed_after_a_narrowing_is_found(narrowed: Hub, statement: str, expected: str) -> None:
    execute(narrowed.database, statement)
    faults = narrowed.find_faults()
    assert any(re.search(expected, fault) for fault in faults), faults
