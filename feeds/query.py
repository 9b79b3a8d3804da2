"""What somebody typed into a search box, and where a text answers it. Pure.

A query is read the same way for every database and for texts in memory: words fold (see `feeds.text.fold`), so "hoa"
finds "hòa" and "dang" finds "Đặng". Whoever types diacritics still finds what has none, or others, but means the very
word: `marked` says a syllable with its marks, wherever its tone stands (hòa, hoà: "hoa2"), and decides the order.

    nghề cá           both words, anywhere; a last one of three letters or more may go on (ngh, nghề)
    "nghề cá"         one after the other
    404-TB/VPTU       the same: what is typed without a space stands together
    nghề -cá          the first, and nowhere the second
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from feeds.text import clean_text, fold

MAX_TYPED = 200  # characters that are read of what was typed
MAX_TERMS = 12
MAX_WORD = 60  # letters of a word that an index keeps; PostgreSQL refuses words past 2 KB
SHORTEST_PREFIX = 3  # letters that a last word needs to stand for its continuations: most syllables have few
KNOWN_WORDS = 20_000  # kept as they fold: Vietnamese writes some 7,000 syllables
LEAD = 60  # characters that a cut shows before its first hit
GAP = "…"

# Tone marks move to the end of the syllable, the marks of letters stay behind their letter: Đặng is "d9a8ng5".
TONES = {"\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
SHAPES = {"\u0302": "6", "\u031b": "7", "\u0306": "8"}
DYET = "9"

_PART = re.compile(r'(?P<minus>(?<!\S)-(?=["\w]))?(?:"(?P<phrase>[^"]*)"?|(?P<plain>[^\s"]+))')
_WORD = re.compile("[^\\W_][^\\W_\u0300-\u036f]*(?:[\u0300-\u036f]+[^\\W_]*)*")


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must stand one after the other, each folded; `marked` says them as typed, where marks were typed."""

    words: tuple[str, ...]
    marked: tuple[str, ...] = ()
    prefix: bool = False  # the last word may go on


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for: all of `terms`, none of `without`. It asks for nothing where there are no terms."""

    typed: str  # as it was read: one line, NFC, no invisible characters
    terms: tuple[Term, ...] = ()
    without: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text: whether it answers the query."""

    text: str
    hit: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    folded: str


def parse(typed: str) -> Query:
    """Read what was typed; nothing of it is an error. At most MAX_TYPED characters and MAX_TERMS terms count."""
    line = " ".join(clean_text(typed).split())[:MAX_TYPED].strip()
    has_marks = fold(line) != line.casefold()
    terms: list[Term] = []
    without: list[Term] = []
    for part in _PART.finditer(line):
        said = part["plain"] if part["phrase"] is None else part["phrase"]
        found = tuple(_words(said))
        if not found or len(terms) + len(without) >= MAX_TERMS:
            continue
        if part["minus"]:
            without.append(Term(tuple(map(_folded, found))))
            continue
        last = part["phrase"] is None and part.end() == len(line) and len(fold(found[-1])) >= SHORTEST_PREFIX
        marked = tuple(map(mark, found)) if has_marks else ()
        terms.append(Term(tuple(map(_folded, found)), marked, prefix=last))
    return Query(line, tuple(terms), tuple(without))


@lru_cache(maxsize=KNOWN_WORDS)
def mark(word: str) -> str:
    """A word in small ASCII letters and digits that keep its Vietnamese marks, its tone last: "hòa", "hoà": "hoa2"."""
    letters: list[str] = []
    tone = ""
    for char in unicodedata.normalize("NFD", word.casefold()):
        if char in TONES:
            tone = TONES[char]
        elif char == "đ":
            letters += ["d", DYET]
        else:
            letters.append(SHAPES.get(char) or fold(char))
    return ("".join(letters) + tone)[:MAX_WORD]


def folded_words(text: str) -> str:
    """The words of a text folded and joined by spaces: what an index keeps, whatever its own ideas of words are."""
    return " ".join(map(_folded, _words(text)))


def marked_words(text: str) -> str:
    """The words of a text as `mark` says them, joined by spaces."""
    return " ".join(map(mark, _words(text)))


def answers(query: Query, *texts: str) -> bool:
    """Do these texts, taken together, answer the query? For lists that are short enough to be read in memory."""
    found = [[_folded(word) for word in _words(text)] for text in texts]
    if any(_positions(term, words) for term in query.without for words in found):
        return False
    return all(any(_positions(term, words) for words in found) for term in query.terms)


def pieces(query: Query, text: str) -> tuple[Piece, ...]:
    """The whole text in pieces, those that answer the query marked as hits; joined they are the text again."""
    return _pieces(text, 0, len(text), _hits(query, _tokens(text)))


def cut(query: Query, text: str, *, length: int = 240) -> tuple[Piece, ...]:
    """About `length` characters of the text where most of the query's terms stand together; its beginning if none do.

    Cut between words; what is left out before and after is said by an ellipsis.
    """
    text = " ".join(text.split())
    tokens = _tokens(text)
    hits = _hits(query, tokens)
    start = _best_start(hits, tokens, length)
    end = max((token.end for token in tokens if start <= token.start and token.end <= start + length), default=0)
    if end == 0 or end >= (tokens[-1].end if tokens else 0):
        end = min(len(text), max(start + length, end))
    shown = _pieces(text, start, end, hits)
    before = (Piece(GAP + " "),) if start else ()
    after = (Piece(" " + GAP),) if end < len(text) else ()
    return before + shown + after


@lru_cache(maxsize=KNOWN_WORDS)
def _folded(word: str) -> str:
    return fold(word)[:MAX_WORD]


def _words(text: str) -> list[str]:
    """Runs of letters and digits, with the marks that follow them; an underscore parts words."""
    return _WORD.findall(unicodedata.normalize("NFC", text))


def _tokens(text: str) -> list[_Token]:
    return [_Token(found.start(), found.end(), _folded(found.group())) for found in _WORD.finditer(text)]


def _positions(term: Term, words: Sequence[str]) -> list[int]:
    """Where a term stands in folded words: the index of its first word."""
    size = len(term.words)
    return [
        at
        for at in range(len(words) - size + 1)
        if words[at] == term.words[0] or (size == 1 and term.prefix)
        if _stands(term, words[at : at + size])
    ]


def _stands(term: Term, words: Sequence[str]) -> bool:
    *first, last = term.words
    if list(words[:-1]) != first:
        return False
    return words[-1].startswith(last) if term.prefix else words[-1] == last


def _hits(query: Query, tokens: Sequence[_Token]) -> list[tuple[int, int, int]]:
    """Where the terms stand, in order: start and end in the text, and which term it is."""
    words = [token.folded for token in tokens]
    return sorted(
        (tokens[at].start, tokens[at + len(term.words) - 1].end, number)
        for number, term in enumerate(query.terms)
        for at in _positions(term, words)
    )


def _best_start(hits: Sequence[tuple[int, int, int]], tokens: Sequence[_Token], length: int) -> int:
    """Where a cut begins: before the hit after which most different terms follow within `length`."""
    best, most = 0, 0
    for at, (start, _, _) in enumerate(hits):
        reach = start + length - LEAD
        near: set[int] = set()
        for _, end, term in hits[at:]:
            if end > reach:
                break
            near.add(term)
        if len(near) > most:
            best, most = start, len(near)
    if best <= LEAD:
        return 0
    return next((token.start for token in tokens if token.start >= best - LEAD), best)


def _pieces(text: str, start: int, end: int, hits: Sequence[tuple[int, int, int]]) -> tuple[Piece, ...]:
    found: list[Piece] = []
    at = start
    for first, last, _ in hits:
        if first < at or last > end:
            continue  # inside a longer hit, or outside of the cut
        if first > at:
            found.append(Piece(text[at:first]))
        found.append(Piece(text[first:last], hit=True))
        at = last
    if at < end:
        found.append(Piece(text[at:end]))
    return tuple(found)
