"""Pick-ups for machines: an outlet tells what it did with a story; outlets, senders and the desk read it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, request

from hub.actors import Role
from hub.api import bp, present
from hub.api.reading import MAX_PAGE, read_json, read_number
from hub.http.asking import require
from hub.http.services import services
from hub.models import Pickup
from hub.regulation.filed import pickups

DEFAULT_PAGE = 50


@bp.post("/pickups")
def post_pickup() -> tuple[dict[str, Any], int]:
    actor = require(Role.OUTLET)
    order = pickups.read(read_json()[0])
    parts = services()
    with parts.database.writing() as session:
        row = pickups.file(session, order, actor=actor, now=parts.clock.now())
    return _pickup(row), HTTPStatus.CREATED


@bp.get("/pickups")
def list_pickups() -> Response:
    actor = require(*pickups.READERS)
    limit = read_number("limit", DEFAULT_PAGE, least=1, most=MAX_PAGE)
    before = read_number("cursor", 0) or None
    parts = services()
    with parts.database.reading() as session:
        rows = pickups.list_page(
            session,
            asker=actor,
            story_id=request.args.get("story"),
            before=before,
            limit=limit + 1,
            now=parts.clock.now(),
        )
    following = rows[limit - 1].id if len(rows) > limit else None
    return present.linked_page([_pickup(row) for row in rows[:limit]], following)


def _pickup(row: Pickup) -> dict[str, Any]:
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
        "by": row.actor_name,
        "at": present.instant(row.at),
    }
