"""Stories that people at a unit's desk are still writing: no version of anything yet, and nobody's but their unit's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base


class FormDraft(Base):
    """What a form holds so far, as a submission that may lack anything; gone once it is handed in or 90 days old."""

    __tablename__ = "form_drafts"
    __table_args__ = (
        Index("ix_form_drafts_organization_id_id", "organization_id", "id"),
        Index("ix_form_drafts_updated_at", "updated_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # who began it
    story_id: Mapped[str | None] = mapped_column(ForeignKey("stories.id"), unique=True)  # that it goes on with
    base_version: Mapped[int | None]  # of that story, which it was begun from
    document: Mapped[dict[str, Any]]
    saved_by: Mapped[str] = mapped_column(String(300))  # who saved it last
    revision: Mapped[int]  # moves with every change
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class FormDraftUpload(Base):
    """A picture that a draft names: it stays as long as the draft does."""

    __tablename__ = "form_draft_uploads"

    draft_id: Mapped[str] = mapped_column(ForeignKey("form_drafts.id", ondelete="CASCADE"), primary_key=True)
    upload_id: Mapped[str] = mapped_column(ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True, index=True)
