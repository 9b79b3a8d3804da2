"""Invitations and resets: tokens by mail that let a user set a password, once.

The token is made when its letter is written, a moment before it is sent: it is in the letter alone, here is its
SHA-256. It holds from then on, however long the letter waited for the mail server.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from hub.accounts.sessions import digest
from hub.errors import Gone
from hub.models import Invitation, User

TOKEN_BYTES = 32
INVITATION, RESET = "invitation", "reset"
HOLDS = {INVITATION: timedelta(hours=72), RESET: timedelta(hours=1)}
RESETS_AN_HOUR = 3
KEEP = timedelta(days=30)


class LinkOver(Gone):
    """The address from the letter was used, is too old, or never was one."""

    key = "error.link_over"


def prepare(session: Session, user: User, kind: str, *, now: datetime) -> Invitation:
    """A new invitation or reset, whose token comes with its letter; earlier ones of the kind are over."""
    revoke(session, user.id, kind=kind, now=now)
    row = Invitation(user_id=user.id, kind=kind, created_at=now)
    session.add(row)
    session.flush()
    return row


def mint(session: Session, invitation_id: int, *, now: datetime) -> str | None:
    """The token for the letter that is being written; None where it is not wanted any more.

    A letter that is written again (its first writing never left) has a new one, and the first is dead.
    """
    row = session.get(Invitation, invitation_id, with_for_update=True)
    if row is None or row.used_at is not None:
        return None
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row.sha256, row.expires_at = digest(token), now + HOLDS[row.kind]
    session.flush()
    return token


def get(session: Session, token: str, *, now: datetime, locked: bool = False) -> Invitation:
    """The invitation of a token, with its user. Raises LinkOver."""
    query = (
        select(Invitation)
        .join(User, User.id == Invitation.user_id)
        .where(
            Invitation.sha256 == digest(token[:200]),
            Invitation.used_at.is_(None),
            Invitation.expires_at > now,
            User.closed_at.is_(None),
        )
        .options(joinedload(Invitation.user, innerjoin=True))
    )
    if locked:
        query = query.with_for_update(of=Invitation).execution_options(populate_existing=True)
    row = session.scalar(query)
    if row is None:
        raise LinkOver()
    return row


def revoke(session: Session, user_id: int, *, kind: str | None = None, now: datetime) -> None:
    """What a user was sent before opens nothing any more."""
    query = update(Invitation).where(Invitation.user_id == user_id, Invitation.used_at.is_(None))
    if kind is not None:
        query = query.where(Invitation.kind == kind)
    session.execute(query.values(used_at=now, sha256=None))


def may_reset(session: Session, user: User, *, now: datetime) -> bool:
    """Has this user not been sent enough of these letters within the hour?"""
    query = select(func.count()).where(
        Invitation.user_id == user.id, Invitation.kind == RESET, Invitation.created_at > now - timedelta(hours=1)
    )
    return user.closed_at is None and (session.scalar(query) or 0) < RESETS_AN_HOUR


def sweep(session: Session, *, now: datetime) -> None:
    """Forget what is over for long."""
    old = or_(Invitation.used_at < now - KEEP, Invitation.expires_at < now - KEEP)
    session.execute(delete(Invitation).where(old))
