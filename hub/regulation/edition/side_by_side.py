"""Two editions side by side: each clause that differs, as it was and as it will be, word by word. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from hub.regulation.edition import differences
from hub.regulation.edition.differences import Difference

Said = Mapping[str, Any]
MOST_WORDS = 4_000  # of one clause; a longer one is shown whole on both sides


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a text: `changed` where the other side says something else."""

    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A clause of either edition; `left` or `right` is empty where only the other one has it."""

    number: str
    kind: str  # added, removed, changed
    left_title: str
    right_title: str
    left: tuple[tuple[Piece, ...], ...]  # paragraph by paragraph
    right: tuple[tuple[Piece, ...], ...]
    rules: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """What differs: around the clauses as it is told, and clause by clause."""

    around: tuple[Difference, ...]
    clauses: tuple[Pair, ...]


def compare(old: Said, new: Said) -> Compared:
    """All that a new document changes."""
    found = differences.diff(old, new)
    before, after = _clauses(old), _clauses(new)
    touched = dict.fromkeys(each.place for each in found if each.place in before or each.place in after)
    pairs = [_pair(number, before.get(number), after.get(number), found) for number in touched]
    return Compared(tuple(each for each in found if each.place not in touched), tuple(pairs))


def _pair(number: str, old: Said | None, new: Said | None, found: Sequence[Difference]) -> Pair:
    left, right = _lines(old), _lines(new)
    width = max(len(left), len(right))
    sides = [_words(left[at] if at < len(left) else "", right[at] if at < len(right) else "") for at in range(width)]
    return Pair(
        number=number,
        kind="added" if old is None else "removed" if new is None else "changed",
        left_title=old["title"] if old else "",
        right_title=new["title"] if new else "",
        left=tuple(each[0] for each in sides if each[0]),
        right=tuple(each[1] for each in sides if each[1]),
        rules=tuple(each for each in found if each.place == number and each.rule is not None),
    )


def _lines(clause: Said | None) -> list[str]:
    """A clause's paragraphs and their points, a line each, with their numbers."""
    lines = []
    for number, paragraph in enumerate(clause["paragraphs"] if clause else (), start=1):
        lines.append(f"{number}. {paragraph['text']}")
        lines += [f"– {point}" for point in paragraph.get("points", ())]
    return lines


def _words(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    if old == new:
        return ((Piece(old),), (Piece(new),))
    before, after = old.split(), new.split()
    if len(before) + len(after) > MOST_WORDS:
        return ((Piece(old, True),) if old else (), (Piece(new, True),) if new else ())
    left, right = list[Piece](), list[Piece]()
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        left += _piece(before[a:b], kind != "equal")
        right += _piece(after[c:d], kind != "equal")
    return tuple(left), tuple(right)


def _piece(words: Sequence[str], changed: bool) -> Iterator[Piece]:
    if words:
        yield Piece(" ".join(words), changed)


def _clauses(document: Said) -> dict[str, Said]:
    return {clause["number"]: clause for chapter in document["chapters"] for clause in chapter["clauses"]}
