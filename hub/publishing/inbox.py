"""A channel as its outlet's people read it: the entries of the feed in its order, by state, topic and words.

What an entry is found by lies in `inbox_lines`, as the entry stood at a revision; a line of another revision is never
used. Whoever searches a channel makes those anew that are missing, in portions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, and_, delete, not_, or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, joinedload

from feeds.document import Entry as FeedEntry
from feeds.document import Item
from feeds.query import Query, Term, folded_words
from hub.db import Database
from hub.models import Change, Channel, Entry, InboxLine, Release
from hub.publishing import documents
from hub.publishing.assemble import Address
from hub.publishing.visibility import Variant, prune, visible_paths
from hub.records.disclosures import reveal, showing

PORTION = 200  # lines made in one transaction
PORTIONS = 10  # that one search waits for; the next one goes on
MAX_WORDS, MAX_TOPICS = 8000, 600  # characters of a line
WITHDRAWN = "withdrawn"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries of a channel: with this state and topic, of these words, changed after a number."""

    state: str = ""
    topic: str = ""
    query: Query = field(default_factory=lambda: Query(""))
    after: int = 0

    @property
    def is_searched(self) -> bool:
        """Does it ask for what lines hold?"""
        return bool(self.topic or self.query)


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry with the kind of its newest change."""

    entry: Entry
    kind: str


@dataclass(frozen=True, slots=True)
class Known:
    """What an outlet may call a story, and where it stands."""

    title: str
    language: str
    channel: str  # outlet/channel
    entry_uid: str
    state: str


def list_page(session: Session, channel_id: int, wanted: Wanted, *, before: int | None, limit: int) -> list[Standing]:
    """Entries of a channel as its feed has them, newest change first; `before` is the number of the last one shown."""
    query = (
        select(Entry, Change.kind)
        .join(Change, and_(Change.channel_id == Entry.channel_id, Change.number == Entry.number))
        .where(Entry.channel_id == channel_id, Entry.listed.is_(True), Entry.number > wanted.after)
        .order_by(Entry.number.desc())
        .limit(limit)
        .options(joinedload(Entry.release, innerjoin=True).joinedload(Release.version, innerjoin=True))
    )
    if wanted.state:
        query = query.where(Entry.state == wanted.state)
    if wanted.is_searched:
        query = query.join(InboxLine, and_(InboxLine.entry_id == Entry.id, InboxLine.revision == Entry.revision))
        query = query.where(*_conditions(wanted))
    if before is not None:
        query = query.where(Entry.number < before)
    return [Standing(entry, kind) for entry, kind in session.execute(query)]


def items_of(
    session: Session, entries: Sequence[Entry], channel: Channel, variant: Variant, address: Address
) -> dict[int, Item]:
    """What the channel shows of its entries, by the entry's id; those that cannot be assembled are left out."""
    media = documents.media_of(session, {entry.release_id for entry in entries})
    corrections = documents.corrections_of(session, entries)
    found = {
        entry.id: documents.find_item(
            entry,
            channel,
            media.get(entry.release_id, {}),
            variant,
            address,
            corrected=corrections.get(entry.id),
        )
        for entry in entries
    }
    return {entry_id: item for entry_id, item in found.items() if item is not None}


def catch_up(database: Database, channel_id: int, address: Address) -> bool:
    """Make the lines of a channel that are missing, up to PORTIONS; says whether all are there now.

    Goes on without where nothing can be written: what was made before is found.
    """
    try:
        for _ in range(PORTIONS):
            with database.reading() as session:
                if not _list_missing(session, channel_id, limit=1):
                    return True
            with database.writing() as session:
                refresh(session, channel_id, address, limit=PORTION)
    except DBAPIError as exc:  # the disk is full, or another reader made the same lines at this moment
        log.warning("inbox_lines_not_kept", error=str(exc.orig))
    with database.reading() as session:
        return not _list_missing(session, channel_id, limit=1)


def refresh(session: Session, channel_id: int, address: Address, *, limit: int) -> int:
    """Make up to `limit` missing lines of a channel; returns how many."""
    channel = session.get_one(Channel, channel_id, options=[joinedload(Channel.outlet)])
    missing = _list_missing(session, channel_id, limit=limit)
    items = items_of(session, missing, channel, Variant.NO_CONTACTS, address)
    for entry in missing:
        item = items.get(entry.id)
        words, topics = _line_of(item) if isinstance(item, FeedEntry) else ("", "")
        line = InboxLine(entry_id=entry.id, channel_id=channel_id, revision=entry.revision, words=words, topics=topics)
        session.merge(line)
    session.flush()
    return len(missing)


def forget(session: Session, story_ids: Collection[str]) -> None:
    """Forget at once by which words these stories are found."""
    entries = select(Entry.id).where(Entry.story_id.in_(story_ids))
    session.execute(delete(InboxLine).where(InboxLine.entry_id.in_(entries)))


def list_known(session: Session, story_ids: Collection[str], *, outlet_ids: Collection[int]) -> dict[str, Known]:
    """What outlets may call these stories: as a channel of theirs shows them, or else a public one.

    Of what was withdrawn there is no title.
    """
    if not story_ids:
        return {}
    query = (
        select(Entry, Channel)
        .join(Channel, Channel.id == Entry.channel_id)
        .where(Entry.story_id.in_(story_ids), or_(Channel.outlet_id.in_(outlet_ids), Channel.audience == "public"))
        .order_by(Channel.outlet_id.not_in(outlet_ids), Entry.state == WITHDRAWN, Channel.id)
        .options(
            joinedload(Entry.release, innerjoin=True).joinedload(Release.version, innerjoin=True),
            joinedload(Channel.outlet, innerjoin=True),
        )
    )
    found: dict[str, Known] = {}
    for entry, channel in session.execute(query):
        if entry.story_id not in found:
            found[entry.story_id] = _known(entry, channel)
    return found


def list_newest(session: Session, outlet_ids: Collection[int], *, limit: int) -> dict[str, Known]:
    """The stories that came last to channels of these outlets and were not withdrawn, newest first, by id."""
    found: list[tuple[datetime, str]] = []
    for channel_id in session.scalars(select(Channel.id).where(Channel.outlet_id.in_(outlet_ids)).order_by(Channel.id)):
        query = (  # by the index of each channel: nobody reads all of them to know the newest
            select(Entry.updated, Entry.story_id)
            .where(Entry.channel_id == channel_id, Entry.listed.is_(True), Entry.state != WITHDRAWN)
            .order_by(Entry.number.desc())
            .limit(limit)
        )
        found += [(updated, story_id) for updated, story_id in session.execute(query)]
    stories = list(dict.fromkeys(story_id for _, story_id in sorted(found, reverse=True)))[:limit]
    known = list_known(session, stories, outlet_ids=outlet_ids)
    return {story: known[story] for story in stories if story in known}


def _known(entry: Entry, channel: Channel) -> Known:
    place = f"{channel.outlet.code}/{channel.code}"
    if entry.state == WITHDRAWN:
        return Known("", "vi", place, entry.uid, entry.state)
    release = entry.release
    paths = visible_paths(release.fields, channel.fields, channel.audience, Variant.NO_CONTACTS)
    wanted = paths & {"title", "language"}
    seen = prune(reveal(showing(release.version.disclosures, release.hidden)), wanted, channel.audience)
    return Known(seen.get("title", ""), seen.get("language", "vi"), place, entry.uid, entry.state)


def _list_missing(session: Session, channel_id: int, *, limit: int) -> list[Entry]:
    query = (
        select(Entry)
        .outerjoin(InboxLine, InboxLine.entry_id == Entry.id)
        .where(Entry.channel_id == channel_id, Entry.listed.is_(True), Entry.state != WITHDRAWN)
        .where(or_(InboxLine.entry_id.is_(None), InboxLine.revision != Entry.revision))
        .order_by(Entry.number.desc())
        .limit(limit)
        .options(joinedload(Entry.release, innerjoin=True).joinedload(Release.version, innerjoin=True))
    )
    return list(session.scalars(query))


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.topic:
        yield InboxLine.topics.contains(f" {wanted.topic} ", autoescape=True)
    for term in wanted.query.terms:
        yield InboxLine.words.contains(_sought(term), autoescape=True)
    for term in wanted.query.without:
        yield not_(InboxLine.words.contains(_sought(term), autoescape=True))


def _sought(term: Term) -> str:
    return f" {' '.join(term.words)}{'' if term.prefix else ' '}"


def _line_of(item: FeedEntry) -> tuple[str, str]:
    """The words and topics of an entry: its titles, its summary, and whom, where and what it is about."""
    told = item.story
    said = [item.title, told.standfirst, item.summary, told.movement, told.deed, told.method, told.result]
    said += [each.name for each in item.authors] + [each.name for each in item.suppliers]
    said += [each.label for each in item.categories]
    if told.subject is not None:
        said += [told.subject.name, told.subject.role, told.subject.unit]
    if told.unit is not None:
        said.append(told.unit.name)
    if told.place is not None:
        said += [told.place.commune, told.place.province, told.place.detail]
    if told.interview is not None:
        said += [told.interview.title, *(guest.name for guest in told.interview.guests)]
    words = " ".join(folded_words(text) for text in said if text)[:MAX_WORDS]
    topics = " ".join(each.term for each in item.categories if each.scheme.endswith("topics"))
    return f" {words} ", f" {topics} "[:MAX_TOPICS]
