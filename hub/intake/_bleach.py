"""bleach's half of the sanitizer: let pass what a policy keeps of a fragment, and tell what went.

The only importer of bleach's filter; `hub.intake._parsing` reads the fragment.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from html import escape

from bleach.sanitizer import BleachSanitizerFilter

from feeds.text import clean_text, count_forbidden, drop_leading_marks, has_forbidden, narrow_markup
from hub.errors import Invalid
from hub.intake._parsing import ContentTooComplex, Parser, Token, walk

MAX_REMOVALS = 100  # different removals told; the rest are counted together
MAX_SAMPLE = 80  # characters

# What html5lib raises for a few kinds of broken markup, mostly tables.
_PARSER_FAULTS = (AssertionError, AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)


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


Judge = Callable[[str, str, str], str | None]  # tag, attribute, value → the value to keep


class Reader:
    """Cleans one fragment after the other. It keeps state while it reads: one for each thread."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._parser = Parser()

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
        html = "".join(_written(_Filter(walk(fragment), self._policy, judge, removals)))
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
