"""The consent ledger for machines: whom stories are about, what each agreed to, and the acts that change it."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

import schemas
from hub.actors import Actor, Role
from hub.api import bp, present, present_consent
from hub.api.reading import MAX_PAGE, read_checked, read_number
from hub.clock import local_day
from hub.errors import Invalid, NotFound
from hub.http.asking import NotForYou, require
from hub.http.services import services
from hub.models import Person
from hub.records import consents, persons, proofs, tellings
from hub.records.secret import Secret
from hub.regulation import reading
from hub.regulation.consent import agreed_days, consenting, papers
from schemas.faults import fault_at

DEFAULT_PAGE = 50
SCHEMA = "consent-act.v1"
FOR_EDITORS = frozenset({"merge", "report"})


@bp.get("/persons")
def list_persons() -> Response:
    actor = require(*reading.READERS)
    known = consenting.known_to(actor, now=services().clock.now())
    limit = read_number("limit", DEFAULT_PAGE, least=1, most=MAX_PAGE)
    story = request.args.get("story", "")
    with services().database.reading() as session:
        rows = persons.list_page(session, known, before=request.args.get("cursor"), limit=limit + 1, story_id=story)
    following = rows[limit - 1].id if len(rows) > limit else None
    return present.linked_page([present_consent.person(row) for row in rows[:limit]], following)


@bp.get("/persons/<person_id>")
def get_person(person_id: str) -> dict[str, Any]:
    actor = require(*reading.READERS)
    known = consenting.known_to(actor, now=services().clock.now())
    with services().database.reading() as session:
        person = persons.get(session, person_id, known)
        stories = persons.list_known_stories(session, person.id, known)
        ledger = [row for row in consents.list_of_person(session, person.id) if row.story_id in (None, *stories)]
        return present_consent.person_whole(person, stories, ledger)


@bp.post("/persons/<person_id>/acts")
def act_on_person(person_id: str) -> Response:
    actor = require(*consenting.ACTORS)
    said = read_checked(SCHEMA)
    _require_all(said)
    if said["act"] in FOR_EDITORS and Role.EDITOR not in actor.roles:
        raise NotForYou(role=actor.role.value)
    parts = services()
    now = parts.clock.now()
    if faults := list(agreed_days.find_to_come(said, today=local_day(now))):
        raise Invalid(faults=faults)
    known = consenting.known_to(actor, now=now, roles=consenting.ACTORS)
    with parts.database.writing() as session:
        person = persons.get(session, person_id, known)
        if "story" in said and said["story"] not in persons.list_known_stories(session, person.id, known):
            raise NotFound(what=said["story"], kind="story")
        if said["act"] in FOR_EDITORS:
            story_id = said.get("story") if said["act"] == "report" else None
            consenting.require_editor(session, person, story_id=story_id, actor=actor, now=now)
        body = DO[said["act"]](session, person, said, known, actor, now)
    return present.json_answer(body, HTTPStatus.CREATED)


@bp.post("/persons/<person_id>/proofs")
def post_proof(person_id: str) -> Response:
    actor = require(*consenting.ACTORS)
    data = request.files["file"].read() if "file" in request.files else request.get_data(cache=False)
    parts = services()
    now = parts.clock.now()
    with parts.database.writing() as session:
        known = consenting.known_to(actor, now=now, roles=consenting.ACTORS)
        person = persons.lock_living(session, persons.get(session, person_id, known).id)
        proof = papers.seal(session, person, data, secret=Secret.of(parts.settings), actor=actor, now=now)
    answer = present.json_answer(present_consent.proof(proof), HTTPStatus.CREATED)
    answer.headers["Location"] = parts.settings.address(f"/api/v1/proofs/{proof.id}")
    return answer


@bp.get("/proofs/<proof_id>")
def get_proof(proof_id: str) -> Response:
    actor = require(*consenting.SEALED)
    parts = services()
    known = consenting.known_to(actor, now=parts.clock.now(), roles=consenting.SEALED)
    with parts.database.writing() as session:
        proof = proofs.get(session, proof_id)
        persons.get(session, proof.person_id, known)  # one who may not know the person may not know of the paper
        data = papers.read(session, proof, secret=Secret.of(parts.settings), actor=actor, now=parts.clock.now())
    answer = Response(data, mimetype=proof.media_type)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Content-Disposition"] = f'attachment; filename="{proof.id}"'
    return answer


def _record(
    session: Session, person: Person, said: dict[str, Any], _known: persons.Known, actor: Actor, now: datetime
) -> dict[str, Any]:
    _check_proof(session, person, said)
    paper = consents.paper_of(said)
    opened = consenting.record(session, person, paper, story_id=said.get("story"), actor=actor, now=now)
    return present_consent.done("record", person, opened, [], [])


def _clear(
    session: Session, person: Person, said: dict[str, Any], _known: persons.Known, actor: Actor, now: datetime
) -> dict[str, Any]:
    consenting.clear(session, person, said["clearance"], story_id=said.get("story"), actor=actor, now=now)
    return present_consent.done("clear", person, [], [], [])


def _withdraw(
    session: Session, person: Person, said: dict[str, Any], known: persons.Known, actor: Actor, now: datetime
) -> dict[str, Any]:
    ended = consenting.withdraw(
        session, person, story_id=said.get("story"), scopes=said.get("scopes", ()), actor=actor, now=now
    )
    person = persons.get(session, person.id)  # who was merged meanwhile is somebody else now
    stories = persons.list_known_stories(session, person.id, known)
    return present_consent.withdrawn(person, ended, stories, tellings.list_goals(session, stories))


def _merge(
    session: Session, person: Person, said: dict[str, Any], known: persons.Known, actor: Actor, now: datetime
) -> dict[str, Any]:
    double = persons.get(session, said["double"], known)
    consenting.require_editor(session, double, actor=actor, now=now)
    outcome = consenting.merge(session, person, double, actor=actor, now=now)
    receipts = [receipt.id for receipt in outcome.receipts]
    return present_consent.done("merge", person, [], outcome.losses, receipts)


def _report(
    session: Session, person: Person, said: dict[str, Any], _known: persons.Known, actor: Actor, now: datetime
) -> dict[str, Any]:
    consenting.report(session, person, story_id=said.get("story"), actor=actor, now=now)
    return present_consent.done("report", person, [], [], [])


DO = {"record": _record, "clear": _clear, "withdraw": _withdraw, "merge": _merge, "report": _report}


def _require_all(said: dict[str, Any]) -> None:
    """What each act cannot do without."""
    needed = {"record": ("scopes",), "clear": ("clearance",), "merge": ("double",), "withdraw": (), "report": ()}
    faults = [fault_at(SCHEMA, (name,), "required") for name in needed[said["act"]] if not said.get(name)]
    if faults:
        raise Invalid(faults=faults)


def _check_proof(session: Session, person: Person, said: dict[str, Any]) -> None:
    named = said.get("proof")
    if named is not None and named not in {proof.id for proof in proofs.list_of_person(session, person.id)}:
        raise Invalid(faults=[schemas.Fault("/proof", "unknown_proof", {"proof": named})])
