"""Reading HTML as a browser does, in linear time and within bounds: html5lib's tokenizer and tree, and a walk over it.

The only importer of the html5lib inside bleach. Bare, it takes minutes for 256 KiB of nested tags, attributes or
character references, and its walk over the tree looks each element up among its siblings again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element

from bleach import html5lib_shim
from bleach._vendor.html5lib.treebuilders import getTreeBuilder

from hub.errors import Invalid

MAX_DEPTH = 100  # open elements; html5lib's work per tag grows with it
MAX_ELEMENTS = 10_000
MAX_ATTRIBUTES = 100  # of one tag; html5lib compares each with all before it
MAX_NAME = 200  # characters of a tag or attribute name
MAX_REFERENCES_IN = 8_000  # characters of an attribute value that holds character references
MAX_UNQUOTED = 64 * 1024  # characters of a value without quotes
KEPT_OF_COMMENT = 80  # characters; comments go, and a sample is all that is told of them

VOID = frozenset({
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "image", "img", "input", "keygen",
    "link", "meta", "param", "source", "track", "wbr",
})  # fmt: skip

_TOKEN = html5lib_shim.constants.tokenTypes
_SPACES = html5lib_shim.constants.spaceCharacters
_NAME_ENDS = _SPACES | {">", "/"}
_TEXT_ENDS = ("<",)  # U+0000 is gone, references are decoded with the run
_ENDLESS_REFERENCE = re.compile(r"&#(?:[xX][0-9a-fA-F]{9,}|[0-9]{9,});?")

Token = dict[str, Any]  # of html5lib: type, name, namespace, data


class ContentTooComplex(Invalid, ValueError):
    """The fragment nests too deep, or holds too many elements or attributes; `what`, `limit`."""


class _Tokenizer(html5lib_shim.HTMLTokenizer):  # type: ignore[misc, unused-ignore]
    """html5lib's tokenizer in linear time.

    It takes a text run with its character references as one token, and refuses what it would copy again for
    every character: html5lib appends to names, values and comments piece by piece.
    """

    def __iter__(self) -> Iterator[Token]:
        characters, errors = _TOKEN["Characters"], _TOKEN["ParseError"]
        queue: list[Token] = []
        self.tokenQueue = queue
        run: list[str] = []
        going = True
        while going:
            going = self.state()
            del self.stream.errors[:]
            for token in queue:
                kind = token["type"]
                if kind == characters:
                    run.append(token["data"])
                elif kind != errors:
                    if run:
                        yield {"type": characters, "data": "".join(run)}
                        run.clear()
                    yield token
            queue.clear()
        if run:
            yield {"type": characters, "data": "".join(run)}

    def dataState(self) -> bool:  # noqa: N802
        stream = self.stream
        first = stream.char()
        if first == "<":
            self.state = self.tagOpenState
        elif first is None:
            return False
        elif first in _SPACES:
            self.tokenQueue.append(
                {"type": _TOKEN["SpaceCharacters"], "data": first + stream.charsUntil(_SPACES, True)}
            )
        else:
            text = first + stream.charsUntil(_TEXT_ENDS)
            self.tokenQueue.append({"type": _TOKEN["Characters"], "data": _decoded(text)})
        return True

    def tagNameState(self) -> bool:  # noqa: N802
        self.currentToken["name"] += self.stream.charsUntil(_NAME_ENDS)  # html5lib comes back for each letter
        if len(self.currentToken["name"]) > MAX_NAME:
            raise ContentTooComplex(what="name", limit=MAX_NAME)
        return bool(super().tagNameState())

    @property
    def temporaryBuffer(self) -> str:  # noqa: N802
        """The name of what may be the end tag of a script or style."""
        return self._end_name

    @temporaryBuffer.setter
    def temporaryBuffer(self, name: str) -> None:  # noqa: N802
        if len(name) > MAX_NAME:
            raise ContentTooComplex(what="name", limit=MAX_NAME)
        self._end_name = name

    def doctypeState(self) -> bool:  # noqa: N802
        return bool(self.bogusCommentState())  # a fragment has none; either ends at the next >

    def attributeNameState(self) -> bool:  # noqa: N802
        attributes = self.currentToken["data"]
        if len(attributes) > MAX_ATTRIBUTES:
            raise ContentTooComplex(what="attributes", limit=MAX_ATTRIBUTES)
        if len(attributes[-1][0]) > MAX_NAME:
            raise ContentTooComplex(what="name", limit=MAX_NAME)
        return bool(super().attributeNameState())

    def processEntityInAttribute(self, allowedChar: str) -> None:  # noqa: N802, N803
        if len(self.currentToken["data"][-1][1]) > MAX_REFERENCES_IN:
            raise ContentTooComplex(what="value", limit=MAX_REFERENCES_IN)
        super().processEntityInAttribute(allowedChar)

    def attributeValueUnQuotedState(self) -> bool:  # noqa: N802
        if len(self.currentToken["data"][-1][1]) > MAX_UNQUOTED:
            raise ContentTooComplex(what="value", limit=MAX_UNQUOTED)
        return bool(super().attributeValueUnQuotedState())

    def commentState(self) -> bool:  # noqa: N802
        token = self.currentToken
        if len(token["data"]) > 4 * KEPT_OF_COMMENT:
            token["data"] = token["data"][:KEPT_OF_COMMENT]
        return bool(super().commentState())


class _TreeBuilder(getTreeBuilder("etree")):  # type: ignore[misc, unused-ignore]
    """html5lib's tree with a bound on its depth and size."""

    def reset(self) -> None:
        self.elements = 0
        super().reset()

    def insertElementNormal(self, token: Token) -> Any:  # noqa: N802
        self._count()
        return super().insertElementNormal(token)

    def insertElementTable(self, token: Token) -> Any:  # noqa: N802
        self._count()
        return super().insertElementTable(token)

    def _count(self) -> None:
        self.elements += 1
        if len(self.openElements) > MAX_DEPTH:
            raise ContentTooComplex(what="depth", limit=MAX_DEPTH)
        if self.elements > MAX_ELEMENTS:
            raise ContentTooComplex(what="elements", limit=MAX_ELEMENTS)


class Parser(html5lib_shim.BleachHTMLParser):  # type: ignore[misc, unused-ignore]
    """bleach's parser, letting every tag reach the filter; it reads `noscript` as a browser with scripts does."""

    def __init__(self) -> None:
        super().__init__(tags=None, strip=True, consume_entities=True, tree=_TreeBuilder, namespaceHTMLElements=False)

    def _parse(self, stream: str, innerHTML: bool = False, container: str = "div", **_: Any) -> None:  # noqa: N803
        self.innerHTMLMode = innerHTML
        self.container = container
        self.scripting = True
        self.tokenizer = _Tokenizer(stream=stream, parser=self)
        self.tokenizer.stream.reportCharacterErrors = None  # hygiene has been here
        self.reset()
        self.mainLoop()

    def parseError(self, errorcode: str = "", datavars: object = None) -> None:  # noqa: N802
        """Nobody asks for them, and each would count the lines before it."""


def walk(fragment: Element) -> Iterator[Token]:
    """The tree as tokens. html5lib's own walker looks each element up among its siblings again."""
    open_elements: list[tuple[Iterator[Element], Token | None, str | None]] = [(iter(fragment), None, None)]
    if fragment.text:
        yield {"type": "Characters", "data": fragment.text}
    while open_elements:
        children, end, tail = open_elements[-1]
        element = next(children, None)
        if element is None:
            open_elements.pop()
            if end is not None:
                yield end
            if tail:
                yield {"type": "Characters", "data": tail}
            continue
        tag = element.tag
        if not isinstance(tag, str):
            yield {"type": "Comment", "data": element.text or ""}
        else:
            foreign, _, name = tag[1:].rpartition("}") if tag[0] == "{" else (None, "", tag)
            start = {"name": name, "namespace": foreign, "data": {(None, k): v for k, v in element.attrib.items()}}
            if name in VOID and foreign is None:
                yield {"type": "EmptyTag", **start}
            else:
                yield {"type": "StartTag", **start}
                if element.text:
                    yield {"type": "Characters", "data": element.text}
                end = {"type": "EndTag", "name": name, "namespace": foreign, "data": {}}
                open_elements.append((iter(element), end, element.tail))
                continue
        if element.tail:
            yield {"type": "Characters", "data": element.tail}


def _decoded(text: str) -> str:
    if "&" not in text:
        return text
    try:
        return unescape(text)
    except ValueError:  # a reference of over 4,300 digits
        return unescape(_ENDLESS_REFERENCE.sub("\ufffd", text))
