"""Idempotency-Key: a replay hears the first answer, for at least 24 hours."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.actors import Actor
from hub.errors import Invalid
from hub.models import Idempotency, Key, Organization, Outlet, User

KEPT = timedelta(hours=48)
STORIES = ""  # the call whose content is the body alone
_HOLDERS: Mapping[str, Any] = {"organization": Organization, "outlet": Outlet, "user": User, "key": Key}


class KeyReused(Invalid):
    """The same Idempotency-Key came with other content."""

    key = "error.idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class Sent:
    """What came under a key: whose it is, and the digest of call and body."""

    holder: str  # organization, outlet, user or key (of an editor)
    holder_id: int
    key: str
    digest: str

    @property
    def owner(self) -> str:
        """Whose key it is, as the table says it."""
        return f"{self.holder}:{self.holder_id}"


@dataclass(frozen=True, slots=True)
class Replay:
    """The first answer to a key."""

    story_id: str | None
    answer: str


def sent_by(actor: Actor, key: str, body: bytes, *, call: str = STORIES) -> Sent:
    """What `actor` sends under `key` to a `call`; the colleagues of an organization or outlet share their keys."""
    holders = {
        "organization": actor.organization_id,
        "outlet": actor.outlet_id,
        "user": actor.user_id,
        "key": actor.key_id,
    }
    holder, holder_id = next((name, row_id) for name, row_id in holders.items() if row_id is not None)
    content = f"{call}\n".encode() + body if call else body
    return Sent(holder, holder_id, key, hashlib.sha256(content).hexdigest())


def find_replay(session: Session, sent: Sent) -> Replay | None:
    """The answer this key was given before; locks its holder, so that two same pushes wait for each other.

    Raises KeyReused when the key came with another call or other bytes.
    """
    _lock(session, sent)
    row = session.get(Idempotency, (sent.owner, sent.key))
    if row is None:
        return None
    if row.content_digest != sent.digest:
        raise KeyReused(idempotency_key=sent.key)
    return Replay(row.story_id, row.answer)


def remember(session: Session, sent: Sent, *, answer: str, now: datetime, story_id: str | None = None) -> None:
    """Keep the answer with the transaction that earned it; `story_id` is the story that it tells of."""
    session.add(
        Idempotency(
            owner=sent.owner,
            key=sent.key,
            content_digest=sent.digest,
            story_id=story_id,
            answer=answer,
            created_at=now,
        )
    )


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop answers older than KEPT."""
    session.execute(delete(Idempotency).where(Idempotency.created_at < now - KEPT))


def _lock(session: Session, sent: Sent) -> None:
    """On SQLite a writing transaction is alone anyhow."""
    if session.get_bind().dialect.name != "sqlite":
        holder = _HOLDERS[sent.holder]
        session.execute(select(holder.id).where(holder.id == sent.holder_id).with_for_update())
