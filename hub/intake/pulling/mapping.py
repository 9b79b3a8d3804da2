"""An entry of somebody's feed as a draft: what it says, and nothing that it does not say. Pure.

The external id of a draft is ``pull.`` and forty hex digits of the SHA-256 of the entry's guid, or else its link. A
guid that is no address of its own means something only at its site, so that the site's host goes into the hash then.
No organization is likely to call a story of its own so: it would have to know the hash.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape, unescape
from typing import Any
from urllib.parse import urlsplit

import orjson

import schemas
from feeds.parsed import ParsedEntry, ParsedFeed
from feeds.text import clean_text, fold, words
from hub.clock import local_day

PREFIX = "pull."
LANGUAGE = "vi"
TITLE, SUMMARY, REFERENCE, NAME = 200, 700, 500, 200  # characters, of the schema
BODY = 240_000  # bytes: less than the sanitizer takes
TOPICS, PICTURES = 5, 20
SITE, PICTURE = "tai_lieu", "hinh_anh"  # kinds of evidence
ON_THE_SITE = "Bài trên trang của đơn vị"
PICTURE_OF = "Ảnh trên trang của đơn vị, chưa tải lên"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_SENTENCE_END = re.compile(r"[.!?…](?=\s|$)")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose drafts these become: what an organization says of itself in each."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """An entry as a draft, and by what it is recognized again."""

    external_id: str
    key: str  # of its guid
    link: str  # of its address; empty without one
    words: str  # of its folded words
    digest: str  # of the draft
    guid: str
    url: str
    text: str  # all that it says, plain
    at: datetime | None  # when it was published, by its own word
    draft: Mapping[str, Any]


def map_feed(feed: ParsedFeed, *, location: str, owner: Owner, now: datetime) -> list[Mapped]:
    """Every entry that says anything, in the order of the feed; of two with one guid the first."""
    found: dict[str, Mapped] = {}
    for entry in feed.entries:
        mapped = map_entry(entry, language=feed.language, location=location, owner=owner, now=now)
        if mapped is not None:
            found.setdefault(mapped.key, mapped)
    return list(found.values())


def map_entry(entry: ParsedEntry, *, language: str, location: str, owner: Owner, now: datetime) -> Mapped | None:
    """One entry as `feeds.isolated` read it; None for one without a word, or without anything to know it by."""
    guid = _line(entry.id) or entry.url
    body, text = _body(entry), _line(entry.text)
    title = _title(entry, text)
    if not guid or not title or not text:
        return None
    url = entry.url if entry.url.startswith(("https://", "http://")) else ""
    draft = {
        "title": title,
        "summary": _summary(entry, text),
        "body": {"html": body},
        "language": _language(language),
        "unit": {"name": owner.name[:NAME], **({"kind": owner.kind} if owner.kind else {})},
        **_by_category(entry),
        "byline": _byline(entry),
        "evidence": list(_evidence(entry, url, now)),
    }
    draft = {name: value for name, value in draft.items() if value}
    key = _hash(guid if urlsplit(guid).scheme else f"{urlsplit(location).hostname}\n{guid}")
    return Mapped(
        external_id=PREFIX + key[:40],
        key=key,
        link=_hash(url) if url else "",
        words=_hash(" ".join(words(fold(f"{title} {text}")))),
        digest=_hash(orjson.dumps(draft, option=orjson.OPT_SORT_KEYS).decode()),
        guid=guid,
        url=url,
        text=f"{title}\n{text}",
        at=entry.published or entry.updated,
        draft=draft,
    )


def pictures_missing(content: Mapping[str, Any]) -> list[str]:
    """The addresses of pictures that a draft's site shows, as long as nobody has uploaded any."""
    if any(medium.get("kind") == "picture" for medium in content.get("media", ())):
        return []
    return [
        str(each["reference"])
        for each in content.get("evidence", ())
        if each.get("kind") == PICTURE and each.get("description") == PICTURE_OF and "reference" in each
    ]


def are_all_to_come(feed: ParsedFeed, *, now: datetime) -> bool:
    """Do all entries that have a date have one after `now`?"""
    dates = [date for entry in feed.entries if (date := entry.published or entry.updated) is not None]
    return bool(dates) and min(dates) > now


def _title(entry: ParsedEntry, text: str) -> str:
    title = _line(entry.title) or text
    return title if len(title) <= TITLE else _cut_words(title, TITLE - 1) + "…"


def _summary(entry: ParsedEntry, text: str) -> str:
    """What the entry says in short: its whole sentences, as far as there is room; nothing where none ends in time."""
    short = _line(entry.summary) or text
    if len(short) <= SUMMARY:
        return short
    ends = [found.end() for found in _SENTENCE_END.finditer(short[:SUMMARY])]
    return short[: ends[-1]] if ends else ""


def _body(entry: ParsedEntry) -> str:
    """HTML, short enough for the sanitizer, which has still to clean it."""
    html = entry.content or entry.summary_html or f"<p>{escape(entry.summary)}</p>"
    return html.encode()[:BODY].decode(errors="ignore")


def _language(said: str) -> str:
    """A code that the schema takes, such as vi or vi-VN; Vietnamese where the feed says none, or another way."""
    first, _dash, region = said.strip().replace("_", "-").partition("-")
    for code in (f"{first.lower()}-{region.upper()}", first.lower()):
        if _LANGUAGE.fullmatch(code):
            return code
    return LANGUAGE


def _by_category(entry: ParsedEntry) -> dict[str, Any]:
    """Topics and the kind of story, where categories are called just like ours."""
    said = {fold(_line(name)) for category in entry.categories for name in (category.term, category.label) if name}
    topics = list(_codes_called("topics", said))[:TOPICS]
    kind = next(_codes_called("kinds", said), "")
    return {"topics": topics, "kind": kind}


def _codes_called(vocabulary: str, said: set[str]) -> Iterator[str]:
    for item in schemas.vocabulary(vocabulary):
        if said & {item.code, *(fold(item.label(language)) for language in ("vi", "en"))}:
            yield item.code


def _byline(entry: ParsedEntry) -> dict[str, str]:
    """Who wrote it, where that looks like a name and not like an account or an address."""
    name = next((name for name in map(_line, entry.authors) if " " in name and "@" not in name), "")
    return {"name": name[:NAME]} if name else {}


def _evidence(entry: ParsedEntry, url: str, now: datetime) -> Iterator[dict[str, str]]:
    """The page it came from, and the pictures that somebody has to upload."""
    if url and len(url) <= REFERENCE:
        day = entry.published or entry.updated
        dated = f", ngày {local_day(day):%d/%m/%Y}" if day is not None and day <= now else ""
        yield {"kind": SITE, "description": ON_THE_SITE + dated, "reference": url}
    for address in list(dict.fromkeys(_pictures(entry)))[:PICTURES]:
        yield {"kind": PICTURE, "description": PICTURE_OF, "reference": address}


def _pictures(entry: ParsedEntry) -> Iterator[str]:
    enclosed = (link.href for link in entry.enclosures if link.media_type.startswith("image/"))
    for address in (*enclosed, *entry.pictures):
        if address.startswith(("https://", "http://")) and len(address) <= REFERENCE:
            yield clean_text(address)


def _line(text: str) -> str:
    return _SPACES.sub(" ", clean_text(unescape(text) if "&" in text else text)).strip()


def _cut_words(text: str, length: int) -> str:
    cut = text[:length]
    return cut.rpartition(" ")[0] or cut


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
