"""An entry in full, as its outlet may see it: text, facts, pictures, interview card, print pack, proof, corrections.

Who reads how to reach somebody is journalled, as the API does; where it cannot be, the page shows no contacts.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, send_file
from sqlalchemy.orm import Session

from feeds import package
from feeds.document import Entry as FeedEntry
from feeds.document import Item, Status, Tombstone
from feeds.text import SafeHtml
from hub.errors import Gone, NotFound, Unavailable
from hub.http import corrected
from hub.http.services import services
from hub.models import Channel, Entry
from hub.outlets import readership, receipts, terms, uses
from hub.outlets.terms import NoTerm
from hub.publishing import documents, inbox_index, packs, planned, reading
from hub.publishing.marks import has_packs
from hub.publishing.packs import Source, Tickets
from hub.publishing.visibility import Variant
from hub.records import contacts
from hub.web.outlet.inbox import entry_path
from hub.web.outlet.newsroom import Newsroom, bp, channel_of, enter, family_of, show

GONE = 410


@bp.get("/<outlet>/inbox/<channel>/<uuid:entry>")
def show_entry(outlet: str, channel: str, entry: UUID) -> Response:
    room, parts = enter(outlet), services()
    with parts.database.reading() as session:
        row, found = _find(session, room, channel, entry)
        item = _item(session, found, row, Variant.FULL)
    if _has_contacts(item) and not _may_read(room, found.story_id):
        with parts.database.reading() as session:
            item = _item(session, found, row, Variant.NO_CONTACTS)
    with parts.database.reading() as session:
        family = family_of(session, room)
        told = uses.list_of_outlets(session, family, [found.story_id]).get(found.story_id, [])
        receipt = receipts.list_open_of(session, family, [found.story_id]).get(found.story_id)
        if isinstance(item, Tombstone):
            facts: dict[str, Any] = {"channel": row, "tombstone": item, "uses": told, "receipt": receipt}
            stood = readership.list_stood(session, [found.story_id], family).get(found.story_id, [])
            return show(room, "withdrawn.html", GONE, stood=stood if receipt else [], **facts)
        address = f"{room.code}/{row.code}"
        corrections = [
            each
            for each in corrected.to_outlets(session, found.story_id, [row.outlet_id]) or ()
            if each.channel == address
        ]
    path = entry_path(room, row.code, found.uid)
    return show(
        room,
        "entry.html",
        channel=row,
        story=item,
        body=SafeHtml(item.content),  # stored clean
        short_body=SafeHtml(item.story.short_body),
        told=item.story,
        uses=told,
        receipt=receipt,
        corrections=corrections[::-1],
        pack=f"{path}/pack.zip" if has_packs(row) else "",
        proof=f"{path}/entry.json",
        address=address,
        here=path,
    )


@bp.get("/<outlet>/inbox/<channel>/<uuid:entry>/pack.zip")
def get_pack(outlet: str, channel: str, entry: UUID) -> Response:
    """The print pack, for whoever is signed in: nothing in its address opens it for others."""
    room, parts = enter(outlet), services()
    with parts.database.reading() as session:
        row, found = _standing(session, room, channel, entry)
        if not has_packs(row):
            raise NotFound(kind="pack")
        source = _source(session, room, row, found, Variant.FULL)
    if _has_contacts(source.entry) and not _may_read(room, found.story_id):
        with parts.database.reading() as session:
            source = _source(session, room, row, found, Variant.NO_CONTACTS)
    file = packs.build(source, parts.store.path)
    return send_file(file, mimetype=package.MEDIA_TYPE, as_attachment=True, download_name=source.name, etag=False)


@bp.get("/<outlet>/inbox/<channel>/<uuid:entry>/entry.json")
def get_proof(outlet: str, channel: str, entry: UUID) -> Response:
    """The entry of the JSON Feed, with the proof over what it shows."""
    room, parts = enter(outlet), services()
    with parts.database.reading() as session:
        row, found = _standing(session, room, channel, entry)
        shows_contacts = _has_contacts(_item(session, found, row, Variant.FULL))
    variant = Variant.FULL
    if shows_contacts and not _may_read(room, found.story_id):
        variant = Variant.NO_CONTACTS
    with parts.database.reading() as session, documents.rendering():
        body = documents.fragments_of(session, [found], row, "json", variant, parts.settings.address)[found.id].body
    if body is None:
        raise Unavailable()  # the fault is in the log and in what `hub verify` says
    if has_packs(row):
        body = Tickets(0, parts.secret).fill(body)  # no key stands behind a session: the pack is at this desk
    answer = Response(body, content_type="application/json")
    answer.headers["Content-Disposition"] = f'inline; filename="{entry}.json"'
    return answer


@bp.get("/<outlet>/inbox/<channel>/planned")
def list_planned(outlet: str, channel: str) -> Response:
    room, parts = enter(outlet), services()
    with parts.database.reading() as session:
        row = channel_of(session, room, channel)
        if row.audience == "public":
            raise NotFound(kind="feed")
        if not terms.holds(session, row.outlet_id, now=parts.clock.now()):
            raise NoTerm()
        coming = planned.list_planned(session, row, parts.settings.address)
    return show(room, "planned.html", channel=row, coming=coming)


def _find(session: Session, room: Newsroom, channel: str, entry: UUID) -> tuple[Channel, Entry]:
    """An entry of a channel of the outlet, or its tombstone. Raises NotFound."""
    row = channel_of(session, room, channel)
    found = reading.find_entry(session, row.id, entry.urn)
    if found is None:
        raise NotFound(what=str(entry), kind="entry")
    return row, found


def _standing(session: Session, room: Newsroom, channel: str, entry: UUID) -> tuple[Channel, Entry]:
    """The same of one that was not withdrawn. Raises Gone, too."""
    row, found = _find(session, room, channel, entry)
    if found.state == Status.WITHDRAWN:
        raise Gone(what=str(entry))
    return row, found


def _item(session: Session, entry: Entry, channel: Channel, variant: Variant) -> Item:
    item = inbox_index.items_of(session, [entry], channel, variant, services().settings.address).get(entry.id)
    if item is None:
        raise Unavailable()
    return item


def _source(session: Session, room: Newsroom, channel: Channel, entry: Entry, variant: Variant) -> Source:
    address = services().settings.address
    url = address(entry_path(room, channel.code, entry.uid, "/pack.zip"))
    return packs.source_of(session, entry, channel, variant, address, ticket_url=url)


def _may_read(room: Newsroom, story_id: str) -> bool:
    parts = services()
    return contacts.may_read(parts.database, reader=room.actor.mark, now=parts.clock.now(), story_id=story_id)


def _has_contacts(item: Item) -> bool:
    """Does what is shown say how to reach somebody?"""
    if not isinstance(item, FeedEntry):
        return False
    card = item.story.interview
    known = [item.story.spokesperson_contact]
    if card is not None:
        known += [card.contact, *(guest.contact for guest in card.guests)]
    return any(known)
