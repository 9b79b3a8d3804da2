"""Kept bytes: derived from the ledger, and always to be rebuilt from it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base


class Fragment(Base):
    """One entry in one format, for one variant of its channel; `body` is None where rendering failed."""

    __tablename__ = "fragments"

    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True)
    format: Mapped[str] = mapped_column(String(10), primary_key=True)
    variant: Mapped[str] = mapped_column(String(20), primary_key=True)
    revision: Mapped[int]  # the entry's, when rendered
    renderer: Mapped[str] = mapped_column(String(40))  # what code, for which base address
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    fault: Mapped[str] = mapped_column(Text, default="")


class Document(Base):
    """The joined entries of a channel's first page; the head is added per address when served."""

    __tablename__ = "documents"

    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"), primary_key=True)
    format: Mapped[str] = mapped_column(String(10), primary_key=True)
    variant: Mapped[str] = mapped_column(String(20), primary_key=True)
    revision: Mapped[int]  # the channel's, when rendered; an older one is never served
    renderer: Mapped[str] = mapped_column(String(40))  # what code, for which base address
    body: Mapped[bytes] = mapped_column(LargeBinary)
    etag: Mapped[str] = mapped_column(String(64))  # SHA-256 of body
    count: Mapped[int]
    previous: Mapped[str] = mapped_column(String(60), default="")  # the page of the archive that it leads to
    rendered_at: Mapped[datetime]


class Reading(Base):
    """That a key read a channel in a format: when last, with which reader, and up to which number of the ledger."""

    __tablename__ = "readings"

    key_id: Mapped[int] = mapped_column(ForeignKey("keys.id"), primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"), primary_key=True, index=True)
    format: Mapped[str] = mapped_column(String(10), primary_key=True)  # as documents call it, or "changes"
    reader: Mapped[str] = mapped_column(String(40), default="")
    number: Mapped[int]
    at: Mapped[datetime]
