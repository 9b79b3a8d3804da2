"""Webhooks on their way: what is due is claimed, sent by `webhook_sender`, and its outcome written down; rows only.

A delivery is sent at least once: after a crash in the middle it is sent again under the same `webhook-id`, by which
the receiver knows it. It dies after the last of `retries.WEBHOOK_WAITS`, and stays to be read and replayed. An
endpoint that says 410 again and again, or fails for days, is disabled, and its deliveries wait as dead ones.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select, update
from sqlalchemy.orm import Session, joinedload

from hub.delivery import retries, webhooks
from hub.models import WebhookDelivery, WebhookEndpoint
from hub.records.secret import Secret

CLAIM = timedelta(minutes=3)  # longer than any attempt may take
AT_ONCE = 4  # deliveries to one endpoint
REST = timedelta(minutes=5)  # at most, between two tries of an endpoint that fails
GONE = 3  # answers 410 that disable
FAILING = timedelta(days=5)  # of failures that disable


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One attempt: what to send where, and the claim under which its outcome is written down."""

    delivery_id: int
    endpoint_id: str
    claim: str
    message_id: str
    failing: bool = False  # the endpoint's last attempt was not taken
    url: str = field(repr=False)
    body: bytes = field(repr=False)
    keys: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt: the answer's status, or else why there was none."""

    status: int | None
    fault: str = ""
    retry_after: timedelta | None = None

    @property
    def taken(self) -> bool:
        """Only 2xx says so; a redirect does not."""
        return self.status is not None and 200 <= self.status < 300


def has_due(session: Session, *, now: datetime, busy: Collection[str]) -> bool:
    """Is there anything to send, or a claim that ran out? Asked before anything is locked."""
    stale = select(WebhookDelivery.id).where(_is_stale(now)).limit(1)
    return session.scalar(_due_endpoints(now, busy).limit(1)) is not None or session.scalar(stale) is not None


def claim(
    session: Session, box: Secret, *, now: datetime, busy: Collection[str], endpoints: int, failing: int | None = None
) -> list[Order]:
    """Take what is due for so many endpoints that are not `busy`, of which at most `failing` fail.

    A crashed sender's claims first wait again.
    """
    session.execute(update(WebhookDelivery).where(_is_stale(now)).values(state="waiting", claim="", claimed_until=None))
    orders: list[Order] = []
    due = _due_endpoints(now, busy)
    found = list(session.scalars(due.where(WebhookEndpoint.failing_since.is_(None)).limit(endpoints)))
    others = min(endpoints - len(found), endpoints if failing is None else failing)
    found += session.scalars(due.where(WebhookEndpoint.failing_since.is_not(None)).limit(others))
    for endpoint in found:
        query = (
            select(WebhookDelivery)
            .where(
                WebhookDelivery.endpoint_id == endpoint.id,
                WebhookDelivery.state == "waiting",
                WebhookDelivery.next_try_at <= now,
            )
            .order_by(WebhookDelivery.next_try_at, WebhookDelivery.id)
            .limit(1 if endpoint.failing_since else AT_ONCE)  # one that fails is only knocked at
            .with_for_update(skip_locked=True)
        )
        keys = _live_keys(box, endpoint, now)
        orders += [_take(row, endpoint, keys, now) for row in session.scalars(query)]
    return orders


def record(session: Session, order: Order, outcome: Outcome, *, now: datetime, chance: float) -> None:
    """Write down what became of an attempt, unless the claim was lost to somebody else meanwhile."""
    row = session.scalar(
        select(WebhookDelivery)
        .where(WebhookDelivery.id == order.delivery_id, WebhookDelivery.claim == order.claim)
        .options(joinedload(WebhookDelivery.endpoint, innerjoin=True))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        return
    row.claim, row.claimed_until = "", None
    row.status, row.fault = outcome.status, outcome.fault
    if outcome.taken:
        row.state, row.done_at = "sent", now
        row.endpoint.failing_since = row.endpoint.rest_until = None
        row.endpoint.gone, row.endpoint.fault = 0, ""
        return
    _fail(session, row, outcome, now=now, chance=chance)


def test_order(box: Secret, endpoint: WebhookEndpoint, *, now: datetime) -> Order:
    """A message that means nothing, of type `test`; no delivery stands behind it."""
    return Order(
        delivery_id=0,
        endpoint_id=endpoint.id,
        claim="",
        message_id=webhooks.new_message_id(),
        url=endpoint.url,
        body=webhooks.body_of("test", {}, now),
        keys=_live_keys(box, endpoint, now),
    )


def _fail(session: Session, row: WebhookDelivery, outcome: Outcome, *, now: datetime, chance: float) -> None:
    endpoint = row.endpoint
    row.failures += 1
    endpoint.failing_since = endpoint.failing_since or now
    if outcome.status != 410:
        endpoint.gone = 0
    elif endpoint.rest_until is None or endpoint.rest_until <= now:  # several answers of one moment count once
        endpoint.gone += 1
    endpoint.fault = outcome.fault or f"HTTP {outcome.status}"
    again = retries.next_try(
        row.failures, waits=retries.WEBHOOK_WAITS, now=now, chance=chance, retry_after=outcome.retry_after
    )
    if again is None or endpoint.state != "live":
        row.state, row.done_at = "dead", now
    else:
        row.state, row.next_try_at = "waiting", again
        named = outcome.retry_after and now + min(outcome.retry_after, retries.LONGEST)
        endpoint.rest_until = max(named or now, min(again, now + REST))
    if endpoint.state == "live" and (endpoint.gone >= GONE or now - endpoint.failing_since >= FAILING):
        session.flush()
        webhooks.disable(session, endpoint, fault="410" if endpoint.gone >= GONE else endpoint.fault, now=now)


def _take(row: WebhookDelivery, endpoint: WebhookEndpoint, keys: tuple[str, ...], now: datetime) -> Order:
    row.state, row.claim, row.claimed_until = "sending", secrets.token_hex(16), now + CLAIM
    return Order(
        delivery_id=row.id,
        endpoint_id=endpoint.id,
        claim=row.claim,
        message_id=row.message_id,
        failing=endpoint.failing_since is not None,
        url=endpoint.url,
        body=row.body.encode(),
        keys=keys,
    )


def _live_keys(box: Secret, endpoint: WebhookEndpoint, now: datetime) -> tuple[str, ...]:
    sealed = [endpoint.secret]
    if endpoint.former_until is not None and endpoint.former_until > now:
        sealed.append(endpoint.former_secret)
    return tuple(box.open(text, purpose=webhooks.PURPOSE).decode() for text in sealed)


def _is_stale(now: datetime) -> Any:
    return and_(WebhookDelivery.state == "sending", WebhookDelivery.claimed_until <= now)


def _due_endpoints(now: datetime, busy: Collection[str]) -> Select[WebhookEndpoint]:
    due = exists().where(
        WebhookDelivery.endpoint_id == WebhookEndpoint.id,
        WebhookDelivery.state == "waiting",
        WebhookDelivery.next_try_at <= now,
    )
    rested = or_(WebhookEndpoint.rest_until.is_(None), WebhookEndpoint.rest_until <= now)
    return (
        select(WebhookEndpoint)
        .where(WebhookEndpoint.state == "live", WebhookEndpoint.id.not_in(busy), rested, due)
        .order_by(WebhookEndpoint.id)
    )
