"""Two stories that seem to tell one deed, side by side: they are two, or one becomes a part of the other."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from hub.accounts import rights
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.http.services import services
from hub.intake.html import visible_text
from hub.models import Story
from hub.records import contacts
from hub.records.disclosures import Content, reveal
from hub.regulation import desk_queue, likening, reading, workflow
from hub.regulation.workflow import ActKind, State
from hub.web.desks import go_on
from hub.web.editor import orders, review
from hub.web.editor.acting import at_once
from hub.web.editor.desk import actor, editor, part, show

COMPARED = ("title", "summary", "subject", "unit", "place", "occurred_from", "deed", "method", "result", "metrics")

bp = part(__name__, "likes")


@bp.get("/stories/<story_id>/like/<other_id>")
def compare(story_id: str, other_id: str) -> Response:
    asker, now = actor(), services().clock.now()
    with services().database.reading() as session:
        story = desk_queue.get_story(session, story_id, asker=asker, now=now)
        found = likening.get_likeness(session, story, other_id, asker=asker, now=now)
        roles = rights.roles_over(session, asker, story.organization_id, on=local_day(now))
        one, other = _content(session, story, asker), _content(session, found.story, asker)
        facts: dict[str, Any] = {
            "seen": review.seen_of(session, story),
            "may_act": Role.EDITOR in roles,
            "may_join": ActKind.JOIN in workflow.open_acts(State(story.state), roles),
        }
    rows = [(name, one.get(name), other.get(name)) for name in COMPARED if name in one or name in other]
    bodies = [visible_text(each.get("body", {}).get("html", "")) for each in (one, other)]
    return show("like.html", story=story, found=found, rows=rows, bodies=bodies, one=one, other=other, **facts)


@bp.post("/stories/<story_id>/like/<other_id>/dismiss")
def dismiss(story_id: str, other_id: str) -> AnyResponse:
    asker, parts = editor(), services()
    now = parts.clock.now()
    with parts.database.writing() as session:
        story = desk_queue.get_story(session, story_id, asker=asker, now=now)
        likening.check_may_compare(session, asker, story, now=now)
        found = likening.get_likeness(session, story, other_id, asker=asker, now=now)
        if not (found.likeness.decision == "dismissed" and found.likeness.decided_by_id == asker.id):  # sent twice
            likening.dismiss(session, story, other_id, actor=asker, now=now)
    return go_on(f"/desk/editor/stories/{story_id}#duplicates")


@bp.post("/stories/<story_id>/like/<other_id>/join")
def join(story_id: str, other_id: str) -> AnyResponse:
    asker = editor()
    order = orders.read_order(ActKind.JOIN, orders.with_field(request.form, "into", other_id))
    return at_once(story_id, order, orders.read_seen(request.form), asker, "")


def _content(session: Session, story: Story, asker: Actor) -> Content:
    """What the asker may read of a story's newest version; contacts are not compared."""
    view = reading.view_of(session, story, asker=asker, now=services().clock.now())
    if not view.is_open:
        return {}
    newest = reading.get_version(session, story.id, story.latest)
    return contacts.without(view.prune(reveal(newest.disclosures)))
