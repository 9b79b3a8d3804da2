"""Backup and restore: one tar of every row as JSON Lines, from one snapshot, and of every picture.

The form is the same for SQLite and PostgreSQL, so a backup moves a hub from one to the other. Kept documents are
left out (they are derived, and rendering them again gives the same bytes), and so is the worker's lease. Tables are
read as the database has them, whatever its migration; a restore builds that migration, fills it, and goes on to the
newest.

    tables/NAME.jsonl   the first line names the columns, each further one is a row; parents before children
    media/AB/ABCD…      pictures by SHA-256, written after the snapshot, so that all it names are there
    manifest.json       last: what a whole backup holds, with the SHA-256 of every member
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import tarfile
import tempfile
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table

from hub import migrations
from hub.db import Base, Database
from hub.errors import Conflict, Malformed
from hub.intake.media_store import MediaStore
from hub.operation import verification

FORM = "hub-backup/1"
DERIVED = frozenset({"documents", "fragments"})  # rendered again from the rest; a search index would belong here
DERIVED |= {"likeness_signatures", "likeness_bands", "likeness_rebuilds"}  # the worker signs all stories again
PASSING = frozenset({"leases"})  # nobody who held one still does
REVISION_TABLE = "alembic_version"
MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 256 * 1024 * 1024
MEMBER = re.compile(r"tables/[a-z][a-z0-9_]*\.jsonl|media/([0-9a-f]{2})/(\1[0-9a-f]{62})|manifest\.json")
GZIP = b"\x1f\x8b"
ROWS = 50  # read or written at once; a row may be half a megabyte
CHUNK = 1024 * 1024
UNFINISHED = ".new-"  # what a killed upload leaves in the media folder

Step = Callable[[str], None]  # hears what is being done, for progress


class NotABackup(Malformed):
    """The file is no whole backup: cut off, changed, or something else altogether."""

    key = "error.not_a_backup"


class NewerBackup(Conflict):
    """The backup was made by a hub with migrations that this one does not know."""

    key = "error.newer_backup"


class NotEmpty(Conflict):
    """A restore would lay a backup over something."""

    key = "error.restore_into_something"


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


@dataclass(frozen=True, slots=True)
class _Manifest:
    migration: str
    tables: Mapping[str, int]  # rows by table, parents before children
    members: Mapping[str, str]  # SHA-256 by name


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
                    try:
                        picture = store.path(sha256).read_bytes()
                    except OSError:
                        picture = b""
                    if hashlib.sha256(picture).hexdigest() == sha256:
                        members[_picture_name(sha256)] = sha256
                        _add_bytes(tar, _picture_name(sha256), picture)
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


def restore(source: Path, engine: Engine, store: MediaStore, *, step: Step) -> None:
    """Lay the backup `source` into an empty database and media folder, and go on to the newest migration.

    Reads all of it and checks every SHA-256 first. Rows are one transaction that is committed after the pictures are
    on disk, so a restore that was stopped can be run again. Raises NotABackup, NewerBackup, NotEmpty.
    """
    manifest = _check(source, step)
    store.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # personal data: for its owner only
    store.folder.mkdir(exist_ok=True)
    _require_empty(engine, store, manifest)
    _build(engine, manifest.migration)
    with engine.execution_options(hub_writes=True).begin() as connection:
        tables = _reflect(connection)
        if unknown := manifest.tables.keys() - tables.keys():
            raise NotABackup(reason=f"migration {manifest.migration} has no {', '.join(sorted(unknown))}")
        later = _Later()
        with _tar_from(source) as tar:
            for member in tar:
                with _opened(tar, member) as file:
                    if member.name.startswith("tables/"):
                        name = member.name.removeprefix("tables/").removesuffix(".jsonl")
                        step(name)
                        _fill(connection, tables[name], file, later)
                    elif member.name.startswith("media/"):
                        step("pictures")
                        store.put(file.read())
        later.write(connection)
        _forget_swept(connection, tables, manifest)
        _set_sequences(connection, tables)
    step("migrations")
    migrations.upgrade(engine)


# writing


def _dump(engine: Engine, folder: Path, step: Step) -> tuple[str, dict[str, int], list[str]]:
    """Every table of one snapshot as a file in `folder`: the migration, rows by table, and pictures by SHA-256."""
    with _snapshot(engine) as connection:
        tables = _reflect(connection)
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


def _add_bytes(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    tar.addfile(_info(name, len(data)), io.BytesIO(data))


def _picture_name(sha256: str) -> str:
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


# reading


def _check(source: Path, step: Step) -> _Manifest:
    """The manifest, after all of the backup was read and found to be what it says."""
    found: dict[str, str] = {}
    lines: dict[str, int] = {}
    told = b""
    try:
        with _tar_from(source) as tar:
            for member in tar:
                if member.name in found or told:
                    raise NotABackup(reason=f"{member.name} is one too many")
                step("checking")
                with _opened(tar, member) as file:
                    if member.name == MANIFEST:
                        told = file.read(MAX_MANIFEST_BYTES)
                    else:
                        found[member.name], lines[member.name] = _sha256_and_lines(file)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as exc:
        raise NotABackup(reason=str(exc)) from exc
    if not told:
        raise NotABackup(reason="there is no manifest")
    return _read_manifest(told, found, lines)


def _read_manifest(told: bytes, found: Mapping[str, str], lines: Mapping[str, int]) -> _Manifest:
    try:
        said = orjson.loads(told)
        manifest = _Manifest(str(said["migration"]), dict(said["tables"]), dict(said["members"]))
        form = said["form"]
    except (ValueError, TypeError, KeyError) as exc:
        raise NotABackup(reason="the manifest cannot be read") from exc
    if form != FORM:
        raise NotABackup(reason=f"its form is {form}, not {FORM}")
    if found != manifest.members:
        wrong = {name for name, _ in found.items() ^ manifest.members.items()}
        raise NotABackup(reason=f"not as the manifest says: {', '.join(sorted(wrong)[:5])}")
    if {f"tables/{name}.jsonl" for name in manifest.tables} != {name for name in found if name.startswith("tables/")}:
        raise NotABackup(reason="the manifest names other tables")
    if uncounted := [name for name, rows in manifest.tables.items() if lines[f"tables/{name}.jsonl"] != rows + 1]:
        raise NotABackup(reason=f"the manifest counts other rows: {', '.join(sorted(uncounted)[:5])}")
    if manifest.migration not in migrations.known_revisions():
        raise NewerBackup(migration=manifest.migration)
    return manifest


def _tar_from(source: Path) -> tarfile.TarFile:
    with source.open("rb") as file:
        zipped = file.read(len(GZIP)) == GZIP
    return tarfile.open(source, "r:gz" if zipped else "r:")


@contextmanager
def _opened(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[IO[bytes]]:
    """A member's bytes. Nothing is ever extracted by name: names are only compared, links and folders refused."""
    if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.issparse() or not MEMBER.fullmatch(member.name):
        raise NotABackup(reason=f"{member.name[:100]!r} does not belong into a backup")
    file = tar.extractfile(member)
    if file is None:
        raise NotABackup(reason=f"{member.name} holds nothing")
    with file:
        yield file


def _sha256_and_lines(file: IO[bytes]) -> tuple[str, int]:
    digest, lines = hashlib.sha256(), 0
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        lines += chunk.count(b"\n")
    return digest.hexdigest(), lines


def _require_empty(engine: Engine, store: MediaStore, manifest: _Manifest) -> None:
    """No row in any table, and no picture but what an earlier try of this very restore has left."""
    with engine.connect() as connection:
        for name, table in _reflect(connection).items():
            first = sa.select(sa.literal(1)).select_from(table).limit(1)
            if name != REVISION_TABLE and connection.execute(first).first():
                raise NotEmpty(what=f"table {name}")
    for path in store.folder.rglob("*"):
        ours = _picture_name(path.name) in manifest.members
        if path.is_file() and not ours and not path.name.startswith(UNFINISHED):
            raise NotEmpty(what=str(path))


def _build(engine: Engine, migration: str) -> None:
    """Empty tables in the shape of `migration`."""
    with engine.execution_options(hub_writes=True).begin() as connection:
        tables = _reflect(connection)
        ours = [table for name, table in tables.items() if name in Base.metadata.tables or name == REVISION_TABLE]
        for table in reversed(ours):
            table.drop(connection)
    migrations.upgrade(engine, migration)


class _Later:
    """References of a table to itself: written when every row is there."""

    def __init__(self) -> None:
        self._rows: list[tuple[Table, str, list[dict[str, Any]]]] = []

    def take(self, table: Table, columns: Sequence[str], rows: list[dict[str, Any]]) -> None:
        for column in columns:
            kept = [{"_id": row["id"], "_value": row[column]} for row in rows if row[column] is not None]
            for row in rows:
                row[column] = None
            if kept:
                self._rows.append((table, column, kept))

    def write(self, connection: Connection) -> None:
        for table, column, kept in self._rows:
            statement = sa.update(table).where(table.c.id == sa.bindparam("_id"))
            connection.execute(statement.values({column: sa.bindparam("_value")}), kept)


def _fill(connection: Connection, table: Table, file: IO[bytes], later: _Later) -> None:
    names: list[str] = orjson.loads(file.readline())
    readers = [_reader(table.c[name].type, engine=connection.engine) for name in names]
    to_itself = [key.parent.name for key in table.foreign_keys if key.column.table is table]
    batch: list[dict[str, Any]] = []

    def insert() -> None:
        if batch:
            later.take(table, to_itself, batch)
            connection.execute(sa.insert(table), batch)
            batch.clear()

    for line in file:
        values = orjson.loads(line)
        batch.append({name: read(value) for name, read, value in zip(names, readers, values, strict=True)})
        if len(batch) == ROWS:
            insert()
    insert()


def _reader(kind: Any, *, engine: Engine) -> Callable[[Any], Any]:
    """What turns JSON back into a column's value."""
    if isinstance(kind, sa.DateTime):
        naive = engine.dialect.name == "sqlite"
        return lambda text: text and _instant(text, naive=naive)
    if isinstance(kind, sa.Date):
        return lambda text: text and date.fromisoformat(text)
    if isinstance(kind, sa.LargeBinary):
        return lambda text: None if text is None else b64decode(text)
    return lambda value: value


def _instant(text: str, *, naive: bool) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=None) if naive else instant


def _forget_swept(connection: Connection, tables: Mapping[str, Table], manifest: _Manifest) -> None:
    """Drop uploads that no story took and that were swept away while the backup was made."""
    renditions, uploads = tables["renditions"], tables["uploads"]
    query = sa.select(renditions.c.upload_id, renditions.c.sha256).join(uploads, uploads.c.id == renditions.c.upload_id)
    rows = connection.execute(query.where(uploads.c.referenced.is_(False))).all()
    gone = sorted({row.upload_id for row in rows if _picture_name(row.sha256) not in manifest.members})
    for upload in gone:
        connection.execute(sa.delete(renditions).where(renditions.c.upload_id == upload))
        connection.execute(sa.delete(uploads).where(uploads.c.id == upload))


def _set_sequences(connection: Connection, tables: Mapping[str, Table]) -> None:
    """PostgreSQL's counters go on after the highest id; SQLite looks for itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables.values():
        for column in table.primary_key.columns:
            query = sa.select(sa.func.pg_get_serial_sequence(table.name, column.name))
            sequence = connection.scalar(query)
            if sequence is not None:
                highest = connection.scalar(sa.select(sa.func.max(column)))
                connection.execute(sa.select(sa.func.setval(sequence, highest or 1, highest is not None)))


def _reflect(connection: Connection) -> dict[str, Table]:
    """The tables as the database has them, parents before children."""
    metadata = sa.MetaData()
    metadata.reflect(connection)
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
