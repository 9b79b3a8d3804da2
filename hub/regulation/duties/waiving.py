"""Waiving a duty: somebody says why, the journal keeps it, and the duty ends as any other does: by a row."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hub.actors import Actor
from hub.errors import Conflict, Invalid, NotFound
from hub.models import Duty, Waiver
from hub.records import clock_trust, journal
from hub.records.clock_trust import ClockNotBelieved
from hub.regulation.duties import marks, projector
from hub.regulation.edition import clauses, editions
from hub.regulation.edition.clauses import StoryFacts
from schemas.faults import fault_at


class DutyEnded(Conflict):
    """The duty was fulfilled, waived or has lapsed already."""

    key = "error.duty_ended"


def waive(session: Session, duty_id: str, *, note: str, actor: Actor, now: datetime) -> Duty:
    """Waive an open or late duty. Raises NotFound, DutyEnded, ClockNotBelieved, or Invalid without a note.

    Call `projector.catch_up` before: then few rows are left to read here, where others wait.
    """
    if not note:
        raise Invalid(faults=[fault_at("waiver.v1", ("note",), "required")])
    marks.lock(session)  # before any duty, as the worker does
    if (fault := clock_trust.find_fault(session)) is not None:
        raise ClockNotBelieved(fault=fault)  # duties stand as they were, and would not hear of it
    _read_on(session)  # it may have ended already, and nobody holds the journal's head yet
    duty = session.get(Duty, duty_id)
    if duty is None:
        raise NotFound(what=duty_id[:40], kind="duty")
    if duty.ended_at is not None:
        ended = {"winner": duty.state, "winner_at": duty.ended_at.isoformat()}
        raise DutyEnded(duty=duty.id, state=duty.state, clause=duty.clause, **ended)
    waiver = Waiver(duty_id=duty.id, note=note, actor_name=actor.name, salt=secrets.token_urlsafe(16), at=now)
    session.add(waiver)
    clause = clauses.clause_for_act(editions.in_force(session, now), "waive", StoryFacts())
    said = {"actor": actor.mark, "clause": clause.number if clause is not None else ""}
    journal.append(session, {**record_of(waiver), **said}, at=now, story_id=duty.story_id)
    _read_on(session)
    session.refresh(duty)
    return duty


def record_of(waiver: Waiver) -> Mapping[str, Any]:
    """What the journal says of a waiver: a commitment of its texts, never the texts."""
    text = journal.commitment(waiver.salt, f"{waiver.note}\n{waiver.actor_name}")
    return {"kind": "waived", "duty": waiver.duty_id, "note": text}


def _read_on(session: Session) -> None:
    while projector.project(session) == projector.PAGE:
        pass
