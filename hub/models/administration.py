"""What administrators have begun: tables of organizations that wait until somebody agrees to their plan."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base


class TableDraft(Base):
    """A file as it was sent, and the plan that was shown for it; kept for a day.

    `plan_sha256` is that of the plan: where the register has changed since, another plan follows from the same file.
    """

    __tablename__ = "table_drafts"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    plan_sha256: Mapped[str] = mapped_column(String(64))
    decision: Mapped[str] = mapped_column(String(200))
    on: Mapped[date]
    children_up: Mapped[bool]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    steps: Mapped[int] = mapped_column(default=0)
