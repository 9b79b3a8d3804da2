"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/) with the story's fields in ``_hub``.

A fragment is one JSON object of ``items``; the head of the feed is joined to it per address.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from feeds import story_json
from feeds.dates import rfc3339
from feeds.document import Entry, Feed, Footage, Item, Items, Link, Person, Picture, Tombstone
from feeds.markup import scrub
from feeds.tombstones import neutral_title

MEDIA_TYPE = "application/feed+json; charset=utf-8"
VERSION = "https://jsonfeed.org/version/1.1"
OLDER = ("next", "prev-archive")  # links to where the older items are, the best first


def render(feed: Feed, items: Items) -> bytes:
    """The whole document; `items` newest change first."""
    return assemble(feed, [render_entry(item) for item in items])


def render_entry(item: Item) -> bytes:
    """One object of ``items`` in UTF-8: independent of the feed's address, to be kept and used again."""
    try:
        return orjson.dumps(_item(item))
    except TypeError:  # a lone surrogate; orjson names no narrower error
        return orjson.dumps(_item(scrub(item)))


def assemble(feed: Feed, fragments: Sequence[bytes]) -> bytes:
    """Head, kept fragments in the order given, tail."""
    try:
        head = orjson.dumps(_head(feed))
    except TypeError:
        head = orjson.dumps(_head(scrub(feed)))
    parts = [head.removesuffix(b"}"), b',"items":[']
    for fragment in fragments:
        parts += (fragment, b",\n")
    if fragments:
        parts.pop()
    return b"".join((*parts, b"]}"))  # at once: with its proofs a feed is a megabyte


def _head(feed: Feed) -> dict[str, Any]:
    head: dict[str, Any] = {
        "version": VERSION,
        "title": feed.title,
        "home_page_url": feed.home_url,
        "feed_url": feed.self_url,
    }
    if feed.subtitle:
        head["description"] = feed.subtitle
    older = [link.href for rel in OLDER for link in feed.links if link.rel == rel]
    if older:
        head["next_url"] = older[0]
    if feed.icon:
        head["icon"] = feed.icon
    if feed.author:
        head["authors"] = [_author(feed.author)]
    head["language"] = feed.language
    hubs = [{"type": "WebSub", "url": link.href} for link in feed.links if link.rel == "hub"]
    if hubs:
        head["hubs"] = hubs
    head["_hub"] = {"about": story_json.ABOUT, "id": feed.id, "updated": rfc3339(feed.updated)}
    if feed.rights:
        head["_hub"]["rights"] = feed.rights
    if feed.is_archive:
        head["_hub"]["archive"] = True
    links = [_link(link) for link in (*feed.alternates, *feed.links)]
    if links:
        head["_hub"]["links"] = links
    return head


def _item(item: Item) -> dict[str, Any]:
    return _tombstone(item) if isinstance(item, Tombstone) else _entry(item)


def _entry(entry: Entry) -> dict[str, Any]:
    rendered: dict[str, Any] = {"id": entry.id, "url": entry.url, "title": entry.title}
    if entry.content:
        rendered["content_html"] = entry.content
    else:
        rendered["content_text"] = entry.summary or entry.title
    if entry.summary:
        rendered["summary"] = entry.summary
    pictures = [picture for picture in entry.pictures if picture.renditions]
    if pictures:
        rendered["image"] = pictures[0].for_screens[0].url
    rendered["date_published"] = rfc3339(entry.published)
    rendered["date_modified"] = rfc3339(entry.updated)
    if entry.authors:
        rendered["authors"] = [_author(person) for person in entry.authors]
    if entry.categories:
        rendered["tags"] = [category.label or category.term for category in entry.categories]
    rendered["language"] = entry.language
    films = [footage for footage in entry.story.footage if footage.length]
    if pictures or films:
        rendered["attachments"] = [*map(_attachment, pictures), *map(_film, films)]
    rendered["_hub"] = story_json.entry_fields(entry)
    if entry.proof and entry.proof.isascii() and '"' not in entry.proof and "\\" not in entry.proof:
        rendered["_hub"]["proof"] = orjson.Fragment(f'"{entry.proof}"')  # long, and nothing in it to be escaped
    return rendered


def _tombstone(item: Tombstone) -> dict[str, Any]:
    title = neutral_title(item.language)
    return {
        "id": item.id,
        "url": item.url,
        "title": title,
        "content_text": title,
        "date_published": rfc3339(item.published),
        "date_modified": rfc3339(item.updated),
        "language": item.language,
        "_hub": story_json.tombstone_fields(item),
    }


def _author(person: Person) -> dict[str, str]:
    return {"name": person.name, **({"url": f"mailto:{person.email}"} if person.email else {})}


def _attachment(picture: Picture) -> dict[str, Any]:
    """The largest size of one picture; ``_hub.pictures`` holds the others."""
    largest = picture.renditions[0]
    attachment: dict[str, Any] = {"url": largest.url, "mime_type": largest.media_type}
    if picture.alt:
        attachment["title"] = picture.alt
    if largest.length:
        attachment["size_in_bytes"] = largest.length
    return attachment


def _film(film: Footage) -> dict[str, Any]:
    attachment: dict[str, Any] = {"url": film.url, "mime_type": film.media_type, "size_in_bytes": film.length}
    if film.alt or film.caption:
        attachment["title"] = film.alt or film.caption
    if film.duration_seconds is not None:
        attachment["duration_in_seconds"] = film.duration_seconds
    return attachment


def _link(link: Link) -> dict[str, Any]:
    named = {
        "rel": link.rel,
        "href": link.href,
        "type": link.media_type,
        "title": link.title,
        "hreflang": link.hreflang,
    }
    return {key: value for key, value in named.items() if value}
