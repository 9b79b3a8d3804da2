"""What a feed request asks of the database, in one statement: channel, key, and the kept document.

A process that has the document in memory only asks whether it is still the newest, by a statement that is built
once and gives bare columns; the whole question is for the first reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Select, and_, bindparam, case, null, select
from sqlalchemy.orm import Session, contains_eager

from hub.db import Database
from hub.models import Channel, Document, Key, Outlet
from hub.publishing.visibility import Variant, variant_for


class AskingKey(Protocol):
    """What the door needs of a key to let somebody in: a row, or its bare columns."""

    @property
    def id(self) -> Any: ...
    @property
    def kind(self) -> Any: ...
    @property
    def outlet_id(self) -> Any: ...
    @property
    def expires_at(self) -> Any: ...
    @property
    def revoked_at(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class KeyColumns:
    """A key's bare columns."""

    id: int
    kind: str
    outlet_id: int | None
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Newest:
    """A channel's present revision, who may read it, and the key that asked (whether live is the door's to judge)."""

    revision: int
    audience: str
    outlet_id: int
    channel_id: int
    key: AskingKey | None


@dataclass(frozen=True, slots=True)
class Found:
    """A channel, the key that asked, and what is kept for them at the channel's present revision."""

    channel: Channel
    key: Key | None
    document: Document | None

    def variant(self, *, by_address: bool) -> Variant:
        """What the asker sees of the channel."""
        return variant_for(by_address=by_address, with_contacts=self.key is not None and self.key.with_contacts)

    @property
    def newest(self) -> Newest:
        """What decides who may read it."""
        channel = self.channel
        return Newest(channel.revision, channel.audience, channel.outlet_id, channel.id, self.key)


_NEWEST = (
    select(
        Channel.revision,
        Channel.audience,
        Channel.outlet_id,
        Channel.id,
        Key.id,
        Key.kind,
        Key.outlet_id,
        Key.expires_at,
        Key.revoked_at,
    )
    .join(Outlet, Outlet.id == Channel.outlet_id)
    .outerjoin(Key, Key.sha256 == bindparam("seal"))
    .where(Outlet.code == bindparam("outlet"), Channel.code == bindparam("channel"))
)


def find_newest(database: Database, outlet: str, channel: str, *, key_sha256: str | None) -> Newest | None:
    """The present revision of the channel at an address; None when there is no such channel."""
    with database.asking() as connection:
        row: Sequence[Any] | None = connection.execute(
            _NEWEST, {"outlet": outlet, "channel": channel, "seal": key_sha256}
        ).first()
    if row is None:
        return None
    return Newest(row[0], row[1], row[2], row[3], None if row[4] is None else KeyColumns(*row[4:]))


def find(session: Session, outlet: str, channel: str, *, key_sha256: str | None) -> Found | None:
    """The channel at an address and the key that asks; None when there is no such channel."""
    row = session.execute(_asked(select(Channel, _key(key_sha256)), outlet, channel, key_sha256)).first()
    return None if row is None else Found(row[0], row[1], None)


def find_document(
    session: Session, outlet: str, channel: str, format_name: str, *, key_sha256: str | None, by_address: bool
) -> Found | None:
    """The channel at an address with its kept document, in one statement; None when there is no such channel."""
    told, untold = (variant_for(by_address=by_address, with_contacts=allowed).value for allowed in (True, False))
    variant = case((Key.with_contacts, told), else_=untold) if by_address else told
    kept = and_(
        Document.channel_id == Channel.id,
        Document.format == format_name,
        Document.variant == variant,
        Document.revision == Channel.revision,
    )
    query = _asked(select(Channel, _key(key_sha256), Document), outlet, channel, key_sha256).outerjoin(Document, kept)
    row = session.execute(query).first()
    return None if row is None else Found(row[0], row[1], row[2])


def _key(key_sha256: str | None) -> Any:
    return Key if key_sha256 else null()


def _asked(query: Select[Any], outlet: str, channel: str, key_sha256: str | None) -> Select[Any]:
    query = (
        query.join(Outlet, Outlet.id == Channel.outlet_id)
        .where(Outlet.code == outlet, Channel.code == channel)
        .options(contains_eager(Channel.outlet))
    )
    return query.outerjoin(Key, Key.sha256 == key_sha256) if key_sha256 else query
