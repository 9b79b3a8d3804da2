"""What a reader has saved for later: their browser keeps it, the hub knows nothing of it."""

from __future__ import annotations

from flask import Blueprint, Response

from hub.http.services import services
from hub.public.answers import page

bp = Blueprint("saved", __name__, template_folder="templates")


@bp.get("/saved")
def list_saved() -> Response:
    with services().database.reading() as session:
        answer = page(session, "saved.html")
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
