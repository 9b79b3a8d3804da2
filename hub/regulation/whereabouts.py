"""Where a story is: who has it, what it waits for, by when, and by which clause. Read by those who sent it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.accounts import organizations
from hub.models import Duty, Story
from hub.regulation import chain, ruling
from hub.regulation.edition.clauses import Step
from hub.regulation.explaining import NEXT
from hub.regulation.ruling import Ruling
from hub.regulation.workflow import ENDED, ActKind, State


class Holder(StrEnum):
    """Who has a story in hand."""

    UNIT = "unit"  # that sent it
    CONFIRMERS = "confirmers"  # of the open step's unit
    EDITORS = "editors"
    NOBODY = "nobody"  # it stands in its channels, or has ended


EDITED = frozenset(
    {
        *(State.SUBMITTED, State.APPROVED, State.CORRECTING, State.CORRECTION_APPROVED, State.HELD),
        State.WITHDRAWAL_REQUESTED,
    }
)
SENT_BACK = frozenset({State.DRAFT, State.RETURNED, State.CORRECTION_RETURNED})
AWAITED = {**NEXT, State.HELD: ActKind.LIFT, State.WITHDRAWAL_REQUESTED: ActKind.WITHDRAW}


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Who has a story, and what is to come. `clause` and `title` are empty where the regulation says nothing."""

    holder: Holder
    name: str = ""  # of the unit whose confirmers have it
    step: str = ""
    act: str = ""
    clause: str = ""
    title: str = ""
    due_at: datetime | None = None

    def is_late(self, now: datetime) -> bool:
        return self.due_at is not None and self.due_at < now


def find_all(session: Session, stories: Sequence[Story], *, now: datetime) -> dict[str, Whereabouts]:
    """The whereabouts of stories by their ids, for a page of a list."""
    going = [story for story in stories if State(story.state) in AWAITED]
    duties = _open_duties(session, [story.id for story in stories if story.state not in ENDED])
    rulings = ruling.of_stories(session, going, now=now)
    units = _units_of_steps(session, going, rulings)
    return {
        story.id: _find(story, rulings.get(story.id, ruling.NOTHING), units.get(story.id, ""), duties.get(story.id, []))
        for story in stories
    }


def find(session: Session, story: Story, *, now: datetime) -> Whereabouts:
    """The whereabouts of one story."""
    return find_all(session, [story], now=now)[story.id]


def _find(story: Story, rules: Ruling, unit: str, duties: Sequence[Duty]) -> Whereabouts:
    state = State(story.state)
    act = AWAITED.get(state)
    if act is None:
        return Whereabouts(holder=Holder.NOBODY)
    number = rules.clause_for(act.value, step=story.step)
    clause = rules.regulation.clauses.get(number)
    said = {"act": act.value, "clause": number, "title": clause.title if clause is not None else ""}
    if state is State.CONFIRMING:
        return _of_chain(story, rules, unit, **said)
    holder = Holder.EDITORS if state in EDITED else Holder.UNIT
    fitting = [duty for duty in duties if duty.clause.partition(".")[0] == number.partition(".")[0]]
    due_at = fitting[0].due_at if fitting else None
    return Whereabouts(holder=holder, due_at=due_at, **said)


def _units_of_steps(session: Session, stories: Sequence[Story], rulings: Mapping[str, Ruling]) -> dict[str, str]:
    """What the unit of the open step is called, by the stories that wait for it."""
    codes = {}
    for story in stories:
        step = _step_of(story, rulings[story.id])
        unit = step.unit_of(rulings[story.id].facts) if step is not None else None
        if unit is not None:
            codes[story.id] = unit.code
    names = organizations.names_of(session, codes.values())
    return {story_id: names.get(code, "") for story_id, code in codes.items()}


def _step_of(story: Story, rules: Ruling) -> Step | None:
    return next((each for each in rules.route if each.name == story.step), None) if story.step else None


def _of_chain(story: Story, rules: Ruling, unit: str, *, act: str, clause: str, title: str) -> Whereabouts:
    step = _step_of(story, rules)
    due_at = chain.due_at(rules.regulation, step, since=story.step_since or story.updated_at) if step else None
    return Whereabouts(
        holder=Holder.CONFIRMERS,
        name=unit,
        step=story.step,
        act=act,
        clause=clause,
        title=title,
        due_at=due_at,
    )


def _open_duties(session: Session, story_ids: Sequence[str]) -> dict[str, list[Duty]]:
    """What is owed for these stories, the earliest deadline first."""
    query = select(Duty).where(Duty.story_id.in_(story_ids), Duty.ended_at.is_(None)).order_by(Duty.due_at, Duty.id)
    found: dict[str, list[Duty]] = {}
    for duty in session.scalars(query) if story_ids else ():
        found.setdefault(duty.story_id or "", []).append(duty)
    return found
