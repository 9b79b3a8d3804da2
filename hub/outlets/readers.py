"""What a reader calls itself, short enough to be counted: its name, and the version as far as it matters. Pure."""

from __future__ import annotations

import re

MAX_LENGTH = 40
GENERIC = frozenset({"mozilla", "applewebkit", "khtml", "like", "gecko", "version", "mobile", "safari", "compatible"})

_COMMENT = re.compile(r"\([^()]*\)?")
_PRODUCT = re.compile(r"(?<![\w./:@-])([A-Za-z][A-Za-z0-9_.+-]*)(?:/v?(\d+(?:\.\d+)?)[\w.-]*)?")
_COMPATIBLE = re.compile(r"\(compatible;\s*([^;)]+)")


def reader_of(user_agent: str) -> str:
    """The reader behind a User-Agent (RFC 9110 §10.1.5), as "FreshRSS/1.24"; "" for one that does not say.

    Of what browsers and those who pass for them list, the first name that tells them apart.
    """
    said = _COMPATIBLE.search(user_agent)
    products = _PRODUCT.findall(said[1] if said else _COMMENT.sub(" ", user_agent))
    known = [product for product in products if product[0].lower() not in GENERIC] or products[-1:]
    if not known:
        return ""
    name, version = known[0]
    return f"{name}/{version}"[:MAX_LENGTH] if version else name[:MAX_LENGTH]
