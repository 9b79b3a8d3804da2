"""Interview cards as an outlet's channels show them: whom of a story it may ask, and nothing that is hidden."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

import schemas
from feeds.document import Status
from hub.models import Channel, Entry, Release
from hub.records import persons
from hub.records.disclosures import Content, reveal

GUESTS = "interview.guests"
WITHDRAWN = Status.WITHDRAWN.value  # of entries and of stories
CLOSED = (WITHDRAWN, Status.HELD.value)
CONTACT = ("name", "phone", "email", "address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The interview card of a version that stands in a channel."""

    story_id: str
    channel: Channel  # with its outlet
    version: int
    content: Content  # all that the version tells
    guests: tuple[CardGuest, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardGuest:
    """Somebody on the card, with what the channel shows of them."""

    place: int  # on the revealed card
    person_id: str | None
    name: str
    role: str = ""
    contact: Mapping[str, str]
    availability: tuple[Mapping[str, Any], ...] = ()
    off_limits: tuple[str, ...] = ()


def list_cards(session: Session, story_id: str, *, outlet_ids: Collection[int]) -> list[Card]:
    """The cards of a story that stand in channels of these outlets; none of a story withdrawn or on hold there."""
    query = (
        select(Entry)
        .join(Channel, Channel.id == Entry.channel_id)
        .where(Entry.story_id == story_id, Entry.state.not_in(CLOSED), Channel.outlet_id.in_(outlet_ids))
        .options(joinedload(Entry.release, innerjoin=True).joinedload(Release.version, innerjoin=True))
        .order_by(Entry.channel_id)
        .execution_options(populate_existing=True)  # whoever asks twice has locked the story in between
    )
    entries = list(session.scalars(query))
    ids = {entry.channel_id for entry in entries}
    channels = select(Channel).where(Channel.id.in_(ids)).options(joinedload(Channel.outlet, innerjoin=True))
    known = {channel.id: channel for channel in session.scalars(channels)}
    return [_card(session, entry.release, known[entry.channel_id]) for entry in entries]


def stands(session: Session, story_id: str, *, outlet_ids: Collection[int]) -> bool:
    """Does a story stand in a channel of these outlets, neither withdrawn nor on hold?"""
    query = select(Entry.id).join(Channel, Channel.id == Entry.channel_id)
    query = query.where(Entry.story_id == story_id, Entry.state.not_in(CLOSED), Channel.outlet_id.in_(outlet_ids))
    return session.scalar(query.limit(1)) is not None


def find_guest(
    cards: Collection[Card], *, name: str = "", person_id: str | None = None
) -> tuple[Card, CardGuest] | None:
    """A guest by name, or by person, on the first card that shows them."""
    for card in cards:
        for guest in card.guests:
            if (person_id is not None and guest.person_id == person_id) or (
                name and persons.key_of(guest.name) == persons.key_of(name)
            ):
                return card, guest
    return None


def _card(session: Session, release: Release, channel: Channel) -> Card:
    content = reveal(release.version.disclosures)
    return Card(
        story_id=release.story_id,
        channel=channel,
        version=release.version.number,
        content=content,
        guests=tuple(_guests(session, release, channel, content)),
    )


def _guests(session: Session, release: Release, channel: Channel, content: Content) -> Iterator[CardGuest]:
    reach = schemas.Audience.named(channel.audience)
    audiences = schemas.fields()
    shown = {
        path
        for path in release.fields
        if path in audiences and audiences[path] <= reach and schemas.covers(channel.fields, path)
    }
    if f"{GUESTS}.name" not in shown:
        return
    places = persons.list_of_version(session, release.story_id, release.version.number)
    people = {row.place: row.person_id for row in places if row.part == persons.GUEST}
    interview = content.get("interview", {})
    of_all = interview.get("off_limits", ()) if "interview.off_limits" in shown else ()
    for place, said in enumerate(interview.get("guests", ())):
        if f"/interview/guests/{place}" in release.hidden or not said.get("name"):
            continue
        contact = {name: at for name, at in said.get("contact", {}).items() if f"{GUESTS}.contact.{name}" in shown}
        yield CardGuest(
            place=place,
            person_id=people.get(place),
            name=said["name"],
            role=said.get("role", "") if f"{GUESTS}.role" in shown else "",
            contact={
                name: contact[name] for name in CONTACT if name in contact and f"{GUESTS}.contact.{name}" in shown
            },
            availability=tuple(said.get("availability", ())) if f"{GUESTS}.availability.starts_at" in shown else (),
            off_limits=(*said.get("off_limits", ()), *of_all) if f"{GUESTS}.off_limits" in shown else tuple(of_all),
        )
