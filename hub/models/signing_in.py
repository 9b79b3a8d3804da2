"""How people sign in: passwords, second factors with their recovery codes, sessions, and tokens that came by mail.

No secret stands here as it is: passwords as argon2id, the secret of a second factor sealed, the rest as digests.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.db import Base
from hub.models.accounts import User


class Password(Base):
    """The password of a user, as argon2id says it (parameters, salt and hash in one text)."""

    __tablename__ = "passwords"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(255))
    set_at: Mapped[datetime]


class SecondFactor(Base):
    """The secret that a user's device makes codes of (RFC 6238), sealed; it counts once a first code was right."""

    __tablename__ = "second_factors"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(Text)
    last_step: Mapped[int] = mapped_column(BigInteger)  # of the last code taken: none of it or before is taken again
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code that opens once in place of the second factor; only its HMAC under the hub's secret is kept."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("user_id", "mac"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    mac: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignedIn(Base):
    """A session: somebody who has signed in on a device. Of its token only the SHA-256 is kept."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_seen_at", "seen_at"), {"sqlite_autoincrement": True})  # the journal names them

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(12))  # open; code: the second factor is missing, nothing opens
    shared_device: Mapped[bool]
    agent: Mapped[str] = mapped_column(String(80))  # "Firefox, Android"
    place: Mapped[str] = mapped_column(String(60))  # the address, shortened
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]  # whatever happens

    user: Mapped[User] = relationship(lazy="raise")


class Invitation(Base):
    """A token by mail that lets its user set a password once: an invitation, or a reset.

    The token is made when the letter is written, so until then there is no digest, and no end.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        Index("ix_invitations_user_id_created_at", "user_id", "created_at"),
        {"sqlite_autoincrement": True},  # letters are named after them: none is given twice
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(12))  # invitation, reset
    sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise")
