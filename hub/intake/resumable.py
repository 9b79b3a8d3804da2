"""Large pictures and films, which come in pieces and go on after a lost connection.

Bytes lie in a file of their own beside the media, in the order in which they came, synced to disk before anybody is
told that they are kept. How many there are, the row says: what a crash left beyond that is cut off and sent again. A
piece that came already, whole or in part, is compared and not written twice. Once all has come, a picture goes the way
of every other one, and a film is kept as it was sent; its first bytes must be those of its kind.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session, selectinload

import schemas
from feeds.text import clean_text
from hub import ids
from hub.accounts import rights
from hub.actors import Actor
from hub.clock import Clock, local_day
from hub.db import Database
from hub.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from hub.intake import pictures, uploads
from hub.intake.media_store import MediaStore
from hub.models import PartialUpload, Rendition, Upload

SCHEMA = "upload.v1"
MAX_PIECE = 8 * 1024 * 1024  # bytes
CHUNK = 1024 * 1024
UNFINISHED = timedelta(hours=24)  # without a new piece
OPEN_AT_MOST = 20  # unfinished ones of one user, or of an organization's keys together
QUOTA = 4 * 1024 * 1024 * 1024  # bytes that one of them may announce within UNFINISHED
FILMS = {"video/mp4", "video/webm"}
EBML, WEBM_TYPE = b"\x1a\x45\xdf\xa3", b"\x42\x82\x84webm"  # RFC 8794 §11.2: the DocType of the header, four bytes
MP4_BOX, MP4_HEADER = range(16, 1024), 12  # ISO/IEC 14496-12 §4.3: bytes of the ftyp box, and of what is looked at
QUICKTIME = b"qt  "  # the brand of .mov, which is no MP4

log = structlog.get_logger(__name__)


class WrongOffset(Conflict):
    """A piece does not begin where the last one ended; `offset` says where that is."""

    key = "error.wrong_offset"


class PieceDiffers(Conflict):
    """What came before at this place was something else."""

    key = "error.piece_differs"


class Busy(Conflict):
    """Another piece of the same file is being written at this moment."""

    key = "error.upload_busy"


class NotTheFile(Invalid):
    """All has come, and it is not what was announced."""

    key = "error.not_the_file"


class QuotaReached(Forbidden):
    """So much is on its way already."""

    key = "error.upload_quota"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A file that is to come."""

    name: str
    media_type: str
    length: int  # bytes
    digest: str = ""  # SHA-256 in hex

    @property
    def kind(self) -> str:
        """What it will be."""
        return uploads.FILM if self.media_type in FILMS else uploads.PICTURE


class Pieces:
    """The files that have not come whole, by their upload's id."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, partial_id: str) -> Path:
        """Where the bytes lie, or would."""
        return self.folder / partial_id

    def size(self, partial_id: str) -> int:
        """How many bytes lie there, acknowledged or not."""
        try:
            return self.path(partial_id).stat().st_size
        except FileNotFoundError:
            return 0

    @contextmanager
    def locked(self, partial_id: str) -> Iterator[None]:
        """Alone with a file, among threads and processes. Raises Busy."""
        import fcntl

        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{partial_id}.lock").open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as exc:
                raise Busy() from exc
            yield

    def write(self, partial_id: str, data: bytes, *, offset: int, kept: int) -> int:
        """Put a piece where it belongs and sync it; returns how many bytes are kept now.

        `kept` bytes were acknowledged, `offset` is no more than that. Raises PieceDiffers.
        """
        path = self.path(partial_id)
        is_new = not path.exists()
        with path.open("ab+") as file:
            file.truncate(kept)
            file.seek(offset)
            known = file.read(min(len(data), kept - offset))
            if data[: len(known)] != known:
                raise PieceDiffers(offset=kept)
            file.seek(0, os.SEEK_END)
            file.write(data[len(known) :])
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        if is_new:
            folder = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        return size

    def remove(self, partial_id: str) -> None:
        """Forget a file."""
        self.path(partial_id).unlink(missing_ok=True)
        (self.folder / f"{partial_id}.lock").unlink(missing_ok=True)


def read(document: object) -> Announced:
    """What is announced, by `schemas/upload.v1.json`. Raises Invalid."""
    faults = schemas.check(SCHEMA, document)
    if faults or not isinstance(document, dict):
        raise Invalid(faults=faults)
    name = clean_text(document["name"]).strip() or "-"
    return Announced(
        name=name, media_type=document["media_type"], length=document["length"], digest=document.get("sha256", "")
    )


def begin(session: Session, announced: Announced, *, actor: Actor, max_film_bytes: int, now: datetime) -> PartialUpload:
    """Note a file that is to come. Raises TooLarge or QuotaReached."""
    limit = max_film_bytes if announced.kind == uploads.FILM else pictures.MAX_FILE_BYTES
    if announced.length > limit:
        raise TooLarge(max_bytes=limit)
    mine = select(func.count(), func.coalesce(func.sum(PartialUpload.length), 0)).where(
        _of_owner(actor), PartialUpload.touched_at > now - UNFINISHED
    )
    unfinished = session.scalar(
        select(func.count()).where(
            _of_owner(actor), PartialUpload.touched_at > now - UNFINISHED, PartialUpload.kept < PartialUpload.length
        )
    )
    _count, announced_bytes = session.execute(mine).one()
    if (unfinished or 0) >= OPEN_AT_MOST or announced_bytes + announced.length > QUOTA:
        raise QuotaReached(limit=OPEN_AT_MOST, max_bytes=QUOTA)
    row = PartialUpload(
        id=ids.new_partial_id(),
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        name=announced.name,
        media_type=announced.media_type,
        length=announced.length,
        digest=announced.digest,
        kept=0,
        created_at=now,
        touched_at=now,
    )
    session.add(row)
    session.flush()
    return row


def get(session: Session, partial_id: str, *, actor: Actor, now: datetime) -> PartialUpload:
    """A file on its way that is the actor's own: the user's, or the organization's keys'. Raises NotFound."""
    found = session.scalar(
        select(PartialUpload).where(
            PartialUpload.id == partial_id,
            rights.own(PartialUpload.organization_id, actor, on=local_day(now)),
            PartialUpload.user_id.is_(None) if actor.user_id is None else PartialUpload.user_id == actor.user_id,
        )
    )
    if found is None:
        raise NotFound(what=partial_id[:80], kind="partial_upload")
    return found


def find_upload(session: Session, row: PartialUpload) -> Upload | None:
    """What a file became, with its renditions; None before all has come."""
    if row.upload_id is None:
        return None
    return session.scalar(select(Upload).where(Upload.id == row.upload_id).options(selectinload(Upload.renditions)))


def put_piece(
    database: Database,
    clock: Clock,
    store: MediaStore,
    pieces: Pieces,
    partial_id: str,
    data: bytes,
    *,
    offset: int,
    actor: Actor,
) -> PartialUpload:
    """Keep a piece of at most MAX_PIECE bytes; with the last one the file becomes an upload, and goes as a piece.

    The same piece again changes nothing. Raises NotFound, Busy, WrongOffset, PieceDiffers, TooLarge; NotTheFile for a
    whole file that is not what was announced, which is then forgotten.
    """
    if len(data) > MAX_PIECE:
        raise TooLarge(max_bytes=MAX_PIECE)
    with database.reading() as session:
        get(session, partial_id, actor=actor, now=clock.now())  # before a lock file is made
    with pieces.locked(partial_id):
        with database.reading() as session:
            row = get(session, partial_id, actor=actor, now=clock.now())
        if row.upload_id is not None:
            return row
        if offset > row.kept or offset < 0:
            raise WrongOffset(offset=row.kept)
        if offset + len(data) > row.length:
            raise TooLarge(max_bytes=row.length)
        on_disk = pieces.size(partial_id)
        if on_disk < row.kept:  # a backup was restored: it holds no pieces
            with database.writing() as session:
                get(session, partial_id, actor=actor, now=clock.now()).kept = on_disk
            raise WrongOffset(offset=on_disk)
        kept = pieces.write(partial_id, data, offset=offset, kept=row.kept)
        with database.writing() as session:
            row = get(session, partial_id, actor=actor, now=clock.now())
            row.kept, row.touched_at = kept, clock.now()
        if kept < row.length:
            return row
        return _finish(database, clock, store, pieces, row, actor=actor)


def drop(database: Database, clock: Clock, pieces: Pieces, partial_id: str, *, actor: Actor) -> None:
    """Forget a file on its way, or that one came in pieces; what it became stays. Raises NotFound, Busy."""
    with database.reading() as session:
        get(session, partial_id, actor=actor, now=clock.now())
    with pieces.locked(partial_id):
        with database.writing() as session:
            session.delete(get(session, partial_id, actor=actor, now=clock.now()))
        pieces.remove(partial_id)


def sweep(database: Database, pieces: Pieces, *, now: datetime) -> None:
    """Forget what nobody has sent a piece of for a day, and files without a row."""
    with database.writing() as session:
        session.execute(delete(PartialUpload).where(PartialUpload.touched_at < now - UNFINISHED))
    if not pieces.folder.is_dir():
        return
    with database.reading() as session:
        known = set(session.scalars(select(PartialUpload.id).where(PartialUpload.upload_id.is_(None))))
    for path in sorted(pieces.folder.iterdir()):
        if path.name.removesuffix(".lock") not in known and path.stat().st_mtime < (now - UNFINISHED).timestamp():
            path.unlink(missing_ok=True)


def is_film(head: bytes, media_type: str) -> bool:
    """Do a file's first bytes say that it is an MP4 or a WebM, as was declared?"""
    if media_type == "video/webm":
        return head.startswith(EBML) and WEBM_TYPE in head[:80]
    size = int.from_bytes(head[:4], "big")
    return len(head) >= MP4_HEADER and head[4:8] == b"ftyp" and size in MP4_BOX and head[8:12] != QUICKTIME


def _finish(
    database: Database, clock: Clock, store: MediaStore, pieces: Pieces, row: PartialUpload, *, actor: Actor
) -> PartialUpload:
    """Make an upload of a whole file: its bytes first, then the row; the pieces go last."""
    path = pieces.path(row.id)
    try:
        renditions = _kept(store, path, row)
    except NotTheFile:
        with database.writing() as session:
            session.execute(delete(PartialUpload).where(PartialUpload.id == row.id))
        pieces.remove(row.id)
        raise
    kind = uploads.FILM if row.media_type in FILMS else uploads.PICTURE
    with database.writing() as session:
        row = get(session, row.id, actor=actor, now=clock.now())
        row.upload_id = uploads.add(session, renditions, actor=actor, now=clock.now(), kind=kind).id
    path.unlink(missing_ok=True)
    log.info("upload_finished", kind=kind, length=row.length)
    return row


def _kept(store: MediaStore, path: Path, row: PartialUpload) -> list[Rendition]:
    """A whole file's renditions, put on disk. Raises NotTheFile."""
    with path.open("rb") as file:
        head = file.read(256)
        file.seek(0)
        if row.digest and hashlib.file_digest(file, "sha256").hexdigest() != row.digest:
            raise NotTheFile(faults=[schemas.Fault("", "digest_differs")])
    if row.media_type not in FILMS:
        try:
            return uploads.keep(store, pictures.process_file(path, declared_type=row.media_type))
        except pictures.NotAPicture as exc:
            raise NotTheFile(faults=[schemas.Fault("", exc.code, exc.facts)]) from exc
    if not is_film(head, row.media_type):
        raise NotTheFile(faults=[schemas.Fault("", "not_a_film", {"declared": row.media_type})])
    digest = store.put_file(path)
    return [Rendition(width=0, height=0, media_type=row.media_type, length=row.length, sha256=digest)]


def _of_owner(actor: Actor) -> ColumnElement[bool]:
    """A user's own; without a user, those of the organization's keys together."""
    if actor.user_id is not None:
        return PartialUpload.user_id == actor.user_id
    return (PartialUpload.organization_id == actor.organization_id) & PartialUpload.user_id.is_(None)
