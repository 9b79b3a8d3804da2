"""`hub verify`: is everything that was ever written still what it was, and does it still hold together?

Each part reads one snapshot of the database, page by page, so that a serving hub can be verified and memory stays
bounded. A fault is one sentence; a row that cannot even be read is a fault too, never the end of the search.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Row, Text, cast, func, select
from sqlalchemy.orm import Session

from hub.db import Database
from hub.intake.media_store import MediaStore
from hub.models import (
    Act,
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
    Version,
)
from hub.operation import consent_faults, proof_faults
from hub.outlets import catalog, ledgers
from hub.outlets.ledgers import ChangeKind
from hub.publishing import documents
from hub.publishing.assemble import Address
from hub.publishing.visibility import Variant
from hub.records import erasing, journal
from hub.records.disclosures import digest_of, version_digest
from hub.regulation import editions, reports
from hub.regulation.acts import committed_text
from hub.regulation.clearing import NOTES_ERASED
from hub.regulation.workflow import State

PAGE_STORIES = 50
PAGE_ROWS = 2000
PAGE_FILES = 500
CHUNK = 1024 * 1024

Seen = Callable[[str, int], None]  # so many more of a kind were looked at


def find_faults(database: Database, store: MediaStore, address: Address, *, seen: Seen) -> Iterator[str]:
    """Every fault of database and pictures, as a sentence; `seen` hears what was looked at, for counts and progress.

    `address` must build the addresses that readers are served, since kept documents hold them.
    """
    parts: Mapping[str, Callable[[Session, Seen], Iterator[str]]] = {
        "database": _database_faults,
        "journal": _journal_faults,
        "auditor keys": lambda session, _seen: reports.list_key_faults(session),
        "regulation": lambda session, _seen: editions.list_breaks(session),
        "stories": _story_faults,
        "consents": consent_faults.find,
        "ledgers": _ledger_faults,
        "proofs": proof_faults.find,
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
    query = select(JournalRow.number, JournalRow.at, JournalRow.story_id, JournalRow.body).order_by(JournalRow.number)
    while rows := session.execute(query.where(JournalRow.number > number).limit(PAGE_ROWS)).all():
        for number, at, story_id, body in rows:
            said = _read_record(body)
            if (said.get("number"), said.get("story"), said.get("at")) != (number, story_id, at.isoformat()):
                yield f"journal: row {number} is not the row its body tells of"
            newest = at if newest is None else max(newest, at)  # a clock may have been set back
        seen("journal rows", len(rows))
    if session.scalar(select(JournalHead.at)) != newest:
        yield "journal: the head does not name the latest time of its rows"
    orphans = select(JournalRow.number, JournalRow.story_id).where(
        JournalRow.story_id.is_not(None), ~select(Story.id).where(Story.id == JournalRow.story_id).exists()
    )
    for number, story_id in session.execute(orphans):
        yield f"journal: row {number} names {story_id}, which is not there"


def _story_faults(session: Session, seen: Seen) -> Iterator[str]:
    """Versions and acts, story by story, against their digests and against the journal.

    The journal has no index by story, so both are read once in the same order and merged.
    """
    order = "C" if session.get_bind().dialect.name == "postgresql" else "BINARY"  # as Python compares, too
    told, (keys, _) = _Told(session, order), proof_faults.read_keys(session)
    query = select(Story.id, Story.state, Story.latest, Story.released).order_by(Story.id.collate(order))
    stories: Any = session.execute(query.execution_options(yield_per=PAGE_STORIES))
    for page in stories.partitions():
        ids = [story.id for story in page]
        versions = _by_story(session.execute(_versions().where(Version.story_id.in_(ids))))
        acts = _by_story(session.execute(_acts().where(Act.story_id.in_(ids))))
        for story in page:
            records = told.of(story.id)
            erased = erasing.list_erased(story.id, records, keys)
            yield from _version_faults(story, versions[story.id], records, erased)
            yield from _act_faults(story, acts[story.id], records)
        seen("stories", len(page))
        seen("versions", sum(map(len, versions.values())))
        seen("acts", sum(map(len, acts.values())))


class _Told:
    """What the journal tells of each story; to be asked in the order of the stories' ids."""

    def __init__(self, session: Session, order: str) -> None:
        query = (
            select(JournalRow.story_id, JournalRow.body)
            .where(JournalRow.story_id.is_not(None))
            .order_by(JournalRow.story_id.collate(order), JournalRow.number)
        )
        self._rows = iter(session.execute(query.execution_options(yield_per=PAGE_ROWS)))
        self._ahead = next(self._rows, None)

    def of(self, story_id: str) -> list[dict[str, Any]]:
        """The records of a story, oldest first."""
        records = []
        while self._ahead is not None and (self._ahead.story_id or "") <= story_id:
            if self._ahead.story_id == story_id:
                records.append(_read_record(self._ahead.body))
            self._ahead = next(self._rows, None)
        return records


def _versions() -> Any:
    # JSON as text: what a damaged row holds may be no JSON, and that must not end the search
    return select(
        Version.story_id,
        Version.number,
        Version.digest,
        Version.created_at,
        cast(Version.digests, Text).label("digests"),
        cast(Version.disclosures, Text).label("disclosures"),
    ).order_by(Version.story_id, Version.number)


def _acts() -> Any:
    columns = [column for column in Act.__table__.columns if column.name not in ("channels", "faults", "changes")]
    texts = [
        cast(column, Text).label(column.name)
        for column in (Act.__table__.c.channels, Act.__table__.c.faults, Act.__table__.c.changes)
    ]
    return select(*columns, *texts).order_by(Act.id)


def _by_story(rows: Iterable[Row[Any]]) -> dict[str, list[Row[Any]]]:
    grouped: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        grouped[row.story_id].append(row)
    return grouped


def _read_record(body: str) -> dict[str, Any]:
    """A journal row's record; nothing where the body is damaged, which its digest tells."""
    try:
        record = orjson.loads(body)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _version_faults(
    story: Row[Any],
    versions: Sequence[Row[Any]],
    records: Sequence[dict[str, Any]],
    erased: Mapping[int, Set[str]],
) -> Iterator[str]:
    journalled: dict[Any, list[Any]] = defaultdict(list)
    for record in records:
        if record.get("kind") == "version":
            journalled[record.get("version")].append((record.get("digest"), record.get("at")))
    previous, number = "", 0
    for version in versions:
        name = f"version {story.id}/{version.number}"
        number += 1
        if version.number != number:
            yield f"version {story.id}/{number}: is missing"
            number = version.number
        yield from (
            f"{name}: {fault}" for fault in _digest_faults(version, previous, erased.get(version.number, set()))
        )
        told = journalled.pop(version.number, [])
        if [digest for digest, _ in told] != [version.digest]:
            yield f"{name}: the journal does not tell of this digest"
        elif told[0][1] != version.created_at.isoformat():
            yield f"{name}: is not from the time that the journal tells"
        previous = version.digest
    for lost in journalled:
        yield f"version {story.id}/{lost}: the journal tells of it, but it is not there"
    if number != story.latest or (story.released or 0) > number:
        yield f"story {story.id}: names versions {story.latest} (newest), {story.released} (released) of {number}"


def _digest_faults(version: Row[Any], previous: str, erased: Set[str]) -> Iterator[str]:
    try:
        digests = list(orjson.loads(version.digests))
        disclosures = dict(orjson.loads(version.disclosures))
        if version_digest(digests, previous=previous) != version.digest:
            yield "its digest does not cover its disclosures and the version before"
        changed = sum(digest_of(encoded) != digest for digest, encoded in disclosures.items())
    except (ValueError, TypeError, AttributeError):
        yield "its disclosures cannot be read"
        return
    if changed:
        yield f"{changed} disclosures do not match their digests"
    if foreign := len(disclosures.keys() - set(digests)):
        yield f"{foreign} disclosures are none of its own"
    if lost := len(set(digests) - disclosures.keys() - erased):
        yield f"{lost} disclosures are missing, and no erasure is recorded"
    if back := len(disclosures.keys() & erased):
        yield f"{back} disclosures were erased, and are there again"


def _act_faults(story: Row[Any], acts: Sequence[Row[Any]], records: Sequence[dict[str, Any]]) -> Iterator[str]:
    journalled = {record.get("id"): record for record in records if record.get("kind") == "act"}
    cleared = {number for record in records if record.get("kind") == NOTES_ERASED for number in record.get("acts", ())}
    state = State.DRAFT.value
    for act in acts:
        name = f"act {act.id} ({act.kind}) on {story.id}"
        record = journalled.pop(act.id, None)
        if record is None:
            yield f"{name}: the journal does not tell of it"
        elif differing := [
            part
            for part, value in _record_of(act, record).items()
            if record.get(part) != value and not (part == "note" and act.id in cleared and not act.note)
        ]:
            yield f"{name}: differs from the journal in {', '.join(differing)}"
        if act.state_before != state:
            yield f"{name}: begins at {act.state_before}, but the story stood at {state}"
        state = act.state_after
    for lost in journalled:
        yield f"act {lost} on {story.id}: the journal tells of it, but it is not there"
    if story.state != state:
        yield f"story {story.id}: is {story.state}, but its last act left it {state}"


def _record_of(act: Row[Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """What the journal has to say of an act; rows of before there were users and clauses say nothing of them."""
    optional = {"into": act.into_id, "by": act.by_code, "step": act.step, "clause": act.clause}
    said = {name: value for name, value in optional.items() if value or record.get(name)}
    said |= {"role": act.actor_kind} if "role" in record else {}
    lists = (_read_list(act.faults), _read_list(act.changes))
    text = committed_text(act.reason, act.note, act.actor_name, *lists)
    return {
        **said,
        "act": act.kind,
        "at": act.at.isoformat(),
        "version": act.version,
        "actor": f"{act.actor_kind}:{act.actor_id}",
        "before": act.state_before,
        "after": act.state_after,
        "channels": _read_list(act.channels),
        "embargo_until": act.embargo_until.isoformat() if act.embargo_until else None,
        "note": journal.commitment(act.salt, text),
    }


def _read_list(text: str | None) -> Any:
    try:
        return orjson.loads(text or "null")
    except ValueError:
        return None


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
    yield from documents.list_faults(session, address)
    yield from documents.list_differences(session, address)
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
    """Kept entries of the first page, which the next document would be joined from, against fresh ones."""
    entries = {entry.id: entry for entry in documents.list_page(session, channel.id)}
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
