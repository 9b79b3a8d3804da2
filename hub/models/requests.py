"""What outlets ask organizations to cover, and what these answer.

Texts stand here only; the journal chains their commitments.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.db import Base
from hub.models.accounts import Organization
from hub.models.outlets import Outlet


class CoverageRequest(Base):
    """An outlet's wish to tell of a place, a theme or a person."""

    __tablename__ = "coverage_requests"
    __table_args__ = (
        Index("ix_coverage_requests_outlet_id_id", "outlet_id", "id"),
        Index("ix_coverage_requests_organization_id_id", "organization_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    reach: Mapped[str] = mapped_column(String(20))  # organization, below (it and all below it) or all
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))  # None: all
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text, default="")
    topics: Mapped[list[Any]] = mapped_column(default=list)  # codes of the vocabulary topics
    place: Mapped[str] = mapped_column(String(300), default="")
    person: Mapped[str] = mapped_column(String(200), default="")
    needed_by: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(20))  # a hub.regulation.filed.request_states.RequestState
    actor_name: Mapped[str] = mapped_column(String(300))
    salt: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]

    outlet: Mapped[Outlet] = relationship(lazy="raise")
    organization: Mapped[Organization | None] = relationship(lazy="raise")


class RequestAnswer(Base):
    """What an organization, or the outlet itself, says to a request."""

    __tablename__ = "request_answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("coverage_requests.id"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))  # None: the outlet
    answer: Mapped[str] = mapped_column(String(20))  # a hub.regulation.filed.request_states.Move
    question_id: Mapped[int | None] = mapped_column(ForeignKey("request_answers.id"))  # that a reply is to
    story_id: Mapped[str | None] = mapped_column(ForeignKey("stories.id"))
    due_on: Mapped[date | None]
    text: Mapped[str] = mapped_column(Text, default="")
    actor_name: Mapped[str] = mapped_column(String(300))
    salt: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]

    request: Mapped[CoverageRequest] = relationship(lazy="raise")
    organization: Mapped[Organization | None] = relationship(lazy="raise")
