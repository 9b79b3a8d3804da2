"""What people see and change of their own account: name, language, keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from feeds.text import clean_text
from hub.errors import Invalid, Malformed, NotFound
from hub.models import Key, User
from hub.records import journal

LANGUAGES = ("vi", "en")
MAX_NAME = 200


class BadName(Invalid):
    """A name is not empty, and not longer than it can be kept."""

    key = "error.bad_name"


def change(session: Session, user_id: int, *, name: str, language: str) -> User:
    """Change one's name and language. Raises BadName, or Malformed for a language that the hub does not speak."""
    name = " ".join(clean_text(name).split())
    if not name or len(name) > MAX_NAME:
        raise BadName(most=MAX_NAME)
    if language not in LANGUAGES:
        raise Malformed()
    user = session.get_one(User, user_id)
    user.name, user.language = name, language
    return user


def list_keys(session: Session, user_id: int, *, now: datetime, limit: int) -> Sequence[Key]:
    """A user's own keys that open something, the newest first."""
    live = or_(Key.expires_at.is_(None), Key.expires_at > now)
    query = select(Key).where(Key.user_id == user_id, Key.revoked_at.is_(None), live)
    return session.scalars(query.order_by(Key.id.desc()).limit(limit)).all()


def revoke_key(session: Session, user_id: int, key_id: int, *, now: datetime) -> Key:
    """Revoke one of a user's own keys. Raises NotFound for any other."""
    row = session.scalar(
        select(Key).where(Key.id == key_id, Key.user_id == user_id, Key.revoked_at.is_(None)).with_for_update()
    )
    if row is None:
        raise NotFound(kind="key")
    row.revoked_at = now
    session.flush()
    journal.append(session, {"kind": "key_revoked", "key": row.id, "actor": f"user:{user_id}"}, at=now)
    return row
