"""bleach's half of the sanitizer: read HTML as a browser does, let pass what a policy keeps, tell what went.

The only importer of bleach and of the html5lib inside it. Everything here is bounded: bare html5lib takes
minutes for 256 KiB of nested tags, attributes or character references, and bleach's own walk over the tree
looks each element up among its siblings again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from html import escape, unescape
from typing import Any
from xml.etree.ElementTree import Element

from bleach import html5lib_shim
from bleach._vendor.html5lib.treebuilders import getTreeBuilder
from bleach.sanitizer import BleachSanitizerFilter

from feeds.text import clean_text, count_forbidden, drop_leading_marks, has_forbidden, narrow_markup
from hub.errors import Invalid

MAX_DEPTH = 100  # open elements; html5lib's work per tag grows with it
MAX_ELEMENTS = 10_000
MAX_ATTRIBUTES = 100  # of one tag; html5lib compares each with all before it
MAX_NAME = 200  # characters of a tag or attribute name
MAX_REFERENCES_IN = 8_000  # characters of an attribute value that holds character references
MAX_UNQUOTED = 64 * 1024  # characters of a value without quotes
MAX_REMOVALS = 100  # different removals told; the rest are counted together
MAX_SAMPLE = 80  # characters

VOID = frozenset({
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "image", "img", "input", "keygen",
    "link", "meta", "param", "source", "track", "wbr",
})  # fmt: skip

# What html5lib raises for a few kinds of broken markup, mostly tables.
_PARSER_FAULTS = (AssertionError, AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)

_TOKEN = html5lib_shim.constants.tokenTypes
_SPACES = html5lib_shim.constants.spaceCharacters
_NAME_ENDS = _SPACES | {">", "/"}
_TEXT_ENDS = ("<",)  # U+0000 is gone, references are decoded with the run
_ENDLESS_REFERENCE = re.compile(r"&#(?:[xX][0-9a-fA-F]{9,}|[0-9]{9,});?")


class ContentTooComplex(Invalid, ValueError):
    """The fragment nests too deep, or holds too many elements or attributes; `what`, `limit`."""


class Unclean(Invalid, ValueError):
    """The parsers did not settle on one safe reading; `why`. Nothing of it may be stored."""


@dataclass(frozen=True, slots=True)
class Removal:
    """Something the sanitizer took away."""

    what: str  # "tag", "attribute", "address", "control", "comment"
    name: str  # of the tag; of the attribute as "tag@attribute"; "" for controls and comments
    count: int
    sample: str = ""  # of the first one; plain text, up to MAX_SAMPLE characters


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What may pass. All names are lower case."""

    attributes: Mapping[str, Collection[str]]  # allowed tag → its attributes
    addresses: Collection[str]  # attributes that hold addresses
    protocols: Collection[str]
    renamed: Mapping[str, str]  # tag → the allowed tag that says the same
    dropped: Collection[str]  # tags that go with all that is in them; other unknown ones leave their text
    max_address: int  # characters


Token = dict[str, Any]  # of html5lib: type, name, namespace, data
Judge = Callable[[str, str, str], str | None]  # tag, attribute, value → the value to keep


class Reader:
    """Cleans one fragment after the other. It keeps state while it reads: one for each thread."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._parser = _Parser()

    def read(self, dirty: str, *, judge: Judge) -> tuple[str, tuple[Removal, ...]]:
        """`dirty` as balanced HTML that holds only what the policy allows and `judge` keeps, and what went.

        Text and values are in NFC and hold no forbidden character; none begins with a combining mark.
        Raises ContentTooComplex, Unclean.
        """
        removals = _Removals()
        if has_forbidden(dirty):
            removals.add("control", "", count=count_forbidden(dirty))
        try:
            fragment = self._parser.parseFragment(clean_text(dirty, multiline=True))
        except ContentTooComplex:
            raise
        except _PARSER_FAULTS as exc:
            raise Unclean(why="unreadable") from exc
        finally:
            self._parser.tree.reset()
        html = "".join(_written(_Filter(_walk(fragment), self._policy, judge, removals)))
        return html, removals.told()


class _Removals:
    """Counts what was taken away, by kind and name."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._samples: dict[tuple[str, str], str] = {}

    def add(self, what: str, name: str, *, sample: str = "", count: int = 1) -> None:
        key = (what, clean_text(name[:MAX_SAMPLE]))
        if key not in self._counts and len(self._counts) >= MAX_REMOVALS:
            key, sample = (what, "…"), ""
        self._counts[key] = self._counts.get(key, 0) + count
        if sample and key not in self._samples:
            self._samples[key] = clean_text(sample[: 2 * MAX_SAMPLE]).strip()[:MAX_SAMPLE]

    def told(self) -> tuple[Removal, ...]:
        return tuple(Removal(*key, count, self._samples.get(key, "")) for key, count in self._counts.items())


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
        if len(token["data"]) > 4 * MAX_SAMPLE:  # comments go; a sample is all that is told of them
            token["data"] = token["data"][:MAX_SAMPLE]
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


class _Parser(html5lib_shim.BleachHTMLParser):  # type: ignore[misc, unused-ignore]
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


class _Filter(BleachSanitizerFilter):  # type: ignore[misc, unused-ignore]
    """bleach's token filter: bleach's judgement first, then the table's; records what goes."""

    def __init__(self, source: Iterator[Token], policy: Policy, judge: Judge, removals: _Removals) -> None:
        super().__init__(
            source,
            allowed_tags=policy.attributes,
            attributes=policy.attributes,
            allowed_protocols=policy.protocols,
            strip_disallowed_tags=True,
        )
        self.policy = policy
        self.judge = judge
        self.removals = removals
        self.dropping = 0  # depth inside a dropped element
        self.links: list[bool] = []  # open a elements: kept or not

    def __iter__(self) -> Iterator[Token]:
        run: list[str] = []
        previous = ""
        for token in self.source:
            if token["type"] == "Characters":
                if self.dropping:
                    self._sample_dropped(token["data"])
                else:
                    run.append(token["data"])
                continue
            kept = self.sanitize_token(token)
            if kept is None:
                continue
            if run:
                yield self._text("".join(run), after=previous)
                run.clear()
            previous = kept["name"] if kept["type"] == "StartTag" else ""
            yield kept
        if run:
            yield self._text("".join(run), after=previous)

    def sanitize_token(self, token: Token) -> Token | None:
        kind = token["type"]
        if kind == "Comment":
            if not self.dropping:
                self.removals.add("comment", "", sample=token["data"])
            return None
        name = token["name"]
        if self.dropping:
            self.dropping += (kind == "StartTag") - (kind == "EndTag")
            return None
        if token["namespace"] is not None or name in self.policy.dropped:
            self.removals.add("tag", name)
            self.dropping = int(kind == "StartTag")
            self.dropped = name
            return None
        name = token["name"] = self.policy.renamed.get(name, name)
        if name not in self.policy.attributes:
            if kind != "EndTag":
                self.removals.add("tag", name)
            return None
        if kind == "EndTag":
            return token if name != "a" or self.links.pop() else None
        if token["data"]:
            self._judge_attributes(token)
        if name == "a":
            self.links.append((None, "href") in token["data"])
            return token if self.links[-1] else None
        if name == "img" and (None, "src") not in token["data"]:
            return None
        return token

    def _judge_attributes(self, token: Token) -> None:
        tag, given, policy = token["name"], token["data"], self.policy
        token["data"] = {
            key: value
            for key, value in given.items()
            if key[1] not in policy.addresses or len(value) <= policy.max_address
        }
        self.allow_token(token)  # bleach's own judgement
        judged = {key: self.judge(tag, key[1], value) for key, value in token["data"].items()}
        token["data"] = {key: value for key, value in judged.items() if value is not None}
        for key, value in given.items():
            if key not in token["data"]:
                what = "address" if key[1] in policy.addresses else "attribute"
                self.removals.add(what, f"{tag}@{key[1]}", sample=value)

    def _text(self, run: str, *, after: str) -> Token:
        if has_forbidden(run):  # they came as character references
            self.removals.add("control", "", count=count_forbidden(run))
        # Parsers eat the first line end after <pre>, each of them one more.
        run = drop_leading_marks(clean_text(narrow_markup(run), multiline=True), also="\n" if after == "pre" else "")
        return {"type": "Characters", "data": run}

    def _sample_dropped(self, text: str) -> None:
        self.removals.add("tag", self.dropped, sample=text, count=0)


def _walk(fragment: Element) -> Iterator[Token]:
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


def _written(tokens: _Filter) -> Iterator[str]:
    for token in tokens:
        kind = token["type"]
        if kind == "Characters":
            yield escape(token["data"], quote=False)
        elif kind == "EndTag":
            yield f"</{token['name']}>"
        else:
            attributes = "".join(f' {name}="{escape(value)}"' for (_, name), value in token["data"].items())
            yield f"<{token['name']}{attributes}>"


def _decoded(text: str) -> str:
    if "&" not in text:
        return text
    try:
        return unescape(text)
    except ValueError:  # a reference of over 4,300 digits
        return unescape(_ENDLESS_REFERENCE.sub("\ufffd", text))
