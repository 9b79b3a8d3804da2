"""Guests of a segment: asked from an interview card or by the outlet alone, changed, given back, replaced."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from hub.errors import HubError, NotFound
from hub.http.services import services
from hub.outlets.planning import bookings, cards, orders, slots
from hub.outlets.planning.keeping import Desk, Opened
from hub.publishing import inbox
from hub.web.numbers import number_in
from hub.web.once import do_once
from hub.web.outlet.newsroom import Newsroom, bp, enter, family_of, planning_desk, show
from hub.web.outlet.planning import forms
from hub.web.outlet.planning.segments import do_to_segment, read_opened, segment_path
from hub.web.outlet.refusals import NOTHING, Refusal, refusal_of

STORIES = 40  # that came last, to choose from
TEXTS = ("role", "name_strap", "pronunciation", "travel", "access_needs")


@bp.get("/<outlet>/segments/<code>/guests/new")
def new_guest(outlet: str, code: str) -> Response:
    return _form(enter(outlet), code, request.args, NOTHING)


@bp.post("/<outlet>/segments/<code>/guests")
def ask_guest(outlet: str, code: str) -> AnyResponse:
    room = enter(outlet)

    def ask(session: Session, _now: datetime) -> str:
        order = orders.read_new(orders.BOOKING, _document())
        bookings.add(session, code, order, planning_desk(session, room))
        return segment_path(room, code)

    try:
        return do_once(room.actor, ask)
    except NotFound:
        raise
    except HubError as refused:
        return _form(room, code, request.form, refusal_of(refused))


@bp.get("/<outlet>/segments/<code>/guests/<int:booking_id>")
def edit_guest(outlet: str, code: str, booking_id: int) -> Response:
    return _edit(enter(outlet), code, booking_id, NOTHING)


@bp.post("/<outlet>/segments/<code>/guests/<int:booking_id>")
def change_guest(outlet: str, code: str, booking_id: int) -> AnyResponse:
    room = enter(outlet)

    def change(session: Session, _now: datetime) -> str:
        document = {**{name: request.form.get(name, "").strip() for name in TEXTS}, **_times()}
        order = orders.read_change(orders.BOOKING, document)
        known = forms.known_state(code)
        bookings.change(session, code, booking_id, order, planning_desk(session, room), if_match=known)
        return segment_path(room, code)

    try:
        return do_once(room.actor, change)
    except NotFound:
        raise
    except HubError as refused:
        return _edit(room, code, booking_id, refusal_of(refused), typed=request.form)


@bp.post("/<outlet>/segments/<code>/guests/<int:booking_id>/<any(release, swap):what>")
def move_guest(outlet: str, code: str, booking_id: int, what: str) -> AnyResponse:
    do = bookings.release if what == "release" else bookings.swap

    def move(session: Session, desk: Desk) -> Opened:
        return do(session, code, booking_id, desk, if_match=forms.known_state(code))

    return do_to_segment(enter(outlet), code, move)


def _document() -> dict[str, Any]:
    """What the form says, as `schemas/booking.v1.json` has it."""
    form = request.form
    said = {name: form[name].strip() for name in ("story", "name", *TEXTS) if form.get(name, "").strip()}
    document: dict[str, Any] = {**said, **_times()}
    if (number := number_in(form.get("fallback_for", ""))) is not None:
        document["fallback_for"] = number
    contact = {name: form[name].strip() for name in ("phone", "email") if form.get(name, "").strip()}
    return {**document, **({"contact": contact} if contact and "story" not in document else {})}


def _times() -> dict[str, Any]:
    form = request.form
    said: dict[str, Any] = forms.said({"option_until": forms.instant})
    if form.get("slot_from") or form.get("slot_until"):
        window = (forms.instant(form.get(name, "")) for name in ("slot_from", "slot_until"))
        said["slot"] = dict(zip(("starts_at", "ends_at"), window, strict=True))
    return said


def _form(room: Newsroom, code: str, typed: Mapping[str, str], refusal: Refusal) -> Response:
    now, story = services().clock.now(), typed.get("story", "")
    with services().database.reading() as session:
        opened, family = read_opened(session, room, code), family_of(session, room)
        known = cards.list_cards(session, story, outlet_ids=family) if story else []
        guests = list({guest.name: guest for card in known for guest in card.guests}.values())
        stories = inbox.list_newest(session, family, limit=STORIES)
    mains = [row for row in opened.live(now) if row.fallback_for_id is None]
    ends = slots.option_end(None, slot=opened.window, now=now)
    return show(
        room,
        "planning/guest_new.html",
        refusal.status,
        segment=opened.segment,
        typed=typed,
        refusal=refusal,
        story=story,
        guests=guests,
        misfits={guest.name for guest in guests if not slots.fits(opened.window, guest.availability)},
        stories=stories,
        mains=mains,
        option_until=forms.local_minute_of(ends),
    )


def _edit(
    room: Newsroom, code: str, booking_id: int, refusal: Refusal, *, typed: Mapping[str, str] | None = None
) -> Response:
    now = services().clock.now()
    with services().database.reading() as session:
        opened = read_opened(session, room, code)
    row = next((each for each in opened.live(now) if each.id == booking_id), None)
    if row is None:
        raise NotFound(what=str(booking_id), kind="booking")
    stands = {
        **{name: getattr(row, name) for name in TEXTS},
        "option_until": forms.local_minute_of(row.option_expires_at),
        "slot_from": forms.local_minute_of(row.slot_from),
        "slot_until": forms.local_minute_of(row.slot_until),
        "revision": str(opened.segment.sequence),
    }
    return show(
        room,
        "planning/guest_edit.html",
        refusal.status,
        segment=opened.segment,
        booking=row,
        typed=typed or stands,
        refusal=refusal,
    )
