"""Pages for people: what feeds there are, what each is for, the public stories, and an outlet's own entries."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from feeds import opml
from feeds.document import Entry as FeedEntry
from hub.accounts import keys
from hub.accounts.actors import WORLD, Actor, Role
from hub.errors import NotFound, Unauthenticated
from hub.http.asking import accept, asker
from hub.http.services import services
from hub.models import Channel, Entry
from hub.outlets import catalog
from hub.public.feeds import PRIVATE_CACHE, PUBLIC_CACHE
from hub.publishing import documents, reading
from hub.publishing.assemble import item_of
from hub.publishing.documents import FORMATS
from hub.publishing.heads import feed_path
from hub.publishing.visibility import Variant

FRONT_PAGE_STORIES = 20

bp = Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/static")


@bp.get("/")
def front_page() -> Response:
    parts = services()
    with parts.database.reading() as session:
        channels = [row for row in catalog.list_channels(session) if row.audience == "public"]
        rows = reading.list_newest_public(session, limit=FRONT_PAGE_STORIES)
        stories = [_item(session, row, channel) for row, channel in rows]
    return _page("front.html", public=True, channels=_described(channels), stories=stories)


@bp.get("/stories/<story_id>")
def story_page(story_id: str) -> Response:
    with services().database.reading() as session:
        found = reading.find_public_entry(session, story_id)
        if found is None:
            raise NotFound(what=story_id)
        return _entry_page(session, *found, public=True)


@bp.get("/feeds/<outlet>/<channel>/<uuid:entry>")
def outlet_entry_page(outlet: str, channel: str, entry: object) -> Response:
    with services().database.reading() as session:
        row = _readable_channel(session, outlet, channel)
        found = reading.find_entry(session, row.id, f"urn:uuid:{entry}")
        if found is None:
            raise NotFound(what=str(entry))
        return _entry_page(session, found, row, public=row.audience == "public")


@bp.get("/feeds/")
def list_feeds() -> Response:
    actor = asker()
    with services().database.reading() as session:
        channels = _readable(session, actor)
    return _page("feeds.html", public=actor is WORLD, channels=_described(channels))


@bp.get("/feeds/index.opml")
def feeds_as_opml() -> Response:
    actor = asker()
    with services().database.reading() as session:
        channels = _readable(session, actor)
    return _opml(channels, secret=None, public=actor is WORLD)


@bp.get("/feeds/k/<secret>/index.opml")
def feeds_of_address_as_opml(secret: str) -> Response:
    parts = services()
    with parts.database.reading() as session:
        actor = keys.find_actor(session, secret, now=parts.clock.now())
        if actor is None or not actor.by_address:
            raise NotFound(what="feed")
        accept(actor, keys.fingerprint(secret))
        channels = [row for row in catalog.list_channels(session) if row.outlet_id == actor.outlet_id]
    return _opml(channels, secret=secret, public=False)


@bp.get("/feeds/<outlet>/<channel>")
def feed_page(outlet: str, channel: str) -> Response:
    with services().database.reading() as session:
        row = _readable_channel(session, outlet, channel)
    return _page("feed.html", public=row.audience == "public", channel=_described([row])[0])


def _readable_channel(session: Session, outlet: str, channel: str) -> Channel:
    """A channel the asker may read: 401 under a non-public outlet without a key, existing or not; 404 otherwise."""
    row = catalog.find_channel(session, outlet, channel)
    if row is not None and row.audience == "public":
        return row
    actor = asker()
    if actor is WORLD and not (row is None and catalog.is_public(session, outlet)):
        raise Unauthenticated()
    if row is None or actor.outlet_id != row.outlet_id:
        raise NotFound(what=f"{outlet}/{channel}")
    return row


def _readable(session: Session, actor: Actor) -> list[Channel]:
    return [
        row
        for row in catalog.list_channels(session)
        if row.audience == "public" or (actor.role is Role.OUTLET and row.outlet_id == actor.outlet_id)
    ]


def _described(channels: list[Channel]) -> list[dict[str, object]]:
    """What templates show of channels."""
    address = services().settings.address
    return [
        {
            "title": row.title,
            "description": row.description,
            "outlet": row.outlet.name,
            "public": row.audience == "public",
            "page": address(f"/feeds/{catalog.address_of(row)}"),
            "feeds": [
                {"format": name, "url": address(feed_path(row, name)), "type": FORMATS[name].MEDIA_TYPE.partition(";")[0]}
                for name in FORMATS
            ],
        }
        for row in channels
    ]


def _entry_page(session: Session, entry: Entry, channel: Channel, *, public: bool) -> Response:
    item = _item(session, entry, channel)
    if not isinstance(item, FeedEntry):
        return _page("withdrawn.html", public=public, status=HTTPStatus.GONE)
    return _page("story.html", public=public, story=item, channel=_described([channel])[0])


def _item(session: Session, entry: Entry, channel: Channel) -> object:
    media = documents.media_of(session, {entry.release_id}).get(entry.release_id, {})
    return item_of(entry, channel, media, Variant.FULL, services().settings.address)


def _opml(channels: list[Channel], *, secret: str | None, public: bool) -> Response:
    address = services().settings.address
    outlines = [
        opml.Outline(
            title=f"{row.title} – {row.outlet.name} ({name})",
            xml_url=address(feed_path(row, name, secret)),
            html_url=address(f"/feeds/{catalog.address_of(row)}"),
            language=row.language,
        )
        for row in channels
        for name in FORMATS
    ]
    answer = Response(opml.render("Hub", outlines), content_type=opml.MEDIA_TYPE)
    return _cached(answer, public=public)


def _page(template: str, *, public: bool, status: int = HTTPStatus.OK, **facts: object) -> Response:
    return _cached(Response(render_template(template, **facts), status, content_type="text/html; charset=utf-8"), public=public)


def _cached(answer: Response, *, public: bool) -> Response:
    answer.headers["Cache-Control"] = PUBLIC_CACHE if public else PRIVATE_CACHE
    answer.vary.update(("Accept-Language", "Authorization"))
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]


