"""Whether two texts are one: a copy of what the hub put out, or a likely use of a story by an outlet. Pure.

What comes by a feed is often an excerpt, so the shorter text is measured by how much of it stands in the other. A
newspaper rewrites: a likely use names whom the story is about **and** keeps something of its wording beyond that name
and place. A name alone, or a topic alone, is none: it is people who have to answer for each guess.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from feeds.text import fold, shingles, words
from hub.intake.likeness import SHINGLE_SYLLABLES, Telling

COPIED, COPIED_AT_LEAST = 0.7, 12  # share of the shorter text's shingles, and how many it must have to be judged by it
WHOLE_AT_LEAST = 4  # of a shorter one all of them have to be there
KEPT, KEPT_AT_LEAST = 0.1, 4  # what a use keeps beside name and place
QUOTED, QUOTED_AT_LEAST = 0.35, 20  # without the name: long passages, word for word


@dataclass(frozen=True, slots=True)
class Said:
    """A text that came by a feed, ready to be compared."""

    shingles: frozenset[str]
    text: str  # folded, single spaces between and around syllables


def said_in(text: str) -> Said:
    """A plain text, ready to be compared."""
    return Said(shingles(text, SHINGLE_SYLLABLES), f" {' '.join(words(fold(text)))} ")


def is_copy(said: Said, told: Telling) -> bool:
    """Does one of the texts stand in the other, wholly or nearly so?"""
    shorter = min(len(said.shingles), len(told.shingles))
    common = len(said.shingles & told.shingles)
    if shorter >= COPIED_AT_LEAST:
        return common / shorter >= COPIED
    return shorter >= WHOLE_AT_LEAST and common == shorter


def likely_use(said: Said, told: Telling) -> float | None:
    """The share of the text's wording that is the story's, if it is enough to ask the outlet; 0 to 1."""
    names = {told.subject, told.commune} - {""}
    own = _beside(said.shingles, names)
    common = own & told.shingles
    share = len(common) / len(own) if own else 0.0
    named = bool(told.subject) and f" {told.subject} " in said.text
    least, count = (KEPT, KEPT_AT_LEAST) if named else (QUOTED, QUOTED_AT_LEAST)
    return round(share, 4) if share >= least and len(common) >= count else None


def _beside(found: Collection[str], names: Collection[str]) -> frozenset[str]:
    """The shingles that hold more than a piece of one of these names, with at most one syllable beside it."""
    pieces = {piece for name in names for piece in _pieces(name)}
    return frozenset(shingle for shingle in found if not any(piece in f" {shingle} " for piece in pieces))


def _pieces(name: str) -> list[str]:
    """Every two neighbouring syllables of a name, with spaces around; of a single syllable that."""
    syllables = name.split()
    if len(syllables) < 2:
        return [f" {name} "]
    return [f" {one} {other} " for one, other in pairwise(syllables)]
