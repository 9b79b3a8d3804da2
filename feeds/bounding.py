"""A feed cut down before it is parsed: so many entries at most, so deep at most. Pure, and linear in its length.

It looks only at where tags begin and end, so that it holds for documents that are not well-formed, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from feeds.dates import find_date
from feeds.parsed import NotAFeed

ENTRIES = frozenset({"item", "entry"})
OPAQUE = (("<![CDATA[", "]]>"), ("<!--", "-->"), ("<?", "?>"))
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,100}(?::([A-Za-z_][\w.-]{0,100}))?")
_DATED = re.compile(
    r"<(?:pubDate|updated|published|(?:dc|a10|atom):(?:date|updated|published))[^<>]{0,200}>([^<]{1,80})<"
)
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Bounded:
    """What is left of a feed, and how many entries it had."""

    text: str
    entries: int


@dataclass(frozen=True, slots=True)
class _Tag:
    name: str  # without its prefix
    start: int
    end: int
    closes: bool
    empty: bool


def bound(text: str, *, max_entries: int, max_depth: int) -> Bounded:
    """`text`, an XML feed, with its `max_entries` newest entries. Raises NotAFeed: "too_deep"."""
    spans = list(_entries(text, max_depth))
    if len(spans) <= max_entries:
        return Bounded(text, len(spans))
    kept = _newest(text, spans, max_entries)
    pieces = [text[: spans[0][0]], *(text[start:end] for start, end in kept), text[spans[-1][1] :]]
    return Bounded("".join(pieces), len(spans))


def _newest(text: str, spans: Sequence[tuple[int, int]], most: int) -> Sequence[tuple[int, int]]:
    """The newest entries in the order of the document; the first ones where some have no date."""
    dates = [_date_of(text[start:end]) for start, end in spans]
    if None in dates:
        return spans[:most]
    chosen = sorted(range(len(spans)), key=lambda place: dates[place] or _LONG_AGO, reverse=True)[:most]
    return [spans[place] for place in sorted(chosen)]


def _date_of(entry: str) -> datetime | None:
    found = _DATED.search(entry)
    return find_date(found.group(1).strip()) if found else None


def _entries(text: str, max_depth: int) -> Iterator[tuple[int, int]]:
    """Where each entry stands. What an entry leaves open ends with it."""
    depth, began, outside = 0, -1, 0
    for tag in _tags(text):
        if began >= 0 and tag.closes and tag.name in ENTRIES:
            yield began, tag.end
            began, depth = -1, outside
        elif began < 0 and not tag.closes and tag.name in ENTRIES:
            if tag.empty:
                yield tag.start, tag.end
                continue
            began, outside = tag.start, depth
            depth += 1
        elif not tag.empty:
            depth += -1 if tag.closes else 1
        if depth > max_depth:
            raise NotAFeed("too_deep")
    if began >= 0:
        yield began, len(text)


def _tags(text: str) -> Iterator[_Tag]:
    at = 0
    while (at := text.find("<", at)) >= 0:
        closing = next((end for start, end in OPAQUE if text.startswith(start, at)), "")
        if closing:
            after = text.find(closing, at)
            if after < 0:
                return
            at = after + len(closing)
            continue
        closes = text.startswith("/", at + 1)
        name = _NAME.match(text, at + 1 + closes)
        end = text.find(">", at)
        if end < 0:
            return
        if name is not None:
            local = name.group(1) or name.group()
            yield _Tag(local, at, end + 1, closes, text[end - 1] == "/")
        at += 1
