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


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what waits, and the cursor behind which more may wait; empty where nothing does.

    A page may hold less than was asked for, even nothing, and still have more behind it.
    """

    rows: list[Waiting]
    following: str


def list_waiting(session: Session, *, asker: Actor, after: str = "", limit: int, now: datetime) -> Page:
    """The stories whose open step is the asker's to confirm, the earliest deadline first.

    Those that they may not confirm all the same, since they are their own, come with the reason; another unit's are
    passed over. `after` is the cursor of the page before: a deadline and an id, which hold when the story has moved on.
    """
    found: list[Waiting] = []
    for _batch in range(BATCHES):
        stories = _list_next(session, asker, after, now=now)
        places = whereabouts.find_all(session, [story for story, _by in stories], now=now)
        for story, by in stories:
            if len(found) == limit:
                return Page(found, after)
            refusal = permitting.why_not_confirm(session, story, actor=asker, now=now)
            if not isinstance(refusal, chain.NotYourStep):
                found.append(Waiting(story=story, place=places[story.id], refusal=refusal))
            after = f"{by.isoformat()}~{story.id}"
        if len(stories) < BATCH:
            return Page(found, "")
    return Page(found, after)


def _list_next(session: Session, asker: Actor, after: str, *, now: datetime) -> Sequence[tuple[Story, datetime]]:
    """The next stories within the asker's reach that wait for some confirmation, with the instants they stand by."""
    due = select(func.min(Duty.due_at)).where(Duty.story_id == Story.id, Duty.ended_at.is_(None)).scalar_subquery()
    by = func.coalesce(due, Story.step_since, Story.updated_at)
    query = (
        select(Story, by)
        .where(Story.state == State.CONFIRMING.value)
        .where(rights.within_reach(Story.organization_id, asker, {Role.CONFIRMER}, on=local_day(now)))
        .options(joinedload(Story.organization, innerjoin=True))
        .order_by(by, Story.id)
        .limit(BATCH)
    )
    if (known := _read_cursor(after)) is not None:
        last, story_id = known
        query = query.where((by > last) | ((by == last) & (Story.id > story_id)))
    return [(story, at) for story, at in session.execute(query)]


def _read_cursor(after: str) -> tuple[datetime, str] | None:
    """What a cursor says; None for the beginning, and for what is no cursor of ours."""
    at, _, story_id = after.partition("~")
    try:
        read = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (read, story_id[:40]) if read.tzinfo is not None and story_id.isprintable() else None
