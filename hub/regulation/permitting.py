"""Which acts somebody may do to a story now: what a page offers. The acts themselves decide anew when they are done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from hub.accounts import rights
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import Conflict
from hub.models import Story
from hub.regulation import acts, confirming, crediting, ruling, workflow
from hub.regulation.workflow import MOVES, ActKind, State


def list_possible(session: Session, story: Story, *, actor: Actor, now: datetime) -> frozenset[ActKind]:
    """The acts that the workflow, the actor's rights over the story and the chain allow now."""
    on = local_day(now)
    roles = rights.roles_over(session, actor, story.organization_id, on=on)
    if crediting.is_credited(session, story.id, actor, on=on):
        roles = (*roles, Role.CONTRIBUTOR)
    return frozenset(kind for kind in MOVES[State(story.state)] if _may(session, story, kind, roles, actor, now=now))


def why_not_confirm(session: Session, story: Story, *, actor: Actor, now: datetime) -> Conflict | None:
    """What keeps somebody from confirming the open step of a story; None where nothing does."""
    rules = ruling.of_story(session, story, now=now)
    known = confirming.progress(session, story, rules)
    roles = rights.roles_over(session, actor, story.organization_id, on=local_day(now))
    try:
        workflow.role_for(ActKind.CONFIRM, roles, state=State(story.state))
        confirming.check(session, story, rules, known, actor=actor, now=now)
    except Conflict as refused:
        return refused
    return None


def _may(
    session: Session, story: Story, kind: ActKind, roles: tuple[Role, ...], actor: Actor, *, now: datetime
) -> bool:
    try:
        role = workflow.role_for(kind, roles, state=State(story.state))
        workflow.next_standing(acts.standing_of(story), kind, role, route_open=False)
    except Conflict:
        return False
    if kind is ActKind.CONFIRM:
        return why_not_confirm(session, story, actor=actor, now=now) is None
    if kind in acts.JUDGES:
        try:
            confirming.check_not_own(session, story, ruling.of_story(session, story, now=now), kind, actor=actor)
        except Conflict:
            return False
    return True
