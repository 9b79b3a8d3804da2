"""The near-duplicates of a story: reading them, and saying that two stories tell two deeds."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from hub.actors import Actor
from hub.api import bp, present
from hub.api.stories import title_of
from hub.http.asking import require
from hub.http.services import services
from hub.models import Story
from hub.regulation import likening, reading
from hub.regulation.likening import Found


@bp.get("/stories/<story_id>/likenesses")
def list_likenesses(story_id: str) -> dict[str, Any]:
    actor = require(*reading.READERS)
    with services().database.reading() as session:
        story = _story(session, story_id, actor)
        found = likening.list_likenesses(session, story, asker=actor, now=services().clock.now())
        return present.page([_shown(one) for one in found], None)


@bp.post("/stories/<story_id>/likenesses/<other_id>")
def dismiss_likeness(story_id: str, other_id: str) -> dict[str, Any]:
    actor = require(*reading.READERS)
    parts = services()
    with parts.database.writing() as session:
        story = _story(session, story_id, actor)
        found = likening.dismiss(session, story, other_id, actor=actor, now=parts.clock.now())
        return _shown(found)


def _shown(found: Found) -> dict[str, Any]:
    """A likeness; the other story without its title where its words are closed to whoever asks."""
    return present.likeness(found, title_of(found.version) if found.is_open else "")


def _story(session: Session, story_id: str, actor: Actor) -> Story:
    now = services().clock.now()
    story = reading.get_story(session, story_id, asker=actor, now=now)
    likening.check_may_compare(session, actor, story, now=now)
    return story
