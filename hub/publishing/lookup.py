"""What a feed request asks of the database, in one statement: channel, key, and the kept document's revision."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, case, null, select
from sqlalchemy.orm import Session, contains_eager, defer

from hub.models import Channel, Document, Key, Outlet
from hub.publishing.visibility import Variant


@dataclass(frozen=True, slots=True)
class Found:
    """A channel, the key that asked (whether live is the asker's to judge), and what is kept for them."""

    channel: Channel
    key: Key | None
    document: Document | None  # of the channel's present revision; without its body unless that was asked for


def find(
    session: Session,
    outlet: str,
    channel: str,
    format_name: str,
    *,
    key_sha256: str | None,
    by_address: bool,
    with_body: bool,
) -> Found | None:
    """The channel at an address with its kept document, in one statement; None when there is no such channel.

    An address key sees the variant without contacts unless it allows them.
    """
    variant = (
        case((Key.with_contacts, Variant.FULL.value), else_=Variant.NO_CONTACTS.value)
        if by_address
        else Variant.FULL.value
    )
    query = (
        select(Channel, Key if key_sha256 else null(), Document)
        .join(Outlet, Outlet.id == Channel.outlet_id)
        .where(Outlet.code == outlet, Channel.code == channel)
        .options(contains_eager(Channel.outlet), *(() if with_body else (defer(Document.body, raiseload=True),)))
    )
    if key_sha256:
        query = query.outerjoin(Key, Key.sha256 == key_sha256)
    query = query.outerjoin(
        Document,
        and_(
            Document.channel_id == Channel.id,
            Document.format == format_name,
            Document.variant == variant,
            Document.revision == Channel.revision,
        ),
    )
    row = session.execute(query).first()
    return None if row is None else Found(row[0], row[1], row[2])
