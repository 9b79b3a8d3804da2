"""What is sent out: people's choices, letters with their notices, webhooks with their deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.db import Base
from hub.models.accounts import User


class NoticeChoices(Base):
    """What a user wants to be told, and when; what is not chosen is as `choices.DEFAULTS` says."""

    __tablename__ = "notice_choices"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    kinds: Mapped[dict[str, Any]]  # kind: at_once, daily, none
    language: Mapped[str] = mapped_column(String(5), default="")  # empty: the user's own
    digest_hour: Mapped[int]  # 0 to 23, in Việt Nam
    updated_at: Mapped[datetime]


class Letter(Base):
    """One mail to one user: a notice sent at once, or a day's. `key` makes it the only one, also for its Message-ID.

    While it waits, a digest takes more notices. Once it is `sending` it is fixed; whoever dies then leaves it
    `doubtful`, since nobody can know whether the server took it.
    """

    __tablename__ = "letters"
    __table_args__ = (UniqueConstraint("user_id", "key"), Index("ix_letters_state_next_try_at", "state", "next_try_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    key: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(12))  # waiting, sending, sent, doubtful, dead, overtaken
    failures: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    claim: Mapped[str] = mapped_column(String(32), default="")
    claimed_until: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise")
    notices: Mapped[list[Notice]] = relationship(lazy="raise", order_by="Notice.id", back_populates="letter")


class Notice(Base):
    """One event for one user, in the letter that tells it."""

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("user_id", "event"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    event: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    facts: Mapped[dict[str, Any]]
    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]

    letter: Mapped[Letter] = relationship(lazy="raise", back_populates="notices")


class WebhookEndpoint(Base):
    """Where an organization's, outlet's or person's machine wants to be told. Secrets are kept sealed."""

    __tablename__ = "webhook_endpoints"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    outlet_id: Mapped[int | None] = mapped_column(ForeignKey("outlets.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    label: Mapped[str] = mapped_column(String(200), default="")
    url: Mapped[str] = mapped_column(Text)
    kinds: Mapped[list[str]]  # kinds of notices; none named: all of them
    secret: Mapped[str] = mapped_column(Text)
    former_secret: Mapped[str] = mapped_column(Text, default="")  # signs too, until `former_until`
    former_until: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(12), default="live")  # live, disabled
    fault: Mapped[str] = mapped_column(String(200), default="")  # why it fails or was disabled
    gone: Mapped[int] = mapped_column(default=0)  # answers 410, one after the other
    failing_since: Mapped[datetime | None]
    rest_until: Mapped[datetime | None]  # nothing is tried before
    created_at: Mapped[datetime]


class WebhookDelivery(Base):
    """One event for one endpoint, sent until it is taken, or dead after some three days."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event"),
        Index("ix_webhook_deliveries_state_next_try_at", "state", "next_try_at"),
        Index("ix_webhook_deliveries_endpoint_id_state_next_try_at", "endpoint_id", "state", "next_try_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    event: Mapped[str] = mapped_column(String(64))
    message_id: Mapped[str] = mapped_column(String(40))  # `webhook-id`: the same in every attempt
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))  # waiting, sending, sent, dead
    failures: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    claim: Mapped[str] = mapped_column(String(32), default="")  # of whoever is sending it
    claimed_until: Mapped[datetime | None]
    status: Mapped[int | None]  # the last answer's
    fault: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]

    endpoint: Mapped[WebhookEndpoint] = relationship(lazy="raise")
