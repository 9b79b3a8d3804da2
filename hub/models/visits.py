"""What people of outlets have seen of a channel, and by which words the entries of a channel are found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base


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

    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True, autoincrement=False)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"), index=True)
    revision: Mapped[int]  # of the entry; with another one the line is not used
    words: Mapped[str] = mapped_column(Text)  # folded, with a space before and after each
    topics: Mapped[str] = mapped_column(String(600))  # codes, in the same way
