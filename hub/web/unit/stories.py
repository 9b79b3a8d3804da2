"""Our stories: what the unit has sent and is writing, where each is, and the way to what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Response, request
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from hub.actors import Actor, Role
from hub.http.services import services
from hub.http.wording import local
from hub.intake import form_drafts
from hub.models import FormDraft, Story, Version
from hub.records import contacts
from hub.records.disclosures import reveal
from hub.regulation import acts, reading, returned, whereabouts
from hub.regulation.workflow import ENDED, State
from hub.web import visitors
from hub.web.desks import UNIT, go_on, page
from hub.web.unit import bp

PAGE = 20
DRAFTS = 5  # on the first page of all, of each kind
STORY = "st_"  # how the ids of stories begin
LAST_STORY = STORY + "z"  # after every id
FOLDERS: Mapping[str, tuple[Any, frozenset[State]]] = {
    "all": (_("All"), frozenset(State) - {State.DRAFT}),
    "writing": (_("Drafts"), frozenset({State.DRAFT})),
    "mend": (_("For us to do"), whereabouts.SENT_BACK - {State.DRAFT}),
    "waiting": (_("On the way"), whereabouts.EDITED | {State.CONFIRMING}),
    "out": (_("Released"), frozenset({State.RELEASED})),
    "ended": (_("Ended"), ENDED),
}


@bp.get("/", strict_slashes=False)
def list_stories() -> Response:
    actor = visitors.require(Role.CONTRIBUTOR, Role.CONFIRMER)
    folder = request.args.get("folder", "all")
    states = FOLDERS.get(folder, FOLDERS["all"])[1]
    before = request.args.get("before")
    parts, now = services(), services().clock.now()
    if folder == "writing" and not (before or "").startswith(STORY):
        return _list_drafts(actor, before)
    with parts.database.reading() as session:
        rows = reading.list_stories(
            session, asker=actor, state=None, states=states, before=before, limit=PAGE + 1, now=now
        )
        shown = rows[:PAGE]
        stories = [story for story, _ in shown]
        places = whereabouts.find_all(session, stories, now=now)
        closed = reading.list_closed(session, stories, asker=actor, now=now)
        mending = form_drafts.of_stories(session, [story.id for story in stories], actor=actor, now=now)
        returns = returned.find_returns(session, stories)
        begun = before is None and folder == "all"
        drafts = form_drafts.list_page(session, actor=actor, limit=DRAFTS, now=now) if begun else []
        unsent = _list_unsent(session, actor, None, DRAFTS, now=now) if begun else []
    following = f"/desk/unit/?folder={folder}&before={shown[-1][0].id}" if len(rows) > PAGE else ""
    return page(
        "unit/stories.html",
        desk=UNIT,
        lines=[
            (story, "" if story.id in closed else title_of(version), places[story.id], returns.get(story.id))
            for story, version in shown
        ],
        mending=mending,
        drafts=_titled(drafts),
        unsent=unsent,
        folders=[(code, title) for code, (title, _states) in FOLDERS.items()],
        folder=folder,
        folder_title=FOLDERS.get(folder, FOLDERS["all"])[0],
        following=local(following) if following else "",
        now=now,
        writes=Role.CONTRIBUTOR in actor.roles,
    )


def _list_drafts(actor: Actor, before: str | None) -> Response:
    """What the unit is writing: drafts of the form, and behind them what a table or a program left unsent."""
    parts, now = services(), services().clock.now()
    with parts.database.reading() as session:
        rows = form_drafts.list_page(session, actor=actor, before=before, limit=PAGE + 1, now=now)
        room = max(0, PAGE - len(rows))
        unsent = _list_unsent(session, actor, None, room + 1, now=now) if len(rows) <= PAGE else []
    following = ""
    if len(rows) > PAGE:
        following = f"?folder=writing&before={rows[PAGE - 1].id}"
    elif len(unsent) > room:
        following = f"?folder=writing&before={unsent[room - 1][0].id if room else LAST_STORY}"
    return page(
        "unit/stories.html",
        desk=UNIT,
        lines=[],
        mending={},
        drafts=_titled(rows[:PAGE]),
        unsent=unsent[:room],
        folders=[(code, title) for code, (title, _states) in FOLDERS.items()],
        folder="writing",
        following=following,
        now=now,
        writes=Role.CONTRIBUTOR in actor.roles,
    )


def _list_unsent(
    session: Session, actor: Actor, before: str | None, limit: int, *, now: datetime
) -> list[tuple[Story, str]]:
    """Stories that came as drafts and that nobody has sent yet, with their titles."""
    rows = reading.list_stories(
        session, asker=actor, state=None, states=frozenset({State.DRAFT}), before=before, limit=limit, now=now
    )
    return [(story, title_of(version)) for story, version in rows]


def _titled(drafts: Sequence[FormDraft]) -> list[tuple[FormDraft, str]]:
    return [(draft, form_drafts.title_of(draft.document)) for draft in drafts]


@bp.post("/stories/<story_id>/edit")
def edit_story(story_id: str) -> AnyResponse:
    """Go on with a story in the form: with the draft that somebody began, or with what it says now."""
    actor = visitors.require(Role.CONTRIBUTOR)
    parts, now = services(), services().clock.now()
    with parts.database.reading() as session:
        story = reading.get_story(session, story_id, asker=actor, now=now)
        view = reading.open_view(session, story, asker=actor, now=now)
        version = reading.get_version(session, story.id, story.latest)
    content = view.prune(reveal(version.disclosures))
    content = contacts.read(parts.database, content, story_id=story.id, reader=actor.mark, now=now)
    with parts.database.writing() as session:
        locked = acts.get_locked(session, story.id)
        draft = form_drafts.go_on_with(session, locked, content, base_version=version.number, actor=actor, now=now)
        asked = returned.find_return(session, locked)
    step = "check" if asked is not None else "text"
    return go_on(f"/desk/unit/drafts/{draft.id}/{step}")


def title_of(version: Version) -> str:
    """A version's title; empty where an erasure has left none."""
    try:
        return str(reveal(version.disclosures).get("title", ""))
    except (ValueError, TypeError):
        return ""


def is_own(story: Story, actor: Actor) -> bool:
    """Does the actor write for the very organization that sent it?"""
    return Role.CONTRIBUTOR in actor.roles and story.organization_id == actor.organization_id
