"""A channel as its outlet's people read it: the entries of the feed in its order, by state, topic and words.

By which words they are found is kept in `inbox_index`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from hub.models import Change, Channel, Entry, Release
from hub.publishing import inbox_index
from hub.publishing.assemble import Address
from hub.publishing.inbox_index import WITHDRAWN, Wanted
from hub.publishing.visibility import Variant, prune, visible_paths
from hub.records.disclosures import reveal, showing


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


def list_page(
    session: Session, channel: Channel, wanted: Wanted, address: Address, *, before: int | None, limit: int
) -> list[Standing]:
    """Entries of a channel as its feed has them, newest change first; `before` is the number of the last one shown.

    Whose line waits for the worker is read itself: the newest AT_HAND of them, see `inbox_index.is_complete`.
    """
    query = (
        select(Entry, Change.kind)
        .join(Change, and_(Change.channel_id == Entry.channel_id, Change.number == Entry.number))
        .where(Entry.channel_id == channel.id, Entry.listed.is_(True), Entry.number > wanted.after)
        .order_by(Entry.number.desc())
        .options(joinedload(Entry.release, innerjoin=True).joinedload(Release.version, innerjoin=True))
    )
    if wanted.state:
        query = query.where(Entry.state == wanted.state)
    if before is not None:
        query = query.where(Entry.number < before)
    if not wanted.is_searched:
        return [Standing(entry, kind) for entry, kind in session.execute(query.limit(limit))]
    indexed = query.where(*inbox_index.conditions(session, channel.id, wanted)).limit(limit)
    found = [Standing(entry, kind) for entry, kind in session.execute(indexed)]
    waiting = session.execute(query.where(inbox_index.waits(channel.id)).limit(inbox_index.AT_HAND)).all()
    lines = inbox_index.lines_of(session, [entry for entry, _ in waiting], channel, address)
    found += [Standing(entry, kind) for entry, kind in waiting if lines[entry.id].answers(wanted)]
    return sorted(found, key=lambda each: -each.entry.number)[:limit]


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
