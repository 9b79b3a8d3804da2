"""Pick-ups: what outlets tell of their use of stories; the evidence that clauses on use and correction notices ask.

An outlet tells of stories that it had: that stood in a channel it can read, its own or a public one, since taken back
or not. Of others it may not know.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, true
from sqlalchemy.orm import Session, joinedload

import schemas
from feeds.text import clean_text
from hub.accounts import users
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import Invalid, NotFound
from hub.models import Channel, Outlet, Pickup, Release, Story, Version
from hub.records import journal, outbox
from hub.regulation import reading
from schemas.faults import fault_at

SCHEMA = "pickup.v1"
USED = frozenset({"printed", "aired", "published"})  # the sender is told of these
NEVER_STOOD = ("scheduled", "cancelled")  # states of releases
READERS = (*sorted(reading.READERS), Role.OUTLET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A pick-up as it was sent, already valid. `channel` is ``outlet/channel``, or empty."""

    story: str
    use: str
    channel: str = ""
    version: int | None = None
    used_on: date | None = None
    place: str = ""
    url: str = ""
    note: str = ""


def read(document: Any) -> Order:
    """An order from a document of `schemas/pickup.v1.json`. Raises Invalid with every fault."""
    if faults := schemas.check(SCHEMA, document):
        raise Invalid(faults=faults)
    place = clean_text(document.get("place", "")).strip()
    if "place" in document and not place:
        raise Invalid(faults=[fault_at(SCHEMA, ("place",), "blank")])
    return Order(
        story=document["story"],
        use=document["use"],
        channel=document.get("channel", ""),
        version=document.get("version"),
        used_on=date.fromisoformat(document["used_on"]) if "used_on" in document else None,
        place=place,
        url=document.get("url", ""),
        note=clean_text(document.get("note", ""), multiline=True).strip(),
    )


def file(session: Session, order: Order, *, actor: Actor, now: datetime) -> Pickup:
    """Keep what an outlet tells, and tell the sender of a use.

    Raises NotFound for a story that the outlet did not have or a channel it may not read, Invalid for a version that
    it did not have and for a use that is still to come.
    """
    if order.use in USED and order.used_on is not None and order.used_on > local_day(now):
        raise Invalid(faults=[schemas.Fault("/used_on", "use_to_come", {"day": order.used_on.isoformat()})])
    outlet, version = _had(session, order, actor=actor, now=now)
    row = Pickup(
        outlet=outlet,
        story_id=order.story,
        version=version,
        channel=order.channel,
        use=order.use,
        used_on=order.used_on,
        place=order.place,
        url=order.url,
        note=order.note,
        actor_name=actor.name,
        salt=secrets.token_urlsafe(16),
        at=now,
    )
    session.add(row)
    session.flush()
    if row.use in USED:
        outbox.add_notice(
            session, "used", at=now, story=row.story_id, outlet=outlet.code, pickup=row.id, by=actor.user_id
        )
    record = {**record_of(row), "actor": f"{Role.OUTLET.value}:{actor.id}"}
    journal.append(session, record, at=now, story_id=row.story_id)
    return row


def record_of(row: Pickup) -> Mapping[str, Any]:
    """What the journal says of a pick-up: a commitment of its texts, never the texts. Needs `row.outlet` loaded."""
    day = row.used_on.isoformat() if row.used_on else ""
    texts = "\n".join((day, row.place, row.url, row.note, row.actor_name))
    return {
        "kind": "pickup",
        "pickup": row.id,
        "outlet": row.outlet.code,
        "channel": row.channel,
        "use": row.use,
        "version": row.version,
        "note": journal.commitment(row.salt, texts),
    }


def list_page(
    session: Session, *, asker: Actor, story_id: str | None = None, before: int | None, limit: int, now: datetime
) -> list[Pickup]:
    """Pick-ups with their outlets, newest first: an outlet's own, and those of stories that the asker may read."""
    known: list[ColumnElement[bool]] = []
    if outlets := _outlets_of(asker):
        known.append(Pickup.outlet_id.in_(users.outlet_family(Outlet.id.in_(outlets), on=local_day(now))))
    if not asker.roles.isdisjoint(reading.READERS):
        known.append(Pickup.story_id.in_(reading.visible(asker, now).with_only_columns(Story.id)))
    if Role.SYSTEM in asker.roles:
        known.append(true())
    query = select(Pickup).where(or_(*known)).options(joinedload(Pickup.outlet, innerjoin=True))
    if story_id is not None:
        query = query.where(Pickup.story_id == story_id)
    if before is not None:
        query = query.where(Pickup.id < before)
    return list(session.scalars(query.order_by(Pickup.id.desc()).limit(limit)))


def _had(session: Session, order: Order, *, actor: Actor, now: datetime) -> tuple[Outlet, int]:
    """For which of the actor's outlets it speaks, and which version the outlet had."""
    on, outlets = local_day(now), _outlets_of(actor)
    places = [(outlet, Channel.outlet_id.in_(users.outlet_family(Outlet.id == outlet, on=on))) for outlet in outlets]
    own = next((place for place in places if session.scalar(_stood(order, place[1]).limit(1)) is not None), places[0])
    outlet_id, in_own = own
    versions = session.scalars(_stood(order, or_(in_own, Channel.audience == "public"))).all()
    if not versions:
        raise NotFound(what=order.story, kind="story")
    if order.version not in (None, *versions):
        raise Invalid(faults=[schemas.Fault("/version", "version_not_had", {"version": order.version})])
    return session.get_one(Outlet, outlet_id), order.version or max(versions)


def _stood(order: Order, readable: ColumnElement[bool]) -> Select[int]:
    """The numbers of the versions that stood in readable channels."""
    query = (
        select(Version.number)
        .join(Release, Release.version_id == Version.id)
        .join(Channel, Channel.id == Release.channel_id)
        .where(Release.story_id == order.story, Release.state.not_in(NEVER_STOOD), readable)
    )
    if order.channel:
        outlet, _, code = order.channel.partition("/")
        query = query.join(Outlet, Outlet.id == Channel.outlet_id).where(Outlet.code == outlet, Channel.code == code)
    return query


def _outlets_of(actor: Actor) -> Sequence[int]:
    """The outlets that somebody speaks for, the one of the key or of their first seat before others."""
    found = {grant.outlet_id for grant in actor.reach({Role.OUTLET}) if grant.outlet_id is not None}
    return sorted(found, key=lambda outlet_id: (outlet_id != actor.outlet_id, outlet_id))
