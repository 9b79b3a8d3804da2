"""What is sent out: people's choices, letters with their notices, webhooks with their deliveries."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.db import Base


class WebhookEndpoint(Base):
    """Where an organization's, outlet's or person's machine wants to be told. Secrets are kept sealed."""

    __tablename__ = "webhook_endpoints"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    outlet_id: Mapped[int | None] = mapped_column(ForeignKey("outlets.id"), index=True)
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
