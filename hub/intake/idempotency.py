"""Idempotency-Key: a replay hears the first answer, for at least 24 hours."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from hub.accounts import organizations
from hub.errors import Invalid
from hub.models import Idempotency

KEPT = timedelta(hours=48)


class KeyReused(Invalid):
    """The same Idempotency-Key came with other content."""

    key = "error.idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class Replay:
    """The first answer to a key."""

    story_id: str
    answer: str


def find_replay(session: Session, organization_id: int, key: str, body: bytes) -> Replay | None:
    """The answer this key was given before; locks the organization, so that two same pushes wait for each other.

    Raises KeyReused when the key came with other bytes.
    """
    organizations.lock(session, organization_id)
    row = session.get(Idempotency, (organization_id, key))
    if row is None:
        return None
    if row.content_digest != hashlib.sha256(body).hexdigest():
        raise KeyReused(idempotency_key=key)
    return Replay(row.story_id, row.answer)


def remember(
    session: Session, organization_id: int, key: str, body: bytes, *, story_id: str, answer: str, now: datetime
) -> None:
    """Keep the answer with the transaction that earned it."""
    session.add(
        Idempotency(
            organization_id=organization_id,
            key=key,
            content_digest=hashlib.sha256(body).hexdigest(),
            story_id=story_id,
            answer=answer,
            created_at=now,
        )
    )


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop answers older than KEPT."""
    session.execute(delete(Idempotency).where(Idempotency.created_at < now - KEPT))
