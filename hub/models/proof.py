"""What proves the rest: signing keys, signatures of released versions, journal checkpoints, manifests of channels."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base


class SigningKey(Base):
    """An Ed25519 key that signs for one base address; retired ones stay, so that what they signed can be checked."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(String(43), primary_key=True)  # its RFC 7638 thumbprint
    issuer: Mapped[str] = mapped_column(String(500))
    public: Mapped[dict[str, Any]]  # JWK (RFC 8037)
    sealed: Mapped[str] = mapped_column(Text)  # the private part under the hub's secret; empty when it was destroyed
    created_at: Mapped[datetime]
    active_from: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class Signature(Base):
    """The signature of a released version: the issuer-signed JWT of an SD-JWT (RFC 9901)."""

    __tablename__ = "signatures"

    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    kid: Mapped[str] = mapped_column(ForeignKey("signing_keys.kid"))
    at: Mapped[datetime]  # to the second
    jws: Mapped[str] = mapped_column(Text)


class Checkpoint(Base):
    """A signed state of the journal and of every ledger."""

    __tablename__ = "checkpoints"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # the journal's newest row
    digest: Mapped[str] = mapped_column(String(64))  # of that row
    kid: Mapped[str] = mapped_column(ForeignKey("signing_keys.kid"))
    at: Mapped[datetime]
    jws: Mapped[str] = mapped_column(Text)


class Manifest(Base):
    """What a channel held on a day, signed: so that a gap or an old copy can be proved."""

    __tablename__ = "manifests"
    __table_args__ = (Index("ix_manifests_day", "day"),)

    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)  # YYYY-MM-DD in Việt Nam
    number: Mapped[int]  # the ledger's newest row
    kid: Mapped[str] = mapped_column(ForeignKey("signing_keys.kid"))
    at: Mapped[datetime]
    jws: Mapped[str] = mapped_column(Text)
