"""Consent papers: the unit hands in a photo or a PDF, which is sealed at once; whoever confirms its story opens it."""

from __future__ import annotations

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from hub.actors import Role
from hub.errors import TooLarge
from hub.http.services import services
from hub.records.proofs import NotAProof
from hub.records.secret import Secret
from hub.regulation import reading
from hub.regulation.consent import papers
from hub.web import visitors
from hub.web.desks import go_on
from hub.web.papers import paper_answer
from hub.web.unit import bp
from hub.web.unit.story import show


@bp.post("/stories/<story_id>/papers")
def hand_in_paper(story_id: str) -> AnyResponse:
    actor = visitors.require(Role.CONTRIBUTOR)
    sent, person = request.files.get("paper"), request.form.get("person", "")
    data = sent.read() if sent is not None else b""
    parts = services()
    secret, now = Secret.of(parts.settings), parts.clock.now()
    try:
        with parts.database.writing() as session:
            is_new = papers.hand_in(session, story_id, person, data, secret=secret, actor=actor, now=now)
    except (NotAProof, TooLarge) as exc:
        return show(story_id, refused=exc, whose=person)
    return go_on(f"/desk/unit/stories/{story_id}?paper={'sealed' if is_new else 'known'}#consent")


@bp.get("/confirm/<story_id>/papers/<proof_id>")
def open_paper(story_id: str, proof_id: str) -> Response:
    actor = visitors.require(Role.CONFIRMER)
    parts, now = services(), services().clock.now()
    with parts.database.writing() as session:
        story = reading.get_story(session, story_id, asker=actor, now=now)
        secret = Secret.of(parts.settings)
        proof, data = papers.open_of(session, story, proof_id, secret=secret, actor=actor, now=now)
    return paper_answer(proof, data)
