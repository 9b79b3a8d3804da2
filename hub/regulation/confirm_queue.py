"""What waits for a confirmer: the stories of the steps that are theirs to give, by deadline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from hub.accounts import rights
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import Conflict
from hub.models import Duty, Story
from hub.regulation import chain, permitting, whereabouts
from hub.regulation.whereabouts import Whereabouts
from hub.regulation.workflow import State

BATCH, BATCHES = 50, 10  # stories looked at for one page: what waits for others below is passed over


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A story that waits to be confirmed, where it is, and what keeps the asker from it, if anything does."""

    story: Story
    place: Whereabouts
    refusal: Conflict | None


def list_waiting(
    session: Session, *, asker: Actor, after: str | None = None, limit: int, now: datetime
) -> list[Waiting]:
    """The stories whose open step is the asker's to confirm, the earliest deadline first.

    Those that they may not confirm all the same, since they are their own, come with the reason; another unit's are
    passed over. `after` is the id of the last one of the page before.
    """
    found: list[Waiting] = []
    for _batch in range(BATCHES):
        stories = _list_next(session, asker, after, now=now)
        places = whereabouts.find_all(session, stories, now=now)
        for story in stories:
            refusal = permitting.why_not_confirm(session, story, actor=asker, now=now)
            if not isinstance(refusal, chain.NotYourStep):
                found.append(Waiting(story=story, place=places[story.id], refusal=refusal))
        if len(found) >= limit or len(stories) < BATCH:
            break
        after = stories[-1].id
    return found[:limit]


def _list_next(session: Session, asker: Actor, after: str | None, *, now: datetime) -> Sequence[Story]:
    """The next stories within the asker's reach that wait for some confirmation, by deadline."""
    due = select(func.min(Duty.due_at)).where(Duty.story_id == Story.id, Duty.ended_at.is_(None)).scalar_subquery()
    by = func.coalesce(due, Story.step_since, Story.updated_at)
    query = (
        select(Story)
        .where(Story.state == State.CONFIRMING.value)
        .where(rights.within_reach(Story.organization_id, asker, {Role.CONFIRMER}, on=local_day(now)))
        .options(joinedload(Story.organization, innerjoin=True))
        .order_by(by, Story.id)
        .limit(BATCH)
    )
    if after is not None:
        last = select(by).where(Story.id == after).scalar_subquery()
        query = query.where((by > last) | ((by == last) & (Story.id > after)))
    return list(session.scalars(query))
