"""Coverage wanted: what the outlet asks organizations to tell of, what they answer and offer, and its own replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

import schemas
from hub.accounts import listing
from hub.clock import local_day
from hub.errors import HubError, NotFound
from hub.http.services import services
from hub.models import Organization
from hub.publishing import inbox
from hub.regulation.filed import requests
from hub.regulation.filed.request_states import MAY, Move, RequestState
from hub.web.numbers import asked_number, number_in
from hub.web.once import do_once
from hub.web.outlet.newsroom import Newsroom, bp, enter, family_of, show
from hub.web.outlet.refusals import NOTHING, Refusal, refusal_of

PAGE = 20
TEXTS = ("title", "text", "place", "person", "needed_by")
STATES = tuple(RequestState)
ONE, BELOW = NAMED = ("one", "below")  # how far a request reaches that names an organization
CANDIDATES = 12


@bp.get("/<outlet>/requests/", strict_slashes=False)
def list_requests(outlet: str) -> Response:
    room = enter(outlet)
    state = request.args.get("state", "")
    if state and state not in set(RequestState):
        raise NotFound(kind="page")
    before = asked_number("before")
    now = services().clock.now()
    with services().database.reading() as session:
        rows = requests.list_page(
            session, asker=room.actor, state=state or None, before=before, limit=PAGE + 1, now=now
        )
    following = f"?state={state}&before={rows[PAGE - 1].id}" if len(rows) > PAGE else ""
    return show(
        room, "requests.html", rows=rows[:PAGE], state=state, states=STATES, next=following, today=local_day(now)
    )


@bp.get("/<outlet>/requests/new")
def new_request(outlet: str) -> Response:
    return _form(enter(outlet), MultiDict(), NOTHING)


@bp.post("/<outlet>/requests/")
def post_request(outlet: str) -> AnyResponse:
    room, form = enter(outlet), request.form
    candidates, to = _asked()
    if form.get("reach") in NAMED and not to:
        return _form(room, form, Refusal(status=HTTPStatus.UNPROCESSABLE_ENTITY), candidates=candidates)

    def ask(session: Session, now: datetime) -> str:
        row = requests.ask(session, requests.read(_document(to)), actor=room.actor, now=now)
        return room.path(f"requests/{row.id}")

    try:
        return do_once(room.actor, ask)
    except HubError as refused:
        return _form(room, form, refusal_of(refused), candidates=candidates)


@bp.get("/<outlet>/requests/<int(max=2147483647):request_id>")
def show_request(outlet: str, request_id: int) -> Response:
    return _page(enter(outlet), request_id, NOTHING)


@bp.post("/<outlet>/requests/<int(max=2147483647):request_id>/answers")
def post_reply(outlet: str, request_id: int) -> AnyResponse:
    """Reply to those who were asked, or withdraw the request: nothing more is said to it then."""
    room, form = enter(outlet), request.form
    text, question = form.get("text", "").strip(), form.get("question", "")
    document: dict[str, Any] = {"answer": form.get("answer", ""), **({"text": text} if text else {})}
    if (number := number_in(question)) is not None:
        document["question"] = number

    def reply(session: Session, now: datetime) -> str:
        requests.answer(session, request_id, requests.read_answer(document), actor=room.actor, now=now)
        return room.path(f"requests/{request_id}")

    try:
        return do_once(room.actor, reply)
    except NotFound:
        raise
    except HubError as refused:
        return _page(room, request_id, refusal_of(refused), typed=form)


def _asked() -> tuple[Sequence[Organization], str]:
    """The organizations that what was typed may mean, and the code of the one that it means."""
    form, now = request.form, services().clock.now()
    typed = form.get("code", "") or form.get("to", "")
    if form.get("reach") not in NAMED:
        return (), ""
    with services().database.reading() as session:
        found = listing.list_matching(session, typed, on=local_day(now), limit=CANDIDATES)
    return found, found[0].code if len(found) == 1 else ""


def _document(to: str) -> dict[str, Any]:
    form = request.form
    said: dict[str, Any] = {name: form[name].strip() for name in TEXTS if form.get(name, "").strip()}
    said.setdefault("title", "")
    if topics := form.getlist("topics"):
        said["topics"] = topics
    if to:
        said |= {"to": to, "below": form["reach"] == BELOW}
    return said


def _form(
    room: Newsroom,
    typed: MultiDict[str, str],
    refusal: Refusal,
    *,
    candidates: Sequence[Organization] | None = None,
) -> Response:
    """The form; `candidates` are what the typed organization may mean, where it was asked for."""
    return show(
        room,
        "request_new.html",
        refusal.status,
        typed=typed,
        chosen=typed.getlist("topics"),
        refusal=refusal,
        candidates=candidates,
        topics=schemas.vocabulary("topics").codes,
        today=local_day(services().clock.now()).isoformat(),
    )


def _page(room: Newsroom, request_id: int, refusal: Refusal, *, typed: Mapping[str, str] | None = None) -> Response:
    now = services().clock.now()
    with services().database.reading() as session:
        row = requests.get(session, request_id, asker=room.actor, now=now)
        answers = requests.list_answers(session, row, asker=room.actor, now=now)
        stories = {each.story_id for each in answers if each.story_id}
        known = inbox.list_known(session, stories, outlet_ids=family_of(session, room))
    return show(
        room,
        "request.html",
        refusal.status,
        row=row,
        answers=answers,
        known=known,
        refusal=refusal,
        typed=typed or {},
        is_open=Move.REPLY in MAY[RequestState(row.state)],
    )
