"""The portal's lists: all stories, and those of a topic, an organization, a place or a movement; and what there is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, redirect, request
from flask_babel import gettext
from sqlalchemy.orm import Session

import schemas
from hub.clock import local_day
from hub.errors import NotFound
from hub.http.language import asked_language
from hub.http.services import services
from hub.http.wording import label, link
from hub.public.answers import items_of, page
from hub.publishing import listing, searching, shelves
from hub.publishing.listing import MOVEMENT, ORGANIZATION, PLACE, PROVINCE, TOPIC
from hub.publishing.shelves import EVERYTHING, VOCABULARIES, Shelf

PAGE_STORIES = 18  # rows of two or three
PAGE_CODES = 200
COMMUNES = 40  # of a province, in the index; its own page has them all
PARAMETERS = {PROVINCE: "place"}  # what a dimension is called in the address of a search, if not by its own name

bp = Blueprint("listing", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A line of an index: what a list is called, and where it stands."""

    name: str
    path: str
    language: str = ""  # of the name; "" for that of the page
    below: tuple[Leaf, ...] = ()  # lists within it
    stories: int | None = None  # that stand in it, where they were counted; searching.COUNTED or more


@bp.get("/stories", strict_slashes=False)
def list_stories() -> Response:
    return _list(EVERYTHING)


@bp.get("/topics/<code>")
def list_topic(code: str) -> Response:
    return _find_and_list(TOPIC, code)


@bp.get("/organizations/<code>")
def list_organization(code: str) -> Response:
    return _find_and_list(ORGANIZATION, code)


@bp.get("/places/<province>")
def list_province(province: str) -> Response:
    return _find_and_list(PROVINCE, province)


@bp.get("/places/<province>/<commune>")
def list_place(province: str, commune: str) -> Response:
    return _find_and_list(PLACE, f"{province}/{commune}")


@bp.get("/movements/<code>")
def list_movement(code: str) -> Response:
    return _find_and_list(MOVEMENT, code)


@bp.get("/topics/", strict_slashes=False)
def list_topics() -> Response:
    catch_up()
    with services().database.reading() as session:
        leaves = list_topic_leaves(session)
        codes = [leaf.path.removeprefix("/topics/") for leaf in leaves]
        return _index(session, TOPIC, _counted(session, TOPIC, leaves, codes))


@bp.get("/organizations/", strict_slashes=False)
def list_organizations() -> Response:
    catch_up()
    with services().database.reading() as session:
        codes = searching.list_codes(session, ORGANIZATION, after=request.args.get("after", ""), limit=PAGE_CODES)
        names = shelves.list_names(session, [row.code for row in codes.rows])
        leaves = [Leaf(names[row.code], f"/organizations/{row.code}", "vi") for row in codes.rows if row.code in names]
        return _index(session, ORGANIZATION, leaves, more=codes.next)


@bp.get("/places/", strict_slashes=False)
def list_places() -> Response:
    """The provinces, each with its communes: whoever looks for a place knows the commune that a card names."""
    catch_up()
    with services().database.reading() as session:
        codes = searching.list_codes(session, PROVINCE, after=request.args.get("after", ""), limit=PAGE_CODES)
        leaves = [
            Leaf(row.label, f"/places/{row.code}", "vi", tuple(_communes(session, row.code, limit=COMMUNES)))
            for row in codes.rows
        ]
        leaves = _counted(session, PROVINCE, leaves, [row.code for row in codes.rows])
        return _index(session, PROVINCE, leaves, more=codes.next)


@bp.get("/movements/", strict_slashes=False)
def list_movements() -> Response:
    catch_up()
    with services().database.reading() as session:
        codes = searching.list_codes(session, MOVEMENT, after=request.args.get("after", ""), limit=PAGE_CODES)
        leaves = [Leaf(row.label, f"/movements/{row.code}", "vi") for row in codes.rows]
        leaves = _counted(session, MOVEMENT, leaves, [row.code for row in codes.rows])
        return _index(session, MOVEMENT, leaves, more=codes.next)


def list_topic_leaves(session: Session) -> list[Leaf]:
    """The topics that have stories, in the order of the vocabulary."""
    used = {row.code for row in searching.list_codes(session, TOPIC, limit=PAGE_CODES).rows}
    codes = [item.code for item in schemas.vocabulary("topics") if item.code in used]
    return [Leaf(label("topics", code), f"/topics/{code}") for code in codes]


def catch_up() -> None:
    """Let waiting listings be made, where the worker has not yet."""
    listing.catch_up_if_free(services().database, services().settings.address)


def get_shelf(session: Session, dimension: str, code: str) -> Shelf:
    """The list of a code. Raises NotFound."""
    found = shelves.find(session, dimension, code, on=local_day(services().clock.now()))
    if found is None:
        raise NotFound(kind="list")
    return found


def name_of(shelf: Shelf) -> str:
    """What a list is called, in the language of the page where it is a code's."""
    if shelf is EVERYTHING:
        return str(gettext("All stories"))
    if shelf.dimension in VOCABULARIES:
        return label(VOCABULARIES[shelf.dimension], shelf.code)
    return shelf.name


def language_of(shelf: Shelf) -> str:
    """The language of that name."""
    return asked_language() if shelf is EVERYTHING or shelf.dimension in VOCABULARIES else "vi"


def found_path(door: str, shelf: Shelf) -> str:
    """The address of a search, or its feed, that is narrowed to a list."""
    if shelf is EVERYTHING:
        return door
    return f"{door}?{urlencode({PARAMETERS.get(shelf.dimension, shelf.dimension): shelf.code})}"


def _find_and_list(dimension: str, code: str) -> Response:
    catch_up()
    with services().database.reading() as session:
        shelf = get_shelf(session, dimension, code)
    if shelf.code != code:  # an organization that has merged
        return redirect(services().settings.address(link(quote(shelf.path))), HTTPStatus.MOVED_PERMANENTLY)  # type: ignore[return-value]
    return _list(shelf)


def _list(shelf: Shelf) -> Response:
    after = request.args.get("after", "")
    if shelf is EVERYTHING:
        catch_up()
    with services().database.reading() as session:
        found = searching.list_newest(session, [shelf.filter], after=after, limit=PAGE_STORIES)
        return page(
            session,
            "list.html",
            shelf=shelf,
            name=name_of(shelf),
            name_language=language_of(shelf),
            stories=items_of(session, found.rows),
            next=found.next,
            is_first=not after,
            below=_below(session, shelf),
            feed=services().settings.address(found_path("/search.rss", shelf)),
            search=found_path("/search", shelf),
        )


def _below(session: Session, shelf: Shelf) -> list[Leaf]:
    """The communes of a province, on its own page."""
    return _communes(session, shelf.code, limit=PAGE_CODES) if shelf.dimension == PROVINCE else []


def _communes(session: Session, province: str, *, limit: int) -> list[Leaf]:
    codes = searching.list_codes(session, PLACE, within=f"{province}/", limit=limit)
    leaves = [Leaf(row.label, f"/places/{row.code}", "vi") for row in codes.rows]
    return _counted(session, PLACE, leaves, [row.code for row in codes.rows])


def _counted(session: Session, dimension: str, leaves: list[Leaf], codes: list[str]) -> list[Leaf]:
    """The lines of these codes, each with how many stories stand there."""
    counts = searching.count_stories(session, dimension, codes)
    return [replace(leaf, stories=counts.get(code, 0)) for leaf, code in zip(leaves, codes, strict=True)]


def _index(session: Session, dimension: str, leaves: list[Leaf], *, more: str = "") -> Response:
    folder = shelves.FOLDERS[dimension]
    return page(
        session, "index.html", dimension=dimension, folder=folder, leaves=leaves, next=more, most=searching.COUNTED
    )
