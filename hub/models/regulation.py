"""The regulation in its editions, and what follows from it and the journal: who owes what by when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base

_RUNS = text("ended_at IS NULL")


class Edition(Base):
    """A regulation as it was adopted; in force from `effective_at` until the next one's."""

    __tablename__ = "editions"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(500))
    document: Mapped[str] = mapped_column(Text)  # the very text that was adopted
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of it
    adopted_at: Mapped[datetime]
    effective_at: Mapped[datetime] = mapped_column(index=True)


class Duty(Base):
    """What somebody owes under a clause. Derived: the journal, the editions and the calendar give it again."""

    __tablename__ = "duties"
    __table_args__ = (
        Index("ix_duties_owner", "owner_kind", "owner", "due_at", "id"),
        Index("ix_duties_due_at_id", "due_at", "id"),
        Index("ix_duties_story_id", "story_id"),
        Index("ix_duties_open", "owner_kind", "due_at", "id", sqlite_where=_RUNS, postgresql_where=_RUNS),
        Index("ix_duties_open_story", "story_id", "owner_kind", sqlite_where=_RUNS, postgresql_where=_RUNS),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id"))
    clause: Mapped[str] = mapped_column(String(12))  # with its paragraph, such as 10.1
    owner_kind: Mapped[str] = mapped_column(String(20))  # organization, outlet or desk
    owner: Mapped[str] = mapped_column(String(80))  # a code; empty for the desk
    story_id: Mapped[str | None] = mapped_column(String(32))
    period: Mapped[str] = mapped_column(String(10), default="")  # such as 2026-Q4, of what the calendar opens
    key: Mapped[str] = mapped_column(String(200), index=True)  # by which journal rows find it
    opened_by: Mapped[int]  # number of a journal row; 0 for the calendar
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    next_due_at: Mapped[datetime | None] = mapped_column(index=True)  # when a timer has something to say
    state: Mapped[str] = mapped_column(String(10))  # open, late; met, met_late, waived, lapsed
    evidence: Mapped[list[Any]]  # numbers of the journal rows that count
    counted: Mapped[list[Any]]  # the people or stories those rows brought, where several are needed
    ended_at: Mapped[datetime | None]


class Waiver(Base):
    """Why a duty was waived; the journal chains its commitment."""

    __tablename__ = "duty_waivers"

    id: Mapped[int] = mapped_column(primary_key=True)
    duty_id: Mapped[str] = mapped_column(String(32), index=True)
    note: Mapped[str] = mapped_column(Text)
    actor_name: Mapped[str] = mapped_column(String(300))
    salt: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
