"""What a return asks to mend, as long as nobody has handed in anything newer."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.models import Act, Story
from hub.regulation.workflow import ActKind, State

RETURNED = frozenset({State.RETURNED, State.CORRECTION_RETURNED})


def find_return(session: Session, story: Story) -> Act | None:
    """The act that returned a story which waits to be mended; None for a story that is not returned."""
    if story.state not in RETURNED:
        return None
    query = select(Act).where(Act.story_id == story.id, Act.kind == ActKind.RETURN.value)
    return session.scalar(query.order_by(Act.id.desc()).limit(1))
