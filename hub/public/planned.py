"""What is coming to a channel, at addresses of its own, for outlets whose embargo term holds; for others it is not."""

from __future__ import annotations

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from hub.errors import NotFound
from hub.http.services import services
from hub.models import Channel
from hub.outlets import terms
from hub.public.admission import readable_channel, readable_channel_by_address
from hub.public.feeds import PRIVATE_CACHE, with_profile
from hub.publishing import documents, planned
from hub.publishing.documents import RENDERERS
from hub.publishing.heads import feed_suffix

bp = Blueprint("planned", __name__, url_prefix="/feeds")


@bp.get("/<outlet>/<channel>/planned.<any(rss, atom, json, ninjs):format_name>")
def get_planned(outlet: str, channel: str, format_name: str) -> Response:
    format_name = with_profile(format_name)
    with services().database.reading() as session:
        row = readable_channel(session, outlet, channel, rest=f"/planned{feed_suffix(format_name)}")
        return _answer(session, row, format_name, secret=None)


@bp.get("/k/<secret>/<outlet>/<channel>/planned.<any(rss, atom, json, ninjs):format_name>")
def get_planned_by_address(secret: str, outlet: str, channel: str, format_name: str) -> Response:
    format_name = with_profile(format_name)
    rest = f"/planned{feed_suffix(format_name)}"
    with services().database.reading() as session:
        row, _ = readable_channel_by_address(session, secret, outlet, channel, rest=rest)
        return _answer(session, row, format_name, secret=secret)


def _answer(session: Session, row: Channel, format_name: str, *, secret: str | None) -> Response:
    parts = services()
    if row.audience == "public":
        raise NotFound(kind="feed")
    if not terms.holds(session, row.outlet_id, now=parts.clock.now()):
        raise terms.NoTerm()
    entries = planned.list_planned(session, row, parts.settings.address)
    with documents.rendering():
        body = planned.render(row, entries, format_name, parts.settings.address, secret=secret)
    answer = Response(body, content_type=RENDERERS[format_name].MEDIA_TYPE)
    answer.headers["Cache-Control"] = PRIVATE_CACHE
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.vary.add("Authorization")
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]
