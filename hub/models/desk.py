"""What desks find and see: the words stories are found by, and who is looking at one just now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base


class StoryWord(Base):
    """A word that a story's newest version is found by, folded; or a fact of it, such as ``topic:…``. Derived."""

    __tablename__ = "story_words"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    word: Mapped[str] = mapped_column(String(80), primary_key=True)
    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id"), primary_key=True, index=True)


class Presence(Base):
    """Somebody at the desk who has a story open. Lives for minutes."""

    __tablename__ = "presences"

    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(index=True)
