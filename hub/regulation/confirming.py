"""Confirmations in the database: which step is open, who gave which, and the check before another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

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
    return _progress(ruling, _given(session, [story.id])[story.id])


def check(session: Session, story: Story, ruling: Ruling, known: Progress, *, actor: Actor, now: datetime) -> None:
    """May the actor confirm the open step? Raises NotYourStep, OwnStory or SecondPersonNeeded."""
    _check(story, ruling, known, _confirmer(session, actor), _senders(session, [story])[story.id], now=now)


def refusals(
    session: Session, stories: Sequence[Story], rulings: Mapping[str, Ruling], *, actor: Actor, now: datetime
) -> dict[str, Conflict | None]:
    """What keeps the actor from confirming each of these stories, by their ids; None where nothing does.

    Five statements, however many there are. Where deputies sent some of them, a few more for each deputy, the unit they
    sent for and the day they did.
    """
    given, senders = _given(session, [story.id for story in stories]), _senders(session, stories)
    confirmer = _confirmer(session, actor)
    found: dict[str, Conflict | None] = {}
    for story in stories:
        rules = rulings[story.id]
        try:
            _check(story, rules, _progress(rules, given[story.id]), confirmer, senders[story.id], now=now)
        except Conflict as refused:
            found[story.id] = refused
        else:
            found[story.id] = None
    return found


def _given(session: Session, story_ids: Sequence[str]) -> dict[str, tuple[Confirmation, ...]]:
    """The confirmations of stories since they were last handed in, by their ids."""
    handed_in = aliased(Act)
    newest = (
        select(func.coalesce(func.max(handed_in.id), 0))
        .where(handed_in.story_id == Act.story_id, handed_in.kind == ActKind.SUBMIT.value)
        .scalar_subquery()
    )
    query = select(Act.story_id, Act.step, Act.user_id).where(
        Act.story_id.in_(story_ids), Act.kind == ActKind.CONFIRM.value, Act.id > newest
    )
    found: dict[str, tuple[Confirmation, ...]] = dict.fromkeys(story_ids, ())
    for story_id, step, user_id in session.execute(query.order_by(Act.id)):
        found[story_id] = (*found[story_id], Confirmation(step, user_id))
    return found


def _progress(ruling: Ruling, given: tuple[Confirmation, ...]) -> Progress:
    return Progress(given, chain.open_step(ruling.route, given)) if ruling.route else Progress((), None)


def _check(
    story: Story, ruling: Ruling, known: Progress, confirmer: Confirmer, senders: set[int], *, now: datetime
) -> None:
    step = known.open
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
    if people & _senders(session, [story])[story.id]:
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


def _senders(session: Session, stories: Sequence[Story]) -> dict[str, set[int]]:
    """The users who handed each story in, whichever version, and those for whom they did."""
    by_id = {story.id: story for story in stories}
    query = select(Act.story_id, Act.user_id, Act.at).where(Act.story_id.in_(by_id), Act.kind.in_(HANDED_IN))
    handed_in = [(story_id, user_id, at) for story_id, user_id, at in session.execute(query) if user_id is not None]
    people = {user_id for _, user_id, _ in handed_in}
    absent = select(Delegation.deputy_id).where(Delegation.deputy_id.in_(people))
    deputies = set(session.scalars(absent)) if people else set()
    found: dict[str, set[int]] = {story_id: set() for story_id in by_id}
    absent_ones: dict[tuple[int, int, date], set[int]] = {}
    for story_id, user_id, at in handed_in:
        found[story_id].add(user_id)
        if user_id in deputies:
            sent = user_id, by_id[story_id].organization_id, local_day(at)
            if sent not in absent_ones:
                absent_ones[sent] = _stood_in_for(session, *sent)
            found[story_id] |= absent_ones[sent]
    return found


def _stood_in_for(session: Session, user_id: int, organization_id: int, on: date) -> set[int]:
    """For whom a user sent an organization's story: nobody, if they may in their own right."""

    sender = organizations.resolve(session, organization_id, on=on)

    def sends(one: int) -> bool:
        return users.is_seated(session, one, Role.CONTRIBUTOR, sender.id, on=on)

    if sends(user_id):
        return set()
    absent = select(Delegation.user_id).where(Delegation.deputy_id == user_id, holds(Delegation, on))
    return {one for one in session.scalars(absent) if sends(one)}
