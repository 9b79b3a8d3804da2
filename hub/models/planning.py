"""What outlets plan to broadcast: programmes and their rules, segments, whom they book for them, and their crews.

Windows are half-open: whoever is needed from one instant until another is free again at the latter.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.db import Base
from hub.models.accounts import Organization
from hub.models.outlets import Channel


class Programme(Base):
    """A broadcast that recurs: its first start and the rule of those that follow, by the clocks of its own zone."""

    __tablename__ = "programmes"
    __table_args__ = (Index("ix_programmes_channel_id_id", "channel_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    uid: Mapped[str] = mapped_column(String(60), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    title: Mapped[str] = mapped_column(String(200))
    theme: Mapped[str] = mapped_column(Text, default="")
    rule: Mapped[str] = mapped_column(String(300))  # the value of RRULE
    excluded: Mapped[list[str]] = mapped_column(default=list)  # starts that do not take place, as ISO instants in UTC
    starts_at: Mapped[datetime]
    time_zone: Mapped[str] = mapped_column(String(60))
    planned_seconds: Mapped[int]
    transmission: Mapped[str] = mapped_column(String(20))
    setting: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[str] = mapped_column(String(20))  # confirmed or cancelled
    salt: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]

    channel: Mapped[Channel] = relationship(lazy="raise")


class Segment(Base):
    """One broadcast: an occurrence of a programme or one by itself, with its rundown."""

    __tablename__ = "segments"
    __table_args__ = (
        UniqueConstraint("programme_id", "recurrence_id"),
        Index("ix_segments_channel_id_starts_at", "channel_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    uid: Mapped[str] = mapped_column(String(60), index=True)  # an occurrence bears its programme's
    sequence: Mapped[int] = mapped_column(default=0)  # moves with every change; the ETag
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programmes.id"))
    recurrence_id: Mapped[datetime | None]  # the start that the programme's rule gave it
    title: Mapped[str] = mapped_column(String(200))
    theme: Mapped[str] = mapped_column(Text, default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]  # as planned
    time_zone: Mapped[str] = mapped_column(String(60))
    planned_seconds: Mapped[int]
    transmission: Mapped[str] = mapped_column(String(20))
    setting: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(300), default="")
    recording_from: Mapped[datetime | None]
    recording_until: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(20))  # a feeds.planning.SegmentState
    certainty: Mapped[str] = mapped_column(String(10))
    busy_from: Mapped[datetime]  # when people are needed: the recording, else the broadcast
    busy_until: Mapped[datetime]
    items: Mapped[list[Any]] = mapped_column(default=list)  # of the rundown, in order
    notices: Mapped[list[Any]] = mapped_column(default=list)  # what the crew must know: booking, why, at
    salt: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]

    channel: Mapped[Channel] = relationship(lazy="raise")
    programme: Mapped[Programme | None] = relationship(lazy="raise")


class Booking(Base):
    """Somebody asked to a segment, from a story's interview card or by the outlet alone."""

    __tablename__ = "bookings"
    __table_args__ = (
        Index("ix_bookings_person_id_slot_from", "person_id", "slot_from"),
        Index("ix_bookings_outlet_id_name_key", "outlet_id", "name_key"),
        Index("ix_bookings_organization_id_id", "organization_id", "id"),
        Index("ix_bookings_state_option_expires_at", "state", "option_expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    segment_id: Mapped[int] = mapped_column(ForeignKey("segments.id"), index=True)
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
    story_id: Mapped[str | None] = mapped_column(ForeignKey("stories.id"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))  # the unit that answers
    fallback_for_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200))  # as it is looked for
    role: Mapped[str] = mapped_column(String(200), default="")
    name_strap: Mapped[str] = mapped_column(String(200), default="")
    pronunciation: Mapped[str] = mapped_column(String(200), default="")
    contact: Mapped[dict[str, Any]]  # name, phone, email, address
    availability: Mapped[list[Any]]  # starts_at, ends_at, place, purpose
    time_zone: Mapped[str] = mapped_column(String(60))  # of the availability
    travel: Mapped[str] = mapped_column(Text, default="")
    access_needs: Mapped[str] = mapped_column(Text, default="")
    scopes: Mapped[list[str]]  # of consent, that hold at the slot
    topics: Mapped[list[str]]  # that were agreed upon beside
    off_limits: Mapped[list[str]]
    slot_from: Mapped[datetime]
    slot_until: Mapped[datetime]
    own_slot: Mapped[bool] = mapped_column(default=False)  # said for this guest; else the segment's
    state: Mapped[str] = mapped_column(String(20))  # a feeds.planning.BookingState; an option ends by its instant
    option_expires_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(String(20), default="")  # why it was released
    note: Mapped[str] = mapped_column(Text, default="")  # what the unit answered
    answered_by: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    segment: Mapped[Segment] = relationship(lazy="raise")
    organization: Mapped[Organization | None] = relationship(lazy="raise")


class CrewMember(Base):
    """Somebody of the outlet who works on a segment, as long as its people are needed."""

    __tablename__ = "crew_members"
    __table_args__ = (Index("ix_crew_members_outlet_id_name_key", "outlet_id", "name_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    segment_id: Mapped[int] = mapped_column(ForeignKey("segments.id"), index=True)
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))  # of the vocabulary crew_roles
