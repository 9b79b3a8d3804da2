"""Pushes: which subscriber is due for its topic, and what became of sending it; rows only. `sender` sends.

Due is whoever's mark lies behind the channel's revision, so nobody is forgotten, and a late one gets the newest once.
A subscriber has one push at a time, and its mark moves to what it took: never an older document after a newer one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table, bindparam, delete, select, update
from sqlalchemy.orm import Session

from hub.delivery import retries
from hub.delivery.pushing import claims, subscriptions
from hub.models import Channel, Subscription
from hub.outlets import readings
from hub.outlets.readings import LastReading, Place
from hub.records.secret import Secret, WrongSecret

MAX_BYTES = 3 * 1024 * 1024  # a push is smaller; pages close at half of it
GONE = 410
READER = "WebSub"  # what reads by being pushed to
SEALED = "secret"  # the fault of whoever's secret or topic cannot be opened
_TABLE = cast("Table", Subscription.__table__)
_MINE = (_TABLE.c.id == bindparam("row"), _TABLE.c.claim == bindparam("token"))
_FREED = {"claim": "", "claimed_until": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One push: to whom, what, and the claim under which its outcome is written down."""

    subscription_id: int
    claim: str
    claimed_until: datetime
    channel_id: int
    format: str
    revision: int  # the channel's when it was claimed: nothing older is sent
    failures: int
    key_id: int | None  # of the unguessable address that the topic is under: nobody else is sent these bytes
    place: str
    topic: str = field(repr=False)
    callback: str = field(repr=False)
    secret: bytes = field(repr=False)
    fault: str = ""  # why nothing can be sent

    @property
    def is_own(self) -> bool:
        """Are the bytes for this key only?"""
        return self.key_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a push: the answer's status, or else why there was none."""

    order: Order
    revision: int = 0  # of the bytes that were sent
    number: int = 0  # the newest of the ledger in them
    status: int | None = None
    fault: str = ""
    retry_after: timedelta | None = None
    ended: bool = False  # there is no such topic any more

    @property
    def taken(self) -> bool:
        """Only 2xx says so; a redirect does not (§7)."""
        return self.status is not None and 200 <= self.status < 300


def choose(
    session: Session, *, failing: bool, held: Mapping[str, int], per_place: int, now: datetime, limit: int
) -> Any:
    """Ids of subscriptions to push to: of those whose last push failed, or of the others. Asked before any lock."""
    due = _due(now).where(Subscription.failures > 0 if failing else Subscription.failures == 0)
    return claims.choose(session, Subscription, due, held=held, per_place=per_place, limit=limit)


def claim(session: Session, box: Secret, ids: Sequence[int], *, now: datetime) -> list[Order]:
    """Take those of these subscriptions that are still free."""
    rows = claims.take(session, Subscription, ids, now=now)
    wanted = {row.channel_id for row in rows}
    found = session.execute(select(Channel.id, Channel.revision).where(Channel.id.in_(wanted)))
    revisions = {row[0]: row[1] for row in found}
    return [_order(box, row, revisions[row.channel_id]) for row in rows]


def record(session: Session, outcomes: Sequence[Outcome], *, now: datetime, chance: Callable[[], float]) -> None:
    """Write down what became of pushes, in few statements; what has lost its claim meanwhile is left alone."""
    taken = [outcome for outcome in outcomes if outcome.taken]
    gone = [outcome for outcome in outcomes if outcome.status == GONE]
    ended = [outcome for outcome in outcomes if outcome.ended]
    rest = [outcome for outcome in outcomes if not (outcome.taken or outcome.ended or outcome.status == GONE)]
    if taken:
        fresh = {"mark": bindparam("revision"), "status": bindparam("answered"), "next_try_at": now}
        values = {**_FREED, **fresh, "failures": 0, "fault": ""}
        session.execute(update(_TABLE).where(*_MINE).values(**values), [_facts(outcome) for outcome in taken])
    if rest:
        late: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("failures", "next_try_at", "fault")}
        values = {**_FREED, **late, "status": bindparam("answered")}
        facts = [_facts(outcome) | _failure(outcome, now=now, chance=chance()) for outcome in rest]
        session.execute(update(_TABLE).where(*_MINE).values(**values), facts)
    for outcome in gone:
        session.execute(delete(Subscription).where(*_held(outcome.order)))
    for outcome in ended:
        row = session.scalar(select(Subscription).where(*_held(outcome.order)).with_for_update())
        if row is not None:
            subscriptions.deny(session, row, reason=subscriptions.TOPIC_GONE, now=now)
    if read := _readings(taken, now=now):
        readings.write(session, read)


def release(session: Session, orders: Collection[Order]) -> None:
    """Give back what was claimed and not begun."""
    facts = [{"row": order.subscription_id, "token": order.claim} for order in orders]
    session.execute(update(_TABLE).where(*_MINE).values(**_FREED), facts)


def _due(now: datetime) -> Select[Any]:
    return (
        select(Subscription)
        .join(Channel, Channel.id == Subscription.channel_id)
        .where(
            Subscription.mark < Channel.revision,
            Subscription.next_try_at <= now,
            Subscription.lease_until > now,
            claims.is_free(Subscription, now),
        )
    )


def _order(box: Secret, row: Subscription, revision: int) -> Order:
    topic, secret, fault = "", b"", ""
    try:
        topic, secret = subscriptions.open_topic(box, row), subscriptions.open_secret(box, row)
    except WrongSecret:
        fault = SEALED
    return Order(
        subscription_id=row.id,
        claim=row.claim,
        claimed_until=cast("datetime", row.claimed_until),
        channel_id=row.channel_id,
        format=row.format,
        revision=revision,
        failures=row.failures,
        key_id=row.key_id,
        place=row.place,
        topic=topic,
        callback=row.callback,
        secret=secret,
        fault=fault,
    )


def _held(order: Order) -> tuple[ColumnElement[bool], ...]:
    return (Subscription.id == order.subscription_id, Subscription.claim == order.claim)


def _readings(taken: Sequence[Outcome], *, now: datetime) -> dict[Place, LastReading]:
    """What keys have read by taking it; of what all may read nothing is noted."""
    found: dict[Place, LastReading] = {}
    for outcome in sorted(taken, key=lambda one: one.number):
        order = outcome.order
        if order.key_id is not None:
            found[Place(order.key_id, order.channel_id, order.format)] = LastReading(READER, outcome.number, now)
    return found


def _facts(outcome: Outcome) -> dict[str, Any]:
    order = outcome.order
    facts = {"row": order.subscription_id, "token": order.claim, "answered": outcome.status}
    return facts | ({"revision": outcome.revision} if outcome.taken else {})


def _failure(outcome: Outcome, *, now: datetime, chance: float) -> dict[str, Any]:
    failures = outcome.order.failures + 1
    again = retries.next_push(failures, now=now, chance=chance, retry_after=outcome.retry_after)
    return {
        "new_failures": failures,
        "new_next_try_at": again,
        "new_fault": outcome.fault or f"HTTP {outcome.status}",
    }
