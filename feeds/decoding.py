"""Bytes that somebody sent as a feed become clean UTF-8, before any parser sees them.

What a feed says of its encoding is often wrong, so the bytes decide: those that are UTF-8 are read as UTF-8, whatever
was claimed; a few bad bytes in UTF-8 cost those bytes and not the whole text. Document types are taken off, and one
with declarations of its own is refused: entities are how a small document becomes a large one, or reads files.
Source: WHATWG Encoding (labels), XML 1.0 §2.2 (characters), §2.8 (prolog), appendix F (autodetection).
"""

from __future__ import annotations

import codecs
import re

from feeds.parsed import NotAFeed

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins it
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
KNOWN = re.compile(  # encodings of texts; the standard library knows stranger ones, such as utf-7 and punycode
    r"(?:utf[-_]?(?:8|16|32)(?:[-_]?[lb]e)?|iso[-_]?8859[-_]\d+|latin[-_]?1|(?:windows[-_]|cp)125\d|koi8[-_][ru]|"
    r"us[-_]ascii|ascii|gb2312|gbk|gb18030|big5|euc[-_](?:jp|kr)|shift[-_]jis|tis[-_]620|mac[-_]?roman)",
    re.IGNORECASE,
)
VIETNAMESE, WESTERN = "cp1258", "cp1252"
BAD_AT_MOST = 0.1  # of the characters beyond ASCII: with more of them it was never UTF-8
AFTER_THE_END = 5_000  # characters: caches and advertisers write comments and scripts behind a feed
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'

_DECLARED = re.compile(r"""\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_PROLOG = re.compile(
    r"\s*<\?.*?\?>|\s*<!--.*?-->|\s*<!DOCTYPE[^<>\[]*(?P<internal>\[)?[^<>]*>?", re.DOTALL | re.IGNORECASE
)
_ROOT = re.compile(r"\s*<(?:[\w.-]{1,40}:)?([\w.-]{1,60})")
_EMPTY_ROOT = re.compile(r"\s*<[^<>]*/>\s*")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")  # and C1 but NEL
_REFERENCE = re.compile(r"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,9}));?")
_CLOSED_BREAK = re.compile(r"(<|&lt;)/br\s*(>|&gt;)", re.IGNORECASE)  # what browsers read as a line break
_TONES = re.compile(
    rb"[AEIOUYaeiouy\xc2\xca\xd4\xe2\xea\xf4\xc3\xe3\xd5\xf5\xdd\xfd][\xcc\xd2\xde\xec\xf2]"
)  # of cp1258


def to_utf8(body: bytes, *, charset: str = "") -> bytes:
    """The feed as UTF-8 without a byte order mark, without a document type and without illegal characters.

    `charset` is what the answer's Content-Type said. Raises NotAFeed, among others with "html", "entities" or "empty".
    """
    text = decode(body, charset=charset)
    text = _REFERENCE.sub(_legal, _ILLEGAL.sub("", text)).lstrip()
    if not text:
        raise NotAFeed("empty")
    if not text.startswith("<"):
        return text.encode()
    text = _without_prolog(text)
    root = _ROOT.match(text)
    if root is None:
        raise NotAFeed("no element at its beginning")
    if root.group(1).lower() == "html":
        raise NotAFeed("html")
    return (DECLARATION + _CLOSED_BREAK.sub(r"\1br/\2", text)).encode()


def is_cut_off(plain: bytes) -> bool:
    """Does an XML document, as `to_utf8` gives it, end before its root element does?"""
    text = plain.decode("utf-8", "replace")
    root = _ROOT.match(text, len(DECLARATION))
    if root is None or _EMPTY_ROOT.fullmatch(text, len(DECLARATION)):
        return False
    end = re.compile(rf"</(?:[\w.-]+:)?{re.escape(root[1])}\s*>", re.IGNORECASE)
    return end.search(text, max(0, len(text) - AFTER_THE_END)) is None


def decode(body: bytes, *, charset: str = "") -> str:
    """The text of these bytes: by their mark, as UTF-8 where they are that, as they say, or as is likely here."""
    for mark, encoding in BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    wide = _wide(body)
    if wide:
        return body.decode(wide, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_by_claim(body, charset)


def _decode_by_claim(body: bytes, charset: str) -> str:
    for claimed in (charset, _declared(body)):
        if KNOWN.fullmatch(claimed) and not claimed.lower().startswith(("utf", "us", "ascii")):
            try:
                return body.decode(claimed)
            except (UnicodeDecodeError, LookupError):
                continue
    mended = body.decode("utf-8", "replace")
    bad = mended.count("\ufffd")
    beyond = sum(1 for byte in body if byte >= 0xC2)  # about one a character: they begin it
    if bad <= max(1, BAD_AT_MOST * beyond) and beyond > bad:
        return mended
    return body.decode(VIETNAMESE if _TONES.search(body) else WESTERN, "replace")


def _declared(body: bytes) -> str:
    found = _DECLARED.match(body[:400].decode("latin-1"))
    return found.group(1) if found else ""


def _wide(body: bytes) -> str:
    """UTF-16 without its mark, by how ``<?`` or ``<r`` looks in it."""
    if len(body) > 3 and body[0] == 0x3C and body[1] == 0 and body[3] == 0:
        return "utf-16-le"
    if len(body) > 3 and body[0] == 0 and body[1] == 0x3C and body[2] == 0:
        return "utf-16-be"
    return ""


def _without_prolog(text: str) -> str:
    """From the root element on. Raises NotAFeed for a document type that declares anything."""
    at = 0
    while (found := _PROLOG.match(text, at)) is not None:
        if found.group("internal"):
            raise NotAFeed("entities")
        at = found.end()
    return text[at:].lstrip()


def _legal(found: re.Match[str]) -> str:
    """A character reference, unless it names what no XML document may hold."""
    number = int(found.group(1), 16) if found.group(1) else int(found.group(2))
    good = number in (0x9, 0xA, 0xD) or (0x20 <= number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF)
    return found.group() if good and number not in (0xFFFE, 0xFFFF) else ""
