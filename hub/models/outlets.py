"""Who receives: outlets, their channels, and each channel's releases, entries and gap-free ledger."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.db import Base
from hub.models.accounts import Agency
from hub.models.stories import Version


class Outlet(Base):
    """A newspaper, a station, a bulletin, or the public."""

    __tablename__ = "outlets"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(300))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    created_at: Mapped[datetime]
    ended_on: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("outlets.id"))  # old addresses lead there

    agency: Mapped[Agency | None] = relationship(lazy="raise")


class AgencyState(Base):
    """What a press agency was called, from a day on and before another."""

    __tablename__ = "agency_states"
    __table_args__ = (UniqueConstraint("of_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    of_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]  # the first day on which it no longer holds
    name: Mapped[str] = mapped_column(String(300))


class OutletState(Base):
    """What an outlet was called and whose it was, from a day on and before another."""

    __tablename__ = "outlet_states"
    __table_args__ = (UniqueConstraint("of_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    of_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    name: Mapped[str] = mapped_column(String(300))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))


class Channel(Base):
    """One product of an outlet: selection + profile + audience, and the counters of its ledger.

    `head` and `head_at` move with the ledger; `revision` and `modified_at` move with everything that changes
    the channel's bytes, also what readers should not notice.
    """

    __tablename__ = "channels"
    __table_args__ = (UniqueConstraint("outlet_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    code: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(20), default="vi-VN")
    profile: Mapped[str] = mapped_column(String(40))
    fields: Mapped[list[str]]  # the paths the profile lists
    audience: Mapped[str] = mapped_column(String(20))
    selection: Mapped[dict[str, Any]]
    head: Mapped[int] = mapped_column(default=0)
    head_at: Mapped[datetime]
    head_digest: Mapped[str] = mapped_column(String(64), default="")  # of the ledger's newest row
    revision: Mapped[int] = mapped_column(default=1)
    modified_at: Mapped[datetime]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("channels.id"))  # when its outlet has ended

    outlet: Mapped[Outlet] = relationship(lazy="raise")


class EmbargoTerm(Base):
    """A paper by which an outlet promised to publish nothing early; while it holds the outlet sees what is coming.

    Only `valid_to` is ever changed.
    """

    __tablename__ = "embargo_terms"

    id: Mapped[int] = mapped_column(primary_key=True)
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"), index=True)
    paper: Mapped[str] = mapped_column(String(300))  # its number, as printed
    signed_on: Mapped[date]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]  # the last day; None: until it is ended
    recorded_at: Mapped[datetime]
    ended_at: Mapped[datetime]  # when its last day was last decided

    outlet: Mapped[Outlet] = relationship(lazy="raise")


class Release(Base):
    """A version in a channel from `available_from` on, with the fields consent lets it show there."""

    __tablename__ = "releases"
    __table_args__ = (
        Index("ix_releases_state_available_from", "state", "available_from"),
        Index("ix_releases_story_id_channel_id", "story_id", "channel_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    act_id: Mapped[int] = mapped_column(ForeignKey("acts.id"))
    state: Mapped[str] = mapped_column(String(20))  # scheduled, standing, superseded, cancelled, withdrawn
    available_from: Mapped[datetime]
    fields: Mapped[list[str]]
    hidden: Mapped[list[str]] = mapped_column(default=list)  # JSON pointers to members of lists that consent hides
    note: Mapped[str] = mapped_column(Text, default="")  # the public note of a correction
    severity: Mapped[str] = mapped_column(String(20), default="")  # of a correction
    suppliers: Mapped[list[str]] = mapped_column(default=list)  # names to credit where there is more than one
    created_at: Mapped[datetime]
    carried_from_id: Mapped[int | None] = mapped_column(ForeignKey("releases.id"))  # of a channel that merged into this

    version: Mapped[Version] = relationship(lazy="raise")


class Entry(Base):
    """A story's standing in a channel: what its newest ledger row has made of it."""

    __tablename__ = "entries"
    __table_args__ = (
        UniqueConstraint("channel_id", "story_id"),
        Index("ix_entries_channel_id_listed_number", "channel_id", "listed", "number"),
        Index("ix_entries_uid", "uid"),
        Index("ix_entries_story_id", "story_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id"))
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"))
    uid: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(30))  # a feeds.document.Status
    listed: Mapped[bool] = mapped_column(default=True)  # stands on the channel's pages
    corrected: Mapped[bool] = mapped_column(default=False)
    number: Mapped[int]
    revision: Mapped[int] = mapped_column(default=1)  # moves whenever its bytes change
    published: Mapped[datetime]
    updated: Mapped[datetime]

    release: Mapped[Release] = relationship(lazy="raise")


class Change(Base):
    """One row of a channel's ledger: append-only, numbered without gaps from 1."""

    __tablename__ = "changes"

    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(20))  # released, corrected, reduced, flagged, withdrawn
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    at: Mapped[datetime]
    digest: Mapped[str] = mapped_column(String(64), default="")  # covers the row and the digest of the one before

    entry: Mapped[Entry] = relationship(lazy="raise")
