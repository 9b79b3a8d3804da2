"""Which outlets and channels there are: loaded from a file of ``schemas/outlet.v1.json``, found by address."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, joinedload

import schemas
from hub.accounts import registers
from hub.accounts.history import HasEnded
from hub.clock import local_day
from hub.errors import Conflict, Invalid, NotFound
from hub.models import Agency, Channel, Entry, Outlet
from hub.outlets import inbox_lines, ledgers, listings, states

SEGMENT = "segment"  # the profile of channels whose outlet plans broadcasts


class AudienceFixed(Conflict):
    """A channel that has entries keeps its audience: their ids and fields were made for it. Make a new channel."""

    key = "error.audience_is_fixed"


class ChannelEnded(Conflict):
    """Its outlet has ended meanwhile; the channel takes nothing more."""

    key = "error.channel_ended"


def load(session: Session, document: Mapping[str, Any], *, now: datetime) -> list[Channel]:
    """Create or change the outlets and channels that `document` names; nothing else is touched.

    A changed selection affects later releases only. A changed profile or audience shows at once, so the channel's
    kept documents become old. Raises Invalid with every fault of the file, or HasEnded.
    """
    if faults := schemas.check("outlet.v1", document):
        raise Invalid(faults=faults)
    agency = _agency(session, document.get("agency"), now=now)
    channels = [
        _channel(session, _outlet(session, outlet, agency, now=now), channel, now=now)
        for outlet in document["outlets"]
        for channel in outlet["channels"]
    ]
    registers.tell(session, registers.AGENCIES, [agency.id] if agency else [], at=now)
    registers.tell(session, registers.OUTLETS, {channel.outlet_id for channel in channels}, at=now)
    return channels


def load_channel(session: Session, outlet: Outlet, said: Mapping[str, Any], *, now: datetime) -> Channel:
    """Create or change one channel of an outlet, and nothing else of it; what is said has been checked already.

    Its agency may have merged meanwhile, or either may be about to have another name: neither is the channel's matter.
    Raises HasEnded or AudienceFixed.
    """
    _check_lasts(outlet)
    channel = _channel(session, outlet, said, now=now)
    registers.tell(session, registers.OUTLETS, [outlet.id], at=now)
    return channel


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
    """The channel at ``outlet/channel``, or the one it leads to. Raises NotFound."""
    outlet, _, code = address.partition("/")
    channel = find_channel(session, outlet, code)
    if channel is None:
        raise NotFound(what=address)
    return follow(session, channel)


def follow(session: Session, channel: Channel) -> Channel:
    """The channel itself, or whichever it leads to since its outlet has merged; with its outlet."""
    while channel.successor_id is not None:
        channel = session.get_one(Channel, channel.successor_id, options=[joinedload(Channel.outlet)])
    return channel


def find_outlet(session: Session, code: str) -> Outlet | None:
    """The outlet with this code."""
    return session.scalar(select(Outlet).where(Outlet.code == code))


def list_outlets(session: Session, outlet_ids: Collection[int]) -> list[Outlet]:
    """These outlets, by name."""
    return list(session.scalars(select(Outlet).where(Outlet.id.in_(outlet_ids)).order_by(Outlet.name, Outlet.id)))


def get_outlet(session: Session, code: str) -> Outlet:
    """The outlet with this code. Raises NotFound."""
    outlet = find_outlet(session, code)
    if outlet is None:
        raise NotFound(what=code, kind="outlet")
    return outlet


def is_public(session: Session, code: str) -> bool:
    """Is this an outlet whose channels are for everybody?"""
    return session.scalar(select(Outlet.kind).where(Outlet.code == code)) == "public"


def list_open_outlets(session: Session) -> list[Outlet]:
    """Every outlet that has not ended, by name."""
    return list(session.scalars(select(Outlet).where(Outlet.ended_on.is_(None)).order_by(Outlet.name)))


def list_channels(session: Session) -> list[Channel]:
    """Every channel that ever was, with its outlet, in the order they were made."""
    return list(session.scalars(select(Channel).options(joinedload(Channel.outlet)).order_by(Channel.id)))


def list_open(session: Session) -> list[Channel]:
    """The channels of outlets that have not ended: these take releases."""
    query = select(Channel).join(Channel.outlet).where(Outlet.ended_on.is_(None))
    return list(session.scalars(query.options(joinedload(Channel.outlet)).order_by(Channel.id)))


def by_address(session: Session) -> dict[str, Channel]:
    """The channels that take releases, by every address that leads to them."""
    found = {address_of(channel): channel for channel in list_open(session)}
    query = select(Channel).where(Channel.successor_id.is_not(None)).options(joinedload(Channel.outlet))
    for channel in session.scalars(query):
        goal = follow(session, channel)
        if goal.outlet.ended_on is None:
            found[address_of(channel)] = goal
    return found


def check_open(session: Session, channel_ids: Collection[int]) -> None:
    """Locked channels take releases, unless their outlets ended while we waited. Raises ChannelEnded."""
    query = select(Outlet.code, Channel.code, Outlet.ended_on).join(Channel, Channel.outlet_id == Outlet.id)
    for outlet, code, ended_on in session.execute(query.where(Channel.id.in_(channel_ids))):
        if ended_on is not None:
            raise ChannelEnded(channel=f"{outlet}/{code}", ended_on=ended_on.isoformat())


def list_readable(session: Session, *, outlet_ids: Collection[int] = ()) -> list[Channel]:
    """The channels that stand open to everybody, and those of the outlets that ask; not those that have ended."""
    readable = or_(Channel.audience == "public", Channel.outlet_id.in_(outlet_ids))
    query = select(Channel).join(Channel.outlet).where(readable, Outlet.ended_on.is_(None))
    return list(session.scalars(query.options(joinedload(Channel.outlet)).order_by(Channel.id)))


def find_site(session: Session) -> tuple[str, str] | None:
    """What the portal is called, after the outlet whose public channel came first, and that channel's language."""
    query = select(Outlet.name, Channel.language).join(Channel, Channel.outlet_id == Outlet.id)
    query = query.where(Channel.audience == "public", Outlet.ended_on.is_(None)).order_by(Channel.id).limit(1)
    row = session.execute(query).first()
    return (row[0], row[1]) if row else None


def list_of_outlet(session: Session, outlet_id: int) -> list[Channel]:
    """An outlet's own channels."""
    query = select(Channel).where(Channel.outlet_id == outlet_id).options(joinedload(Channel.outlet))
    return list(session.scalars(query.order_by(Channel.id)))


def has_calendar(channel: Channel) -> bool:
    """Does a channel have a calendar of its broadcasts? They are its outlet's to know, never everybody's."""
    return channel.profile == SEGMENT and channel.audience != "public"


def address_of(channel: Channel) -> str:
    """How acts and lists name a channel: ``outlet/channel``."""
    return f"{channel.outlet.code}/{channel.code}"


def _agency(session: Session, said: Mapping[str, str] | None, *, now: datetime) -> Agency | None:
    if said is None:
        return None
    agency = session.scalar(select(Agency).where(Agency.code == said["code"])) or Agency(code=said["code"])
    _check_lasts(agency)
    agency.name = said["name"]
    session.add(agency)
    session.flush()
    states.note(session, agency, on=local_day(now))
    return agency


def _check_lasts(row: Agency | Outlet) -> None:
    if row.ended_on is not None:
        raise HasEnded(code=row.code, ended_on=row.ended_on.isoformat(), decision="-")


def _outlet(session: Session, said: Mapping[str, Any], agency: Agency | None, *, now: datetime) -> Outlet:
    outlet = session.scalar(
        select(Outlet).where(Outlet.code == said["code"]).options(joinedload(Outlet.agency))
    ) or Outlet(code=said["code"], created_at=now)
    _check_lasts(outlet)
    if outlet.id is not None and outlet.name != said["name"]:  # it stands in the head of every channel
        states.touch(session, outlet, now=now)
    outlet.kind, outlet.name = said["kind"], said["name"]
    outlet.agency = agency if said["kind"] != "public" else None
    session.add(outlet)
    session.flush()
    states.note(session, outlet, on=local_day(now))
    return outlet


def fields_of(said: Mapping[str, Any]) -> list[str]:
    """The fields that a channel of a file shows: those it names, else all of its profile."""
    return list(said.get("fields") or schemas.vocabulary("profiles")[said["profile"]].extras["fields"])


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
        "fields": fields_of(said),
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
            listings.wait_in(session, channel.id)
            inbox_lines.wait_in(session, channel.id)
        channel.selection = dict(said.get("selection", {}))
    session.flush()
    return channel
