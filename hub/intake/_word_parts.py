"""What of a Word file's text has a field of its own: its title, and what was done, came of it and was learned. Pure.

Reads mammoth's HTML, whose blocks stand one after the other. Offices write such headings in Word's own styles, or as
a line in bold; so both count here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import schemas

TITLE_CLASS = "word-title"  # of the block that mammoth makes of Word's own style Title
TITLE = 200  # characters
FIELDS = ("deed", "method", "result", "lesson")
ALSO = {"bài học": "lesson", "bài học rút ra": "lesson", "kết quả đạt được": "result", "lessons": "lesson",
        "results": "result"}  # fmt: skip
VOID = frozenset({"br", "img", "hr"})
_TAG = re.compile(r"<(/?)([a-z0-9]+)[^>]*?(/?)>")
_ANY_TAG = re.compile(r"<[^>]+>")
_LINE_END = re.compile(r"<br ?/?>|</p>|</li>")
_HEADING = re.compile(r"<(h[1-6])[ >]")
_BOLD = re.compile(r"<p>\s*<strong>(?:(?!</?strong>).)*</strong>\s*:?\s*</p>", re.DOTALL)
_NUMBER = re.compile(r"^(?:[0-9]{1,2}|[ivx]{1,4}|[a-zđ])[.)/]\s*", re.IGNORECASE)
_WHOLLY_TEXT = re.compile(r"<(?:p|ul|ol)[ >]")


def take_title(html: str) -> tuple[str, str]:
    """The title, and the HTML without Word's own Title, which says no more than that.

    Title style comes before headings, and these before the first line; a heading that names a field is no title.
    """
    blocks = list(blocks_of(html))
    titled = [block for block in blocks if f'class="{TITLE_CLASS}"' in block[:80] and _line(block)]
    if titled:
        return _line(titled[0])[:TITLE].strip(), "".join(block for block in blocks if block is not titled[0])
    lines = [block for block in _any_blocks(html) if _line(block) and field_of(block) is None]
    headings = [block for block in lines if _HEADING.match(block)]
    return _line((headings or lines or [""])[0])[:TITLE].strip(), html


def take_fields(html: str) -> tuple[dict[str, str], str]:
    """The texts below headings that name a field, and the HTML without them.

    What holds a table, is too long for its field, or would leave nothing of the text, stays; pictures always do.
    """
    kept, found = list[str](), dict[str, str]()
    name, heading, below = "", "", list[str]()

    def close() -> None:
        pictures = [each for each in below if "<img" in each and not _line(each)]
        written = [each for each in below if each not in pictures]
        text = "\n".join(filter(None, map(_lines, written)))
        is_text = all(_WHOLLY_TEXT.match(each) and "<img" not in each for each in written)
        if name and name not in found and is_text and 0 < len(text) <= _most(name):
            found[name] = text
            kept.extend(pictures)
        else:
            kept.extend(filter(None, (heading, *below)))

    for block in blocks_of(html):
        if is_heading(block):
            close()
            name, heading, below = field_of(block) or "", block, []
        else:
            below.append(block)
    close()
    rest = "".join(kept)
    return (found, rest) if found and _line(rest) else ({}, html)


def field_of(block: str) -> str | None:
    """The field that a heading names; None for any other block."""
    if not is_heading(block):
        return None
    said = _NUMBER.sub("", _line(block)).rstrip(" :.").casefold()
    return _names().get(said)


def is_heading(block: str) -> bool:
    """Is it a heading, or a line that is wholly bold?"""
    return bool(_HEADING.match(block) or _BOLD.fullmatch(block))


def blocks_of(html: str) -> Iterator[str]:
    """The outermost elements of `html`, each whole."""
    depth = start = 0
    for found in _TAG.finditer(html):
        closes, name, empty = found.groups()
        if closes:
            depth -= 1
        elif not empty and name not in VOID:
            depth += 1
        if depth == 0:
            yield html[start : found.end()]
            start = found.end()


def plain(html: str) -> str:
    """The letters of mammoth's HTML."""
    return _ANY_TAG.sub("", html)


def _any_blocks(html: str) -> list[str]:
    """Headings and paragraphs, those of tables too."""
    return [found[0] for found in re.finditer(r"<(h[1-6]|p)[^>]*>.*?</\1>", html, re.DOTALL)]


def _names() -> dict[str, str]:
    titles = {schemas.title_of(f"/{name}", language).casefold(): name for name in FIELDS for language in ("vi", "en")}
    return titles | ALSO


def _most(name: str) -> int:
    return int(schemas.load("story.v1")["properties"][name]["maxLength"])


def _line(html: str) -> str:
    return " ".join(unescape(plain(html)).split())


def _lines(html: str) -> str:
    lines = (_line(line) for line in _LINE_END.split(html))
    return "\n".join(filter(None, lines))
