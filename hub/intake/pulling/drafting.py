"""An organization's feed becomes drafts under its name: new entries, changed ones, and what people have in hand.

Each entry is a transaction of its own. A draft that came from here follows its entry only as long as nobody has
touched it: not once a person has changed or handed it in, nor once a part of it was erased.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

import schemas
from hub.accounts import organizations, rights
from hub.actors import SYSTEM, Actor
from hub.clock import Clock, local_day
from hub.db import Database
from hub.errors import HubError
from hub.intake import submissions
from hub.intake.pulling import mapping, seen
from hub.intake.pulling.guard import Guard
from hub.intake.pulling.isolation import Reading
from hub.intake.pulling.mapping import Mapped, Owner
from hub.intake.pulling.seen import Sighting
from hub.models import Organization, Source, SourceItem, Story, Version
from hub.records import journal, outbox
from hub.records.disclosures import reveal
from hub.regulation import acts, reading
from hub.regulation.workflow import State

NEW_AT_MOST = 50  # drafts of one reading; what is more waits for the next one, or is old when a source is first read
DRAFTED = "drafted"  # the kind of the notice
PULLED = "pulled"  # the kind of the journal's record

log = structlog.get_logger(__name__)


class Became(StrEnum):
    """What became of an entry."""

    DRAFTED = "drafted"  # a new draft
    CHANGED = "changed"  # its draft follows it
    KEPT = "kept"  # it changed, and its story is in people's hands
    SAME = "same"
    OURS = "ours"  # the hub put it out, or has it from its sender
    KNOWN = "known"  # a story of this external id is there already
    OLD = "old"  # it was there before the source was read for the first time
    REFUSED = "refused"  # not even a draft: the body is empty once it is cleaned, or the like
    LEFT = "left"  # for the next reading


NOTED = frozenset({Became.OURS, Became.OLD, Became.REFUSED})  # makes no story, and is only remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A story that an entry made or changed, or would have changed."""

    became: Became
    story_id: str
    title: str
    missing: tuple[str, ...] = ()  # pointers, and addresses of pictures


@dataclass(slots=True)
class Absorbed:
    """What came of a feed."""

    counts: Counter[Became] = field(default_factory=Counter)
    lines: list[Line] = field(default_factory=list)
    odd: str = ""  # a word of `faults`

    @property
    def room(self) -> int:
        """How many more drafts this reading may make."""
        return NEW_AT_MOST - self.counts[Became.DRAFTED]

    @property
    def is_done(self) -> bool:
        """Was nothing left for the next reading?"""
        return not self.counts[Became.LEFT]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What one reading of the database decides before anything is written."""

    actor: Actor
    sightings: Sequence[Sighting]
    put_out: frozenset[str]  # keys of new entries, and of those refused before, that the hub has put out
    is_first: bool


def absorb(database: Database, clock: Clock, source_id: int, found: Reading, *, location: str, base: str) -> Absorbed:
    """Take in a feed that was read. Raises Closed when the organization has ended, NotFound without the source."""
    plan = _plan(database, clock, source_id, found, location=location, base=base)
    absorbed = Absorbed()
    noted: list[tuple[Mapped, Became]] = []
    for sighting in _newest_first(plan.sightings):
        became, line = _absorb_one(database, clock, source_id, sighting, plan, room=absorbed.room)
        absorbed.counts[became] += 1
        if line is not None:
            absorbed.lines.append(line)
        if became in NOTED:
            noted.append((sighting.mapped, became))
    with database.writing() as session:
        for mapped, became in noted:
            seen.remember(session, source_id, mapped, became.value, now=clock.now())
        seen.forget_old(session, source_id)
    absorbed.odd = _odd(plan, absorbed, found, now=clock.now())
    return absorbed


def _absorb_one(
    database: Database, clock: Clock, source_id: int, sighting: Sighting, plan: _Plan, *, room: int
) -> tuple[Became, Line | None]:
    """What becomes of an entry, done; but for those of NOTED, which are written down together. `room`: for drafts."""
    if not sighting.is_new:
        return _follow(database, clock, sighting, plan, room=room)
    if sighting.mapped.key in plan.put_out:
        return Became.OURS, None
    if room <= 0:
        return (Became.OLD if plan.is_first else Became.LEFT), None
    return _draft(database, clock, source_id, sighting.mapped, plan.actor)


def list_drafts(session: Session, source_id: int | None = None) -> list[tuple[int, Line]]:
    """The drafts that wait to be completed, with the number of their source, oldest first."""
    query = (
        select(SourceItem.source_id, Story, Version)
        .join(Story, Story.id == SourceItem.story_id)
        .join(Version, (Version.story_id == Story.id) & (Version.number == Story.latest))
        .where(Story.state == State.DRAFT.value)
        .order_by(SourceItem.id)
    )
    if source_id is not None:
        query = query.where(SourceItem.source_id == source_id)
    return [
        (source, _line(story.id, reveal(version.disclosures), Became.SAME))
        for source, story, version in session.execute(query)
    ]


def missing_in(content: Mapping[str, Any]) -> tuple[str, ...]:
    """What a draft lacks: pointers of fields, then the addresses of pictures that nobody has uploaded."""
    fields = [fault.pointer for fault in submissions.missing_in(dict(content))]
    return (*fields, *mapping.pictures_missing(content))


def _plan(database: Database, clock: Clock, source_id: int, found: Reading, *, location: str, base: str) -> _Plan:
    now = clock.now()
    with database.reading() as session:
        source = session.get_one(Source, source_id)
        organization = session.get_one(Organization, source.organization_id)
        actor = organizations.sender(session, organization, now=now)
        heir = organizations.get_by_id(session, actor.organization_id)
        owner = Owner(name=heir.name, kind=_kind_of(heir))
        mapped = mapping.map_feed(found.feed, location=location, owner=owner, now=now)
        sightings = seen.recognize(session, source_id, mapped)
        own = rights.line_of(session, heir.id, on=local_day(now)).own
        guard = Guard(session, organizations={heir.id, organization.id, *own}, base=base)
        refused = seen.list_with_outcome(session, source_id, Became.REFUSED.value)
        new = [each.mapped for each in sightings if each.is_new or each.item_id in refused]
        put_out = frozenset(each.key for each in new if guard.has_put_out(each))
        return _Plan(actor, sightings, put_out, source.good_at is None)


def _kind_of(row: Organization) -> str:
    """The kind as a story may say it."""
    return row.kind if row.kind in schemas.vocabulary("organization_kinds").codes else ""


def _newest_first(sightings: Sequence[Sighting]) -> Sequence[Sighting]:
    """By date where each has one, else as the feed has them."""
    dates = {sighting.mapped.key: sighting.mapped.at for sighting in sightings}
    if None in dates.values():
        return sightings
    return sorted(sightings, key=lambda sighting: str(dates[sighting.mapped.key]), reverse=True)  # all of them UTC


def _odd(plan: _Plan, absorbed: Absorbed, found: Reading, *, now: datetime) -> str:
    if absorbed.counts[Became.LEFT]:
        return "many_new"
    if seen.are_ids_new(plan.sightings):
        return "ids_changed"
    return "dates_to_come" if mapping.are_all_to_come(found.feed, now=now) else ""


def _draft(
    database: Database, clock: Clock, source_id: int, mapped: Mapped, actor: Actor, *, refused: SourceItem | None = None
) -> tuple[Became, Line | None]:
    """Make a draft of a new entry, or of one that was `refused` before."""
    try:
        prepared = submissions.prepare_draft(mapped.draft)
    except HubError as exc:
        log.info("entry_refused", source=source_id, error=exc.key, faults=[fault.code for fault in exc.faults])
        return _refuse(database, mapped, refused)
    now = clock.now()
    with database.writing() as session:
        organizations.lock(session, actor.organization_id or 0)
        if refused is not None:
            session.delete(session.get_one(SourceItem, refused.id))
        known = reading.find_own(session, actor, mapped.external_id, now=now)
        if known is not None:  # of another source, or of this one before it was removed
            seen.remember(session, source_id, mapped, Became.KNOWN.value, now=now, story_id=known)
            return Became.KNOWN, None
        outcome = submissions.submit(session, prepared, actor=actor, external_id=mapped.external_id, now=now)
        seen.remember(session, source_id, mapped, Became.DRAFTED.value, now=now, story_id=outcome.story.id, version=1)
        outbox.add_notice(session, DRAFTED, at=now, story=outcome.story.id)
        _tell(session, source_id, outcome.story.id, 1, now=now)
    return Became.DRAFTED, _line(outcome.story.id, prepared.content, Became.DRAFTED)


def _refuse(database: Database, mapped: Mapped, refused: SourceItem | None) -> tuple[Became, Line | None]:
    """Remember a new entry, with others, as refused; one that is refused again goes by what it says now."""
    if refused is None:
        return Became.REFUSED, None
    with database.writing() as session:
        seen.rename(session.get_one(SourceItem, refused.id), mapped)
    return Became.SAME, None


def _follow(
    database: Database, clock: Clock, sighting: Sighting, plan: _Plan, *, room: int
) -> tuple[Became, Line | None]:
    """Let what an entry became follow it, as far as it is nobody else's by now; what was refused may be mended now."""
    mapped, actor, now = sighting.mapped, plan.actor, clock.now()
    with database.reading() as session:
        item = session.get_one(SourceItem, sighting.item_id)
    if (item.key, item.digest) == (mapped.key, mapped.digest):
        return Became.SAME, None
    if item.outcome == Became.REFUSED and mapped.key not in plan.put_out:
        if room <= 0:
            return Became.LEFT, None
        return _draft(database, clock, item.source_id, mapped, actor, refused=item)
    prepared = _prepared(mapped) if item.story_id and item.digest != mapped.digest else None
    with database.writing() as session:
        item = session.get_one(SourceItem, sighting.item_id, with_for_update=True)
        is_changed = item.digest != mapped.digest
        seen.rename(item, mapped)
        if not is_changed or item.story_id is None:
            return Became.SAME, None
        story = acts.get_locked(session, item.story_id)
        content = _untouched(session, story, item)
        if content is None or prepared is None:
            return Became.KEPT, _line(story.id, {"title": mapped.draft["title"]}, Became.KEPT)
        outcome = submissions.submit(session, prepared, actor=actor, story_id=story.id, now=now)
        if outcome.changed:
            item.version = outcome.story.latest
            _tell(session, item.source_id, story.id, item.version, now=now)
    return Became.CHANGED, _line(item.story_id, prepared.content, Became.CHANGED)


def _prepared(mapped: Mapped) -> submissions.Prepared | None:
    try:
        return submissions.prepare_draft(mapped.draft)
    except HubError:
        return None


def _untouched(session: Session, story: Story, item: SourceItem) -> Mapping[str, Any] | None:
    """The content of a draft that is just as it came from here; None once it is in people's hands."""
    if story.state != State.DRAFT or story.latest != item.version:
        return None
    version = reading.get_version(session, story.id, story.latest)
    is_whole = set(version.digests) == set(version.disclosures)
    return reveal(version.disclosures) if is_whole else None


def _tell(session: Session, source_id: int, story_id: str, version: int, *, now: datetime) -> None:
    said = {"kind": PULLED, "source": source_id, "version": version, "actor": SYSTEM.name}
    journal.append(session, said, at=now, story_id=story_id)


def _line(story_id: str, content: Mapping[str, Any], became: Became) -> Line:
    missing = () if became is Became.KEPT else missing_in(content)
    return Line(became=became, story_id=story_id, title=str(content.get("title", "")), missing=missing)
