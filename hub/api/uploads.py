"""Large pictures and films come in here, in pieces that go on after a lost connection."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, request

from hub.actors import Actor, Role
from hub.api import bp, present
from hub.api.reading import read_json
from hub.errors import Malformed, TooLarge
from hub.http.asking import require
from hub.http.services import services
from hub.intake import resumable
from hub.intake.resumable import Pieces
from hub.models import PartialUpload

OFFSET, LENGTH = "Upload-Offset", "Upload-Length"


class BadOffset(Malformed):
    """A piece says in Upload-Offset where it begins."""

    key = "error.bad_offset"


@bp.post("/uploads")
def post_upload() -> Response:
    actor = require(Role.CONTRIBUTOR)
    document, _ = read_json()
    announced = resumable.read(document)
    parts = services()
    with parts.database.writing() as session:
        row = resumable.begin(
            session, announced, actor=actor, max_film_bytes=parts.settings.max_film_bytes, now=parts.clock.now()
        )
    answer = _told(row, status=HTTPStatus.CREATED)
    answer.headers["Location"] = parts.settings.address(f"/api/v1/uploads/{row.id}")
    return answer


@bp.get("/uploads/<partial_id>")
def get_partial_upload(partial_id: str) -> Response:
    actor = require(Role.CONTRIBUTOR)
    parts = services()
    with parts.database.reading() as session:
        row = resumable.get(session, partial_id, actor=actor, now=parts.clock.now())
    return _told(row)


@bp.patch("/uploads/<partial_id>")
def patch_upload(partial_id: str) -> Response:
    actor = require(Role.CONTRIBUTOR)
    offset = request.headers.get(OFFSET, "")
    if not offset.isascii() or not offset.isdecimal() or len(offset) > 15:
        raise BadOffset()
    return _told(_put(partial_id, int(offset), actor))


@bp.delete("/uploads/<partial_id>")
def delete_upload(partial_id: str) -> tuple[str, int]:
    actor = require(Role.CONTRIBUTOR)
    parts = services()
    resumable.drop(parts.database, parts.clock, _pieces(), partial_id, actor=actor)
    return "", HTTPStatus.NO_CONTENT


def _put(partial_id: str, offset: int, actor: Actor) -> PartialUpload:
    if (request.content_length or 0) > resumable.MAX_PIECE:
        raise TooLarge(max_bytes=resumable.MAX_PIECE)
    request.max_content_length = resumable.MAX_PIECE  # for what comes without a length
    data = request.get_data(cache=False)
    parts = services()
    return resumable.put_piece(
        parts.database, parts.clock, parts.store, _pieces(), partial_id, data, offset=offset, actor=actor
    )


def _pieces() -> Pieces:
    return Pieces(services().settings.pieces_folder)


def _told(row: PartialUpload, *, status: int = HTTPStatus.OK) -> Response:
    with services().database.reading() as session:
        became = resumable.find_upload(session, row)
    body: dict[str, Any] = present.partial_upload(row, became, piece_bytes=resumable.MAX_PIECE)
    answer = present.json_answer(body, status)
    answer.headers[OFFSET], answer.headers[LENGTH] = str(row.kept), str(row.length)
    answer.headers["Cache-Control"] = "no-store"
    return answer
