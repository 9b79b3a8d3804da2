"""Are the kept bytes sound: what could not be rendered, and what a fresh rendering does not equal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from hub.models import Channel, Document, Entry, Fragment
from hub.publishing.assemble import Address
from hub.publishing.documents import RENDERER, first_page, fragments_of, list_page, renderer_for, rendering
from hub.publishing.ranges import Paging, read_name
from hub.publishing.visibility import Variant


def count_faults(session: Session) -> int:
    """How many kept fragments say that their entry cannot be rendered."""
    return session.scalar(select(func.count()).select_from(Fragment).where(Fragment.body.is_(None))) or 0


def count_elsewhere(session: Session, address: Address) -> int:
    """How many documents of present revisions are kept for another base address, which this one cannot judge."""
    query = (
        select(func.count())
        .select_from(Document)
        .join(Channel, Channel.id == Document.channel_id)
        .where(Document.revision == Channel.revision, Document.renderer != renderer_for(address))
        .where(Document.renderer.startswith(f"{RENDERER}@"))
    )
    return session.scalar(query) or 0


def list_faults(session: Session, address: Address) -> Iterable[str]:
    """Every entry that the present renderer could not render."""
    rows = session.execute(
        select(Fragment.entry_id, Fragment.format, Fragment.fault, Entry.story_id)
        .join(Entry, Entry.id == Fragment.entry_id)
        .where(Fragment.body.is_(None), Fragment.revision == Entry.revision)
        .where(Fragment.renderer == renderer_for(address))
        .order_by(Fragment.entry_id)
    )
    for entry_id, format_name, fault, story_id in rows:
        yield f"rendering: {story_id} (entry {entry_id}) as {format_name}: {fault}"


def list_differences(session: Session, address: Address) -> Iterable[str]:
    """Every kept document of the current renderer and revision that a fresh rendering does not equal."""
    query = (
        select(Document.channel_id, Document.format, Document.variant)
        .join(Channel, Channel.id == Document.channel_id)
        .where(Document.renderer == renderer_for(address), Document.revision == Channel.revision)
        .order_by(Document.channel_id, Document.format, Document.variant)
    )
    for key in session.execute(query).all():  # the names first: all bodies at once would fill the memory
        document = session.get_one(Document, tuple(key))
        channel = session.get_one(Channel, document.channel_id, options=[joinedload(Channel.outlet)])
        variant = Variant(document.variant)
        entries = list_page(session, channel.id)
        with rendering():
            fragments = fragments_of(session, entries, channel, document.format, variant, address, fresh=True)
        fresh = first_page(session, channel, entries, fragments, document.format, variant, document.rendered_at)
        name = f"document {channel.outlet.code}/{channel.code}.{document.format} ({variant})"
        if hashlib.sha256(document.body).hexdigest() != document.etag:
            yield f"{name}: the kept bytes do not match their digest"
        if (fresh.body, fresh.paging) != (document.body, Paging(read_name(document.previous))):
            yield f"{name}: a fresh rendering differs from the kept bytes"
        session.expunge(document)
