"""The journal: chained, without texts, and every tampering found."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from sqlalchemy import update

from hub.db import Database
from hub.models import JournalHead, JournalRow
from hub.records import journal
from tests.builders import World, a_story


def _breaks(database: Database) -> list[str]:
    with database.reading() as session:
        return list(journal.list_breaks(session))


def test_every_version_and_act_is_a_link_of_one_chain(world: World, database: Database) -> None:
    story_id = world.release(a_story(title="Tên riêng Bí Mật"))
    world.editor.act(story_id, "withdraw", reason="other", note="Ghi chú kín")
    with database.reading() as session:
        rows = [json.loads(row.body) for row in session.query(JournalRow).order_by(JournalRow.number)]
    told = [row.get("act", row["kind"]) for row in rows]
    steps = ["version", "submit", "approve", "release", "releases", "withdraw"]
    assert [kind for kind in told if kind not in ("receipt_asked", "register_told")] == steps
    assert told.count("receipt_asked") == 2  # of the newspaper and the station
    assert [row["number"] for row in rows] == list(range(1, 16))  # seven of them told who there is
    text = json.dumps(rows, ensure_ascii=False)
    assert "Bí Mật" not in text
    assert "Ghi chú" not in text
    assert _breaks(database) == []


def test_a_row_tells_its_instant_in_utc_whatever_clock_it_was_read_from(database: Database) -> None:
    at = datetime.fromisoformat("2026-11-23T12:00:00+07:00")
    with database.writing() as session:
        journal.append(session, {"kind": "idea"}, at=at)
    with database.reading() as session:
        row = session.get_one(JournalRow, 1)
        assert json.loads(row.body)["at"] == row.at.isoformat() == "2026-11-23T05:00:00+00:00"


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_changed_row_is_found(world: World, database: Database, number: int) -> None:
    story_id = world.release()
    world.editor.act(story_id, "withdraw", reason="other")
    with database.writing() as session:
        row = session.get_one(JournalRow, number)
        row.body = row.body.replace("kind", "kine")
    assert any(f"row {number} " in fault for fault in _breaks(database))


def test_a_missing_row_and_a_shortened_chain_are_found(world: World, database: Database) -> None:
    world.release()
    with database.writing() as session:
        session.delete(session.get_one(JournalRow, 2))
    assert any("row 2 is missing" in fault for fault in _breaks(database))
    with database.writing() as session:
        session.execute(update(JournalHead).values(number=9))
    assert any("head" in fault for fault in _breaks(database))


def test_a_note_is_committed_to_under_a_salt() -> None:
    assert journal.commitment("a", "note") != journal.commitment("b", "note")
