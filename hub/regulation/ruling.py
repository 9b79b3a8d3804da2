"""What the edition in force says of one story: the facts it is judged by, its route, and the clause of each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from hub.accounts import organizations
from hub.accounts.organizations import InLine
from hub.clock import local_day
from hub.models import Story, Version
from hub.records.disclosures import reveal
from hub.records.journal import Record
from hub.regulation.edition import clauses, editions
from hub.regulation.edition.clauses import Regulation, Step, StoryFacts, Unit
from hub.regulation.reading import get_version, list_newest


@dataclass(frozen=True, slots=True)
class Ruling:
    """A regulation applied to one story."""

    regulation: Regulation
    facts: StoryFacts
    route: tuple[Step, ...]

    def clause_for(self, act: str, *, step: str = "") -> str:
        """The number of the clause that an act rests on; empty where the regulation says nothing of it."""
        clause = clauses.clause_for_act(self.regulation, act, self.facts, step=step)
        return clause.number if clause is not None else ""

    def clause_for_refusal(self, code: str) -> str:
        """The number of the clause that a refusal rests on; empty where the regulation says nothing of it."""
        clause = clauses.clause_for_refusal(self.regulation, code, self.facts)
        return clause.number if clause is not None else ""

    def bars(self, code: str) -> bool:
        """Does a clause that applies to this story refuse what `code` names?"""
        return clauses.clause_for_refusal(self.regulation, code, self.facts) is not None

    def wants_two_people(self, act: str) -> bool:
        """Does a clause ask for two different people in this act?"""
        return any(
            rule.two_people and rule.what.act == act and rule.applies_to.holds(self.facts)
            for rule in self.regulation.rules.values()
        )


NOTHING = Ruling(clauses.EMPTY, StoryFacts(), ())


def of_story(session: Session, story: Story, *, now: datetime) -> Ruling:
    """What the edition in force at `now` says of a story's newest version."""
    regulation = editions.in_force(session, now)
    if regulation is clauses.EMPTY:
        return NOTHING
    version = get_version(session, story.id, story.latest)
    return _apply(regulation, version, list_units(session, story.organization_id, on=local_day(now)), now)


def of_stories(session: Session, stories: Sequence[Story], *, now: datetime) -> dict[str, Ruling]:
    """As `of_story`, for each of these by its id; three statements, however many there are."""
    regulation = editions.in_force(session, now)
    if regulation is clauses.EMPTY:
        return {story.id: NOTHING for story in stories}
    versions = list_newest(session, stories)
    lines = organizations.list_lines(session, {story.organization_id for story in stories}, on=local_day(now))
    units = {organization_id: _units(line) for organization_id, line in lines.items()}
    return {story.id: _apply(regulation, versions[story.id], units[story.organization_id], now) for story in stories}


def _apply(regulation: Regulation, version: Version, lineage: tuple[Unit, ...], now: datetime) -> Ruling:
    facts = clauses.facts_of(reveal(version.disclosures), lineage, regulation, today=local_day(now))
    return Ruling(regulation, facts, clauses.route_of(regulation, facts))


def clause_of(session: Session, record: Mapping[str, Any], *, now: datetime) -> str:
    """The number of the clause that a row of the journal sets in motion, by the edition in force; empty where none."""
    regulation = editions.in_force(session, now)
    rule = next(iter(regulation.triggered_by(record)), None)
    return regulation.clause_of(rule).number if rule is not None else ""


def with_clause(session: Session, record: Record, *, now: datetime) -> Record:
    """A row of the journal, naming its clause where it has one."""
    clause = clause_of(session, record, now=now)
    return {**record, "clause": clause} if clause else record


def list_units(session: Session, organization_id: int, *, on: date) -> tuple[Unit, ...]:
    """An organization and all above it on a day, nearest first; whoever was merged is left out for its successor."""
    return _units(organizations.list_line(session, organization_id, on=on))


def _units(line: Sequence[InLine]) -> tuple[Unit, ...]:
    return tuple(
        Unit(code=each.code, kind=each.kind, level=each.level, system=each.system, closed=each.is_closed)
        for each in line
        if not each.is_succeeded
    )
