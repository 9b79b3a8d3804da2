"""A PostgreSQL server for tests, and its databases: taken empty, given back, emptied for the next one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

TEMPLATE = "hub_template"

# what a test may have bent besides rows: tables, columns, constraints, triggers, functions, settings of the database
_SHAPE = text("""
    SELECT md5(string_agg(line, ';' ORDER BY line)) FROM (
        SELECT format('class %s %s %s', oid, relname, relnatts) AS line
          FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT format('trigger %s %s', oid, tgenabled) FROM pg_trigger
        UNION ALL SELECT format('constraint %s', oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT format('function %s %s', oid, xmin) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT format('setting %s', setconfig) FROM pg_db_role_setting
         WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
    ) AS lines
""")
_TABLES = text(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    " AND relname <> 'alembic_version' ORDER BY relname"
)
_ALONE = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_COUNTED = text(
    "SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences WHERE last_value IS NOT NULL"
)
_COUNT_ON = text("SELECT setval(CAST(:sequence AS regclass), :value)")
_RESTART = text(
    "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
    " FROM pg_sequences WHERE last_value IS NOT NULL"
)


@dataclass(frozen=True)
class Rows:
    """What stood in a database: binary rows by table, and how far its sequences had counted."""

    tables: dict[str, bytes]
    sequences: dict[str, int]


@dataclass
class Postgres:
    """A PostgreSQL server whose template database stands at the newest migration."""

    url: str  # of the maintenance database, for SQLAlchemy
    made: list[str] = field(default_factory=list)
    _shapes: dict[str, str] = field(default_factory=dict)  # address → its shape when it was made
    _idle: list[str] = field(default_factory=list)

    def new_database(self) -> str:
        """A fresh database, copied from the template; returns its address."""
        return self.copy(f"{TEMPLATE}_{os.getpid()}")

    def copy(self, template: str) -> str:
        """A fresh database, copied from another that nobody is connected to; returns its address."""
        name = f"hub_{os.getpid()}_{len(self.made)}"
        self.made.append(name)
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.address(name)

    def take(self) -> str:
        """An empty database for one test; `give_back` it when the test is over.

        To empty one costs a sixth of copying the template, and thousands of copies would fill a disk.
        """
        if self._idle:
            return self._idle.pop()
        url = self.new_database()
        with _connected(url) as connection:
            self._shapes[url] = _shape(connection)
        return url

    def give_back(self, url: str) -> None:
        """Empty a database for the next test; drop it where the test changed more than rows."""
        with _connected(url) as connection:
            connection.execute(_ALONE)
            kept = _shape(connection) == self._shapes[url]
            if kept:
                _empty(connection)
        if kept:
            self._idle.append(url)
        else:
            self.drop(url)

    def read(self, url: str) -> Rows:
        """All that stands in a database."""
        with _connected(url) as connection:
            tables = {name: _copied(connection, name) for name in _filled(connection)}
            sequences = {str(name): int(value) for name, value in connection.execute(_COUNTED)}
            return Rows(tables, sequences)

    def fill(self, url: str, rows: Rows) -> None:
        """Write what `read` gave into an empty database: a few milliseconds, where to copy the whole takes a second."""
        with _connected(url) as connection:
            connection.execute(text("SET session_replication_role = replica"))
            for name, data in rows.tables.items():
                with connection.connection.cursor().copy(f'COPY "{name}" FROM STDIN (FORMAT BINARY)') as copy:
                    copy.write(data)
            for sequence, value in rows.sequences.items():
                connection.execute(_COUNT_ON, {"sequence": sequence, "value": value})

    def drop(self, url: str) -> None:
        self.execute(f'DROP DATABASE IF EXISTS "{name_of(url)}" WITH (FORCE)')

    def address(self, name: str) -> str:
        base, _, query = self.url.partition("?")
        return base.rsplit("/", 1)[0] + f"/{name}" + (f"?{query}" if query else "")

    def execute(self, statement: str) -> None:
        with _connected(self.url) as connection:
            connection.execute(text(statement))


def name_of(url: str) -> str:
    """The name of the database at an address."""
    return url.partition("?")[0].rsplit("/", 1)[1]


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def _shape(connection: Connection) -> str:
    return str(connection.execute(_SHAPE).scalar_one())


def _filled(connection: Connection) -> list[str]:
    tables = connection.execute(_TABLES).scalars().all()
    any_row = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in tables)
    return list(connection.execute(text(any_row)).scalars())


def _copied(connection: Connection, table: str) -> bytes:
    with connection.connection.cursor().copy(f'COPY "{table}" TO STDOUT (FORMAT BINARY)') as copy:
        return b"".join(copy)


def _empty(connection: Connection) -> None:
    """Delete every row past triggers and foreign keys; sequences count from their start again."""
    deletes = ";".join(f'DELETE FROM "{name}"' for name in _filled(connection))
    connection.execute(text("SET session_replication_role = replica"))
    connection.exec_driver_sql(f"BEGIN; {deletes}; COMMIT")
    connection.execute(_RESTART)
