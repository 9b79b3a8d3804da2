"""An outlet's own public feed: what looks like a use of a story that it had is put to the outlet as a question.

Nothing counts until the outlet says yes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.accounts import users
from hub.clock import Clock, local_day
from hub.db import Database
from hub.errors import Conflict
from hub.intake.likeness import Telling, telling_of
from hub.intake.pulling import mapping, sameness, seen
from hub.intake.pulling.isolation import Reading
from hub.intake.pulling.mapping import Mapped, Owner
from hub.models import Channel, Outlet, Release, Source, SourceItem, Story, Version
from hub.outlets.readership import STOOD
from hub.records.disclosures import reveal
from hub.regulation.filed import pickups
from hub.regulation.workflow import State

HAD_WITHIN = timedelta(days=180)  # how long after a release a use is looked for
HAD_AT_MOST = 500  # releases that are compared with, the newest ones
PUBLIC = "public"  # audience
NOBODY = Owner(name="", kind="")


class OutletEnded(Conflict):
    """The outlet is no more, and nobody came after it."""

    key = "error.outlet_ended"


class Judged(StrEnum):
    """What was found about an entry of an outlet."""

    PROPOSED = "proposed"
    NONE = "none"
    SAME = "same"  # it was judged before


@dataclass(slots=True)
class Watched:
    """What came of an outlet's feed: counts, and (story, address, likeness) of each proposal."""

    counts: Counter[Judged] = field(default_factory=Counter)
    proposed: list[tuple[str, str, float]] = field(default_factory=list)
    odd: str = ""


@dataclass(frozen=True, slots=True)
class _Had:
    """A story that the outlet had, in the newest version that it had."""

    story_id: str
    version: int
    released_at: datetime
    telling: Telling


def watch(database: Database, clock: Clock, source_id: int, found: Reading, *, location: str) -> Watched:
    """Look for uses in a feed that was read. Raises OutletEnded."""
    now, watched = clock.now(), Watched()
    with database.reading() as session:
        outlet = _outlet(session, source_id, now)
        mapped = mapping.map_feed(found.feed, location=location, owner=NOBODY, now=now)
        sightings = seen.recognize(session, source_id, mapped)
        fresh = [sighting.mapped for sighting in sightings if sighting.is_new]
        had = _list_had(session, outlet, now) if fresh else []
    likely = {each.key: best for each in fresh if (best := _likeliest(each, had)) is not None}
    with database.writing() as session:
        for each in fresh:
            judged = Judged.NONE
            if each.key in likely and _propose(session, outlet.id, each, *likely[each.key], now=now):
                judged = Judged.PROPOSED
                watched.proposed.append((likely[each.key][0].story_id, each.url, likely[each.key][1]))
            seen.remember(session, source_id, each, judged.value, now=now)
            watched.counts[judged] += 1
        for sighting in sightings:
            if not sighting.is_new and sighting.by != "key":
                seen.rename(session.get_one(SourceItem, sighting.item_id), sighting.mapped)
        seen.forget_old(session, source_id)
    watched.counts[Judged.SAME] = len(sightings) - len(fresh)
    if seen.are_ids_new(sightings):
        watched.odd = "ids_changed"
    elif mapping.are_all_to_come(found.feed, now=now):
        watched.odd = "dates_to_come"
    return watched


def _outlet(session: Session, source_id: int, now: datetime) -> Outlet:
    source, on = session.get_one(Source, source_id), local_day(now)
    outlet = users.resolve_outlet(session, source.outlet_id or 0, on=on)
    if outlet.ended_on is not None and outlet.ended_on <= on:
        raise OutletEnded(code=outlet.code)
    return outlet


def _list_had(session: Session, outlet: Outlet, now: datetime) -> list[_Had]:
    """What stood in a channel that the outlet can read, HAD_WITHIN at most; receipts ask for withdrawn stories."""
    family = users.outlet_family(Outlet.id == outlet.id, on=local_day(now))
    query = (
        select(Release.story_id, Version.number, Release.available_from, Version.disclosures)
        .join(Version, Version.id == Release.version_id)
        .join(Channel, Channel.id == Release.channel_id)
        .join(Story, Story.id == Release.story_id)
        .where(Release.state.in_(STOOD), Release.available_from > now - HAD_WITHIN)
        .where(or_(Channel.outlet_id.in_(family), Channel.audience == PUBLIC), Story.state != State.WITHDRAWN.value)
        .order_by(Release.available_from.desc(), Release.id.desc())
        .limit(HAD_AT_MOST)
    )
    found: dict[str, _Had] = {}
    for story_id, number, at, disclosures in session.execute(query):
        if story_id not in found or found[story_id].version < number:
            found[story_id] = _Had(story_id, number, at, telling_of(reveal(disclosures)))
    return list(found.values())


def _likeliest(mapped: Mapped, had: Sequence[_Had]) -> tuple[_Had, float] | None:
    """The story that an entry most likely uses; what was published before the story was is none of it."""
    said = sameness.said_in(mapped.text)
    judged = [
        (likeness, each)
        for each in had
        if (mapped.at is None or mapped.at >= each.released_at)
        and (likeness := sameness.likely_use(said, each.telling)) is not None
    ]
    if not judged or not mapped.url:
        return None
    likeness, best = max(judged, key=lambda pair: (pair[0], pair[1].story_id))
    return best, likeness


def _propose(session: Session, outlet_id: int, mapped: Mapped, had: _Had, likeness: float, *, now: datetime) -> bool:
    outlet = session.get_one(Outlet, outlet_id)
    at = mapped.at if mapped.at is not None and mapped.at <= now else now
    row = pickups.propose(session, outlet, had.story_id, had.version, mapped.url, at, likeness, now)
    return row is not None
