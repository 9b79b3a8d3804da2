"""The act `join`: two units told the same deed, so one story goes on and credits both suppliers.

The story that is joined ends as if it had been withdrawn before anybody saw it; the one that it goes into stays
where it is in the workflow, and says who else told of the deed wherever it stands or will.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from hub.accounts import rights
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import Conflict, Invalid
from hub.models import Story
from hub.outlets import ledgers, releases
from hub.records import likenesses
from hub.regulation import crediting, reading, winning
from hub.regulation.releasing import Order
from hub.regulation.workflow import ENDED, ActKind, State
from schemas import Fault
from schemas.faults import fault_at

JUDGES = frozenset({Role.CONFIRMER, Role.EDITOR})
NO_GOALS = ENDED | {State.RETURNED, State.WITHDRAWAL_REQUESTED}  # what may go takes nobody else's story with it


class CannotJoinInto(Conflict):
    """The story that should go on has ended, is asked to, or was returned and may never come again."""

    key = "error.cannot_join_into"


def lock_both(session: Session, story_id: str, order: Order) -> None:
    """Lock both stories of a join in the order of their ids, so that two joins never wait for each other."""
    if order.into is not None:
        query = select(Story.id).where(Story.id.in_({story_id, order.into})).order_by(Story.id).with_for_update()
        session.execute(query).all()


def find_credited(session: Session, story_id: str, order: Order, *, actor: Actor, now: datetime) -> str | None:
    """The released story whose withdrawal a supplier that it only credits asks for; nothing else of it is theirs."""
    asks = order.kind is ActKind.REQUEST_WITHDRAWAL
    told = crediting.list_told_goals(session, [story_id], actor, on=local_day(now)) if asks else ()
    return story_id if story_id in told else None


def get_goal(session: Session, story: Story, order: Order, *, actor: Actor, now: datetime) -> Story:
    """The story that `story` is joined into, locked.

    Raises Invalid, also for a story that the actor may not know of, or CannotJoinInto.
    """
    if order.into is None:
        raise Invalid(faults=[fault_at("act.v1", ("into",), "required")])
    if order.into == story.id:
        raise Invalid(faults=[Fault("/into", "joined_into_itself", {"story": story.id})])
    goal: Story | None = session.scalar(
        reading.visible(actor, now)
        .where(Story.id == order.into, Story.state != State.DRAFT)
        .options(joinedload(Story.organization, innerjoin=True))
        .with_for_update(of=Story)
        .execution_options(populate_existing=True)
    )
    if goal is None or not _may_judge(session, goal, actor, now=now):
        raise Invalid(faults=[Fault("/into", "unknown_story", {"story": order.into})])
    if not NO_GOALS.isdisjoint((goal.state, goal.resumes_to)):
        raise CannotJoinInto(story=goal.id, state=goal.state, **winning.winner_of(session, goal.id))
    return goal


def _may_judge(session: Session, goal: Story, actor: Actor, *, now: datetime) -> bool:
    """A right reaches a subtree: nobody joins a story into one that they may not judge."""
    roles = rights.roles_over(session, actor, goal.organization_id, on=local_day(now))
    return not JUDGES.isdisjoint(roles)


def join(session: Session, story: Story, goal: Story, *, actor: Actor, now: datetime) -> None:
    """Credit the suppliers of `story` in `goal`, and say so wherever `goal` stands. Both are locked by the caller."""
    likenesses.join(session, story.id, goal.id, actor=actor, now=now)
    crediting.add_telling(session, goal, story, now=now)
    goal.revision += 1
    goal.updated_at = now
    entries = releases.list_entries(session, goal.id)
    channels = ledgers.lock(session, {entry.channel_id for entry in entries})
    names = crediting.list_names(session, goal.id)
    if names:
        releases.credit(session, goal.id, entries, channels, names, now=now)
