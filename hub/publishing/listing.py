"""The portal's listings: what of a public story is listed where, and searched, as its page shows it.

A change of an entry lets its listing wait (`hub.outlets.listings`), and a waiting one is not shown: it may be late,
never stale. The worker makes it anew after the commit, or the first reader who finds some waiting, in portions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import structlog
from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

import schemas
from feeds.document import Entry as FeedEntry
from feeds.prose import text_of_html
from feeds.query import folded_words
from hub.clock import local_day
from hub.db import Database
from hub.models import Entry, Listing, ListingMark, Organization, Story
from hub.publishing import documents, reading, words
from hub.publishing.assemble import Address
from hub.publishing.visibility import Variant
from hub.publishing.words import Texts

ALL, TOPIC, ORGANIZATION, PROVINCE = "all", "topic", "organization", "province"
PLACE, MOVEMENT, KIND, YEAR = "place", "movement", "kind", "year"
PORTION = 100  # listings of one transaction of the worker
READERS_PORTION = 20  # of one that a reader waits for
MAX_SLUG = 80

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the portal's lists: a dimension, the code in its addresses, and what the story calls it."""

    dimension: str
    code: str
    label: str = ""


def is_waiting(session: Session) -> bool:
    """Is there a listing to be made anew?"""
    return session.scalar(select(Listing.id).where(Listing.waiting.is_(True)).limit(1)) is not None


def catch_up(database: Database, address: Address, *, limit: int = PORTION) -> bool:
    """Make the next waiting listings anew, in one transaction; says whether there may be more."""
    with database.reading() as session:
        if not is_waiting(session):
            return False
    with database.writing() as session:
        return refresh(session, address, limit=limit) == limit


def catch_up_if_free(database: Database, address: Address) -> None:
    """The same for a reader, who goes on without where another writes, or the disk is full."""
    try:
        with database.reading() as session:
            if not is_waiting(session):
                return
        with database.writing_if_free() as session:
            refresh(session, address, limit=READERS_PORTION)
    except IntegrityError:
        log.info("listings_kept_by_another")
    except DBAPIError as exc:
        log.warning("listings_not_kept", error=str(exc.orig))


def refresh(session: Session, address: Address, *, limit: int) -> int:
    """Make up to `limit` waiting listings anew; returns how many. What another process has locked is left to it."""
    query = select(Listing).where(Listing.waiting.is_(True)).order_by(Listing.id).limit(limit)
    rows = session.scalars(query.with_for_update(skip_locked=True)).all()
    for row in rows:
        _renew(session, row, address)
    session.flush()
    return len(rows)


def forget(session: Session, story_ids: Collection[str]) -> None:
    """Forget at once what is indexed of these stories; what still shows of them is made anew after the commit."""
    rows = session.scalars(select(Listing).where(Listing.story_id.in_(story_ids)).with_for_update()).all()
    for row in rows:
        row.waiting = True
    _clear(session, [row.id for row in rows])


def count(session: Session) -> int:
    """How many stories are listed."""
    return words.count(session)


def marks_of(item: FeedEntry, organization: str) -> list[Mark]:
    """Where a story is listed, by what it shows; its organization only where it says who tells of the deed. Pure."""
    told = item.story
    found = [Mark(ALL, ""), Mark(YEAR, str(local_day(item.published).year))]
    found += [Mark(KIND, told.kind)] if told.kind else []
    found += [Mark(TOPIC, each.term) for each in item.categories if each.scheme.endswith("topics")]
    if organization and (told.unit is not None or item.suppliers):
        found.append(Mark(ORGANIZATION, organization))
    if told.place is not None and (province := slug(told.place.province)):
        found.append(Mark(PROVINCE, province, told.place.province))
        if commune := slug(told.place.commune):
            found.append(Mark(PLACE, f"{province}/{commune}", told.place.commune))
    if movement := slug(told.movement):
        found.append(Mark(MOVEMENT, movement, told.movement))
    return list({(mark.dimension, mark.code): mark for mark in found}.values())


def texts_of(item: FeedEntry) -> Texts:
    """What is searched of a story: exactly what its page shows, as plain text. Pure."""
    told = item.story
    return Texts(
        title=item.title,
        summary="\n".join(filter(None, (item.summary, told.standfirst))),
        body=text_of_html(item.content),
        rest="\n".join(filter(None, _rest(item))),
    )


def slug(text: str) -> str:
    """A name as it stands in an address: folded, hyphens for spaces, at most MAX_SLUG letters; perhaps empty."""
    return folded_words(text).replace(" ", "-")[:MAX_SLUG].rstrip("-")


def _rest(item: FeedEntry) -> Iterator[str]:
    told = item.story
    if told.subject is not None:
        yield from (told.subject.name, told.subject.role, told.subject.unit)
    if told.unit is not None:
        yield told.unit.name
    if told.place is not None:
        yield from (told.place.commune, told.place.province)
    yield from (told.movement, told.deed, told.method, told.result, told.lesson)
    for metric in told.metrics:
        yield f"{metric.label} {metric.unit}"
    for picture in item.pictures:
        yield f"{picture.caption}\n{picture.alt}\n{picture.credit}"
    yield from (author.name for author in item.authors)
    yield from (supplier.name for supplier in item.suppliers)
    yield from (category.label for category in item.categories)
    if told.kind:
        yield schemas.vocabulary("kinds").label(told.kind, "vi")


def _renew(session: Session, row: Listing, address: Address) -> None:
    found = reading.find_public_entry(session, row.story_id)
    _clear(session, [row.id])
    row.waiting = False
    if found is None or found[0].state == "withdrawn":
        row.entry_id = None
        return
    entry, channel = found
    session.refresh(entry, ["revision", "listed", "state"])
    row.entry_id, row.revision = entry.id, entry.revision
    media = documents.media_of(session, {entry.release_id})
    item = documents.find_item(entry, channel, media.get(entry.release_id, {}), Variant.FULL, address)
    if not isinstance(item, FeedEntry):
        return
    code = session.scalar(
        select(Organization.code).join(Story, Story.organization_id == Organization.id).where(Story.id == row.story_id)
    )
    words.put(session, row.id, texts_of(item))
    values = [
        {
            "listing_id": row.id,
            "dimension": mark.dimension,
            "code": mark.code,
            "label": mark.label[:300],
            "published": item.published,
        }
        for mark in marks_of(item, code or "")
    ]
    session.execute(insert(ListingMark), values)


def _clear(session: Session, listing_ids: Collection[int]) -> None:
    words.remove(session, listing_ids)
    session.execute(delete(ListingMark).where(ListingMark.listing_id.in_(listing_ids)))


def list_faults(session: Session) -> Iterator[str]:
    """Every public story whose listing is not what it should be, as a sentence: for `hub verify`."""
    listed = select(Listing.story_id, Listing.waiting, Listing.revision, Entry.revision, Entry.state, Entry.listed)
    query = listed.join(Entry, Entry.id == Listing.entry_id).where(Listing.waiting.is_(False))
    for story_id, _, kept, revision, state, shown in session.execute(query.execution_options(yield_per=2000)):
        if kept != revision and shown and state != "withdrawn":
            yield f"listing of {story_id}: made of revision {kept} of an entry that stands at {revision}"
    filled = select(func.count(func.distinct(ListingMark.listing_id)))
    if (count := words.count(session)) != (marked := session.scalar(filled) or 0):
        yield f"listings: {marked} are listed, {count} are indexed"
