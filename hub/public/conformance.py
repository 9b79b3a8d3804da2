"""The channel that an outlet tests its readers with, and the page that lists what should be seen of it.

It is made anew for every request, through the same renderers as feeds: no story, no ledger, in no list of feeds.
"""

from __future__ import annotations

import gzip
from datetime import datetime

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from feeds import calendar
from feeds.conditional import strong_etag
from feeds.dates import http_date
from hub.accounts import keys
from hub.errors import Gone, NotFound
from hub.http.asking import note_use
from hub.http.services import services
from hub.http.wording import STATIC
from hub.models import Outlet
from hub.outlets import catalog
from hub.public import answers, calendars, feeds, pages
from hub.public.admission import readable_outlet, reads_for
from hub.public.feeds import respond, with_profile
from hub.public.ready import Ready
from hub.publishing import conformance, conformance_calendar, documents
from hub.publishing.conformance import CODE, MARK, PERIOD, PICTURES
from hub.publishing.documents import FORMATS, RENDERERS
from hub.publishing.heads import CALENDAR, feed_suffix, feeds_prefix

CASES = ("announcement", "appears", "new", "long", "no-picture", "vietnamese", "calendar")  # in the order of the page

bp = Blueprint("conformance", __name__, url_prefix="/feeds")


@bp.get("/<outlet>/test.ics")
def get_test_calendar(outlet: str) -> Response:
    with services().database.reading() as session:
        if _is_channel(session, outlet):
            return calendars.get_calendar(outlet, CODE)
        row = readable_outlet(session, outlet)
    return _calendar(row, secret=None)


@bp.get("/k/<secret>/<outlet>/test.ics")
def get_test_calendar_by_address(secret: str, outlet: str) -> Response:
    with services().database.reading() as session:
        if _is_channel(session, outlet):
            return calendars.get_calendar_by_address(secret, outlet, CODE)
        row = _outlet_at(session, secret, outlet)
    return _calendar(row, secret=secret)


@bp.get("/<outlet>/test.<any(rss, atom, json, ninjs):format_name>")
def get_test_feed(outlet: str, format_name: str) -> Response:
    with services().database.reading() as session:
        if _is_channel(session, outlet):
            return feeds.get_feed(outlet, CODE, format_name)
        row = readable_outlet(session, outlet)
    return _feed(row, with_profile(format_name), secret=None)


@bp.get("/k/<secret>/<outlet>/test.<any(rss, atom, json, ninjs):format_name>")
def get_test_feed_by_address(secret: str, outlet: str, format_name: str) -> Response:
    with services().database.reading() as session:
        if _is_channel(session, outlet):
            return feeds.get_feed_by_address(secret, outlet, CODE, format_name)
        row = _outlet_at(session, secret, outlet)
    return _feed(row, with_profile(format_name), secret=secret)


@bp.get("/<outlet>/test")
def show_cases(outlet: str) -> Response:
    with services().database.reading() as session:
        if _is_channel(session, outlet):
            return pages.feed_page(outlet, CODE)
        row = readable_outlet(session, outlet)
        slot = conformance.slot_of(services().clock.now())
        return answers.page(
            session,
            "test.html",
            public=row.kind == "public",
            outlet=row.name,
            feeds=[answers.feed_link(name, _path(row, name, None)) for name in FORMATS],
            calendar=services().settings.address(_path(row, CALENDAR, None)),
            private=_path(row, "atom", "…"),
            cases=CASES,
            title=conformance.HARD_TITLE,
            traps=conformance.TRAPS,
            last_words=conformance.LAST_WORDS,
            long=conformance.LONG_PARAGRAPHS,
            slot=slot,
            coming=slot + PERIOD,
            minutes=int(PERIOD.total_seconds() // 60),
        )


def _is_channel(session: Session, outlet: str) -> bool:
    """An outlet may have named a channel of its own so before there was this one."""
    return catalog.find_channel(session, outlet, CODE) is not None


def _outlet_at(session: Session, secret: str, outlet: str) -> Outlet:
    """The outlet that whoever holds this address may read; 404 for every other one."""
    actor = keys.find_actor(session, secret, now=services().clock.now())
    row = catalog.find_outlet(session, outlet)
    if actor is None or not actor.by_address or row is None:
        raise NotFound(kind="feed")
    if row.kind != "public" and not reads_for(session, row.id, actor, now=services().clock.now()):
        raise NotFound(kind="feed")
    if row.ended_on is not None:
        raise Gone(what=outlet)
    note_use(actor.key_id or 0, keys.fingerprint(secret))
    return row


def _tested(row: Outlet) -> conformance.Outlet:
    address = services().settings.address
    return conformance.Outlet(
        code=row.code,
        name=row.name,
        page_url=address(f"/feeds/{row.code}/{CODE}"),
        picture_base=address("/static"),
        picture_bytes=tuple((STATIC / file).stat().st_size for _, _, file in PICTURES),
    )


def _calendar(row: Outlet, *, secret: str | None) -> Response:
    tested, now = _tested(row), services().clock.now()
    url = services().settings.address(_path(row, CALENDAR, secret))
    events = conformance_calendar.list_events(tested, now=now)
    return calendars.answer_calendar(calendar.render(f"{MARK} – {row.name}", events, url=url))


def _feed(row: Outlet, format_name: str, *, secret: str | None) -> Response:
    parts = services()
    address, now = parts.settings.address, parts.clock.now()
    tested = _tested(row)
    others = [name for name in FORMATS if name != format_name]
    head = conformance.feed_of(
        tested,
        self_url=address(_path(row, format_name, secret)),
        alternates=tuple((address(_path(row, name, secret)), FORMATS[name].MEDIA_TYPE) for name in others),
        now=now,
    )
    with documents.rendering():
        body: bytes = RENDERERS[format_name].render(head, conformance.list_items(tested, now=now))
    public = row.kind == "public" and secret is None
    return respond(_ready(body, conformance.slot_of(now), public=public, now=now), format_name)


def _ready(body: bytes, changed_at: datetime, *, public: bool, now: datetime) -> Ready:
    return Ready(
        revision=0,
        number=0,
        public=public,
        is_own=not public,
        body=body,
        gzipped=gzip.compress(body, feeds.GZIP_LEVEL, mtime=0),
        etag=strong_etag(body).strip('"'),
        modified_at=changed_at,
        last_modified=http_date(changed_at),
        rendered_at=now,
        links="",  # nobody is pushed a test
    )


def _path(row: Outlet, format_name: str, secret: str | None) -> str:
    return f"{feeds_prefix(secret)}/{row.code}/{CODE}{feed_suffix(format_name)}"
