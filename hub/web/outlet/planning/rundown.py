"""The rundown: put in order by drag, by buttons and by keys; items and questions written, timed, inserted, removed.

Every change says by `revision` which state it was made from, so two producers never overwrite each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

import orjson
from flask import Response, jsonify, request
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from feeds.planning import ItemKind
from hub.errors import HubError, Invalid, NotFound
from hub.http.services import services
from hub.models import Segment
from hub.outlets.planning import documents, orders, rundowns
from hub.outlets.planning.keeping import ENDED, PlanChanged
from hub.outlets.planning.orders import Step
from hub.web.numbers import number_in
from hub.web.once import do_once
from hub.web.outlet.newsroom import Newsroom, bp, enter, planning_desk, show
from hub.web.outlet.planning import forms, on_air
from hub.web.outlet.planning.segments import read_opened, segment_path
from hub.web.outlet.refusals import NOTHING, Refusal, refusal_of

KINDS = tuple(kind.value for kind in ItemKind)
MAX_ORDER = 200
LONGEST = 14_400  # seconds that an item may take, as the schema has it


@bp.get("/<outlet>/segments/<code>/rundown")
def show_rundown(outlet: str, code: str) -> Response:
    return _page(enter(outlet), code, NOTHING)


@bp.post("/<outlet>/segments/<code>/rundown/order")
def put_order(outlet: str, code: str) -> AnyResponse:
    """The whole order at once, as the script of the page sends it; answers the new revision, or 409."""
    room, ids = enter(outlet), request.form.getlist("order")[:MAX_ORDER]
    try:
        with services().database.writing() as session:
            desk = planning_desk(session, room)
            items = rundowns.in_order(read_opened(session, room, code).segment.items, ids)
            opened = rundowns.put(session, code, items, desk, if_match=forms.known_state(code))
            revision = opened.segment.sequence
    except (PlanChanged, Invalid):  # an item that is not there any more says the same: somebody was quicker
        return _json({"conflict": True}, HTTPStatus.CONFLICT)
    return _json({"revision": revision})


@bp.post("/<outlet>/segments/<code>/rundown/steps")
def take_step(outlet: str, code: str) -> AnyResponse:
    """One step: an item moves up or down, goes, is timed, is put in, or says something else."""
    room = enter(outlet)

    def step(session: Session, _now: datetime) -> str:
        desk, known = planning_desk(session, room), forms.known_state(code)
        segment = read_opened(session, room, code).segment
        what = request.form.get("do", "")
        if what == "write":
            changed = _written(segment.items)
            rundowns.put(session, code, orders.read_rundown({"items": changed}), desk, if_match=known)
        else:
            rundowns.step(session, code, _step(what, segment, desk.now), desk, if_match=known)
        return segment_path(room, code) + ("" if request.form.get("back") == "segment" else "rundown")

    try:
        return do_once(room.actor, step)
    except NotFound:
        raise
    except HubError as refused:
        late = isinstance(refused, PlanChanged)
        status = HTTPStatus.CONFLICT if late else None
        return _page(room, code, refusal_of(refused), status=status, typed=request.form, is_late=late)


@bp.get("/<outlet>/segments/<code>/rundown/now")
def tell_now(outlet: str, code: str) -> Response:
    """The server's time and the revision, for a page that stays open while the broadcast is on."""
    room, now = enter(outlet), services().clock.now()
    with services().database.reading() as session:
        revision = read_opened(session, room, code).segment.sequence
    return _json({"now": now.isoformat(), "revision": revision})


def _step(what: str, segment: Segment, now: datetime) -> Step:
    """One change, as `schemas/rundown.v1.json` has it; buttons name the item by what it is.

    Raises Invalid, or NotAiredYet for an item that is said to be over before the broadcast began.
    """
    form, items = request.form, segment.items
    count = len(items)
    if what == "insert":
        at = number_in(form.get("number", ""), digits=3)
        number = count + 1 if at is None else at
        return orders.read_step({"step": {"do": "insert", "number": number, "item": _item({})}})
    number = rundowns.number_of(items, form.get("item", ""))
    if what == "move":
        to = number + (-1 if form.get("move") == "up" else 1)
        return orders.read_step({"step": {"do": "move", "number": number, "to": min(max(to, 1), count)}})
    if what == "over":  # just now
        took = min(rundowns.took_now(segment, number, now), LONGEST)
        return orders.read_step({"step": {"do": "time", "number": number, "real_seconds": took}})
    if what == "time":
        said = forms.seconds(form.get("real", ""))
        return orders.read_step({"step": {"do": "time", "number": number, "real_seconds": said}})
    return orders.read_step({"step": {"do": "remove", "number": number}})


def _written(items: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The items with one of them as the form says it; what the form does not show of it stays."""
    place = rundowns.number_of(items, request.form.get("item", "")) - 1
    return [_item(item) if number == place else item for number, item in enumerate(items)]


def _item(before: Mapping[str, Any]) -> dict[str, Any]:
    form = request.form
    said: dict[str, Any] = {
        **{name: value for name, value in before.items() if name not in ("questions", "guests", "note")},
        "kind": form.get("kind", ""),
        "title": form.get("title", "").strip(),
        "planned_seconds": forms.seconds(form.get("planned", "")),
    }
    if note := form.get("note", "").strip():
        said["note"] = note
    if guests := [guest for guest in map(number_in, form.getlist("guests")) if guest is not None]:
        said["guests"] = guests
    if questions := [_question(line) for line in form.get("questions", "").splitlines() if line.strip()]:
        said["questions"] = questions
    return said


def _question(line: str) -> dict[str, Any]:
    """A question, and after a stroke how long its answer should take."""
    text, _, length = line.rpartition("|")
    if text.strip() and length.strip():
        return {"text": text.strip(), "answer_seconds": forms.seconds(length)}
    return {"text": line.strip(" |\t")}


def _page(
    room: Newsroom,
    code: str,
    refusal: Refusal,
    *,
    status: HTTPStatus | None = None,
    typed: Mapping[str, str] | None = None,
    is_late: bool = False,
) -> Response:
    now = services().clock.now()
    with services().database.reading() as session:
        opened = read_opened(session, room, code)
    items, names = opened.segment.items, documents.coming(opened.bookings, now)
    told = documents.rundown_of(opened.segment, names)
    ids = rundowns.ids_of(items)
    return show(
        room,
        "planning/rundown.html",
        status or refusal.status,
        segment=opened.segment,
        told=told,
        rows=list(zip(ids, items, told.items, strict=True)),
        guests=names,
        kinds=KINDS,
        refusal=refusal,
        typed=typed or {},
        is_late=is_late,
        is_open=opened.state not in ENDED,
        minutes_of=forms.minutes_of,
        scripts=["rundown.js", "on-air.js"],
        texts_json=_texts(),
        **on_air.facts_of(opened.segment, now),
    )


def _texts() -> str:
    """What the script says, in the language of the page."""
    return orjson.dumps(
        {
            "moved": gettext("{name}: place {place} of {total}"),
            "saving": gettext("Saving …"),
            "saved": gettext("The order is saved."),
            "conflict": gettext("Somebody else has changed the rundown meanwhile."),
            "reload": gettext("Load it again"),
            "failed": gettext("The order could not be saved; it is as it was."),
        }
    ).decode()


def _json(body: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK) -> Response:
    answer = jsonify(body)
    answer.status_code = status
    return answer
