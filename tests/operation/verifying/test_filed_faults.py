"""`hub verify` finds pick-ups, filings, receipts and waivers that are not what the journal tells of them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.worker import Worker
from tests.builders import World
from tests.operation.conftest import Hub
from tests.operation.verifying.test_verification import execute


@pytest.fixture
def filed(world: World, worker: Worker, database: Database, settings: Settings, clock: FixedClock) -> Hub:
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
    return Hub(settings, database)


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
        ("DELETE FROM receipts WHERE answer = ''", "receipt_asked .: the journal tells of it, but it is not there"),
    ],
)
def test_what_was_changed_of_it_is_found(filed: Hub, statement: str, expected: str) -> None:
    execute(filed.database, statement)
    faults = filed.find_faults()
    assert any(re.search(expected, fault) for fault in faults), faults
