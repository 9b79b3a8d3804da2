"""What browsers load: style sheets, fonts, scripts and pictures of ours, from this host alone."""

from __future__ import annotations

from flask import Blueprint, Response, request, send_from_directory

from hub.http.wording import STATIC, hash_of

FOR_EVER = "public, max-age=31536000, immutable"
A_WHILE = "public, max-age=300"

bp = Blueprint("assets", __name__)


@bp.get("/static/<path:name>", endpoint="static")
def send_asset(name: str) -> Response:
    """A file under its own name; kept for ever where the address says what it holds (`asset` in templates does)."""
    answer = send_from_directory(STATIC, name, conditional=True, etag=True)
    kept = request.args.get("v") == hash_of(name)
    answer.headers["Cache-Control"] = FOR_EVER if kept else A_WHILE
    return answer


@bp.get("/favicon.ico")
def send_icon() -> Response:
    """The icon, where browsers look for it beside what is no page: a picture, a feed."""
    return send_asset("favicon.svg")
