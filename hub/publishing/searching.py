"""What the portal lists and finds: releases in public channels, never stories; what one may see is part of the query.

Lists are ordered by day of publication, search results by how well they match. Both are paged by key: a page begins
after the last one of the page before, and asks for one more than it shows, to know whether there is another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from feeds.query import Query
from hub.models import Channel, Entry, Listing, ListingMark, Release
from hub.publishing import words
from hub.publishing.listing import KIND, MOVEMENT, ORGANIZATION, PLACE, TOPIC

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
NEIGHBOURS = 100  # of each mark of a story, newest first, that are looked at for related ones
LIKENESS = {PLACE: 4, MOVEMENT: 3, TOPIC: 2, ORGANIZATION: 2, KIND: 1}  # what a mark in common counts


@dataclass(frozen=True, slots=True)
class Filter:
    """Only what is listed under one of these codes of a dimension."""

    dimension: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of stories, and the key of the next one; "" on the last page."""

    rows: Sequence[tuple[Entry, Channel]]
    next: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """A code of a dimension, what stories call it, and how many there are."""

    code: str
    label: str
    stories: int


def list_newest(session: Session, filters: Sequence[Filter], *, after: str = "", limit: int) -> Found:
    """The stories of all these filters, newest first; at least one filter. A key that is none begins at the front."""
    first, *others = filters
    query = (
        select(Listing.id, ListingMark.published)
        .join(ListingMark, ListingMark.listing_id == Listing.id)
        .where(ListingMark.dimension == first.dimension, ListingMark.code.in_(first.codes))
        .where(*map(_listed_under, others))
    )
    if (place := _read_time(after)) is not None:
        at, listing_id = place
        earlier = and_(ListingMark.published == at, Listing.id < listing_id)
        query = query.where(ListingMark.published <= at, or_(ListingMark.published < at, earlier))
    query = query.order_by(ListingMark.published.desc(), Listing.id.desc())
    if len(first.codes) > 1:
        query = query.distinct()
    rows = session.execute(_shown(query).limit(limit + 1)).all()
    more = f"{(rows[limit - 1][1] - EPOCH) // MICROSECOND}-{rows[limit - 1][0]}" if len(rows) > limit else ""
    return Found(_load(session, [row[0] for row in rows[:limit]]), more)


def search(session: Session, query: Query, filters: Sequence[Filter] = (), *, after: str = "", limit: int) -> Found:
    """The stories that answer a query (with terms), the best first. A key that is none begins at the front."""
    found = words.matching(session, query).subquery("found")
    asked: Select[Any] = select(Listing.id, found.c.badness).join(found, found.c.id == Listing.id)
    asked = asked.where(*map(_listed_under, filters))
    if (place := _read_badness(after)) is not None:
        badness, listing_id = place
        same = and_(found.c.badness == badness, Listing.id < listing_id)
        asked = asked.where(or_(found.c.badness > badness, same))
    asked = asked.order_by(found.c.badness, Listing.id.desc())
    rows = session.execute(_shown(asked).limit(limit + 1)).all()
    more = f"{rows[limit - 1][1]!r}_{rows[limit - 1][0]}" if len(rows) > limit else ""
    return Found(_load(session, [row[0] for row in rows[:limit]]), more)


def list_codes(session: Session, dimension: str, *, within: str = "", limit: int = 1000) -> list[Counted]:
    """The codes of a dimension that stories stand under, by code; `within` is how those codes begin."""
    query = (
        select(ListingMark.code, func.max(ListingMark.label), func.count())
        .join(Listing, Listing.id == ListingMark.listing_id)
        .where(ListingMark.dimension == dimension)
        .group_by(ListingMark.code)
        .order_by(ListingMark.code)
        .limit(limit)
    )
    if within:
        query = query.where(ListingMark.code.startswith(within, autoescape=True))
    return [Counted(*row) for row in session.execute(_shown(query))]


def find_label(session: Session, dimension: str, code: str) -> str | None:
    """What the newest story under a code calls it; None where no story that shows stands there."""
    query = (
        select(ListingMark.label)
        .join(Listing, Listing.id == ListingMark.listing_id)
        .where(ListingMark.dimension == dimension, ListingMark.code == code)
        .order_by(ListingMark.published.desc(), Listing.id.desc())
        .limit(1)
    )
    label: str | None = session.scalar(_shown(query))
    return label


def list_marks(session: Session, story_id: str) -> list[ListingMark]:
    """Where a story is listed, if it is shown."""
    query = select(ListingMark).join(Listing, Listing.id == ListingMark.listing_id).where(Listing.story_id == story_id)
    return list(session.scalars(_shown(query).order_by(ListingMark.dimension, ListingMark.code)))


def list_related(session: Session, story_id: str, *, limit: int) -> list[tuple[Entry, Channel]]:
    """The stories that have most in common with one: place, movement, topics, organization, kind; then the newest."""
    shares: Counter[int] = Counter()
    for mark in list_marks(session, story_id):
        if mark.dimension in LIKENESS:
            near = (
                select(ListingMark.listing_id)
                .where(ListingMark.dimension == mark.dimension, ListingMark.code == mark.code)
                .where(ListingMark.listing_id != mark.listing_id)
                .order_by(ListingMark.published.desc(), ListingMark.listing_id.desc())
                .limit(NEIGHBOURS)
            )
            for listing_id in session.scalars(near):
                shares[listing_id] += LIKENESS[mark.dimension]
    best = sorted(shares, key=lambda each: (-shares[each], -each))[: limit * 2]  # some may have been taken back since
    return _load(session, [each for each in best if shares[each] > LIKENESS[KIND]])[:limit]


def _shown(query: Any) -> Any:
    """Only listings of what stands in a public channel now, as it was when it was listed."""
    return query.join(Entry, and_(Entry.id == Listing.entry_id, Entry.revision == Listing.revision)).where(
        Listing.waiting.is_(False), Entry.listed.is_(True), Entry.state != "withdrawn"
    )


def _load(session: Session, listing_ids: Sequence[int]) -> list[tuple[Entry, Channel]]:
    """These listings' entries with their channels, in this order; those that may not be seen any more are left out."""
    if not listing_ids:
        return []
    query = (
        _shown(select(Listing.id, Entry, Channel))
        .join(Channel, Channel.id == Entry.channel_id)
        .where(Listing.id.in_(listing_ids), Channel.audience == "public")
        .options(
            joinedload(Entry.release, innerjoin=True).joinedload(Release.version, innerjoin=True),
            joinedload(Channel.outlet, innerjoin=True),
        )
    )
    found = {row[0]: (row[1], row[2]) for row in session.execute(query)}
    return [found[each] for each in listing_ids if each in found]


def _listed_under(wanted: Filter) -> ColumnElement[bool]:
    """A condition on Listing, by the key of its marks."""
    return exists().where(
        ListingMark.listing_id == Listing.id,
        ListingMark.dimension == wanted.dimension,
        ListingMark.code.in_(wanted.codes),
    )


def _read_time(after: str) -> tuple[datetime, int] | None:
    at, _, listing_id = after.partition("-")
    if not (_is_number(at, 17) and _is_number(listing_id, 9)):
        return None
    return EPOCH + timedelta(microseconds=int(at)), int(listing_id)


def _read_badness(after: str) -> tuple[float, int] | None:
    told, _, listing_id = after.partition("_")
    try:
        badness = float(told)
    except ValueError:
        return None
    if badness != badness or abs(badness) > 1e9 or not _is_number(listing_id, 9):
        return None
    return badness, int(listing_id)


def _is_number(text: str, digits: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= digits
