"""Guests pulled out of what is still ahead: their story was withdrawn or put on hold, or their consent went.

Whoever takes a story or a consent back calls this in the same transaction, once the story's channels show it. Slots are
given back, rundowns name the guest no more, the segment says so and its outlet is told. A lifted hold brings nobody
back: the slot may be somebody else's by then. Wherever else the guest was booked, and however that ended, they cannot
be reached by it any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from feeds.planning import BookingState, SegmentState
from hub.actors import SYSTEM
from hub.models import Booking, Channel, Entry, Segment, Story
from hub.outlets.planning import asking, cards, ending, keeping, moves, rundowns, segments, slots, telling
from hub.outlets.planning.keeping import Opened
from hub.outlets.planning.slots import Window
from hub.outlets.planning.wording import Why
from hub.records.grants import Limits
from hub.records.journal import Record

PULLED = ending.TAKEN_BACK | {Why.STORY_HELD}  # of which the crew reads with the name
AHEAD = sorted(state.value for state in moves.AHEAD)


def reconcile(
    session: Session, story_ids: Collection[str], *, limits: Limits, now: datetime
) -> dict[str, list[Record]]:
    """Pull the guests of these locked stories who cannot come any more out of every segment that is ahead, and forget
    of them in all others what nobody needs.

    Returns what the journal is told, by story; the caller appends it.
    """
    session.flush()
    wanted = _list_concerned(session, story_ids, now=now)
    records: dict[str, list[Record]] = defaultdict(list)
    for opened in keeping.list_locked(session, wanted) if wanted else ():
        touched = [story_id for story_id in sorted(story_ids) if _reconcile(session, opened, story_id, limits, now=now)]
        if touched:
            records[touched[0]].append(keeping.note(opened, "guests_pulled", by=SYSTEM.name, now=now))
    return records


def _list_concerned(session: Session, story_ids: Collection[str], *, now: datetime) -> list[int]:
    """The segments that ask or asked a guest of these stories, or are ahead and show something of a withdrawn one."""
    found = set(session.scalars(select(Booking.segment_id).where(Booking.story_id.in_(story_ids))))
    gone = set(session.scalars(select(Story.id).where(Story.id.in_(story_ids), Story.state == cards.WITHDRAWN)))
    if gone:
        found |= _list_showing(session, gone, now=now)
    return sorted(found)


def _list_showing(session: Session, story_ids: Collection[str], *, now: datetime) -> set[int]:
    """The segments ahead of outlets that had these stories whose rundown names one as its source."""
    had = select(Channel.outlet_id).join(Entry, Entry.channel_id == Channel.id).where(Entry.story_id.in_(story_ids))
    query = (
        select(Segment.id, Segment.items)
        .join(Channel, Channel.id == Segment.channel_id)
        .where(Channel.outlet_id.in_(had), Segment.state.in_(AHEAD))
        .where(or_(Segment.ends_at > now, Segment.state == SegmentState.POSTPONED.value))
    )
    return {
        segment_id
        for segment_id, items in session.execute(query)
        if any(item.get("story") in story_ids for item in items)
    }


def _reconcile(session: Session, opened: Opened, story_id: str, limits: Limits, *, now: datetime) -> bool:
    """Did anything of a segment have to change for a story?"""
    rows = [row for row in opened.bookings if row.story_id == story_id]
    changed = [_reconcile_guest(session, opened, row, limits, now=now) for row in rows]
    story = session.get_one(Story, story_id)
    if story.state == cards.WITHDRAWN and _is_ahead(opened, now):
        changed.append(rundowns.remove_story(opened.segment, story_id))
    return any(changed)


def _reconcile_guest(session: Session, opened: Opened, row: Booking, limits: Limits, *, now: datetime) -> bool:
    """Pull a guest who was to come; of one who is not to, or was on air, forget what nobody needs any more."""
    until = segments.until_of(opened.segment, Window(row.slot_from, row.slot_until))
    why, scopes = asking.find_obstacle(session, row, until=until, limits=limits, now=now)
    is_live = BookingState(row.state) in slots.LIVE
    to_come = is_live and _is_ahead(opened, now)
    if why is None:
        if not to_come or list(scopes) == row.scopes:
            return False
        row.scopes, row.updated_at = list(scopes), now
        return True
    unseen = row.end_reason in PULLED and any(each["booking"] == row.id for each in opened.segment.notices)
    gone_for_good = row.end_reason == Why.STORY_HELD and why is not Why.STORY_HELD
    if gone_for_good:
        row.end_reason = why.value
    if to_come:
        telling.pulled(session, opened, row, why, now=now)
        telling.freed(session, opened, row, now=now)
        ending.end(row, BookingState.RELEASED, why=why.value, now=now)
        rundowns.remove_guest(opened.segment, row.id)
    was_on_air = is_live and opened.state in moves.ON_AIR and not to_come
    named = to_come or unseen or why is Why.STORY_HELD
    changed = ending.strip(row, was_on_air=was_on_air, named=named) or to_come or gone_for_good
    if changed:
        row.updated_at = now
    return changed


def _is_ahead(opened: Opened, now: datetime) -> bool:
    """Does it still have to take place? What was postponed will have another time."""
    return opened.state in moves.AHEAD and (opened.state is SegmentState.POSTPONED or opened.segment.ends_at > now)
