"""A small page for the sites of organizations: they frame a list of the portal, which keeps itself up to date.

It reads what every list reads, so a correction or withdrawal shows there as soon as the frame loads again, which it
does by itself: by a script that lets those who are reading finish, and without scripts by its head. Only here may
another site put a page of ours into a frame.
"""

from __future__ import annotations

from html import escape

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from hub.errors import NotFound
from hub.http.language import asked_language
from hub.http.services import services
from hub.public.answers import cached, items_of, list_public, page, render
from hub.public.listing import catch_up, get_shelf, language_of, name_of
from hub.publishing import searching
from hub.publishing.listing import MOVEMENT, ORGANIZATION, PLACE, PROVINCE, TOPIC
from hub.publishing.shelves import EVERYTHING, Shelf

STORIES, MOST_STORIES = 5, 10
RELOAD_SECONDS = 600
THEMES = ("light", "dark")
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; font-src 'self'; script-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors *"
)
FOLDERS = {"topics": TOPIC, "organizations": ORGANIZATION, "movements": MOVEMENT}

bp = Blueprint("embedding", __name__, template_folder="templates")


@bp.get("/embed/", strict_slashes=False)
def explain() -> Response:
    """How to do it, with the lines to copy, of the list that `of` names."""
    catch_up()
    of = request.args.get("of", "")
    with services().database.reading() as session:
        shelf = _find(session, of)
        address = services().settings.address(f"/embed{shelf.path}?lang={asked_language()}")
        answer = page(
            session,
            "embedding.html",
            shelf=shelf,
            name=name_of(shelf),
            name_language=language_of(shelf),
            frame=address,
            lines=lines_to_copy(address, str(name_of(shelf))),
        )
    if of:
        answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@bp.get("/embed/<path:of>")
def frame(of: str) -> Response:
    catch_up()
    with services().database.reading() as session:
        shelf = _find(session, of)
        found = searching.list_newest(session, [shelf.filter], limit=_wanted())
        theme = request.args.get("theme", "")
        text = render(
            "embed.html",
            list_public(session),
            shelf=shelf,
            name=name_of(shelf),
            name_language=language_of(shelf),
            stories=items_of(session, found.rows),
            theme=theme if theme in THEMES else "",
            seconds=RELOAD_SECONDS,
        )
    answer = Response(text, content_type="text/html; charset=utf-8")
    answer.headers["Content-Language"] = asked_language()
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Robots-Tag"] = "noindex"
    return cached(answer, public=True)


def lines_to_copy(address: str, title: str) -> str:
    """The element for a foreign page, as plain text: what stands in it was typed by anybody, so it is escaped here.

    The template escapes it once more, for the page that shows it.
    """
    said = f'src="{escape(address)}" title="{escape(title)}"'
    return f'<iframe {said} width="100%" height="420" loading="lazy" frameborder="0"></iframe>'


def _wanted() -> int:
    said = request.args.get("stories", "")
    return min(max(int(said), 1), MOST_STORIES) if said.isascii() and said.isdigit() and len(said) < 4 else STORIES


def _find(session: Session, of: str) -> Shelf:
    """The list at a path: ``stories``, ``topics/CODE``, ``places/PROVINCE/COMMUNE`` … Raises NotFound."""
    folder, _, code = of.partition("/")
    if folder in ("", "stories") and not code:
        return EVERYTHING
    if folder == "places" and code:
        return get_shelf(session, PLACE if "/" in code else PROVINCE, code)
    if folder not in FOLDERS:
        raise NotFound(kind="list")
    return get_shelf(session, FOLDERS[folder], code)
