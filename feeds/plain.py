"""A fragment of HTML as people read it: its words, and the addresses of its pictures. Pure.

Meant for a process that may take its time: the standard library's parser is slow on some broken input.
"""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

SILENT = frozenset({"script", "style"})
INLINE = frozenset({"a", "b", "i", "em", "strong", "span", "u", "font", "mark", "small", "sub", "sup"})


@dataclass(frozen=True, slots=True)
class Plain:
    """The words of a fragment, in one line, and its pictures' addresses in their order."""

    text: str
    pictures: tuple[str, ...]


def read_html(fragment: str) -> Plain:
    """What a fragment says and shows; blocks are set apart by a space."""
    reader = _Reader()
    reader.feed(fragment)
    reader.close()
    return Plain(" ".join("".join(reader.parts).split()), tuple(dict.fromkeys(reader.pictures)))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.pictures: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        self._set_apart(tag)
        if tag == "img":
            self.pictures += [value.strip() for name, value in attrs if name == "src" and value and value.strip()]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT and self._silent > 0
        self._set_apart(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)

    def _set_apart(self, tag: str) -> None:
        if tag not in INLINE:
            self.parts.append(" ")
