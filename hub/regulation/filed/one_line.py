"""A use told in one line, as people jot it down: "trang 3, 12/11" or an address. Pure.

What stands in it is taken out part by part: an address, how it was used, a day, an hour, a length; what is left says
where. Nothing is guessed silently: `assumed` names what the line itself did not say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from feeds.text import clean_text, fold

MAX_LINE = 600  # characters that are read
PLANNED, PRINTED, AIRED, PUBLISHED = "planned", "printed", "aired", "published"
USE, DAY, YEAR = "use", "used_on", "year"  # what may be assumed
OF_KIND = {"newspaper": PRINTED, "bulletin": PRINTED, "television": AIRED, "radio": AIRED, "portal": PUBLISHED}

_ADDRESS = re.compile(r"https?://[^\s<>\"“”]+", re.IGNORECASE)
_SAID: Mapping[str, re.Pattern[str]] = {  # in folded text; the first that is found counts
    PLANNED: re.compile(r"\b(?:du kien|se (?:in|phat|dang|dung)|planned|will (?:print|air|publish))\b:?"),
    PRINTED: re.compile(r"\b(?:da in|in ngay|in bao|printed)\b:?|^\s*in\b:?"),
    AIRED: re.compile(r"\b(?:da phat(?: song)?|phat song|len song|aired|broadcast)\b:?|^\s*phat\b:?"),
    PUBLISHED: re.compile(r"\b(?:da dang|dang mang|dang tai|published|online)\b:?|^\s*dang\b:?"),
}
_WORDS_OF_PAPER = re.compile(r"\b(?:trang|tr\.|so|so bao|page|p\.|issue)\s*\d")
_WORDS_OF_AIR = re.compile(r"\b(?:chuong trinh|ban tin|thoi su|kenh|giao luu|phut|programme|channel|news)\b")
_ISO = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b")
_DATE = re.compile(
    r"(?:\bngay\s+|\bon\s+)?(?<![\d/.])(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})(?:[/.-](?P<year>\d{4}|\d{2}))?(?![\d/])"
)
_SPOKEN_DATE = re.compile(r"\bngay\s+(?P<day>\d{1,2})\s+thang\s+(?P<month>\d{1,2})(?:\s+nam\s+(?P<year>\d{4}))?\b")
_NEAR: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"\b(?:hom nay|today)\b"), 0),
    (re.compile(r"\b(?:hom qua|yesterday)\b"), -1),
    (re.compile(r"\b(?:hom kia)\b"), -2),
    (re.compile(r"\b(?:ngay mai|tomorrow)\b"), 1),
)
_LENGTH = re.compile(
    r"\b(?P<number>\d{1,4})\s*(?P<unit>phut|giay|minutes?|seconds?|min|sec)\b|(?<![\d:])(?P<quoted>\d{1,3})['′](?!\w)"
)
_HOUR = re.compile(
    r"(?:\bluc\s+|\bat\s+)?\b(?P<hour>[01]?\d|2[0-3])"
    r"(?:[:hg](?P<minute>[0-5]\d)?|\s*gio(?:\s*(?P<spoken>[0-5]\d))?)(?!\d)\b"
)
_FIGURE = re.compile(r"\d")
_COUNT = re.compile(r"\b(?P<number>\d{1,3}(?:[.,]\d{3})|\d{1,5})\s*(?:chu|tu|words?)\b")
FEWEST_WORDS = 3  # of a title, that say which story is meant
_AROUND = ",;:.!?()[]“”\"'‘’–-…"
_STOPS = (",", ";", ":")
_EDGES = " ,;:.–-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What a line says of a use; empty or None for what it does not. `assumed` says what was filled in."""

    use: str = ""
    used_on: date | None = None
    time: str = ""
    place: str = ""
    url: str = ""
    duration_seconds: int | None = None
    words: int | None = None
    assumed: frozenset[str] = frozenset()

    @property
    def says_nothing(self) -> bool:
        """Is everything but words without a meaning known to us filled in, not said?"""
        told = (self.use and USE not in self.assumed, self.used_on and DAY not in self.assumed)
        return not any((*told, self.time, self.url, self.duration_seconds, self.words, _FIGURE.search(self.place)))


class _Line:
    """A line of which parts are taken away; `folded` is the same letter by letter, so places agree."""

    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def folded(self) -> str:
        return "".join(folded if len(folded := fold(char)) == 1 else " " for char in self.text)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """The first match, which leaves the line."""
        found = pattern.search(self.folded)
        if found is not None:
            self.text = f"{self.text[: found.start()]} {self.text[found.end() :]}"
        return found


def find_title(text: str, titles: Mapping[str, str]) -> tuple[str, str]:
    """The one story whose title words the line begins with, by its key in `titles`, and the line without them.

    With marks or without; three words at least, or the whole title. Empty and the line itself where none is meant,
    or more than one could be: nothing is guessed.
    """
    line = " ".join(clean_text(text).split())[:MAX_LINE]
    said = line.split()
    spoken = _spoken(line)
    longest, found = 0, ""
    for key, title in titles.items():
        words = _spoken(title)
        count = max((_agreeing(spoken, words[start:]) for start in range(len(words))), default=0)
        if count == 0 or count < min(FEWEST_WORDS, len(words)) or count < longest:
            continue
        longest, found = count, "" if count == longest else key
    if not found:
        return "", line
    return found, " ".join(said[longest:]).strip(_EDGES)


def _spoken(text: str) -> list[tuple[str, bool]]:
    """The words of a text, folded, and whether a comma or the like ends each."""
    return [(fold(word).strip(_AROUND), word.endswith(_STOPS)) for word in text.split()]


def _agreeing(spoken: list[tuple[str, bool]], words: list[tuple[str, bool]]) -> int:
    """How many words are the same; a comma ends what is said of the title, unless the title has it, too."""
    count = 0
    for (one, stops), (other, goes_on) in zip(spoken, words, strict=False):
        if one != other or not one:
            break
        count += 1
        if stops and not goes_on:
            break
    return count


def parse(text: str, *, kind: str, today: date, planned: bool = False) -> Understood:
    """Read a line of an outlet of this kind (`newspaper`, `television` …); nothing of it is an error.

    `planned` reads days as days to come, and the use as planned unless the line says another.
    """
    line = _Line(" ".join(clean_text(text).split())[:MAX_LINE])
    assumed: set[str] = set()
    url = _take_address(line)
    whole = line.folded
    use = next((name for name, said in _SAID.items() if line.take(said)), "")
    length, count = line.take(_LENGTH), line.take(_COUNT)
    used_on = _take_day(line, today, is_ahead=planned or use == PLANNED, assumed=assumed)
    hour = line.take(_HOUR)
    if not use:
        use = PLANNED if planned else _use_of(whole, url, kind)
        assumed |= {USE} if use else set()
    if used_on is None and use in (PRINTED, AIRED, PUBLISHED):
        used_on = today
        assumed.add(DAY)
    return Understood(
        use=use,
        used_on=used_on,
        time=_time_of(hour),
        place=_left(line.text),
        url=url,
        duration_seconds=_seconds_of(length),
        words=int(re.sub(r"[.,]", "", count["number"])) if count else None,
        assumed=frozenset(assumed),
    )


def _take_address(line: _Line) -> str:
    """The first address; it is looked for as it was written, since its path tells capitals apart."""
    found = _ADDRESS.search(line.text)
    if found is None:
        return ""
    line.text = f"{line.text[: found.start()]} {line.text[found.end() :]}"
    return found[0].rstrip(".,;:!?)]}»’'")


def _use_of(whole: str, url: str, kind: str) -> str:
    """What a line means that does not say it: pages and issues, an address, programmes; else as outlets usually do."""
    if _WORDS_OF_PAPER.search(whole):
        return PRINTED
    if url:
        return PUBLISHED
    if _WORDS_OF_AIR.search(whole):
        return AIRED
    return OF_KIND.get(kind, "")


def _take_day(line: _Line, today: date, *, is_ahead: bool, assumed: set[str]) -> date | None:
    for pattern, days in _NEAR:
        if line.take(pattern):
            return today + timedelta(days=days)
    for pattern in (_ISO, _SPOKEN_DATE, _DATE):
        for found in pattern.finditer(line.folded):
            day = _day_of(found, today, is_ahead=is_ahead)
            if day is not None:
                line.text = f"{line.text[: found.start()]} {line.text[found.end() :]}"
                assumed |= set() if found["year"] else {YEAR}
                return day
    return None


def _day_of(found: re.Match[str], today: date, *, is_ahead: bool) -> date | None:
    """A day of the calendar; without a year the nearest one before or, of what is to come, after today."""
    day, month, year = int(found["day"]), int(found["month"]), found["year"]
    if year:
        return _date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    years = (today.year, today.year + 1, today.year + 2) if is_ahead else (today.year, today.year - 1, today.year - 2)
    fits: Callable[[date], bool] = (lambda at: at >= today) if is_ahead else (lambda at: at <= today)
    known = (_date(each, month, day) for each in years)
    return next((each for each in known if each is not None and fits(each)), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _time_of(found: re.Match[str] | None) -> str:
    if found is None:
        return ""
    return f"{int(found['hour']):02}:{int(found['minute'] or found['spoken'] or 0):02}"


def _seconds_of(found: re.Match[str] | None) -> int | None:
    if found is None:
        return None
    if found["quoted"]:
        return int(found["quoted"]) * 60 or None
    is_minutes = found["unit"].startswith(("phut", "min"))
    return int(found["number"]) * (60 if is_minutes else 1) or None


def _left(text: str) -> str:
    """What is left of a line, without the commas and spaces around what was taken out."""
    parts = [part.strip(_EDGES) for part in text.split(",")]
    return " ".join(", ".join(part for part in parts if part).split())[:300]
