"""What the portal lists and searches: derived from public entries, and always to be rebuilt from them.

The words of each listing lie in `search_words`, which every kind of database indexes in its own way: a virtual table
(FTS5) of SQLite, a plain one with `tsvector` columns of PostgreSQL. `hub.publishing.words` alone speaks to it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base


class Listing(Base):
    """A story as the portal lists it: what its entry in the first public channel that has it showed at a revision."""

    __tablename__ = "listings"
    __table_args__ = (Index("ix_listings_waiting_id", "waiting", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id"), unique=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"), index=True)  # None: never read yet
    revision: Mapped[int] = mapped_column(default=0)  # of the entry, when it was read; with another one it is not shown
    waiting: Mapped[bool] = mapped_column(default=True)  # an entry of the story has changed since


class ListingMark(Base):
    """Where a listing belongs: a topic, an organization, a place, a movement, a kind, a year; or all, newest first."""

    __tablename__ = "listing_marks"
    __table_args__ = (
        Index("ix_listing_marks_order", "dimension", "code", "published", "listing_id"),
        Index("ix_listing_marks_listing_id", "listing_id"),
    )

    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"), primary_key=True, autoincrement=False)
    dimension: Mapped[str] = mapped_column(String(20), primary_key=True)
    code: Mapped[str] = mapped_column(String(200), primary_key=True)  # as it stands in addresses
    label: Mapped[str] = mapped_column(String(300), default="")  # as the story says it, where no vocabulary does
    published: Mapped[datetime]
