"""Sealed reports: whom they are sealed to, the boxes, and what their reporters may be told.

Nothing here can be read without an auditor's private key, and nothing tells of a story, a sender or an hour: which
story a report is about stands inside the box only.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.db import Base


class AuditorKey(Base):
    """An auditor's public key; new reports are sealed to those that are not retired."""

    __tablename__ = "auditor_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))  # an office rather than a person: the report page shows it
    fingerprint: Mapped[str] = mapped_column(String(16), unique=True)
    public_key: Mapped[str] = mapped_column(String(80))  # aud_…
    added_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class Report(Base):
    """One sealed report. The id is random, so that it tells no order; the day is all that is kept of its time."""

    __tablename__ = "reports"

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    receipt_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    received_on: Mapped[str] = mapped_column(String(10))  # the day in Việt Nam, as 2026-11-23
    status: Mapped[str] = mapped_column(String(40))  # of the vocabulary report_statuses
    outcome: Mapped[str] = mapped_column(Text, default="")  # what an auditor lets the reporter know
    answered_on: Mapped[str | None] = mapped_column(String(10))

    parts: Mapped[list[ReportPart]] = relationship(lazy="raise", order_by="ReportPart.number")
    copies: Mapped[list[ReportCopy]] = relationship(lazy="raise", order_by="ReportCopy.fingerprint")


class ReportPart(Base):
    """A piece of a report's box, so that no row is large."""

    __tablename__ = "report_parts"

    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class ReportCopy(Base):
    """The key of a report's box, sealed to one auditor."""

    __tablename__ = "report_copies"

    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(ForeignKey("auditor_keys.fingerprint"), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
