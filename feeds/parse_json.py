"""JSON in, documents out: JSON Feed 1.0 and 1.1, and a ninjs package with its associations."""

from __future__ import annotations

import html
from dataclasses import replace
from typing import Any

import orjson

from feeds.dates import find_date
from feeds.document import Status
from feeds.parsed import (
    NotAFeed,
    ParsedCategory,
    ParsedEntry,
    ParsedFeed,
    ParsedLink,
    number_of,
    object_of,
    objects_of,
    text_of,
)

PAGING = ("current", "prev-archive", "next-archive")  # RFC 5005; JSON Feed itself has but the address of what is older


def parse_json(body: bytes) -> ParsedFeed:
    """Read a JSON Feed or a ninjs package. Raises NotAFeed."""
    try:
        feed = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise NotAFeed("unreadable JSON") from exc
    if not isinstance(feed, dict):
        raise NotAFeed("JSON, but no object")
    if text_of(feed.get("version")).startswith("https://jsonfeed.org/version/"):
        return _json_feed(feed)
    if text_of(object_of(feed.get("standard")).get("name")) == "ninjs":
        return _ninjs_package(feed)
    raise NotAFeed("JSON, but neither JSON Feed nor ninjs")


def _json_feed(feed: dict[str, Any]) -> ParsedFeed:
    hub = object_of(feed.get("_hub"))
    paging = [link for link in objects_of(hub.get("links")) if link.get("rel") in PAGING]
    links = [
        ("self", text_of(feed.get("feed_url")), "application/feed+json"),
        ("alternate", text_of(feed.get("home_page_url")), "text/html"),
        ("next", text_of(feed.get("next_url")), "application/feed+json"),
        *(("hub", text_of(each.get("url")), "") for each in objects_of(feed.get("hubs"))),
        *((text_of(link.get("rel")), text_of(link.get("href")), text_of(link.get("type"))) for link in paging),
    ]
    entries = tuple(_json_entry(item) for item in objects_of(feed.get("items")))
    return ParsedFeed(
        format="json",
        title=text_of(feed.get("title")),
        id=text_of(hub.get("id")) or text_of(feed.get("feed_url")),
        links=tuple(ParsedLink(rel=rel, href=href, media_type=kind) for rel, href, kind in links if href),
        language=text_of(feed.get("language")),
        updated=find_date(text_of(hub.get("updated"))),
        entries=entries,
        deleted=tuple(entry.id for entry in entries if entry.withdrawn),
    )


def _json_entry(item: dict[str, Any]) -> ParsedEntry:
    url = text_of(item.get("url"))
    enclosures = tuple(
        ParsedLink(
            rel="enclosure",
            href=text_of(attachment.get("url")),
            media_type=text_of(attachment.get("mime_type")),
            title=text_of(attachment.get("title")),
            length=number_of(attachment.get("size_in_bytes")),
        )
        for attachment in objects_of(item.get("attachments"))
    )
    page = (ParsedLink(rel="alternate", href=url, media_type="text/html"),) if url else ()
    hub = object_of(item.get("_hub"))
    authors = [*objects_of(item.get("authors")), object_of(item.get("author"))]  # 1.1, 1.0
    tags = item.get("tags")
    return ParsedEntry(
        id=_json_id(item.get("id")),
        title=text_of(item.get("title")),
        links=page + enclosures,
        published=find_date(text_of(item.get("date_published"))),
        updated=find_date(text_of(item.get("date_modified"))),
        summary=text_of(item.get("summary")),
        content=text_of(item.get("content_html")) or html.escape(text_of(item.get("content_text")), quote=False),
        enclosures=enclosures,
        categories=tuple(ParsedCategory(term=tag) for tag in tags if isinstance(tag, str))
        if isinstance(tags, list)
        else (),
        authors=tuple(name for name in (text_of(author.get("name")) for author in authors) if name),
        withdrawn=hub.get("status") == Status.WITHDRAWN.value,
    )


def _json_id(value: object) -> str:
    """An item's id; JSON Feed 1.1 tells readers to coerce numbers."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return text_of(value)


def _ninjs_package(package: dict[str, Any]) -> ParsedFeed:
    entries = tuple(_ninjs_entry(item) for item in objects_of(package.get("associations")))
    trusted = [text_of(said.get("href")) for said in objects_of(package.get("trustIndicators"))]
    links = [*_renditions(package), *(ParsedLink(rel="alternate", href=href) for href in trusted[:1] if href)]
    return ParsedFeed(
        format="ninjs",
        title=text_of(package.get("title")) or _first_value(package, "headlines"),
        id=text_of(package.get("uri")),
        links=tuple(links),
        language=text_of(package.get("language")),
        updated=find_date(text_of(package.get("versionCreated"))),
        entries=entries,
        deleted=tuple(entry.id for entry in entries if entry.withdrawn),
    )


def _ninjs_entry(item: dict[str, Any]) -> ParsedEntry:
    pages = [replace(link, rel="alternate") for link in _renditions(item) if link.rel == "web"]
    pictures = [
        replace(link, rel="enclosure", title=_first_value(each, "descriptions"))
        for each in objects_of(item.get("associations"))
        for link in _renditions(each)[:1]
    ]
    return ParsedEntry(
        id=text_of(item.get("uri")),
        title=_first_value(item, "headlines") or text_of(item.get("title")),
        links=(*pages, *pictures),
        published=find_date(text_of(item.get("firstCreated"))),
        updated=find_date(text_of(item.get("versionCreated"))),
        summary=_first_value(item, "descriptions", role="summary"),
        content=_first_value(item, "bodies"),
        enclosures=tuple(pictures),
        categories=tuple(
            ParsedCategory(
                term=text_of(each.get("literal")),
                scheme=text_of(each.get("uri")).rpartition("#")[0],
                label=text_of(each.get("name")),
            )
            for each in objects_of(item.get("subjects"))
        ),
        authors=(text_of(item.get("by")),) if text_of(item.get("by")) else (),
        withdrawn=text_of(item.get("pubStatus")) == "canceled",
    )


def _renditions(item: dict[str, Any]) -> list[ParsedLink]:
    found = (
        ParsedLink(
            rel=text_of(each.get("name")),
            href=text_of(each.get("href")),
            media_type=text_of(each.get("contentType")),
            title=text_of(each.get("title")),
            length=number_of(each.get("sizeInBytes")),
        )
        for each in objects_of(item.get("renditions"))
    )
    return [link for link in found if link.href]


def _first_value(item: dict[str, Any], name: str, *, role: str = "") -> str:
    """The first value of a list of texts; of that role, where one is asked for."""
    values = (text_of(each.get("value")) for each in objects_of(item.get(name)) if role in ("", each.get("role")))
    return next(values, "")
