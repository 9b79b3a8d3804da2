"""By which words the entries of a channel are found at its outlet's desk: what an entry shows there, folded.

A line holds what an entry is found by, as it stood at a revision, and every word of it stands in an index by channel.
A change of an entry lets its line wait (`hub.outlets.inbox_lines`), and a waiting one is not used: it may be late,
never stale. The worker makes it anew after the commit; whoever searches meanwhile reads the entry itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, literal, not_, select, update
from sqlalchemy.orm import Session, joinedload

from feeds.document import Entry as FeedEntry
from feeds.document import Item
from feeds.query import Query, Term, folded_words
from hub.db import Database
from hub.models import Channel, Entry, InboxLine, InboxWord, Release
from hub.publishing import documents
from hub.publishing.assemble import Address
from hub.publishing.visibility import Variant

PORTION = 100  # lines made in one transaction
AT_HAND = 40  # waiting entries that a search reads itself
FEW = 1_000  # rows; what is rarer than this drives a search
MAX_WORDS, MAX_WORD = 8000, 80  # characters of a line, and of a word
TOPIC = ":topic:"  # no word begins so
WITHDRAWN = "withdrawn"
BEYOND = "\U0010ffff"  # after every letter that a word may go on with


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
class Line:
    """What an entry is found by: its words in their order, with a space before and after each, and its topics."""

    words: str = ""
    topics: frozenset[str] = frozenset()

    def answers(self, wanted: Wanted) -> bool:
        """Is it found by this topic and these words? As the index would find it."""
        if not self.words or (wanted.topic and wanted.topic not in self.topics):
            return False
        query = wanted.query
        return all(_sought(term) in self.words for term in query.terms) and not any(
            _sought(term) in self.words for term in query.without
        )


def is_complete(session: Session, channel_id: int) -> bool:
    """Are no more lines waiting than a search reads itself?"""
    some = select(literal(1)).where(_is_waiting(), InboxLine.channel_id == channel_id).limit(AT_HAND + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) <= AT_HAND


def waits(channel_id: int) -> ColumnElement[bool]:
    """Of an entry of this channel: does its line wait?"""
    return Entry.id.in_(select(InboxLine.entry_id).where(_is_waiting(), InboxLine.channel_id == channel_id))


def catch_up(database: Database, address: Address, *, limit: int = PORTION) -> bool:
    """Make the next waiting lines anew, in one transaction; says whether there may be more."""
    with database.reading() as session:
        if session.scalar(select(InboxLine.entry_id).where(_is_waiting()).limit(1)) is None:
            return False
    with database.writing() as session:
        return refresh(session, address, limit=limit) == limit


def refresh(session: Session, address: Address, *, limit: int) -> int:
    """Make up to `limit` waiting lines anew; returns how many. What another process has locked is left to it."""
    waiting = select(InboxLine.entry_id).where(_is_waiting()).order_by(InboxLine.channel_id, InboxLine.entry_id)
    ids = list(session.scalars(waiting.limit(limit).with_for_update(skip_locked=True)))
    query = (
        select(Entry)
        .where(Entry.id.in_(ids))
        .order_by(Entry.channel_id, Entry.id)
        .options(joinedload(Entry.release, innerjoin=True).joinedload(Release.version, innerjoin=True))
        .execution_options(populate_existing=True)
    )
    session.execute(delete(InboxWord).where(InboxWord.entry_id.in_(ids)))
    for channel_id, entries in groupby(session.scalars(query).all(), lambda entry: entry.channel_id):
        channel = session.get_one(Channel, channel_id, options=[joinedload(Channel.outlet)])
        _write(session, channel, list(entries), address)
    return len(ids)


def forget(session: Session, story_ids: Collection[str]) -> None:
    """Forget at once by which words these stories are found; what still shows of them is made anew after the commit."""
    entries = list(session.scalars(select(Entry.id).where(Entry.story_id.in_(story_ids))))
    session.execute(delete(InboxWord).where(InboxWord.entry_id.in_(entries)))
    session.execute(update(InboxLine).where(InboxLine.entry_id.in_(entries)).values(words="", waiting=True))


def conditions(session: Session, channel_id: int, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """What an entry of a channel has to meet: the rarest word is looked up first where it is rare."""
    parts = [_is(TOPIC + wanted.topic)] if wanted.topic else []
    parts += [part for term in wanted.query.terms for part in _parts(term)]
    counted = sorted((_count(session, channel_id, part), place) for place, part in enumerate(parts))
    rare = counted[0][1] if counted and counted[0][0] < FEW else None
    for place, part in enumerate(parts):
        here = and_(InboxWord.channel_id == channel_id, part)
        if place == rare:
            yield Entry.id.in_(select(InboxWord.entry_id).where(here))
        else:
            yield exists().where(here, InboxWord.entry_id == Entry.id)
    line = [InboxLine.entry_id == Entry.id, InboxLine.revision == Entry.revision, InboxLine.waiting.is_(False)]
    line += [InboxLine.words.contains(_sought(term), autoescape=True) for term in wanted.query.terms if term.words[1:]]
    line += [not_(InboxLine.words.contains(_sought(term), autoescape=True)) for term in wanted.query.without]
    yield exists().where(*line)


def lines_of(session: Session, entries: Sequence[Entry], channel: Channel, address: Address) -> dict[int, Line]:
    """What these entries of a channel are found by, by the entry's id; what was withdrawn by nothing."""
    items = items_of(session, entries, channel, Variant.NO_CONTACTS, address)
    found = dict.fromkeys([entry.id for entry in entries], Line())
    for entry in entries:
        item = items.get(entry.id)
        if isinstance(item, FeedEntry) and entry.listed and entry.state != WITHDRAWN:
            found[entry.id] = line_of(item)
    return found


def line_of(item: FeedEntry) -> Line:
    """What an entry is found by: its titles, its summary, and whom, where and what it is about. Pure."""
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
    return Line(f" {words} ", frozenset(each.term for each in item.categories if each.scheme.endswith("topics")))


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


def _write(session: Session, channel: Channel, entries: Sequence[Entry], address: Address) -> None:
    rows: list[dict[str, Any]] = []
    lines = lines_of(session, entries, channel, address)
    for entry in entries:
        line = lines[entry.id]
        words = {word[:MAX_WORD] for word in line.words.split()} | {TOPIC + topic for topic in line.topics}
        rows += [{"channel_id": channel.id, "word": word, "entry_id": entry.id} for word in sorted(words)]
        changed = update(InboxLine).where(InboxLine.entry_id == entry.id)
        session.execute(changed.values(words=line.words, revision=entry.revision, waiting=False))
    if rows:
        session.execute(insert(InboxWord), rows)


def _parts(term: Term) -> Iterator[ColumnElement[bool]]:
    """What has to stand in the index for a term: each of its words, the last one perhaps only begun."""
    *first, last = term.words
    yield from (_is(word) for word in first)
    yield and_(InboxWord.word >= last, InboxWord.word < last + BEYOND) if term.prefix else _is(last)


def _is(word: str) -> ColumnElement[bool]:
    return InboxWord.word == word[:MAX_WORD]


def _count(session: Session, channel_id: int, part: ColumnElement[bool]) -> int:
    some = select(literal(1)).where(InboxWord.channel_id == channel_id, part).limit(FEW).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _is_waiting() -> ColumnElement[bool]:
    return InboxLine.waiting.is_(True)


def _sought(term: Term) -> str:
    return f" {' '.join(term.words)}{'' if term.prefix else ' '}"
