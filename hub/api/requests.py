"""Requests for coverage for machines: outlets ask, organizations answer, both read what is theirs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from hub.actors import Role
from hub.api import bp, present
from hub.api.once import answer_once
from hub.api.reading import MAX_PAGE, BadQuery, read_json, read_number
from hub.http.asking import require
from hub.http.services import services
from hub.models import CoverageRequest, RequestAnswer
from hub.regulation.filed import requests
from hub.regulation.filed.request_states import RequestState

DEFAULT_PAGE = 50


@bp.post("/requests")
def post_request() -> Response:
    actor = require(Role.OUTLET)
    document, body = read_json()
    order = requests.read(document)

    def ask(session: Session, now: datetime) -> dict[str, Any]:
        return _request(requests.ask(session, order, actor=actor, now=now))

    answer, told = answer_once(body, ask, actor=actor, call="requests")
    answer.headers["Location"] = services().settings.address(f"/api/v1/requests/{told['id']}")
    return answer


@bp.get("/requests")
def list_requests() -> Response:
    actor = require(*requests.READERS)
    limit = read_number("limit", DEFAULT_PAGE, least=1, most=MAX_PAGE)
    before = read_number("cursor", 0) or None
    state = request.args.get("state")
    if state is not None and state not in set(RequestState):
        raise BadQuery(parameter="state", sent=state[:40])
    parts = services()
    with parts.database.reading() as session:
        rows = requests.list_page(
            session, asker=actor, state=state, before=before, limit=limit + 1, now=parts.clock.now()
        )
    following = rows[limit - 1].id if len(rows) > limit else None
    return present.linked_page([_request(row) for row in rows[:limit]], following)


@bp.get("/requests/<int(max=2147483647):request_id>")
def get_request(request_id: int) -> dict[str, Any]:
    actor = require(*requests.READERS)
    parts = services()
    now = parts.clock.now()
    with parts.database.reading() as session:
        row = requests.get(session, request_id, asker=actor, now=now)
        answers = requests.list_answers(session, row, asker=actor, now=now)
    return {**_request(row), "answers": [_answer(each) for each in answers]}


@bp.post("/requests/<int(max=2147483647):request_id>/answers")
def post_answer(request_id: int) -> Response:
    actor = require(*requests.ANSWERERS)
    document, body = read_json()
    order = requests.read_answer(document)

    def answer(session: Session, now: datetime) -> dict[str, Any]:
        return _answer(requests.answer(session, request_id, order, actor=actor, now=now)[1])

    return answer_once(body, answer, actor=actor, call=f"requests/{request_id}/answers", story_id=order.story)[0]


def _request(row: CoverageRequest) -> dict[str, Any]:
    return {
        "id": row.id,
        "outlet": row.outlet.code,
        "reach": row.reach,
        "to": row.organization.code if row.organization else None,
        "title": row.title,
        "text": row.text,
        "topics": row.topics,
        "place": row.place,
        "person": row.person,
        "needed_by": row.needed_by.isoformat() if row.needed_by else None,
        "state": row.state,
        "by": row.actor_name,
        "at": present.instant(row.at),
    }


def _answer(row: RequestAnswer) -> dict[str, Any]:
    return {
        "id": row.id,
        "request": row.request_id,
        "organization": row.organization.code if row.organization else None,
        "answer": row.answer,
        "question": row.question_id,
        "story": row.story_id,
        "due_on": row.due_on.isoformat() if row.due_on else None,
        "text": row.text,
        "by": row.actor_name,
        "at": present.instant(row.at),
    }
