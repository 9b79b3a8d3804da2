"""What the outlet made of stories: taken, planned, declined, used; told in one line, put right, taken back.

A line is read and shown as it was understood; nothing is filed before somebody has seen that.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

import schemas
from hub.clock import LOCAL, local_day
from hub.errors import HubError, NotFound
from hub.http.services import services
from hub.models import Pickup
from hub.outlets import readership, uses
from hub.publishing import inbox
from hub.publishing.inbox import Known
from hub.regulation.filed import one_line, pickups
from hub.web.numbers import asked_number, number_in
from hub.web.once import do_once
from hub.web.outlet.newsroom import Newsroom, bp, enter, family_of, show
from hub.web.outlet.refusals import NOTHING, Refusal, refusal_of

PAGE = 20
USES = schemas.vocabulary("pickup_uses").codes
TEXTS = ("story", "use", "channel", "used_on", "place", "url", "time", "reason", "note", "clip")
NUMBERS = ("version", "words", "replaces")
SHOWN = ("filed", "proposed", "replaced", "taken_back")  # tabs, each a standing


@bp.get("/<outlet>/pickups/", strict_slashes=False)
def list_pickups(outlet: str) -> Response:
    room = enter(outlet)
    standing = request.args.get("show", SHOWN[0])
    if standing not in SHOWN:
        raise NotFound(kind="page")
    before = asked_number("before")
    now = services().clock.now()
    with services().database.reading() as session:
        listed: dict[str, Any] = {"asker": room.actor, "before": before, "limit": PAGE + 1, "now": now}
        rows = pickups.list_page(session, standing=standing, **listed)
        waiting = pickups.list_page(session, asker=room.actor, state="proposed", before=None, limit=PAGE, now=now)
        stories, family = {row.story_id for row in rows}, family_of(session, room)
        known = inbox.list_known(session, stories, outlet_ids=family)
        stood = readership.list_stood(session, stories, family)
        followed = pickups.followers(session, rows)
    return show(
        room,
        "pickups.html",
        rows=rows[:PAGE],
        known=known,
        stood=stood,
        followed=followed,
        standing=standing,
        waiting=len(waiting),
        next=f"?show={standing}&before={rows[PAGE - 1].id}" if len(rows) > PAGE else "",
    )


@bp.get("/<outlet>/pickups/new")
def new_pickup(outlet: str) -> AnyResponse:
    """The form, filled with what was understood of a line."""
    room = enter(outlet)
    line, now = request.args.get("line", ""), services().clock.now()
    use = request.args.get("use", "")
    story, rest = request.args.get("story", ""), line
    if line and not story:
        story, rest = _story_in(room, line)
    understood = one_line.parse(rest, kind=room.kind, today=local_day(now), planned=use == uses.PLANNED)
    typed = {
        "story": story,
        "channel": request.args.get("channel", ""),
        "use": understood.use if line else use,
        "used_on": understood.used_on.isoformat() if understood.used_on else "",
        "time": understood.time,
        "place": understood.place,
        "url": understood.url,
        "minutes": _minutes(understood.duration_seconds),
        "words": str(understood.words or ""),
    }
    nothing = bool(line) and not story and understood.says_nothing
    return _form(room, typed, NOTHING, line=line, assumed=understood.assumed, understood_nothing=nothing)


@bp.get("/<outlet>/pickups/<int(max=2147483647):pickup_id>")
def edit_pickup(outlet: str, pickup_id: int) -> Response:
    """The form filled with what was told, to be put right; or to tell what came of a plan."""
    room = enter(outlet)
    with services().database.reading() as session:
        row = _own(session, room, pickup_id)
    typed = {
        "story": row.story_id,
        "channel": row.channel,
        "use": row.use,
        "used_on": row.used_on.isoformat() if row.used_on else "",
        "time": row.used_time,
        "place": row.place,
        "url": row.url,
        "minutes": _minutes(row.duration_seconds),
        "words": str(row.words or ""),
        "note": row.note,
        "reason": row.reason,
        "clip": row.clip_url,
        "version": str(row.version),
        "replaces": str(row.id),
    }
    if row.use == uses.PLANNED and "done" in request.args:  # the plan stays told; what came of it is told beside it
        typed = {**typed, "use": one_line.OF_KIND.get(room.kind, ""), "replaces": "", "version": "", "note": ""}
    return _form(room, typed, NOTHING)


@bp.post("/<outlet>/pickups/")
def post_pickup(outlet: str) -> AnyResponse:
    room, back = enter(outlet), request.form.get("back", "")
    on = back if back.startswith(room.path()) and "\\" not in back else room.path("pickups/")

    def file(session: Session, now: datetime) -> str:
        pickups.file(session, pickups.read(_document()), actor=room.actor, now=now)
        return on

    try:
        return do_once(room.actor, file, story_id=_story() or None)
    except HubError as refused:
        return _form(room, request.form, refusal_of(refused))


@bp.post("/<outlet>/pickups/<int(max=2147483647):pickup_id>/<any(confirm, reject):said>")
def answer_proposal(outlet: str, pickup_id: int, said: str) -> AnyResponse:
    room = enter(outlet)
    settle = pickups.confirm if said == "confirm" else pickups.reject

    def answer(session: Session, now: datetime) -> str:
        settle(session, pickup_id, actor=room.actor, now=now)
        return room.path("pickups/?show=proposed")

    return do_once(room.actor, answer)


@bp.post("/<outlet>/pickups/<int(max=2147483647):pickup_id>/take-back")
def take_back(outlet: str, pickup_id: int) -> AnyResponse:
    room = enter(outlet)

    def take(session: Session, now: datetime) -> str:
        pickups.take_back(session, pickup_id, actor=room.actor, now=now)
        return room.path("pickups/")

    return do_once(room.actor, take)


def _own(session: Session, room: Newsroom, pickup_id: int) -> Pickup:
    """What the outlet told and stands by. Raises NotFound."""
    now = services().clock.now()
    found = pickups.list_page(session, asker=room.actor, standing="filed", before=pickup_id + 1, limit=1, now=now)
    if not found or found[0].id != pickup_id:
        raise NotFound(what=str(pickup_id), kind="pickup")
    return found[0]


def _story() -> str:
    sent = request.form.get("story", "")
    return sent if sent.startswith("st_") and len(sent) < 40 else ""


def _document() -> dict[str, Any]:
    """What the form says, as `schemas/pickup.v1.json` has it: fields left empty are not said."""
    form = request.form
    said: dict[str, Any] = {name: form[name].strip() for name in TEXTS if form.get(name, "").strip()}
    said |= {name: _number(form[name]) for name in NUMBERS if form.get(name, "").strip()}
    if form.get("minutes", "").strip():
        said["duration_seconds"] = _seconds(form["minutes"])
    if said.get("use") != "declined":
        said.pop("reason", None)
    return said


def _number(sent: str) -> int | str:
    """A whole number; what is none goes to the schema as it was typed, which says so."""
    number = number_in(sent.strip().replace(".", ""))
    return sent if number is None else number


def _seconds(sent: str) -> int | str:
    """Minutes, or minutes and seconds (3:20), as seconds."""
    minutes, mark, seconds = sent.strip().partition(":")
    parts = [minutes, seconds] if mark else [minutes]
    if not all(part.isascii() and part.isdigit() and len(part) < 5 for part in parts):
        return sent
    return int(minutes) * 60 + (int(seconds) if mark else 0)


def _minutes(seconds: int | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds // 60}:{seconds % 60:02}" if seconds % 60 else str(seconds // 60)


def _form(
    room: Newsroom,
    typed: Mapping[str, str],
    refusal: Refusal,
    *,
    line: str = "",
    assumed: frozenset[str] = frozenset(),
    understood_nothing: bool = False,
) -> Response:
    now = services().clock.now()
    story = typed.get("story", "")
    with services().database.reading() as session:
        family = family_of(session, room)
        known = inbox.list_known(session, [story] if story else [], outlet_ids=family).get(story)
        choices = _choices(session, room, family) if known is None else {}
    return show(
        room,
        "pickup.html",
        refusal.status,
        typed=typed,
        refusal=refusal,
        line=line,
        assumed=assumed,
        understood_nothing=understood_nothing,
        known=known,
        choices=choices,
        uses=USES,
        today=now.astimezone(LOCAL).date().isoformat(),
    )


def _story_in(room: Newsroom, line: str) -> tuple[str, str]:
    """The story whose title a line begins with, of those that one can choose, and what else the line says."""
    with services().database.reading() as session:
        choices = _choices(session, room, family_of(session, room))
    return one_line.find_title(line, {story: each.title for story, each in choices.items() if each.title})


def _choices(session: Session, room: Newsroom, family: list[int]) -> dict[str, Known]:
    """The stories that came last to the outlet's channels, where nobody said which one is meant."""
    return inbox.list_newest(session, family, limit=40)
