"""Intents: callbacks that have to be asked whether they meant it, or told that it is over; rows only.

An answer decides at once: success with the challenge does what was asked for, any other leaves everything as it is.
Where none comes the callback is asked again, a few times, each time with a new challenge.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from feeds import websub
from hub.delivery.pushing import claims, subscriptions
from hub.models import Intent
from hub.records.secret import Secret, WrongSecret

CHALLENGE_BYTES = 32
WAITS = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5))  # between questions without an answer
REASONS = {  # what a callback is told
    subscriptions.TOPIC_GONE: "This topic is not available any more.",
    subscriptions.KEY_ENDED: "The key in the topic's address is not valid any more.",
    subscriptions.DROPPED: "The operators of this hub have ended the subscription.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One GET to a callback, and the claim under which its outcome is written down. A denial has no challenge."""

    intent_id: int
    claim: str
    claimed_until: datetime
    mode: str
    place: str
    url: str = field(repr=False)
    challenge: str = field(repr=False)
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """What a callback said: its status, None when nothing came; `confirmed`: success with exactly the challenge."""

    question: Question
    status: int | None
    confirmed: bool = False


def choose(session: Session, *, held: Mapping[str, int], per_place: int, now: datetime, limit: int) -> list[int]:
    """Ids of what is to be asked or told. Asked before any lock."""
    due = select(Intent).where(Intent.next_try_at <= now, claims.is_free(Intent, now))
    return claims.choose(session, Intent, due, held=held, per_place=per_place, limit=limit)


def claim(session: Session, box: Secret, ids: Sequence[int], *, now: datetime) -> list[Question]:
    """Take those of these that are still free; what cannot be opened is given up."""
    found = []
    for row in claims.take(session, Intent, ids, now=now):
        try:
            found.append(_question(box, row, now))
        except WrongSecret:
            session.delete(row)
    return found


def record(session: Session, replies: Sequence[Reply], *, now: datetime) -> None:
    """Do what was agreed to, and forget what was answered; what has been replaced meanwhile is left alone."""
    for reply in replies:
        question = reply.question
        row = session.scalar(
            select(Intent).where(Intent.id == question.intent_id, Intent.claim == question.claim).with_for_update()
        )
        if row is None:
            continue
        if reply.status is None and row.failures < len(WAITS):
            row.next_try_at = now + WAITS[row.failures]
            row.failures += 1
            row.claim, row.claimed_until = "", None
            continue
        if reply.confirmed and row.mode != websub.DENIED:
            subscriptions.confirm(session, row, asked_at=question.asked_at, now=now)
        session.delete(row)


def _question(box: Secret, row: Intent, now: datetime) -> Question:
    topic, challenge = subscriptions.open_topic(box, row), ""
    if row.mode == websub.DENIED:
        parameters = websub.denial(topic=topic, reason=REASONS[row.reason])
    else:
        challenge = secrets.token_urlsafe(CHALLENGE_BYTES)
        parameters = websub.verification(
            mode=row.mode, topic=topic, challenge=challenge, lease_seconds=row.lease_seconds
        )
    return Question(
        intent_id=row.id,
        claim=row.claim,
        claimed_until=row.claimed_until or now,
        mode=row.mode,
        place=row.place,
        url=websub.intent_url(row.callback, parameters),
        challenge=challenge,
        asked_at=now,
    )
