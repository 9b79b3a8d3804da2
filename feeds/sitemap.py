"""Sitemaps (https://www.sitemaps.org/protocol.html), with Google's extension for news (schema sitemap-news/0.9).

A file lists pages, an index lists files. News are what was published within the last two days, a thousand at most.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from feeds.dates import rfc3339
from feeds.markup import Fragment, scrub

MEDIA_TYPE = "application/xml; charset=utf-8"
MAX_URLS = 50_000  # of one file, and of an index
MAX_NEWS = 1_000
NEWS_AGE = timedelta(days=2)

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


@dataclass(frozen=True, kw_only=True, slots=True)
class Location:
    """A page or a file at its absolute address; `modified` is UTC, None where nobody knows."""

    url: str
    modified: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """A story as news: who publishes it, in which language (ISO 639), since when (UTC), and under which title."""

    url: str
    publication: str
    language: str
    published: datetime
    title: str


def render_index(files: Iterable[Location]) -> bytes:
    """The list of files."""
    return _render("sitemapindex", f' xmlns="{_SITEMAP}"', "sitemap", files)


def render(pages: Iterable[Location]) -> bytes:
    """One file of pages."""
    return _render("urlset", f' xmlns="{_SITEMAP}"', "url", pages)


def render_news(stories: Iterable[News]) -> bytes:
    """The file of what is news."""
    xml = Fragment()
    xml.add(f'{_DECLARATION}<urlset xmlns="{_SITEMAP}" xmlns:news="{_NEWS}">\n')
    for story in map(scrub, stories):
        xml.add("<url><loc>%s</loc><news:news><news:publication><news:name>%s</news:name>")
        xml.add("<news:language>%s</news:language></news:publication>")
        xml.add(f"<news:publication_date>{rfc3339(story.published)}</news:publication_date>")
        xml.add("<news:title>%s</news:title></news:news></url>\n")
        xml.put((story.url, story.publication, story.language, story.title))
    xml.add("</urlset>\n")
    return xml.finish()


def _render(root: str, attributes: str, name: str, locations: Iterable[Location]) -> bytes:
    xml = Fragment()
    xml.add(f"{_DECLARATION}<{root}{attributes}>\n")
    for location in locations:
        changed = f"<lastmod>{rfc3339(location.modified)}</lastmod>" if location.modified else ""
        xml.add(f"<{name}><loc>%s</loc>{changed}</{name}>\n")
        xml.put((location.url,))
    xml.add(f"</{root}>\n")
    return xml.finish()
