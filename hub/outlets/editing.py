"""Outlets, press agencies and channels as administrators change them at a desk; the same services as `hub outlet`.

A channel is edited as a part of its outlet's file (`schemas/outlet.v1.json`), so that the form and a loaded file are
checked by the same rules. Whoever edits names the state that they saw, and nothing is written over another one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

import schemas
from hub.accounts.history import Decision
from hub.actors import Actor
from hub.clock import local_day
from hub.errors import Conflict, Invalid
from hub.models import Agency, Channel, Organization, Outlet
from hub.outlets import catalog, history, merging, states
from hub.outlets.merging import Led
from hub.records import journal

SCHEMA = "outlet.v1"
NEW = ""  # the state of a channel that is not there yet
Said = dict[str, Any]


class ChannelChanged(Conflict):
    """Somebody else has changed the channel since the form was opened."""

    key = "error.channel_changed_since"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happens to an outlet or agency: `kind` is rename, move, merge or close; `other` a name or a code."""

    kind: str
    other: str
    decision: Decision


def document_of(session: Session, outlet: Outlet) -> Said:
    """An outlet with its agency and channels as a file would say it."""
    owner = session.get(Agency, outlet.agency_id) if outlet.agency_id is not None else None
    channels = [said_of(channel) for channel in catalog.list_of_outlet(session, outlet.id)]
    said: Said = {"outlets": [{"code": outlet.code, "kind": outlet.kind, "name": outlet.name, "channels": channels}]}
    return {"agency": {"code": owner.code, "name": owner.name}, **said} if owner is not None else said


def said_of(channel: Channel) -> Said:
    """A channel as a file would say it; its fields where they are not those of its profile."""
    said = {
        "code": channel.code,
        "title": channel.title,
        "description": channel.description,
        "profile": channel.profile,
        "audience": channel.audience,
        "language": channel.language,
        "selection": dict(channel.selection),
    }
    usual = catalog.fields_of({"profile": channel.profile})
    return said if channel.fields == usual else {**said, "fields": list(channel.fields)}


def state_of(channel: Channel | None) -> str:
    """What names the state of a channel that somebody saw."""
    if channel is None:
        return NEW
    return hashlib.sha256(orjson.dumps(said_of(channel), option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def check_channel(session: Session, outlet: Outlet, said: Said) -> None:
    """Does the outlet's file hold with this channel in it? Raises Invalid; pointers begin at the channel."""
    document = document_of(session, outlet)
    channels = document["outlets"][0]["channels"]
    place = next((at for at, each in enumerate(channels) if each["code"] == said["code"]), len(channels))
    channels[place:] = [said, *channels[place + 1 :]]
    above = f"/outlets/0/channels/{place}"
    faults = [
        schemas.Fault(fault.pointer.removeprefix(above), fault.code, fault.facts)
        for fault in schemas.check(SCHEMA, document)
    ]
    selection = said.get("selection", {})
    for name in ("organizations", "subtrees"):
        faults += _unknown(session, f"/selection/{name}", selection.get(name, ()))
    if faults:
        raise Invalid(faults=faults)


def save_channel(session: Session, outlet: Outlet, said: Said, *, seen: str, actor: Actor, now: datetime) -> Channel:
    """Make or change a channel. Raises ChannelChanged, or what `check_channel` and `catalog.load_channel` raise."""
    before = catalog.find_channel(session, outlet.code, said["code"])
    if state_of(before) != seen:
        if before is not None and _as_kept(said) == _as_kept(said_of(before)):
            return before  # the same form once more
        raise ChannelChanged(channel=f"{outlet.code}/{said['code']}")
    check_channel(session, outlet, said)
    channel = catalog.load_channel(session, outlet, said, now=now)
    record = {"kind": "outlet_act", "event": "channel", "outlet": outlet.code, "channel": said["code"]}
    journal.append(session, {**record, "actor": actor.mark}, at=now)
    return channel


def add_outlet(session: Session, document: Mapping[str, Any], *, actor: Actor, now: datetime) -> str:
    """Add the one outlet of a file, which must not be there; its code. Raises Invalid, HasEnded or CodeTaken."""
    if faults := schemas.check(SCHEMA, document):
        raise Invalid(faults=faults)
    (said,) = document["outlets"]
    if catalog.find_outlet(session, said["code"]) is not None:
        raise OutletThere(code=said["code"])
    catalog.load(session, document, now=now)
    record = {"kind": "outlet_act", "event": "add", "outlet": said["code"], "actor": actor.mark}
    journal.append(session, record, at=now)
    return str(said["code"])


class OutletThere(Conflict):
    """Another outlet has this code."""

    key = "error.code_taken"


def happen_to_outlet(session: Session, code: str, event: Event, *, actor: Actor, now: datetime) -> list[Led]:
    """Let an event happen to an outlet; where its channels lead when it merges."""
    led: list[Led] = []
    if event.kind == "rename":
        history.rename_outlet(session, code, event.other, event.decision, now=now)
    elif event.kind == "move":
        history.move_outlet(session, code, event.other, event.decision, now=now)
    elif event.kind == "merge":
        led = merging.merge(session, code, event.other, event.decision, now=now)
    else:
        history.close_outlet(session, code, event.decision, now=now)
    record = {"kind": "outlet_act", "event": event.kind, "outlet": code, "actor": actor.mark}
    journal.append(session, record, at=now)
    return led


def foresee(session: Session, code: str, event: Event, *, actor: Actor, now: datetime) -> list[Led]:
    """Let an event happen to an outlet and take it back: what it would do. Raises what the event itself would."""
    trial = session.begin_nested()
    try:
        return happen_to_outlet(session, code, event, actor=actor, now=now)
    finally:
        trial.rollback()
        session.expire_all()


def happen_to_agency(session: Session, code: str, event: Event, *, actor: Actor, now: datetime) -> None:
    """Let an event happen to a press agency."""
    if event.kind == "rename":
        history.rename_agency(session, code, event.other, event.decision, now=now)
    elif event.kind == "merge":
        history.merge_agencies(session, [code], event.other, event.decision, now=now)
    else:
        history.close_agency(session, code, event.decision, now=now)
    record = {"kind": "outlet_act", "event": event.kind, "agency": code, "actor": actor.mark}
    journal.append(session, record, at=now)


def foresee_for_agency(session: Session, code: str, event: Event, *, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Let an event happen to an agency and take it back: the outlets it is about. Raises what it itself would."""
    on = max(event.decision.on, local_day(now))
    owned = next((row.outlets for row in states.list_agencies(session, on=on, code=code)), ())
    trial = session.begin_nested()
    try:
        happen_to_agency(session, code, event, actor=actor, now=now)
    finally:
        trial.rollback()
        session.expire_all()
    return tuple(owned)


def get_agency_of(session: Session, outlet: Outlet, *, now: datetime) -> Agency | None:
    """The agency that an outlet belongs to today."""
    if outlet.agency_id is None:
        return None
    return states.resolve_agency(session, outlet.agency_id, on=local_day(now))


def list_ended(session: Session, *, limit: int) -> Sequence[Outlet]:
    """Outlets that have ended, the last first."""
    query = select(Outlet).where(Outlet.ended_on.is_not(None)).options(joinedload(Outlet.agency))
    return session.scalars(query.order_by(Outlet.ended_on.desc(), Outlet.id).limit(limit)).all()


def _as_kept(said: Said) -> Said:
    """A channel's saying with what a file may leave out."""
    selection = {name: value for name, value in said.get("selection", {}).items() if value}
    return {"description": "", "language": "vi-VN", **said, "selection": selection}


def _unknown(session: Session, pointer: str, codes: Sequence[str]) -> list[schemas.Fault]:
    known = set(session.scalars(select(Organization.code).where(or_(Organization.code.in_(codes)))))
    return [
        schemas.Fault(pointer, "no_such_organization", {"code": str(code)[:80]}) for code in codes if code not in known
    ]
