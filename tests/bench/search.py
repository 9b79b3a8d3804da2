"""Does a search of the portal cost little more than the database's bare full-text query for the same words?

Beside the query itself ours ranks the very words before folded ones, leaves out what may not be shown, and loads the
stories of a page. The bare query asks the index for the folded words, ranked, and gets as many ids.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

from sqlalchemy import insert, text

from feeds import query as queries
from hub.models import Listing, ListingMark
from hub.publishing import searching, words
from hub.publishing.words import Texts
from tests.bench.measuring import Line, side_by_side
from tests.bench.worlds import LONG_AGO as AT
from tests.bench.worlds import Hub, a_hub, clock_of_work, fill_ledger, on_postgres, story_id_of

WANTED = 3.0  # times
ROUNDS = 7
STORIES, QUICK_STORIES = 200_000, 300
PAGE = 20
WORDS = 80  # of a body
CHUNK = 5_000
ONSETS = (
    "",
    "b",
    "c",
    "ch",
    "d",
    "đ",
    "g",
    "gi",
    "h",
    "k",
    "kh",
    "l",
    "m",
    "n",
    "ng",
    "nh",
    "ph",
    "qu",
    "s",
    "t",
    "th",
    "tr",
    "v",
    "x",
)
RIMES = (
    "a",
    "à",
    "á",
    "ạ",
    "an",
    "àn",
    "ang",
    "áng",
    "anh",
    "ao",
    "âm",
    "ân",
    "ăn",
    "ê",
    "ên",
    "iê",
    "iên",
    "iếng",
    "inh",
    "o",
    "ò",
    "oa",
    "òa",
    "óa",
    "ô",
    "ồng",
    "ơ",
    "ơi",
    "u",
    "ưng",
    "ươi",
    "ường",
)
ASKED: dict[str, Callable[[list[str]], str]] = {  # what is typed: the ranks of its syllables, from the most common on
    "a rare word": lambda s: s[700],
    "a common word": lambda s: s[40],
    "two words": lambda s: f"{s[30]} {s[90]}",
    "three words without diacritics": lambda s: queries.folded_words(f"{s[20]} {s[60]} {s[120]}"),
    "a phrase": lambda s: f'"{s[5]} {s[9]}"',
}


def measure(*, quick: bool) -> list[Line]:
    count = QUICK_STORIES if quick else STORIES
    with a_hub() as hub:
        syllables = fill(hub, count)
        return [_line(hub, name, make(syllables), count, rounds=1 if quick else ROUNDS) for name, make in ASKED.items()]


def fill(hub: Hub, count: int) -> list[str]:
    """Give the portal so many listed stories of words of their own; returns the words, the most common first."""
    fill_ledger(hub, "public/all", count)
    chance = random.Random(8)
    syllables = [onset + rime for onset in ONSETS for rime in RIMES]
    chance.shuffle(syllables)
    weights = list(accumulate(1 / (rank + 10) for rank in range(len(syllables))))

    def some(size: int) -> str:
        return " ".join(chance.choices(syllables, cum_weights=weights, k=size))

    for first in range(1, count + 1, CHUNK):
        numbers = range(first, min(first + CHUNK, count + 1))
        with hub.database.writing() as session:
            listed = [
                {"id": n, "story_id": story_id_of(n), "entry_id": n, "revision": 1, "waiting": False} for n in numbers
            ]
            session.execute(insert(Listing), listed)
            session.execute(insert(ListingMark), [mark for n in numbers for mark in _marks(n)])
            for n in numbers:
                words.put(session, n, Texts(title=some(9), summary=some(25), body=some(WORDS), rest=some(20)))
    if on_postgres():
        with hub.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    return syllables


def _marks(number: int) -> list[dict[str, Any]]:
    said = {"all": "", "topic": f"t{number % 30}", "place": f"p/{number % 400}"}
    return [
        {"listing_id": number, "dimension": name, "code": code, "label": code, "published": AT}
        for name, code in said.items()
    ]


def _line(hub: Hub, name: str, typed: str, count: int, *, rounds: int) -> Line:
    query = queries.parse(typed)
    bare = text(
        "SELECT rowid FROM search_words WHERE search_words MATCH :asked ORDER BY rank LIMIT :limit"
        if not on_postgres()
        else "SELECT id FROM search_words, to_tsquery('simple', :asked) AS asked WHERE folded @@ asked"
        " ORDER BY ts_rank(folded, asked) DESC LIMIT :limit"
    )
    folded = [" ".join(term.words) for term in query.terms]
    asked = " AND ".join(f'"{said}"' for said in folded)
    if on_postgres():
        asked = " & ".join(f"({said.replace(' ', ' <-> ')})" for said in folded)

    def ask_bare() -> Sequence[Any]:
        with hub.database.reading() as session:
            return session.execute(bare, {"asked": asked, "limit": PAGE + 1}).all()

    times = side_by_side(_ours(hub, typed), ask_bare, rounds=rounds, clock=clock_of_work())
    return Line(
        measure=f"search for {name}, {count:,} stories",
        ours=times[0],
        beside="bare full-text query",
        theirs=times[1],
        limit=WANTED,
    )


def _ours(hub: Hub, typed: str) -> Callable[[], object]:
    def search() -> None:
        with hub.database.reading() as session:
            searching.search(session, queries.parse(typed), limit=PAGE)

    return search
