"""Who may read a channel or an entry at its address; that of an outlet that has merged leads to its successor."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.accounts import keys, users
from hub.actors import WORLD, Actor
from hub.clock import local_day
from hub.errors import Gone, NotFound, Unauthenticated
from hub.http.asking import asker, note_use
from hub.http.moving import move_to
from hub.http.services import services
from hub.models import Channel, Entry, Outlet
from hub.outlets import catalog
from hub.publishing import reading
from hub.publishing.heads import feeds_prefix


def readable_channel(session: Session, outlet: str, channel: str, *, rest: str = "", stays: bool = False) -> Channel:
    """A channel the asker may read: 401 under a non-public outlet without a key, existing or not; 404 otherwise.

    308 for one that leads to another, to `rest` below that one's address, unless what is asked for `stays`.
    """
    row = _admitted(session, outlet, channel)
    if not stays:
        check_stays(session, row, rest=rest)
    return row


def readable_channel_by_address(
    session: Session, secret: str, outlet: str, channel: str, *, rest: str
) -> tuple[Channel, Actor]:
    """A channel that whoever holds this address may read, and whom it reads for; 404 for every other one.

    308 for one that leads to another, to `rest` below that one's address.
    """
    now = services().clock.now()
    actor = keys.find_actor(session, secret, now=now)
    row = catalog.find_channel(session, outlet, channel)
    if actor is None or not actor.by_address or row is None or not may_read(session, row, actor, now=now):
        raise NotFound(kind="feed")
    note_use(actor.key_id or 0, keys.fingerprint(secret))
    check_stays(session, row, rest=rest, secret=secret)
    return row, actor


def readable_entry(session: Session, outlet: str, channel: str, entry: object, *, form: str = "") -> Entry:
    """An entry of a channel the asker may read, by the bare UUID of its permanent id; `form` ends its address."""
    row, uid = _admitted(session, outlet, channel), f"urn:uuid:{entry}"
    if row.successor_id is not None:
        goal = catalog.follow(session, row)
        uid = _uid_there(session, row, uid, goal) or uid
        check_stays(session, row, rest=f"/{uid.removeprefix('urn:uuid:')}{form}")
    check_stays(session, row)
    found = reading.find_entry(session, row.id, uid)
    if found is None:
        raise NotFound(what=str(entry), kind="entry")
    return found


def readable_outlet(session: Session, code: str) -> Outlet:
    """An outlet whose feeds the asker may read, as `readable_channel` decides it for one of them."""
    row = catalog.find_outlet(session, code)
    if row is None or row.kind != "public":
        actor = asker()
        if actor is WORLD:
            raise Unauthenticated()
        if row is None or not reads_for(session, row.id, actor, now=services().clock.now()):
            raise NotFound(what=code, kind="outlet")
    if row.ended_on is not None:
        raise Gone(what=code)
    return row


def may_read(session: Session, channel: Channel, actor: Actor, *, now: datetime) -> bool:
    """Is the channel for everybody, or of an outlet that the actor reads for, or of one that it came after?"""
    return channel.audience == "public" or reads_for(session, channel.outlet_id, actor, now=now)


def reads_for(session: Session, outlet_id: int, actor: Actor, *, now: datetime) -> bool:
    """Does the actor read for an outlet, or for the one that came after it?"""
    return users.reads_for(session, actor, outlet_id, on=local_day(now))


def check_stays(session: Session, row: Channel, *, rest: str = "", secret: str | None = None) -> None:
    """Lead on to the channel that this one leads to; 410 once nobody came after its outlet. Needs `row.outlet`."""
    if row.successor_id is None and row.outlet.ended_on is None:
        return
    goal = catalog.follow(session, row)
    if goal.outlet.ended_on is not None:
        raise Gone(what=catalog.address_of(row))
    public = goal.audience == "public" and not secret
    move_to(f"{feeds_prefix(secret)}/{catalog.address_of(goal)}{rest}", public=public)


def _admitted(session: Session, outlet: str, channel: str) -> Channel:
    row = catalog.find_channel(session, outlet, channel)
    if row is not None and row.audience == "public":
        return row
    actor = asker()
    if actor is WORLD and not (row is None and catalog.is_public(session, outlet)):
        raise Unauthenticated()
    if row is None or not may_read(session, row, actor, now=services().clock.now()):
        raise NotFound(what=f"{outlet}/{channel}", kind="channel")
    return row


def _uid_there(session: Session, row: Channel, uid: str, goal: Channel) -> str | None:
    """The id of an old entry's story in the channel that its own leads to: another one if it stood in both."""
    story = select(Entry.story_id).where(reading.is_entry(row.id, uid)).scalar_subquery()
    return session.scalar(select(Entry.uid).where(Entry.channel_id == goal.id, Entry.story_id == story))
