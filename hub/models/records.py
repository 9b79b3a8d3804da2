"""Small ledgers that every stage writes: journal, outbox, idempotency, leases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base


class JournalRow(Base):
    """One link of the journal's chain: `digest` covers `body` and the digest before it.

    `kind` and `actor` are what the body says, cut to their length, so that rows are found by them; the chain does not
    cover them.
    """

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_kind_number", "kind", "number"),
        Index("ix_journal_actor_number", "actor", "number"),
        Index("ix_journal_kind_actor_number", "kind", "actor", "number"),
        Index("ix_journal_story_id_number", "story_id", "number"),
        Index("ix_journal_at_number", "at", "number"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    story_id: Mapped[str | None] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(40), default="", server_default="")
    actor: Mapped[str] = mapped_column(String(120), default="", server_default="")
    body: Mapped[str] = mapped_column(Text)  # canonical JSON (RFC 8785)
    digest: Mapped[str] = mapped_column(String(64))


class JournalHead(Base):
    """The end of the chain; locked last, so that the journal has one order."""

    __tablename__ = "journal_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]  # the latest instant of any row: a clock behind it is not believed


class Outbox(Base):
    """Work to be done after the commit, by the worker."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class Idempotency(Base):
    """The answer given to an Idempotency-Key, kept so that a replay hears the same."""

    __tablename__ = "idempotency"

    owner: Mapped[str] = mapped_column(String(40), primary_key=True)  # organization:3, outlet:2, user:7 or key:4
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    content_digest: Mapped[str] = mapped_column(String(64))  # of the call (but for stories) and the body
    story_id: Mapped[str | None] = mapped_column(ForeignKey("stories.id"), index=True)  # that the answer tells of
    answer: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(index=True)


class Lease(Base):
    """Who may act as the one worker, and until when."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime]


class Setting(Base):
    """A fact the hub keeps about itself, such as why releases stand still."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
