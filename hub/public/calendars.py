"""Calendars: the broadcasts that an outlet plans, beside its feeds; and for the unit of their guests, its own guests'.

Both hold what is to come, and what was cancelled for 30 days after that, so that every reader's calendar hears of it.
An event's bytes hang on its document alone: that an option has ended shows with the change of the segment in which the
worker writes it down, so SEQUENCE grows whenever STATUS changes. What is out of sight leaves without a change; so there
is an ETag and no Last-Modified.
"""

from __future__ import annotations

import gzip

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from feeds import calendar
from feeds.conditional import is_not_modified, strong_etag
from hub.accounts import keys
from hub.clock import local_day
from hub.errors import NotFound
from hub.http.alarms import alarm_minutes
from hub.http.asking import asker, note_reading_of, note_use
from hub.http.services import services
from hub.models import Channel
from hub.outlets import catalog
from hub.outlets.planning import reading
from hub.outlets.readings import CALENDAR
from hub.public.admission import readable_channel, readable_channel_by_address
from hub.public.feeds import GZIP_LEVEL, PRIVATE_CACHE
from hub.publishing.heads import calendar_path

bp = Blueprint("calendars", __name__)


@bp.get("/feeds/<outlet>/<channel>.ics")
def get_calendar(outlet: str, channel: str) -> Response:
    minutes = alarm_minutes()
    with services().database.reading() as session:
        row = readable_channel(session, outlet, channel, rest=".ics")
        body = _of_channel(session, row, secret=None, with_contacts=True, minutes=minutes)
        note_reading_of(asker(), row.id, CALENDAR, number=0)
        return answer_calendar(body)


@bp.get("/feeds/k/<secret>/<outlet>/<channel>.ics")
def get_calendar_by_address(secret: str, outlet: str, channel: str) -> Response:
    minutes = alarm_minutes()
    with services().database.reading() as session:
        row, actor = readable_channel_by_address(session, secret, outlet, channel, rest=".ics")
        body = _of_channel(session, row, secret=secret, with_contacts=actor.with_contacts, minutes=minutes)
        note_reading_of(actor, row.id, CALENDAR, number=0)
        return answer_calendar(body)


@bp.get("/calendars/<secret>.ics")
def get_calendar_of_unit(secret: str) -> Response:
    minutes, parts = alarm_minutes(), services()
    now = parts.clock.now()
    with parts.database.reading() as session:
        actor = keys.find_actor(session, secret, now=now)
        if actor is None or not actor.by_address or actor.organization_id is None:
            raise NotFound(kind="feed")
        note_use(actor.key_id or 0, keys.fingerprint(secret))
        found = reading.list_for_unit(
            session, actor.organization_id, on=local_day(now), since=now - reading.KEPT, address=parts.settings.address
        )
        attended = [calendar.as_attended(segment) for segment in found]
        url = parts.settings.address(f"/calendars/{secret}.ics")
        return answer_calendar(calendar.render(actor.name, attended, url=url, alarm_minutes=minutes))


def _of_channel(
    session: Session, row: Channel, *, secret: str | None, with_contacts: bool, minutes: int | None
) -> bytes:
    if not catalog.has_calendar(row):
        raise NotFound(kind="feed")
    parts = services()
    now, address = parts.clock.now(), parts.settings.address
    planned = reading.list_documents(
        session, row.id, since=now - reading.KEPT, with_contacts=with_contacts, address=address
    )
    name, url = f"{row.title} – {row.outlet.name}", address(calendar_path(row, secret))
    return calendar.render(name, planned, url=url, language=row.language, alarm_minutes=minutes)


def answer_calendar(body: bytes) -> Response:
    """A calendar with its ETag, packed where that is welcome, or 304."""
    coding = "gzip" if request.accept_encodings["gzip"] > 0 else "identity"
    etag = strong_etag(body, coding=coding)
    headers = {
        "ETag": etag,
        "Cache-Control": PRIVATE_CACHE,
        "Vary": "Accept-Encoding, Authorization",
        "X-Robots-Tag": "noindex",
    }
    if is_not_modified(
        etag=etag,
        last_modified=None,
        rendered_at=services().clock.now(),
        if_none_match=request.headers.get("If-None-Match"),
    ):
        return Response(status=304, headers=headers)
    if coding == "gzip":
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body, GZIP_LEVEL, mtime=0)
    return Response(body, headers=headers, content_type=calendar.MEDIA_TYPE)
