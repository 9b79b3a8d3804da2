"""Which outlets and channels there are: loaded from a file of ``schemas/outlet.v1.json``, found by address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, joinedload

import schemas
from hub.errors import Conflict, Invalid, NotFound
from hub.models import Agency, Channel, Entry, Outlet
from hub.outlets import ledgers


class AudienceFixed(Conflict):
    """A channel that has entries keeps its audience: their ids and fields were made for it. Make a new channel."""

    key = "error.audience_is_fixed"


def load(session: Session, document: Mapping[str, Any], *, now: datetime) -> list[Channel]:
    """Create or change the outlets and channels that `document` names; nothing else is touched.

    A changed selection affects later releases only. A changed profile or audience shows at once, so the channel's
    kept documents become old. Raises Invalid with every fault of the file.
    """
    if faults := schemas.check("outlet.v1", document):
        raise Invalid(faults=faults)
    agency = _agency(session, document.get("agency"))
    return [
        _channel(session, _outlet(session, outlet, agency, now=now), channel, now=now)
        for outlet in document["outlets"]
        for channel in outlet["channels"]
    ]


def find_channel(session: Session, outlet: str, channel: str) -> Channel | None:
    """The channel at ``outlet/channel``, with its outlet."""
    query = (
        select(Channel)
        .join(Channel.outlet)
        .where(Outlet.code == outlet, Channel.code == channel)
        .options(joinedload(Channel.outlet).joinedload(Outlet.agency))
    )
    return session.scalar(query)


def get_channel(session: Session, address: str) -> Channel:
    """The channel at ``outlet/channel``. Raises NotFound."""
    outlet, _, code = address.partition("/")
    channel = find_channel(session, outlet, code)
    if channel is None:
        raise NotFound(what=address)
    return channel


def get_outlet(session: Session, code: str) -> Outlet:
    """The outlet with this code. Raises NotFound."""
    outlet = session.scalar(select(Outlet).where(Outlet.code == code))
    if outlet is None:
        raise NotFound(what=code)
    return outlet


def is_public(session: Session, code: str) -> bool:
    """Is this an outlet whose channels are for everybody?"""
    return session.scalar(select(Outlet.kind).where(Outlet.code == code)) == "public"


def list_channels(session: Session) -> list[Channel]:
    """Every channel, with its outlet, in the order they were made."""
    return list(session.scalars(select(Channel).options(joinedload(Channel.outlet)).order_by(Channel.id)))


def list_readable(session: Session, *, outlet_id: int | None) -> list[Channel]:
    """The channels that stand open to everybody, and those of the outlet that asks."""
    readable = Channel.audience == "public"
    if outlet_id is not None:
        readable = or_(readable, Channel.outlet_id == outlet_id)
    query = select(Channel).where(readable).options(joinedload(Channel.outlet)).order_by(Channel.id)
    return list(session.scalars(query))


def list_of_outlet(session: Session, outlet_id: int) -> list[Channel]:
    """An outlet's own channels."""
    query = select(Channel).where(Channel.outlet_id == outlet_id).options(joinedload(Channel.outlet))
    return list(session.scalars(query.order_by(Channel.id)))


def address_of(channel: Channel) -> str:
    """How acts and lists name a channel: ``outlet/channel``."""
    return f"{channel.outlet.code}/{channel.code}"


def _agency(session: Session, said: Mapping[str, str] | None) -> Agency | None:
    if said is None:
        return None
    agency = session.scalar(select(Agency).where(Agency.code == said["code"]))
    if agency is None:
        agency = Agency(code=said["code"], name=said["name"])
        session.add(agency)
    agency.name = said["name"]
    return agency


def _outlet(session: Session, said: Mapping[str, Any], agency: Agency | None, *, now: datetime) -> Outlet:
    outlet = session.scalar(
        select(Outlet).where(Outlet.code == said["code"]).options(joinedload(Outlet.agency))
    ) or Outlet(code=said["code"], created_at=now)
    if outlet.id is not None and outlet.name != said["name"]:  # it stands in the head of every channel
        ids = session.scalars(select(Channel.id).where(Channel.outlet_id == outlet.id)).all()
        for channel in ledgers.lock(session, ids).values():
            ledgers.touch(session, channel, None, now=now)
    outlet.kind, outlet.name = said["kind"], said["name"]
    outlet.agency = agency if said["kind"] != "public" else None
    session.add(outlet)
    session.flush()
    return outlet


def _channel(session: Session, outlet: Outlet, said: Mapping[str, Any], *, now: datetime) -> Channel:
    channel = session.scalar(
        select(Channel)
        .where(Channel.outlet_id == outlet.id, Channel.code == said["code"])
        .options(joinedload(Channel.outlet, innerjoin=True))
        .with_for_update(of=Channel)
    )
    shown = {
        "title": said["title"],
        "description": said.get("description", ""),
        "language": said.get("language", "vi-VN"),
        "profile": said["profile"],
        "fields": list(said.get("fields") or schemas.vocabulary("profiles")[said["profile"]].extras["fields"]),
        "audience": said["audience"],
    }
    if channel is None:
        channel = Channel(
            outlet=outlet,
            code=said["code"],
            selection=dict(said.get("selection", {})),
            head=0,
            head_at=now,
            revision=1,
            modified_at=now,
            **shown,
        )
        session.add(channel)
    else:
        if any(getattr(channel, name) != value for name, value in shown.items()):
            has_entries = session.scalar(select(Entry.id).where(Entry.channel_id == channel.id).limit(1)) is not None
            if channel.audience != shown["audience"] and has_entries:
                raise AudienceFixed(channel=f"{outlet.code}/{channel.code}")
            for name, value in shown.items():
                setattr(channel, name, value)
            ledgers.touch(session, channel, None, now=now)
            session.execute(update(Entry).where(Entry.channel_id == channel.id).values(revision=Entry.revision + 1))
        channel.selection = dict(said.get("selection", {}))
    session.flush()
    return channel
