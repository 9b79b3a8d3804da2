"""Plain text: which characters may pass, how text folds for search, and the mark of sanitized HTML.

Hygiene removes what nobody can see and what readers choke on: control characters, zero-width and
bidirectional controls, noncharacters, tags, the object replacement character. What is left is NFC
(Unicode Standard Annex #15). XML 1.0 §2.2 forbids a part of the same set; one such character kills
a whole feed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby

FORBIDDEN_RANGES: tuple[tuple[int, int, str], ...] = (
    (0x0000, 0x0008, "C0 controls"),
    (0x000B, 0x000C, "vertical tab, form feed: white space, see LINE_ENDS"),
    (0x000D, 0x000D, "carriage return: white space, see LINE_ENDS"),
    (0x000E, 0x001F, "C0 controls"),
    (0x007F, 0x009F, "DEL and C1 controls, among them NEL"),
    (0x00AD, 0x00AD, "soft hyphen"),
    (0x061C, 0x061C, "Arabic letter mark (bidi)"),
    (0x180E, 0x180E, "Mongolian vowel separator: zero width"),
    (0x200B, 0x200F, "zero-width space, joiners, directional marks (bidi)"),
    (0x2028, 0x2029, "line and paragraph separators: white space, see LINE_ENDS"),
    (0x202A, 0x202E, "directional embeddings and overrides (bidi)"),
    (0x2060, 0x2064, "word joiner and invisible operators"),
    (0x2066, 0x206F, "directional isolates (bidi) and deprecated format controls"),
    (0xD800, 0xDFFF, "lone surrogates"),
    (0xFDD0, 0xFDEF, "noncharacters"),
    (0xFEFF, 0xFEFF, "byte order mark"),
    (0xFFF9, 0xFFFC, "interlinear annotation, object replacement"),
    (0xE0000, 0xE007F, "tag characters"),
    *((plane * 0x10000 + 0xFFFE, plane * 0x10000 + 0xFFFF, "noncharacters") for plane in range(17)),
)
# These separate words, so they turn into a line feed (or a space) instead of vanishing.
LINE_ENDS = "\r\n|[\r\v\f\u0085\u2028\u2029]"

# What NFKC turns into a character of markup: whoever folds by it would make tags of text.
WIDE_MARKUP = {"＜": "<", "＞": ">", "＆": "&", "＂": '"', "＇": "'", "﹤": "<", "﹥": ">", "﹠": "&"}

# Letters that NFKD leaves whole although Vietnamese and its neighbours read them as a base letter.
FOLDED_LETTERS = {"đ": "d", "ð": "d", "ħ": "h", "ł": "l", "ø": "o", "ı": "i"}

_FORBIDDEN_CLASS = "".join(f"{chr(first)}-{chr(last)}" for first, last, _ in FORBIDDEN_RANGES)
_FORBIDDEN = re.compile(f"[{_FORBIDDEN_CLASS}]")
_LINE_END = re.compile(LINE_ENDS)
_WHITE_CONTROLS = re.compile(f"(?:\t|\n|{LINE_ENDS})+")
_LONG_MARKS = re.compile(r"[^\w\s!-~]{32,}")  # no mark is a letter, a digit, a space or ASCII
_WORD = re.compile(r"\w+")
_FOLDED_LETTERS = str.maketrans(FOLDED_LETTERS)


class SafeHtml(str):
    """HTML that `hub.intake.html.clean_html` let pass; templates show it without escaping it again.

    Anything built from it (joined, sliced, formatted) is a plain `str` and is escaped. Whoever reads
    a stored fragment back says `SafeHtml(stored)`, and only of a fragment that was stored clean.
    """

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def clean_text(text: str, *, multiline: bool = False) -> str:
    """Strip what `FORBIDDEN_RANGES` names, then compose (NFC). Doing it twice changes nothing.

    With `multiline` every kind of line end becomes a line feed, and tabs stay; without it, runs of
    tabs and line ends become one space. Spaces at the ends stay: trimming is the caller's decision.
    """
    if multiline:
        if has_forbidden(text):
            text = _FORBIDDEN.sub("", _LINE_END.sub("\n", text))
    elif has_forbidden(text) or "\n" in text or "\t" in text:
        text = _FORBIDDEN.sub("", _WHITE_CONTROLS.sub(" ", text))
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", _presorted(text))


def has_forbidden(text: str) -> bool:
    """Whether `text` holds a character that `clean_text(text, multiline=True)` would take out."""
    # All of them but U+FFFC are unprintable, and stories are mostly printable: this asks 20 times faster.
    if text.replace("\n", " ").replace("\t", " ").replace("\u00a0", " ").isprintable() and "\ufffc" not in text:
        return False
    return _FORBIDDEN.search(text) is not None


def count_forbidden(text: str) -> int:
    """How many such characters; the carriage return of a CR LF is a line end and does not count."""
    return len(_FORBIDDEN.findall(_LINE_END.sub("\n", text))) if has_forbidden(text) else 0


def drop_leading_marks(run: str, *, also: str = "") -> str:
    """Take combining marks off the front, where they would join with the `>` of a tag (U+0338); `also` goes too."""
    start = 0
    while start < len(run) and (run[start] in also or _is_mark(run[start])):
        start += 1
    return run[start:]


def narrow_markup(text: str) -> str:
    """Wide and small forms of `<`, `>`, `&` and quotes as these, so that escaping reaches them."""
    for wide, narrow in WIDE_MARKUP.items():
        if wide in text:
            text = text.replace(wide, narrow)
    return text


def fold(text: str) -> str:
    """What search compares: no case, no diacritics, đ as d, compatibility forms as plain letters.

    Both placements of a tone mark (hòa, hoà) fold to the same letters. SQLite's FTS5
    `remove_diacritics` misses đ, so both databases store and ask for this. Folding twice changes nothing.
    """
    if text.isascii():
        return text.casefold()
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", _presorted(text)).casefold())
    return folded.translate(_unmarked(folded)).translate(_FOLDED_LETTERS)


def words(text: str) -> list[str]:
    """The words of `text` in order: runs of letters and digits, as they stand (fold first to compare)."""
    return _WORD.findall(text)


def shingles(text: str, size: int) -> frozenset[str]:
    """Every run of `size` folded syllables of `text`, joined by spaces; a shorter text is one shingle of its own.

    Vietnamese writes its syllables apart, so words and syllables are the same here. What two texts share of these
    says how much of one stands in the other, whatever its case, tone marks, punctuation and order of passages.
    """
    syllables = words(fold(text))
    if len(syllables) <= size:
        return frozenset({" ".join(syllables)} if syllables else ())
    return frozenset(" ".join(syllables[start : start + size]) for start in range(len(syllables) - size + 1))


def _presorted(text: str) -> str:
    """Canonically the same text, its long runs of marks already in order: CPython sorts them by insertion,
    and 256 KiB of three alternating marks would keep it busy for a quarter of a minute."""
    return _LONG_MARKS.sub(lambda run: _in_canonical_order(run.group()), text)


def _in_canonical_order(run: str) -> str:
    decomposed = "".join(unicodedata.normalize("NFD", char) for char in run)
    parts = (list(part) for _, part in groupby(decomposed, lambda char: unicodedata.combining(char) > 0))
    return "".join(char for part in parts for char in sorted(part, key=unicodedata.combining))


def _unmarked(text: str) -> dict[int, None]:
    return {ord(char): None for char in set(text) if _is_mark(char)}


@lru_cache(maxsize=4096)
def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")
