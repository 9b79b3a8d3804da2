"""Who could have had a story: the channels it stood in, since when, and which versions of it. Kept as long as it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.models import Channel, Entry, Outlet, Release, Version

STOOD = ("standing", "superseded", "withdrawn")  # of releases: at some time readers could see them


@dataclass(frozen=True, slots=True, kw_only=True)
class Had:
    """A channel that a story stood in."""

    story_id: str
    channel_id: int
    outlet_id: int
    address: str  # outlet/channel
    audience: str
    state: str  # of its entry now
    first_at: datetime
    last_at: datetime
    versions: tuple[int, ...]


def list_had(session: Session, story_id: str) -> list[Had]:
    """Every channel that a story stood in, by channel."""
    query = (
        select(Entry, Channel.id, Channel.outlet_id, Outlet.code, Channel.code, Channel.audience)
        .join(Channel, Channel.id == Entry.channel_id)
        .join(Outlet, Outlet.id == Channel.outlet_id)
        .where(Entry.story_id == story_id)
        .order_by(Channel.id)
    )
    versions: dict[int, list[int]] = {}
    for channel_id, number in session.execute(
        select(Release.channel_id, Version.number)
        .join(Version, Version.id == Release.version_id)
        .where(Release.story_id == story_id, Release.state.in_(STOOD))
        .order_by(Version.number)
        .distinct()
    ):
        versions.setdefault(channel_id, []).append(number)
    return [
        Had(
            story_id=story_id,
            channel_id=channel_id,
            outlet_id=outlet_id,
            address=f"{outlet}/{code}",
            audience=audience,
            state=entry.state,
            first_at=entry.published,
            last_at=entry.updated,
            versions=tuple(versions.get(channel_id, ())),
        )
        for entry, channel_id, outlet_id, outlet, code, audience in session.execute(query)
    ]


def released_at(session: Session, story_id: str, version: int) -> datetime | None:
    """When a version was first released; None for one that never was."""
    query = (
        select(func.min(Release.available_from))
        .join(Version, Version.id == Release.version_id)
        .where(Release.story_id == story_id, Version.number == version, Release.state.in_(STOOD))
    )
    return session.scalar(query)
