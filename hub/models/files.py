"""Files that come in: tables of stories, row by row, and large pictures and films, piece by piece."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base


class Import(Base):
    """A table of stories that an organization sent; the worker takes its rows in portions."""

    __tablename__ = "imports"
    __table_args__ = (Index("ix_imports_organization_id_created_at", "organization_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # who sent it, where a person did
    name: Mapped[str] = mapped_column(String(200))  # of the file
    state: Mapped[str] = mapped_column(String(12))  # running, finished, ended (by hand), closed (with the unit)
    unknown: Mapped[list[str]]  # headings that name no column
    total: Mapped[int]  # rows
    done: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)  # drafts that are new
    changed: Mapped[int] = mapped_column(default=0)  # drafts that were there and follow their row
    same: Mapped[int] = mapped_column(default=0)  # rows that had come before
    faulty: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]


class ImportRow(Base):
    """A row of such a table. Once it is a story its cells go; a faulty one keeps them to be mended, for a month."""

    __tablename__ = "import_rows"
    __table_args__ = (Index("ix_import_rows_import_id_state_line", "import_id", "state", "line"),)

    import_id: Mapped[str] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)  # as people see it in their program
    state: Mapped[str] = mapped_column(String(12))  # waiting, created, changed, same, faulty
    cells: Mapped[dict[str, Any]]  # by column code
    faults: Mapped[list[Any]]  # column, pointer, code, facts
    story_id: Mapped[str | None] = mapped_column(ForeignKey("stories.id"), index=True)


class PartialUpload(Base):
    """A file that comes in pieces. Its bytes lie beside the media; how many there are, the file itself says."""

    __tablename__ = "partial_uploads"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(40))
    length: Mapped[int] = mapped_column(BigInteger)  # bytes, of the whole
    digest: Mapped[str] = mapped_column(String(64), default="")  # SHA-256 in hex, where the sender said it
    kept: Mapped[int] = mapped_column(BigInteger, default=0)  # bytes that are safe on disk
    upload_id: Mapped[str | None] = mapped_column(ForeignKey("uploads.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime] = mapped_column(index=True)  # when the last piece came


class WordReading(Base):
    """A Word file that somebody sent, and what was found in it. The file and its pictures lie among the media."""

    __tablename__ = "word_readings"
    __table_args__ = (
        Index("ix_word_readings_state_created_at", "state", "created_at"),
        Index("ix_word_readings_user_id_digest", "user_id", "digest"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))  # who sent it; nobody else sees it
    name: Mapped[str] = mapped_column(String(200))  # of the file
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 in hex
    length: Mapped[int]  # bytes
    state: Mapped[str] = mapped_column(String(12))  # queued, reading, ready, refused, drafted
    choice: Mapped[str] = mapped_column(String(16))  # what is to be done with legacy text, beside what is always shown
    progress: Mapped[dict[str, Any]]  # step, paragraphs
    found: Mapped[dict[str, Any]]  # empty until it is ready; see `hub.intake.word_readings`
    refusal: Mapped[dict[str, Any]]  # code, facts
    draft_id: Mapped[str] = mapped_column(String(32))  # of the draft that it becomes, however often that is asked for
    tries: Mapped[int]
    held_until: Mapped[datetime | None]  # by the process that reads it; after that another one may
    created_at: Mapped[datetime] = mapped_column(index=True)
    begun_at: Mapped[datetime | None]
