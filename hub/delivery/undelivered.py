"""What is on its way out and has not arrived: letters, webhook deliveries, and pushes, as administrators look at them.

Each list is a page of the newest first, by number. What is tried again keeps its identity; what is dropped is not sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from hub.delivery import letters, webhooks
from hub.delivery.pushing import subscriptions
from hub.errors import NotFound
from hub.models import Channel, Letter, Outlet, Subscription, WebhookDelivery
from hub.records import journal

OPEN = ("waiting", "sending", "doubtful", "dead")
DROPPED = "dropped"  # the fault of a letter that somebody dropped


def list_letters(session: Session, *, before: int | None, limit: int) -> Sequence[Letter]:
    """Letters that have not been sent, with their users and notices."""
    query = select(Letter).where(Letter.state.in_(OPEN)).order_by(Letter.id.desc()).limit(limit)
    query = query.options(joinedload(Letter.user, innerjoin=True), selectinload(Letter.notices))
    return session.scalars(query if before is None else query.where(Letter.id < before)).all()


def list_deliveries(session: Session, *, before: int | None, limit: int) -> Sequence[WebhookDelivery]:
    """Webhook deliveries that nobody has taken, with their endpoints."""
    query = select(WebhookDelivery).where(WebhookDelivery.state.in_(OPEN)).order_by(WebhookDelivery.id.desc())
    query = query.options(joinedload(WebhookDelivery.endpoint, innerjoin=True)).limit(limit)
    return session.scalars(query if before is None else query.where(WebhookDelivery.id < before)).all()


def list_pushes(session: Session, *, before: int | None, limit: int) -> list[tuple[Subscription, str]]:
    """Subscriptions that are behind their channel or fail, with the channel's address."""
    query = (
        select(Subscription, Outlet.code, Channel.code)
        .join(Channel, Channel.id == Subscription.channel_id)
        .join(Outlet, Outlet.id == Channel.outlet_id)
        .where((Subscription.failures > 0) | (Subscription.mark < Channel.revision))
        .order_by(Subscription.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Subscription.id < before)
    return [(row, f"{outlet}/{channel}") for row, outlet, channel in session.execute(query)]


def repeat(session: Session, what: str, number: int, *, actor: str, now: datetime) -> None:
    """Try something again, at once. Raises NotFound, or what the services of its kind raise."""
    if what == "letters":
        letter = _letter(session, number)
        if letter.state == "waiting":
            letter.next_try_at = now
        else:
            letters.repeat(session, number, now=now)
    elif what == "webhooks":
        row = _delivery(session, number)
        if row.state == "waiting":
            row.next_try_at = now
        else:
            webhooks.replay(session, webhooks.get(session, row.endpoint_id), ids=[number], now=now)
    else:
        _subscription(session, number).next_try_at = now
    _tell(session, "repeat", what, number, actor=actor, now=now)


def count_given_up(session: Session, what: str) -> int:
    """How much of a list `repeat_all` would try again: dead letters and deliveries, failing pushes."""
    if what == "letters":
        return session.scalar(select(func.count()).where(Letter.state == "dead")) or 0
    if what == "webhooks":
        return webhooks.count_dead(session)
    return session.scalar(select(func.count()).where(Subscription.failures > 0)) or 0


def repeat_all(session: Session, what: str, *, actor: str, now: datetime) -> int:
    """Try again all that was given up, or fails; says how many. Of none the journal hears nothing."""
    if what == "letters":
        count = letters.repeat_dead(session, now=now)
    elif what == "webhooks":
        count = webhooks.replay_all(session, now=now)
    else:
        query = update(Subscription).where(Subscription.failures > 0).values(next_try_at=now)
        count = len(session.scalars(query.returning(Subscription.id)).all())
    if count:
        record = {"kind": "delivery_act", "event": "repeat_all", "what": what, "count": count, "actor": actor}
        journal.append(session, record, at=now)
    return count


def drop(session: Session, what: str, number: int, *, actor: str, now: datetime) -> None:
    """Send something no more. Raises NotFound, or LetterWaits while a sender has it in hand."""
    if what == "letters":
        letter = _letter(session, number)
        if letter.state == "sending":
            raise letters.LetterWaits(letter=number)
        letter.state, letter.fault, letter.done_at, letter.claim = "overtaken", DROPPED, now, ""
    elif what == "webhooks":
        session.delete(_delivery(session, number))
    else:
        subscriptions.drop(session, [number], now=now)
    _tell(session, "drop", what, number, actor=actor, now=now)


def _letter(session: Session, number: int) -> Letter:
    row = session.get(Letter, number, with_for_update=True)
    if row is None or row.state not in OPEN:
        raise NotFound(what=str(number), kind="letter")
    return row


def _delivery(session: Session, number: int) -> WebhookDelivery:
    row = session.get(WebhookDelivery, number, with_for_update=True)
    if row is None or row.state not in OPEN:
        raise NotFound(what=str(number), kind="webhook")
    return row


def _subscription(session: Session, number: int) -> Subscription:
    row = session.get(Subscription, number, with_for_update=True)
    if row is None:
        raise NotFound(what=str(number), kind="subscription")
    return row


def _tell(session: Session, event: str, what: str, number: int, *, actor: str, now: datetime) -> None:
    record = {"kind": "delivery_act", "event": event, "what": what, "row": number, "actor": actor}
    journal.append(session, record, at=now)
