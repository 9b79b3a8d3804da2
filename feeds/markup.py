"""Text on its way into XML: escaping, and which plain text needs saying twice that it is no markup.

RSS never says whether a title is text or HTML, so readers guess. A title that holds markup *as text*
is escaped twice, and comes out once escaped of every reader that guesses "HTML". Every ampersand is
written ``&#x26;``, as the RSS Advisory Board asks; XML reads it as ``&amp;``.
"""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Callable
from typing import TypeVar, cast

Document = TypeVar("Document")

_TAG = re.compile(r"<[A-Za-z/!?]")
# XML 1.0 §2.2 forbids C0 controls, lone surrogates, U+FFFE and U+FFFF; validators also refuse C1 controls and U+FFFD.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff]")
_C0 = bytes([*range(0x01, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
_C0_TO_SPACE = bytes(0x20 if byte in _C0 else byte for byte in range(0x100))
_SEPARATOR = "\0"
_REFUSED = re.compile(b"\xc2[\x80-\x9f]|\xef\xbf[\xbd-\xbf]")  # U+0080–U+009F, U+FFFD–U+FFFF in UTF-8


class Fragment:
    """XML under construction: markup as it stands, and the texts that go into its ``%s``, in order.

    Markup is ours alone: constants, numbers and dates. Whatever a document says is a text, escaped with
    all the others in one go at the end; a hundred texts escaped one by one would cost more than the rest
    of the entry. Empty texts have no ``%s``: write ``add(f"{name and NAME}")`` and ``put((name,))``.
    """

    __slots__ = ("_markup", "_texts", "add", "put")

    def __init__(self) -> None:
        self._markup: list[str] = []
        self._texts: list[str] = []
        self.add = self._markup.append  # markup
        self.put = self._texts.extend  # the texts of its %s; empty ones are skipped

    def finish(self) -> bytes:
        """The fragment in UTF-8. Raises ValueError on lone surrogates and U+0000."""
        texts = list(filter(None, self._texts))
        escaped = escape_bytes(_SEPARATOR.join(texts).encode()).split(b"\0") if texts else []
        if len(escaped) != len(texts):
            raise ValueError("U+0000 in a text")
        return "".join(self._markup).encode() % tuple(escaped)


def escape_bytes(texts: bytes) -> bytes:
    """UTF-8 as XML character data and as attributes in double quotes: line ends survive in both (XML 1.0 §3.3.3).

    Control characters become spaces; only U+0000 is left to whoever puts it there.
    """
    return _escape(texts).replace(b'"', b"&quot;").replace(b"\n", b"&#10;").replace(b"\t", b"&#9;")


def drop_refused(xml: bytes) -> bytes:
    """UTF-8 without the characters beyond C0 that XML forbids or validators refuse."""
    if b"\xc2" in xml or b"\xef" in xml:  # two quick looks before the slow one
        return _REFUSED.sub(b"", xml)
    return xml


def element(name: str, value: str) -> bytes:
    """``<name>value</name>`` in UTF-8, or nothing for an empty text; `name` may carry attributes of ours.

    Raises ValueError on lone surrogates and U+0000.
    """
    if not value:
        return b""
    if "\0" in value:
        raise ValueError("U+0000 in a text")
    return b"".join((b"<", name.encode(), b">", _escape(value.encode()), b"</", name.partition(" ")[0].encode(), b">"))


def holds_markup(value: str) -> bool:
    """Would a reader that takes this plain text for HTML show something else?"""
    return ("<" in value and _TAG.search(value) is not None) or ("&" in value and html.unescape(value) != value)


def html_of(value: str) -> str:
    """Plain text as HTML that shows it letter by letter."""
    return html.escape(value, quote=False)


def guarded(value: str) -> str:
    """Plain text for a place where readers guess: as it is, or as HTML where it holds markup."""
    return html_of(value) if holds_markup(value) else value


def text_type(value: str) -> str:
    """The type of an Atom text construct that holds what `guarded` makes of `value`."""
    return "html" if holds_markup(value) else "text"


def scrub_text(value: str) -> str:
    """`value` without the characters that XML forbids: one of them would make a whole feed unreadable."""
    return _FORBIDDEN.sub("", value)


def scrub(document: Document) -> Document:
    """The same document with every text in it scrubbed (see `scrub_text`)."""
    return cast("Document", _map_texts(document, scrub_text))


def _map_texts(part: object, change: Callable[[str], str]) -> object:
    if type(part) is str:
        return change(part)
    if isinstance(part, tuple):
        return tuple([_map_texts(item, change) for item in part])
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        values = {name: _map_texts(getattr(part, name), change) for name in part.__dataclass_fields__}
        return type(part)(**values)
    return part


def _escape(texts: bytes) -> bytes:
    clean = drop_refused(texts.translate(_C0_TO_SPACE))
    return clean.replace(b"&", b"&#x26;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
