"""Pages for people: what feeds there are, what each is for, the public stories, and an outlet's own entries.

Pages read releases, never stories. A browser that asked for a page is told a refusal as a page, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

import orjson
from flask import Blueprint, Response, render_template, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from feeds import opml
from feeds.document import Entry as FeedEntry
from feeds.document import Item, Tombstone
from feeds.text import SafeHtml
from hub.accounts import keys
from hub.actors import WORLD, Actor
from hub.errors import NotFound, Unavailable
from hub.http import problems
from hub.http.asking import asker, note_use
from hub.http.language import asked_language
from hub.http.services import services
from hub.http.wording import label
from hub.models import Channel, Entry
from hub.outlets import catalog, uses
from hub.public.admission import readable_channel, readable_entry
from hub.public.desk import pack_of, tools_of
from hub.public.feeds import PRIVATE_CACHE, PUBLIC_CACHE
from hub.publishing import documents, reading
from hub.publishing.documents import FORMATS
from hub.publishing.heads import calendar_path, feed_path
from hub.publishing.visibility import Variant

FRONT_PAGE_STORIES = 19  # the first stands large, the others in rows of two or three
FEED_PAGE_ENTRIES = 10
SELECTED = ("kinds", "stages", "topics", "priority_groups")  # dimensions of a selection that are vocabularies
NOT_PAGES = ("/api/", "/media/", "/static/")
OPML_FORMAT = "atom"  # unless another is asked for: who imports the list should not subscribe to one channel four times
OPML_TYPES = {"ninjs": "link"}  # no feed reader knows it; all else is "rss" to them

bp = Blueprint("pages", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class FeedLink:
    """One format of a channel, at its address."""

    format: str
    url: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChannel:
    """What pages show of a channel."""

    title: str
    description: str
    language: str
    outlet: str
    address: str  # outlet/channel
    profile: str
    public: bool
    selects: tuple[str, ...]  # what its selection asks for, in the language of the page
    page: str  # absolute, as all addresses here
    test_page: str  # the path of the channel that its readers can be tested with
    feeds: tuple[FeedLink, ...]
    calendar: str  # of what is planned, of a channel that has one
    updated: datetime


# --- the pages ----------------------------------------------------------------------------------------------


@bp.get("/")
def front_page() -> Response:
    with services().database.reading() as session:
        stories = _items(session, reading.list_newest_public(session, limit=FRONT_PAGE_STORIES))
        return page(session, "front.html", stories=stories)


@bp.get("/stories/<story_id>")
def story_page(story_id: str) -> Response:
    with services().database.reading() as session:
        found = reading.find_public_entry(session, story_id)
        if found is None:
            raise NotFound(what=story_id, kind="story")
        return _entry_page(session, *found)


@bp.get("/feeds/<outlet>/<channel>/<uuid:entry>")
def outlet_entry_page(outlet: str, channel: str, entry: object) -> Response:
    with services().database.reading() as session:
        found = readable_entry(session, outlet, channel, entry)
        return _entry_page(session, found, readable_channel(session, outlet, channel))


@bp.get("/feeds/", strict_slashes=False)
def list_feeds() -> Response:
    actor = asker()
    with services().database.reading() as session:
        channels = [_shown(row) for row in _readable(session, actor)]
        return page(session, "feeds.html", public=actor is WORLD, channels=channels)


@bp.get("/feeds/<outlet>/<channel>")
def feed_page(outlet: str, channel: str) -> Response:
    with services().database.reading() as session:
        row = readable_channel(session, outlet, channel)
        newest = documents.list_page(session, row.id)[:FEED_PAGE_ENTRIES]
        items = _items(session, [(entry, row) for entry in newest])
        tools = tools_of(session, row)
        return page(session, "feed.html", public=_is_public(row), channel=_shown(row), items=items, tools=tools)


@bp.get("/feeds/index.opml")
def feeds_as_opml() -> Response:
    actor = asker()
    with services().database.reading() as session:
        return _opml(_readable(session, actor), secret=None, public=actor is WORLD)


@bp.get("/feeds/k/<secret>/index.opml")
def feeds_of_address_as_opml(secret: str) -> Response:
    parts = services()
    with parts.database.reading() as session:
        actor = keys.find_actor(session, secret, now=parts.clock.now())
        if actor is None or not actor.by_address or actor.outlet_id is None:
            raise NotFound(kind="feed")
        note_use(actor.key_id or 0, keys.fingerprint(secret))
        channels = catalog.list_of_outlet(session, actor.outlet_id)
        return _opml(channels, secret=secret, public=False)


# --- refusals, for browsers ---------------------------------------------------------------------------------


def tell_browsers(answer: Response) -> Response:
    """A refusal on the way to a page, as a page for whoever prefers HTML; its status and headers stay."""
    if answer.mimetype != problems.MEDIA_TYPE or request.path.startswith(NOT_PAGES):
        return answer
    answer.vary.add("Accept")
    if not _prefers_page():
        return answer
    problem = orjson.loads(answer.get_data())
    status = answer.status_code
    public: list[ShownChannel] = []
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:  # past that the database may be what failed
        with services().database.reading() as session:
            public = _public_channels(session)
    answer.set_data(_render("problem.html", public, status=status, detail=problem.get("detail", "")))
    answer.content_type = "text/html; charset=utf-8"
    return answer


@bp.app_errorhandler(HTTPStatus.NOT_FOUND)
def tell_unknown_address(_error: Exception) -> Response:
    """No door has this address; problems.py would say the same, but only to programs."""
    return tell_browsers(problems.problem(HTTPStatus.NOT_FOUND, "error.not_found"))


def _prefers_page() -> bool:
    offered = (problems.MEDIA_TYPE, "application/json", "text/html")  # whoever takes anything gets the first
    return request.accept_mimetypes.best_match(offered) == "text/html"


# --- what an asker may read ---------------------------------------------------------------------------------


def _readable(session: Session, actor: Actor) -> list[Channel]:
    return catalog.list_readable(session, outlet_ids=actor.outlet_ids)


def _is_public(channel: Channel) -> bool:
    return channel.audience == "public"


# --- from rows to what templates show -----------------------------------------------------------------------


def _public_channels(session: Session) -> list[ShownChannel]:
    return [_shown(row) for row in catalog.list_readable(session)]


def _shown(row: Channel) -> ShownChannel:
    address = services().settings.address
    return ShownChannel(
        title=row.title,
        description=row.description,
        language=row.language,
        outlet=row.outlet.name,
        address=catalog.address_of(row),
        profile=row.profile,
        public=_is_public(row),
        test_page=f"/feeds/{row.outlet.code}/test",
        selects=tuple(_selected(row.selection)),
        page=address(f"/feeds/{catalog.address_of(row)}"),
        feeds=tuple(feed_link(name, feed_path(row, name)) for name in FORMATS),
        calendar=address(calendar_path(row)) if catalog.has_calendar(row) else "",
        updated=row.head_at,
    )


def feed_link(format_name: str, path: str) -> FeedLink:
    """The feed at a path, as pages show it."""
    media_type: str = FORMATS[format_name].MEDIA_TYPE
    return FeedLink(format_name, services().settings.address(path), media_type.partition(";")[0])


def _selected(selection: Mapping[str, Iterable[str | Mapping[str, str]]]) -> Iterable[str]:
    for dimension in SELECTED:
        for code in selection.get(dimension, ()):
            yield label(dimension, str(code))
    for place in selection.get("places", ()):
        if isinstance(place, Mapping):
            yield ", ".join(place[part] for part in ("commune", "province") if part in place)


def _items(session: Session, rows: Iterable[tuple[Entry, Channel]]) -> list[Item]:
    rows = list(rows)
    media = documents.media_of(session, {entry.release_id for entry, _ in rows})
    corrections = documents.corrections_of(session, [entry for entry, _ in rows])
    address = services().settings.address
    found = (
        documents.find_item(
            entry,
            channel,
            media.get(entry.release_id, {}),
            Variant.FULL,
            address,
            corrected=corrections.get(entry.id),
        )
        for entry, channel in rows
    )
    return [item for item in found if item is not None]


def _entry_page(session: Session, entry: Entry, channel: Channel) -> Response:
    items = _items(session, [(entry, channel)])
    if not items:
        raise Unavailable()  # the fault is in the log and in what `hub verify` says
    item = items[0]
    public, shown = _is_public(channel), _shown(channel)
    if isinstance(item, Tombstone):
        return page(session, "withdrawn.html", HTTPStatus.GONE, public=public, channel=shown, tombstone=item)
    carried = uses.list_uses(session, entry.story_id, uses.DONE) if public else []
    elsewhere = uses.find_page_elsewhere(session, entry.story_id) if public else None
    canonical = elsewhere.url if elsewhere is not None else item.url  # feeds go on linking to the page here
    body, short_body = SafeHtml(item.content), SafeHtml(item.story.short_body)  # they were stored clean
    facts: dict[str, Any] = {
        "story": item,
        "body": body,
        "short_body": short_body,
        "carried": carried,
        "canonical": canonical,
        "pack": pack_of(channel, entry.uid),
    }
    return page(session, "story.html", public=public, channel=shown, **facts)


# --- answers ------------------------------------------------------------------------------------------------


def page(
    session: Session, template: str, status: HTTPStatus = HTTPStatus.OK, *, public: bool = True, **facts: object
) -> Response:
    text = _render(template, _public_channels(session), public=public, **facts)
    answer = Response(text, status, content_type="text/html; charset=utf-8")
    answer.headers["Content-Language"] = asked_language()
    if not public or status is not HTTPStatus.OK:
        answer.headers["X-Robots-Tag"] = "noindex"
    return _cached(answer, public=public)


def _render(template: str, public_channels: list[ShownChannel], **facts: object) -> str:
    """A page; `public_channels` stand in its head, and their outlet gives the site its name."""
    site = public_channels[0].outlet if public_channels else gettext("Stories worth following")
    address = services().settings.address
    known = {"site": site, "public_channels": public_channels, "address": address, "is_entry": is_entry}
    return render_template(template, **known, **facts)


def unkept_page(template: str, status: int = HTTPStatus.OK, **facts: object) -> Response:
    """A page for one pair of eyes: no cache keeps it, no search engine lists it."""
    public: list[ShownChannel] = []
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:  # past that the database may be what failed
        with services().database.reading() as session:
            public = _public_channels(session)
    answer = Response(_render(template, public, **facts), status, content_type="text/html; charset=utf-8")
    answer.headers["Content-Language"] = asked_language()
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _opml(channels: list[Channel], *, secret: str | None, public: bool) -> Response:
    address = services().settings.address
    asked = request.args.get("format", OPML_FORMAT)
    form = asked if asked in FORMATS else OPML_FORMAT
    outlines = [
        opml.Outline(
            title=f"{row.title} – {row.outlet.name}",
            xml_url=address(feed_path(row, form, secret)),
            type=OPML_TYPES.get(form, "rss"),
            html_url=address(f"/feeds/{catalog.address_of(row)}"),
            language=row.language,
            description=row.description,
        )
        for row in channels
    ]
    title = ", ".join(dict.fromkeys(row.outlet.name for row in channels))
    return _cached(Response(opml.render(title, outlines), content_type=opml.MEDIA_TYPE), public=public)


def _cached(answer: Response, *, public: bool) -> Response:
    answer.headers["Cache-Control"] = PUBLIC_CACHE if public else PRIVATE_CACHE
    answer.vary.update(("Accept-Language", "Authorization"))
    if answer.status_code != HTTPStatus.OK:
        return answer
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]


def is_entry(item: Item) -> bool:
    """Is there something to show, not only a tombstone?"""
    return isinstance(item, FeedEntry)
