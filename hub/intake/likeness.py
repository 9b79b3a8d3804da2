"""Near-duplicates: what is compared of a story, its MinHash signature, and when two tell the same deed. Pure.

Units report in frames of phrases, so that two reports of one unit about two people can have a third of their
wording in common, more than two units' tellings of the same deed. So wording alone finds candidates, and whom a
story is about decides how much wording is asked for.

Signatures are MinHash (Broder 1997) with one permutation split into bins (Li, Owen, Zhang 2012), eight times: one
BLAKE2b a shingle gives eight permutations. Bands of two values (Leskovec, Rajaraman, Ullman, "Mining of Massive
Datasets", §3.4) meet with 86 % at a likeness of a fifth, with 99.5 % at a third.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from feeds.text import fold, shingles, words

SIGNATURE_VERSION = 1  # raise it when equal contents begin to give other signatures: all are then made anew
SHINGLE_SYLLABLES = 3
PERMUTATIONS, BINS = 8, 12
BAND_VALUES = 2
MAX_CHARACTERS = 30_000  # of a text; what comes after them is not compared
TEXTS = ("title", "summary", "deed", "method")  # and the body
HONORIFICS = frozenset({"ông", "bà", "anh", "chị", "em", "cô", "chú", "bác", "cụ", "cháu", "đồng", "chí"})
SAME_SUBJECT, UNKNOWN_SUBJECT, OTHER_SUBJECT = 0.015, 0.2, 0.5  # the least share of common wording

_NOTHING = 2**32 - 1  # the value of a bin that no shingle fell into
_VALUES = struct.Struct(f">{PERMUTATIONS * BINS}I")
_DIGEST = struct.Struct(f">{PERMUTATIONS}I")
_BUCKET = struct.Struct(">q")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Telling:
    """What is compared of a story's version."""

    shingles: frozenset[str]
    text: str  # all of it folded, single spaces between and around syllables
    subject: str  # folded, without "ông", "bà" …; empty where nobody is named
    commune: str  # folded


@dataclass(frozen=True, slots=True)
class Buckets:
    """Under which numbers a story stands in the index: its bands, and its subject's name."""

    bands: Sequence[int]
    subject: int | None

    @property
    def every(self) -> list[int]:
        """All of them, each once."""
        return list(dict.fromkeys([*self.bands, *(() if self.subject is None else (self.subject,))]))


def telling_of(content: Mapping[str, Any]) -> Telling:
    """What is compared of a content, also of one that an erasure has left in part."""
    texts = [str(content.get(name, "")) for name in TEXTS]
    texts.append(unescape(_TAG.sub(" ", str(content.get("body", {}).get("html", "")))))
    texts = [text[:MAX_CHARACTERS] for text in texts]
    found: frozenset[str] = frozenset().union(*(shingles(text, SHINGLE_SYLLABLES) for text in texts))
    return Telling(
        shingles=found,
        text=f" {' '.join(words(fold(' '.join(texts))))} ",
        subject=_subject(str(content.get("subject", {}).get("name", ""))),
        commune=" ".join(words(fold(str(content.get("place", {}).get("commune", ""))))),
    )


def signature(found: Collection[str]) -> bytes:
    """The MinHash signature of shingles, 384 bytes; the same ones give the same bytes everywhere and always."""
    values = [_NOTHING] * (PERMUTATIONS * BINS)
    for shingle in found:
        digest = hashlib.blake2b(shingle.encode(), digest_size=_DIGEST.size).digest()
        place = 0
        for value in _DIGEST.unpack(digest):
            bin_, rank = place + value % BINS, value // BINS
            if rank < values[bin_]:
                values[bin_] = rank
            place += BINS
    return _VALUES.pack(*values)


def similarity(one: bytes, other: bytes) -> float:
    """The estimated Jaccard likeness of what two signatures were made from, 0 to 1."""
    pairs = [pair for pair in zip(_VALUES.unpack(one), _VALUES.unpack(other), strict=True) if pair != _BOTH_NOTHING]
    return sum(mine == theirs for mine, theirs in pairs) / len(pairs) if pairs else 0.0


def buckets(made: bytes, subject: str) -> Buckets:
    """Where a signature, and the subject it is about, stand in the index."""
    values = _VALUES.unpack(made)
    bands = [
        _bucket(b"band %d %d" % (SIGNATURE_VERSION, place), made[place * 4 : (place + BAND_VALUES) * 4])
        for place in range(0, len(values), BAND_VALUES)
        if _NOTHING not in values[place : place + BAND_VALUES]
    ]
    return Buckets(bands, _bucket(b"subject %d" % SIGNATURE_VERSION, subject.encode()) if subject else None)


def likeness(one: Telling, other: Telling) -> float | None:
    """The share of wording two stories have in common, if it is enough to ask people whether the deed is the same."""
    every = len(one.shingles | other.shingles)
    share = len(one.shingles & other.shingles) / every if every else 0.0
    return share if share and share >= _least_share(one, other) else None


def _least_share(one: Telling, other: Telling) -> float:
    if not one.subject and not other.subject:
        return UNKNOWN_SUBJECT
    named = one.subject == other.subject or _names(one, other) or _names(other, one)
    if not named:
        return OTHER_SUBJECT if one.subject and other.subject else UNKNOWN_SUBJECT
    elsewhere = one.commune and other.commune and one.commune != other.commune  # two people may have one name
    return UNKNOWN_SUBJECT if elsewhere else SAME_SUBJECT


def _names(one: Telling, other: Telling) -> bool:
    """Does a text name whom another one is about? So a person's and their group's story can be the same."""
    return bool(other.subject) and f" {other.subject} " in one.text


def _subject(name: str) -> str:
    """A name to compare by; empty when it is too short to tell people apart."""
    syllables = words(name.casefold())
    while len(syllables) > 2 and syllables[0] in HONORIFICS:
        syllables.pop(0)
    return fold(" ".join(syllables)) if len(syllables) > 1 else ""


def _bucket(kind: bytes, value: bytes) -> int:
    number: int = _BUCKET.unpack(hashlib.blake2b(value, digest_size=_BUCKET.size, person=kind[:16]).digest())[0]
    return number


_BOTH_NOTHING = (_NOTHING, _NOTHING)
