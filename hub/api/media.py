"""Pictures come in here; those who sent them, and the editor, can look at them before any release."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, request, send_file

import schemas
from hub.actors import Role
from hub.api import bp, present
from hub.errors import Invalid, TooLarge
from hub.http.asking import require
from hub.http.services import services
from hub.intake import pictures, uploads
from hub.regulation.reading import READERS


class NotAPicture(Invalid):
    """What was sent is not a picture we take; the code says why."""

    key = "error.not_a_picture"


@bp.post("/media")
def post_media() -> tuple[dict[str, Any], int, dict[str, str]]:
    actor = require(Role.CONTRIBUTOR)
    data, declared = _sent_file()
    try:
        picture = pictures.process(data, declared_type=declared)
    except pictures.NotAPicture as exc:
        raise NotAPicture(code=exc.code, faults=[schemas.Fault("", exc.code, exc.facts)]) from exc
    parts = services()
    renditions = uploads.keep(parts.store, picture)
    with parts.database.writing() as session:
        row = uploads.add(session, renditions, actor=actor, now=parts.clock.now())
    location = parts.settings.address(f"/api/v1/media/{row.id}/{row.renditions[0].width}")
    return present.upload(row), HTTPStatus.CREATED, {"Location": location}


@bp.get("/media/<upload_id>/<int(max=100000):width>")
def get_media(upload_id: str, width: int) -> Response:
    actor = require(*READERS)
    parts = services()
    with parts.database.reading() as session:
        rendition = uploads.get_rendition(session, upload_id, width, asker=actor, now=parts.clock.now())
    answer = send_file(parts.store.path(rendition.sha256).absolute(), mimetype=rendition.media_type, etag=False)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _sent_file() -> tuple[bytes, str]:
    """The bytes and declared media type: the part `file` of a form, or the body itself."""
    if (request.content_length or 0) > pictures.MAX_BYTES + 65_536:
        raise TooLarge(max_bytes=pictures.MAX_BYTES)
    if "file" in request.files:
        sent = request.files["file"]
        return sent.read(), sent.mimetype
    return request.get_data(cache=False), request.mimetype
