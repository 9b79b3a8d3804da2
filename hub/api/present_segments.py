"""The planning as JSON: segments with guests and rundown to their outlet, bookings to the units of the guests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from feeds.planning import BookingState, Transmission
from hub.api import present
from hub.http.language import asked_language
from hub.models import Booking, Programme, Segment
from hub.outlets import catalog
from hub.outlets.planning import documents, keeping, slots
from hub.outlets.planning.keeping import Opened
from hub.outlets.planning.slots import Window


def segment(opened: Opened, *, now: datetime) -> dict[str, Any]:
    """A segment with all that belongs to it; its contacts are the caller's to have journalled."""
    row = opened.segment
    return {
        **summary(row),
        "theme": row.theme,
        "time_zone": row.time_zone,
        "transmission": row.transmission,
        "setting": row.setting,
        "place": row.place,
        "recording": _recording(row),
        "notice": documents.notice_of(row, opened.bookings, asked_language()),
        "guests": [_guest(each, now) for each in opened.bookings],
        "crew": [{"name": member.name, "role": member.role} for member in opened.crew],
        "rundown": _rundown(row, documents.coming(opened.bookings, now)),
        "created_at": present.instant(row.created_at),
    }


def summary(row: Segment) -> dict[str, Any]:
    """A segment's line in a list; needs channel, outlet and programme loaded."""
    return {
        "code": row.code,
        "uid": row.uid,
        "sequence": row.sequence,
        "etag": f'"{keeping.etag_of(row)}"',
        "channel": catalog.address_of(row.channel),
        "programme": row.programme.code if row.programme is not None else None,
        "recurrence_id": present.instant(row.recurrence_id),
        "title": row.title,
        "starts_at": present.instant(row.starts_at),
        "ends_at": present.instant(row.ends_at),
        "planned_seconds": row.planned_seconds,
        "state": row.state,
        "certainty": row.certainty,
        "updated_at": present.instant(row.updated_at),
    }


def programme(row: Programme, following: Sequence[tuple[datetime, str | None]]) -> dict[str, Any]:
    """A programme, with its next starts and what is planned for them; needs channel and outlet loaded."""
    return {
        "code": row.code,
        "uid": row.uid,
        "sequence": row.sequence,
        "etag": f'"{keeping.etag_of(row)}"',
        "channel": catalog.address_of(row.channel),
        "title": row.title,
        "theme": row.theme,
        "rule": row.rule,
        "excluded": [present.instant(at) for at in documents.excluded_of(row)],
        "starts_at": present.instant(row.starts_at),
        "time_zone": row.time_zone,
        "planned_seconds": row.planned_seconds,
        "transmission": row.transmission,
        "setting": row.setting,
        "place": row.place,
        "state": row.state,
        "next": [{"starts_at": present.instant(at), "segment": code} for at, code in following],
        "created_at": present.instant(row.created_at),
        "updated_at": present.instant(row.updated_at),
    }


def booking(row: Booking, segment: Segment, *, now: datetime) -> dict[str, Any]:
    """What a unit may know of a booking: its own guest, the slot, and the broadcast; nothing else of the planning."""
    channel = segment.channel
    return {
        "id": row.id,
        "outlet": {"code": channel.outlet.code, "name": channel.outlet.name},
        "organization": row.organization.code if row.organization is not None else None,
        "segment": {
            "title": segment.title,
            "theme": segment.theme,
            "starts_at": present.instant(segment.starts_at),
            "ends_at": present.instant(segment.ends_at),
            "time_zone": segment.time_zone,
            "transmission": segment.transmission,
            "setting": segment.setting,
            "place": segment.place,
            "state": segment.state,
        },
        **_common(row, now),
    }


def _guest(row: Booking, now: datetime) -> dict[str, Any]:
    comes = documents.is_live(row, now)
    contact = {"contact": row.contact} if row.contact and comes else {}
    return {
        "id": row.id,
        **_common(row, now),
        "name_strap": row.name_strap,
        "pronunciation": row.pronunciation,
        **contact,
        "availability": row.availability if comes else [],
        "within_availability": slots.fits(Window(row.slot_from, row.slot_until), row.availability),
        "time_zone": row.time_zone,
        "fallback_for": row.fallback_for_id,
        "unit": row.organization.code if row.organization is not None else None,
    }


def _common(row: Booking, now: datetime) -> dict[str, Any]:
    """What outlet and unit both know."""
    state = keeping.state_of(row, now)
    return {
        "story": row.story_id,
        "name": row.name,
        "role": row.role,
        "booking_state": state.value,
        "slot": {"starts_at": present.instant(row.slot_from), "ends_at": present.instant(row.slot_until)},
        "option_until": present.instant(row.option_expires_at) if state is not BookingState.CONFIRMED else None,
        "travel": row.travel,
        "access_needs": row.access_needs,
        "consented_topics": list(documents.topics_of(row, asked_language())),
        "off_limits": row.off_limits,
        "note": row.note,
        "answered_by": row.answered_by,
    }


def _recording(row: Segment) -> dict[str, Any] | None:
    if row.recording_from is None or row.transmission != Transmission.RECORDED:
        return None
    return {"starts_at": present.instant(row.recording_from), "ends_at": present.instant(row.recording_until)}


def _rundown(row: Segment, names: Mapping[int, str]) -> dict[str, Any]:
    """The rundown with its running clock, its items as they were sent, without guests who do not come."""
    told = documents.rundown_of(row, names)
    items = [
        {
            **said,
            **({"guests": [each for each in said["guests"] if each in names]} if "guests" in said else {}),
            "number": item.number,
            "starts_at": present.instant(item.starts_at),
            "ends_at": present.instant(item.ends_at),
        }
        for said, item in zip(row.items, told.items, strict=True)
    ]
    return {"items": items, "planned_seconds": told.planned_seconds, "over_seconds": told.over_seconds}
