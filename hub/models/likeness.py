"""Near-duplicates: signatures of stories and where they stand in the index, what was found, and who is credited."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base


class LikenessSignature(Base):
    """The MinHash signature of a story's newest checked version. Derived: it can always be made again."""

    __tablename__ = "likeness_signatures"

    id: Mapped[int] = mapped_column(primary_key=True)  # a new one with each signature, so newer ones are higher
    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id"), unique=True)
    version: Mapped[int]
    scheme: Mapped[int]  # the SIGNATURE_VERSION it was made by
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    checked_at: Mapped[datetime]


class LikenessBand(Base):
    """One bucket that a signature stands in; the key is the index that a look-up reads. Derived."""

    __tablename__ = "likeness_bands"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    bucket: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    signature_id: Mapped[int] = mapped_column(
        ForeignKey("likeness_signatures.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )


class LikenessRebuild(Base):
    """How far all stories have been signed by a scheme. Derived: without it they are signed from the first on."""

    __tablename__ = "likeness_rebuilds"

    scheme: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    after: Mapped[str] = mapped_column(String(32), default="")  # the last story that was looked at
    finished_at: Mapped[datetime | None]


class Likeness(Base):
    """Two stories that seem to tell the same deed, and what people decided. Stored both ways round."""

    __tablename__ = "likenesses"
    __table_args__ = (Index("ix_likenesses_other_id", "other_id"),)

    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id"), primary_key=True)
    other_id: Mapped[str] = mapped_column(ForeignKey("stories.id"), primary_key=True)
    similarity: Mapped[float | None]  # share of wording in common; None: joined without having been found
    found_at: Mapped[datetime]
    decision: Mapped[str] = mapped_column(String(20), default="")  # dismissed, joined; empty while open
    decided_by: Mapped[str] = mapped_column(String(20), default="")  # a role
    decided_by_id: Mapped[int | None]
    decided_by_name: Mapped[str] = mapped_column(String(300), default="")
    decided_at: Mapped[datetime | None]


class StorySupplier(Base):
    """Who is credited for a story that others were joined into: its own organization first, under the name of then."""

    __tablename__ = "story_suppliers"
    __table_args__ = (
        UniqueConstraint("story_id", "source_id"),
        Index("ix_story_suppliers_source_id", "source_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id"))
    source_id: Mapped[str] = mapped_column(ForeignKey("stories.id"))  # the story it was told in; itself for its own
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    name: Mapped[str] = mapped_column(String(300))  # as of the submission
    submitted_at: Mapped[datetime]
    at: Mapped[datetime]
