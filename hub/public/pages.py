"""Pages for people: what feeds there are, what each is for, the public stories, and an outlet's own entries.

Pages read releases, never stories. A browser that asked for a page is told a refusal as a page, too.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from feeds import opml
from feeds.document import Tombstone
from feeds.text import SafeHtml
from hub.accounts import keys
from hub.actors import WORLD, Actor
from hub.errors import NotFound, Unavailable
from hub.http import problems
from hub.http.asking import asker, note_use
from hub.http.services import services
from hub.models import Channel, Entry
from hub.outlets import catalog, uses
from hub.public import answers
from hub.public.admission import readable_channel, readable_entry
from hub.public.answers import cached, is_public, items_of, list_public, page, render, shown
from hub.public.article import news_article
from hub.public.desk import pack_of, tools_of
from hub.public.listing import list_topic_leaves
from hub.publishing import documents, reading, searching
from hub.publishing.documents import FORMATS
from hub.publishing.heads import feed_path

FRONT_PAGE_STORIES = 19  # the first stands large, the others in rows of two or three
FEED_PAGE_ENTRIES = 10
RELATED_STORIES = 3
NOT_PAGES = ("/api/", "/media/", "/static/")
OPML_FORMAT = "atom"  # unless another is asked for: who imports the list should not subscribe to one channel four times
OPML_TYPES = {"ninjs": "link"}  # no feed reader knows it; all else is "rss" to them

bp = Blueprint("pages", __name__, template_folder="templates")


class StoryRests(NotFound):
    """It was public and is not just now; whoever kept its address may know so much, and nothing of why."""

    key = "error.story_rests"


# --- the pages ----------------------------------------------------------------------------------------------


@bp.get("/")
def front_page() -> Response:
    with services().database.reading() as session:
        stories = items_of(session, reading.list_newest_public(session, limit=FRONT_PAGE_STORIES))
        return page(session, "front.html", stories=stories, topics=list_topic_leaves(session))


@bp.get("/stories/<story_id>")
def story_page(story_id: str) -> Response:
    with services().database.reading() as session:
        found = reading.find_public_entry(session, story_id)
        if found is None:
            raise StoryRests() if reading.is_resting(session, story_id) else NotFound(what=story_id, kind="story")
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
        channels = [shown(row) for row in _readable(session, actor)]
        return page(session, "feeds.html", public=actor is WORLD, channels=channels)


@bp.get("/feeds/<outlet>/<channel>")
def feed_page(outlet: str, channel: str) -> Response:
    with services().database.reading() as session:
        row = readable_channel(session, outlet, channel)
        newest = documents.list_page(session, row.id)[:FEED_PAGE_ENTRIES]
        items = items_of(session, [(entry, row) for entry in newest])
        tools = tools_of(session, row)
        return page(session, "feed.html", public=is_public(row), channel=shown(row), items=items, tools=tools)


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
    public: list[answers.ShownChannel] = []
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:  # past that the database may be what failed
        with services().database.reading() as session:
            public = list_public(session)
    rests = problem.get("type") == problems.type_of(StoryRests.key)
    answer.set_data(render("problem.html", public, status=status, rests=rests, detail=problem.get("detail", "")))
    answer.content_type = "text/html; charset=utf-8"
    return answer


@bp.app_errorhandler(HTTPStatus.NOT_FOUND)
def tell_unknown_address(_error: Exception) -> Response:
    """No door has this address; problems.py would say the same, but only to programs."""
    return problems.problem(HTTPStatus.NOT_FOUND, "error.not_found")  # browsers are told on its way out


def _prefers_page() -> bool:
    offered = (problems.MEDIA_TYPE, "application/json", "text/html")  # whoever takes anything gets the first
    return request.accept_mimetypes.best_match(offered) == "text/html"


# --- what an asker may read ---------------------------------------------------------------------------------


def _readable(session: Session, actor: Actor) -> list[Channel]:
    return catalog.list_readable(session, outlet_ids=actor.outlet_ids)


def _entry_page(session: Session, entry: Entry, channel: Channel) -> Response:
    items = items_of(session, [(entry, channel)])
    if not items:
        raise Unavailable()  # the fault is in the log and in what `hub verify` says
    item = items[0]
    public, seen = is_public(channel), shown(channel)
    if isinstance(item, Tombstone):
        return page(session, "withdrawn.html", HTTPStatus.GONE, public=public, channel=seen, tombstone=item)
    carried = uses.list_uses(session, entry.story_id, uses.DONE) if public else []
    elsewhere = uses.find_page_elsewhere(session, entry.story_id) if public else None
    canonical = elsewhere.url if elsewhere is not None else item.url  # feeds go on linking to the page here
    body, short_body = SafeHtml(item.content), SafeHtml(item.story.short_body)  # they were stored clean
    marks = {mark.dimension: mark.code for mark in searching.list_marks(session, entry.story_id)} if public else {}
    related = searching.list_related(session, entry.story_id, limit=RELATED_STORIES) if public else []
    facts: dict[str, Any] = {
        "marks": marks,
        "related": items_of(session, related),
        "article": news_article if public else None,
        "story": item,
        "body": body,
        "short_body": short_body,
        "carried": carried,
        "canonical": canonical,
        "pack": pack_of(channel, entry.uid),
        "on_paper": public and request.args.get("view") == "print",
        "seen_at": services().clock.now(),
    }
    return page(session, "story.html", public=public, channel=seen, **facts)


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
    return cached(Response(opml.render(title, outlines), content_type=opml.MEDIA_TYPE), public=public)
