"""The database: one engine, aware UTC instants, and transactions that say whether they write.

SQLite runs in WAL with ``synchronous=FULL``; a writing transaction begins IMMEDIATE, so it never has to be
upgraded half-way. PostgreSQL runs READ COMMITTED, and services lock the rows they decide on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

import orjson
from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Insert,
    MetaData,
    PoolProxiedConnection,
    Table,
    Update,
    bindparam,
    create_engine,
    event,
    insert,
    inspect,
    update,
)
from sqlalchemy.orm import DeclarativeBase, Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeDecorator

BUSY_MILLISECONDS = 5_000
LITTLE_MILLISECONDS = 200
BEGIN = "hub_begin"  # under which a connection of SQLite keeps how its next transaction begins
READ = ("BEGIN",)
WRITE = ("BEGIN IMMEDIATE",)
WRITE_IF_FREE = (f"PRAGMA busy_timeout={LITTLE_MILLISECONDS}", *WRITE)
POOL: dict[str, Any] = {
    "pool_size": 16,
    "max_overflow": 16,
    "hide_parameters": True,  # no value reaches a log
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": orjson.loads,
}
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: refuses naive values, answers aware UTC ones, keeps microseconds on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime reached the database: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UTCDateTime, dict[str, Any]: JSON, list[Any]: JSON, list[str]: JSON}  # noqa: RUF012


def make_engine(url: str) -> Engine:
    """An engine for `url` (``sqlite:///…`` or ``postgresql…``; bare ``postgresql:`` takes psycopg 3)."""
    if url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": BUSY_MILLISECONDS / 1000}, **POOL)
        event.listen(engine, "connect", _prepare_sqlite)
        engine.dialect.do_begin = _begin_sqlite  # type: ignore[assignment, method-assign]
        return engine
    return create_engine(url, pool_pre_ping=True, **POOL)


class Database:
    """Opens sessions. `writing()` commits on leaving and rolls back on an error; `reading()` never commits.

    `info` goes with every session (``Session.info``): what services need and no row holds, as who signs.
    """

    def __init__(self, engine: Engine, *, info: Mapping[str, Any] | None = None) -> None:
        self.engine = engine
        self._info = dict(info or {})

    @contextmanager
    def writing_if_free(self) -> Iterator[Session]:
        """`writing()` for what can be left undone: on SQLite it hardly waits for another writer."""
        with self._writing(WRITE_IF_FREE) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self._writing(WRITE) as session:
            yield session

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """A connection for one statement, which is a transaction of its own."""
        with self.engine.connect() as connection, _beginning(connection, ()):
            yield connection

    @contextmanager
    def _writing(self, begin: Sequence[str]) -> Iterator[Session]:
        with (
            self.engine.connect() as connection,
            _beginning(connection, begin),
            Session(connection, expire_on_commit=False, info=self._info) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False, info=self._info) as session:
            yield session


@contextmanager
def begin_writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes, without a session: for those who make tables and fill them."""
    with engine.connect() as connection, _beginning(connection, WRITE), connection.begin():
        yield connection


def add_at_once(session: Session, row: Base) -> None:
    """INSERT a new row; from then on it is as one that the session has read, and what is set in it is flushed.

    For what every story brings: `session.add` leaves a row to the unit of work, which puts all that has changed in
    order by what it names, and takes five times the INSERT for it. So whatever the row names must be there already,
    and the row says every column but an id that is counted up.
    """
    mapping = _mapping(type(row))
    said = inspect(row).dict
    values = {name: said[name] for name in mapping.columns if name in said}
    written = session.connection().execute(mapping.insert, values)
    for name, value in zip(mapping.key, written.inserted_primary_key or (), strict=True):
        setattr(row, name, value)
    make_transient_to_detached(row)
    session.add(row)


def change_at_once(session: Session, row: Base, **changes: Any) -> None:
    """UPDATE columns of a row that the session has read, as `add_at_once` writes a new one.

    A savepoint that is rolled back leaves them in the object: whoever goes on reads it anew, as whoever locks it does.
    Raises StaleDataError, as a flush would, where the row is gone.
    """
    mapping = _mapping(type(row))
    which = {f"of_{name}": getattr(row, name) for name in mapping.key}
    if session.connection().execute(mapping.update, {**changes, **which}).rowcount != 1:
        raise StaleDataError(f"no row of {type(row).__name__} was changed")
    for name, value in changes.items():
        set_committed_value(row, name, value)


@dataclass(frozen=True, slots=True)
class _Mapping:
    """A table as the statements that are built once for it."""

    columns: tuple[str, ...]
    key: tuple[str, ...]
    insert: Insert
    update: Update


@cache
def _mapping(kind: type[Base]) -> _Mapping:
    table = cast("Table", kind.__table__)
    key = table.primary_key.columns
    which = [column == bindparam(f"of_{column.key}") for column in key]
    return _Mapping(tuple(table.columns.keys()), tuple(key.keys()), insert(table), update(table).where(*which))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_MILLISECONDS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "wal_autocheckpoint=4000",  # pages; the same hot pages are copied less often
        "foreign_keys=ON",
        "cache_size=-8000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def _beginning(connection: Connection, begin: Sequence[str]) -> Iterator[None]:
    """How SQLite's transactions on this connection begin, for as long as it is used here."""
    known = connection.info
    known[BEGIN] = begin
    try:
        yield
    finally:
        known.pop(BEGIN, None)


def _begin_sqlite(connection: PoolProxiedConnection) -> None:
    """The dialect's `do_begin`. As an event of the engine it would make every statement look for listeners."""
    begin = connection.info.get(BEGIN, READ)
    cursor = connection.cursor()
    try:
        for statement in begin:
            cursor.execute(statement)
    finally:
        if begin is WRITE_IF_FREE:
            cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        cursor.close()
