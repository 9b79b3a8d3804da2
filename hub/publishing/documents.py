"""Kept bytes: fragments of entries and pages of channels, rendered once, by the first reader or the worker.

A document is a pure function of the data at a channel's revision; an older one is never served. What cannot be
rendered stays out, with its fault on the fragment, and the rest of the feed goes out.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import delete, insert, inspect, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session, joinedload, selectinload

import feeds
from feeds import atom, jsonfeed, ninjs, ninjs_hub, rss
from feeds.document import Correction, Item
from hub.clock import Clock
from hub.db import Database
from hub.models import Channel, Document, Entry, Fragment, MediaToken, Release, Upload
from hub.publishing import parts, ranges
from hub.publishing.assemble import Address, Media, item_of
from hub.publishing.corrected import list_corrections
from hub.publishing.marks import has_packs, marked_path
from hub.publishing.ranges import PAGE_ENTRIES, Paging, Part
from hub.publishing.visibility import Variant
from hub.records import signatures

FORMATS: Mapping[str, Any] = {"rss": rss, "atom": atom, "json": jsonfeed, "ninjs": ninjs}
NINJS_HUB = "ninjs-hub"  # ninjs with the hub's own fields: another document, at the same path
RENDERERS: Mapping[str, Any] = {**FORMATS, NINJS_HUB: ninjs_hub}
PROVED = frozenset({"json", NINJS_HUB})  # carry the proof; the others link to the entry's JSON
RENDERER = feeds.RENDERER_VERSION * 1000 + 1  # moves whenever the same data would give other bytes
PAGE_BYTES = 1_500_000
SEPARATOR = {"rss": b"\n", "atom": b"\n", "json": b",", "ninjs": b",", NINJS_HUB: b","}

log = structlog.get_logger(__name__)
_one_at_a_time = threading.Lock()  # feedgen is not safe in threads, and two renderings of one page help nobody


@dataclass(frozen=True, slots=True)
class Page:
    """The joined entries of a channel's first page, or of a page of its archive, as of a revision."""

    channel: Channel  # as it was when the page was; with its outlet
    format: str
    variant: Variant
    revision: int
    body: bytes
    count: int
    rendered_at: datetime
    updated: datetime
    paging: Paging
    part: Part | None = None  # which part of the archive it is; None for the first page


@dataclass(frozen=True, slots=True)
class Joined:
    """Entries as one text, up to PAGE_BYTES of them."""

    body: bytes
    count: int
    rest: int  # the number of the first that found no room; 0 when all did


@contextmanager
def rendering() -> Iterator[None]:
    """One rendering at a time in a process: feedgen is not safe in threads."""
    with _one_at_a_time:
        yield


def render_page(
    database: Database, clock: Clock, address: Address, *, channel_id: int, format_name: str, variant: Variant
) -> Page:
    """Render a channel's page from the ledger, keep it, and return it; fragments that still hold are used again."""
    with rendering():
        with database.reading() as session:
            read_consistently(session)
            channel = session.get_one(Channel, channel_id, options=[joinedload(Channel.outlet)])
            kept = session.get(Document, (channel_id, format_name, variant))
            if kept is not None and is_current(kept, channel, address):
                return page_of(kept, channel)  # somebody rendered it while we waited
            entries = list_page(session, channel_id)
            fragments = fragments_of(session, entries, channel, format_name, variant, address)
            page = first_page(session, channel, entries, fragments, format_name, variant, clock.now())
        _keep(database, page, fragments.values(), renderer_for(address))
        return page


def renderer_for(address: Address) -> str:
    """The present renderer for one base address: what it kept for another address holds other links."""
    return f"{RENDERER}@{hashlib.sha256(address('/').encode()).hexdigest()[:16]}"


def is_current(document: Document, channel: Channel, address: Address) -> bool:
    """Was it rendered from the channel as it is now, by this renderer?"""
    return (document.revision, document.renderer) == (channel.revision, renderer_for(address))


def page_of(document: Document, channel: Channel) -> Page:
    """A kept document as a page."""
    variant = Variant(document.variant)
    return Page(
        channel,
        document.format,
        variant,
        document.revision,
        document.body,
        document.count,
        document.rendered_at,
        channel.head_at,
        Paging(ranges.read_name(document.previous)),
    )


def list_page(session: Session, channel_id: int) -> list[Entry]:
    """The entries of a channel's first page, newest change first."""
    query = (
        select(Entry)
        .where(Entry.channel_id == channel_id, Entry.listed.is_(True))
        .order_by(Entry.number.desc())
        .limit(PAGE_ENTRIES)
        .options(joinedload(Entry.release, innerjoin=True).joinedload(Release.version, innerjoin=True))
    )
    return list(session.scalars(query))


def fragments_of(
    session: Session,
    entries: Sequence[Entry],
    channel: Channel,
    format_name: str,
    variant: Variant,
    address: Address,
    *,
    fresh: bool = False,
) -> dict[int, Fragment]:
    """The fragment of each entry by the entry's id: the kept one where it still holds, else a newly rendered one.

    `fresh` renders all of them anew. New ones are not yet part of the session.
    """
    named = renderer_for(address)
    revisions = {entry.id: entry.revision for entry in entries}
    kept = {} if fresh else kept_fragments(session, revisions, format_name, variant, named)
    missing = [entry for entry in entries if entry.id not in kept]
    to_item = _assembling(session, missing, channel, format_name, variant, address)
    for entry in missing:
        body, fault = _rendered(entry, channel, format_name, to_item)
        place = {"entry_id": entry.id, "format": format_name, "variant": variant}
        kept[entry.id] = Fragment(**place, revision=entry.revision, renderer=named, body=body, fault=fault)
    return kept


def find_item(
    entry: Entry,
    channel: Channel,
    media: Mapping[str, Media],
    variant: Variant,
    address: Address,
    *,
    corrected: Correction | None = None,
) -> Item | None:
    """What a page shows of an entry; None, with the fault in the log, for one that cannot be assembled."""
    try:
        return item_of(entry, channel, media, variant, address, corrected=corrected)
    except Exception:  # one story's fault, whatever it is, must not take the page down
        log.exception("entry_not_shown", story=entry.story_id, channel=channel.code)
        return None


def media_of(session: Session, release_ids: Collection[int]) -> dict[int, dict[str, Media]]:
    """The pictures of releases: release id to upload id to token and renditions."""
    if not release_ids:
        return {}
    query = select(MediaToken).where(MediaToken.release_id.in_(release_ids), MediaToken.lost_at.is_(None))
    tokens = session.scalars(query).all()
    if not tokens:
        return {}
    uploads = {
        upload.id: upload
        for upload in session.scalars(
            select(Upload)
            .where(Upload.id.in_({token.upload_id for token in tokens}))
            .options(selectinload(Upload.renditions))
        )
    }
    found: dict[int, dict[str, Media]] = {}
    for token in tokens:
        media = Media(token.token, uploads[token.upload_id].renditions)
        found.setdefault(token.release_id, {})[token.upload_id] = media
    return found


def jws_of(session: Session, entries: Sequence[Entry]) -> dict[int, str]:
    """The signatures of what entries show, by the entry's id."""
    found = signatures.find_jws(session, {entry.release.version_id for entry in entries})
    return {entry.id: found[entry.release.version_id] for entry in entries if entry.release.version_id in found}


def corrections_of(session: Session, entries: Sequence[Entry]) -> dict[int, Correction]:
    """What is told of the newest corrections of these entries, by the entry's id; needs their releases loaded."""
    return list_corrections(session, {entry.id: entry.release.severity for entry in entries})


def first_page(
    session: Session,
    channel: Channel,
    entries: Sequence[Entry],
    fragments: Mapping[int, Fragment],
    format_name: str,
    variant: Variant,
    now: datetime,
) -> Page:
    """A channel's first page, joined of its entries' fragments; `now` is the instant of the rendering, UTC."""
    told = join(((entry.number, fragments[entry.id].body) for entry in entries), format_name)
    paging = Paging(parts.find_newest(session, channel, rest=told.rest))
    return Page(channel, format_name, variant, channel.revision, told.body, told.count, now, channel.head_at, paging)


def join(bodies: Iterable[tuple[int, bytes | None]], format_name: str) -> Joined:
    """Rendered entries, each with its number, newest first; those that could not be rendered (None) stay out."""
    shown: list[bytes] = []
    size, rest = 0, 0
    for number, body in bodies:
        if body is None:
            continue
        size += len(body)
        if shown and size > PAGE_BYTES:
            rest = number
            break
        shown.append(body)
    return Joined(SEPARATOR[format_name].join(shown), len(shown), rest)


def kept_fragments(
    session: Session, revisions: Mapping[int, int], format_name: str, variant: Variant, renderer: str
) -> dict[int, Fragment]:
    """What is kept of these entries (by id, each with its present revision) and still holds, by the entry's id."""
    query = select(Fragment).where(
        Fragment.entry_id.in_(revisions), Fragment.format == format_name, Fragment.variant == variant
    )
    return {
        fragment.entry_id: fragment
        for fragment in session.scalars(query)
        if fragment.renderer == renderer and fragment.revision == revisions[fragment.entry_id]
    }


def keep_fragments(database: Database, page: Page, fragments: Iterable[Fragment]) -> None:
    """Keep newly rendered fragments for whoever asks next."""
    if new := [fragment for fragment in fragments if inspect(fragment).transient]:
        with _leaving_undone(page), database.writing_if_free() as session:
            _merge_fragments(session, new)


def read_consistently(session: Session) -> None:
    """On PostgreSQL all statements of a rendering see one snapshot; SQLite's readers always do."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _assembling(
    session: Session, entries: Sequence[Entry], channel: Channel, format_name: str, variant: Variant, address: Address
) -> Callable[[Entry], Item]:
    """What makes each of these entries an item; all that they show beside their versions is read here, at once."""
    media = media_of(session, {entry.release_id for entry in entries})
    jws = jws_of(session, entries) if format_name in PROVED else {}
    corrections = corrections_of(session, entries)

    def assemble(entry: Entry) -> Item:
        return item_of(
            entry,
            channel,
            media.get(entry.release_id, {}),
            variant,
            address,
            jws=jws.get(entry.id, ""),
            corrected=corrections.get(entry.id),
            pack_url=address(marked_path(entry.uid)) if has_packs(channel) else "",
        )

    return assemble


def _rendered(
    entry: Entry, channel: Channel, format_name: str, to_item: Callable[[Entry], Item]
) -> tuple[bytes | None, str]:
    """The bytes of an entry and no fault; or none, and the fault, which is in the log, too."""
    try:
        body: bytes = RENDERERS[format_name].render_entry(to_item(entry))
    except Exception as exc:
        log.exception("entry_not_rendered", story=entry.story_id, channel=channel.code, format=format_name)
        return None, f"{type(exc).__name__}: {exc}"
    return body, ""


def _keep(database: Database, page: Page, fragments: Iterable[Fragment], renderer: str) -> None:
    new = [fragment for fragment in fragments if inspect(fragment).transient]
    with _leaving_undone(page), database.writing_if_free() as session:
        _merge_fragments(session, new)
        key = {"channel_id": page.channel.id, "format": page.format, "variant": page.variant}
        older = session.get(Document, key)
        if older is None or older.revision <= page.revision:
            session.merge(
                Document(
                    **key,
                    revision=page.revision,
                    renderer=renderer,
                    body=page.body,
                    etag=hashlib.sha256(page.body).hexdigest(),
                    count=page.count,
                    previous=page.paging.previous.name if page.paging.previous else "",
                    rendered_at=page.rendered_at,
                )
            )


@contextmanager
def _leaving_undone(page: Page) -> Iterator[None]:
    """To keep what was rendered can be left undone: somebody did it first, or a full or read-only disk forbids it."""
    try:
        yield
    except IntegrityError:  # the worker, or another reader, kept the same first
        log.info("document_kept_by_another", channel=page.channel.code, format=page.format)
    except DBAPIError as exc:  # must not stop readers
        log.warning("document_not_kept", channel=page.channel.code, format=page.format, error=str(exc.orig))


def _merge_fragments(session: Session, new: Sequence[Fragment]) -> None:
    """Put fragments of one format and variant in the place of older ones, in three statements however many they are."""
    if not new:
        return
    same = (Fragment.format == new[0].format, Fragment.variant == new[0].variant)
    there = select(Fragment.entry_id, Fragment.revision).where(Fragment.entry_id.in_([row.entry_id for row in new]))
    kept = dict(session.execute(there.where(*same)).all())
    # a slow renderer leaves newer ones alone
    wanted = [row for row in new if kept.get(row.entry_id, row.revision) <= row.revision]
    replaced = [row.entry_id for row in wanted if row.entry_id in kept]
    if replaced:
        session.execute(delete(Fragment).where(Fragment.entry_id.in_(replaced), *same))
    if wanted:
        names = Fragment.__table__.columns.keys()
        session.execute(insert(Fragment), [{name: getattr(row, name) for name in names} for row in wanted])
