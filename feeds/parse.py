"""Bytes in, documents out: RSS, Atom and JSON Feed. The only importer of feedparser.

feedparser is given bytes only (it may take a ``str`` for an address or a file), keeps only the last
``at:deleted-entry`` (they are read here), cannot read JSON Feed (it is read here), and reads a whole
UTF-8 feed as mojibake after one bad byte (bad bytes are replaced before it sees them).

Content comes back as feedparser's sanitizer leaves it; whoever publishes it sanitizes it again.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from time import struct_time
from typing import Any
from xml.parsers import expat

import feedparser
import orjson

from feeds.dates import find_date
from feeds.document import Status
from feeds.tombstones import NAMESPACE as TOMBSTONES

_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


class NotAFeed(ValueError):
    """The bytes are no RSS, Atom or JSON Feed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedLink:
    """A link of a feed or entry; for a JSON Feed attachment, rel is "enclosure"."""

    rel: str
    href: str
    media_type: str = ""
    title: str = ""
    length: int | None = None  # bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedCategory:
    """A category: an RSS category's text, or a JSON Feed tag, is its term."""

    term: str
    scheme: str = ""
    label: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedEntry:
    """One entry of a feed as it was read; what it did not say is empty or None."""

    id: str
    title: str  # plain text
    links: tuple[ParsedLink, ...]
    published: datetime | None  # to the second, of RSS and Atom: feedparser keeps no more
    updated: datetime | None
    summary: str  # plain text
    content: str  # HTML
    enclosures: tuple[ParsedLink, ...]
    categories: tuple[ParsedCategory, ...]
    authors: tuple[str, ...]
    withdrawn: bool = False  # it carries the hub's mark of a withdrawn story

    @property
    def url(self) -> str:
        """The page of the entry, or ""."""
        return _first_href(self.links, "alternate")


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedFeed:
    """A feed as it was read."""

    format: str  # "rss", "atom" or "json"
    title: str
    id: str
    links: tuple[ParsedLink, ...]
    language: str
    updated: datetime | None
    entries: tuple[ParsedEntry, ...]
    deleted: tuple[str, ...]  # ids of every tombstone (at:deleted-entry, or an entry marked as withdrawn)

    @property
    def self_url(self) -> str:
        """The address the feed gives for itself, or ""."""
        return _first_href(self.links, "self")

    @property
    def home_url(self) -> str:
        """The page of the feed, or ""."""
        pages = [link for link in self.links if link.rel == "alternate" and link.media_type in ("", "text/html")]
        return _first_href(pages, "alternate")


def parse(body: bytes) -> ParsedFeed:
    """Read a feed of any format. Raises NotAFeed."""
    start = body.removeprefix(_UTF8_BOM).lstrip()[:1]
    if start == b"{":
        return _parse_json(body)
    return _parse_xml(body)


def _parse_xml(body: bytes) -> ParsedFeed:
    body = _mend_utf8(body)
    try:
        parsed = feedparser.parse(io.BytesIO(body))
    except (ValueError, AssertionError, RecursionError) as exc:  # feedparser's loose parser gives up on some input
        raise NotAFeed("unreadable") from exc
    version = parsed.get("version") or ""
    if not version:
        raise NotAFeed("no RSS and no Atom")
    feed = parsed.feed
    is_atom = version.startswith("atom")
    links = _links(feed)
    entries = tuple(_entry(entry, is_atom=is_atom) for entry in parsed.entries)
    return ParsedFeed(
        format="atom" if is_atom else "rss",
        title=_plain(feed, "title"),
        id=_text(feed.get("id")) or _first_href(links, "self"),
        links=links,
        language=_text(feed.get("language")),
        updated=_instant(feed.get("updated"), feed.get("updated_parsed")),
        entries=entries,
        deleted=(*_deleted_refs(body), *(entry.id for entry in entries if entry.withdrawn)),
    )


def _mend_utf8(body: bytes) -> bytes:
    """Replace the bytes that are no UTF-8 in a document that claims to be UTF-8."""
    plain = body.removeprefix(_UTF8_BOM)
    declared = _DECLARED.match(plain)
    encoding = declared.group(1).lower() if declared else b"utf-8"
    if encoding not in (b"utf-8", b"utf8") or body.startswith(_UTF16_BOMS):
        return body
    try:
        plain.decode("utf-8")
    except UnicodeDecodeError:
        return plain.decode("utf-8", "replace").encode("utf-8")
    return body


def _entry(entry: Any, *, is_atom: bool) -> ParsedEntry:
    links = _links(entry)
    return ParsedEntry(
        id=_text(entry.get("id")),
        title=_plain(entry, "title"),
        links=links,
        published=_instant(entry.get("published"), entry.get("published_parsed")),
        updated=_instant(
            entry.get("updated") if "updated" in entry else None,
            entry.get("updated_parsed") if "updated_parsed" in entry else None,
        ),
        summary=_summary(entry, is_atom=is_atom),
        content="".join(part.get("value", "") for part in entry.get("content", ())[:1]),
        enclosures=tuple(link for link in links if link.rel == "enclosure"),
        categories=tuple(
            ParsedCategory(term=_text(tag.get("term")), scheme=_text(tag.get("scheme")), label=_text(tag.get("label")))
            for tag in entry.get("tags", ())
        ),
        authors=tuple(name for name in (_text(author.get("name")) for author in entry.get("authors", ())) if name),
        withdrawn=entry.get("hub_status") == Status.WITHDRAWN.value,
    )


def _summary(entry: Any, *, is_atom: bool) -> str:
    """The summary as plain text; RSS descriptions are HTML, Atom says which."""
    summary = _text(entry.get("summary"))
    detail = entry.get("summary_detail") or {}
    if is_atom and detail.get("value") == summary:
        return _plain(entry, "summary")
    if is_atom:  # the detail is that of a later media:description
        return html.unescape(summary)
    return _text_of_html(summary)


def _plain(context: Any, name: str) -> str:
    """A title or the like as plain text, whatever its type was."""
    value = _text(context.get(name))
    kind = (context.get(name + "_detail") or {}).get("type", "text/plain")
    return value if kind == "text/plain" else _text_of_html(value)


def _links(context: Any) -> tuple[ParsedLink, ...]:
    return tuple(
        ParsedLink(
            rel=_text(link.get("rel")) or "alternate",
            href=_text(link.get("href")),
            media_type=_text(link.get("type")),
            title=_text(link.get("title")),
            length=_number(link.get("length")),
        )
        for link in context.get("links", ())
        if link.get("href")
    )


def _instant(text: object, parsed: struct_time | None) -> datetime | None:
    """Our own reading keeps the microseconds; feedparser's knows many more notations."""
    instant = find_date(text) if isinstance(text, str) else None
    if instant is not None or parsed is None:
        return instant
    try:
        return datetime(*parsed[:6], tzinfo=UTC)
    except ValueError:
        return None


def _deleted_refs(body: bytes) -> list[str]:
    """Every at:deleted-entry's ref, in the order of the document (RFC 6721)."""
    if b"deleted-entry" not in body:
        return []
    refs: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == f"{TOMBSTONES} deleted-entry" and attributes.get("ref"):
            refs.append(attributes["ref"].strip())

    def refuse_entity(*_declaration: object) -> None:
        raise NotAFeed("a document that declares entities")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.EntityDeclHandler = refuse_entity
    try:
        parser.Parse(body, True)
    except expat.ExpatError:
        return refs  # as much as was well-formed; feedparser reads on loosely
    return refs


def _parse_json(body: bytes) -> ParsedFeed:
    try:
        feed = orjson.loads(body.removeprefix(_UTF8_BOM))
    except orjson.JSONDecodeError as exc:
        raise NotAFeed("unreadable JSON") from exc
    if not isinstance(feed, dict) or not _text(feed.get("version")).startswith("https://jsonfeed.org/version/"):
        raise NotAFeed("JSON, but no JSON Feed")
    links = [
        ("self", _text(feed.get("feed_url")), "application/feed+json"),
        ("alternate", _text(feed.get("home_page_url")), "text/html"),
        ("next", _text(feed.get("next_url")), "application/feed+json"),
        *(("hub", _text(hub.get("url")), "") for hub in _objects(feed.get("hubs"))),
    ]
    entries = tuple(_json_entry(item) for item in _objects(feed.get("items")))
    hub = _object(feed.get("_hub"))
    return ParsedFeed(
        format="json",
        title=_text(feed.get("title")),
        id=_text(hub.get("id")) or _text(feed.get("feed_url")),
        links=tuple(ParsedLink(rel=rel, href=href, media_type=kind) for rel, href, kind in links if href),
        language=_text(feed.get("language")),
        updated=find_date(_text(hub.get("updated"))),
        entries=entries,
        deleted=tuple(entry.id for entry in entries if entry.withdrawn),
    )


def _json_entry(item: dict[str, Any]) -> ParsedEntry:
    url = _text(item.get("url"))
    enclosures = tuple(
        ParsedLink(
            rel="enclosure",
            href=_text(attachment.get("url")),
            media_type=_text(attachment.get("mime_type")),
            title=_text(attachment.get("title")),
            length=_number(attachment.get("size_in_bytes")),
        )
        for attachment in _objects(item.get("attachments"))
    )
    page = (ParsedLink(rel="alternate", href=url, media_type="text/html"),) if url else ()
    hub = _object(item.get("_hub"))
    authors = [*_objects(item.get("authors")), _object(item.get("author"))]  # 1.1, 1.0
    tags = item.get("tags")
    return ParsedEntry(
        id=_json_id(item.get("id")),
        title=_text(item.get("title")),
        links=page + enclosures,
        published=find_date(_text(item.get("date_published"))),
        updated=find_date(_text(item.get("date_modified"))),
        summary=_text(item.get("summary")),
        content=_text(item.get("content_html")) or html.escape(_text(item.get("content_text")), quote=False),
        enclosures=enclosures,
        categories=tuple(ParsedCategory(term=tag) for tag in tags if isinstance(tag, str))
        if isinstance(tags, list)
        else (),
        authors=tuple(name for name in (_text(author.get("name")) for author in authors) if name),
        withdrawn=hub.get("status") == Status.WITHDRAWN.value,
    )


def _json_id(value: object) -> str:
    """An item's id; JSON Feed 1.1 tells readers to coerce numbers."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return _text(value)


def _first_href(links: Iterable[ParsedLink], rel: str) -> str:
    return next((link.href for link in links if link.rel == rel), "")


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, Any]]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


class _TextCollector(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _text_of_html(fragment: str) -> str:
    if "<" not in fragment:
        return html.unescape(fragment)
    collector = _TextCollector()
    collector.feed(fragment)
    collector.close()
    return "".join(collector.parts).strip()
