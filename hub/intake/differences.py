"""What changed between two versions of a story: field by field, and in long texts word by word. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from itertools import groupby
from typing import Any

from hub.intake.html import visible_text

LONG_TEXT = 80  # characters; shorter texts are shown whole, before and after
MAX_STEPS = 5_000_000  # comparisons for one text, about half a second; past that the rest counts as rewritten

_WORD_WITH_SPACE = re.compile(r"\S+\s*|\s+")

Words = tuple[tuple[str, str], ...]  # ("equal" | "insert" | "delete", text); see `word_changes`


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One field that differs. Stories hold no null, so None means that the field is not there."""

    path: str  # RFC 6901 pointer; indexes are those of the new version, of the old one for what is gone
    before: Any
    after: Any
    words: Words | None = None  # for long texts, of what one sees of them


def compare(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """The fields in which `new` differs from `old`, in the order of `new`, then what is gone.

    Objects are compared member by member. Lists of objects are aligned first, so that one more guest at the
    front is one change; lists of plain values are one field. The time is bounded for texts of 256 KiB.
    """
    html = {"/body/html"} | (
        {"/body/short"} if "html" in old.get("body", ()) and "html" in new.get("body", ()) else set()
    )
    return list(_differences("", old, new, html))


def word_changes(before: str, after: str) -> Words:
    """How `before` becomes `after`: `equal` and `delete` parts joined give it, `equal` and `insert` the other.

    Lines are aligned first, then words inside the lines that differ.
    """
    budget = _Budget(MAX_STEPS)
    lines_before, lines_after = before.splitlines(keepends=True), after.splitlines(keepends=True)
    parts: list[tuple[str, str]] = []
    for op, old, new in _runs(lines_before, lines_after, budget):
        if op == "replace":
            for word_op, some, other in _runs(_words("".join(old)), _words("".join(new)), budget):
                parts.extend(_parts(word_op, some, other))
        else:
            parts.extend(_parts(op, old, new))
    return _joined(parts)


def _differences(path: str, old: Any, new: Any, html: Set[str]) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in (*new, *(name for name in old if name not in new)):
            yield from _differences(f"{path}/{_escaped(name)}", old.get(name), new.get(name), html)
    elif _holds_objects(old) and _holds_objects(new):
        yield from _list_differences(path, old, new, html)
    elif not _same(old, new):
        yield Change(path=path, before=old, after=new, words=_words_of(path, old, new, html))


def _list_differences(path: str, old: list[Any], new: list[Any], html: Set[str]) -> Iterator[Change]:
    matcher = SequenceMatcher(None, [_key(item) for item in old], [_key(item) for item in new], autojunk=False)
    for op, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if op == "equal":
            continue
        paired = min(old_end - old_start, new_end - new_start)
        for offset in range(paired):
            index = new_start + offset
            yield from _differences(f"{path}/{index}", old[old_start + offset], new[index], html)
        for index in range(old_start + paired, old_end):
            yield Change(path=f"{path}/{index}", before=old[index], after=None)
        for index in range(new_start + paired, new_end):
            yield Change(path=f"{path}/{index}", before=None, after=new[index])


def _words_of(path: str, old: Any, new: Any, html: Set[str]) -> Words | None:
    if not isinstance(old, str) or not isinstance(new, str):
        return None
    if path in html:
        return word_changes(visible_text(old), visible_text(new))
    return word_changes(old, new) if path.startswith("/body/") or max(len(old), len(new)) > LONG_TEXT else None


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")  # RFC 6901 §3


def _holds_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _same(old: Any, new: Any) -> bool:
    return type(old) is type(new) and bool(old == new)  # 1, 1.0 and true are three values in JSON


def _key(item: Any) -> str:
    return json.dumps(item, sort_keys=True)


def _words(text: str) -> list[str]:
    return _WORD_WITH_SPACE.findall(text)


@dataclass(slots=True)
class _Budget:
    steps: int


class _BoundedMatcher(SequenceMatcher[str]):
    """difflib, finding no more matches once the budget is spent: it takes cubic time at worst."""

    def __init__(self, old: Sequence[str], new: Sequence[str], budget: _Budget) -> None:
        super().__init__(None, old, new, autojunk=False)
        self.old = old
        self.places: dict[str, list[int]] = self.b2j  # type: ignore[attr-defined]
        self.budget = budget

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Match:
        ahi = len(self.old) if ahi is None else ahi
        self.budget.steps -= sum(len(self.places.get(word, ())) + 1 for word in self.old[alo:ahi])
        if self.budget.steps < 0:
            return Match(alo, blo, 0)
        return super().find_longest_match(alo, ahi, blo, bhi)


def _runs(old: list[str], new: list[str], budget: _Budget) -> Iterator[tuple[str, list[str], list[str]]]:
    """Aligned runs; what both begin and end with is set aside first, it is nearly all of most texts."""
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    tail = next((i for i in range(shorter - head) if old[-1 - i] != new[-1 - i]), shorter - head)
    old_end, new_end = len(old) - tail, len(new) - tail
    if head:
        yield "equal", old[:head], new[:head]
    middle_old, middle_new = old[head:old_end], new[head:new_end]
    for op, old_from, old_to, new_from, new_to in _BoundedMatcher(middle_old, middle_new, budget).get_opcodes():
        yield op, middle_old[old_from:old_to], middle_new[new_from:new_to]
    if tail:
        yield "equal", old[old_end:], new[new_end:]


def _parts(op: str, old: list[str], new: list[str]) -> list[tuple[str, str]]:
    if op == "equal":
        return [(op, "".join(new))]
    return [(kind, "".join(run)) for kind, run in (("delete", old), ("insert", new)) if run]


def _joined(parts: list[tuple[str, str]]) -> Words:
    """Neighbours of one kind as one part, and of a change first what went, then what came."""
    joined: list[tuple[str, str]] = []
    for changed, group in groupby(parts, lambda part: part[0] != "equal"):
        run = list(group)
        for op in ("delete", "insert") if changed else ("equal",):
            if text := "".join(text for kind, text in run if kind == op):
                joined.append((op, text))
    return tuple(joined)
