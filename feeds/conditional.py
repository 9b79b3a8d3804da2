"""Conditional requests (RFC 9110 §13): entity tags, and whether a reader already has what we would send. Pure."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from feeds.dates import InvalidDate, parse_http_date

IDENTITY = "identity"

_ENTITY_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_LIST = re.compile(rf"[ \t,]*(?:{_ENTITY_TAG.pattern}[ \t]*(?:,[ \t,]*|$))+")


def strong_etag(body: bytes, *, coding: str = IDENTITY) -> str:
    """The strong entity tag of `body`, quotes included.

    `body` is the document before any content coding; each coding gets a tag of its own, since two
    codings of one document are two representations (RFC 9110 §8.8.3.3).
    """
    return etag_of_digest(hashlib.sha256(body).hexdigest()[:32], coding=coding)


def etag_of_digest(digest: str, *, coding: str = IDENTITY) -> str:
    """The strong entity tag made of a digest that is already known."""
    return f'"{digest}"' if coding in ("", IDENTITY) else f'"{digest}-{coding}"'


def parse_etags(header: str) -> tuple[str, ...]:
    """The entity tags of a list header, as written (``W/`` kept); commas inside a tag are its own.

    ``*`` is no tag. A header that is not a list of tags gives none, so that it matches nothing.
    """
    if not _LIST.fullmatch(header.strip()):
        return ()
    return tuple(_ENTITY_TAG.findall(header))


def matches_weakly(header: str, etag: str) -> bool:
    """If-None-Match: does the list hold `etag`, weakness set aside (RFC 9110 §8.8.3.2)? ``*`` holds every tag."""
    if header.strip() == "*":
        return True
    return etag.removeprefix("W/") in {tag.removeprefix("W/") for tag in parse_etags(header)}


def matches_strongly(header: str, etag: str) -> bool:
    """If-Match: does the list hold `etag`, both of them strong? ``*`` holds every tag."""
    if header.strip() == "*":
        return True
    return not etag.startswith("W/") and etag in parse_etags(header)


def is_not_modified(
    *,
    etag: str,
    last_modified: datetime | None,
    rendered_at: datetime,
    if_none_match: str | None = None,
    if_modified_since: str | None = None,
) -> bool:
    """May a GET or HEAD be answered with 304?

    `etag` is that of the representation that would be sent, in its coding. If-None-Match wins: where it
    is present, If-Modified-Since is not looked at (RFC 9110 §13.1.3). A date alone is trusted only when
    `last_modified` lies before the second in which the document was rendered: within that second it
    could have changed once more without its date showing it (§8.8.2.2).
    """
    if if_none_match is not None:
        return matches_weakly(if_none_match, etag)
    if if_modified_since is None or last_modified is None:
        return False
    try:
        since = parse_http_date(if_modified_since)
    except InvalidDate:
        return False
    modified = last_modified.replace(microsecond=0)
    return modified < rendered_at.replace(microsecond=0) and modified <= since
