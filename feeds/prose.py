"""Sanitized HTML as prose: paragraphs, headings, lists and tables with their runs of text; words counted.

What documents for print are made of. Knows the few tags that `Entry.content` may hold and takes anything else for
text, so that no word is lost.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from html.parser import HTMLParser

_TAG = re.compile(r"<[^>]*>")
_WORD = re.compile(r"\S*\w\S*")
_WHITE = re.compile(r"\s+")
_BOLD, _ITALIC = frozenset({"strong", "b", "th"}), frozenset({"em", "i", "cite"})
_HEADINGS = {"h2": 1, "h3": 2, "h4": 3}
_BREAKING = frozenset({"p", "div", "li", "blockquote", "caption", "figcaption", "dt", "dd", "pre", "tr", *_HEADINGS})
_CELLS = frozenset({"td", "th"})
_LISTS = frozenset({"ul", "ol"})


class BlockKind(StrEnum):
    """What a block of text is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"  # of a list without numbers
    NUMBERED = "numbered"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Run:
    """Letters that look alike. A line feed in `text` is a line break."""

    text: str
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph; `level` is the depth of a heading or list from 1, `number` the place in a numbered list."""

    kind: BlockKind
    runs: tuple[Run, ...]
    level: int = 1
    number: int = 0

    @property
    def text(self) -> str:
        """The block without its looks."""
        return "".join(run.text for run in self.runs)


def blocks_of(fragment: str) -> tuple[Block, ...]:
    """The blocks of a sanitized HTML fragment, in order; those without a letter are left out, pictures too."""
    reader = _Reader()
    reader.feed(fragment)
    reader.close()
    return tuple(reader.finished())


def text_of_html(fragment: str) -> str:
    """A sanitized HTML fragment as one run of plain text."""
    return html.unescape(_TAG.sub(" ", fragment))


def count_words(text: str) -> int:
    """How many words plain text has: runs between white space that hold a letter or digit. Syllables, in Vietnamese."""
    return len(_WORD.findall(text))


class _Reader(HTMLParser):
    """Collects runs until a tag ends the block they stand in."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[Block] = []
        self._runs: list[Run] = []
        self._open: list[str] = []
        self._numbers: list[int] = []  # per open list, how many items it has had

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._add("\n")
        elif tag in _LISTS:
            self._break()
            self._numbers.append(0)
        elif tag in _CELLS and self._runs:
            self._add("\t")
        elif tag in _BREAKING:
            self._break()
            if tag == "li" and self._numbers:
                self._numbers[-1] += 1
        if tag not in ("br", "hr", "img", "col"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKING | _LISTS:
            self._break()
        if tag in _LISTS and self._numbers:
            self._numbers.pop()
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._add(data if "pre" in self._open else _WHITE.sub(" ", data))

    def finished(self) -> Iterator[Block]:
        self._break()
        yield from self._blocks

    def _add(self, text: str) -> None:
        is_first = not self._runs or self._runs[-1].text.endswith(("\n", "\t"))
        text = text.lstrip(" ") if is_first else text
        if text:
            inside = set(self._open)
            self._runs.append(Run(text, bool(inside & _BOLD), bool(inside & _ITALIC)))

    def _break(self) -> None:
        runs, self._runs = self._runs, []
        while runs and not runs[-1].text.rstrip():
            runs.pop()
        if not runs:
            return
        last = runs[-1]
        runs[-1] = Run(last.text.rstrip(), last.bold, last.italic)
        self._blocks.append(self._block(tuple(runs)))

    def _block(self, runs: tuple[Run, ...]) -> Block:
        heading = next((tag for tag in reversed(self._open) if tag in _HEADINGS), None)
        if heading is not None:
            return Block(BlockKind.HEADING, runs, level=_HEADINGS[heading])
        if self._numbers:
            numbered = next((tag for tag in reversed(self._open) if tag in _LISTS), "ul") == "ol"
            kind = BlockKind.NUMBERED if numbered else BlockKind.ITEM
            return Block(kind, runs, level=len(self._numbers), number=self._numbers[-1] if numbered else 0)
        return Block(BlockKind.QUOTE if "blockquote" in self._open else BlockKind.PARAGRAPH, runs)
