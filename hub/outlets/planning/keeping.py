"""A segment opened to be changed, and what the journal hears of each change.

Order of locks, as everywhere: stories by id, persons by id, then the outlet's row, the segments by id, and the
journal's head last. The outlet's row lets one of its producers change plans at a time; a guest whom two outlets ask at
once is found by the person's row.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from feeds.planning import BookingState, SegmentState
from hub.actors import Actor
from hub.errors import Conflict, NotFound, Stale
from hub.models import Booking, Channel, CrewMember, Outlet, Person, Programme, Segment, Story
from hub.outlets import catalog
from hub.outlets.planning import reading, slots
from hub.outlets.planning.slots import Window
from hub.records import journal
from hub.records.grants import Limits
from hub.records.journal import Record

KIND, PROGRAMME_KIND = "segment", "programme"  # of journal records
ENDED = frozenset({SegmentState.AIRED, SegmentState.CANCELLED})
IfMatch = Callable[[str], bool]  # does the sender know this ETag?


class PlanChanged(Stale):
    """Somebody else has changed it since it was read."""

    key = "error.plan_changed"


class PlanEnded(Conflict):
    """What was aired or cancelled is not planned any more."""

    key = "error.plan_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Who plans for which outlets, and when: what every order of an outlet's needs."""

    outlet_ids: Collection[int]
    actor: Actor
    limits: Limits  # of the ages in the regulation
    now: datetime


@dataclass(slots=True)
class Opened:
    """A locked segment with all that belongs to it."""

    segment: Segment  # with channel, outlet and programme
    bookings: list[Booking] = field(default_factory=list)
    crew: list[CrewMember] = field(default_factory=list)

    @property
    def outlet(self) -> Outlet:
        """Whose it is."""
        return self.segment.channel.outlet

    @property
    def state(self) -> SegmentState:
        """How far its planning has come."""
        return SegmentState(self.segment.state)

    @property
    def window(self) -> Window:
        """When its people are needed."""
        return Window(self.segment.busy_from, self.segment.busy_until)

    def live(self, now: datetime) -> list[Booking]:
        """The bookings that hold their slot."""
        return [row for row in self.bookings if state_of(row, now) in slots.LIVE]

    def get_booking(self, booking_id: int) -> Booking:
        """Raises NotFound."""
        row = next((row for row in self.bookings if row.id == booking_id), None)
        if row is None:
            raise NotFound(what=str(booking_id), kind="booking")
        return row

    def require_open(self) -> None:
        """Raises PlanEnded for what was aired or cancelled."""
        if self.state in ENDED:
            raise PlanEnded(segment=self.segment.code, segment_state=self.state.value)


def state_of(row: Booking, now: datetime) -> BookingState:
    """How a booking stands now."""
    return slots.state_at(BookingState(row.state), row.option_expires_at, now)


def etag_of(row: Segment | Programme) -> str:
    """The strong ETag of a plan, without its quotes."""
    return f"{row.code}.{row.sequence}"


def check_known(row: Segment | Programme, if_match: IfMatch | None) -> None:
    """Raises PlanChanged where the sender says that it knows another state."""
    if if_match is not None and not if_match(etag_of(row)):
        raise PlanChanged(etag=f'"{etag_of(row)}"')


def open_segment(
    session: Session,
    code: str,
    *,
    outlet_ids: Collection[int],
    if_match: IfMatch | None = None,
    stories: Collection[str] = (),
    people: Collection[str] = (),
) -> Opened:
    """A segment of these outlets, locked with whoever is asked to it, and with these stories and persons.

    Raises NotFound, or PlanChanged where the sender has read another state or somebody else changed it just now.
    """
    known = reading.find_segment(session, code, outlet_ids=outlet_ids)
    if known is None:
        raise NotFound(what=code, kind="segment")
    check_known(known, if_match)
    asked = reading.list_bookings(session, [known.id])[known.id]
    stories, people = {*stories, *_stories_of(asked)}, {*people, *_people_of(asked)}
    lock_sources(session, stories=stories, people=people)
    lock_outlet(session, known.channel.outlet_id)
    opened = list_locked(session, [known.id])[0]
    check_known(opened.segment, if_match)
    if not (stories >= _stories_of(opened.bookings) and people >= _people_of(opened.bookings)):
        raise PlanChanged(etag=f'"{etag_of(opened.segment)}"')  # somebody was asked just now whom we did not lock
    return opened


def lock_sources(session: Session, *, stories: Collection[str], people: Collection[str]) -> None:
    """Lock stories and persons, each in the order of ids."""
    if stories:
        session.execute(select(Story.id).where(Story.id.in_(stories)).order_by(Story.id).with_for_update()).all()
    if people:
        session.execute(select(Person.id).where(Person.id.in_(people)).order_by(Person.id).with_for_update()).all()


def lock_outlet(session: Session, outlet_id: int) -> None:
    """Let nobody else of the outlet plan meanwhile; others may go on naming its row."""
    session.execute(select(Outlet.id).where(Outlet.id == outlet_id).with_for_update(key_share=True)).one()


def list_line(session: Session, outlet_id: int) -> list[int]:
    """An outlet, and those it has merged into, by ids."""
    found = [outlet_id]
    while (heir := session.scalar(select(Outlet.successor_id).where(Outlet.id == found[-1]))) is not None:
        found.append(heir)
    return found


def list_locked(session: Session, segment_ids: Collection[int]) -> list[Opened]:
    """Segments by id, locked and as they are now."""
    query = (
        select(Segment)
        .where(Segment.id.in_(segment_ids))
        .order_by(Segment.id)
        .options(joinedload(Segment.channel).joinedload(Channel.outlet), joinedload(Segment.programme))
        .with_for_update(of=Segment)
        .execution_options(populate_existing=True)
    )
    rows = list(session.scalars(query))
    bookings = reading.list_bookings(session, segment_ids, anew=True)
    crew = reading.list_crew(session, segment_ids)
    return [Opened(row, bookings[row.id], crew[row.id]) for row in rows]


def note(opened: Opened, what: str, *, by: str, now: datetime) -> Record:
    """Count a change of a segment; returns what the journal is told of it, which the caller appends."""
    segment = opened.segment
    segment.sequence += 1
    segment.updated_at = now
    return {**record_of(opened), "what": what, "actor": by}


def append(session: Session, opened: Opened, what: str, *, actor: Actor, now: datetime) -> None:
    """Count a change of a segment, and tell the journal; call it last."""
    session.flush()
    journal.append(session, note(opened, what, by=actor.mark, now=now), at=now)


def record_of(opened: Opened) -> Record:
    """What the journal says of a segment as it is: states and times, and a commitment of its texts."""
    segment = opened.segment
    return {
        "kind": KIND,
        "segment": segment.code,
        "sequence": segment.sequence,
        "channel": catalog.address_of(segment.channel),
        "state": segment.state,
        "starts": segment.starts_at.astimezone(UTC).isoformat(),
        "bookings": [[row.id, row.state] for row in opened.bookings],
        "text": journal.commitment(segment.salt, _texts_of(opened)),
    }


def programme_record_of(row: Programme) -> Record:
    """What the journal says of a programme as it is; needs `row.channel.outlet` loaded."""
    said = [row.title, row.theme, row.place, row.transmission, row.setting, row.time_zone, row.planned_seconds]
    return {
        "kind": PROGRAMME_KIND,
        "programme": row.code,
        "sequence": row.sequence,
        "channel": catalog.address_of(row.channel),
        "state": row.state,
        "starts": row.starts_at.astimezone(UTC).isoformat(),
        "rule": row.rule,
        "excluded": list(row.excluded),
        "text": journal.commitment(row.salt, orjson.dumps(said).decode()),
    }


def new_salt() -> str:
    """What makes the commitment of a plan's texts tell nothing; another one where a person was erased from them."""
    return secrets.token_urlsafe(16)


_OF_SEGMENT = (
    *("title", "theme", "time_zone", "planned_seconds", "transmission", "setting", "place", "certainty"),
    *("recording_from", "recording_until", "items", "notices"),
)
_OF_BOOKING = (
    *("id", "story_id", "organization_id", "fallback_for_id", "name", "role", "name_strap"),
    *("pronunciation", "contact", "availability", "time_zone", "travel", "access_needs", "scopes", "topics"),
    *("off_limits", "slot_from", "slot_until", "option_expires_at", "end_reason", "note", "answered_by"),
)


def _stories_of(rows: Collection[Booking]) -> set[str]:
    return {row.story_id for row in rows if row.story_id is not None}


def _people_of(rows: Collection[Booking]) -> set[str]:
    return {row.person_id for row in rows if row.person_id is not None}


def _texts_of(opened: Opened) -> str:
    """All that the record itself does not say, in one canonical text."""
    said: list[Any] = [_columns(opened.segment, _OF_SEGMENT)]
    said += [_columns(row, _OF_BOOKING) for row in opened.bookings]
    said += [[row.name, row.role] for row in opened.crew]
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()


def _columns(row: Segment | Booking, names: Sequence[str]) -> list[Any]:
    return [_plain(getattr(row, name)) for name in names]


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
