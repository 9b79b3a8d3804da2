"""The journal: chained, without texts, and every tampering found."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import event, update

from hub.clock import local_day
from hub.db import Database
from hub.models import JournalHead, JournalRow
from hub.records import journal, journal_reading
from hub.records.journal_reading import Question
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


QUESTIONS = {
    "a kind": Question(kind="contacts_read"),
    "an actor": Question(actor="editor:9"),
    "both, each of many": Question(kind="act", actor="editor:9"),
    "a day": Question(day=date(2026, 1, 20)),
    "a kind on a day": Question(day=date(2026, 1, 20), kind="act"),
    "a story": Question(story="st_9"),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_rows_are_found_by_their_columns_and_never_by_searching_bodies(database: Database, question: Question) -> None:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(31)]
    with database.writing() as session:
        for day in days:
            at = datetime.combine(day, time(5), UTC)
            records = [
                {"kind": kind, "actor": actor, "note": "editor:9 contacts_read"}
                for kind, actor in (("act", "editor:3"), ("version", "editor:9"), ("act", "editor:3"))
            ]
            journal.append_all(session, records, at=at)
        journal.append(session, {"kind": "contacts_read", "actor": "admin:1"}, at=at)
    with database.reading() as session:
        seen: list[str] = []
        event.listen(session.connection(), "before_cursor_execute", lambda *said: seen.append(said[2]))
        lines = journal_reading.list_lines(session, question, limit=51)
        assert all("LIKE" not in statement.upper() for statement in seen)
    if question == QUESTIONS["a kind"]:
        assert [(line.kind, line.actor) for line in lines] == [("contacts_read", "admin:1")]
    elif question == QUESTIONS["an actor"]:
        assert {line.kind for line in lines} == {"version"}
        assert len(lines) == len(days)
    elif question.day is not None:
        assert len(lines) == (2 if question.kind else 3)
        assert {local_day(line.at) for line in lines} == {question.day}
    else:
        assert lines == []


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
