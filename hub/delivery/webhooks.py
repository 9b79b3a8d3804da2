"""Webhooks: endpoints, and what is to be sent to them; rows only. `webhook_claims` takes what is due from here.

What nobody takes is kept as dead, and so is what happens while an endpoint is disabled: both can be replayed.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from hub.delivery import signatures, urls
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
            body=body_of(kind, data, at).decode(),
            state="waiting" if live else "dead",
            fault="" if live else ENDS,
            next_try_at=now,
            created_at=now,
            done_at=None if live else now,
        )
    )
    return True


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


def body_of(kind: str, data: Mapping[str, Any], at: datetime) -> bytes:
    """What a receiver gets: JSON that names the event's kind and instant."""
    return orjson.dumps({"type": kind, "timestamp": at.isoformat(), "data": dict(data)})
