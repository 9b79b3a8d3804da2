"""Where the hub would send to, as far as a URL alone tells; `transport` looks again after every look-up of a name.

Apart from `transport`, so that a door which only takes an address down need not load an HTTP client. The only importer
of yarl.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from yarl import URL

from hub.delivery import addresses
from hub.delivery.addresses import Allowed
from hub.errors import Forbidden

__all__ = ["URL", "AddressRefused", "check_url"]

AS_WRITTEN = re.compile(r"(?:[A-Za-z0-9._~:/?#@!$&'()*+,;=\[\]-]|%[0-9A-Fa-f]{2})+")  # all that a URI holds: RFC 3986
MAX_URL = 2000


class AddressRefused(Forbidden):
    """The hub sends nothing there; `reason` is a word of `addresses`, or says what is wrong with the URL."""

    key = "error.address_refused"


def check_url(text: str, allowed: Allowed) -> URL:
    """`text` as a URL the hub would send to, as far as can be told without a look-up. Raises AddressRefused."""
    try:
        url = URL(text)
        host, port = url.raw_host or "", url.port or 0
    except ValueError as exc:
        raise AddressRefused(host="", reason="unreadable") from exc
    if url.scheme not in ("http", "https"):
        raise AddressRefused(host=host, reason="scheme")
    if len(text) > MAX_URL or not host or not host.isascii() or not host.isprintable() or " " in host:
        raise AddressRefused(host=host[:200], reason="unreadable")
    if url.user is not None or url.password is not None:
        raise AddressRefused(host=host, reason="credentials")
    if addresses.is_literal(host) and (why := addresses.find_fault(host, port, allowed)) is not None:
        raise AddressRefused(host=host, reason=why)
    return _as_written(url, text)


def _as_written(url: URL, text: str) -> URL:
    """`url` with path and query letter by letter as in `text`: yarl writes `%2F` and others its own way."""
    if not AS_WRITTEN.fullmatch(text):
        return url
    parts = urlsplit(text)
    return URL.build(
        scheme=url.scheme,
        authority=url.raw_authority,
        path=parts.path or "/",
        query_string=parts.query,
        encoded=True,
    )
