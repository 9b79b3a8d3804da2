"""The consent ledger: whom stories are about, what each of them agreed to, the proof of it, and who was told to act."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.db import Base
from hub.models.outlets import Outlet


class Person(Base):
    """A person, collective or household that stories are about; what was erased keeps its id and nothing else."""

    __tablename__ = "persons"
    __table_args__ = (Index("ix_persons_organization_id_name_key", "organization_id", "name_key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    kind: Mapped[str] = mapped_column(String(20))  # individual, collective or household
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200))  # as it is looked for
    birth_year: Mapped[int | None]
    unit: Mapped[str] = mapped_column(String(200), default="")
    minor: Mapped[bool] = mapped_column(default=False)
    merged_into_id: Mapped[str | None] = mapped_column(ForeignKey("persons.id"), index=True)
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


class StoryPerson(Base):
    """Whom a version is about: its subject (place 0), and the guests by their place on the interview card."""

    __tablename__ = "story_persons"

    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    part: Mapped[str] = mapped_column(String(10), primary_key=True)  # subject or guest
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), index=True)

    person: Mapped[Person] = relationship(lazy="raise")


class Consent(Base):
    """One scope that a person agreed to, open until it ends. Days are ISO dates, empty when nobody said one."""

    __tablename__ = "consents"
    __table_args__ = (
        Index("ix_consents_person_id_end_reason", "person_id", "end_reason"),  # what a person took back
        Index("ix_consents_ended_at_expires_at", "ended_at", "expires_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    story_id: Mapped[str | None] = mapped_column(ForeignKey("stories.id"), index=True)  # None: all their stories
    scope: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]  # the version that brought it; 0 for an act
    outlets: Mapped[list[str]]  # codes it is limited to; empty: any
    audience: Mapped[str] = mapped_column(String(20), default="")  # the widest that may see it; empty: any
    form: Mapped[str] = mapped_column(String(200), default="")
    obtained_on: Mapped[str] = mapped_column(String(10), default="")
    expires_at: Mapped[datetime | None]
    guardian: Mapped[dict[str, Any]]  # name, relation, obtained_on; of an act also salt
    assent_on: Mapped[str] = mapped_column(String(10), default="")
    clearance: Mapped[dict[str, Any]]  # by, role, date; of an act also salt
    proof_id: Mapped[str | None] = mapped_column(ForeignKey("proofs.id"))
    opened_at: Mapped[datetime]
    opened_by: Mapped[str] = mapped_column(String(40))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(String(40), default="")
    end_reason: Mapped[str] = mapped_column(String(20), default="")  # replaced, narrowed, expired, withdrawn, erased


class Proof(Base):
    """The paper behind a consent, sealed: its bytes are encrypted, and only those who decide can ask for them."""

    __tablename__ = "proofs"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), index=True)
    story_id: Mapped[str | None] = mapped_column(String(32), index=True)  # it was handed in for, if any
    media_type: Mapped[str] = mapped_column(String(40))
    length: Mapped[int]  # bytes, before sealing
    sha256: Mapped[str] = mapped_column(String(64))  # of the file, before sealing
    sealed: Mapped[str] = mapped_column(Text)  # base64 of what only the hub's secret opens
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(40))


class Receipt(Base):
    """What an outlet that had a story was asked to do after consent went, and what it answered."""

    __tablename__ = "receipts"
    __table_args__ = (
        Index("ix_receipts_outlet_id_id", "outlet_id", "id"),
        Index("ix_receipts_answer_due_at", "answer", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id"), index=True)
    task: Mapped[str] = mapped_column(String(20))  # reduce: take out `fields`; withdraw: take down all of it
    channels: Mapped[list[str]]  # outlet/channel, where it stood
    fields: Mapped[list[str]]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(String(20), default="")  # done, already_printed, cannot
    note: Mapped[str] = mapped_column(Text, default="")
    salt: Mapped[str] = mapped_column(String(32), default="")  # of the note's commitment; empty until answered
    answered_at: Mapped[datetime | None]

    outlet: Mapped[Outlet] = relationship(lazy="raise")
