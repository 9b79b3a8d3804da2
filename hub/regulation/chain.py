"""The chain: which confirmation a story waits for, and whether somebody may give it. Pure.

A step wants one confirmer of the unit that its clause names, or two where it says so. Nobody confirms a story of
their own, nor twice. While a level sleeps past its clause, or once it is closed, those above it may confirm in its
place.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.errors import Conflict
from hub.regulation.duties import reckoning
from hub.regulation.edition.clauses import Regulation, Step


class NotYourStep(Conflict):
    """The open step is another unit's to confirm."""

    key = "error.not_your_step"


class OwnStory(Conflict):
    """Nobody confirms their own story."""

    key = "error.own_story"


class SecondPersonNeeded(Conflict):
    """The clause asks for two different people."""

    key = "error.second_person_needed"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A step confirmed by a user since the story was last handed in."""

    step: str
    user_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmer:
    """Somebody who wants to confirm: `seats` are the codes of the organizations they are confirmers of.

    `people` are their own id and those of whom they stand in for.
    """

    user_id: int | None
    people: frozenset[int]
    seats: frozenset[str]


def open_step(route: Sequence[Step], confirmations: Collection[Confirmation]) -> Step | None:
    """The first step that is not fully confirmed; None when the route has been walked."""
    for step in route:
        people = {given.user_id for given in confirmations if given.step == step.name}
        if len(people) < (2 if step.two_people else 1):
            return step
    return None


def due_at(regulation: Regulation, step: Step, *, since: datetime) -> datetime | None:
    """Until when a step that has been open `since` is to be confirmed; None where its clause sets no term."""
    span = step.rule.deadline
    return reckoning.due_at(span, regulation.calendar, since) if span is not None else None


def check(
    step: Step,
    confirmer: Confirmer,
    *,
    unit: str,
    above: Collection[str],
    senders: Collection[int],
    confirmations: Collection[Confirmation],
    asleep: bool,
) -> None:
    """May `confirmer` give this step, which is `unit`'s, or, while it is asleep, that of those `above`?

    Raises NotYourStep, OwnStory or SecondPersonNeeded, each with clause and step.
    """
    facts = {"clause": step.clause.number, "step": step.name, "unit": unit}
    if unit not in confirmer.seats and not (asleep and confirmer.seats & set(above)):
        raise NotYourStep(**facts)
    check_not_own(confirmer, senders, **facts)
    if any(given.step == step.name and given.user_id == confirmer.user_id for given in confirmations):
        raise SecondPersonNeeded(**facts)


def check_not_own(confirmer: Confirmer, senders: Collection[int], **facts: str) -> None:
    """Nobody confirms what they, or whom they stand in for, handed in, whatever step is open. Raises OwnStory."""
    if confirmer.people & set(senders):
        raise OwnStory(**facts)
