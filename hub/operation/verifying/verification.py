"""`hub verify`: is everything that was ever written still what it was, and does it still hold together?

Each part reads one snapshot of the database, page by page, so that a serving hub can be verified and memory stays
bounded. A fault is one sentence; a row that cannot even be read is a fault too, never the end of the search.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from hub.db import Database
from hub.intake.media_store import MediaStore
from hub.models import (
    Change,
    Channel,
    Document,
    Entry,
    Fragment,
    JournalHead,
    JournalRow,
    Release,
    Rendition,
    Story,
)
from hub.operation.verifying import (
    consent_faults,
    duty_faults,
    entry_faults,
    filed_faults,
    planning_faults,
    proof_faults,
    register_faults,
    release_faults,
    story_faults,
)
from hub.operation.verifying.proof_faults import Seen
from hub.outlets import catalog, ledgers
from hub.outlets.ledgers import ChangeKind
from hub.publishing import documents, listing, soundness
from hub.publishing.assemble import Address
from hub.publishing.ranges import PAGE_ENTRIES
from hub.publishing.visibility import Variant
from hub.records import journal
from hub.regulation.edition import editions
from hub.regulation.sealed import reports

PAGE_ROWS = 2000
PAGE_FILES = 500
CHUNK = 1024 * 1024


def find_faults(database: Database, store: MediaStore, address: Address, *, seen: Seen) -> Iterator[str]:
    """Every fault of database and pictures, as a sentence; `seen` hears what was looked at, for counts and progress.

    `address` must build the addresses that readers are served, since kept documents hold them.
    """
    parts: Mapping[str, Callable[[Session, Seen], Iterator[str]]] = {
        "database": _database_faults,
        "journal": _journal_faults,
        "auditor keys": lambda session, _seen: reports.list_key_faults(session),
        "regulation": lambda session, _seen: editions.list_breaks(session),
        "registers": register_faults.find,
        "stories": story_faults.find,
        "consents": consent_faults.find,
        "releases": release_faults.find,
        "entries": entry_faults.find,
        "filed": filed_faults.find,
        "plans": planning_faults.find,
        "duties": duty_faults.find,
        "ledgers": _ledger_faults,
        "proofs": proof_faults.find,
        "listings": lambda session, _seen: listing.list_faults(session),
        "documents": lambda session, seen: _document_faults(session, address, seen),
    }
    for name, search in parts.items():
        yield from _surviving(name, _in_snapshot(database, search, seen))
    yield from _surviving("pictures", _picture_faults(database, store, seen))


def is_named(database: Database, sha256: str) -> bool:
    """Does a rendition still name this file? The sweeper may have taken both since we read of it."""
    with database.reading() as session:
        return session.scalar(select(Rendition.sha256).where(Rendition.sha256 == sha256).limit(1)) is not None


def file_fault(path: Path, *, sha256: str, length: int) -> str | None:
    """What is wrong with a picture's file; None when it holds the bytes it is named for."""
    digest = hashlib.sha256()
    size = 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except FileNotFoundError:
        return "is missing"
    except OSError as exc:
        return f"cannot be read ({exc.strerror})"
    if digest.hexdigest() != sha256:
        return "does not match its SHA-256"
    return None if size == length else f"has {size} bytes, its row says {length}"


def _surviving(name: str, faults: Iterator[str]) -> Iterator[str]:
    try:
        yield from faults
    except Exception as exc:  # noqa: BLE001  damaged rows fail in any way there is; all of them are faults
        yield f"{name}: cannot be read further: {type(exc).__name__}: {' '.join(str(exc).split())[:300]}"


def _in_snapshot(database: Database, search: Callable[[Session, Seen], Iterator[str]], seen: Seen) -> Iterator[str]:
    with database.reading() as session, _one_snapshot(session):
        yield from search(session, seen)


@contextmanager
def _one_snapshot(session: Session) -> Iterator[None]:
    """All statements see one state of the database, and text that is no UTF-8 can be read (it will not match)."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield
        return
    raw: Any = session.connection().connection.dbapi_connection
    raw.text_factory = lambda text: text.decode("utf-8", "replace")
    try:
        yield
    finally:
        raw.text_factory = str


def _database_faults(session: Session, _seen: Seen) -> Iterator[str]:
    """What SQLite says of its own file; PostgreSQL watches over its own."""
    if session.get_bind().dialect.name != "sqlite":
        return
    connection = session.connection()
    for (word,) in connection.exec_driver_sql("PRAGMA quick_check"):
        if word != "ok":
            yield f"database: {word}"
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"database: row {row} of {table} names a row of {parent} that is not there"


def _journal_faults(session: Session, seen: Seen) -> Iterator[str]:
    yield from journal.list_breaks(session)
    number, newest = 0, None
    beside = [getattr(JournalRow, name) for name in journal.FOUND_BY]
    query = select(JournalRow.number, JournalRow.at, JournalRow.story_id, JournalRow.body, *beside)
    query = query.order_by(JournalRow.number).limit(PAGE_ROWS)
    while rows := session.execute(query.where(JournalRow.number > number)).all():
        for number, at, story_id, body, *found in rows:
            said = journal.read_record(body)
            if (said.get("number"), said.get("story"), said.get("at")) != (number, story_id, at.isoformat()):
                yield f"journal: row {number} is not the row its body tells of"
            for name, kept in zip(journal.FOUND_BY, found, strict=True):
                if kept != journal.found_by(said, name):
                    yield f"journal: row {number} is found by another {name} than its body tells"
            newest = at if newest is None else max(newest, at)  # a clock may have been set back
        seen("journal rows", len(rows))
    if session.scalar(select(JournalHead.at)) != newest:
        yield "journal: the head does not name the latest time of its rows"
    orphans = select(JournalRow.number, JournalRow.story_id).where(
        JournalRow.story_id.is_not(None), ~select(Story.id).where(Story.id == JournalRow.story_id).exists()
    )
    for number, story_id in session.execute(orphans):
        yield f"journal: row {number} names {story_id}, which is not there"


def _ledger_faults(session: Session, seen: Seen) -> Iterator[str]:
    yield from ledgers.list_gaps(session)
    for channel in catalog.list_channels(session):
        name = f"ledger {catalog.address_of(channel)}"
        number, at = 0, None
        query = (
            select(Change.number, Change.kind, Change.at, Entry.channel_id, Entry.number, Entry.updated)
            .join(Entry, Entry.id == Change.entry_id)
            .where(Change.channel_id == channel.id)
            .order_by(Change.number)
            .limit(PAGE_ROWS)
        )
        while rows := session.execute(query.where(Change.number > number)).all():
            for number, kind, moment, owner, newest, updated in rows:
                if kind not in set(ChangeKind):
                    yield f"{name}: number {number} is of no known kind ({kind})"
                if owner != channel.id:
                    yield f"{name}: number {number} tells of an entry of another channel"
                if at is not None and moment <= at:
                    yield f"{name}: number {number} is not later than the one before"
                if number > newest or (number == newest and moment != updated):
                    yield f"{name}: number {number} is newer than its entry knows"
                at = moment
            seen("ledger rows", len(rows))
        if at is not None and at != channel.head_at:
            yield f"{name}: its newest row is not from the time its head says"
        seen("channels", 1)
    yield from _entry_faults(session)


def _entry_faults(session: Session) -> Iterator[str]:
    named = select(Change.number).where(Change.entry_id == Entry.id, Change.number == Entry.number)
    for entry_id, story_id in session.execute(select(Entry.id, Entry.story_id).where(~named.exists())):
        yield f"entry {entry_id} ({story_id}): no ledger row made it what it is"
    mixed = (
        select(Entry.id, Entry.story_id)
        .join(Release, Release.id == Entry.release_id)
        .where((Release.channel_id != Entry.channel_id) | (Release.story_id != Entry.story_id))
    )
    for entry_id, story_id in session.execute(mixed):
        yield f"entry {entry_id} ({story_id}): shows a release of another story or channel"


def _document_faults(session: Session, address: Address, seen: Seen) -> Iterator[str]:
    yield from soundness.list_faults(session, address)
    yield from soundness.list_differences(session, address)
    for channel in catalog.list_channels(session):
        yield from _fragment_faults(session, channel, address)
    query = (
        select(func.count())
        .select_from(Document)
        .join(Channel, Channel.id == Document.channel_id)
        .where(Document.renderer == documents.renderer_for(address), Document.revision == Channel.revision)
    )
    seen("documents", session.scalar(query) or 0)


def _fragment_faults(session: Session, channel: Channel, address: Address) -> Iterator[str]:
    """Kept entries, which the next document and the archive's pages would be joined from, against fresh ones."""
    number = 0
    query = (
        select(Entry)
        .where(Entry.channel_id == channel.id)
        .order_by(Entry.number)
        .limit(PAGE_ENTRIES)
        .options(joinedload(Entry.release, innerjoin=True).joinedload(Release.version, innerjoin=True))
    )
    while entries := session.scalars(query.where(Entry.number > number)).all():
        yield from _page_faults(session, channel, {entry.id: entry for entry in entries}, address)
        number = entries[-1].number


def _page_faults(session: Session, channel: Channel, entries: Mapping[int, Entry], address: Address) -> Iterator[str]:
    kept: dict[tuple[str, str], list[Fragment]] = defaultdict(list)
    query = select(Fragment).where(Fragment.entry_id.in_(entries), Fragment.renderer == documents.renderer_for(address))
    for fragment in session.scalars(query):
        if fragment.body is not None and fragment.revision == entries[fragment.entry_id].revision:
            kept[fragment.format, fragment.variant].append(fragment)
    for (format_name, variant), fragments in sorted(kept.items()):
        page = [entries[fragment.entry_id] for fragment in fragments]
        with documents.rendering():
            fresh = documents.fragments_of(session, page, channel, format_name, Variant(variant), address, fresh=True)
        for fragment in fragments:
            if fresh[fragment.entry_id].body != fragment.body:
                name = f"{catalog.address_of(channel)}.{format_name} ({variant})"
                yield f"document {name}: a fresh rendering of entry {fragment.entry_id} differs from the kept one"


def _picture_faults(database: Database, store: MediaStore, seen: Seen) -> Iterator[str]:
    last = ""
    while True:
        with database.reading() as session:
            query = select(Rendition.sha256, Rendition.length).where(Rendition.sha256 > last).distinct()
            rows = session.execute(query.order_by(Rendition.sha256).limit(PAGE_FILES)).all()
        if not rows:
            return
        for sha256, length in rows:
            fault = file_fault(store.path(sha256), sha256=sha256, length=length)
            if fault is not None and is_named(database, sha256):
                yield f"picture {sha256}: {fault}"
            seen("pictures", 1)
        last = rows[-1].sha256
