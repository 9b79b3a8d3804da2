"""What the planning tells of a person: given out to them, and erased with them.

Erased are their bookings, whatever the rundowns and texts of outlets that had their stories say of them by name, and
the salts under which the journal has commitments of it; the journal is told of each segment as it is afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from hub.models import Booking, Channel, Entry, Programme, Segment
from hub.outlets.planning import keeping, reading
from hub.outlets.planning.keeping import Opened
from hub.records import forgetting
from hub.records.journal import Record

NAMELESS = "…"  # what is left of a title that told the name
OF_BOOKING = ("role", "name_strap", "pronunciation", "travel", "access_needs", "note", "answered_by")
OF_PLAN = ("title", "theme", "place")  # of segments and programmes
LISTS = ("topics", "off_limits")
WHAT = "person_erased"


def erase(
    session: Session,
    *,
    people: Collection[str],
    stories: Collection[str],
    names: Collection[str],
    by: str,
    now: datetime,
) -> list[Record]:
    """Erase persons from all that is planned; returns what the journal is told, which the caller appends.

    `people` are the ids of one person and of their doubles, `stories` those that tell of them, locked.
    """
    session.flush()
    wanted = sorted(session.scalars(_near(people, stories)))
    records = _forget_programmes(session, stories, names=names, by=by, now=now)
    session.flush()
    for opened in keeping.list_locked(session, wanted):
        if _forget(opened, people, names):
            opened.segment.salt = keeping.new_salt()
            records.append(keeping.note(opened, WHAT, by=by, now=now))
    return records


def export(session: Session, person_ids: Collection[str]) -> list[dict[str, Any]]:
    """What is planned, or was, with somebody as a guest; nothing of others."""
    where = joinedload(Booking.segment, innerjoin=True).joinedload(Segment.channel, innerjoin=True)
    query = select(Booking).where(Booking.person_id.in_(person_ids)).options(where.joinedload(Channel.outlet))
    return [_told(row) for row in session.scalars(query.order_by(Booking.id))]


def export_mentions(
    session: Session, person_ids: Collection[str], *, stories: Collection[str], names: Collection[str]
) -> list[dict[str, Any]]:
    """What programmes, segments and bookings of others say of somebody by name: these texts, and nothing else."""
    ids = sorted(session.scalars(_near(person_ids, stories)))
    where = joinedload(Segment.channel, innerjoin=True).joinedload(Channel.outlet, innerjoin=True)
    segments = session.scalars(select(Segment).where(Segment.id.in_(ids)).options(where).order_by(Segment.id))
    bookings = reading.list_bookings(session, ids)
    told: list[tuple[str, Programme | Segment, dict[str, Any]]] = [
        ("programme", row, _telling(row, OF_PLAN, names)) for row in session.scalars(_programmes(stories))
    ]
    for segment in segments:
        items = [named for item in segment.items if (named := dict(_telling_members(item, names)))]
        told.append(("segment", segment, _telling(segment, OF_PLAN, names) | ({"rundown": items} if items else {})))
        others = [row for row in bookings[segment.id] if row.person_id not in person_ids]
        told += [("booking", segment, _telling(row, ("name", "contact", *OF_BOOKING, *LISTS), names)) for row in others]
    return [
        {"kind": kind, "by": row.channel.outlet.code, "at": row.starts_at.isoformat(), "texts": texts}
        for kind, row, texts in told
        if texts
    ]


def _near(people: Collection[str], stories: Collection[str]) -> Select[int]:
    """The segments of outlets that had these stories, and those that a person is asked to."""
    asked = select(Booking.segment_id).where(or_(Booking.person_id.in_(people), Booking.story_id.in_(stories)))
    near = select(Segment.id).join(Channel, Channel.id == Segment.channel_id)
    return near.where(or_(Channel.outlet_id.in_(_had(stories)), Segment.id.in_(asked)))


def _had(stories: Collection[str]) -> Select[int]:
    return select(Channel.outlet_id).join(Entry, Entry.channel_id == Channel.id).where(Entry.story_id.in_(stories))


def _programmes(stories: Collection[str]) -> Select[Programme]:
    """The programmes of outlets that had these stories, with channel and outlet."""
    query = select(Programme).join(Channel, Channel.id == Programme.channel_id)
    query = query.where(Channel.outlet_id.in_(_had(stories))).order_by(Programme.id)
    return query.options(joinedload(Programme.channel).joinedload(Channel.outlet))


def _telling(row: Programme | Segment | Booking, columns: Collection[str], names: Collection[str]) -> dict[str, Any]:
    return dict(_telling_members({name: getattr(row, name) for name in columns}, names))


def _telling_members(item: Mapping[str, Any], names: Collection[str]) -> Iterator[tuple[str, Any]]:
    """What of an item tells a name: of its questions and visuals those that do."""
    for name, said in item.items():
        if forgetting.tells(said, names):
            yield name, forgetting.telling_part(said, names)


def _told(row: Booking) -> dict[str, Any]:
    segment = row.segment
    names = ("name", "story_id", "contact", "availability", "scopes", *OF_BOOKING, *LISTS)
    return {
        "outlet": segment.channel.outlet.name,
        "broadcast": segment.title,
        "starts_at": segment.starts_at.isoformat(),
        "slot": {"starts_at": row.slot_from.isoformat(), "ends_at": row.slot_until.isoformat()},
        "state": row.state,
        **{name: getattr(row, name) for name in names},
    }


def _forget(opened: Opened, people: Collection[str], names: Collection[str]) -> bool:
    """Had a segment anything to forget?"""
    changed = [_forget_booking(row, people, names) for row in opened.bookings]
    return any([*changed, _forget_segment(opened.segment, names)])


def _forget_booking(row: Booking, people: Collection[str], names: Collection[str]) -> bool:
    theirs = row.person_id in people or forgetting.tells(row.name, names)
    if theirs:
        row.name, row.name_key, row.contact, row.availability, row.scopes = "", "", {}, [], []
    gone = [name for name in OF_BOOKING if theirs or forgetting.tells(getattr(row, name), names)]
    for name in gone:
        setattr(row, name, "")
    for name in LISTS:
        kept = [] if theirs else [said for said in getattr(row, name) if not forgetting.tells(said, names)]
        gone += [name] if kept != getattr(row, name) else []
        setattr(row, name, kept)
    if not theirs and forgetting.tells(row.contact, names):
        row.contact, gone = {}, ["contact"]
    return theirs or bool(gone)


def _forget_segment(segment: Segment, names: Collection[str]) -> bool:
    said = [segment.title, segment.theme, segment.place, segment.items]
    if not forgetting.tells(said, names):
        return False
    _forget_texts(segment, names)
    segment.items = [_item(item, names) for item in segment.items]
    return True


def _forget_texts(row: Segment | Programme, names: Collection[str]) -> None:
    if forgetting.tells(row.title, names):
        row.title = NAMELESS
    for name in ("theme", "place"):
        if forgetting.tells(getattr(row, name), names):
            setattr(row, name, "")


def _item(item: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """An item without what tells a name: a question or a visual goes whole."""
    return dict(_members(item, names))


def _members(item: Mapping[str, Any], names: Collection[str]) -> Iterator[tuple[str, Any]]:
    for name, said in item.items():
        if name == "title" and forgetting.tells(said, names):
            yield name, NAMELESS
        elif name in ("questions", "visuals"):
            yield name, [each for each in said if not forgetting.tells(each, names)]
        elif not forgetting.tells(said, names):
            yield name, said


def _forget_programmes(
    session: Session, stories: Collection[str], *, names: Collection[str], by: str, now: datetime
) -> list[Record]:
    records = []
    for row in session.scalars(
        _programmes(stories).with_for_update(of=Programme).execution_options(populate_existing=True)
    ):
        if _telling(row, OF_PLAN, names):
            _forget_texts(row, names)
            row.salt, row.updated_at = keeping.new_salt(), now
            row.sequence += 1
            records.append({**keeping.programme_record_of(row), "what": WHAT, "actor": by})
    return records
