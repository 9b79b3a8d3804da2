"""Pages of a channel's archive: every entry it ever had, in documents that do not move (RFC 5005 §4).

Nothing of them is kept but the entries' fragments. Tombstones that have left the first page stand here for good.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from hub.clock import Clock
from hub.db import Database
from hub.errors import Gone, NotFound
from hub.models import Channel, Entry, Fragment, Release
from hub.outlets import catalog
from hub.publishing import documents, parts, ranges
from hub.publishing.assemble import Address
from hub.publishing.documents import Joined, Page
from hub.publishing.ranges import Paging, Part, Span, Standing
from hub.publishing.visibility import Variant


def render(
    database: Database,
    clock: Clock,
    address: Address,
    *,
    channel_id: int,
    name: str,
    format_name: str,
    variant: Variant,
) -> Page:
    """A page of the archive.

    Raises NotFound for a range that the ledger does not have, Gone for what no longer stands in one.
    """
    with documents.rendering():
        with database.reading() as session:
            documents.read_consistently(session)
            channel = session.get_one(Channel, channel_id, options=[joinedload(Channel.outlet)])
            part, standing = _get_part(session, channel, name)
            above = _above(session, channel, part.span)
            ahead = parts.list_standing(session, channel_id, above) if above else []
            fragments = _fragments(session, channel, [*standing, *ahead], format_name, variant, address)
            told = documents.join(_bodies(standing, fragments, upto=part.span.last), format_name)
            after = _after(part.span, above, ahead, fragments, format_name) if above else None
            paging = Paging(
                parts.find_before(session, channel, part.span, rest=told.rest),
                parts.find_part(session, channel_id, after) if after else None,
            )
        updated = max(row.updated for row in standing)
        page = _page(channel, part, told, paging, format_name, variant, updated=updated, rendered_at=clock.now())
        documents.keep_fragments(database, page, fragments.values())
    return page


def _page(
    channel: Channel,
    part: Part,
    told: Joined,
    paging: Paging,
    format_name: str,
    variant: Variant,
    *,
    updated: datetime,
    rendered_at: datetime,
) -> Page:
    return Page(
        channel=channel,
        format=format_name,
        variant=variant,
        revision=channel.revision,
        body=told.body,
        count=told.count,
        rendered_at=rendered_at,
        updated=updated,
        part=part,
        paging=paging,
    )


def _get_part(session: Session, channel: Channel, name: str) -> tuple[Part, list[Standing]]:
    part = ranges.read_name(name)
    if part is None or not ranges.is_page(part.span, head=channel.head):
        raise NotFound(what=name, kind="feed")
    standing = parts.list_standing(session, channel.id, part.span)
    if not standing or ranges.digest_of(standing) != part.digest:
        raise Gone(what=f"{catalog.address_of(channel)} {name}")
    return part, standing


def _above(session: Session, channel: Channel, span: Span) -> Span | None:
    """The range in which the page after this one is: the next one, or its own, of which it is the lower part."""
    if span.is_whole:
        return parts.find_range_after(session, channel, span)
    own = ranges.range_of(span.first)
    return own if own.last <= channel.head else None  # what leads to parts of the newest range is the newest document


def _after(
    span: Span, above: Span, ahead: Sequence[Standing], fragments: Mapping[int, Fragment], format_name: str
) -> Span | None:
    """The page after this one: the lowest of those that the range above takes, or the next of its own range."""
    lasts = [above.last]  # of the pages that the range takes, newest first
    while rest := documents.join(_bodies(ahead, fragments, upto=lasts[-1]), format_name).rest:
        lasts.append(rest)
    if span.is_whole:
        return Span(above.first, lasts[-1])
    place = lasts.index(span.last) if span.last in lasts else 0
    return Span(above.first, lasts[place - 1]) if place else None


def _bodies(
    standing: Sequence[Standing], fragments: Mapping[int, Fragment], *, upto: int
) -> Iterator[tuple[int, bytes | None]]:
    return ((row.number, fragments[row.entry_id].body) for row in standing if row.number <= upto)


def _fragments(
    session: Session,
    channel: Channel,
    standing: Sequence[Standing],
    format_name: str,
    variant: Variant,
    address: Address,
) -> Mapping[int, Fragment]:
    """The fragments of what stands, by the entries' ids; a story is only loaded where none is kept of it."""
    revisions = {row.entry_id: row.revision for row in standing}
    kept = documents.kept_fragments(session, revisions, format_name, variant, documents.renderer_for(address))
    missing = revisions.keys() - kept.keys()
    if not missing:
        return kept
    query = (
        select(Entry)
        .where(Entry.id.in_(missing))
        .options(joinedload(Entry.release, innerjoin=True).joinedload(Release.version, innerjoin=True))
    )
    entries = list(session.scalars(query))
    return {**kept, **documents.fragments_of(session, entries, channel, format_name, variant, address, fresh=True)}
