"""Consent papers: the unit hands in a photo or a PDF, which is sealed at once; whoever confirms its story opens it."""

from __future__ import annotations

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from hub.accounts import rights
from hub.actors import Role
from hub.clock import local_day
from hub.errors import Conflict, Invalid, NotFound, TooLarge
from hub.http.services import services
from hub.records.secret import Secret
from hub.regulation import reading
from hub.regulation.consent import papers
from hub.web import once, visitors
from hub.web.desks import go_on
from hub.web.papers import paper_answer
from hub.web.unit import bp
from hub.web.unit.story import show


@bp.post("/stories/<story_id>/papers")
def hand_in_paper(story_id: str) -> AnyResponse:
    actor = visitors.require(Role.CONTRIBUTOR)
    sent = request.files.get("paper")
    parts, now = services(), services().clock.now()
    secret = Secret.of(parts.settings)
    try:
        with parts.database.writing() as session:
            story = reading.get_story(session, story_id, asker=actor, now=now)
            reading.open_view(session, story, asker=actor, now=now)
            if once.is_first(session, actor, f"paper of {story.id}", now=now):
                person, data = request.form.get("person", ""), sent.read() if sent is not None else b""
                papers.hand_in(session, story, person, data, secret=secret, actor=actor, now=now)
    except (Invalid, TooLarge, Conflict) as exc:
        return show(story_id, refused=exc)
    return go_on(f"/desk/unit/stories/{story_id}?paper=sealed#consent")


@bp.get("/confirm/<story_id>/papers/<proof_id>")
def open_paper(story_id: str, proof_id: str) -> Response:
    actor = visitors.require(Role.CONFIRMER)
    parts, now = services(), services().clock.now()
    with parts.database.writing() as session:
        story = reading.get_story(session, story_id, asker=actor, now=now)
        if Role.CONFIRMER not in rights.roles_over(session, actor, story.organization_id, on=local_day(now)):
            raise NotFound(what=proof_id[:40], kind="paper")
        reading.open_view(session, story, asker=actor, now=now)
        secret = Secret.of(parts.settings)
        proof, data = papers.open_of(session, story, proof_id, secret=secret, actor=actor, now=now)
    return paper_answer(proof, data)
