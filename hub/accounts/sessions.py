"""Sessions: who has signed in on which device, in rows that can be listed and ended.

A token has 256 random bits and lies in a cookie; here its SHA-256 is kept. A session ends 12 hours after it was last
used and after 30 days in any case, on a device that others use, too, after half an hour of rest. One that waits for
its second factor opens nothing, and is given a new token once that has come: the old one is dead then.
Source: OWASP ASVS 5.0 §7; NIST SP 800-63B-4 §5.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session, joinedload

from hub.models import SignedIn, User

TOKEN_BYTES = 32
IDLE, IDLE_SHARED, LONGEST = timedelta(hours=12), timedelta(minutes=30), timedelta(days=30)
TO_TYPE_A_CODE = timedelta(minutes=10)
SEEN_EVERY = timedelta(minutes=1)  # more exactly nobody needs to know it
OPEN, CODE = "open", "code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What is known of a device: words for people (`hub.accounts.devices`), and whether others use it, too."""

    agent: str = ""
    place: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """A session that has begun: its row, and the token that is told once."""

    row: SignedIn
    token: str


def begin(session: Session, user_id: int, device: Device, *, waits_for_code: bool = False, now: datetime) -> Begun:
    """Begin a session, open or waiting for its second factor."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = SignedIn(
        user_id=user_id,
        sha256=digest(token),
        state=CODE if waits_for_code else OPEN,
        shared_device=device.shared,
        agent=device.agent[:80],
        place=device.place[:60],
        created_at=now,
        seen_at=now,
        expires_at=now + (TO_TYPE_A_CODE if waits_for_code else LONGEST),
    )
    session.add(row)
    session.flush()
    return Begun(row, token)


def admit(session: Session, waiting: SignedIn, *, now: datetime) -> Begun | None:
    """End a session that waited for its second factor, and begin the open one that comes after it.

    None where it does not wait any more: somebody ended it, or another code was quicker.
    """
    device = Device(agent=waiting.agent, place=waiting.place, shared=waiting.shared_device)
    ended = delete(SignedIn).where(SignedIn.id == waiting.id, SignedIn.state == CODE).returning(SignedIn.id)
    if session.execute(ended).first() is None:
        return None
    return begin(session, waiting.user_id, device, now=now)


def find(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """The session of a token, with its user; None when it has ended, or the user's account is closed."""
    if not token or len(token) > 100:
        return None
    query = (
        select(SignedIn)
        .join(User, User.id == SignedIn.user_id)
        .where(SignedIn.sha256 == digest(token), _lives(now), User.closed_at.is_(None))
        .options(joinedload(SignedIn.user, innerjoin=True))
    )
    return session.scalar(query)


def list_of(session: Session, user_id: int, *, now: datetime, limit: int | None = None) -> Sequence[SignedIn]:
    """A user's open sessions, the one used last first."""
    query = select(SignedIn).where(SignedIn.user_id == user_id, SignedIn.state == OPEN, _lives(now))
    return session.scalars(query.order_by(SignedIn.seen_at.desc(), SignedIn.id.desc()).limit(limit)).all()


def end(session: Session, user_id: int, session_id: int) -> bool:
    """End one of a user's sessions; False where there is none of this number (any more)."""
    query = delete(SignedIn).where(SignedIn.user_id == user_id, SignedIn.id == session_id)
    return session.execute(query.returning(SignedIn.id)).first() is not None


def end_all(session: Session, user_id: int, *, but: int | None = None) -> int:
    """End a user's sessions, all or all but one; returns how many."""
    query = delete(SignedIn).where(SignedIn.user_id == user_id)
    if but is not None:
        query = query.where(SignedIn.id != but)
    return len(session.execute(query.returning(SignedIn.id)).all())


def renew(session: Session, row: SignedIn) -> str:
    """A new token for an open session; the old one is dead."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.execute(update(SignedIn).where(SignedIn.id == row.id).values(sha256=digest(token)))
    return token


def is_to_be_noted(row: SignedIn, *, now: datetime) -> bool:
    """Was it seen so long ago that it should be written down?"""
    return now - row.seen_at >= SEEN_EVERY


def mark_seen(session: Session, marks: Mapping[int, datetime]) -> None:
    """Write down when sessions were last used, where that is later than what stands there."""
    for session_id, at in marks.items():
        session.execute(update(SignedIn).where(SignedIn.id == session_id, SignedIn.seen_at < at).values(seen_at=at))


def sweep(session: Session, *, now: datetime) -> None:
    """Forget what has ended."""
    session.execute(delete(SignedIn).where(or_(SignedIn.expires_at <= now, SignedIn.seen_at <= now - IDLE)))


def digest(token: str) -> str:
    """What is kept of a token: hex SHA-256; the token has too many bits to be guessed from it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _lives(now: datetime) -> ColumnElement[bool]:
    rested = or_(
        and_(SignedIn.shared_device.is_(False), SignedIn.seen_at > now - IDLE),
        and_(SignedIn.shared_device.is_(True), SignedIn.seen_at > now - IDLE_SHARED),
    )
    return and_(SignedIn.expires_at > now, rested)
