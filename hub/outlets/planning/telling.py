"""What units and outlets are told of bookings, by the notices that tell of everything else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hub.models import Booking
from hub.outlets.planning.keeping import Opened
from hub.outlets.planning.wording import Why
from hub.records import outbox

BOOKED, FREED, REPLIED, PULLED = "booked", "freed", "replied", "pulled"


def asked(session: Session, opened: Opened, row: Booking, *, now: datetime) -> None:
    """Tell the guest's unit that a slot waits for its answer."""
    due = {"due_at": row.option_expires_at.isoformat()} if row.option_expires_at is not None else {}
    _to_unit(session, BOOKED, opened, row, now=now, **due)


def freed(session: Session, opened: Opened, row: Booking, *, now: datetime) -> None:
    """Tell the guest's unit that the guest is not asked any more."""
    _to_unit(session, FREED, opened, row, now=now)


def replied(session: Session, opened: Opened, row: Booking, *, by: int | None, now: datetime) -> None:
    """Tell the outlet what a unit said; `by` is the user who said it."""
    outbox.add_notice(session, REPLIED, at=now, **_facts(opened, row), by=by)


def pulled(session: Session, opened: Opened, row: Booking, why: Why, *, now: datetime) -> None:
    """Tell the outlet, and its crew in the segment itself, that a guest was pulled out."""
    note_crew(opened, row, why, now=now)
    outbox.add_notice(session, PULLED, at=now, **_facts(opened, row))


def note_crew(opened: Opened, row: Booking, why: Why, *, now: datetime) -> None:
    """Let the segment say something of a guest until its producers have seen it."""
    said = {"booking": row.id, "why": why.value, "at": now.isoformat()}
    opened.segment.notices = [*opened.segment.notices, said]


def _to_unit(session: Session, kind: str, opened: Opened, row: Booking, *, now: datetime, **more: Any) -> None:
    if row.organization is not None:
        facts = _facts(opened, row)
        outbox.add_notice(session, kind, at=now, **facts, organization=row.organization.code, **more)


def _facts(opened: Opened, row: Booking) -> dict[str, Any]:
    """What makes the event this one: the change of the segment it is a part of."""
    return {
        **({"story": row.story_id} if row.story_id else {}),
        "outlet": opened.outlet.code,
        "segment": opened.segment.code,
        "booking": row.id,
        "change": opened.segment.sequence + 1,
    }
