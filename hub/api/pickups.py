"""Pick-ups for machines: an outlet tells what it did with a story, puts it right, takes it back, and confirms or
rejects what the hub found; outlets, senders and the desk read it."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from hub.actors import Role
from hub.api import bp, present
from hub.api.once import answer_once
from hub.api.reading import MAX_PAGE, BadQuery, read_json, read_number
from hub.http.asking import require
from hub.http.services import services
from hub.models import Pickup
from hub.regulation.filed import pickups

DEFAULT_PAGE = 50


@bp.post("/pickups")
def post_pickup() -> Response:
    actor = require(Role.OUTLET)
    document, body = read_json()
    order = pickups.read(document)

    def file(session: Session, now: datetime) -> dict[str, Any]:
        return _pickup(pickups.file(session, order, actor=actor, now=now))

    return answer_once(body, file, actor=actor, call="pickups", story_id=order.story)[0]


@bp.post("/pickups/<int(max=2147483647):pickup_id>/take-back")
def take_pickup_back(pickup_id: int) -> tuple[dict[str, Any], int]:
    actor = require(Role.OUTLET)
    parts = services()
    with parts.database.writing() as session:
        row = pickups.take_back(session, pickup_id, actor=actor, now=parts.clock.now())
    return _pickup(row), HTTPStatus.CREATED


@bp.post("/pickups/<int(max=2147483647):pickup_id>/confirm")
def confirm_pickup(pickup_id: int) -> dict[str, Any]:
    actor = require(Role.OUTLET)
    parts = services()
    with parts.database.writing() as session:
        row = pickups.confirm(session, pickup_id, actor=actor, now=parts.clock.now())
    return _pickup(row)


@bp.post("/pickups/<int(max=2147483647):pickup_id>/reject")
def reject_pickup(pickup_id: int) -> dict[str, Any]:
    actor = require(Role.OUTLET)
    parts = services()
    with parts.database.writing() as session:
        row = pickups.reject(session, pickup_id, actor=actor, now=parts.clock.now())
    return _pickup(row)


@bp.get("/pickups")
def list_pickups() -> Response:
    actor = require(*pickups.READERS)
    limit = read_number("limit", DEFAULT_PAGE, least=1, most=MAX_PAGE)
    before = read_number("cursor", 0) or None
    state = request.args.get("state")
    if state is not None and state not in pickups.STATES:
        raise BadQuery(parameter="state", sent=state[:40])
    parts = services()
    with parts.database.reading() as session:
        rows = pickups.list_page(
            session,
            asker=actor,
            story_id=request.args.get("story"),
            state=state,
            before=before,
            limit=limit + 1,
            now=parts.clock.now(),
        )
        replaced = pickups.replacements(session, rows[:limit])
    following = rows[limit - 1].id if len(rows) > limit else None
    return present.linked_page([_pickup(row, replaced.get(row.id)) for row in rows[:limit]], following)


def _pickup(row: Pickup, replaced_by: int | None = None) -> dict[str, Any]:
    return {
        "id": row.id,
        "outlet": row.outlet.code,
        "story": row.story_id,
        "version": row.version,
        "channel": row.channel or None,
        "use": row.use,
        "used_on": row.used_on.isoformat() if row.used_on else None,
        "place": row.place,
        "url": row.url or None,
        "note": row.note,
        "reason": row.reason,
        "time": row.used_time or None,
        "duration_seconds": row.duration_seconds,
        "words": row.words,
        "clip": row.clip_url or None,
        "state": row.state,
        "replaces": row.replaces_id,
        "replaced_by": replaced_by,
        "likeness": row.likeness,
        "by": row.actor_name,
        "at": present.instant(row.at),
    }
