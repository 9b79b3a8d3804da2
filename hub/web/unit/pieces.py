"""Large pictures and short films in pieces that go on after a break: what `uploads.js` speaks with."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from flask import Response, jsonify, request

from hub.actors import Role
from hub.errors import HubError, Malformed, TooLarge
from hub.http.problems import status_of
from hub.http.services import services
from hub.http.wording import local
from hub.intake import resumable, strict_json
from hub.intake.resumable import Pieces
from hub.models import PartialUpload
from hub.web import visitors
from hub.web.unit import bp
from hub.web.unit.refusing import fault_sentences

OFFSET = "Upload-Offset"
MAX_ANNOUNCEMENT = 4096  # bytes
View = Callable[..., Response]


def told_as_json(view: View) -> View:
    """What is refused here is read by a script: its sentence as JSON."""

    @wraps(view)
    def answer(*args: object, **kwargs: object) -> Response:
        try:
            return view(*args, **kwargs)
        except HubError as exc:
            found = jsonify(detail=" ".join(fault_sentences(exc)))
            found.status_code = status_of(exc)
            return found

    return answer


@bp.post("/uploads")
@told_as_json
def announce() -> Response:
    actor = visitors.require(Role.CONTRIBUTOR)
    try:
        document = strict_json.parse(request.get_data(cache=False), max_bytes=MAX_ANNOUNCEMENT)
    except strict_json.BadJson as exc:
        raise Malformed() from exc
    announced, parts = resumable.read(document), services()
    with parts.database.writing() as session:
        row = resumable.begin(
            session, announced, actor=actor, max_film_bytes=parts.settings.max_film_bytes, now=parts.clock.now()
        )
    answer = _told(row)
    answer.status_code = HTTPStatus.CREATED
    answer.headers["Location"] = local(f"/desk/unit/uploads/{row.id}")
    return answer


@bp.get("/uploads/<partial_id>")
@told_as_json
def ask(partial_id: str) -> Response:
    actor = visitors.require(Role.CONTRIBUTOR)
    parts = services()
    with parts.database.reading() as session:
        return _told(resumable.get(session, partial_id, actor=actor, now=parts.clock.now()))


@bp.patch("/uploads/<partial_id>")
@told_as_json
def take_piece(partial_id: str) -> Response:
    actor = visitors.require(Role.CONTRIBUTOR)
    offset = request.headers.get(OFFSET, "")
    if not offset.isascii() or not offset.isdecimal() or len(offset) > 15:
        raise Malformed()
    if (request.content_length or 0) > resumable.MAX_PIECE:
        raise TooLarge(max_bytes=resumable.MAX_PIECE)
    data, parts = request.get_data(cache=False), services()
    pieces = Pieces(parts.settings.pieces_folder)
    row = resumable.put_piece(
        parts.database, parts.clock, parts.store, pieces, partial_id, data, offset=int(offset), actor=actor
    )
    return _told(row)


def _told(row: PartialUpload) -> Response:
    became = {}
    if row.upload_id is not None:
        became = {"media": row.upload_id, "preview": local(f"/desk/unit/pictures/{row.upload_id}")}
    answer = jsonify(kept=row.kept, length=row.length, **became)
    answer.headers[OFFSET] = str(row.kept)
    return answer
