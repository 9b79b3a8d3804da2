"""What the portal lists and finds: releases in public channels, never stories; what one may see is part of the query.

Lists are ordered by day of publication, search results by how well they match. Both are paged by key: a page begins
after the last one of the page before, and asks for one more than it shows, to know whether there is another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased, joinedload

from feeds.query import Query
from hub.models import Channel, Entry, Listing, ListingMark, Release
from hub.publishing import words
from hub.publishing.listing import KIND, MOVEMENT, ORGANIZATION, PLACE, TOPIC

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
REACH = 3  # times a page: how many of the best are looked at first
COUNTED = 100  # stories under a code; an index says no more than "100 or more"
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
class Code:
    """A code of a dimension that stories stand under, and what the newest of them calls it; "" in a vocabulary."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Codes:
    """A page of codes, and the key of the next one; "" on the last page."""

    rows: Sequence[Code]
    next: str = ""


def list_newest(
    session: Session, filters: Sequence[Filter], query: Query | None = None, *, after: str = "", limit: int
) -> Found:
    """The stories of all these filters (one at least) that answer a query, newest first.

    A key that is none begins at the front.
    """
    first, *others = filters
    listed = (
        select(Listing.id, ListingMark.published)
        .join(ListingMark, ListingMark.listing_id == Listing.id)
        .where(ListingMark.dimension == first.dimension, ListingMark.code.in_(first.codes))
        .where(*map(_listed_under, others))
    )
    if query:
        listed = listed.where(Listing.id.in_(select(words.matching(session, query).subquery().c.id)))
    if (place := _read_time(after)) is not None:
        at, listing_id = place
        earlier = and_(ListingMark.published == at, Listing.id < listing_id)
        listed = listed.where(ListingMark.published <= at, or_(ListingMark.published < at, earlier))
    listed = listed.order_by(ListingMark.published.desc(), Listing.id.desc())
    if len(first.codes) > 1:
        listed = listed.distinct()
    rows = session.execute(_shown(listed).limit(limit + 1)).all()
    more = f"{(rows[limit - 1][1] - EPOCH) // MICROSECOND}-{rows[limit - 1][0]}" if len(rows) > limit else ""
    return Found(_load(session, [row[0] for row in rows[:limit]]), more)


def search(session: Session, query: Query, filters: Sequence[Filter] = (), *, after: str = "", limit: int) -> Found:
    """The stories that answer a query (with terms), the best first. A key that is none begins at the front."""
    rows: Sequence[Any] = ()
    if not filters:  # nearly all that answer may be shown, so only the best need be asked for
        rows = session.execute(_ranked(session, query, (), after, reach=REACH * limit).limit(limit + 1)).all()
    if len(rows) <= limit:
        rows = session.execute(_ranked(session, query, filters, after, reach=None).limit(limit + 1)).all()
    more = f"{rows[limit - 1][1]!r}_{rows[limit - 1][0]}" if len(rows) > limit else ""
    return Found(_load(session, [row[0] for row in rows[:limit]]), more)


def list_codes(session: Session, dimension: str, *, within: str = "", after: str = "", limit: int) -> Codes:
    """The codes of a dimension that stories stand under, by code; `within` is how those codes begin.

    Leaps from code to code along the index, so that it takes as long as there are codes, not stories.
    """
    of_dimension = and_(ListingMark.dimension == dimension, ListingMark.code.startswith(within, autoescape=True))
    first = select(func.min(ListingMark.code).label("code")).where(of_dimension, ListingMark.code > after)
    codes = first.cte("codes", recursive=True)
    following = select(func.min(ListingMark.code)).where(of_dimension, ListingMark.code > codes.c.code)
    codes = codes.union_all(select(following.scalar_subquery()).where(codes.c.code.is_not(None)))
    newest = _labels(dimension, codes.c.code).scalar_subquery()
    query = select(codes.c.code, newest).where(codes.c.code.is_not(None)).limit(limit + 1)
    rows = session.execute(query).all()
    more = rows[limit - 1][0] if len(rows) > limit else ""
    return Codes([Code(code, label) for code, label in rows[:limit] if label is not None], more)


def count_stories(session: Session, dimension: str, codes: Sequence[str]) -> dict[str, int]:
    """How many stories that show stand under each of these codes; of more than COUNTED no more are looked at."""
    if not codes:
        return {}
    marks = (
        _shown(select(Listing.id).join(ListingMark, ListingMark.listing_id == Listing.id))
        .where(ListingMark.dimension == dimension, ListingMark.code == code)
        .limit(COUNTED)
        .subquery()
        for code in codes
    )
    counts = (select(func.count()).select_from(each).scalar_subquery() for each in marks)
    rows = [select(literal(code, String).label("code"), count) for code, count in zip(codes, counts, strict=True)]
    return {row[0]: row[1] for row in session.execute(union_all(*rows))}


def find_label(session: Session, dimension: str, codes: Collection[str]) -> str | None:
    """What the newest story under one of these codes calls it; None where no story that shows stands there."""
    labels = (session.scalar(_labels(dimension, code)) for code in codes)
    return next((label for label in labels if label is not None), None)


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


def _ranked(session: Session, query: Query, filters: Sequence[Filter], after: str, *, reach: int | None) -> Select[Any]:
    """The listings that answer and may be shown, among the `reach` best that the index gives; None: among all."""
    answering = words.matching(session, query).subquery("answering")
    best = select(answering.c.id, answering.c.badness)
    if (place := _read_badness(after)) is not None:
        badness, listing_id = place
        same = and_(answering.c.badness == badness, answering.c.id < listing_id)
        best = best.where(or_(answering.c.badness > badness, same))
    if reach is not None:
        best = best.order_by(answering.c.badness, answering.c.id.desc()).limit(reach)
    found = best.subquery("found")
    asked: Select[Any] = _shown(select(Listing.id, found.c.badness).join(found, found.c.id == Listing.id))
    return asked.where(*map(_listed_under, filters)).order_by(found.c.badness, Listing.id.desc())


def _labels(dimension: str, code: Any) -> Select[Any]:
    query = (
        select(ListingMark.label)
        .join(Listing, Listing.id == ListingMark.listing_id)
        .where(ListingMark.dimension == dimension, ListingMark.code == code)
        .order_by(ListingMark.published.desc(), ListingMark.listing_id.desc())
        .limit(1)
    )
    found: Select[Any] = _shown(query)
    return found


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
    mark = aliased(ListingMark)
    return exists().where(
        mark.listing_id == Listing.id, mark.dimension == wanted.dimension, mark.code.in_(wanted.codes)
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
