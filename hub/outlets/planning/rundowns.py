"""Rundowns: put as a whole, or changed by one step; and the guests and stories that leave them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.orm import Session

from feeds.planning import BookingState, SegmentState
from hub.errors import Invalid
from hub.models import Segment
from hub.outlets.planning import cards, documents, keeping, on_air
from hub.outlets.planning.clockwork import ITEMS_AT_MOST
from hub.outlets.planning.keeping import Desk, IfMatch, Opened
from hub.outlets.planning.moves import NotAiredYet
from hub.outlets.planning.orders import RUNDOWN, Step
from schemas import Fault
from schemas.faults import fault_at

Items = Sequence[Mapping[str, Any]]


def put(session: Session, code: str, items: Items, desk: Desk, *, if_match: IfMatch | None) -> Opened:
    """Let a segment have these items. Raises NotFound, PlanChanged, PlanEnded or Invalid."""
    opened = _open(session, code, items, desk, if_match)
    _check(session, opened, items, desk, at=("items",))
    opened.segment.items = [dict(item) for item in items]
    keeping.append(session, opened, "rundown", actor=desk.actor, now=desk.now)
    return opened


def step(session: Session, code: str, order: Step, desk: Desk, *, if_match: IfMatch | None) -> Opened:
    """Insert, move, remove or time one item. Raises as `put`."""
    items = [order.item] if order.item is not None else []
    opened = _open(session, code, items, desk, if_match)
    _check(session, opened, items, desk, at=("step",))
    opened.segment.items = stepped(opened.segment.items, order)
    keeping.append(session, opened, "rundown", actor=desk.actor, now=desk.now)
    return opened


def took_now(segment: Segment, number: int, now: datetime) -> int:
    """How many seconds an item (by its number, from 1) took that is over now. Raises NotAiredYet."""
    if now < segment.starts_at:
        raise NotAiredYet(at=segment.starts_at.isoformat())
    return on_air.took(now, number - 1, starts_at=segment.starts_at, lengths=documents.lengths_of(segment.items))


def stepped(items: Items, order: Step) -> list[dict[str, Any]]:
    """The items after one step. Raises Invalid for a number that no item has."""
    after = [dict(item) for item in items]
    last = len(after) + (1 if order.do == "insert" else 0)
    for name, number in (("number", order.number), ("to", order.to if order.do == "move" else 1)):
        if not 1 <= number <= last:
            raise Invalid(faults=[fault_at(RUNDOWN, ("step", name), "no_such_item", last=last)])
    place = order.number - 1
    if order.do == "insert":
        if len(after) >= ITEMS_AT_MOST:
            raise Invalid(faults=[fault_at(RUNDOWN, ("step",), "rundown_full", limit=ITEMS_AT_MOST)])
        after.insert(place, dict(order.item or {}))
    elif order.do == "move":
        after.insert(order.to - 1, after.pop(place))
    elif order.do == "remove":
        del after[place]
    else:
        after[place]["real_seconds"] = order.real_seconds
    return after


def ids_of(items: Items) -> list[str]:
    """A name of each item that stays with it wherever it goes: of what it says, and which of those that say the same.

    Whoever puts a list in order names its items by it, since their numbers change with every move.
    """
    seen: Counter[str] = Counter()
    found = []
    for item in items:
        digest = hashlib.sha256(orjson.dumps(item, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
        seen[digest] += 1
        found.append(f"{digest}-{seen[digest]}")
    return found


def number_of(items: Items, item_id: str) -> int:
    """The number of an item, from 1. Raises Invalid where there is none of this name."""
    known = ids_of(items)
    if item_id not in known:
        raise Invalid(faults=[fault_at(RUNDOWN, ("step", "number"), "no_such_item", last=len(known))])
    return known.index(item_id) + 1


def in_order(items: Items, ids: Sequence[str]) -> list[Mapping[str, Any]]:
    """The same items in the order of these names. Raises Invalid unless each is named once."""
    by_id = dict(zip(ids_of(items), items, strict=True))
    if sorted(ids) != sorted(by_id):
        raise Invalid(faults=[fault_at(RUNDOWN, ("items",), "no_such_item", last=len(items))])
    return [by_id[each] for each in ids]


def remove_guest(segment: Segment, booking_id: int) -> None:
    """Take somebody off every item."""
    segment.items = [
        _with_guests(item, [each for each in _guests(item) if each != booking_id]) for item in segment.items
    ]


def replace_guest(segment: Segment, booking_id: int, heir_id: int) -> None:
    """Put somebody else where a guest stands."""
    segment.items = [
        _with_guests(item, [heir_id if each == booking_id else each for each in _guests(item)])
        for item in segment.items
    ]


def remove_story(segment: Segment, story_id: str) -> bool:
    """Take what is from a story off every item: questions, visuals and notes; was there anything?"""
    if not any(item.get("story") == story_id for item in segment.items):
        return False
    segment.items = [
        {name: said for name, said in item.items() if name not in ("story", "questions", "visuals", "note")}
        if item.get("story") == story_id
        else item
        for item in segment.items
    ]
    return True


def _open(session: Session, code: str, items: Items, desk: Desk, if_match: IfMatch | None) -> Opened:
    """A segment with the stories of `items` locked, so that none is taken back until its questions are written down."""
    stories = {item["story"] for item in items if item.get("story")}
    opened = keeping.open_segment(session, code, outlet_ids=desk.outlet_ids, if_match=if_match, stories=stories)
    if opened.state is SegmentState.CANCELLED:  # of what was aired one still writes down how long it took
        raise keeping.PlanEnded(segment=code, segment_state=opened.state.value)
    return opened


def _check(session: Session, opened: Opened, items: Items, desk: Desk, *, at: tuple[str, ...]) -> None:
    """Guests are booked for this segment and stories stand in a channel of the outlet. Raises Invalid."""
    booked = {row.id for row in opened.bookings if row.state not in (BookingState.RELEASED, BookingState.DECLINED)}
    kept = {item.get("story") for item in opened.segment.items}
    faults: list[Fault] = []
    for place, item in enumerate(items):
        where = (*at, place) if at == ("items",) else (*at, "item")
        strange = [number for number in item.get("guests", ()) if number not in booked]
        if strange:
            faults.append(fault_at(RUNDOWN, (*where, "guests"), "unknown_booking", number=strange[0]))
        story = item.get("story")
        if story and story not in kept and not cards.stands(session, story, outlet_ids=desk.outlet_ids):
            faults.append(fault_at(RUNDOWN, (*where, "story"), "story_not_read"))
    if faults:
        raise Invalid(faults=faults)


def _guests(item: Mapping[str, Any]) -> Sequence[int]:
    guests: Sequence[int] = item.get("guests", ())
    return guests


def _with_guests(item: Mapping[str, Any], guests: Sequence[int]) -> dict[str, Any]:
    return {**item, "guests": list(guests)} if "guests" in item else dict(item)
