"""WebSub: who is pushed which topic, and what is still to be asked or told at a callback."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base


class Subscription(Base):
    """A callback that has agreed to be pushed a topic until its lease ends.

    `mark` is the channel's revision in the newest bytes it took: what is due is whoever lies behind, so a release
    writes no row for each of them. A topic under an unguessable address holds a key: it is sealed, and `key_id` names
    the key it dies with. The secret of the signatures is sealed, too.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (Index("ix_subscriptions_channel_id_mark", "channel_id", "mark"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of topic and callback
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    format: Mapped[str] = mapped_column(String(10))
    key_id: Mapped[int | None] = mapped_column(ForeignKey("keys.id"), index=True)
    topic: Mapped[str] = mapped_column(Text)
    callback: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(300))  # host:port of the callback
    secret: Mapped[str] = mapped_column(Text, default="")  # empty: pushes are not signed
    mark: Mapped[int]
    lease_until: Mapped[datetime] = mapped_column(index=True)
    failures: Mapped[int] = mapped_column(default=0)  # one after the other
    next_try_at: Mapped[datetime]
    claim: Mapped[str] = mapped_column(String(32), default="")  # of whoever is pushing to it
    claimed_until: Mapped[datetime | None]
    status: Mapped[int | None]  # the last answer's
    fault: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    renewed_at: Mapped[datetime]


class Intent(Base):
    """What a callback is to be asked (subscribe, unsubscribe) or told (denied); the newest one of each subscription."""

    __tablename__ = "intents"
    __table_args__ = (Index("ix_intents_next_try_at", "next_try_at"), Index("ix_intents_place", "place"))

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    mode: Mapped[str] = mapped_column(String(12))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    format: Mapped[str] = mapped_column(String(10))
    key_id: Mapped[int | None] = mapped_column(ForeignKey("keys.id"), index=True)
    topic: Mapped[str] = mapped_column(Text)
    callback: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(300))
    secret: Mapped[str] = mapped_column(Text, default="")
    lease_seconds: Mapped[int]
    mark: Mapped[int]  # the channel's revision when it was asked for: what comes later is pushed
    reason: Mapped[str] = mapped_column(String(40), default="")  # of a denial
    failures: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    claim: Mapped[str] = mapped_column(String(32), default="")
    claimed_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
