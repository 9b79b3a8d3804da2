"""Who is who: organizations in their tree and in time, press agencies, users and their roles, and keys."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from feeds.text import fold
from hub.db import Base

SPAN = ("valid_from", "valid_to")


class Organization(Base):
    """A unit that submits stories, as it is today; what it was and will be stands in its states.

    The tree has any depth; a root has no parent. The code is its identity and never changes. Once `ended_on` has come,
    duties, rights and keys resolve to the successor, where there is one.
    """

    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    system: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(60))
    level: Mapped[str] = mapped_column(String(40), default="")
    commune: Mapped[str] = mapped_column(String(120), default="")
    province: Mapped[str] = mapped_column(String(120), default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    created_at: Mapped[datetime]
    ended_on: Mapped[date | None]  # the first day it is no more
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    folded: Mapped[str] = mapped_column(Text, default="")  # code and name, as search compares them

    @validates("code", "name")
    def _fold(self, column: str, said: str) -> str:
        self.folded = fold(f"{said} {self.name or ''}" if column == "code" else f"{self.code or ''} {said}")
        return said

    def is_over(self, on: date) -> bool:
        """Has it ended by this day?"""
        return self.ended_on is not None and self.ended_on <= on


class OrganizationState(Base):
    """What an organization was called and where it stood, from a day on and before another."""

    __tablename__ = "organization_states"
    __table_args__ = (UniqueConstraint("organization_id", "valid_from"), Index("ix_organization_states_span", *SPAN))

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]  # the first day on which it no longer holds
    name: Mapped[str] = mapped_column(String(300))
    system: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(60))
    level: Mapped[str] = mapped_column(String(40), default="")
    commune: Mapped[str] = mapped_column(String(120), default="")
    province: Mapped[str] = mapped_column(String(120), default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))


class RegisterEvent(Base):
    """What happened to an organization, a press agency or an outlet: merge, split, rename, move or close.

    One row for each one that gives and each that takes; codes, since those are for ever.
    """

    __tablename__ = "register_events"
    __table_args__ = (Index("ix_register_events_subject", "register", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    register: Mapped[str] = mapped_column(String(20))  # organization, agency, outlet
    kind: Mapped[str] = mapped_column(String(20))
    on: Mapped[date]
    decision: Mapped[str] = mapped_column(String(200))  # its number, as printed
    subject: Mapped[str] = mapped_column(String(80))
    successor: Mapped[str] = mapped_column(String(80), default="")
    heir: Mapped[bool] = mapped_column(default=False)  # of several that a split makes, the one who inherits
    recorded_at: Mapped[datetime]


class Agency(Base):
    """A press agency; outlets belong to one."""

    __tablename__ = "agencies"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    ended_on: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))


class User(Base):
    """A person who works with the hub. (Those whom stories tell of are persons.)"""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    language: Mapped[str] = mapped_column(String(5), default="vi")
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    folded: Mapped[str] = mapped_column(Text, default="")  # name and e-mail, as search compares them

    @validates("name", "email")
    def _fold(self, column: str, said: str) -> str:
        self.folded = fold(f"{said} {self.email or ''}" if column == "name" else f"{self.name or ''} {said}")
        return said


class Membership(Base):
    """A role of a user in an organization, reaching all below it, or at an outlet; from a day on, before another."""

    __tablename__ = "memberships"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    outlet_id: Mapped[int | None] = mapped_column(ForeignKey("outlets.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    user: Mapped[User] = relationship(lazy="raise")


class Delegation(Base):
    """While somebody is away another user has their roles, from a day on and before another.

    `within_id` is the organization that whoever decided it administers, where that is not the whole hub: no role that
    lies elsewhere is part of it, not even one that is given later.
    """

    __tablename__ = "delegations"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))  # who is away
    deputy_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    within_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))


class Key(Base):
    """A secret somebody holds; only its SHA-256 is kept. `kind`: see hub.accounts.keys."""

    __tablename__ = "keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    prefix: Mapped[str] = mapped_column(String(16))  # what people recognise it by
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(200), default="")
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    outlet_id: Mapped[int | None] = mapped_column(ForeignKey("outlets.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    with_contacts: Mapped[bool] = mapped_column(default=False)  # address keys only: telephone numbers may show
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
