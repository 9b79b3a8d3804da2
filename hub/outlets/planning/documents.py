"""From rows of the planning to the frozen documents of `feeds.planning`. No session."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import schemas
from feeds import planning
from feeds.document import Contact, Slot
from feeds.planning import BookingState, Certainty, ItemKind, SegmentState, Setting, Transmission
from hub import models
from hub.outlets.planning import clockwork, moves, on_air, slots, wording
from hub.outlets.planning.clockwork import Length
from hub.outlets.planning.on_air import OnAir
from hub.outlets.planning.wording import Why

Address = Callable[[str], str]  # a path of ours to its absolute address


def programme_of(row: models.Programme, *, besides: Collection[datetime], address: Address) -> planning.Segment:
    """A programme with its rule, which `besides` what it says itself does not give these starts."""
    excluded = tuple(sorted({*excluded_of(row), *besides}))
    return planning.Segment(
        uid=row.uid,
        sequence=row.sequence,
        code=row.code,
        title=row.title,
        theme=row.theme,
        state=SegmentState(row.state),
        starts_at=row.starts_at,
        planned_seconds=row.planned_seconds,
        created_at=row.created_at,
        updated_at=row.updated_at,
        time_zone=row.time_zone,
        transmission=Transmission(row.transmission),
        setting=Setting(row.setting),
        certainty=Certainty.CERTAIN if row.cancelled_at is None else Certainty.UNCERTAIN,
        place=row.place,
        programme=row.title,
        recurrence=planning.Recurrence(rule=row.rule, excluded=excluded),
        url=address(f"/api/v1/programmes/{row.code}"),
    )


def segment_of(
    row: models.Segment,
    bookings: Sequence[models.Booking],
    crew: Sequence[models.CrewMember],
    *,
    with_contacts: bool,
    address: Address,
    now: datetime | None,
) -> planning.Segment:
    """A segment with the guests that are still asked, its crew and its rundown; needs `row.programme` loaded."""
    guests = [each for each in bookings if each.state != BookingState.RELEASED and _has_a_place(each, now)]
    stories = [*(each.story_id for each in guests), *(item.get("story") for item in row.items)]
    return planning.Segment(
        **_frame(row),
        guests=tuple(guest_of(each, bookings, with_contacts=with_contacts, now=now) for each in guests),
        crew=tuple(planning.CrewMember(name=each.name, role=each.role) for each in crew),
        rundown=rundown_of(row, coming(bookings, now)) if row.items else None,
        story_ids=tuple(dict.fromkeys(story for story in stories if story)),
        url=address(f"/api/v1/segments/{row.code}"),
        notice=notice_of(row, bookings),
    )


def for_unit(row: models.Segment, own: Sequence[models.Booking], *, address: Address) -> planning.Segment:
    """A segment as the unit of some of its guests may know it: these, whatever became of them, and no rundown."""
    return planning.Segment(
        **_frame(row),
        guests=tuple(guest_of(each, (), with_contacts=False, now=None) for each in own if each.name),
        story_ids=tuple(dict.fromkeys(each.story_id for each in own if each.story_id)),
        url=address("/api/v1/bookings"),
    )


def guest_of(
    row: models.Booking, others: Sequence[models.Booking], *, with_contacts: bool, now: datetime | None
) -> planning.BookedGuest:
    """Somebody booked. Without `now` an option stands as it was written, with its end beside it.

    How to reach somebody, and when, is told as long as they are to come.
    """
    state, comes = BookingState(row.state), is_live(row, now)
    return planning.BookedGuest(
        name=row.name,
        state=slots.state_at(state, row.option_expires_at, now) if now is not None else state,
        role=row.role,
        name_strap=row.name_strap,
        pronunciation=row.pronunciation,
        story_id=row.story_id or "",
        contact=Contact(**row.contact) if with_contacts and comes and row.contact else None,
        availability=tuple(_slot(each) for each in row.availability) if comes else (),
        time_zone=row.time_zone,
        travel=row.travel,
        access_needs=row.access_needs,
        fallback=next((each.name for each in others if each.fallback_for_id == row.id and is_live(each, now)), ""),
        fallback_for=next((each.name for each in others if each.id == row.fallback_for_id), ""),
        consented_topics=topics_of(row),
        off_limits=tuple(row.off_limits),
        option_expires_at=row.option_expires_at if state is BookingState.OPTIONED else None,
    )


def is_live(row: models.Booking, now: datetime | None) -> bool:
    """Does a booking hold its slot?"""
    state = BookingState(row.state)
    return (state if now is None else slots.state_at(state, row.option_expires_at, now)) in slots.LIVE


def topics_of(row: models.Booking, language: str = "vi") -> tuple[str, ...]:
    """What a guest agreed to be asked and shown: the scopes of the consent, and what was agreed upon beside."""
    scopes = schemas.vocabulary("consent_scopes")
    return (*(scopes.label(code, language) for code in row.scopes if code in scopes), *row.topics)


def coming(bookings: Sequence[models.Booking], now: datetime | None) -> dict[int, str]:
    """The names of who may still come, by their bookings: a rundown names nobody else."""
    return {row.id: row.name for row in bookings if is_live(row, now)}


def _has_a_place(row: models.Booking, now: datetime | None) -> bool:
    """Is somebody asked, whatever they said to it, or do they hold a slot to come for another? Nobody without name."""
    return row.name != "" and (row.fallback_for_id is None or is_live(row, now))


def rundown_of(row: models.Segment, names: Mapping[int, str]) -> planning.Rundown:
    """The rundown with its running clock; `names` of the guests who may come by their bookings."""
    lengths = lengths_of(row.items)
    clock = clockwork.run(row.starts_at, lengths)
    return planning.Rundown(
        items=tuple(
            _item(number, said, begins, ends, names)
            for number, (said, (begins, ends)) in enumerate(zip(row.items, clock, strict=True), start=1)
        ),
        planned_seconds=clockwork.planned_seconds(lengths),
        over_seconds=clockwork.over_seconds(lengths, available=row.planned_seconds),
    )


def lengths_of(items: Sequence[Mapping[str, Any]]) -> list[Length]:
    """How long the items of a rundown take."""
    return [Length(item["planned_seconds"], item.get("real_seconds")) for item in items]


def on_air_of(row: models.Segment, now: datetime) -> OnAir | None:
    """How a broadcast stands while it is on, or about to be; None for what is not on now or does not take place."""
    if row.state not in moves.TAKES_PLACE:
        return None
    return on_air.at(now, starts_at=row.starts_at, available=row.planned_seconds, lengths=lengths_of(row.items))


def excluded_of(row: models.Programme) -> tuple[datetime, ...]:
    """The starts of a programme that do not take place."""
    return tuple(datetime.fromisoformat(at) for at in row.excluded)


def notice_of(row: models.Segment, bookings: Sequence[models.Booking], language: str = "vi") -> str:
    """What the crew must know, a sentence a line."""
    names = {each.id: each.name for each in bookings}
    said = (wording.notice(Why(each["why"]), names.get(each["booking"], ""), language) for each in row.notices)
    return "\n".join(dict.fromkeys(said))


def _frame(row: models.Segment) -> dict[str, Any]:
    """What a segment says of itself, to whomever."""
    recorded = row.transmission == Transmission.RECORDED and row.recording_from is not None
    return {
        "uid": row.uid,
        "sequence": row.sequence,
        "code": row.code,
        "title": row.title,
        "theme": row.theme,
        "state": SegmentState(row.state),
        "starts_at": row.starts_at,
        "planned_seconds": row.planned_seconds,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "time_zone": row.time_zone,
        "transmission": Transmission(row.transmission),
        "setting": Setting(row.setting),
        "certainty": Certainty(row.certainty),
        "place": row.place,
        "recording": Slot(starts_at=row.busy_from, ends_at=row.busy_until) if recorded else None,
        "programme": row.programme.title if row.programme is not None else "",
        "recurrence_id": row.recurrence_id,
    }


def _item(
    number: int, said: Mapping[str, Any], begins: datetime, ends: datetime, names: Mapping[int, str]
) -> planning.RundownItem:
    return planning.RundownItem(
        number=number,
        kind=ItemKind(said["kind"]),
        title=said["title"],
        planned_seconds=said["planned_seconds"],
        starts_at=begins,
        ends_at=ends,
        real_seconds=said.get("real_seconds"),
        note=said.get("note", ""),
        guests=tuple(names[booking] for booking in said.get("guests", ()) if booking in names),
        questions=tuple(planning.Question(**question) for question in said.get("questions", ())),
        visuals=tuple(planning.Visual(**visual) for visual in said.get("visuals", ())),
    )


def _slot(said: Mapping[str, str]) -> Slot:
    return Slot(
        starts_at=datetime.fromisoformat(said["starts_at"]).astimezone(UTC),
        ends_at=datetime.fromisoformat(said["ends_at"]).astimezone(UTC),
        place=said.get("place", ""),
        purpose=said.get("purpose", ""),
    )
