"""The regulation in force, and what is owed under it: due, late, met or waived, each line with clause and evidence."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import orjson
from flask import Response, request

import schemas
from feeds.text import clean_text
from hub.actors import Role
from hub.api import bp, present
from hub.api.reading import MAX_PAGE, BadQuery, read_json, read_number
from hub.errors import Invalid
from hub.http.asking import require
from hub.http.services import services
from hub.models import Duty
from hub.regulation.duties import projector, reading, waiving
from hub.regulation.duties.reading import Question
from hub.regulation.edition import editions
from hub.regulation.edition.clauses import Regulation
from hub.regulation.edition.working_days import end_of

DEFAULT_PAGE = 50
INSTANT = timedelta(microseconds=1)


@bp.get("/regulation")
def get_regulation() -> Response:
    with services().database.reading() as session:
        row = editions.get_in_force(session, _as_of())
    body = {
        "edition": row.id,
        "adopted_at": present.instant(row.adopted_at),
        "effective_at": present.instant(row.effective_at),
        "digest": row.digest,
        "document": orjson.Fragment(row.document),
    }
    return present.json_answer(body)


@bp.get("/duties")
def list_duties() -> Response:
    actor = require(*reading.OWED_BY, Role.OUTLET)
    limit = read_number("limit", DEFAULT_PAGE, least=1, most=MAX_PAGE)
    question, at, after, now = _question(), _as_of(), _cursor(), services().clock.now()
    with services().database.reading() as session:
        rows = reading.list_duties(session, question, asker=actor, at=at, now=now, after=after, limit=limit + 1)
        shown = rows[:limit]
        notes = reading.notes_of(session, shown)
        adopted = {edition.id: edition.regulation for edition in editions.timeline(session)} if shown else {}
    items = [_duty(row, adopted[row.edition_id], at=at, note=notes.get(row.id, "")) for row in shown]
    following = f"{shown[-1].due_at.isoformat()}~{shown[-1].id}" if len(rows) > limit else None
    return present.linked_page(items, following)


@bp.get("/duties/<duty_id>")
def get_duty(duty_id: str) -> dict[str, Any]:
    actor = require(*reading.OWED_BY, Role.OUTLET)
    now = services().clock.now()
    with services().database.reading() as session:
        row = reading.get_duty(session, duty_id, asker=actor, now=now)
        notes = reading.notes_of(session, [row])
        adopted = {edition.id: edition.regulation for edition in editions.timeline(session)}
        rows = [{**each, "at": present.instant(each["at"])} for each in reading.list_rows(session, row)]
    return {"duty": _duty(row, adopted[row.edition_id], at=now, note=notes.get(row.id, "")), "rows": rows}


@bp.post("/duties/<duty_id>/waive")
def waive_duty(duty_id: str) -> dict[str, Any]:
    actor = require(Role.EDITOR)
    said, _ = read_json()
    if faults := schemas.check("waiver.v1", said):
        raise Invalid(faults=faults)
    note = clean_text(said["note"], multiline=True).strip()
    parts = services()
    now = parts.clock.now()
    with parts.database.reading() as session:
        reading.get_duty(session, duty_id, asker=actor, now=now, roles=reading.WAIVERS)
    projector.catch_up(parts.database)  # in transactions of its own, while nobody waits
    with parts.database.writing() as session:
        row = waiving.waive(session, duty_id, note=note, actor=actor, now=now)
        adopted = {edition.id: edition.regulation for edition in editions.timeline(session)}
        return _duty(row, adopted[row.edition_id], at=now, note=note)


def _duty(row: Duty, regulation: Regulation, *, at: datetime, note: str) -> dict[str, Any]:
    """One duty as it stood at an instant."""
    ended = row.ended_at is not None and row.ended_at <= at
    clause = regulation.clause_of(regulation.rules[row.clause])
    return {
        "id": row.id,
        "clause": {"edition": row.edition_id, "number": row.clause, "title": clause.title},
        "owner": {"kind": row.owner_kind, "code": row.owner},
        "story": row.story_id,
        "period": row.period or None,
        "state": reading.state_at(row, at),
        "opened_at": present.instant(row.opened_at),
        "opened_by": row.opened_by or None,
        "due_at": present.instant(row.due_at),
        "ended_at": present.instant(row.ended_at) if ended else None,
        "evidence": row.evidence if ended or row.ended_at is None else [],
        "note": note if ended else "",
    }


def _question() -> Question:
    state = request.args.get("state")
    if state is not None and state not in reading.STATES:
        raise BadQuery(parameter="state", sent=state[:40])
    return Question(
        organization=request.args.get("organization"),
        outlet=request.args.get("outlet"),
        clause=request.args.get("clause"),
        state=state,
        story=request.args.get("story"),
    )


def _as_of() -> datetime:
    """The instant asked about: a day's end in Việt Nam, an instant, or now."""
    sent = request.args.get("as_of")
    if sent is None:
        return services().clock.now()
    try:
        if len(sent) == len("2026-11-20"):
            return end_of(date.fromisoformat(sent)) - INSTANT
        found = datetime.fromisoformat(sent.replace(" ", "+"))  # a plus of the offset that nobody escaped
    except (ValueError, OverflowError) as exc:
        raise BadQuery(parameter="as_of", sent=sent[:40]) from exc
    if found.tzinfo is None:
        raise BadQuery(parameter="as_of", sent=sent[:40])
    return found


def _cursor() -> tuple[datetime, str] | None:
    sent = request.args.get("cursor")
    if sent is None:
        return None
    instant, _, duty_id = sent.replace(" ", "+").partition("~")
    try:
        found = datetime.fromisoformat(instant)
    except ValueError as exc:
        raise BadQuery(parameter="cursor", sent=sent[:40]) from exc
    if found.tzinfo is None or not duty_id:
        raise BadQuery(parameter="cursor", sent=sent[:40])
    return found, duty_id
