"""Segments: listed, planned by themselves or as an occurrence of a programme, changed, brought to another state."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

import schemas
from feeds.planning import BookingState, SegmentState
from hub.errors import HubError, NotFound
from hub.http.language import asked_language
from hub.http.services import services
from hub.models import Segment
from hub.outlets import catalog
from hub.outlets.planning import cards, documents, keeping, moves, orders, programmes, reading, segments, slots
from hub.outlets.planning.keeping import Desk, Opened, PlanChanged
from hub.outlets.planning.slots import Window
from hub.publishing import inbox
from hub.records import contacts
from hub.web.once import do_once
from hub.web.outlet.newsroom import Newsroom, bp, channels_of, enter, family_of, planning_desk, show
from hub.web.outlet.planning import forms, on_air
from hub.web.outlet.refusals import NOTHING, Refusal, refusal_of

PAGE = 20
TEXTS = ("title", "theme", "place", "transmission", "setting", "channel")
PROGRAMME = ("title", "theme", "place", "transmission", "setting")  # what an occurrence has from its programme
STORY = re.compile(r"st_[0-9a-z]{26}")
CREW_ROWS = 3  # empty ones below those that are filled


@bp.get("/<outlet>/segments/", strict_slashes=False)
def list_segments(outlet: str) -> Response:
    room = enter(outlet)
    is_past = request.args.get("show") == "past"
    with services().database.reading() as session:
        desk = planning_desk(session, room)
        rows = reading.list_page(
            session,
            outlet_ids=desk.outlet_ids,
            since=None if is_past else desk.now,
            until=desk.now if is_past else None,
            after=request.args.get("after"),
            limit=PAGE + 1,
        )
        asked = reading.list_bookings(session, [row.id for row in rows])
    following = f"?{'show=past&' if is_past else ''}after={rows[PAGE - 1].code}" if len(rows) > PAGE else ""
    guests = {row.id: [each for each in asked[row.id] if documents.is_live(each, desk.now)] for row in rows}
    return show(room, "planning/segments.html", rows=rows[:PAGE], guests=guests, is_past=is_past, next=following)


@bp.get("/<outlet>/segments/new")
def new_segment(outlet: str) -> Response:
    room, typed = enter(outlet), MultiDict(request.args)
    story, code, at = (request.args.get(name, "") for name in ("story", "programme", "at"))
    with services().database.reading() as session:
        desk = planning_desk(session, room)
        if story and (known := cards.list_cards(session, story, outlet_ids=desk.outlet_ids)):
            typed["title"] = known[0].content.get("interview", {}).get("title", "")
        if code:
            row = programmes.get(session, code, desk)
            start = _instant(at)
            typed.update({name: getattr(row, name) for name in PROGRAMME})
            typed.update({"minutes": _minutes(row.planned_seconds)})
            typed.update({"day": forms.local_day_of(start), "hour": forms.local_hour_of(start)})
    return _form(room, typed, NOTHING)


@bp.post("/<outlet>/segments/")
def post_segment(outlet: str) -> AnyResponse:
    room, story = enter(outlet), request.form.get("story", "")

    def plan(session: Session, _now: datetime) -> str:
        order = orders.read_new(orders.SEGMENT, _document())
        opened = segments.plan(session, order, planning_desk(session, room))
        path = segment_path(room, opened.segment.code)
        return f"{path}guests/new?story={story}" if STORY.fullmatch(story) else path

    try:
        return do_once(room.actor, plan)
    except HubError as refused:
        return _form(room, request.form, refusal_of(refused))


@bp.get("/<outlet>/segments/<code>/", strict_slashes=False)
def show_segment(outlet: str, code: str) -> Response:
    return page_of(enter(outlet), code, NOTHING)


@bp.get("/<outlet>/segments/<code>/edit")
def edit_segment(outlet: str, code: str) -> Response:
    room = enter(outlet)
    with services().database.reading() as session:
        opened = read_opened(session, room, code)
    return _form(room, _typed(opened), NOTHING, opened=opened)


@bp.post("/<outlet>/segments/<code>/edit")
def change_segment(outlet: str, code: str) -> AnyResponse:
    room = enter(outlet)

    def change(session: Session, _now: datetime) -> str:
        order = orders.read_change(orders.SEGMENT, _document(besides=orders.FIXED[orders.SEGMENT]))
        segments.change(session, code, order, planning_desk(session, room), if_match=forms.known_state(code))
        return segment_path(room, code)

    try:
        return do_once(room.actor, change)
    except NotFound:
        raise
    except HubError as refused:
        with services().database.reading() as session:
            opened = read_opened(session, room, code)
        return _form(room, request.form, refusal_of(refused), opened=opened, is_late=isinstance(refused, PlanChanged))


@bp.post("/<outlet>/segments/<code>/state")
def bring_segment(outlet: str, code: str) -> AnyResponse:
    def bring(session: Session, desk: Desk) -> Opened:
        order = orders.read_state({"state": request.form.get("state", "")})
        return segments.bring(session, code, order, desk, if_match=forms.known_state(code))

    return do_to_segment(enter(outlet), code, bring)


@bp.post("/<outlet>/segments/<code>/notice-seen")
def see_notice(outlet: str, code: str) -> AnyResponse:
    def see(session: Session, desk: Desk) -> Opened:
        order = orders.read_change(orders.SEGMENT, {"notice_seen": True})
        return segments.change(session, code, order, desk, if_match=forms.known_state(code))

    return do_to_segment(enter(outlet), code, see)


def do_to_segment(room: Newsroom, code: str, do: Callable[[Session, Desk], Opened], *, rest: str = "") -> AnyResponse:
    """Do something to a segment, and go on to its page; a refusal stands on that page."""

    def act(session: Session, _now: datetime) -> str:
        do(session, planning_desk(session, room))
        return segment_path(room, code) + rest

    try:
        return do_once(room.actor, act)
    except NotFound:
        raise
    except HubError as refused:
        return page_of(room, code, refusal_of(refused))


def segment_path(room: Newsroom, code: str) -> str:
    """The page of a segment at this desk."""
    return room.path(f"segments/{code}/")


def read_opened(session: Session, room: Newsroom, code: str) -> Opened:
    """A segment of the outlet with guests and crew. Raises NotFound."""
    row = reading.find_segment(session, code, outlet_ids=family_of(session, room))
    if row is None:
        raise NotFound(what=code, kind="segment")
    return Opened(row, reading.list_bookings(session, [row.id])[row.id], reading.list_crew(session, [row.id])[row.id])


def page_of(room: Newsroom, code: str, refusal: Refusal) -> Response:
    """The page of a segment; whoever reads how to reach its guests is journalled, or reads no such thing."""
    parts = services()
    now = parts.clock.now()
    with parts.database.reading() as session:
        opened = read_opened(session, room, code)
        stories = {row.story_id for row in opened.bookings if row.story_id}
        known = inbox.list_known(session, stories, outlet_ids=family_of(session, room))
    live = opened.live(now)
    reads = any(row.contact for row in live)
    shown = reads and contacts.may_read(parts.database, reader=room.actor.mark, now=now, segment=code)
    states = {row.id: keeping.state_of(row, now) for row in opened.bookings}
    return show(
        room,
        "planning/segment.html",
        refusal.status,
        segment=opened.segment,
        bookings=[row for row in opened.bookings if states[row.id] is not BookingState.RELEASED or row in live],
        states=states,
        live={row.id for row in live},
        contacts_shown=shown,
        misfits={row.id for row in live if not slots.fits(Window(row.slot_from, row.slot_until), row.availability)},
        names={row.id: row.name for row in opened.bookings},
        crew=opened.crew,
        known=known,
        topics={row.id: documents.topics_of(row, asked_language()) for row in live},
        next_states=_next_states(opened, now),
        warning=documents.notice_of(opened.segment, opened.bookings, asked_language()),
        rundown=documents.rundown_of(opened.segment, documents.coming(opened.bookings, now)),
        is_open=opened.state not in keeping.ENDED,
        week=forms.local_day_of(opened.segment.starts_at),
        refusal=refusal,
        scripts=["on-air.js"],
        **on_air.facts_of(opened.segment, now),
    )


def _next_states(opened: Opened, now: datetime) -> list[str]:
    allowed = [state for state in SegmentState if state in moves.NEXT[opened.state]]
    return [state.value for state in allowed if state is not SegmentState.AIRED or opened.segment.starts_at <= now]


def _document(*, besides: frozenset[str] = frozenset()) -> dict[str, Any]:
    """What the form says, as `schemas/segment.v1.json` has it."""
    form = request.form
    said: dict[str, Any] = {name: form[name].strip() for name in TEXTS if name in form}
    said |= {"starts_at": forms.instant(form.get("day", ""), form.get("hour", ""))} if form.get("day") else {}
    said |= {"planned_seconds": forms.seconds(form["minutes"])} if form.get("minutes") else {}
    said |= forms.said({"programme": str, "recurrence_id": str, "state": str})
    if form.get("recorded_from") or form.get("recorded_until"):
        window = (forms.instant(form.get(name, "")) for name in ("recorded_from", "recorded_until"))
        said["recording"] = dict(zip(("starts_at", "ends_at"), window, strict=True))
    elif besides:
        said["recording"] = None
    names, roles = form.getlist("crew_name"), form.getlist("crew_role")
    said["crew"] = [
        {"name": name.strip(), "role": role} for name, role in zip(names, roles, strict=False) if name.strip()
    ]
    unsaid = {name for name in ("channel", "transmission", "setting") if not said.get(name)} | besides
    return {name: value for name, value in said.items() if name not in unsaid}


def _typed(opened: Opened) -> MultiDict[str, str]:
    row = opened.segment
    typed = MultiDict(
        {
            **{name: getattr(row, name) for name in ("title", "theme", "place", "transmission", "setting")},
            "day": forms.local_day_of(row.starts_at),
            "hour": forms.local_hour_of(row.starts_at),
            "minutes": _minutes(row.planned_seconds),
            "recorded_from": forms.local_minute_of(row.recording_from),
            "recorded_until": forms.local_minute_of(row.recording_until),
            "revision": str(row.sequence),
        }
    )
    typed.setlist("crew_name", [each.name for each in opened.crew])
    typed.setlist("crew_role", [each.role for each in opened.crew])
    return typed


def _form(
    room: Newsroom,
    typed: MultiDict[str, str],
    refusal: Refusal,
    *,
    opened: Opened | None = None,
    is_late: bool = False,
) -> Response:
    """The form of a segment; `is_late`: somebody else has changed it since, and what was typed stands beside that."""
    with services().database.reading() as session:
        channels = [row for row in channels_of(session, room) if row.profile == catalog.SEGMENT]
    crew = list(zip(typed.getlist("crew_name"), typed.getlist("crew_role"), strict=False))
    return show(
        room,
        "planning/segment_form.html",
        refusal.status,
        typed=typed,
        refusal=refusal,
        segment=opened.segment if opened is not None else None,
        current=_told(opened.segment) if opened is not None and is_late else {},
        crew=[*crew, *[("", "")] * CREW_ROWS],
        roles=schemas.vocabulary("crew_roles").codes,
        channels=[catalog.address_of(row) for row in channels],
        is_late=is_late,
    )


def _told(row: Segment) -> Mapping[str, object]:
    """What stands now, beside what somebody else typed before they knew it."""
    return {"title": row.title, "starts_at": row.starts_at, "planned_seconds": row.planned_seconds, "place": row.place}


def _minutes(length: int) -> str:
    return forms.minutes_of(length)


def _instant(sent: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(sent.replace(" ", "+"))
    except ValueError:
        return None
    return found if found.tzinfo is not None and found.year in forms.YEARS else None
