"""WebSub topics: which address of which channel somebody may subscribe to, and what is pushed for it.

A topic is one document in one format at exactly the address that its `self` link says. A public channel has it at its
plain address, everything under an unguessable address has it there; what needs a key to be sent along has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from hub.accounts import keys
from hub.clock import Clock
from hub.db import Database
from hub.models import Channel, Document, Key, Outlet
from hub.publishing import documents
from hub.publishing.assemble import Address
from hub.publishing.documents import NINJS_HUB, RENDERERS, Page
from hub.publishing.heads import WEBSUB_PATH, assembled, feed_path, is_topic
from hub.publishing.marks import has_packs
from hub.publishing.packs import Tickets
from hub.publishing.visibility import variant_for
from hub.records.secret import Secret

_PATH = re.compile(
    r"/feeds/(?:k/(?P<secret>[^/?]+)/)?(?P<outlet>[^/?]+)/(?P<channel>[^/?]+)\.(?P<suffix>[^/.?]+)(?P<query>\?.*)?"
)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a topic's address leads to, as somebody may subscribe to it now."""

    channel: Channel
    format: str
    key: Key | None  # that the address holds
    secret: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pushed:
    """A topic's whole document, with what stands around it in a push."""

    revision: int  # the channel's
    number: int  # the newest of the channel's ledger that it holds
    body: bytes = field(repr=False)
    media_type: str
    self_url: str = field(repr=False)
    hub_url: str


def find(session: Session, topic: str, address: Address, *, now: datetime) -> Topic | None:
    """The topic at this address; None for any that is not one, or that whoever knows it may not read now."""
    base = address("")
    said = _PATH.fullmatch(topic.removeprefix(base)) if topic.startswith(base) and topic.isprintable() else None
    if said is None:
        return None
    format_name = NINJS_HUB if said["suffix"] == "ninjs" and said["query"] else said["suffix"]
    row = session.execute(
        select(Channel)
        .join(Channel.outlet)
        .where(Outlet.code == said["outlet"], Channel.code == said["channel"])
        .options(joinedload(Channel.outlet))
    ).scalar()
    if row is None or format_name not in RENDERERS or address(feed_path(row, format_name, said["secret"])) != topic:
        return None
    return _topic(session, row, format_name, said["secret"], now=now)


def load(
    database: Database,
    clock: Clock,
    address: Address,
    box: Secret,
    *,
    channel_id: int,
    format_name: str,
    secret: str | None,
) -> Pushed | None:
    """What is pushed for a topic now; None when it is one no more. `box` seals the addresses that are a key's own."""
    with database.reading() as session:
        channel = session.get(Channel, channel_id, options=[joinedload(Channel.outlet)])
        found = channel and _topic(session, channel, format_name, secret, now=clock.now())
        if channel is None or not found:
            return None
        with_contacts = found.key is not None and found.key.with_contacts
        variant = variant_for(by_address=found.key is not None, with_contacts=with_contacts)
        kept = session.get(Document, (channel_id, format_name, variant))
        page: Page | None = None
        if kept is not None and documents.is_current(kept, channel, address):
            page = documents.page_of(kept, channel)
    if page is None:
        page = documents.render_page(
            database, clock, address, channel_id=channel_id, format_name=format_name, variant=variant
        )
    if not is_topic(page.channel, secret):  # changed while we rendered
        return None
    tickets = Tickets(found.key.id, box) if found.key is not None and has_packs(page.channel) else None
    return Pushed(
        revision=page.revision,
        number=page.channel.head,
        body=assembled(page, address, secret=secret, tickets=tickets),
        media_type=RENDERERS[format_name].MEDIA_TYPE,
        self_url=address(feed_path(page.channel, format_name, secret)),
        hub_url=address(WEBSUB_PATH),
    )


def secret_in(topic: str) -> str | None:
    """The key that a topic's address holds."""
    said = re.search(r"/feeds/k/([^/?]+)/", topic)
    return said[1] if said else None


def _topic(session: Session, channel: Channel, format_name: str, secret: str | None, *, now: datetime) -> Topic | None:
    """The same rules by which the door lets readers in, but for its redirects: what has moved is no topic."""
    if channel.successor_id is not None or channel.outlet.ended_on is not None or not is_topic(channel, secret):
        return None
    if secret is None:
        return Topic(channel, format_name, None, None)
    key = keys.find(session, keys.fingerprint(secret))
    if key is None or not keys.opens_feeds(key, by_address=True, now=now):
        return None
    if channel.audience != "public" and not keys.reads_for(session, key, channel.outlet_id, now=now):
        return None
    return Topic(channel, format_name, key, secret)
