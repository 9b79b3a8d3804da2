"""Backup and restore: one tar of every row as JSON Lines, from one snapshot, and of every picture.

The form is the same for SQLite and PostgreSQL, so a backup moves a hub from one to the other. Kept documents are
left out (they are derived, and rendering them again gives the same bytes), and so are the worker's lease, sessions and
invitations: after a restore everybody signs in anew. Tables are read as the database has them, whatever its migration;
a restore builds that migration, fills it, and goes on to the newest.

    tables/NAME.jsonl   the first line names the columns, each further one is a row; parents before children
    media/AB/ABCD…      pictures by SHA-256, written after the snapshot, so that all it names are there
    manifest.json       last: what a whole backup holds, with the SHA-256 of every member
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table

from hub.db import Database
from hub.errors import Conflict
from hub.intake.media_store import MediaStore
from hub.operation.verifying import verification

FORM = "hub-backup/1"
DERIVED = frozenset({"documents", "fragments"})  # rendered again from the rest
DERIVED |= {"likeness_signatures", "likeness_bands", "likeness_rebuilds"}  # the worker signs all stories again
DERIVED |= {"listings", "listing_marks"}  # the worker lists and indexes all public stories again
INDEX = "search_words"  # with the tables that SQLite keeps under it
DERIVED |= {"inbox_lines", "inbox_words"}  # the worker makes them again
PASSING = frozenset({"leases"})  # nobody who held one still does
PASSING |= {"sessions", "invitations"}  # what was ended or used since must not open anything again
PASSING |= {"table_drafts"}  # what was not agreed to
REVISION_TABLE = "alembic_version"
MANIFEST = "manifest.json"
ROWS = 50  # read or written at once; a row may be half a megabyte
CHUNK = 1024 * 1024

Step = Callable[[str], None]  # hears what is being done, for progress


class NothingToBackUp(Conflict):
    """The database has no tables."""

    key = "error.nothing_to_back_up"


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was written: its size and SHA-256, what is in it, and the pictures that could not be."""

    size: int
    sha256: str
    rows: int
    pictures: int
    faults: tuple[str, ...]


def write(database: Database, store: MediaStore, goal: Path, *, version: str, now: datetime, step: Step) -> Made:
    """Write a backup to `goal`, which appears when it is whole and on disk. Readers and writers go on meanwhile.

    A picture that is missing or damaged cannot stop a backup; it is told in `faults`. Raises NothingToBackUp.
    """
    with tempfile.TemporaryDirectory(prefix=".hub-backup-", dir=goal.parent) as name:
        work = Path(name)
        migration, tables, pictures = _dump(database.engine, work, step)
        whole = work / goal.name
        with open(whole, "xb", opener=_private) as file:  # it holds everything anybody ever said
            hashing = _Hashing(file)
            with _tar_into(hashing, zipped=goal.name.endswith((".gz", ".tgz"))) as tar:
                members = {}
                for table in tables:
                    step(table)
                    path = work / f"{table}.jsonl"
                    members[f"tables/{table}.jsonl"] = _add_file(tar, f"tables/{table}.jsonl", path)
                    path.unlink()
                faults = []
                for sha256 in pictures:
                    step("pictures")
                    path = store.path(sha256)
                    if _sha256_of(path) == sha256:
                        members[picture_name(sha256)] = _add_file(tar, picture_name(sha256), path)
                    elif verification.is_named(database, sha256):  # else it was swept away meanwhile
                        faults.append(f"picture {sha256}: is missing or damaged")
                manifest = {
                    "form": FORM,
                    "version": version,
                    "made_at": now.isoformat(),
                    "migration": migration,
                    "tables": tables,
                    "members": members,
                }
                _add_bytes(tar, MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
            file.flush()
            os.fsync(file.fileno())
        whole.replace(goal)
    _sync(goal.parent)
    kept = len(members) - len(tables)
    return Made(hashing.size, hashing.sha256.hexdigest(), sum(tables.values()), kept, tuple(faults))


# writing


def _dump(engine: Engine, folder: Path, step: Step) -> tuple[str, dict[str, int], list[str]]:
    """Every table of one snapshot as a file in `folder`: the migration, rows by table, and pictures by SHA-256."""
    with _snapshot(engine) as connection:
        tables = reflect(connection)
        if REVISION_TABLE not in tables:
            raise NothingToBackUp()
        migration = connection.scalar(sa.select(tables[REVISION_TABLE].c.version_num))
        wanted = [table for name, table in tables.items() if name not in DERIVED | PASSING | {REVISION_TABLE}]
        counts = {}
        for table in wanted:
            step(table.name)
            with (folder / f"{table.name}.jsonl").open("wb") as file:
                counts[str(table.name)] = _dump_table(connection, table, file)
        named = tables["renditions"].c.sha256
        pictures = list(connection.scalars(sa.select(named).distinct().order_by(named)))
    return str(migration), counts, pictures


def _dump_table(connection: Connection, table: Table, file: IO[bytes]) -> int:
    file.write(orjson.dumps([column.name for column in table.columns]) + b"\n")
    count = 0
    query = sa.select(table).order_by(*table.primary_key.columns).execution_options(yield_per=ROWS)
    for row in connection.execute(query):
        file.write(orjson.dumps([_plain(value) for value in row], option=orjson.OPT_APPEND_NEWLINE))
        count += 1
    return count


def _plain(value: Any) -> Any:
    """A value as JSON has it: instants in UTC, bytes in base64."""
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    return b64encode(value).decode() if isinstance(value, bytes) else value


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection whose statements all see the same state; it keeps no writer waiting."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection


class _Hashing:
    """A file that is only written to, and what was written to it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        self.size += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


@contextmanager
def _tar_into(file: Any, *, zipped: bool) -> Iterator[tarfile.TarFile]:
    if not zipped:
        with tarfile.open(fileobj=file, mode="w|") as tar:
            yield tar
        return
    with gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
        yield tar


def _add_file(tar: tarfile.TarFile, name: str, path: Path) -> str:
    with path.open("rb") as file:
        info = _info(name, os.fstat(file.fileno()).st_size)
        hashed = _HashingReader(file)
        tar.addfile(info, hashed)
        return hashed.sha256.hexdigest()


def _sha256_of(path: Path) -> str:
    """Of a file, a film perhaps, which is not read whole at once; empty for one that cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _add_bytes(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    tar.addfile(_info(name, len(data)), io.BytesIO(data))


def picture_name(sha256: str) -> str:
    """The member that holds a picture."""
    return f"media/{sha256[:2]}/{sha256}"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info


class _HashingReader:
    """A file that is only read from, and the SHA-256 of what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.sha256.update(data)
        return data


def reflect(connection: Connection) -> dict[str, Table]:
    """The tables as the database has them, parents before children."""
    metadata = sa.MetaData()
    metadata.reflect(connection, only=lambda name, _: not name.startswith(INDEX))
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, sa.JSON):
                column.type = sa.JSON(none_as_null=True)  # NULL stays NULL
    return {table.name: table for table in metadata.sorted_tables}


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
