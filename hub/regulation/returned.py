"""What a return asks to mend, as long as nobody has handed in anything newer."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.models import Act, Story
from hub.regulation.workflow import ActKind, State

RETURNED = frozenset({State.RETURNED, State.CORRECTION_RETURNED})


def find_return(session: Session, story: Story) -> Act | None:
    """The act that returned a story which waits to be mended; None for a story that is not returned."""
    return find_returns(session, [story]).get(story.id)


def find_returns(session: Session, stories: Sequence[Story]) -> dict[str, Act]:
    """As `find_return`, of many stories in one statement: the acts by the ids of those that are returned."""
    waiting = [story.id for story in stories if story.state in RETURNED]
    if not waiting:
        return {}
    newest = select(func.max(Act.id)).where(Act.story_id.in_(waiting), Act.kind == ActKind.RETURN.value)
    return {act.story_id: act for act in session.scalars(select(Act).where(Act.id.in_(newest.group_by(Act.story_id))))}
