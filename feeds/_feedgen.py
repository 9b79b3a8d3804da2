"""The only importer of feedgen: it writes heads and the core of entries, and its faults end here.

Faults of feedgen 1.0.0 that are mended in this module, or kept out of by it:

- Atom entry links lose rel, type, length, hreflang and title, and of several RSS enclosures the last one
  survives: ``feeds/atom.py`` and ``feeds/rss.py`` write links and enclosures themselves.
- ``type="CDATA"`` is not legal Atom: content is escaped. It is written beside feedgen, since a body is
  the largest part of an entry and lxml inspects every letter of it.
- RSS channel ``<link>`` becomes the last link given, and ``hub`` or ``next`` never reach RSS: feedgen is
  told of one link, `HeadExtension` writes the others.
- Authors without e-mail vanish from RSS: they are written as ``dc:creator``.
- RSS dates switch the locale of the whole process, Atom dates drop microseconds, and an ``updated`` that
  is not set becomes *now*: dates are always given, as `_Instant`, and written by ``feeds/dates.py``.
- One control character raises ValueError: the callers scrub the document and render it once more.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from feedgen.util import xml_elem
from lxml import etree

from feeds import dates, media_rss, story_xml, tombstones
from feeds.document import Feed, Link, Person
from feeds.markup import drop_refused, guarded, holds_markup, html_of, text_type

ATOM = "http://www.w3.org/2005/Atom"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
HISTORY = "http://purl.org/syndication/history/1.0"  # RFC 5005

GENERATOR = "Story hub"
TTL_MINUTES = 1  # nothing that could be taken back may be kept longer

_RSS_IMAGES = (".png", ".jpg", ".jpeg", ".gif")  # RSS knows no others, and validators say so
_REL_NAMES = {"prev": "previous"}  # RFC 5005 and the validators know it by this name


def render_rss_item(*, entry_id: str, title: str, summary: str) -> bytes:
    """``<item>…</item>`` with title, description and guid, in UTF-8.

    `title` and `summary` are plain text. Raises ValueError on characters that XML forbids.
    """
    entry = FeedEntry()
    entry.id(entry_id)
    entry.title(guarded(title))
    entry.description(html_of(summary or title))
    return _finished(etree.tostring(entry.rss_entry(), encoding="UTF-8"))


def render_atom_entry(*, entry_id: str, title: str, updated: datetime, content: bytes) -> bytes:
    """``<entry>…</entry>`` with id, title, updated and the finished `content` element (or none), in UTF-8.

    `title` is plain text. Raises ValueError on characters that XML forbids.
    """
    entry = FeedEntry()
    entry.id(entry_id)
    entry.title(guarded(title))
    entry.updated(_instant(updated))
    entry.content("")  # leaves an empty element
    xml = _finished(etree.tostring(entry.atom_entry(), encoding="UTF-8"))
    # Texts hold no "<", so the first of each is the element itself.
    title_start = b'<title type="html">' if holds_markup(title) else b'<title type="text">'
    return xml.replace(b"<title>", title_start, 1).replace(b"<content/>", content, 1)


def render_rss_head(feed: Feed) -> tuple[bytes, bytes]:
    """The RSS document before its first item and after its last one."""
    generator = _generator(feed)
    generator.title(guarded(feed.title))
    generator.link({"href": feed.home_url, "rel": "alternate"})
    generator.description(guarded(feed.subtitle or feed.title))
    generator.updated(_Unwritten.of(feed.updated))
    generator.ttl(TTL_MINUTES)
    if feed.rights:
        generator.rights(guarded(feed.rights))
    if feed.icon.lower().endswith(_RSS_IMAGES):
        generator.image(feed.icon)
    return _split(generator.rss_str(), b"</channel></rss>")


def render_atom_head(feed: Feed) -> tuple[bytes, bytes]:
    """The Atom document before its first entry and after its last one."""
    generator = _generator(feed)
    generator.id(feed.id)
    generator.title(feed.title)
    generator.updated(_instant(feed.updated))
    author = feed.author or Person(name=feed.title)  # RFC 4287 §4.1.1: an entry without author needs the feed's
    generator.author({"name": author.name, **({"email": author.email} if author.email else {})})
    if feed.subtitle:
        generator.subtitle(feed.subtitle)
    if feed.rights:
        generator.rights(feed.rights)
    if feed.icon:
        generator.icon(feed.icon)
    return _split(generator.atom_str(), b"</feed>")


class HeadExtension(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """What feedgen leaves out of a feed's head: namespaces of the entries, all links, right dates, text types."""

    feed: Feed

    def extend_ns(self) -> dict[str, str]:
        paging = {"fh": HISTORY} if self.feed.is_archive else {}
        return {media_rss.PREFIX: media_rss.NAMESPACE, story_xml.PREFIX: story_xml.NAMESPACE, **paging}

    def extend_rss(self, rss: Any) -> Any:
        channel = rss[0]
        xml_elem("lastBuildDate", channel).text = dates.rfc822(self.feed.updated)
        xml_elem(f"{{{ATOM}}}id", channel).text = self.feed.id
        xml_elem(f"{{{ATOM}}}updated", channel).text = dates.rfc3339(self.feed.updated)
        if self.feed.author:
            xml_elem(f"{{{DUBLIN_CORE}}}creator", channel).text = self.feed.author.name
        _mark_archive(channel, self.feed)
        self_link = Link(rel="self", href=self.feed.self_url, media_type="application/rss+xml")
        for link in (self_link, *self.feed.alternates, *self.feed.links):
            _add_link(channel, f"{{{ATOM}}}link", link)
        return rss

    def extend_atom(self, feed: Any) -> Any:
        for name in ("title", "subtitle", "rights"):
            element = feed.find(name)
            if element is not None:
                element.set("type", text_type(element.text))
                element.text = guarded(element.text)
        _mark_archive(feed, self.feed)
        self_link = Link(rel="self", href=self.feed.self_url, media_type="application/atom+xml")
        # the page comes after the other formats: newsboat takes the last alternate for it
        home_link = Link(rel="alternate", href=self.feed.home_url, media_type="text/html")
        for link in (self_link, *self.feed.alternates, home_link, *self.feed.links):
            _add_link(feed, "link", link)
        return feed


class RssHeadExtension(HeadExtension):
    """The head of RSS: Dublin Core besides (feedgen adds atom and content itself)."""

    def extend_ns(self) -> dict[str, str]:
        return {"dc": DUBLIN_CORE, **super().extend_ns()}


class AtomHeadExtension(HeadExtension):
    """The head of Atom: tombstones besides; a prefix for Atom itself would earn a warning."""

    def extend_ns(self) -> dict[str, str]:
        return {tombstones.PREFIX: tombstones.NAMESPACE, **super().extend_ns()}


class _Instant(datetime):
    """An instant that feedgen writes as RFC 3339 with microseconds."""

    def isoformat(self, sep: str = "T", timespec: str = "auto") -> str:
        return datetime.isoformat(self, "T", "microseconds")[:-6] + "Z"


class _Unwritten(datetime):
    """An instant that feedgen believes unset, so that it writes no RSS date and leaves the locale alone."""

    def __bool__(self) -> bool:
        return False

    @classmethod
    def of(cls, instant: datetime) -> _Unwritten:
        return cls.fromtimestamp(instant.timestamp(), tz=UTC)


def _instant(instant: datetime) -> _Instant:
    utc = instant.astimezone(UTC)
    return _Instant(utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, utc.microsecond, UTC)


def _generator(feed: Feed) -> Any:
    generator = FeedGenerator()
    generator.register_extension("rss_head", RssHeadExtension, atom=False)
    generator.register_extension("atom_head", AtomHeadExtension, rss=False)
    generator.rss_head.feed = generator.atom_head.feed = feed
    generator.language(feed.language)
    generator.generator(GENERATOR)
    return generator


def _mark_archive(head: Any, feed: Feed) -> None:
    """Say that a document is a page of an archive (RFC 5005 §4), so that nobody polls it for what is new."""
    if feed.is_archive:
        xml_elem(f"{{{HISTORY}}}archive", head)


def _add_link(parent: Any, name: str, link: Link) -> None:
    attributes = {
        "rel": _REL_NAMES.get(link.rel, link.rel),
        "type": link.media_type.partition(";")[0],
        "href": link.href,
        "hreflang": link.hreflang,
        "title": "" if holds_markup(link.title) else link.title,
        "length": "" if link.length is None else str(link.length),
    }
    xml_elem(name, parent, **{key: value for key, value in attributes.items() if value})


def _split(document: bytes, tail: bytes) -> tuple[bytes, bytes]:
    return _finished(document.removesuffix(tail)), tail


def _finished(xml: bytes) -> bytes:
    """Write every ampersand as the RSS Advisory Board's profile asks (to XML the two are one); drop what is refused."""
    return drop_refused(xml.replace(b"&amp;", b"&#x26;"))
