"""Pictures and films by their release's token: an address nobody can guess, gone when the release loses the picture."""

from __future__ import annotations

from flask import Blueprint, Response

from hub.errors import Gone, NotFound
from hub.http.sending import send_kept
from hub.http.services import services
from hub.publishing import reading
from hub.publishing.reading import Access

bp = Blueprint("media", __name__)


@bp.get("/media/<token>/<int(min=1,max=100000):width>")
def get_picture(token: str, width: int) -> Response:
    return _send(token, width)


@bp.get("/media/<token>/film")
def get_film(token: str) -> Response:
    """A film as it was sent, whole or by range (RFC 9110 §14)."""
    return _send(token, reading.FILM_WIDTH)


def _send(token: str, width: int) -> Response:
    parts = services()
    with parts.database.reading() as session:
        found = reading.find_picture(session, token, width)
    if found is None or found.access is Access.HIDDEN:
        raise NotFound(kind="picture")
    if found.access is Access.GONE:
        raise Gone(what="picture")
    answer = send_kept(parts.store.path(found.sha256), media_type=found.media_type, etag=found.sha256[:32])
    answer.headers["Cache-Control"] = "public, max-age=60" if found.public else "private, max-age=60"
    answer.headers["X-Robots-Tag"] = "noimageindex" if not found.public else "all"
    return answer
