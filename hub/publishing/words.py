"""The words of the portal's listings, in the full-text index of whichever database it is.

SQLite: a virtual table (FTS5), ranked by bm25 with a weight for each column. PostgreSQL: two `tsvector` columns, one
folded and weighted, one of the words with their marks. Both get words that `feeds.query` has folded and parted, so
neither's own idea of words, cases and diacritics matters, and both find the same. The column `marked` only moves
those up that have the very words that were typed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, cast, column, delete, func, insert, literal_column, select, table
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.orm import Session
from sqlalchemy.types import Double

from feeds.query import Query, Term, folded_words, marked_words

TITLE, SUMMARY, BODY, REST = 8.0, 4.0, 1.0, 2.0  # what a word weighs in each; the FTS5 table was made with the same
MAX_LETTERS = 100_000  # of one text; PostgreSQL keeps at most 1 MB and 16,383 places of a text
FOLDED = "{title summary body rest}"
LABELS = (("title", "A"), ("summary", "B"), ("rest", "C"), ("body", "D"))
WEIGHTS = [BODY / TITLE, REST / TITLE, SUMMARY / TITLE, 1.0]  # of D, C, B, A

TIDIED_AT_ONCE = 500  # pages of the index: some hundredths of a second
CHANGED = 2  # rows, at least, where a merge did anything
_CHANGES = select(func.total_changes())

TEXTS = ("title", "summary", "body", "rest", "marked")
_SQLITE = table("search_words", column("rowid"), column("rank"), *map(column, TEXTS))
_POSTGRESQL = table("search_words", column("id"), column("folded"), column("marked"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What is searched of a story, as shown: plain text."""

    title: str
    summary: str
    body: str
    rest: str  # names, method, result, lesson, figures, captions


def put(session: Session, listing_id: int, texts: Texts) -> None:
    """Index these texts in place of what the listing had."""
    remove(session, [listing_id])
    said = {"title": texts.title, "summary": texts.summary, "body": texts.body, "rest": texts.rest}
    values = {name: folded_words(value[:MAX_LETTERS]) for name, value in said.items()}
    marked = marked_words("\n".join(value[:MAX_LETTERS] for value in said.values()))
    if _is_sqlite(session):
        session.execute(insert(_SQLITE).values(rowid=listing_id, marked=marked, **values))
        return
    folded: Any = None
    for name, label in LABELS:
        part = func.setweight(_tsvector(values[name]), literal_column(f"'{label}'::\"char\""), type_=TSVECTOR)
        folded = part if folded is None else folded.op("||")(part)
    session.execute(insert(_POSTGRESQL).values(id=listing_id, folded=folded, marked=_tsvector(marked)))


def remove(session: Session, listing_ids: Collection[int]) -> None:
    """Forget the words of these listings."""
    at, key = (_SQLITE, _SQLITE.c.rowid) if _is_sqlite(session) else (_POSTGRESQL, _POSTGRESQL.c.id)
    for listing_id in listing_ids:
        session.execute(delete(at).where(key == listing_id))


def tidy(session: Session, *, begin: bool) -> bool:
    """Rewrite some pages of the index without what was removed from it; says whether there is more to do.

    FTS5 notes that a word is gone, and keeps its bytes until it merges what it wrote then. `begin` takes all of it up
    (as its "optimize", but for some pages at a time: others wait to write meanwhile), then it is called until it
    says False. PostgreSQL's vacuum does it by itself. Source: SQLite, FTS5: its commands merge and
    optimize.
    """
    if not _is_sqlite(session):
        return False
    before = session.scalar(_CHANGES) or 0
    values = {"search_words": "merge", "rank": -TIDIED_AT_ONCE if begin else TIDIED_AT_ONCE}
    session.execute(insert(table("search_words", column("search_words"), column("rank"))).values(values))
    return (session.scalar(_CHANGES) or 0) - before >= CHANGED


def count(session: Session) -> int:
    """How many listings have words."""
    kept = "search_words_docsize" if _is_sqlite(session) else "search_words"  # FTS5 keeps one such row for each
    return session.scalar(select(func.count()).select_from(table(kept))) or 0


def matching(session: Session, query: Query) -> Select[Any]:
    """The listings that have these words: columns `id` and `badness`, the best match lowest; `query` has terms."""
    return _sqlite(query) if _is_sqlite(session) else _postgresql(query)


def fts5(query: Query) -> str:
    """The query as FTS5 reads it. Every word stands in quotes, so nothing that was typed is an operator."""
    asked = " AND ".join(f"({_fts5_term(term)})" for term in query.terms)
    without = "".join(f" NOT {FOLDED} : {_quoted(term.words)}" for term in query.without)
    return f"({asked}){without}"


def tsquery(query: Query) -> str:
    """The query as PostgreSQL's to_tsquery reads it."""
    asked = " & ".join(_tsquery_term(term) for term in query.terms)
    return asked + "".join(f" & !({' <-> '.join(map(_lexeme, term.words))})" for term in query.without)


def _sqlite(query: Query) -> Select[Any]:
    match = literal_column("search_words").op("MATCH")(fts5(query))
    return select(_SQLITE.c.rowid.label("id"), cast(_SQLITE.c.rank, Double).label("badness")).where(match)


def _postgresql(query: Query) -> Select[Any]:
    found = _POSTGRESQL
    asked = func.to_tsquery("simple", tsquery(query), type_=TSQUERY)
    weights: Any = literal_column("'{" + ",".join(map(str, WEIGHTS)) + "}'::float4[]")
    good: Any = cast(func.ts_rank(weights, found.c.folded, asked, 1), Double)
    for term in query.terms:
        if term.marked:
            very = func.to_tsquery("simple", " <-> ".join(map(_lexeme, term.marked)), type_=TSQUERY)
            good = good + case((found.c.marked.op("@@")(very), 10.0), else_=0.0)
    return select(found.c.id, (-good).label("badness")).where(found.c.folded.op("@@")(asked))


def _fts5_term(term: Term) -> str:
    """The term in any column that shows; the whole word and the word with its marks add to its rank."""
    ways = [f"{FOLDED} : {_quoted(term.words)}"]
    if term.prefix:
        ways.append(f"{FOLDED} : {_quoted(term.words)} *")
    if term.marked:
        ways.append(f"marked : {_quoted(term.marked)}")
    return " OR ".join(ways)


def _quoted(words: Collection[str]) -> str:
    return '"' + " ".join(words).replace('"', "") + '"'


def _tsquery_term(term: Term) -> str:
    *first, last = (_lexeme(word) for word in term.words)
    if term.prefix:
        last = f"({last} | {last}:*)"
    return "(" + " <-> ".join([*first, last]) + ")"


def _lexeme(word: str) -> str:
    return "'" + word.replace("'", "").replace("\\", "") + "'"


def _tsvector(told: str) -> Any:
    return func.to_tsvector(literal_column("'simple'"), told, type_=TSVECTOR)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
