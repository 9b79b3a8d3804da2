"""Pick-ups: what outlets tell of their use of stories; the evidence that clauses on use and correction notices ask.

An outlet tells of stories that it had: that stood in a channel it can read, its own or a public one, since taken back
or not. Of others it may not know. What it told stays as it is; it puts it right, or takes it back, by another row that
replaces it. What the hub itself finds is only a proposal, which counts for nothing until the outlet confirms it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true
from sqlalchemy.orm import Session, aliased, joinedload

import schemas
from feeds.text import clean_text
from hub.accounts import rights, users
from hub.actors import Actor, Role
from hub.clock import LOCAL, local_day
from hub.errors import Conflict, Invalid, NotFound
from hub.models import Channel, Outlet, Pickup, Release, Story, Version
from hub.outlets.uses import DONE, FILED, PROPOSED, PUBLISHED, counts
from hub.records import journal, outbox
from hub.regulation import reading
from schemas.faults import fault_at

SCHEMA = "pickup.v1"
NEVER_STOOD = ("scheduled", "cancelled")  # states of releases
READERS = (*sorted(reading.READERS), Role.OUTLET)
REJECTED, TAKEN_BACK = "rejected", "taken_back"
REPLACED = "replaced"  # what becomes of one that is put right
STATES = (FILED, PROPOSED, REJECTED, TAKEN_BACK)
STANDINGS = (FILED, REPLACED, TAKEN_BACK, PROPOSED, REJECTED)
TOLD = (FILED, TAKEN_BACK)  # by an outlet; of the others nobody knows but the outlet that is asked
_PUBLIC: ColumnElement[bool] = Channel.audience == "public"


class PickupReplaced(Conflict):
    """The pick-up was put right or taken back before."""

    key = "error.pickup_replaced"


class PickupSettled(Conflict):
    """What the hub found was confirmed or rejected before."""

    key = "error.pickup_settled"


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
    reason: str = ""
    used_time: str = ""
    duration_seconds: int | None = None
    words: int | None = None
    clip_url: str = ""
    replaces: int | None = None


def read(document: Any) -> Order:
    """An order from a document of `schemas/pickup.v1.json`. Raises Invalid with every fault."""
    if faults := schemas.check(SCHEMA, document):
        raise Invalid(faults=faults)
    texts = {name: clean_text(document.get(name, "")).strip() for name in ("place", "reason")}
    if blank := [fault_at(SCHEMA, (name,), "blank") for name, text in texts.items() if name in document and not text]:
        raise Invalid(faults=blank)
    return Order(
        story=document["story"],
        use=document["use"],
        channel=document.get("channel", ""),
        version=document.get("version"),
        used_on=date.fromisoformat(document["used_on"]) if "used_on" in document else None,
        url=document.get("url", ""),
        note=clean_text(document.get("note", ""), multiline=True).strip(),
        used_time=document.get("time", ""),
        duration_seconds=document.get("duration_seconds"),
        words=document.get("words"),
        clip_url=document.get("clip", ""),
        replaces=document.get("replaces"),
        **texts,
    )


def file(session: Session, order: Order, *, actor: Actor, now: datetime) -> Pickup:
    """Keep what an outlet tells, and tell the sender of a use.

    Raises NotFound for a story that the outlet did not have, a channel it may not read and a pick-up of another story
    or outlet, Invalid for a version that it did not have and for a use that is still to come, PickupReplaced.
    """
    if order.use in DONE and (fault := _to_come(order, now.astimezone(LOCAL))) is not None:
        raise Invalid(faults=[fault])
    outlet, version = _had(session, order, actor=actor, now=now)
    if order.replaces is not None:
        _get_standing(session, order.replaces, actor=actor, now=now, story_id=order.story)
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
        reason=order.reason,
        used_time=order.used_time,
        duration_seconds=order.duration_seconds,
        words=order.words,
        clip_url=order.clip_url,
        state=FILED,
        replaces_id=order.replaces,
        actor_name=actor.name,
        salt=secrets.token_urlsafe(16),
        at=now,
    )
    session.add(row)
    _tell(session, row, actor=actor, now=now)
    return row


def take_back(session: Session, pickup_id: int, *, actor: Actor, now: datetime) -> Pickup:
    """Say that what an outlet told never was so; returns the new row that says it.

    Raises NotFound for a pick-up that is not the actor's outlet's, PickupReplaced.
    """
    told = _get_standing(session, pickup_id, actor=actor, now=now)
    row = Pickup(
        outlet=told.outlet,
        story_id=told.story_id,
        version=told.version,
        channel=told.channel,
        use=told.use,
        state=TAKEN_BACK,
        replaces_id=told.id,
        actor_name=actor.name,
        salt=secrets.token_urlsafe(16),
        at=now,
    )
    session.add(row)
    _tell(session, row, actor=actor, now=now)
    return row


def propose(
    session: Session,
    outlet: Outlet,
    story_id: str,
    version: int,
    url: str,
    at: datetime,
    likeness: float,
    now: datetime,
) -> Pickup | None:
    """Ask an outlet whether what it published at `at` under an http(s) `url` is this story; `likeness` is 0 to 1.

    None, and nothing is written, where the outlet never had this version, or where this address was told of, proposed
    or rejected for the story before: nobody is asked twice.
    """
    on = local_day(now)
    readable = or_(Channel.outlet_id.in_(users.outlet_family(Outlet.id == outlet.id, on=on)), _PUBLIC)
    if version not in session.scalars(_stood(Order(story=story_id, use=PUBLISHED), readable)).all():
        return None
    family = users.outlet_family(Outlet.id == outlet.id, on=on)
    known = select(Pickup.id).where(Pickup.outlet_id.in_(family), Pickup.story_id == story_id, Pickup.url == url)
    if session.scalar(known.limit(1)) is not None:
        return None
    local = at.astimezone(LOCAL)
    row = Pickup(
        outlet=outlet,
        story_id=story_id,
        version=version,
        use=PUBLISHED,
        used_on=local.date(),
        used_time=f"{local:%H:%M}",
        url=url,
        state=PROPOSED,
        likeness=likeness,
        proposed_at=now,
        actor_name="",
        salt=secrets.token_urlsafe(16),
        at=now,
    )
    session.add(row)
    session.flush()
    outbox.add_notice(session, PROPOSED, at=now, story=story_id, outlet=outlet.code, pickup=row.id)
    return row


def confirm(session: Session, pickup_id: int, *, actor: Actor, now: datetime) -> Pickup:
    """Let what the hub found count, as told now by the outlet. Raises NotFound, PickupSettled."""
    row = _get_proposed(session, pickup_id, actor=actor, now=now)
    row.state, row.actor_name, row.at = FILED, actor.name, now
    _tell(session, row, actor=actor, now=now)
    return row


def reject(session: Session, pickup_id: int, *, actor: Actor, now: datetime) -> Pickup:
    """Say that what the hub found is not this story; it never counted, and is not asked again.

    Raises NotFound, PickupSettled.
    """
    row = _get_proposed(session, pickup_id, actor=actor, now=now)
    row.state, row.actor_name, row.at = REJECTED, actor.name, now
    return row


def replacements(session: Session, rows: Sequence[Pickup]) -> dict[int, int]:
    """Which later pick-up replaced each of these, by number; nothing for those that stand."""
    return {before: after.id for before, after in followers(session, rows).items()}


def as_stands(standing: str) -> ColumnElement[bool]:
    """The condition for pick-ups of one of STANDINGS: what was put right or taken back is filed no more.

    Taken back is what says so, too.
    """
    later = aliased(Pickup)
    followed = exists().where(later.replaces_id == Pickup.id)
    if standing == FILED:
        return counts()
    if standing == REPLACED:
        return and_(Pickup.state == FILED, followed.where(later.state == FILED))
    if standing == TAKEN_BACK:
        return or_(Pickup.state == TAKEN_BACK, followed.where(later.state == TAKEN_BACK))
    return Pickup.state == standing


def followers(session: Session, rows: Sequence[Pickup]) -> dict[int, Pickup]:
    """Which later pick-up put each of these right or took it back, by number; nothing for those that stand."""
    query = select(Pickup).where(Pickup.replaces_id.in_([row.id for row in rows]))
    return {row.replaces_id: row for row in session.scalars(query) if row.replaces_id is not None}


def record_of(row: Pickup) -> Mapping[str, Any]:
    """What the journal says of a pick-up: a commitment of its texts, never the texts. Needs `row.outlet` loaded.

    Texts that came into use later are committed only where there are any, so that older commitments still hold.
    """
    day = row.used_on.isoformat() if row.used_on else ""
    numbers = ("" if number is None else str(number) for number in (row.duration_seconds, row.words))
    later = (row.reason, row.used_time, *numbers, row.clip_url)
    texts = "\n".join((day, row.place, row.url, row.note, row.actor_name, *(later if any(later) else ())))
    return {
        "kind": "pickup_taken_back" if row.state == TAKEN_BACK else "pickup",
        "pickup": row.id,
        "outlet": row.outlet.code,
        "channel": row.channel,
        "use": row.use,
        "version": row.version,
        "note": journal.commitment(row.salt, texts),
        **({"replaces": row.replaces_id} if row.replaces_id is not None else {}),
        **({"proposed_at": row.proposed_at.isoformat()} if row.proposed_at is not None else {}),
    }


def list_page(
    session: Session,
    *,
    asker: Actor,
    story_id: str | None = None,
    state: str | None = None,
    standing: str | None = None,
    before: int | None,
    limit: int,
    now: datetime,
) -> list[Pickup]:
    """Pick-ups with their outlets, newest first: an outlet's own, and those of stories that the asker may read.

    Without a `state` or a `standing` what outlets told. What was only proposed, or rejected, nobody knows but the
    outlet asked.
    """
    own: ColumnElement[bool] | None = None
    known: list[ColumnElement[bool]] = []
    if outlets := rights.outlets_of(asker):
        own = Pickup.outlet_id.in_(users.outlet_family(Outlet.id.in_(outlets), on=local_day(now)))
        known.append(own)
    if not asker.roles.isdisjoint(reading.READERS):
        readable = Pickup.story_id.in_(reading.visible(asker, now).with_only_columns(Story.id))
        known.append(and_(readable, Pickup.state.in_(TOLD)))
    if Role.SYSTEM in asker.roles:
        known.append(true())
    wanted = as_stands(standing) if standing else Pickup.state.in_(TOLD if state is None else (state,))
    query = select(Pickup).where(or_(*known), wanted).options(joinedload(Pickup.outlet))
    if story_id is not None:
        query = query.where(Pickup.story_id == story_id)
    if before is not None:
        query = query.where(Pickup.id < before)
    return list(session.scalars(query.order_by(Pickup.id.desc()).limit(limit)))


def _to_come(order: Order, local: datetime) -> schemas.Fault | None:
    """What of a use is later than now in Việt Nam: its day, or its minute of today."""
    if order.used_on is None or order.used_on < local.date():
        return None
    if order.used_on > local.date():
        return schemas.Fault("/used_on", "use_to_come", {"day": order.used_on.isoformat()})
    if order.used_time > f"{local:%H:%M}":
        at = datetime.combine(order.used_on, time.fromisoformat(order.used_time), LOCAL)
        return schemas.Fault("/time", "use_to_come", {"day": at.isoformat()})
    return None


def _tell(session: Session, row: Pickup, *, actor: Actor, now: datetime) -> None:
    """Journal what an outlet told, and let the sender hear of a use."""
    session.flush()
    if row.use in DONE and row.state == FILED:
        outbox.add_notice(
            session, "used", at=now, story=row.story_id, outlet=row.outlet.code, pickup=row.id, by=actor.user_id
        )
    record = {**record_of(row), "actor": f"{Role.OUTLET.value}:{actor.id}"}
    journal.append(session, record, at=now, story_id=row.story_id)


def _get_standing(
    session: Session, pickup_id: int, *, actor: Actor, now: datetime, story_id: str | None = None
) -> Pickup:
    row = _get_own(session, pickup_id, TOLD[:1], actor=actor, now=now)
    if story_id not in (None, row.story_id):
        raise NotFound(what=str(pickup_id), kind="pickup")
    if (later := replacements(session, [row]).get(row.id)) is not None:
        raise PickupReplaced(pickup=row.id, by=later)
    return row


def _get_proposed(session: Session, pickup_id: int, *, actor: Actor, now: datetime) -> Pickup:
    row = _get_own(session, pickup_id, (PROPOSED, REJECTED, FILED), actor=actor, now=now)
    if row.proposed_at is None:
        raise NotFound(what=str(pickup_id), kind="pickup")
    if row.state != PROPOSED:
        raise PickupSettled(pickup=row.id, state=row.state)
    return row


def _get_own(session: Session, pickup_id: int, states: Sequence[str], *, actor: Actor, now: datetime) -> Pickup:
    """A pick-up of the actor's outlets in one of these states, locked, with its outlet."""
    own = users.outlet_family(Outlet.id.in_(rights.outlets_of(actor)), on=local_day(now))
    query = select(Pickup).where(Pickup.id == pickup_id, Pickup.state.in_(states), Pickup.outlet_id.in_(own))
    row = session.scalar(query.options(joinedload(Pickup.outlet, innerjoin=True)).with_for_update(of=Pickup))
    if row is None:
        raise NotFound(what=str(pickup_id), kind="pickup")
    return row


def _had(session: Session, order: Order, *, actor: Actor, now: datetime) -> tuple[Outlet, int]:
    """For which of the actor's outlets it speaks, and which version the outlet had."""
    on, outlets = local_day(now), rights.outlets_of(actor)
    places = [(outlet, Channel.outlet_id.in_(users.outlet_family(Outlet.id == outlet, on=on))) for outlet in outlets]
    own = next((place for place in places if session.scalar(_stood(order, place[1]).limit(1)) is not None), places[0])
    outlet_id, in_own = own
    versions = session.scalars(_stood(order, or_(in_own, _PUBLIC))).all()
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
