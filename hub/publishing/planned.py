"""What is coming to a channel, for an outlet that has signed an embargo term: title, announced instant, slots, guests.

Nothing enters a ledger before its embargo ends, so this is a document of its own, made anew for each reader from the
scheduled releases and kept nowhere. What stands released, is cancelled or held is not in it. Its entries have ids of
their own: readers that merge equal ids would take the released story for one that was read already. `_hub.story` says
what they become.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, joinedload

from feeds.document import Entry, Feed, Interview, Status, Story
from hub import i18n
from hub.i18n.words import format_instant
from hub.ids import ENTRY_NAMESPACE
from hub.models import Channel, Release
from hub.models import Entry as EntryRow
from hub.models import Story as StoryRow
from hub.outlets import catalog
from hub.outlets.releases import ASKED_BACK
from hub.publishing.assemble import Address, feed_of, interview_of
from hub.publishing.documents import FORMATS, RENDERERS
from hub.publishing.heads import feed_suffix, feeds_prefix
from hub.publishing.visibility import Variant, prune, visible_paths
from hub.records.disclosures import reveal, showing

AT_MOST = 200
SHOWN = ("title", "language", "interview.title", "interview.slots")  # beside guests
OF_GUESTS = ("name", "role", "position", "availability")


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


COMING = _("Coming at %(at)s. Nothing of it may be printed, aired or published before.")
TITLE = _("%(channel)s: what is coming")


def list_planned(session: Session, channel: Channel, address: Address) -> list[Entry]:
    """The stories that are scheduled for a channel and have never stood there, the first to come first."""
    query = (
        select(Release)
        .join(StoryRow, StoryRow.id == Release.story_id)
        .outerjoin(EntryRow, and_(EntryRow.channel_id == Release.channel_id, EntryRow.story_id == Release.story_id))
        .where(Release.channel_id == channel.id, Release.state == "scheduled", EntryRow.id.is_(None))
        .where(StoryRow.held.is_(False), StoryRow.state != ASKED_BACK)
        .options(joinedload(Release.version, innerjoin=True))
        .order_by(Release.available_from, Release.id)
        .limit(AT_MOST)
    )
    return [_entry(release, channel, address) for release in session.scalars(query)]


def render(
    channel: Channel, entries: Sequence[Entry], format_name: str, address: Address, *, secret: str | None
) -> bytes:
    """The document at one address; under an unguessable one when `secret` is one."""
    body: bytes = RENDERERS[format_name].render(_head(channel, entries, format_name, address, secret), entries)
    return body


def planned_path(channel: Channel, format_name: str, secret: str | None = None) -> str:
    """The path of the document in a format, as `render` gives it."""
    return f"{feeds_prefix(secret)}/{catalog.address_of(channel)}/planned{feed_suffix(format_name)}"


def _head(channel: Channel, entries: Sequence[Entry], format_name: str, address: Address, secret: str | None) -> Feed:
    others = [name for name in FORMATS if name != format_name]
    feed = feed_of(
        channel,
        self_path=planned_path(channel, format_name, secret),
        home_path=f"/feeds/{catalog.address_of(channel)}",
        alternates=[(planned_path(channel, name, secret), FORMATS[name].MEDIA_TYPE) for name in others],
        address=address,
        updated=max((entry.updated for entry in entries), default=channel.head_at),
    )
    return replace(
        feed,
        id=_id(catalog.address_of(channel)),
        title=i18n.sentence(TITLE, _language(channel.language), channel=feed.title),
    )


def _entry(release: Release, channel: Channel, address: Address) -> Entry:
    seen = _seen(release, channel)
    own = _id(f"{catalog.address_of(channel)}/{release.story_id}")
    language = seen.get("language", "vi")
    when = format_instant(release.available_from, _language(language))
    return Entry(
        id=own,
        story_id=release.story_id,
        version=release.version.number,
        number=0,  # no row of the ledger tells of it yet
        status=Status.PLANNED,
        title=seen.get("title", ""),
        url=address(f"/feeds/{catalog.address_of(channel)}#{own.removeprefix('urn:uuid:')}"),
        published=release.created_at,
        updated=release.created_at,
        summary=i18n.sentence(COMING, _language(language), at=when),
        language=language,
        story=Story(embargo_until=release.available_from, interview=_interview(seen)),
    )


def _seen(release: Release, channel: Channel) -> Mapping[str, Any]:
    """Of what the channel will show no more than this, and no way to reach anybody."""
    will = visible_paths(release.fields, channel.fields, channel.audience, Variant.NO_CONTACTS)
    wanted = (*SHOWN, *(f"interview.guests.{name}" for name in OF_GUESTS))
    paths = frozenset(path for path in will if any(path == each or path.startswith(f"{each}.") for each in wanted))
    return prune(reveal(showing(release.version.disclosures, release.hidden)), paths, channel.audience)


def _interview(seen: Mapping[str, Any]) -> Interview | None:
    return interview_of(seen["interview"]) if "interview" in seen else None


def _id(place: str) -> str:
    return f"urn:uuid:{uuid.uuid5(ENTRY_NAMESPACE, f'planned/{place}')}"


def _language(tag: str) -> str:
    return "en" if tag.startswith("en") else "vi"
