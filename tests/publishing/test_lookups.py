"""One entry, and what an outlet told or owes of one story, are found by their own index, however much there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from hub.db import Database
from hub.models import Channel
from hub.outlets import receipts, uses
from hub.publishing import reading

UID = "urn:uuid:00000000-0000-5000-8000-000000000005"


@contextmanager
def plans(session: Session) -> Iterator[list[str]]:
    """How SQLite goes about each statement."""
    found: list[str] = []
    connection = session.connection()

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        rows = cursor.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        found.append(" / ".join(str(row[3]) for row in rows.fetchall()))

    event.listen(connection, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        event.remove(connection, "before_cursor_execute", explain)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)  # PostgreSQL plans by the size of the table
@pytest.mark.parametrize(
    ("look", "index"),
    [
        (lambda session, channel: reading.find_entry(session, channel, UID), "ix_entries_uid"),
        (lambda session, channel: uses.list_of_outlets(session, [1], ["st_1"]), "ix_pickups_story_id"),
        (lambda session, channel: receipts.list_open_of(session, [1], ["st_1"]), "ix_receipts_story_id"),
    ],
    ids=["an entry", "uses", "a receipt"],
)
def test_a_single_thing_is_found_by_its_own_index(
    world: object, database: Database, look: Callable[[Session, int], object], index: str
) -> None:
    with database.reading() as session:
        channel = session.scalars(select(Channel.id)).first() or 0
        with plans(session) as found:
            look(session, channel)
    (plan,) = found
    assert f"USING INDEX {index} " in plan, plan
