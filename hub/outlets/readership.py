"""Who could have had a story: the channels it stood in, since when, and which versions of it. Kept as long as it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from hub.clock import local_day
from hub.models import Channel, Entry, Outlet, Release, Story, Version

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


@dataclass(frozen=True, slots=True)
class Stood:
    """By what an outlet that had a story finds it again, without a word of the story: where, when, whose."""

    channel: str  # its title
    language: str
    since: date  # in Việt Nam
    unit: str


def list_stood(session: Session, story_ids: Collection[str], outlet_ids: Collection[int]) -> dict[str, list[Stood]]:
    """Where stories stood with these outlets, by story and in the order of channels; the withdrawn ones as well."""
    query = (
        select(Entry, Channel, Story)
        .join(Channel, Channel.id == Entry.channel_id)
        .join(Story, Story.id == Entry.story_id)
        .where(Entry.story_id.in_(story_ids), Channel.outlet_id.in_(outlet_ids))
        .order_by(Channel.id)
        .options(joinedload(Story.organization, innerjoin=True))
    )
    found: dict[str, list[Stood]] = {}
    for entry, channel, story in session.execute(query):
        unit = story.organization_name or story.organization.name
        stood = Stood(channel.title, channel.language, local_day(entry.published), unit)
        found.setdefault(entry.story_id, []).append(stood)
    return found


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
