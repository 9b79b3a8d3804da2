"""Webhooks: endpoints, and what is to be sent to them; rows only. `webhook_sender` sends.

A delivery is sent at least once: after a crash in the middle it is sent again under the same `webhook-id`, by which
the receiver knows it. It dies after the last of `retries.WEBHOOK_WAITS`, and stays to be read and replayed. An
endpoint that says 410 again and again, or fails for days, is disabled, and its deliveries wait as dead ones.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson
from sqlalchemy import Select, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from hub.delivery import retries, signatures, urls
from hub.delivery.addresses import Allowed
from hub.errors import Conflict, NotFound
from hub.models import Organization, Outlet, User, WebhookDelivery, WebhookEndpoint
from hub.records.secret import Secret

LIVE_AT_MOST = 10  # endpoints of one owner: each event is sent to all of them
OWNERS: Mapping[str, type[Organization | Outlet | User]] = {
    "organization_id": Organization,
    "outlet_id": Outlet,
    "user_id": User,
}
_LIVE = select(WebhookEndpoint.id).where(WebhookEndpoint.state == "live")
PURPOSE = "webhook"
ROTATION = timedelta(hours=24)  # both secrets sign
CLAIM = timedelta(minutes=3)  # longer than any attempt may take
AT_ONCE = 4  # deliveries to one endpoint
REST = timedelta(minutes=5)  # at most, between two tries of an endpoint that fails
GONE = 3  # answers 410 that disable
FAILING = timedelta(days=5)  # of failures that disable
KEEP_SENT, KEEP_DEAD = timedelta(days=30), timedelta(days=180)
ENDS = "disabled"


class EndpointDisabled(Conflict):
    """Nothing is sent to a disabled endpoint."""

    key = "error.endpoint_disabled"


@dataclass(frozen=True, slots=True)
class Minted:
    """An endpoint and its new secret, which is never shown again."""

    endpoint: WebhookEndpoint
    secret: str = field(repr=False)


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


class TooManyWebhooks(Conflict):
    """Whoever owns it has as many endpoints in use as one may have."""

    key = "error.too_many_webhooks"


def add(
    session: Session,
    box: Secret,
    *,
    url: str,
    allowed: Allowed,
    now: datetime,
    organization: Organization | None = None,
    outlet: Outlet | None = None,
    user: User | None = None,
    kinds: Sequence[str] = (),
    label: str = "",
) -> Minted:
    """A new endpoint of an organization, an outlet or a user.

    Raises AddressRefused for a URL nothing is sent to, or TooManyWebhooks.
    """
    if sum(owner is not None for owner in (organization, outlet, user)) != 1:
        raise ValueError("an endpoint has exactly one owner")
    urls.check_url(url, allowed)
    secret = signatures.new_secret()
    endpoint = WebhookEndpoint(
        id="whe_" + secrets.token_urlsafe(12),
        organization_id=organization.id if organization else None,
        outlet_id=outlet.id if outlet else None,
        user_id=user.id if user else None,
        label=label,
        url=url,
        kinds=sorted(set(kinds)),
        secret=box.seal(secret.encode(), purpose=PURPOSE),
        state="live",
        created_at=now,
    )
    _check_room(session, endpoint)
    session.add(endpoint)
    session.flush()
    return Minted(endpoint, secret)


def _check_room(session: Session, endpoint: WebhookEndpoint) -> None:
    """May this endpoint be in use beside the others of its owner, who is locked? Raises TooManyWebhooks."""
    name, owner = next((name, table) for name, table in OWNERS.items() if getattr(endpoint, name) is not None)
    owner_id = getattr(endpoint, name)
    others = getattr(WebhookEndpoint, name) == owner_id, WebhookEndpoint.id != endpoint.id
    with session.no_autoflush:
        session.execute(select(owner.id).where(owner.id == owner_id).with_for_update(key_share=True)).one()
        count = session.scalar(select(func.count()).where(*others, WebhookEndpoint.state == "live")) or 0
    if count >= LIVE_AT_MOST:
        raise TooManyWebhooks(limit=LIVE_AT_MOST)


def get(session: Session, endpoint_id: str) -> WebhookEndpoint:
    """The endpoint, locked until the transaction ends. Raises NotFound."""
    row = session.get(WebhookEndpoint, endpoint_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(what=endpoint_id, kind="webhook")
    return row


def list_endpoints(session: Session) -> list[tuple[WebhookEndpoint, str]]:
    """Every endpoint and its owner (the code of an organization or outlet, the e-mail of a user), oldest first."""
    query = (
        select(WebhookEndpoint, func.coalesce(Organization.code, Outlet.code, User.email))
        .outerjoin(Organization, Organization.id == WebhookEndpoint.organization_id)
        .outerjoin(Outlet, Outlet.id == WebhookEndpoint.outlet_id)
        .outerjoin(User, User.id == WebhookEndpoint.user_id)
        .order_by(WebhookEndpoint.created_at, WebhookEndpoint.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def list_of_outlets(session: Session, outlet_ids: Collection[int]) -> list[WebhookEndpoint]:
    """The endpoints of these outlets, oldest first."""
    query = select(WebhookEndpoint).where(WebhookEndpoint.outlet_id.in_(outlet_ids))
    return list(session.scalars(query.order_by(WebhookEndpoint.created_at, WebhookEndpoint.id)))


def get_of_outlets(session: Session, endpoint_id: str, outlet_ids: Collection[int]) -> WebhookEndpoint:
    """An endpoint of one of these outlets, locked. Raises NotFound."""
    row = get(session, endpoint_id)
    if row.outlet_id not in outlet_ids:
        raise NotFound(what=endpoint_id, kind="webhook")
    return row


def find_last(session: Session, endpoint_id: str) -> WebhookDelivery | None:
    """The newest delivery of an endpoint, whatever became of it."""
    query = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id)
    return session.scalar(query.order_by(WebhookDelivery.id.desc()).limit(1))


def host_of(endpoint: WebhookEndpoint) -> str:
    """What lists may show of an endpoint's URL: its path may be a secret."""
    return urlsplit(endpoint.url).netloc


def rotate(session: Session, box: Secret, endpoint: WebhookEndpoint, *, now: datetime) -> str:
    """Give a locked endpoint a new secret; the former one signs beside it for ROTATION. Returns the new one."""
    secret = signatures.new_secret()
    endpoint.former_secret, endpoint.former_until = endpoint.secret, now + ROTATION
    endpoint.secret = box.seal(secret.encode(), purpose=PURPOSE)
    return secret


def enable(session: Session, endpoint: WebhookEndpoint) -> None:
    """Let a locked endpoint be tried again; what died meanwhile waits for `replay`. Raises TooManyWebhooks."""
    if endpoint.state != "live":
        _check_room(session, endpoint)
    endpoint.state, endpoint.fault, endpoint.gone = "live", "", 0
    endpoint.failing_since = endpoint.rest_until = None


def disable(session: Session, endpoint: WebhookEndpoint, *, fault: str, now: datetime) -> None:
    """Send nothing more to a locked endpoint; what waits is kept as dead."""
    endpoint.state, endpoint.fault = ENDS, fault
    session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.state == "waiting")
        .values(state="dead", fault=ENDS, done_at=now)
    )


def queue(
    session: Session,
    endpoint: WebhookEndpoint,
    *,
    event: str,
    kind: str,
    data: Mapping[str, Any],
    at: datetime,
    now: datetime,
) -> bool:
    """Queue an event that happened at `at` for an endpoint; says False when it knows this event already.

    By that instant a receiver puts in order what retries have mixed up. For a disabled endpoint the event is kept as
    dead, so that it can be replayed.
    """
    known = select(WebhookDelivery.id).where(WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.event == event)
    if session.scalar(known) is not None:
        return False
    live = endpoint.state == "live"
    session.add(
        WebhookDelivery(
            endpoint_id=endpoint.id,
            event=event,
            message_id=new_message_id(),
            body=_body(kind, data, at).decode(),
            state="waiting" if live else "dead",
            fault="" if live else ENDS,
            next_try_at=now,
            created_at=now,
            done_at=None if live else now,
        )
    )
    return True


def test_order(box: Secret, endpoint: WebhookEndpoint, *, now: datetime) -> Order:
    """A message that means nothing, of type `test`; no delivery stands behind it."""
    return Order(
        delivery_id=0,
        endpoint_id=endpoint.id,
        claim="",
        message_id=new_message_id(),
        url=endpoint.url,
        body=_body("test", {}, now),
        keys=_live_keys(box, endpoint, now),
    )


def list_dead(session: Session, *, endpoint_id: str | None = None, limit: int = 1000) -> list[WebhookDelivery]:
    """Deliveries that nobody took, oldest first."""
    query = select(WebhookDelivery).where(WebhookDelivery.state == "dead").order_by(WebhookDelivery.id).limit(limit)
    if endpoint_id is not None:
        query = query.where(WebhookDelivery.endpoint_id == endpoint_id)
    return list(session.scalars(query))


def replay(session: Session, endpoint: WebhookEndpoint, *, ids: Sequence[int] = (), now: datetime) -> int:
    """Let dead deliveries of a locked endpoint (all, or those with `ids`) wait again; says how many.

    They keep their `webhook-id`. Raises EndpointDisabled.
    """
    if endpoint.state != "live":
        raise EndpointDisabled(endpoint=endpoint.id, reason=endpoint.fault or "-")
    query = (
        update(WebhookDelivery)
        .where(WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.state == "dead")
        .values(state="waiting", failures=0, next_try_at=now, done_at=None)
        .returning(WebhookDelivery.id)
    )
    if ids:
        query = query.where(WebhookDelivery.id.in_(ids))
    return len(session.scalars(query).all())


def count_dead(session: Session) -> int:
    """Dead deliveries that `replay_all` would try again."""
    query = select(func.count()).where(WebhookDelivery.state == "dead", WebhookDelivery.endpoint_id.in_(_LIVE))
    return session.scalar(query) or 0


def replay_all(session: Session, *, now: datetime) -> int:
    """Let the dead deliveries of all endpoints that are in use wait again, as `replay` does; says how many."""
    query = (
        update(WebhookDelivery)
        .where(WebhookDelivery.state == "dead", WebhookDelivery.endpoint_id.in_(_LIVE))
        .values(state="waiting", failures=0, next_try_at=now, done_at=None)
        .returning(WebhookDelivery.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.scalars(query).all())


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


def sweep(session: Session, *, now: datetime) -> None:
    """Forget what was sent or has been dead for long."""
    for state, age in (("sent", KEEP_SENT), ("dead", KEEP_DEAD)):
        session.execute(
            delete(WebhookDelivery).where(WebhookDelivery.state == state, WebhookDelivery.done_at < now - age)
        )


def count_by_state(session: Session) -> dict[str, int]:
    """How many deliveries wait, are on the way, were sent, are dead."""
    found = session.execute(select(WebhookDelivery.state, func.count()).group_by(WebhookDelivery.state))
    return {row[0]: row[1] for row in found}


def new_message_id() -> str:
    """A new `webhook-id`."""
    return "msg_" + secrets.token_urlsafe(18)


def _body(kind: str, data: Mapping[str, Any], at: datetime) -> bytes:
    return orjson.dumps({"type": kind, "timestamp": at.isoformat(), "data": dict(data)})


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
        disable(session, endpoint, fault="410" if endpoint.gone >= GONE else endpoint.fault, now=now)


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
    return tuple(box.open(text, purpose=PURPOSE).decode() for text in sealed)


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
