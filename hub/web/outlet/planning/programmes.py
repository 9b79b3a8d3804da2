"""Programmes: broadcasts that recur, asked for in plain words, with the starts that do not take place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from hub.clock import LOCAL
from hub.errors import HubError, NotFound
from hub.http.services import services
from hub.models import Programme
from hub.outlets import catalog
from hub.outlets.planning import documents, orders, plain_rules, programmes
from hub.outlets.planning.keeping import Desk
from hub.outlets.planning.plain_rules import Asked
from hub.web.numbers import asked_number, number_in
from hub.web.once import do_once
from hub.web.outlet.newsroom import Newsroom, bp, channels_of, enter, planning_desk, show
from hub.web.outlet.planning import forms
from hub.web.outlet.refusals import NOTHING, Refusal, refusal_of

PAGE = 20
NEXT_STARTS = 12
AS_WRITTEN = "RULE"  # the choice of a form that shows a rule as RRULE has it
TEXTS = ("title", "theme", "place", "transmission", "setting", "channel")


@bp.get("/<outlet>/programmes/", strict_slashes=False)
def list_programmes(outlet: str) -> Response:
    room, before = enter(outlet), asked_number("before")
    with services().database.reading() as session:
        desk = planning_desk(session, room)
        rows = programmes.list_page(session, desk, before=before, limit=PAGE + 1)
        following = {row.id: programmes.list_next(session, row, since=desk.now, most=1) for row in rows[:PAGE]}
    return show(
        room,
        "planning/programmes.html",
        rows=rows[:PAGE],
        rules={row.id: _plain(row) for row in rows[:PAGE]},
        following=following,
        next=f"?before={rows[PAGE - 1].id}" if len(rows) > PAGE else "",
    )


@bp.get("/<outlet>/programmes/new")
def new_programme(outlet: str) -> Response:
    return _form(enter(outlet), MultiDict({"frequency": plain_rules.WEEKLY, "interval": "1"}), NOTHING)


@bp.post("/<outlet>/programmes/")
def post_programme(outlet: str) -> AnyResponse:
    room = enter(outlet)

    def plan(session: Session, _now: datetime) -> str:
        row = programmes.plan(session, orders.read_new(orders.PROGRAMME, _document()), planning_desk(session, room))
        return room.path(f"programmes/{row.code}/")

    try:
        return do_once(room.actor, plan)
    except HubError as refused:
        return _form(room, request.form, refusal_of(refused))


@bp.get("/<outlet>/programmes/<code>/", strict_slashes=False)
def show_programme(outlet: str, code: str) -> Response:
    return _page(enter(outlet), code, NOTHING)


@bp.get("/<outlet>/programmes/<code>/edit")
def edit_programme(outlet: str, code: str) -> Response:
    room = enter(outlet)
    with services().database.reading() as session:
        row = programmes.get(session, code, planning_desk(session, room))
    return _form(room, _typed(row), NOTHING, row=row)


@bp.post("/<outlet>/programmes/<code>/edit")
def change_programme(outlet: str, code: str) -> AnyResponse:
    room = enter(outlet)
    try:
        document = {name: value for name, value in _document().items() if name != "channel"}
        return _change(room, code, lambda _row: document)
    except NotFound:
        raise
    except HubError as refused:
        with services().database.reading() as session:
            row = programmes.get(session, code, planning_desk(session, room))
        return _form(room, request.form, refusal_of(refused), row=row)


@bp.post("/<outlet>/programmes/<code>/starts")
def change_starts(outlet: str, code: str) -> AnyResponse:
    """Let one start not take place, or take place after all; or end the programme."""
    room, what, at = enter(outlet), request.form.get("do", ""), request.form.get("at", "")

    def order(row: Programme) -> dict[str, Any]:
        if what == "end":
            return {"cancelled": True}
        known = {start.isoformat() for start in documents.excluded_of(row)}
        return {"excluded": sorted(known | {at} if what == "exclude" else known - {at})}

    try:
        return _change(room, code, order)
    except NotFound:
        raise
    except HubError as refused:
        return _page(room, code, refusal_of(refused))


def _change(room: Newsroom, code: str, order: Callable[[Programme], dict[str, Any]]) -> AnyResponse:
    def change(session: Session, _now: datetime) -> str:
        desk = planning_desk(session, room)
        document = order(programmes.get(session, code, desk))
        said = orders.read_change(orders.PROGRAMME, document)
        programmes.change(session, code, said, desk, if_match=forms.known_state(code))
        return room.path(f"programmes/{code}/")

    return do_once(room.actor, change)


def _document() -> dict[str, Any]:
    """What the form says, as `schemas/programme.v1.json` has it."""
    form = request.form
    said: dict[str, Any] = {name: form[name].strip() for name in TEXTS if name in form}
    for name in ("channel", "transmission", "setting"):
        if not said.get(name):
            said.pop(name, None)
    said["starts_at"] = forms.instant(form.get("day", ""), form.get("hour", ""))
    said["planned_seconds"] = forms.seconds(form.get("minutes", ""))
    said["rule"] = _rule()
    return said


def _rule() -> str:
    """The rule that the form asks for, in plain words or as it is written."""
    form = request.form
    if form.get("frequency") == AS_WRITTEN:
        return form.get("rule", "").strip()
    starts_on, until = _date(form.get("day", "")), _date(form.get("until", ""))
    interval = form.get("interval", "1").strip() or "1"
    asked = Asked(
        frequency=form.get("frequency", ""),
        interval=number_in(interval, digits=3) or 0,
        days=tuple(form.getlist("days")),
        until=until,
    )
    return plain_rules.rule_of(asked, starts_on=starts_on or date(2000, 1, 3)) if asked.interval else "INTERVAL"


def _date(sent: str) -> date | None:
    try:
        return date.fromisoformat(sent.strip())
    except ValueError:
        return None


def _plain(row: Programme) -> Asked | None:
    return plain_rules.as_asked(row.rule, starts_on=row.starts_at.astimezone(LOCAL).date())


def _typed(row: Programme) -> MultiDict[str, str]:
    asked = _plain(row)
    typed = MultiDict(
        {
            **{name: getattr(row, name) for name in TEXTS if name != "channel"},
            "day": forms.local_day_of(row.starts_at),
            "hour": forms.local_hour_of(row.starts_at),
            "minutes": forms.minutes_of(row.planned_seconds),
            "frequency": asked.frequency if asked is not None else AS_WRITTEN,
            "interval": str(asked.interval) if asked is not None else "1",
            "until": asked.until.isoformat() if asked is not None and asked.until is not None else "",
            "rule": row.rule,
            "revision": str(row.sequence),
        }
    )
    typed.setlist("days", list(asked.days) if asked is not None else [])
    return typed


def _form(room: Newsroom, typed: MultiDict[str, str], refusal: Refusal, *, row: Programme | None = None) -> Response:
    with services().database.reading() as session:
        channels = [each for each in channels_of(session, room) if each.profile == catalog.SEGMENT]
    return show(
        room,
        "planning/programme_form.html",
        refusal.status,
        typed=typed,
        chosen=typed.getlist("days"),
        refusal=refusal,
        programme=row,
        frequencies=plain_rules.FREQUENCIES,
        days=plain_rules.DAYS,
        channels=[catalog.address_of(each) for each in channels],
    )


def _page(room: Newsroom, code: str, refusal: Refusal) -> Response:
    with services().database.reading() as session:
        desk: Desk = planning_desk(session, room)
        row = programmes.get(session, code, desk)
        following = programmes.list_next(session, row, since=desk.now, most=NEXT_STARTS)
    excluded = [start for start in documents.excluded_of(row) if start >= desk.now]
    return show(
        room,
        "planning/programme.html",
        refusal.status,
        programme=row,
        rule=_plain(row),
        following=following,
        excluded=excluded,
        refusal=refusal,
    )
