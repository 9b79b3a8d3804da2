"""Guests booked: a slot is optioned with an end, then confirmed or declined by the unit that supplied the story.

Whom the outlet knows by itself it books without a unit. A fall-back guest holds the slot beside the one they would
replace, and takes the place by `swap`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from feeds.planning import BookingState
from hub.accounts import rights
from hub.actors import Actor
from hub.errors import Conflict, Invalid, NotFound
from hub.models import Booking, Channel, Organization, Segment, Story
from hub.outlets.planning import asking, cards, ending, keeping, overlaps, rundowns, slots, telling
from hub.outlets.planning.asking import Asked
from hub.outlets.planning.keeping import Desk, IfMatch, Opened
from hub.outlets.planning.orders import BOOKING, Order
from hub.outlets.planning.segments import somebody, until_of
from hub.outlets.planning.slots import Window
from hub.outlets.planning.wording import Why
from hub.records import persons
from hub.records.grants import Limits
from schemas.faults import fault_at

TEXTS = ("role", "name_strap", "pronunciation", "travel", "access_needs", "time_zone")
LISTS = ("availability", "topics")
GUESTS_AT_MOST = 40  # of a segment, whatever became of them


class NotOptioned(Conflict):
    """Only an option that has not ended can be answered."""

    key = "error.booking_not_optioned"


class NoFallback(Conflict):
    """Nobody holds a slot to replace this guest."""

    key = "error.no_fallback"


class TooManyGuests(Conflict):
    """A segment has no room for more bookings."""

    key = "error.too_many_guests"


def add(
    session: Session, code: str, order: Order, desk: Desk, *, if_match: IfMatch | None = None
) -> tuple[Opened, Booking]:
    """Ask somebody to a segment. Raises NotFound, PlanEnded, Invalid, NoConsent, BookedTwice or BookedElsewhere."""
    story_id, person_id = order.get("story"), None
    if story_id is not None:
        _, guest = _get_guest(session, order, desk)
        person_id = guest.person_id
    opened = keeping.open_segment(
        session,
        code,
        outlet_ids=desk.outlet_ids,
        if_match=if_match,
        stories=[story_id] if story_id else [],
        people=[person_id] if person_id else [],
    )
    opened.require_open()
    if len(opened.bookings) >= GUESTS_AT_MOST:
        raise TooManyGuests(limit=GUESTS_AT_MOST)
    slot = order.get("slot") or opened.window
    asked = None
    if story_id is not None:
        card, guest = _get_guest(session, order, desk)  # as it is now that nobody takes it back
        if guest.person_id != person_id:
            raise keeping.PlanChanged(etag=f'"{keeping.etag_of(opened.segment)}"')
        until = until_of(opened.segment, slot)
        asked = asking.check(session, card, guest, until=until, limits=desk.limits, now=desk.now)
    row = _new(session, opened, order, asked, slot, desk)
    overlaps.check_guest(session, somebody(row), slot, now=desk.now)
    session.add(row)
    session.flush()
    opened.bookings.append(row)
    telling.asked(session, opened, row, now=desk.now)
    keeping.append(session, opened, "guest_asked", actor=desk.actor, now=desk.now)
    return opened, row


def change(
    session: Session, code: str, booking_id: int, order: Order, desk: Desk, *, if_match: IfMatch | None
) -> Opened:
    """Change what is said of a guest. A confirmed one whose slot moves is asked again. Raises as `add`."""
    opened = keeping.open_segment(session, code, outlet_ids=desk.outlet_ids, if_match=if_match)
    opened.require_open()
    row = _get_live(opened, booking_id, desk)
    _describe(row, order)
    slot = order.get("slot")
    if slot is not None and slot != Window(row.slot_from, row.slot_until):
        row.slot_from, row.slot_until, row.own_slot = slot.starts_at, slot.ends_at, True
        if row.story_id is not None:
            until = until_of(opened.segment, slot)
            row.scopes = list(asking.check_booked(session, row, until=until, desk=desk).scopes)
        overlaps.check_guest(session, somebody(row), slot, besides=row.id, now=desk.now)
        _ask_again(session, opened, row, order.get("option_until"), desk)
    elif "option_until" in order.names() and row.state == BookingState.OPTIONED:
        row.option_expires_at = _option_end(order, Window(row.slot_from, row.slot_until), desk)
        telling.asked(session, opened, row, now=desk.now)
    row.updated_at = desk.now
    keeping.append(session, opened, "guest_changed", actor=desk.actor, now=desk.now)
    return opened


def release(session: Session, code: str, booking_id: int, desk: Desk, *, if_match: IfMatch | None = None) -> Opened:
    """Give a guest's slot back, and take the guest off the rundown. Raises NotFound or PlanEnded."""
    opened = keeping.open_segment(session, code, outlet_ids=desk.outlet_ids, if_match=if_match)
    opened.require_open()
    _end(session, opened, opened.get_booking(booking_id), "outlet", now=desk.now)
    keeping.append(session, opened, "guest_released", actor=desk.actor, now=desk.now)
    return opened


def swap(session: Session, code: str, booking_id: int, desk: Desk, *, if_match: IfMatch | None = None) -> Opened:
    """Let the fall-back guest take a guest's place, on the rundown, too. Raises NotFound, PlanEnded or NoFallback."""
    opened = keeping.open_segment(session, code, outlet_ids=desk.outlet_ids, if_match=if_match)
    opened.require_open()
    row = opened.get_booking(booking_id)
    heir = next((each for each in opened.live(desk.now) if each.fallback_for_id == row.id), None)
    if heir is None:
        raise NoFallback(booking=row.id)
    heir.fallback_for_id = None
    heir.updated_at = desk.now
    rundowns.replace_guest(opened.segment, row.id, heir.id)
    _end(session, opened, row, "swapped", now=desk.now)
    keeping.append(session, opened, "guest_swapped", actor=desk.actor, now=desk.now)
    return opened


def answer(
    session: Session,
    booking_id: int,
    said: BookingState,
    *,
    note: str,
    theirs: ColumnElement[bool],
    actor: Actor,
    limits: Limits,
    now: datetime,
) -> tuple[Opened, Booking]:
    """Write down what a unit says to an option: confirmed or declined. `theirs` says which bookings it may answer.

    Raises NotFound, NotOptioned, PlanEnded, NoConsent or CardGone.
    """
    code, outlet_id = _where(session, booking_id, theirs)
    opened = keeping.open_segment(session, code, outlet_ids=[outlet_id])
    opened.require_open()
    row = opened.get_booking(booking_id)
    stands = keeping.state_of(row, now)
    if stands is not BookingState.OPTIONED:
        raise NotOptioned(booking=row.id, booking_state=stands.value)
    if said is BookingState.CONFIRMED and row.story_id is not None:
        slot = Window(row.slot_from, row.slot_until)
        desk = Desk(outlet_ids=[outlet_id], actor=actor, limits=limits, now=now)
        row.scopes = list(asking.check_booked(session, row, until=until_of(opened.segment, slot), desk=desk).scopes)
    row.note, row.answered_by = note, actor.name
    if said is BookingState.DECLINED:  # the rundown keeps the place, for whoever comes instead
        ending.end(row, said, now=now)
        telling.note_crew(opened, row, Why.DECLINED, now=now)
    else:
        row.state, row.option_expires_at, row.updated_at = said.value, None, now
    telling.replied(session, opened, row, by=actor.user_id, now=now)
    keeping.append(session, opened, f"guest_{said.value}", actor=actor, now=now)
    return opened, row


def of_unit(actor: Actor, *, on: date) -> ColumnElement[bool]:
    """The bookings that wait for the very organization somebody speaks for: no chain answers for its units."""
    alone = replace(actor, grants=tuple(replace(grant, alone=True) for grant in actor.grants))
    return rights.within_reach(Booking.organization_id, alone, rights.SPEAKERS, on=on)


def list_page(session: Session, *, theirs: ColumnElement[bool], before: int | None, limit: int) -> list[Booking]:
    """Bookings of a unit's guests, newest first, with segment, outlet and unit."""
    where = joinedload(Booking.segment, innerjoin=True).joinedload(Segment.channel, innerjoin=True)
    query = select(Booking).where(theirs).options(where.joinedload(Channel.outlet), joinedload(Booking.organization))
    if before is not None:
        query = query.where(Booking.id < before)
    return list(session.scalars(query.order_by(Booking.id.desc()).limit(limit)))


def _where(session: Session, booking_id: int, theirs: ColumnElement[bool]) -> tuple[str, int]:
    """The code of the segment that a booking is of, and its outlet. Raises NotFound."""
    query = select(Segment.code, Channel.outlet_id).join(Booking, Booking.segment_id == Segment.id)
    query = query.join(Channel, Channel.id == Segment.channel_id).where(Booking.id == booking_id, theirs)
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(what=str(booking_id), kind="booking")
    return found.code, found.outlet_id


def _get_guest(session: Session, order: Order, desk: Desk) -> tuple[cards.Card, cards.CardGuest]:
    """The guest of a card that an outlet reads. Raises NotFound for a story it does not have, Invalid for the name."""
    known = cards.list_cards(session, order.get("story"), outlet_ids=desk.outlet_ids)
    if not known:
        raise NotFound(what=order.get("story"), kind="story")
    found = cards.find_guest(known, name=order.get("name"))
    if found is None:
        names = ", ".join(dict.fromkeys(guest.name for card in known for guest in card.guests))
        raise Invalid(faults=[fault_at(BOOKING, ("name",), "not_on_the_card", names=names)])
    return found


def _new(session: Session, opened: Opened, order: Order, asked: Asked | None, slot: Window, desk: Desk) -> Booking:
    story = session.get_one(Story, asked.card.story_id) if asked is not None else None
    unit = session.get_one(Organization, story.organization_id) if story is not None else None
    expires_at = _option_end(order, slot, desk) if unit is not None or "option_until" in order.names() else None
    name = asked.guest.name if asked is not None else order.get("name")
    row = Booking(
        segment_id=opened.segment.id,
        outlet_id=opened.segment.channel.outlet_id,
        person_id=asked.guest.person_id if asked is not None else None,
        story_id=story.id if story is not None else None,
        organization=unit,
        fallback_for_id=_fallback_for(opened, order, desk),
        name=name,
        name_key=persons.key_of(name),
        scopes=list(asked.scopes) if asked is not None else [],
        slot_from=slot.starts_at,
        slot_until=slot.ends_at,
        own_slot="slot" in order.names(),
        state=(BookingState.OPTIONED if expires_at is not None else BookingState.CONFIRMED).value,
        option_expires_at=expires_at,
        created_at=desk.now,
        updated_at=desk.now,
        **_said_of(asked, opened),
    )
    _describe(row, order)
    return row


def _said_of(asked: Asked | None, opened: Opened) -> dict[str, Any]:
    """What the card says of a guest, to begin with."""
    guest = asked.guest if asked is not None else None
    return {
        "role": guest.role if guest is not None else "",
        "name_strap": guest.name if guest is not None else "",
        "contact": dict(guest.contact) if guest is not None else {},
        "availability": [dict(each) for each in guest.availability] if guest is not None else [],
        "time_zone": opened.segment.time_zone,
        "off_limits": list(dict.fromkeys(guest.off_limits)) if guest is not None else [],
        "topics": [],
    }


def _describe(row: Booking, order: Order) -> None:
    """Put what was said of a guest into the row. What the card puts out of bounds stays so."""
    for name in (*TEXTS, *LISTS):
        if name in order.names():
            setattr(row, name, order.get(name))
    if "contact" in order.names() and row.story_id is None:
        row.contact = dict(order.get("contact"))
    if "off_limits" in order.names():
        row.off_limits = list(dict.fromkeys([*row.off_limits, *order.get("off_limits")]))
    if not row.name_strap:
        row.name_strap = row.name


def _fallback_for(opened: Opened, order: Order, desk: Desk) -> int | None:
    number = order.get("fallback_for")
    if number is None:
        return None
    main = next((row for row in opened.live(desk.now) if row.id == number and row.fallback_for_id is None), None)
    if main is None:
        raise Invalid(faults=[fault_at(BOOKING, ("fallback_for",), "unknown_booking", number=number)])
    return main.id


def _option_end(order: Order, slot: Window, desk: Desk) -> datetime:
    """Until when a slot is held. Raises Invalid for an instant that has been."""
    ends = slots.option_end(order.get("option_until"), slot=slot, now=desk.now)
    if ends <= desk.now:
        name = "option_until" if "option_until" in order.names() else "slot"
        raise Invalid(faults=[fault_at(BOOKING, (name,), "option_over")])
    return ends


def _ask_again(session: Session, opened: Opened, row: Booking, until: datetime | None, desk: Desk) -> None:
    if row.organization_id is None:
        return
    slot = Window(row.slot_from, row.slot_until)
    row.option_expires_at = slots.option_end(until, slot=slot, now=desk.now)
    if row.state == BookingState.CONFIRMED:
        row.state = BookingState.OPTIONED.value
        telling.note_crew(opened, row, Why.MOVED, now=desk.now)
    telling.asked(session, opened, row, now=desk.now)


def _get_live(opened: Opened, booking_id: int, desk: Desk) -> Booking:
    row = opened.get_booking(booking_id)
    if keeping.state_of(row, desk.now) not in slots.LIVE:
        raise NotOptioned(booking=row.id, booking_state=keeping.state_of(row, desk.now).value)
    return row


def _end(session: Session, opened: Opened, row: Booking, why: str, *, now: datetime) -> None:
    """Release a booking, whatever became of it before; the unit of one that still held its slot is told."""
    if keeping.state_of(row, now) in slots.LIVE:
        telling.freed(session, opened, row, now=now)
    ending.end(row, BookingState.RELEASED, why=why, now=now)
    rundowns.remove_guest(opened.segment, row.id)
