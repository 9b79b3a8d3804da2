"""What is coming to a channel, at addresses of its own, for outlets whose embargo term holds; for others it is not."""

from __future__ import annotations

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from hub.accounts import keys
from hub.errors import NotFound
from hub.http.asking import note_use
from hub.http.services import services
from hub.models import Channel
from hub.outlets import catalog, terms
from hub.public.admission import check_stays, may_read, readable_channel
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
        return _answer(session, row, format_name, prefix="/feeds")


@bp.get("/k/<secret>/<outlet>/<channel>/planned.<any(rss, atom, json, ninjs):format_name>")
def get_planned_by_address(secret: str, outlet: str, channel: str, format_name: str) -> Response:
    format_name = with_profile(format_name)
    now = services().clock.now()
    with services().database.reading() as session:
        actor = keys.find_actor(session, secret, now=now)
        row = catalog.find_channel(session, outlet, channel)
        if actor is None or not actor.by_address or row is None or not may_read(session, row, actor, now=now):
            raise NotFound(kind="feed")
        note_use(actor.key_id or 0, keys.fingerprint(secret))
        check_stays(session, row, rest=f"/planned{feed_suffix(format_name)}", secret=secret)
        return _answer(session, row, format_name, prefix=f"/feeds/k/{secret}")


def _answer(session: Session, row: Channel, format_name: str, *, prefix: str) -> Response:
    parts = services()
    if row.audience == "public" or not terms.holds(session, row.outlet_id, now=parts.clock.now()):
        raise NotFound(kind="feed")
    entries = planned.list_planned(session, row, parts.settings.address)
    with documents.rendering():
        body = planned.render(row, entries, format_name, parts.settings.address, prefix=prefix)
    answer = Response(body, content_type=RENDERERS[format_name].MEDIA_TYPE)
    answer.headers["Cache-Control"] = PRIVATE_CACHE
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.vary.add("Authorization")
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]
