"""The planning of broadcasts for machines: an outlet's programmes and segments, and the units' answers to bookings.

Of another outlet's plans nobody may know. Who changes a segment says by If-Match which state of it they have read.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Response, request
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from feeds.conditional import matches_strongly
from feeds.planning import BookingState
from hub.accounts import rights, users
from hub.actors import Actor, Role
from hub.api import bp, present, present_segments
from hub.api.reading import MAX_PAGE, BadQuery, read_json, read_number
from hub.clock import local_day
from hub.errors import NotFound, Unconditional
from hub.http.asking import require
from hub.http.services import services
from hub.models import Outlet, Programme
from hub.outlets.planning import bookings, orders, programmes, reading, rundowns, segments
from hub.outlets.planning.keeping import Desk, IfMatch, Opened
from hub.records import contacts
from hub.regulation import releasing

DEFAULT_PAGE = 50
NEXT_STARTS = 10
ANSWERS = {"confirm": BookingState.CONFIRMED, "decline": BookingState.DECLINED}


@bp.get("/segments")
def list_segments() -> Response:
    actor = require(Role.OUTLET)
    limit = read_number("limit", DEFAULT_PAGE, least=1, most=MAX_PAGE)
    since, until = _read_instant("from"), _read_instant("until")
    with services().database.reading() as session:
        desk = _desk(session, actor)
        rows = reading.list_page(
            session,
            outlet_ids=desk.outlet_ids,
            since=since,
            until=until,
            after=request.args.get("cursor"),
            limit=limit + 1,
        )
    following = rows[limit - 1].code if len(rows) > limit else None
    return present.linked_page([present_segments.summary(row) for row in rows[:limit]], following)


@bp.post("/segments")
def post_segment() -> Response:
    order = orders.read_new(orders.SEGMENT, read_json()[0])
    return _planned(lambda session, desk: segments.plan(session, order, desk), HTTPStatus.CREATED)


@bp.get("/segments/<segment_code>")
def get_segment(segment_code: str) -> Response:
    actor = require(Role.OUTLET)
    with services().database.reading() as session:
        desk = _desk(session, actor)
        row = reading.find_segment(session, segment_code, outlet_ids=desk.outlet_ids)
        if row is None:
            raise NotFound(what=segment_code, kind="segment")
        guests, crew = reading.list_bookings(session, [row.id])[row.id], reading.list_crew(session, [row.id])[row.id]
    return _answer(Opened(row, guests, crew), actor, now=desk.now)


@bp.patch("/segments/<segment_code>")
def patch_segment(segment_code: str) -> Response:
    order, known = orders.read_change(orders.SEGMENT, read_json()[0]), _if_match(needed=True)
    return _planned(lambda session, desk: segments.change(session, segment_code, order, desk, if_match=known))


@bp.post("/segments/<segment_code>/state")
def post_segment_state(segment_code: str) -> Response:
    order, known = orders.read_state(read_json()[0]), _if_match()
    return _planned(lambda session, desk: segments.bring(session, segment_code, order, desk, if_match=known))


@bp.put("/segments/<segment_code>/rundown")
def put_rundown(segment_code: str) -> Response:
    items, known = orders.read_rundown(read_json()[0]), _if_match(needed=True)
    return _planned(lambda session, desk: rundowns.put(session, segment_code, items, desk, if_match=known))


@bp.post("/segments/<segment_code>/rundown/steps")
def post_rundown_step(segment_code: str) -> Response:
    order, known = orders.read_step(read_json()[0]), _if_match(needed=True)
    return _planned(lambda session, desk: rundowns.step(session, segment_code, order, desk, if_match=known))


@bp.post("/segments/<segment_code>/guests")
def post_guest(segment_code: str) -> Response:
    order, known = orders.read_new(orders.BOOKING, read_json()[0]), _if_match()
    return _planned(
        lambda session, desk: bookings.add(session, segment_code, order, desk, if_match=known)[0], HTTPStatus.CREATED
    )


@bp.patch("/segments/<segment_code>/guests/<int:booking_id>")
def patch_guest(segment_code: str, booking_id: int) -> Response:
    order, known = orders.read_change(orders.BOOKING, read_json()[0]), _if_match(needed=True)
    return _planned(
        lambda session, desk: bookings.change(session, segment_code, booking_id, order, desk, if_match=known)
    )


@bp.delete("/segments/<segment_code>/guests/<int:booking_id>")
def delete_guest(segment_code: str, booking_id: int) -> Response:
    known = _if_match()
    return _planned(lambda session, desk: bookings.release(session, segment_code, booking_id, desk, if_match=known))


@bp.post("/segments/<segment_code>/guests/<int:booking_id>/swap")
def swap_guest(segment_code: str, booking_id: int) -> Response:
    known = _if_match()
    return _planned(lambda session, desk: bookings.swap(session, segment_code, booking_id, desk, if_match=known))


@bp.get("/programmes")
def list_programmes() -> Response:
    actor = require(Role.OUTLET)
    limit = read_number("limit", DEFAULT_PAGE, least=1, most=MAX_PAGE)
    before = read_number("cursor", 0) or None
    with services().database.reading() as session:
        desk = _desk(session, actor)
        rows = programmes.list_page(session, desk, before=before, limit=limit + 1)
        items = [_programme(session, row, desk) for row in rows[:limit]]
    return present.linked_page(items, rows[limit - 1].id if len(rows) > limit else None)


@bp.post("/programmes")
def post_programme() -> Response:
    order = orders.read_new(orders.PROGRAMME, read_json()[0])
    return _ordered(lambda session, desk: programmes.plan(session, order, desk), HTTPStatus.CREATED)


@bp.get("/programmes/<programme_code>")
def get_programme(programme_code: str) -> Response:
    actor = require(Role.OUTLET)
    with services().database.reading() as session:
        desk = _desk(session, actor)
        row = programmes.get(session, programme_code, desk)
        body = _programme(session, row, desk)
    return _with_etag(body, row.code, "programmes")


@bp.patch("/programmes/<programme_code>")
def patch_programme(programme_code: str) -> Response:
    order, known = orders.read_change(orders.PROGRAMME, read_json()[0]), _if_match(needed=True)
    return _ordered(lambda session, desk: programmes.change(session, programme_code, order, desk, if_match=known))


@bp.get("/bookings")
def list_bookings() -> Response:
    actor = require(*rights.SPEAKERS)
    limit = read_number("limit", DEFAULT_PAGE, least=1, most=MAX_PAGE)
    before = read_number("cursor", 0) or None
    now = services().clock.now()
    with services().database.reading() as session:
        rows = bookings.list_page(session, theirs=_theirs(actor, now), before=before, limit=limit + 1)
        items = [present_segments.booking(row, row.segment, now=now) for row in rows[:limit]]
    return present.linked_page(items, rows[limit - 1].id if len(rows) > limit else None)


@bp.post("/bookings/<int:booking_id>/<any(confirm, decline):said>")
def answer_booking(booking_id: int, said: str) -> Response:
    actor = require(*rights.SPEAKERS)
    note = orders.read_answer(read_json()[0]) if request.content_length else ""
    parts = services()
    now = parts.clock.now()
    with parts.database.writing() as session:
        opened, row = bookings.answer(
            session,
            booking_id,
            ANSWERS[said],
            note=note,
            theirs=_theirs(actor, now),
            actor=actor,
            limits=releasing.limits_at(session, now),
            now=now,
        )
        body = present_segments.booking(row, opened.segment, now=now)
    return present.json_answer(body)


def list_own_outlets(session: Session, actor: Actor, *, now: datetime) -> list[int]:
    """The ids of the outlets whose plans somebody reads: those they speak for, and those these have come after."""
    return sorted(session.scalars(users.outlet_family(Outlet.id.in_(actor.outlet_ids), on=local_day(now))))


def _planned(do: Callable[[Session, Desk], Opened], status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Do something to a segment as the outlet that asks; answers how it is now."""
    actor = require(Role.OUTLET)
    parts = services()
    with parts.database.writing() as session:
        desk = _desk(session, actor)
        opened = do(session, desk)
    return _answer(opened, actor, now=desk.now, status=status)


def _ordered(do: Callable[[Session, Desk], Programme], status: HTTPStatus = HTTPStatus.OK) -> Response:
    actor = require(Role.OUTLET)
    parts = services()
    with parts.database.writing() as session:
        desk = _desk(session, actor)
        row = do(session, desk)
        body = _programme(session, row, desk)
    return _with_etag(body, row.code, "programmes", status)


def _desk(session: Session, actor: Actor) -> Desk:
    """The outlets that somebody plans for, and the moment."""
    now = services().clock.now()
    own = list_own_outlets(session, actor, now=now)
    return Desk(outlet_ids=own, actor=actor, limits=releasing.limits_at(session, now), now=now)


def _theirs(actor: Actor, now: datetime) -> ColumnElement[bool]:
    return bookings.of_unit(actor, on=local_day(now))


def _programme(session: Session, row: Programme, desk: Desk) -> dict[str, Any]:
    following = programmes.list_next(session, row, since=desk.now, most=NEXT_STARTS)
    return present_segments.programme(row, following)


def _answer(opened: Opened, actor: Actor, *, now: datetime, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """A segment; whoever reads its contacts is journalled, or reads none."""
    body = present_segments.segment(opened, now=now)
    code = opened.segment.code
    body = contacts.read(services().database, body, reader=actor.mark, now=services().clock.now(), segment=code)
    return _with_etag(body, code, "segments", status)


def _with_etag(body: dict[str, Any], code: str, kind: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    answer = present.json_answer(body, status)
    answer.headers["ETag"] = body["etag"]
    answer.headers["Cache-Control"] = "private, no-store"
    if status == HTTPStatus.CREATED:
        answer.headers["Location"] = services().settings.address(f"/api/v1/{kind}/{code}")
    return answer


def _if_match(*, needed: bool = False) -> IfMatch | None:
    sent = request.headers.get("If-Match")
    if sent is None:
        if needed:
            raise Unconditional()
        return None
    return lambda etag: matches_strongly(sent, f'"{etag}"')


def _read_instant(name: str) -> datetime | None:
    """An instant from the query. Raises BadQuery."""
    sent = request.args.get(name)
    if sent is None:
        return None
    try:
        found = datetime.fromisoformat(sent.replace(" ", "+"))  # a plus sign that nobody escaped
    except ValueError as exc:
        raise BadQuery(parameter=name, sent=sent[:40]) from exc
    if found.tzinfo is None or not 1900 < found.year < 9000:
        raise BadQuery(parameter=name, sent=sent[:40])
    return found
