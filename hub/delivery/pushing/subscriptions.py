"""WebSub subscriptions: asked for, confirmed, renewed, ended; rows only. `pushes` and `intents` say what is due.

What a subscriber asks for changes nothing until its callback has confirmed it. A subscription is one topic at one
callback; it ends with its lease, by its own wish, by a 410, by an operator, or with the key or channel of its topic,
and of the last the callback is told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feeds import websub
from hub.errors import NotFound, TooMany
from hub.models import Channel, Intent, Key, Outlet, Subscription
from hub.records.secret import Secret

PURPOSE = "websub"
PENDING_PER_PLACE = 100  # questions that wait at one host and port: nobody is flooded in somebody else's name
PENDING_SECONDS = 60  # after which to ask again
LIVE_PER_PLACE = 500  # subscriptions of one host and port: what a change costs is bounded for each
LIVE_SECONDS = 3_600
TOPIC_GONE, KEY_ENDED, DROPPED = "topic_gone", "key_ended", "dropped"  # why a subscription is denied


class TooManyWaiting(TooMany):
    """A callback's host has not answered as many questions as may wait for it."""

    key = "error.websub_waiting"


class TooManyLive(TooMany):
    """A callback's host has as many subscriptions as one may have."""

    key = "error.websub_too_many"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The topic of a request, resolved: a channel in a format, and the key that the topic's address holds."""

    channel: Channel
    format: str
    key_id: int | None


def ask(session: Session, box: Secret, request: websub.Request, wanted: Wanted, *, now: datetime) -> None:
    """Let the callback be asked whether it means this; a question that waits already is replaced by this one.

    Raises TooManyWaiting while too many questions wait at the callback's host, TooManyLive for a subscription more than
    it may have; renewing one is none more.
    """
    place, digest = place_of(request.callback), digest_of(request.topic, request.callback)
    _check_room(session, place, None if request.mode == websub.UNSUBSCRIBE else digest)
    _put(
        session,
        Intent(
            digest=digest,
            mode=request.mode,
            channel_id=wanted.channel.id,
            format=wanted.format,
            key_id=wanted.key_id,
            topic=_kept(box, request.topic, wanted.key_id),
            callback=request.callback,
            place=place,
            secret=box.seal(request.secret, purpose=PURPOSE) if request.secret else "",
            lease_seconds=request.lease_seconds,
            mark=wanted.channel.revision,
            next_try_at=now,
            created_at=now,
        ),
    )


def confirm(session: Session, intent: Intent, *, asked_at: datetime, now: datetime) -> None:
    """Do what a callback has agreed to; the lease runs from the moment of the question (§5.3)."""
    known = session.scalar(select(Subscription).where(Subscription.digest == intent.digest).with_for_update())
    if intent.mode == websub.UNSUBSCRIBE:
        if known is not None:
            session.delete(known)
        return
    if known is None:
        known = Subscription(digest=intent.digest, created_at=now, mark=intent.mark)
        session.add(known)
    for name in ("channel_id", "format", "key_id", "topic", "callback", "place", "secret"):
        setattr(known, name, getattr(intent, name))
    known.lease_until = asked_at + timedelta(seconds=intent.lease_seconds)
    known.renewed_at = known.next_try_at = now  # it lives: what it has missed may come at once
    known.failures, known.fault, known.status = 0, "", None


def deny(session: Session, row: Subscription | Intent, *, reason: str, now: datetime) -> None:
    """End a subscription, or what was asked for, and let the callback be told (§5.2)."""
    told = Intent(
        mode=websub.DENIED,
        reason=reason,
        lease_seconds=0,
        next_try_at=now,
        created_at=now,
        mark=row.mark,
        **{name: getattr(row, name) for name in ("digest", "channel_id", "format", "key_id")},
        **{name: getattr(row, name) for name in ("topic", "callback", "place")},
    )
    if isinstance(row, Subscription):
        session.delete(row)
    _put(session, told)


def end_dead(session: Session, *, now: datetime) -> int:
    """End what has lost its lease, its key or its channel; returns how many subscriptions and questions that were."""
    over = session.scalars(delete(Subscription).where(Subscription.lease_until <= now).returning(Subscription.id)).all()
    dead: list[Subscription | Intent] = []
    dead += session.scalars(_dead(Subscription, now)).all()
    dead += session.scalars(_dead(Intent, now).where(Intent.mode == websub.SUBSCRIBE)).all()
    for row in dead:
        live = row.key_id is None or session.scalar(select(Key.id).where(Key.id == row.key_id, _is_live(now)))
        deny(session, row, reason=TOPIC_GONE if live else KEY_ENDED, now=now)
    return len(over) + len(dead)


def has_dead(session: Session, *, now: datetime) -> bool:
    """Is there anything for `end_dead`? Asked before anything is locked."""
    over = select(Subscription.id).where(Subscription.lease_until <= now).limit(1)
    asked = _dead(Intent, now).where(Intent.mode == websub.SUBSCRIBE).limit(1)
    return any(session.scalar(query) is not None for query in (over, _dead(Subscription, now).limit(1), asked))


def list_all(session: Session) -> list[tuple[Subscription, str]]:
    """Every subscription with its channel's ``outlet/channel``, oldest first."""
    query = (
        select(Subscription, Outlet.code, Channel.code)
        .join(Channel, Channel.id == Subscription.channel_id)
        .join(Outlet, Outlet.id == Channel.outlet_id)
        .order_by(Subscription.id)
    )
    return [(row[0], f"{row[1]}/{row[2]}") for row in session.execute(query)]


def list_of_keys(session: Session, key_ids: Sequence[int]) -> list[tuple[Subscription, str]]:
    """The subscriptions to addresses of these keys, each with its channel's ``outlet/channel``, oldest first."""
    query = (
        select(Subscription, Outlet.code, Channel.code)
        .join(Channel, Channel.id == Subscription.channel_id)
        .join(Outlet, Outlet.id == Channel.outlet_id)
        .where(Subscription.key_id.in_(key_ids))
        .order_by(Subscription.id)
    )
    return [(row[0], f"{row[1]}/{row[2]}") for row in session.execute(query)]


def drop(session: Session, numbers: Sequence[int], *, now: datetime) -> int:
    """End subscriptions by their numbers and let their callbacks be told. Raises NotFound for one that is not there."""
    for number in numbers:
        row = session.get(Subscription, number, with_for_update=True)
        if row is None:
            raise NotFound(what=str(number), kind="subscription")
        deny(session, row, reason=DROPPED, now=now)
    return len(numbers)


def count_by_health(session: Session) -> dict[str, int]:
    """How many subscriptions take what they are sent, and how many fail."""
    found = {"live": 0, "failing": 0}
    fails = (Subscription.failures > 0).label("fails")
    query = select(fails, func.count()).group_by(fails)  # by its name: PostgreSQL takes two parameters for two values
    for failing, count in session.execute(query):
        found["failing" if failing else "live"] = count
    return found


def open_topic(box: Secret, row: Subscription | Intent) -> str:
    """The topic as the subscriber named it. Raises WrongSecret."""
    return row.topic if row.key_id is None else box.open(row.topic, purpose=PURPOSE).decode()


def open_secret(box: Secret, row: Subscription) -> bytes:
    """What its pushes are signed with; empty for none. Raises WrongSecret."""
    return box.open(row.secret, purpose=PURPOSE) if row.secret else b""


def place_of(callback: str) -> str:
    """The host and port of a callback."""
    parts = urlsplit(callback)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def digest_of(topic: str, callback: str) -> str:
    """What tells subscriptions apart."""
    return hashlib.sha256(f"{topic}\n{callback}".encode("utf-8", "surrogatepass")).hexdigest()


def _check_room(session: Session, place: str, wanted: str | None) -> None:
    """Raises TooManyWaiting or TooManyLive; `wanted` is the digest of what is subscribed to."""
    if _count(session, Intent, place) >= PENDING_PER_PLACE:
        raise TooManyWaiting(limit=PENDING_PER_PLACE, seconds=PENDING_SECONDS)
    if wanted is None or _count(session, Subscription, place) < LIVE_PER_PLACE:
        return
    if session.scalar(select(Subscription.id).where(Subscription.digest == wanted)) is None:
        raise TooManyLive(limit=LIVE_PER_PLACE, seconds=LIVE_SECONDS)


def _count(session: Session, table: type[Subscription] | type[Intent], place: str) -> int:
    return session.scalar(select(func.count()).select_from(table).where(table.place == place)) or 0


def _kept(box: Secret, topic: str, key_id: int | None) -> str:
    return topic if key_id is None else box.seal(topic.encode(), purpose=PURPOSE)


def _put(session: Session, intent: Intent) -> None:
    """Write a question or a word over the one that waits for the same topic and callback."""
    session.execute(delete(Intent).where(Intent.digest == intent.digest))
    try:
        with session.begin_nested():
            session.add(intent)
    except IntegrityError:  # the same was asked at this very moment: theirs will do
        return


def _dead(table: type[Subscription] | type[Intent], now: datetime) -> Select[Any]:
    """Rows whose topic nobody may read any more; what a door would still refuse is found when it is loaded."""
    moved: ColumnElement[bool] = or_(Channel.successor_id.is_not(None), Outlet.ended_on.is_not(None))
    closed = and_(table.key_id.is_(None), Channel.audience != "public")
    return (
        select(table)
        .join(Channel, Channel.id == table.channel_id)
        .join(Outlet, Outlet.id == Channel.outlet_id)
        .outerjoin(Key, Key.id == table.key_id)
        .where(or_(moved, closed, and_(table.key_id.is_not(None), ~_is_live(now))))
        .order_by(table.id)
    )


def _is_live(now: datetime) -> ColumnElement[bool]:
    return and_(Key.revoked_at.is_(None), or_(Key.expires_at.is_(None), Key.expires_at > now))
