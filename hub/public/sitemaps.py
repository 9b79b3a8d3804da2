"""What search engines ask for: the stories of public channels, and what of them is news.

A file holds a range of a channel's ledger, so that it is found by an index however long the ledger is; a story that
changes moves to the newest file, and what was withdrawn is in none.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from feeds import sitemap
from feeds.document import Entry as FeedEntry
from feeds.sitemap import Location, News
from hub.errors import NotFound
from hub.http.services import services
from hub.models import Channel
from hub.outlets import catalog
from hub.public.feeds import PUBLIC_CACHE
from hub.publishing import documents, reading, shelves
from hub.publishing.visibility import Variant

INDEXES = ("/", "/stories", "/topics/", "/organizations/", "/places/", "/movements/", "/feeds/", "/embed/")
RANGE = 10_000  # numbers of a ledger in one file

bp = Blueprint("sitemaps", __name__)


@bp.get("/sitemap.xml")
def get_index() -> Response:
    address = services().settings.address
    with services().database.reading() as session:
        channels = catalog.list_readable(session)
    files = [Location(url=address("/sitemaps/news.xml")), Location(url=address("/sitemaps/lists.xml"))]
    for channel in channels:
        newest = _newest(channel)
        files += [
            Location(
                url=address(f"/sitemaps/{catalog.address_of(channel)}/{place}.xml"),
                modified=channel.modified_at if place == newest else None,
            )
            for place in range(newest, -1, -1)
        ]
    return _answer(sitemap.render_index(files[: sitemap.MAX_URLS]))


@bp.get("/sitemaps/<outlet>/<channel>/<int(max=2147483):place>.xml")
def get_file(outlet: str, channel: str, place: int) -> Response:
    address = services().settings.address
    with services().database.reading() as session:
        row = catalog.find_channel(session, outlet, channel)
        if row is None or not _is_open(row) or place > _newest(row):
            raise NotFound(kind="feed")
        found = reading.list_locations(session, row.id, above=place * RANGE, upto=(place + 1) * RANGE)
    pages = [Location(url=address(f"/stories/{story_id}"), modified=updated) for story_id, updated in found]
    return _answer(sitemap.render(pages))


@bp.get("/sitemaps/news.xml")
def get_news() -> Response:
    parts = services()
    since = parts.clock.now() - sitemap.NEWS_AGE
    with parts.database.reading() as session:
        rows = reading.list_newest_public(session, limit=sitemap.MAX_NEWS, since=since)
        address = parts.settings.address
        told = [(documents.find_item(entry, channel, {}, Variant.FULL, address), channel) for entry, channel in rows]
    stories = [
        News(
            url=item.url,
            publication=channel.outlet.name,
            language=item.language.partition("-")[0],
            published=item.published,
            title=item.title,
        )
        for item, channel in told
        if isinstance(item, FeedEntry)
    ]
    return _answer(sitemap.render_news(stories))


@bp.get("/sitemaps/lists.xml")
def get_lists() -> Response:
    """The lists of the portal that have stories, and what leads to them."""
    address = services().settings.address
    with services().database.reading() as session:
        paths = [*INDEXES, *shelves.list_paths(session, limit=sitemap.MAX_URLS - len(INDEXES))]
    return _answer(sitemap.render([Location(url=address(path)) for path in paths]))


@bp.get("/robots.txt")
def get_robots() -> Response:
    """Where the sitemap is; what has no page of its own for the world is not asked for."""
    lines = (
        "User-agent: *",
        "Disallow: /api/",
        "Disallow: /search",
        "Disallow: /embed/*/",
        f"Sitemap: {services().settings.address('/sitemap.xml')}",
        "",
    )
    return _answer("\n".join(lines).encode(), "text/plain; charset=utf-8")


def _newest(channel: Channel) -> int:
    """The place of the file that holds the newest number."""
    return max(channel.head - 1, 0) // RANGE


def _is_open(channel: Channel) -> bool:
    ended = channel.successor_id is not None or channel.outlet.ended_on is not None
    return channel.audience == "public" and not ended


def _answer(body: bytes, content_type: str = sitemap.MEDIA_TYPE) -> Response:
    answer = Response(body, content_type=content_type)
    answer.headers["Cache-Control"] = PUBLIC_CACHE
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]
