"""Feeds as they were read, whatever format they were in; and how to take values from what somebody else wrote."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class NotAFeed(ValueError):
    """The bytes are no RSS, Atom, JSON Feed or ninjs package."""


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
    summary_html: str = ""  # the same as HTML, where it was written as HTML
    text: str = ""  # all that its content says, plain; only `feeds.isolated` reads it out
    pictures: tuple[str, ...] = ()  # addresses of those in its content; likewise
    withdrawn: bool = False  # it carries the hub's mark of a withdrawn story

    @property
    def url(self) -> str:
        """The page of the entry, or ""."""
        return first_href(self.links, "alternate")


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedFeed:
    """A feed as it was read."""

    format: str  # "rss", "atom", "json" or "ninjs"
    title: str
    id: str
    links: tuple[ParsedLink, ...]
    language: str
    updated: datetime | None
    entries: tuple[ParsedEntry, ...]
    deleted: tuple[str, ...]  # ids of every tombstone (at:deleted-entry, or an entry marked as withdrawn)
    ttl_minutes: int | None = None  # how long it asks not to be read again: RSS ttl, or sy:updatePeriod

    @property
    def self_url(self) -> str:
        """The address the feed gives for itself, or ""."""
        return first_href(self.links, "self")

    @property
    def home_url(self) -> str:
        """The page of the feed, or ""."""
        pages = [link for link in self.links if link.rel == "alternate" and link.media_type in ("", "text/html")]
        return first_href(pages, "alternate")


def first_href(links: Iterable[ParsedLink], rel: str) -> str:
    """The address of the first link of a kind, or ""."""
    return next((link.href for link in links if link.rel == rel), "")


def text_of(value: object) -> str:
    """A text without the space around it; "" for whatever is no text."""
    return value.strip() if isinstance(value, str) else ""


def number_of(value: object) -> int | None:
    """A whole number, also where it was written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None


def object_of(value: object) -> dict[str, Any]:
    """A JSON object; an empty one for whatever is none."""
    return value if isinstance(value, dict) else {}


def objects_of(value: object) -> list[dict[str, Any]]:
    """The objects of a JSON array."""
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []
