"""Who came first: a refused act is told the clause it failed by, and the act that made the story what it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.errors import Conflict
from hub.models import Act, Story
from hub.regulation.ruling import of_story


@contextmanager
def told(session: Session, story: Story, act: str, *, now: datetime) -> Iterator[None]:
    """Let a Conflict raised inside name state, clause and winning act, where it says nothing else of them."""
    try:
        yield
    except Conflict as exc:
        clause = of_story(session, story, now=now).clause_for(act, step=story.step)
        exc.facts = {"state": story.state, "clause": clause, **winner_of(session, story.id), **exc.facts}
        raise


def winner_of(session: Session, story_id: str) -> dict[str, Any]:
    """The newest act on a story, for whoever came second."""
    act = session.scalar(select(Act).where(Act.story_id == story_id).order_by(Act.id.desc()).limit(1))
    if act is None:
        return {"winner": "-", "winner_at": "-"}
    return {"winner": act.kind, "winner_at": act.at.isoformat()}
