"""Pictures of drafts and stories, small, and films by range, for those who may look at them before any release."""

from __future__ import annotations

from flask import Response

from hub.http.sending import send_kept
from hub.http.services import services
from hub.intake import uploads
from hub.web import visitors
from hub.web.unit import bp

WIDTH = 640  # pixels: enough for a phone, and for a thumbnail at a desk


@bp.get("/pictures/<upload_id>")
def show_picture(upload_id: str) -> Response:
    actor = visitors.require()
    parts = services()
    with parts.database.reading() as session:
        found = uploads.get_nearest(session, upload_id, WIDTH, asker=actor, now=parts.clock.now())
    answer = send_kept(parts.store.path(found.sha256), media_type=found.media_type)  # a film is played by range
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
