"""Bytes in, documents out: RSS and Atom; JSON goes to `feeds.parse_json`. The only importer of feedparser.

feedparser is given bytes only (it may take a ``str`` for an address or a file), keeps only the last
``at:deleted-entry`` (they are read here), cannot read JSON Feed, and reads a whole
UTF-8 feed as mojibake after one bad byte (bad bytes are replaced before it sees them).

Content comes back as feedparser's sanitizer leaves it; whoever publishes it sanitizes it again.
"""

from __future__ import annotations

import html
import io
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from time import struct_time
from typing import Any
from xml.parsers import expat

import feedparser

from feeds.dates import find_date
from feeds.document import Status
from feeds.parse_json import parse_json
from feeds.parsed import NotAFeed, ParsedCategory, ParsedEntry, ParsedFeed, ParsedLink, first_href, number_of, text_of
from feeds.tombstones import NAMESPACE as TOMBSTONES

_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_UTF8_BOM = b"\xef\xbb\xbf"
PERIODS = {"hourly": 60, "daily": 1440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}  # minutes
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


def parse(body: bytes, *, location: str = "") -> ParsedFeed:
    """Read a feed of any format; what it says of addresses is relative to `location`. Raises NotAFeed."""
    start = body.removeprefix(_UTF8_BOM).lstrip()[:1]
    if start == b"{":
        return parse_json(body.removeprefix(_UTF8_BOM))
    return _parse_xml(body, location)


def _parse_xml(body: bytes, location: str) -> ParsedFeed:
    body = _mend_utf8(body)
    try:
        parsed = feedparser.parse(io.BytesIO(body), response_headers={"content-location": location})
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
        id=text_of(feed.get("id")) or first_href(links, "self"),
        links=links,
        language=text_of(feed.get("language")),
        updated=_instant(feed.get("updated"), feed.get("updated_parsed")),
        entries=entries,
        deleted=(*_deleted_refs(body), *(entry.id for entry in entries if entry.withdrawn)),
        ttl_minutes=_ttl(feed),
    )


def _ttl(feed: Any) -> int | None:
    """How many minutes the feed asks to be left alone: RSS `ttl`, or the period of the syndication module."""
    minutes = number_of(feed.get("ttl"))
    if minutes is None and (period := PERIODS.get(text_of(feed.get("sy_updateperiod")).lower())):
        minutes = period // max(1, number_of(feed.get("sy_updatefrequency")) or 1)
    return minutes if minutes is not None and minutes > 0 else None


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
        id=text_of(entry.get("id")),
        title=_plain(entry, "title"),
        links=links,
        published=_instant(entry.get("published"), entry.get("published_parsed")),
        updated=_instant(
            entry.get("updated") if "updated" in entry else None,
            entry.get("updated_parsed") if "updated_parsed" in entry else None,
        ),
        summary=_summary(entry, is_atom=is_atom),
        summary_html=_summary_html(entry),
        content="".join(part.get("value", "") for part in entry.get("content", ())[:1]),
        enclosures=tuple(link for link in links if link.rel == "enclosure"),
        categories=tuple(
            ParsedCategory(
                term=text_of(tag.get("term")), scheme=text_of(tag.get("scheme")), label=text_of(tag.get("label"))
            )
            for tag in entry.get("tags", ())
        ),
        authors=tuple(name for name in (text_of(author.get("name")) for author in entry.get("authors", ())) if name),
        withdrawn=entry.get("hub_status") == Status.WITHDRAWN.value,
    )


def _summary(entry: Any, *, is_atom: bool) -> str:
    """The summary as plain text; RSS descriptions are HTML, Atom says which."""
    summary = text_of(entry.get("summary"))
    detail = entry.get("summary_detail") or {}
    if is_atom and detail.get("value") == summary:
        return _plain(entry, "summary")
    if is_atom:  # the detail is that of a later media:description
        return html.unescape(summary)
    return _text_of_html(summary)


def _summary_html(entry: Any) -> str:
    """The summary as it was written, where that is HTML."""
    detail = entry.get("summary_detail") or {}
    is_html = detail.get("type") in ("text/html", "application/xhtml+xml")
    return text_of(entry.get("summary")) if is_html and detail.get("value") == text_of(entry.get("summary")) else ""


def _plain(context: Any, name: str) -> str:
    """A title or the like as plain text, whatever its type was."""
    value = text_of(context.get(name))
    kind = (context.get(name + "_detail") or {}).get("type", "text/plain")
    return value if kind == "text/plain" else _text_of_html(value)


def _links(context: Any) -> tuple[ParsedLink, ...]:
    return tuple(
        ParsedLink(
            rel=text_of(link.get("rel")) or "alternate",
            href=text_of(link.get("href")),
            media_type=text_of(link.get("type")),
            title=text_of(link.get("title")),
            length=number_of(link.get("length")),
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
