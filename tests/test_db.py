"""How transactions begin, and that rows written at once, past the unit of work, are the session's as all others."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import inspect, select, text

from hub.clock import FixedClock
from hub.db import BEGIN, BUSY_MILLISECONDS, LITTLE_MILLISECONDS, Database, add_at_once, change_at_once
from hub.models import Act, Person, Story
from tests.builders import World


def _an_act(story_id: str, clock: FixedClock) -> Act:
    said: dict[str, Any] = {column.key: "" for column in Act.__table__.columns if column.key != "id"}
    nothing = dict.fromkeys(("actor_id", "user_id", "embargo_until", "into_id", "faults", "changes"))
    return Act(**{**said, **nothing, "story_id": story_id, "version": 1, "channels": [], "at": clock.now()})


def test_a_row_added_at_once_has_its_id_and_what_is_set_later_is_flushed(
    world: World, database: Database, clock: FixedClock
) -> None:
    story_id = world.push()
    with database.writing() as session:
        act = _an_act(story_id, clock)
        add_at_once(session, act)
        assert act in session
        assert (list(session.new), list(session.dirty)) == ([], [])
        assert session.scalars(select(Act).where(Act.id == act.id)).one() is act
        act.channels = ["public/all"]
    with database.reading() as session:
        assert session.get_one(Act, act.id).channels == ["public/all"]


def test_a_row_changed_at_once_keeps_what_else_was_set_for_the_flush(world: World, database: Database) -> None:
    story_id = world.push()
    with database.writing() as session:
        story = session.get_one(Story, story_id)
        story.urgency, story.revision = 1, 100
        change_at_once(session, story, revision=7, step="unit")
        assert (story.revision, story.step) == (7, "unit")
        assert set(inspect(story).committed_state) == {"urgency"}
    with database.reading() as session:
        found = session.get_one(Story, story_id)
        assert (found.urgency, found.revision, found.step, found.external_id) == (1, 7, "unit", "one")


def test_nothing_of_a_row_added_at_once_is_left_after_a_rollback(world: World, database: Database) -> None:
    world.push()
    with database.writing() as session:
        known = session.scalars(select(Person)).first()
        assert known is not None
        copy = Person(**{column.key: getattr(known, column.key) for column in Person.__table__.columns})
        copy.id = "per_copy"
        savepoint = session.begin_nested()
        add_at_once(session, copy)
        savepoint.rollback()
        assert session.get(Person, "per_copy", populate_existing=True) is None


def test_each_transaction_of_sqlite_begins_as_it_is_meant(database: Database) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL locks rows")
    said: list[str] = []
    with database.engine.connect() as connection:
        connection.connection.dbapi_connection.set_trace_callback(said.append)  # type: ignore[union-attr]
    for opened in (database.writing, database.reading, database.asking, database.writing_if_free, database.reading):
        with opened() as session:
            session.execute(text("SELECT 1"))
    assert [line for line in said if not line.startswith("SELECT")] == [
        "BEGIN IMMEDIATE",
        "COMMIT",
        "BEGIN",
        "ROLLBACK",
        f"PRAGMA busy_timeout={LITTLE_MILLISECONDS}",
        "BEGIN IMMEDIATE",
        f"PRAGMA busy_timeout={BUSY_MILLISECONDS}",
        "COMMIT",
        "BEGIN",
        "ROLLBACK",
    ]


def test_a_session_that_asked_nothing_leaves_the_connection_to_readers(database: Database) -> None:
    with database.writing():
        pass
    with database.reading() as one, database.writing() as other:
        one.execute(text("SELECT 1"))
        other.execute(text("SELECT 1"))
    with database.engine.connect() as connection:
        assert BEGIN not in connection.info
