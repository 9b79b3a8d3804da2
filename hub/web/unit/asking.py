"""What is asked of the unit: coverage that outlets want, guests for broadcasts; and the calendar that shows those."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from feeds.planning import BookingState
from hub.accounts import calendar_addresses, organizations, rights
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import HubError, Invalid, NotFound
from hub.http.services import services
from hub.models import Key, Organization
from hub.outlets.planning import bookings, keeping, orders
from hub.regulation import reading, releasing
from hub.regulation.filed import requests
from hub.regulation.filed.request_states import BY_ORGANIZATION, MAY, RequestState
from hub.web import once, visitors
from hub.web.desks import UNIT, go_on, page
from hub.web.unit import bp
from hub.web.unit.refusing import fault_sentences
from hub.web.unit.stories import title_of

PAGE = 20
STORIES = 50  # of the unit's own, to choose an answer from
BOOKED = {"confirm": BookingState.CONFIRMED, "decline": BookingState.DECLINED}
MAX_NUMBER = 2**31 - 1


@bp.get("/requests/")
def list_requests() -> Response:
    actor = visitors.require(*rights.SPEAKERS)
    parts, now = services(), services().clock.now()
    with parts.database.reading() as session:
        rows = requests.list_page(session, asker=actor, before=_before(), limit=PAGE + 1, now=now)
    return page(
        "unit/requests.html",
        desk=UNIT,
        rows=rows[:PAGE],
        following=f"?before={rows[PAGE - 1].id}" if len(rows) > PAGE else "",
        today=local_day(now),
    )


@bp.get("/requests/<int(max=2147483647):request_id>")
def show_request(request_id: int) -> Response:
    return _show_request(request_id, {})


@bp.post("/requests/<int(max=2147483647):request_id>")
def answer_request(request_id: int) -> AnyResponse:
    actor = visitors.require(*rights.SPEAKERS)
    fields = {name: request.form.get(name, "").strip() for name in ("answer", "text", "story", "due_on")}
    document = {name: value for name, value in fields.items() if value}
    if document.get("answer") != "accepted":
        document = {name: value for name, value in document.items() if name in ("answer", "text")}
    parts, now = services(), services().clock.now()
    try:
        order = requests.read_answer(document)
        if order.answer not in BY_ORGANIZATION:
            raise requests.OtherSide(answer=order.answer.value)
        with parts.database.writing() as session:
            if once.is_first(session, actor, f"request {request_id}", now=now):
                requests.answer(session, request_id, order, actor=actor, now=now)
    except Invalid as exc:
        return _show_request(request_id, fields, refused=exc)
    return go_on(f"/desk/unit/requests/{request_id}")


@bp.get("/bookings/")
def list_bookings() -> Response:
    return _show_bookings()


@bp.post("/bookings/<int(max=2147483647):booking_id>/<any(confirm, decline):said>")
def answer_booking(booking_id: int, said: str) -> AnyResponse:
    actor = visitors.require(*rights.SPEAKERS)
    note = request.form.get("note", "").strip()
    parts, now = services(), services().clock.now()
    with parts.database.writing() as session:
        if once.is_first(session, actor, f"booking {booking_id}", now=now):
            bookings.answer(
                session,
                booking_id,
                BOOKED[said],
                note=orders.read_answer({"note": note} if note else {}),
                theirs=bookings.of_unit(actor, on=local_day(now)),
                actor=actor,
                limits=releasing.limits_at(session, now),
                now=now,
            )
    return go_on("/desk/unit/bookings/")


@bp.post("/calendar")
def make_calendar_address() -> Response:
    """Make the address, or a new one: it is shown this once, on the page that answers."""
    actor = visitors.require(*rights.SPEAKERS)
    parts = services()
    with parts.database.writing() as session:
        made = calendar_addresses.make(session, _own(session, actor), actor=actor, now=parts.clock.now())
    return _show_bookings(address=parts.settings.address(f"/calendars/{made.secret}.ics"))


@bp.post("/calendar/revoke")
def revoke_calendar_address() -> AnyResponse:
    actor = visitors.require(*rights.SPEAKERS)
    parts, now = services(), services().clock.now()
    with parts.database.writing() as session:
        own = _own(session, actor)
        if calendar_addresses.find(session, own, now=now) is not None:
            calendar_addresses.revoke(session, own, actor=actor, now=now)
    return go_on("/desk/unit/bookings/")


def _show_request(request_id: int, typed: dict[str, str], *, refused: HubError | None = None) -> Response:
    actor = visitors.require(*rights.SPEAKERS)
    parts, now = services(), services().clock.now()
    with parts.database.reading() as session:
        row = requests.get(session, request_id, asker=actor, now=now)
        answers = requests.list_answers(session, row, asker=actor, now=now)
        own = reading.list_stories(session, asker=actor, state=None, before=None, limit=STORIES, now=now)
        closed = reading.list_closed(session, [story for story, _version in own], asker=actor, now=now)
    return page(
        "unit/request.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if refused is not None else HTTPStatus.OK,
        desk=UNIT,
        row=row,
        answers=answers,
        may=bool(MAY[RequestState(row.state)] & BY_ORGANIZATION),
        stories=[(story.id, title_of(version) or story.id) for story, version in own if story.id not in closed],
        typed=typed,
        trouble=fault_sentences(refused) if refused is not None else [],
        once=once.new_token(),
        today=local_day(now),
        writes=Role.CONTRIBUTOR in actor.roles,
    )


def _show_bookings(*, address: str = "") -> Response:
    actor = visitors.require(*rights.SPEAKERS)
    parts, now = services(), services().clock.now()
    theirs = bookings.of_unit(actor, on=local_day(now))
    with parts.database.reading() as session:
        rows = bookings.list_page(session, theirs=theirs, before=_before(), limit=PAGE + 1)
        key = _find_key(session, actor)
    lines: list[tuple[Any, str]] = [(row, keeping.state_of(row, now).value) for row in rows[:PAGE]]
    return page(
        "unit/bookings.html",
        desk=UNIT,
        lines=lines,
        following=f"?before={rows[PAGE - 1].id}" if len(rows) > PAGE else "",
        address=address,
        key=key,
        once=once.new_token(),
    )


def _find_key(session: Session, actor: Actor) -> Key | None:
    if rights.spoken_for(actor) is None:
        return None
    return calendar_addresses.find(session, _own(session, actor), now=services().clock.now())


def _own(session: Session, actor: Actor) -> Organization:
    own = rights.spoken_for(actor)
    if own is None:
        raise NotFound(kind="organization")
    return organizations.resolve(session, own, on=local_day(services().clock.now()))


def _before() -> int | None:
    sent = request.args.get("before", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 11 and int(sent) <= MAX_NUMBER else None
