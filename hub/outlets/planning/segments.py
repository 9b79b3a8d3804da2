"""Segments planned, changed, and brought to another state, with all that follows for those who are asked to them.

A confirmed guest whose time moves is asked again: the unit agreed to the old one. Nobody is moved into a time that
another broadcast holds, or in which consent is no longer there; the change is refused then, naming what stands against
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from feeds.planning import BookingState, SegmentState, Setting, Transmission
from hub import ids
from hub.errors import Conflict, Invalid, NotFound
from hub.models import Booking, Channel, CrewMember, Outlet, Programme, Segment
from hub.outlets import catalog
from hub.outlets.planning import asking, ending, keeping, moves, overlaps, reading, recurrence, slots, telling
from hub.outlets.planning.keeping import Desk, IfMatch, Opened
from hub.outlets.planning.orders import SEGMENT, Order, StateOrder
from hub.outlets.planning.overlaps import Somebody
from hub.outlets.planning.slots import Window
from hub.outlets.planning.wording import Why
from hub.records import persons
from schemas.faults import fault_at

USUAL_ZONE = "Asia/Ho_Chi_Minh"
PLAIN = ("title", "theme", "time_zone", "place", "transmission", "setting", "certainty")


class OccurrencePlanned(Conflict):
    """This occurrence of the programme has been planned already."""

    key = "error.occurrence_planned"


def plan(session: Session, order: Order, desk: Desk) -> Opened:
    """Plan a broadcast, by itself or as an occurrence of a programme.

    Raises NotFound, Invalid, OccurrencePlanned or BookedTwice.
    """
    programme = _programme(session, order, desk)
    channel = programme.channel if programme is not None else channel_of(session, order, desk)
    keeping.lock_outlet(session, channel.outlet_id)
    said = {**_usual(programme), **order.said}
    state = SegmentState(said.get("state", SegmentState.PLANNED))
    code = ids.new_segment_code()
    segment = Segment(
        code=code,
        uid=programme.uid if programme is not None else ids.event_uid(code),
        sequence=-1,
        channel=channel,
        programme=programme,
        recurrence_id=said.get("recurrence_id"),
        state=state.value,
        certainty=moves.USUAL_CERTAINTY[state].value,
        items=[],
        notices=[],
        salt=keeping.new_salt(),
        created_at=desk.now,
        updated_at=desk.now,
        cancelled_at=None,
        **_BLANK,
    )
    _write(segment, said)
    opened = Opened(segment)
    session.add(segment)
    session.flush()
    _set_crew(session, opened, order)
    keeping.append(session, opened, "planned", actor=desk.actor, now=desk.now)
    return opened


def change(session: Session, code: str, order: Order, desk: Desk, *, if_match: IfMatch | None) -> Opened:
    """Change what is said of a broadcast. Raises NotFound, PlanChanged, PlanEnded, or what stands against its time."""
    opened = keeping.open_segment(session, code, outlet_ids=desk.outlet_ids, if_match=if_match)
    opened.require_open()
    before = opened.window, opened.segment.ends_at
    _write(opened.segment, order.said)
    if order.get("notice_seen"):
        opened.segment.notices = []
        for row in opened.bookings:
            ending.forget_seen(row)
    session.flush()
    if (opened.window, opened.segment.ends_at) != before:
        _follow_time(session, opened, desk)
        _check_crew(session, opened)
    _set_crew(session, opened, order)
    keeping.append(session, opened, "changed", actor=desk.actor, now=desk.now)
    return opened


def bring(session: Session, code: str, order: StateOrder, desk: Desk, *, if_match: IfMatch | None = None) -> Opened:
    """Bring a broadcast to another state. Raises NotFound, PlanChanged, NotThisWay, NotAiredYet, or what stands against
    its time where it was postponed."""
    opened = keeping.open_segment(session, code, outlet_ids=desk.outlet_ids, if_match=if_match)
    segment, before = opened.segment, opened.state
    after = moves.next_state(before, order.state, starts_at=segment.starts_at, now=desk.now)
    segment.state = after.value
    segment.certainty = (order.certainty or moves.USUAL_CERTAINTY[after]).value
    session.flush()
    if before is SegmentState.POSTPONED and after in moves.TAKES_PLACE:
        _check_time(session, opened, desk)
        _check_crew(session, opened)
    if after is SegmentState.CANCELLED:
        cancel(session, opened, now=desk.now)
    if after is SegmentState.AIRED:
        ending.forget_all_seen(opened.bookings)
    keeping.append(session, opened, "state", actor=desk.actor, now=desk.now)
    return opened


def cancel(session: Session, opened: Opened, *, now: datetime) -> None:
    """Give back every slot of a broadcast that does not take place, and tell the units."""
    opened.segment.state, opened.segment.cancelled_at = SegmentState.CANCELLED.value, now
    for row in opened.live(now):
        ending.end(row, BookingState.RELEASED, why="cancelled", now=now)
        telling.freed(session, opened, row, now=now)
    ending.forget_all_seen(opened.bookings)


def channel_of(session: Session, order: Order, desk: Desk) -> Channel:
    """The channel that an order names, or the only one there is to plan for. Raises NotFound or Invalid."""
    query = (
        select(Channel)
        .join(Outlet, Outlet.id == Channel.outlet_id)
        .where(Channel.outlet_id.in_(desk.outlet_ids), Outlet.ended_on.is_(None))
        .options(joinedload(Channel.outlet))
        .order_by(Channel.id)
    )
    known = list(session.scalars(query))
    named = order.get("channel")
    if named is None:
        fitting = [channel for channel in known if channel.profile == catalog.SEGMENT]
        if len(fitting) == 1:
            return fitting[0]
        raise Invalid(faults=[fault_at(SEGMENT, ("channel",), "required")])
    found = next((channel for channel in known if catalog.address_of(channel) == named), None)
    if found is None:
        raise NotFound(what=named, kind="channel")
    if found.profile != catalog.SEGMENT:
        raise Invalid(faults=[fault_at(SEGMENT, ("channel",), "not_for_segments", channel=named)])
    return found


def somebody(row: Booking | CrewMember) -> Somebody:
    """Whose time a booking or a place in a crew holds."""
    person_id = row.person_id if isinstance(row, Booking) else None
    return Somebody(outlet_id=row.outlet_id, name=row.name, name_key=row.name_key, person_id=person_id)


def until_of(segment: Segment, slot: Window) -> datetime:
    """Until when consent has to hold: the guest is on air until the end of the broadcast, recorded or not."""
    return max(segment.ends_at, slot.ends_at)


_BLANK: Mapping[str, Any] = {
    "title": "",
    "theme": "",
    "time_zone": USUAL_ZONE,
    "planned_seconds": 0,
    "transmission": Transmission.LIVE.value,
    "setting": Setting.STUDIO.value,
    "place": "",
    "recording_from": None,
    "recording_until": None,
}


def _programme(session: Session, order: Order, desk: Desk) -> Programme | None:
    """The programme of an occurrence, which its rule has to give, and which nobody has planned yet."""
    code, at = order.get("programme"), order.get("recurrence_id")
    if code is None:
        return None
    query = select(Programme).join(Channel, Channel.id == Programme.channel_id)
    query = query.where(Programme.code == code, Channel.outlet_id.in_(desk.outlet_ids))
    row = session.scalar(query.options(joinedload(Programme.channel).joinedload(Channel.outlet)))
    if row is None:
        raise NotFound(what=code, kind="programme")
    pattern = reading.pattern_of(row)
    if row.cancelled_at is not None or at in pattern.excluded or recurrence.list_strange(pattern, [at]):
        raise Invalid(faults=[fault_at(SEGMENT, ("recurrence_id",), "not_an_occurrence")])
    keeping.lock_outlet(session, row.channel.outlet_id)
    known = session.scalar(
        select(Segment.code).where(Segment.programme_id == row.id, Segment.recurrence_id == at).limit(1)
    )
    if known is not None:
        raise OccurrencePlanned(segment=known, at=at.isoformat())
    return row


def _usual(programme: Programme | None) -> dict[str, Any]:
    """What an occurrence has from its programme as long as nobody says other."""
    if programme is None:
        return {}
    names = ("title", "theme", "time_zone", "planned_seconds", "transmission", "setting", "place")
    return {name: getattr(programme, name) for name in names}


def _write(segment: Segment, said: Mapping[str, Any]) -> None:
    """Put what was said into the row, and reckon from it when its people are needed."""
    for name in (*PLAIN, "planned_seconds"):
        if name in said:
            setattr(segment, name, said[name])
    starts_at = said.get("starts_at", said.get("recurrence_id"))
    if starts_at is not None:
        segment.starts_at = starts_at
    if "recording" in said:
        recording = said["recording"]
        segment.recording_from = recording.starts_at if recording is not None else None
        segment.recording_until = recording.ends_at if recording is not None else None
    if segment.transmission != Transmission.RECORDED:
        segment.recording_from = segment.recording_until = None
    segment.ends_at = segment.starts_at + timedelta(seconds=segment.planned_seconds)
    window = slots.needed(segment.starts_at, segment.planned_seconds, _recording(segment))
    segment.busy_from, segment.busy_until = window.starts_at, window.ends_at


def _recording(segment: Segment) -> Window | None:
    if segment.recording_from is None or segment.recording_until is None:
        return None
    return Window(segment.recording_from, segment.recording_until)


def _follow_time(session: Session, opened: Opened, desk: Desk) -> None:
    """Move those who are asked as long as all others with the broadcast, and ask again those who had agreed."""
    for row in opened.live(desk.now):
        slot = Window(row.slot_from, row.slot_until)
        if row.own_slot or slot == opened.window:
            continue
        row.slot_from, row.slot_until = opened.window.starts_at, opened.window.ends_at
        row.updated_at = desk.now
        if row.organization_id is not None:
            row.option_expires_at = slots.option_end(None, slot=opened.window, now=desk.now)
            if row.state == BookingState.CONFIRMED:
                row.state = BookingState.OPTIONED.value
                telling.note_crew(opened, row, Why.MOVED, now=desk.now)
            telling.asked(session, opened, row, now=desk.now)
    session.flush()
    _check_time(session, opened, desk)


def _check_time(session: Session, opened: Opened, desk: Desk) -> None:
    """Raises where somebody who is asked is booked elsewhere then, or has not agreed to be there."""
    if opened.state not in moves.TAKES_PLACE:
        return
    for row in opened.live(desk.now):
        slot = Window(row.slot_from, row.slot_until)
        overlaps.check_guest(session, somebody(row), slot, besides=row.id, now=desk.now)
        if row.story_id is not None:
            asked = asking.check_booked(session, row, until=until_of(opened.segment, slot), desk=desk)
            row.scopes = list(asked.scopes)


def _check_crew(session: Session, opened: Opened) -> None:
    if opened.state in moves.TAKES_PLACE:
        for member in opened.crew:
            overlaps.check_crew(session, somebody(member), opened.window, besides=opened.segment.id)


def _set_crew(session: Session, opened: Opened, order: Order) -> None:
    """Let the crew be whom an order names, where it says anything of it."""
    if "crew" not in order.names():
        return
    for member in opened.crew:
        session.delete(member)
    opened.crew = [
        CrewMember(
            segment_id=opened.segment.id,
            outlet_id=opened.segment.channel.outlet_id,
            name=said["name"],
            name_key=persons.key_of(said["name"]),
            role=said["role"],
        )
        for said in order.get("crew")
    ]
    session.add_all(opened.crew)
    session.flush()
    _check_crew(session, opened)
