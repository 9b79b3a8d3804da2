"""Search: what a reader types and narrows, the stories that answer, and the same as a feed to subscribe to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from flask_babel import gettext
from sqlalchemy.orm import Session

import schemas
from feeds import query as queries
from feeds.document import Entry as FeedEntry
from feeds.prose import text_of_html
from feeds.query import Piece, Query
from hub.clock import local_day
from hub.http.language import asked_language
from hub.http.services import services
from hub.http.wording import label
from hub.public.answers import cached, items_of, list_public, page
from hub.public.listing import catch_up, list_topic_leaves, name_of
from hub.publishing import found_feed, searching, shelves
from hub.publishing.listing import KIND, MOVEMENT, ORGANIZATION, PLACE, PROVINCE, TOPIC, YEAR
from hub.publishing.searching import Filter, Found
from hub.publishing.shelves import EVERYTHING, Shelf

PAGE_RESULTS = 20
FEED_ENTRIES = 20
MAX_CHOICES = 300  # of a filter
MAX_CODE = 200
SNIPPET = 260  # characters
FILTERS = ("topic", "kind", "place", "organization", "movement", "year")

bp = Blueprint("searching", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as its address says it."""

    query: Query
    chosen: dict[str, str]  # filters by name, as they stand in the address
    narrowed: tuple[tuple[str, Shelf | None], ...]  # each of them; None: nothing that shows stands there

    @property
    def filters(self) -> list[Filter]:
        """What the lists are narrowed by; a code that is nowhere narrows to nothing."""
        return [shelf.filter if shelf else Filter(name, ()) for name, shelf in self.narrowed]

    def path(self, door: str) -> str:
        """The address of this search at a door."""
        said = {"q": self.query.typed, **self.chosen}
        told = urlencode({name: value for name, value in said.items() if value})
        return f"{door}?{told}" if told else door


@dataclass(frozen=True, slots=True)
class Result:
    """A story that answers: its title and a piece of its text, in pieces of which some are hits."""

    story: FeedEntry
    title: tuple[Piece, ...]
    snippet: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter of the form: its choices, by what stands in the address."""

    name: str
    title: str
    options: Sequence[tuple[str, str]]  # code, name
    chosen: str
    language: str = ""


@bp.get("/search")
def search() -> Response:
    catch_up()
    with services().database.reading() as session:
        asked = _asked(session)
        found = _find(session, asked, after=request.args.get("after", ""))
        results = [_result(asked.query, item) for item in items_of(session, found.rows) if isinstance(item, FeedEntry)]
        answer = page(
            session,
            "search.html",
            asked_for=asked,
            results=results,
            next=found.next,
            choices=_choices(session, asked),
            chips=[(name, name_of(shelf) if shelf else asked.chosen[name]) for name, shelf in asked.narrowed],
            feed=services().settings.address(asked.path("/search.rss")),
            suggestions=list_topic_leaves(session) if not results else [],
        )
    answer.headers["X-Robots-Tag"] = "noindex, follow"
    return answer


@bp.get("/search.rss")
def search_feed() -> Response:
    """The newest FEED_ENTRIES stories that answer; a limit of its own holds, see `hub.http.limits`."""
    catch_up()
    parts = services()
    with parts.database.reading() as session:
        asked = _asked(session)
        found = searching.list_newest(
            session, [*asked.filters, EVERYTHING.filter], asked.query or None, limit=FEED_ENTRIES
        )
        channels = list_public(session)
        site = channels[0].outlet if channels else gettext("Stories worth following")
        body = found_feed.render(
            session,
            found.rows,
            parts.settings.address,
            title=f"{_title(asked)} – {site}",
            subtitle=gettext("The newest stories that answer this search."),
            language=asked_language(),
            publisher=site,
            self_path=asked.path("/search.rss"),
            home_path=asked.path("/search"),
            begun=max((channel.updated for channel in channels), default=parts.clock.now().replace(microsecond=0)),
        )
    answer = Response(body, content_type=found_feed.MEDIA_TYPE)
    answer.headers["X-Robots-Tag"] = "noindex"
    return cached(answer, public=True)


def _asked(session: Session) -> Asked:
    said = {name: request.args.get(name, "").strip()[:MAX_CODE] for name in FILTERS}
    chosen = {name: code for name, code in said.items() if code}
    on = local_day(services().clock.now())
    narrowed = tuple(
        (name, shelves.find(session, _dimension(name, code), code, on=on)) for name, code in chosen.items()
    )
    return Asked(queries.parse(request.args.get("q", "")), chosen, narrowed)


def _dimension(name: str, code: str) -> str:
    """What a filter of the address narrows: a place is a commune of a province, or all of it."""
    if name == "place":
        return PLACE if "/" in code else PROVINCE
    return {"topic": TOPIC, "kind": KIND, "organization": ORGANIZATION, "movement": MOVEMENT, "year": YEAR}[name]


def _find(session: Session, asked: Asked, *, after: str) -> Found:
    if asked.query:
        return searching.search(session, asked.query, asked.filters, after=after, limit=PAGE_RESULTS)
    if asked.query.typed:  # of which no word is left to look for
        return Found([])
    if asked.chosen:
        return searching.list_newest(session, asked.filters, after=after, limit=PAGE_RESULTS)
    return Found([])


def _title(asked: Asked) -> str:
    names = [f"“{asked.query.typed}”"] if asked.query.typed else []
    names += [name_of(shelf) for _, shelf in asked.narrowed if shelf]
    return ", ".join(names) or name_of(EVERYTHING)


def _result(query: Query, story: FeedEntry) -> Result:
    """The story with its hits: those of the first text that has any, else the beginning of its summary."""
    told = story.story
    texts = [story.summary, told.standfirst, text_of_html(story.content), told.deed, told.method, told.result]
    texts += [told.lesson, ", ".join(filter(None, _names(story)))]
    cuts = (queries.cut(query, text, length=SNIPPET) for text in texts if text)
    snippet = next((cut for cut in cuts if any(piece.hit for piece in cut)), None)
    if snippet is None:
        snippet = queries.cut(query, story.summary, length=SNIPPET)
    return Result(story, queries.pieces(query, story.title), snippet)


def _names(story: FeedEntry) -> list[str]:
    told = story.story
    names = [told.subject.name, told.subject.role, told.subject.unit] if told.subject else []
    names += [told.unit.name] if told.unit else []
    names += [told.place.commune, told.place.province] if told.place else []
    names += [told.movement, *(author.name for author in story.authors)]
    return names + [picture.caption for picture in story.pictures]


def _choices(session: Session, asked: Asked) -> list[Choice]:
    def codes(dimension: str) -> list[tuple[str, str]]:
        rows = searching.list_codes(session, dimension, limit=MAX_CHOICES).rows
        return [(row.code, row.label) for row in rows]

    def vocabulary(name: str) -> list[tuple[str, str]]:
        return [(item.code, label(name, item.code)) for item in schemas.vocabulary(name)]

    provinces, communes = codes(PROVINCE), codes(PLACE)
    places: list[tuple[str, str]] = []
    for province, name in provinces:
        below = [(code, f"{commune}, {name}") for code, commune in communes if code.startswith(f"{province}/")]
        places += [(province, name), *below]
    names = shelves.list_names(session, [code for code, _ in codes(ORGANIZATION)])
    by_name = sorted(names.items(), key=_by_name)
    years = sorted((code for code, _ in codes(YEAR)), reverse=True)
    chosen = asked.chosen
    found = [
        Choice("topic", gettext("Topic"), vocabulary("topics"), chosen.get("topic", "")),
        Choice("kind", gettext("Kinds of story"), vocabulary("kinds"), chosen.get("kind", "")),
        Choice("place", gettext("Place"), places, chosen.get("place", ""), "vi"),
        Choice("organization", gettext("Organization"), by_name, chosen.get("organization", ""), "vi"),
        Choice("movement", gettext("Movement"), codes(MOVEMENT), chosen.get("movement", ""), "vi"),
        Choice("year", gettext("Year"), [(year, year) for year in years], chosen.get("year", "")),
    ]
    return [choice for choice in found if choice.options or choice.chosen]


def _by_name(option: tuple[str, str]) -> str:
    return queries.folded_words(option[1])
