"""What pages and pictures read: releases, never stories; what someone may see is part of the query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from feeds.document import WEB_WIDTH, Status
from hub.models import Change, Channel, Entry, MediaToken, Release, Rendition


def find_public_entry(session: Session, story_id: str) -> tuple[Entry, Channel] | None:
    """A story's entry in the first public channel that has it, or its tombstone; None for a held or unknown one."""
    query = (
        _entries_with_channel()
        .where(Entry.story_id == story_id, Channel.audience == "public", _is_shown())
        # taken back from one channel, it may stand in another; those that lead to others come last
        .order_by(Entry.state == "withdrawn", Channel.successor_id.is_not(None), Channel.id)
        .limit(1)
    )
    row = session.execute(query).first()
    return (row[0], row[1]) if row else None


def is_resting(session: Session, story_id: str) -> bool:
    """Did the public see a story that is held now? Nothing that has only been scheduled has an entry."""
    query = (
        select(Entry.id)
        .join(Channel, Channel.id == Entry.channel_id)
        .where(Entry.story_id == story_id, Channel.audience == "public", Entry.state == Status.HELD.value)
        .limit(1)
    )
    return session.scalar(query) is not None


def list_newest_public(session: Session, *, limit: int, since: datetime | None = None) -> list[tuple[Entry, Channel]]:
    """The newest public stories, each once, without tombstones; asks each channel for its newest by its index.

    With `since` only what was published from then on: of each ledger no more than its rows since then is read.
    """
    channels = session.scalars(select(Channel.id).where(Channel.audience == "public").order_by(Channel.id)).all()
    newest: dict[str, tuple[Entry, Channel]] = {}
    for channel_id in channels:
        young = _since(session, channel_id, since) if since is not None else []
        query = (
            _entries_with_channel()
            .where(Entry.channel_id == channel_id, Entry.listed.is_(True), Entry.state != "withdrawn", *young)
            .order_by(Entry.number.desc())
            .limit(limit)
        )
        for entry, channel in session.execute(query):
            newest.setdefault(entry.story_id, (entry, channel))
    return sorted(newest.values(), key=lambda found: found[0].updated, reverse=True)[:limit]


def _since(session: Session, channel_id: int, since: datetime) -> list[ColumnElement[bool]]:
    """What was published since an instant has changed since: it bears a number after the last one of before."""
    before = (
        select(Change.number)
        .where(Change.channel_id == channel_id, Change.at < since)
        .order_by(Change.number.desc())
        .limit(1)
    )
    return [Entry.published >= since, Entry.number > (session.scalar(before) or 0)]


def list_locations(session: Session, channel_id: int, *, above: int, upto: int) -> list[tuple[str, datetime]]:
    """The stories that stand in a channel with a number in this range, newest change first, and when they changed."""
    query = (
        select(Entry.story_id, Entry.updated)
        .where(Entry.channel_id == channel_id, Entry.listed.is_(True), Entry.state != "withdrawn")
        .where(Entry.number > above, Entry.number <= upto)
        .order_by(Entry.number.desc())
    )
    return [(story_id, updated) for story_id, updated in session.execute(query)]


def is_entry(channel_id: int, uid: str) -> ColumnElement[bool]:
    """The condition for an entry of a channel by its permanent id: by that index, never through the whole channel."""
    return and_(Entry.uid == uid, Entry.channel_id + 0 == channel_id)


def find_entry(session: Session, channel_id: int, uid: str) -> Entry | None:
    """An entry of a channel by its permanent id."""
    query = (
        select(Entry)
        .where(is_entry(channel_id, uid), _is_shown())
        .options(joinedload(Entry.release).joinedload(Release.version))
    )
    return session.scalar(query)


FILM_WIDTH = 0  # under which a film's one rendition is kept


class Access(StrEnum):
    """What a picture's address gives now."""

    OPEN = "open"
    GONE = "gone"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class FoundPicture:
    """A picture at its address: what it gives, to whom, and the bytes' hash."""

    access: Access
    public: bool
    sha256: str  # empty for what is gone for good
    media_type: str


def find_picture(session: Session, token: str, width: int) -> FoundPicture | None:
    """What stands at a picture's address. A scheduled or held release hides it; one that lost it has it gone."""
    query = (
        select(
            Release.state,
            Channel.audience,
            Rendition.sha256,
            Rendition.media_type,
            Entry.listed,
            MediaToken.lost_at.is_not(None),
        )
        .select_from(MediaToken)
        .join(Release, Release.id == MediaToken.release_id)
        .join(Channel, Channel.id == Release.channel_id)
        .outerjoin(Rendition, and_(Rendition.upload_id == MediaToken.upload_id, Rendition.width == width))
        .outerjoin(Entry, Entry.release_id == Release.id)
        .where(MediaToken.token == token)
    )
    row = session.execute(query).first()
    if row is None:
        return None
    state, audience, sha256, media_type, listed, lost = row
    if (sha256 is None and not lost) or (audience == "public" and width > WEB_WIDTH):
        return None  # no such width; sizes for print are for outlets
    if state == "standing" and lost:
        access = Access.GONE
    elif state == "standing":
        access = Access.OPEN if listed else Access.HIDDEN
    else:
        access = Access.HIDDEN if state in ("scheduled", "cancelled") else Access.GONE
    return FoundPicture(access, audience == "public", sha256 or "", media_type or "")


def _is_shown() -> ColumnElement[bool]:
    """A withdrawn story's page says so for ever, also when its tombstone has left the feeds."""
    return or_(Entry.listed.is_(True), Entry.state == "withdrawn")


def _entries_with_channel() -> Select[Entry, Channel]:
    return (
        select(Entry, Channel)
        .join(Channel, Channel.id == Entry.channel_id)
        .options(
            joinedload(Entry.release, innerjoin=True).joinedload(Release.version, innerjoin=True),
            joinedload(Channel.outlet, innerjoin=True),
        )
    )
