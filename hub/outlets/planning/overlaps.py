"""Nobody is asked to two places at once: who else holds somebody's time, across all outlets.

Whoever asks has locked the person's row, and the outlet's where names are compared, so that two who ask at the same
moment cannot both find the time free. Another outlet is named with its time, and nothing of what it plans.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from feeds.planning import BookingState
from hub.errors import Conflict
from hub.models import Booking, Channel, CrewMember, Segment
from hub.outlets.planning import moves
from hub.outlets.planning.slots import Window

TAKES_PLACE = sorted(state.value for state in moves.TAKES_PLACE)


class BookedTwice(Conflict):
    """The same guest or crew is needed in another broadcast of this outlet at that time."""

    key = "error.booked_twice"


class BookedElsewhere(Conflict):
    """The same guest is booked by another outlet at that time."""

    key = "error.booked_elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """Whose time is asked for: a person of stories, or somebody of whom an outlet knows the name alone."""

    outlet_id: int
    name: str
    name_key: str
    person_id: str | None = None


def check_guest(session: Session, who: Somebody, window: Window, *, besides: int | None = None, now: datetime) -> None:
    """Raises BookedTwice or BookedElsewhere where another booking than `besides` holds the guest's time.

    Within one outlet whoever bears the same name is the same guest, whatever stories tell of them: nobody has said yet
    that two stories tell of one person, and one studio would wait for both.
    """
    identity = and_(Booking.outlet_id == who.outlet_id, Booking.name_key == who.name_key, Booking.name_key != "")
    if who.person_id is not None:
        identity = or_(identity, Booking.person_id == who.person_id)
    query = (
        select(Booking)
        .join(Segment, Segment.id == Booking.segment_id)
        .where(Segment.state.in_(TAKES_PLACE))
        .where(identity, Booking.slot_from < window.ends_at, Booking.slot_until > window.starts_at, _live(now))
        .order_by(Booking.slot_from, Booking.id)
        .limit(1)
    )
    if besides is not None:
        query = query.where(Booking.id != besides)
    where = joinedload(Booking.segment).joinedload(Segment.channel).joinedload(Channel.outlet)
    found = session.scalar(query.options(where))
    if found is not None:
        _refuse(who, found.segment, Window(found.slot_from, found.slot_until))


def check_crew(session: Session, who: Somebody, window: Window, *, besides: int | None = None) -> None:
    """Raises BookedTwice where another segment than `besides` of the same outlet needs the crew member then."""
    query = (
        select(Segment)
        .join(CrewMember, CrewMember.segment_id == Segment.id)
        .where(CrewMember.outlet_id == who.outlet_id, CrewMember.name_key == who.name_key)
        .where(Segment.busy_from < window.ends_at, Segment.busy_until > window.starts_at)
        .where(Segment.state.in_(TAKES_PLACE))
        .order_by(Segment.busy_from, Segment.id)
        .limit(1)
    )
    if besides is not None:
        query = query.where(Segment.id != besides)
    found = session.scalar(query.options(joinedload(Segment.channel).joinedload(Channel.outlet)))
    if found is not None:
        _refuse(who, found, Window(found.busy_from, found.busy_until))


def _live(now: datetime) -> ColumnElement[bool]:
    """Bookings that hold their slot; an option whose instant has come holds nothing."""
    optioned = and_(Booking.state == BookingState.OPTIONED.value, Booking.option_expires_at > now)
    return or_(Booking.state == BookingState.CONFIRMED.value, optioned)


def _refuse(who: Somebody, segment: Segment, window: Window) -> None:
    outlet = segment.channel.outlet
    facts = {"name": who.name, "at": window.starts_at.isoformat(), "until": window.ends_at.isoformat()}
    if outlet.id == who.outlet_id:
        raise BookedTwice(**facts, segment=segment.code, broadcast=segment.title)
    raise BookedElsewhere(**facts, outlet=outlet.name)
