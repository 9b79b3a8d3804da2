"""Confirmations in the database: which step is open, who gave which, and the check before another one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.accounts import organizations, users
from hub.accounts.organizations import holds
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import Conflict
from hub.models import Act, Delegation, Organization, Story
from hub.regulation import chain
from hub.regulation.chain import Confirmation, Confirmer
from hub.regulation.edition.clauses import Step
from hub.regulation.ruling import Ruling
from hub.regulation.workflow import ActKind

HANDED_IN = (ActKind.SUBMIT.value, ActKind.CORRECT.value)


class OwnWork(Conflict):
    """Nobody judges what they handed in themselves."""

    key = "error.own_work"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a story has come on its route."""

    given: tuple[Confirmation, ...]
    open: Step | None

    def after(self, ruling: Ruling, act: ActKind, user_id: int | None) -> Step | None:
        """The step that is open once `act` is done: a new submission begins anew, a confirmation goes on."""
        if act is ActKind.SUBMIT:
            return chain.open_step(ruling.route, ())
        if act is ActKind.CONFIRM and self.open is not None:
            return chain.open_step(ruling.route, (*self.given, Confirmation(self.open.name, user_id)))
        return self.open


def progress(session: Session, story: Story, ruling: Ruling) -> Progress:
    """The confirmations since the story was last handed in, and the step that waits."""
    if not ruling.route:
        return Progress((), None)
    newest = (
        select(func.coalesce(func.max(Act.id), 0))
        .where(Act.story_id == story.id, Act.kind == ActKind.SUBMIT.value)
        .scalar_subquery()
    )
    given = tuple(
        Confirmation(step, user_id)
        for step, user_id in session.execute(
            select(Act.step, Act.user_id).where(
                Act.story_id == story.id, Act.kind == ActKind.CONFIRM.value, Act.id > newest
            )
        )
    )
    return Progress(given, chain.open_step(ruling.route, given))


def check(session: Session, story: Story, ruling: Ruling, known: Progress, *, actor: Actor, now: datetime) -> None:
    """May the actor confirm the open step? Raises NotYourStep, OwnStory or SecondPersonNeeded."""
    step, confirmer, senders = known.open, _confirmer(session, actor), _senders(session, story)
    if step is None:  # the edition in force asks for no more: whoever may confirm somewhere below lets it go on
        chain.check_not_own(confirmer, senders, clause="-", step="-", unit=story.organization.code)
        return
    unit = step.unit_of(ruling.facts)
    codes = [each.code for each in ruling.facts.lineage]
    above = codes[codes.index(unit.code) + 1 :] if unit is not None and unit.code in codes else []
    term = chain.due_at(ruling.regulation, step, since=story.step_since or story.updated_at)
    chain.check(
        step,
        confirmer,
        unit=unit.code if unit is not None else "",
        above=above,
        senders=senders,
        confirmations=known.given,
        asleep=(unit is not None and unit.closed) or (term is not None and now > term),
    )


def check_not_own(session: Session, story: Story, ruling: Ruling, act: ActKind, *, actor: Actor) -> None:
    """Nobody verifies a claim that they handed in, nor approves a story of their own. Raises OwnWork."""
    people = {actor.user_id, *(grant.deputy_for for grant in actor.grants)} - {None}
    if people & _senders(session, story):
        raise OwnWork(act=act.value, clause=ruling.clause_for(act.value) or "-")


def _confirmer(session: Session, actor: Actor) -> Confirmer:
    grants = actor.reach({Role.CONFIRMER})
    seats = session.scalars(
        select(Organization.code).where(Organization.id.in_({grant.organization_id for grant in grants}))
    )
    people = {actor.user_id, *(grant.deputy_for for grant in grants)}
    return Confirmer(
        user_id=actor.user_id, people=frozenset(one for one in people if one is not None), seats=frozenset(seats)
    )


def _senders(session: Session, story: Story) -> set[int]:
    """The users who handed the story in, whichever version, and those for whom they did."""
    query = select(Act.user_id, Act.at).where(Act.story_id == story.id, Act.kind.in_(HANDED_IN))
    handed_in = [(user_id, at) for user_id, at in session.execute(query) if user_id is not None]
    found = {user_id for user_id, _ in handed_in}
    deputies = set(session.scalars(select(Delegation.deputy_id).where(Delegation.deputy_id.in_(found))))
    for user_id, at in handed_in:
        if user_id in deputies:
            found |= _stood_in_for(session, user_id, story, on=local_day(at))
    return found


def _stood_in_for(session: Session, user_id: int, story: Story, *, on: date) -> set[int]:
    """For whom a user sent the story: nobody, if they may in their own right."""

    sender = organizations.resolve(session, story.organization_id, on=on)

    def sends(one: int) -> bool:
        return users.is_seated(session, one, Role.CONTRIBUTOR, sender.id, on=on)

    if sends(user_id):
        return set()
    absent = select(Delegation.user_id).where(Delegation.deputy_id == user_id, holds(Delegation, on))
    return {one for one in session.scalars(absent) if sends(one)}
