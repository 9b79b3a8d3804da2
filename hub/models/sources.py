"""Feeds of others that the hub reads: organizations' own sites, and outlets' public ones; and what was seen in them.

Of an entry only hashes are kept, and which story it became: what it said stands in the story's versions alone.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base


class Source(Base):
    """A feed of an organization, whose entries become drafts, or of an outlet, whose entries may be uses."""

    __tablename__ = "sources"
    __table_args__ = (
        Index("ix_sources_state_next_at", "state", "next_at"),
        {"sqlite_autoincrement": True},  # the journal names sources by number: none is given twice
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    outlet_id: Mapped[int | None] = mapped_column(ForeignKey("outlets.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))  # pull, watch
    url: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of whose it is, and the address
    state: Mapped[str] = mapped_column(String(12))  # live, flagged, paused
    fault: Mapped[str] = mapped_column(String(40), default="")  # why it is flagged or paused: of pulling.faults
    failures: Mapped[int] = mapped_column(default=0)  # polls that failed or were odd, one after the other
    interval_minutes: Mapped[int]
    asked_minutes: Mapped[int | None]  # how long the feed itself asks to be left alone
    etag: Mapped[str] = mapped_column(String(500), default="")
    last_modified: Mapped[str] = mapped_column(String(100), default="")
    next_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    good_at: Mapped[datetime | None]  # when it was last read without a fault
    claim: Mapped[str] = mapped_column(String(32), default="")  # of whoever is reading it
    claimed_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class SourceItem(Base):
    """An entry that was seen in a source."""

    __tablename__ = "source_items"
    __table_args__ = (
        UniqueConstraint("source_id", "key"),
        Index("ix_source_items_source_id_link", "source_id", "link"),
        Index("ix_source_items_source_id_words", "source_id", "words"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64))  # SHA-256 of its guid
    link: Mapped[str] = mapped_column(String(64), default="")  # SHA-256 of its address
    words: Mapped[str] = mapped_column(String(64))  # SHA-256 of its folded words
    digest: Mapped[str] = mapped_column(String(64))  # of the draft that it made, or would make
    outcome: Mapped[str] = mapped_column(String(12))  # of pulling.outcomes
    story_id: Mapped[str | None] = mapped_column(ForeignKey("stories.id"), index=True)
    version: Mapped[int] = mapped_column(default=0)  # the newest that came from here; 0: none
    seen_at: Mapped[datetime]
