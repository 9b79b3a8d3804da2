"""The queue: what waits for the desk by the deadline of its clause, and every story by filter and search."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from sqlalchemy.orm import Session

import schemas
from hub.actors import Actor
from hub.http.language import asked_language
from hub.http.services import services
from hub.http.wording import local
from hub.models import Story, Version
from hub.outlets import catalog
from hub.records.disclosures import reveal
from hub.regulation import desk_queue, likening, presence, reading
from hub.regulation.desk_queue import Filter, Line
from hub.regulation.edition import editions
from hub.regulation.workflow import PASSED, State
from hub.web.editor import narrowing
from hub.web.editor.desk import actor, part, show

PAGE = 30
WAITING, ALL = "waiting", "all"
STATES = [state.value for state in State if state not in PASSED and state is not State.DRAFT]
URGENCIES = range(1, 10)

bp = part(__name__, "queue")


@bp.get("/")
def show_queue() -> Response:
    asker, now = actor(), services().clock.now()
    tab = _tab()
    listed = desk_queue.list_waiting if tab == WAITING else desk_queue.list_all
    with services().database.reading() as session:
        narrowed = narrowing.read(session, asker=asker, now=now)
        wanted = _wanted(narrowed.code)
        found = listed(session, wanted, asker=asker, after=request.args.get("after", ""), limit=PAGE, now=now)
        stories = [line.story for line in found.lines]
        checked = likening.standings(session, stories, asker=asker, now=now) if stories else {}
        looking = presence.list_looking(session, [story.id for story in stories], but=asker, now=now)
        titles = titles_of(session, ((line.story, line.version) for line in found.lines), asker)
        choices = _choices(session)
        waiting = desk_queue.count_waiting(session, asker=asker, now=now)
        clauses = editions.titles_of(session, {line.clause for line in found.lines if line.clause})
    return show(
        "queue.html",
        lines=[_line(line, titles[line.story.id]) for line in found.lines],
        checked=checked,
        looking=looking,
        clauses=clauses,
        tab=tab,
        wanted=wanted,
        narrowed=narrowed,
        waiting=waiting,
        following=_address(tab, after=found.following) if found.following else "",
        addresses={name: _address(name) for name in (WAITING, ALL)},
        **choices,
    )


def titles_of(session: Session, rows: Iterable[tuple[Story, Version]], asker: Actor) -> dict[str, str]:
    """What lists call these stories, by their ids; one whose words are closed to the asker is called nothing."""
    newest = {story.id: (story, version) for story, version in rows}
    stories = [story for story, _ in newest.values()]
    closed = reading.list_closed(session, stories, asker=asker, now=services().clock.now())
    return {
        story.id: "" if story.id in closed else str(_content(version).get("title", ""))
        for story, version in newest.values()
    }


def _line(line: Line, title: str) -> dict[str, Any]:
    said = _content(line.version)
    return {"line": line, "title": title, "kind": said.get("kind", ""), "language": said.get("language", "vi")}


def _content(version: Version) -> dict[str, Any]:
    try:
        return reveal(version.disclosures)
    except (ValueError, TypeError):  # `hub verify` names it
        return {}


def _tab() -> str:
    """Whoever asks for a state or for words of a story means all of them, unless they say otherwise."""
    said = request.args.get("show")
    if said in (WAITING, ALL):
        return said
    return ALL if any(request.args.get(name) for name in ("q", "state", "holder")) else WAITING


def _wanted(organization: str) -> Filter:
    """The filter as it was asked for, with the organization's code; what is no code of ours narrows nothing."""

    def code(name: str, known: Any) -> str:
        said = request.args.get(name, "")
        return said if said in known else ""

    urgency = request.args.get("urgency", "")
    return Filter(
        typed=request.args.get("q", "").strip()[:200],
        state=code("state", STATES),
        topic=code("topic", schemas.vocabulary("topics").codes),
        organization=organization,
        kind=code("kind", schemas.vocabulary("kinds").codes),
        channel=request.args.get("channel", "")[:130],
        urgency=int(urgency) if urgency in map(str, URGENCIES) else None,
        holder=code("holder", desk_queue.HOLDERS),
    )


def _choices(session: Session) -> dict[str, Any]:
    language = asked_language()
    return {
        "states": STATES,
        "topics": [(item.code, item.label(language)) for item in schemas.vocabulary("topics")],
        "kinds": [(item.code, item.label(language)) for item in schemas.vocabulary("kinds")],
        "channels": [
            (catalog.address_of(row), f"{row.title} – {row.outlet.name}") for row in catalog.list_open(session)
        ],
        "urgencies": URGENCIES,
    }


def _address(tab: str, *, after: str = "") -> str:
    """This list under another tab, or further on."""
    asked = {name: said for name, said in request.args.items() if said and name not in ("after", "show")}
    asked |= {"show": tab} | ({"after": after} if after else {})
    return local(f"/desk/editor/?{urlencode(asked)}")
