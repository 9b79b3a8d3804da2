"""Restore: a backup is read whole and checked, then laid into an empty hub, whatever kind of database it has.

The form of a backup is told in `hub.operation.backup`.
"""

from __future__ import annotations

import hashlib
import re
import tarfile
import zlib
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table

from hub import migrations
from hub.db import Base, begin_writing
from hub.errors import Conflict, Malformed
from hub.intake.media_store import MediaStore
from hub.operation.backup import CHUNK, FORM, MANIFEST, REVISION_TABLE, ROWS, Step, picture_name, reflect

MAX_MANIFEST_BYTES = 256 * 1024 * 1024
MEMBER = re.compile(r"tables/[a-z][a-z0-9_]*\.jsonl|media/([0-9a-f]{2})/(\1[0-9a-f]{62})|manifest\.json")
GZIP = b"\x1f\x8b"
UNFINISHED = ".new-"  # what a killed upload leaves in the media folder


class NotABackup(Malformed):
    """The file is no whole backup: cut off, changed, or something else altogether."""

    key = "error.not_a_backup"


class NewerBackup(Conflict):
    """The backup was made by a hub with migrations that this one does not know."""

    key = "error.newer_backup"


class NotEmpty(Conflict):
    """A restore would lay a backup over something."""

    key = "error.restore_into_something"


@dataclass(frozen=True, slots=True)
class _Manifest:
    migration: str
    tables: Mapping[str, int]  # rows by table, parents before children
    members: Mapping[str, str]  # SHA-256 by name


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
    with begin_writing(engine) as connection:
        tables = reflect(connection)
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
                        store.put_stream(file)
        later.write(connection)
        _forget_swept(connection, tables, manifest)
        _set_sequences(connection, tables)
    step("migrations")
    migrations.upgrade(engine)


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
        for name, table in reflect(connection).items():
            first = sa.select(sa.literal(1)).select_from(table).limit(1)
            if name != REVISION_TABLE and connection.execute(first).first():
                raise NotEmpty(what=f"table {name}")
    for path in store.folder.rglob("*"):
        ours = picture_name(path.name) in manifest.members
        if path.is_file() and not ours and not path.name.startswith(UNFINISHED):
            raise NotEmpty(what=str(path))


def _build(engine: Engine, migration: str) -> None:
    """Empty tables in the shape of `migration`."""
    with begin_writing(engine) as connection:
        tables = reflect(connection)
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
    gone = sorted({row.upload_id for row in rows if picture_name(row.sha256) not in manifest.members})
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
