"""`hub verify` finds every changed duty by deriving all of them again, and leaves the hub as it was."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from hub.db import Database
from hub.models import Duty, JournalHead, Setting
from hub.operation.verifying import duty_faults, verification
from hub.regulation.duties import projector
from tests.operation.verifying.test_verification import PAST, execute
from tests.regulation.scenes import Scene, scene
from tests.regulation.test_duties_kept import a_busy_autumn

__all__ = ["scene"]
OPEN = "(SELECT min(id) FROM duties WHERE ended_at IS NULL AND opened_by > 1)"
MET = "(SELECT min(id) FROM duties WHERE state = 'met')"


def find(database: Database) -> list[str]:
    return list(verification._in_snapshot(database, duty_faults.find, lambda *_: None))


@pytest.fixture
def busy(scene: Scene) -> Scene:
    a_busy_autumn(scene, resting=True)
    return scene


def test_sound_duties_have_no_faults_and_nothing_is_written(busy: Scene) -> None:
    before = busy.table()
    assert [find(busy.database) for _ in range(2)] == [[], []]  # what stood before them is gone
    assert busy.table() == before
    busy.act("2027-02-01 09:00", "submit", story="st_more")
    assert find(busy.database) == []


def test_what_the_worker_has_not_read_yet_is_no_fault(busy: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as asleep:
        asleep.setattr(projector, "catch_up", lambda _: 0)
        busy.act("2027-02-01 09:00", "submit", story="st_more")
    with busy.database.reading() as session:
        read = session.get_one(Setting, "duties").value
        assert f'"row":{session.scalar(select(JournalHead.number))}' not in read
    assert find(busy.database) == []
    projector.catch_up(busy.database)
    assert find(busy.database) == []


def test_a_hub_without_regulation_has_no_faults(database: Database) -> None:
    assert find(database) == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        *(
            (f"UPDATE duties SET {change} WHERE id = {OPEN}", f"duty du_.*: differs from .* gives in {names}")
            for change, names in (
                ("clause = '99.1'", "clause"),
                ("owner_kind = 'desk'", "owner_kind"),
                ("owner = 'phu-nu-2'", "owner"),
                ("story_id = 'st_other'", "story_id"),
                ("period = '2026-Q3'", "period"),
                ("key = 's:st_other'", "key"),
                ("opened_by = 1", "opened_by"),
                (f"opened_at = {PAST}", "opened_at"),
                (f"due_at = {PAST}", "due_at"),
                (f"next_due_at = {PAST}", "next_due_at"),
                ("state = 'met'", "state"),
                ("evidence = '[1]'", "evidence"),
                ("counted = '[\"x\"]'", "counted"),
                (f"ended_at = {PAST}", "ended_at"),
            )
        ),
        (f"UPDATE duties SET state = 'met_late' WHERE id = {MET}", "in state"),
        (f"UPDATE duties SET evidence = '[]' WHERE id = {MET}", "in evidence"),
        (f"UPDATE duties SET ended_at = NULL WHERE id = {MET}", "in ended_at"),
        (f"DELETE FROM duties WHERE id = {OPEN}", "the journal gives it, but it is not there"),
        (f"UPDATE duties SET id = 'du_0' WHERE id = {OPEN}", "duty du_0: the journal does not give it"),
    ],
)  # fmt: skip
def test_a_changed_duty_is_found(busy: Scene, statement: str, expected: str) -> None:
    execute(busy.database, statement)
    faults = find(busy.database)
    assert any(re.search(expected, fault) for fault in faults), faults


def test_a_lost_mark_is_found_by_what_it_had_brought(busy: Scene) -> None:
    execute(busy.database, "DELETE FROM settings WHERE name = 'duties'")
    assert any("the journal does not give it" in fault for fault in find(busy.database))


def test_an_edition_of_a_duty_is_asked_too(busy: Scene) -> None:
    busy.adopt(when="2027-01-21 09:00")
    assert find(busy.database) == []
    with busy.database.writing() as session:
        session.query(Duty).where(Duty.ended_at.is_(None)).update({Duty.edition_id: 2})
    assert any("in edition_id" in fault for fault in find(busy.database))
