"""The small province, built once in each process of a run for each kind of database, and copied for the other tests.

To build it is an eighth of a short test. A copy has the same rows and the same keys. It is rows that are copied, not
the file, since the application of the test has that open.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, fields
from datetime import datetime

from flask import Flask
from sqlalchemy import select

from hub.config import Settings
from hub.db import Database
from hub.models import Base, Organization
from tests.builders import Client, World, build_world
from tests.postgres import Postgres, Rows

Dump = dict[str, list[tuple[object, ...]]]  # rows by table


@dataclass
class KeptWorlds:
    """What was built so far, by kind of database and by the instant of its making."""

    postgres: Callable[[], Postgres]
    _made: dict[tuple[str, datetime], tuple[World, Dump | Rows]] = field(default_factory=dict)

    def lay(self, settings: Settings, app: Flask, database: Database, *, now: datetime) -> World:
        """The province and its clients, in an empty database; where somebody is in it already, it is built beside."""
        key = (database.engine.dialect.name, now)
        if key not in self._made or _has_somebody(database):
            world = build_world(app, database, now=now)
            if key not in self._made:
                self._made[key] = world, self.read(settings)
            return world
        world, rows = self._made[key]
        if isinstance(rows, Rows):
            self.postgres().fill(settings.database_url, rows)
        else:
            _fill(settings, rows)
        return _speaking_to(app, world)

    def read(self, settings: Settings) -> Dump | Rows:
        """The rows of a database that has no stories yet."""
        if settings.database_url:
            return self.postgres().read(settings.database_url)
        with closing(_connect(settings)) as connection:
            names = [table.name for table in Base.metadata.sorted_tables]
            rows = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
        return {name: found for name, found in rows.items() if found}


def _has_somebody(database: Database) -> bool:
    with database.reading() as session:
        return session.scalar(select(Organization.id).limit(1)) is not None


def _connect(settings: Settings) -> sqlite3.Connection:
    return sqlite3.connect(settings.data / "hub.db", isolation_level=None)


def _fill(settings: Settings, dump: Dump) -> None:
    with closing(_connect(settings)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        for name, rows in dump.items():
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)
        connection.execute("COMMIT")


def _speaking_to(app: Flask, world: World) -> World:
    """The same people, at another application."""
    said = {each.name: getattr(world, each.name) for each in fields(world)}
    moved = {name: Client(app, it.secret) if isinstance(it, Client) else it for name, it in said.items()}
    return World(**moved)
