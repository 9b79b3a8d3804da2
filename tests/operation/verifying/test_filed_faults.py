"""`hub verify` finds pick-ups, filings, receipts and waivers that are not what the journal tells of them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hub.actors import SYSTEM
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import JournalRow
from hub.outlets import receipts
from hub.records import persons
from hub.records.signing_keys import Signer
from hub.regulation.consent import erasing
from hub.worker import Worker
from tests.builders import World, a_story
from tests.operation.conftest import Hub, Made
from tests.operation.verifying.test_verification import PAST, execute


def make_filed(world: World, worker: Worker, database: Database, settings: Settings, clock: FixedClock) -> None:
    """A hub with a pick-up, an idea, and receipts of a withdrawal, of which the newspaper answered its own."""
    story_id = world.release()
    used = {"story": story_id, "use": "printed", "used_on": "2026-11-19", "place": "trang 3", "note": "Số đặc biệt"}
    assert world.newspaper.ask("POST", "/api/v1/pickups", body=used).status_code == 201
    idea = {"kind": "idea", "text": "Thêm chuyên mục cho học sinh.", "to": "nghe-ca"}
    assert world.editor.ask("POST", "/api/v1/filings", body=idea).status_code == 201
    clock.forward(timedelta(hours=1))
    assert world.editor.act(story_id, "withdraw", reason="subject_request").status_code == 201
    (receipt,) = world.newspaper.get("/api/v1/receipts?state=open").json["items"]
    answer = {"answer": "already_printed", "note": "Báo đã in số 12."}
    assert world.newspaper.ask("POST", f"/api/v1/receipts/{receipt['id']}", body=answer).status_code == 201
    worker.step()


@pytest.fixture
def filed(made: Made) -> Hub:
    return made(make_filed)


def test_what_was_filed_has_no_faults(filed: Hub) -> None:
    assert filed.find_faults() == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE pickups SET place = 'trang 1'", "pickup 1: differs from the journal in note"),
        ("UPDATE pickups SET \"use\" = 'declined'", "pickup 1: differs from the journal in use"),
        ("DELETE FROM pickups", "pickup 1: the journal tells of it, but it is not there"),
        ("UPDATE filings SET text = 'Bớt chuyên mục.'", "idea 1: differs from the journal in note"),
        ("DELETE FROM filings", "idea 1: the journal tells of it, but it is not there"),
        ("UPDATE receipts SET answer = 'done' WHERE answer <> ''", "receipt .: differs from the journal in status"),
        ("UPDATE receipts SET note = 'Chưa in.' WHERE answer <> ''", "receipt .: differs from the journal in text"),
        ("UPDATE receipts SET salt = '' WHERE answer <> ''", "receipt .: differs from the journal in text"),
        ("UPDATE receipts SET answer = '', note = ''", "receipt .: the journal tells of it, but it is not there"),
        ("UPDATE receipts SET task = 'reduce'", "receipt_asked .: differs from the journal in task"),
        ("UPDATE receipts SET answer = 'done', note = '' WHERE answer = ''", "the journal does not tell of it"),
        (f"UPDATE receipts SET due_at = {PAST} WHERE answer = ''", "receipt_asked .: differs from the journal in due"),
        ("UPDATE receipts SET channels = '[]'", "receipt_asked .: differs from the journal in channels"),
        ("UPDATE receipts SET fields = '[\"title\"]'", "receipt_asked .: differs from the journal in fields"),
        (f"UPDATE receipts SET asked_at = {PAST}", "receipt_asked .: differs from the journal in at"),
        (f"UPDATE receipts SET answered_at = {PAST}", "receipt .: differs from the journal in at"),
        (f"UPDATE pickups SET at = {PAST}", "pickup 1: differs from the journal in at"),
        (f"UPDATE filings SET at = {PAST}", "idea 1: differs from the journal in at"),
        ("DELETE FROM receipts WHERE answer = ''", "receipt_asked .: the journal tells of it, but it is not there"),
    ],
)
def test_what_was_changed_of_it_is_found(filed: Hub, statement: str, expected: str) -> None:
    execute(filed.database, statement)
    faults = filed.find_faults()
    assert any(re.search(expected, fault) for fault in faults), faults


def make_emptied(world: World, database: Database, settings: Settings, clock: FixedClock) -> None:
    """A hub where a person was erased from what was told beside stories."""
    name = "Nguyễn Văn Biển"
    story_id = world.release(a_story(interview=None, subject={"type": "individual", "name": name}))
    used = {"story": story_id, "use": "printed", "used_on": "2026-11-19", "place": "trang 3", "note": f"Ông {name}"}
    assert world.newspaper.ask("POST", "/api/v1/pickups", body=used).status_code == 201
    idea = {"kind": "idea", "text": f"Viết thêm về {name}.", "to": "nghe-ca"}
    assert world.editor.ask("POST", "/api/v1/filings", body=idea).status_code == 201
    person = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"][0]["id"]
    said = {"act": "withdraw", "scopes": ["image"]}
    assert world.editor.ask("POST", f"/api/v1/persons/{person}/acts", body=said).status_code == 201
    for receipt in world.newspaper.get("/api/v1/receipts?state=open").json["items"]:
        answer = {"answer": "cannot", "note": f"{name} đã lên trang nhất."}
        assert world.newspaper.ask("POST", f"/api/v1/receipts/{receipt['id']}", body=answer).status_code == 201
    with Database(database.engine, info=Signer.of(settings).info).writing() as session:
        erasing.erase(session, persons.get(session, person), actor=SYSTEM, now=clock.now())


@pytest.fixture
def emptied(made: Made) -> Hub:
    return made(make_emptied)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE receipts SET note = note", None),
        ("UPDATE pickups SET note = 'Ông Nguyễn Văn Biển'", "pickup 1: was emptied by an erasure, and note is there"),
        ("UPDATE pickups SET salt = 's', place = 'x'", "pickup 1: was emptied by an erasure, and place, salt is there"),
        ("UPDATE filings SET text = 'Ông Biển'", "idea 1: was emptied by an erasure, and text is there again"),
    ],
)
def test_what_was_erased_of_it_stays_so(emptied: Hub, statement: str, expected: str | None) -> None:
    execute(emptied.database, statement)
    faults = emptied.find_faults()
    assert any(re.search(expected, fault) for fault in faults) if expected else faults == [], faults


def test_askings_of_before_the_journal_told_of_their_terms_stay_sound(
    world: World, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_of = receipts.record_of

    def before(*args: Any, **named: Any) -> dict[str, Any]:
        said = record_of(*args, **named)
        return {name: value for name, value in said.items() if name not in ("due", "channels", "fields")}

    monkeypatch.setattr(receipts, "record_of", before)
    assert world.editor.act(world.release(), "withdraw", reason="subject_request").status_code == 201
    monkeypatch.undo()
    with database.reading() as session:
        told = session.scalars(select(JournalRow.body).where(JournalRow.body.contains("receipt_asked"))).all()
    assert told
    assert not any('"due"' in body for body in told)
    assert Hub(settings, database).find_faults() == []
