"""What people of outlets have seen of a channel, and by which words the entries of a channel are found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base

BY_BYTES = String(80).with_variant(String(80, collation="C"), "postgresql")  # so that a beginning is a range


class ChannelVisit(Base):
    """Up to which number of a channel's ledger somebody says they have seen it."""

    __tablename__ = "channel_visits"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"), primary_key=True, autoincrement=False)
    number: Mapped[int]
    at: Mapped[datetime]


class InboxLine(Base):
    """What an entry is found by at its outlet's desk, as it stood at a revision; derived, and always to be rebuilt."""

    __tablename__ = "inbox_lines"
    __table_args__ = (Index("ix_inbox_lines_waiting_channel_id", "waiting", "channel_id", "entry_id"),)

    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True, autoincrement=False)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    revision: Mapped[int]  # of the entry; with another one the line is not used
    words: Mapped[str] = mapped_column(Text)  # folded, with a space before and after each
    waiting: Mapped[bool]  # to be made anew


class InboxWord(Base):
    """A folded word of a line, or a topic of it (``:topic:…``): by it the line is looked up within its channel."""

    __tablename__ = "inbox_words"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"), primary_key=True, autoincrement=False)
    word: Mapped[str] = mapped_column(BY_BYTES, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True, autoincrement=False, index=True)
