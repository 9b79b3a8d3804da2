"""The regulation as data: chapters, clauses, rules and legal bases, and what others look up in them. Pure.

A document of `schemas/regulation.v1.json` becomes frozen values once, in `drafting`; after that nobody asks a dict. The
chain of a story is not written down anywhere: the rules that ask for a confirmation and apply to the story form it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hub.regulation.edition.working_days import Calendar

ASSENT_AGE = 7  # where a regulation says nothing: Law on Children 2016, art. 21; Decree 56/2017, art. 33
MINOR_AGE = 16  # Law on Children 2016, art. 1
USUAL_URGENCY = 5  # of a story that names none (schemas/story.v1.json)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What clauses need to know of an organization; `closed`: it has ended, and nobody came after it."""

    code: str
    kind: str = ""
    level: str = ""
    system: str = ""
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryFacts:
    """What clauses ask of a story: `lineage` is its organization and all above it, nearest first."""

    lineage: tuple[Unit, ...] = ()
    urgency: int = USUAL_URGENCY
    story_kind: str = ""
    topics: frozenset[str] = frozenset()
    subject: str = ""  # individual, collective, household
    minor: bool = False
    hazardous: bool = False

    @property
    def sender(self) -> Unit | None:
        """The organization that sent the story."""
        return self.lineage[0] if self.lineage else None

    def ancestor(self, level: str) -> Unit | None:
        """The nearest organization above the sender at `level`."""
        return next((unit for unit in self.lineage[1:] if unit.level == level), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Which organizations are meant; an empty condition means any."""

    levels: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    systems: frozenset[str] = frozenset()
    subtree: str = ""

    def holds(self, lineage: Sequence[Unit]) -> bool:
        """Does the organization at the beginning of `lineage` belong to them?"""
        unit = lineage[0] if lineage else Unit(code="")
        return (
            (not self.levels or unit.level in self.levels)
            and (not self.kinds or unit.kind in self.kinds)
            and (not self.systems or unit.system in self.systems)
            and (not self.subtree or any(each.code == self.subtree for each in lineage))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliesTo:
    """Which stories a rule is for: conditions on the sender, the urgency, and what the story is about."""

    senders: Units = Units()
    urgency: tuple[int, int] = (1, 9)
    story_kinds: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()
    minor: bool | None = None
    hazardous: bool | None = None

    @property
    def reads_content(self) -> bool:
        """Does it ask what only the story's content can tell?"""
        asked = (self.story_kinds, self.topics, self.subjects)
        return any(asked) or self.minor is not None or self.hazardous is not None

    def holds(self, facts: StoryFacts) -> bool:
        """Is the rule for this story?"""
        return (
            self.senders.holds(facts.lineage)
            and self.urgency[0] <= facts.urgency <= self.urgency[1]
            and (not self.story_kinds or facts.story_kind in self.story_kinds)
            and (not self.topics or not self.topics.isdisjoint(facts.topics))
            and (not self.subjects or facts.subject in self.subjects)
            and self.minor in (None, facts.minor)
            and self.hazardous in (None, facts.hazardous)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who owes it: a role, of the sender, an ancestor at `level`, the desk, outlets, or each organization that fits."""

    role: str
    of: str
    level: str = ""
    units: Units = Units()
    outlet_kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class What:
    """What is ruled or owed; one of act, field, answer, report, count."""

    act: str = ""
    step: str = ""
    field: str = ""
    answer: str = ""
    report: str = ""
    count: int = 1
    of_stories: bool = False  # so many stories are asked for


@dataclass(frozen=True, slots=True)
class Pattern:
    """A journal row by its members: each named one has one of the values.

    `not_older`: nor is it about an older version than the row is that opened the duty.
    """

    members: tuple[tuple[str, frozenset[str]], ...]
    not_older: bool = False

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Is `record` such a row? Of versions this says nothing."""
        return all(record.get(name) in allowed for name, allowed in self.members)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What opens a duty: journal rows, the chain (`step`, `complete`), or the calendar (`month`, `quarter`, `year`)."""

    on: tuple[Pattern, ...] = ()
    chain: str = ""
    each: str = ""
    same: str = ""  # member of the row that joins evidence to it, where no story does


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: `unit` is working_days, days, hours, at_once, day_after_period or period_end."""

    unit: str
    amount: int = 1


@dataclass(frozen=True, slots=True)
class Escalation:
    """After how long the next level hears of it, and how many levels it climbs."""

    after: Span
    climbs: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The machine's part of a clause. `number` cites clause and paragraph, such as ``10.1``."""

    number: str
    what: What
    who: Who | None = None
    applies_to: AppliesTo = AppliesTo()
    trigger: Trigger | None = None
    deadline: Span | None = None
    evidence: tuple[Pattern, ...] = ()
    lapses: tuple[Pattern, ...] = ()
    refuses: frozenset[str] = frozenset()
    two_people: bool = False
    reminders: tuple[Span, ...] = ()
    escalation: Escalation | None = None

    @property
    def stops_on_hold(self) -> bool:
        """Is nothing owed while the story is held? Then its end brings the duty anew."""
        return any("hold" in dict(pattern.members).get("act", ()) for pattern in self.lapses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One numbered, dated clause (Điều): its paragraphs as people read them, and its rules."""

    number: str
    dated: date
    title: str
    gloss: str
    cites: tuple[str, ...] = ()
    based_on: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A chapter of clauses."""

    number: int
    title: str
    gloss: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalBasis:
    """A law, decree or directive that clauses rest on. `date` is a day or, where no more is known, a year."""

    id: str
    number: str
    issuer: str
    date: str
    title: str
    status: str  # in_force, amended, repealed
    replaced_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Numbers that other rules read from the edition."""

    assent_age: int = ASSENT_AGE  # from this age on the child is asked, too
    minor_age: int = MINOR_AGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Regulation:
    """A whole regulation; the empty one asks for nothing."""

    number: str = ""
    title: str = ""
    chapters: tuple[Chapter, ...] = ()
    legal_bases: Mapping[str, LegalBasis] = field(default_factory=dict)
    calendar: Calendar = Calendar()  # noqa: RUF009  frozen
    limits: Limits = Limits()
    clauses: Mapping[str, Clause] = field(default_factory=dict)  # by number, in order
    rules: Mapping[str, Rule] = field(default_factory=dict)  # by number, in order
    triggers: Mapping[tuple[str, str], tuple[Rule, ...]] = field(default_factory=dict)  # by kind and act of a row

    def triggered_by(self, record: Mapping[str, Any]) -> list[Rule]:
        """The rules whose trigger a journal row is, in order."""
        kind, act = record.get("kind", ""), record.get("act", "")
        found = [*self.triggers.get((kind, act), ()), *(self.triggers.get((kind, ""), ()) if act else ())]
        return [rule for rule in found if rule.trigger and any(each.matches(record) for each in rule.trigger.on)]

    def clause_of(self, rule: Rule) -> Clause:
        """The clause that a rule belongs to."""
        return self.clauses[rule.number.partition(".")[0]]


@dataclass(frozen=True, slots=True)
class Step:
    """One confirmation of a story's route: who has to give it stands in its rule."""

    name: str
    clause: Clause
    rule: Rule

    @property
    def two_people(self) -> bool:
        """Do two different people have to confirm?"""
        return self.rule.two_people

    def unit_of(self, facts: StoryFacts) -> Unit | None:
        """The organization whose confirmer has to give it."""
        who = self.rule.who
        return facts.ancestor(who.level) if who is not None and who.of == "ancestor" else facts.sender


EMPTY = Regulation()


def facts_of(
    content: Mapping[str, Any],
    lineage: tuple[Unit, ...],
    regulation: Regulation,
    *,
    today: date,
    urgency: int | None = None,
) -> StoryFacts:
    """What clauses ask of a version's content; `urgency` where the caller knows it without."""
    subject = content.get("subject", {})
    birth_year = subject.get("birth_year")
    by_age = birth_year is not None and today.year - birth_year - 1 < regulation.limits.minor_age  # birthday to come
    return StoryFacts(
        lineage=lineage,
        urgency=urgency or content.get("urgency", USUAL_URGENCY),
        story_kind=content.get("kind", ""),
        topics=frozenset(content.get("topics", ())),
        subject=subject.get("type", ""),
        minor=bool(subject.get("minor", False)) or by_age,
        hazardous=bool(subject.get("hazardous_work", False)),
    )


def route_of(regulation: Regulation, facts: StoryFacts) -> tuple[Step, ...]:
    """The confirmations a story needs, in order; none for whoever answers for themselves.

    Where several clauses ask for the same step the last one rules: what is special stands after what is general.
    A step of an ancestor that the sender has not is left out.
    """
    steps: dict[str, Step] = {}
    for rule in regulation.rules.values():
        if rule.what.act == "confirm" and rule.what.step and rule.applies_to.holds(facts):
            step = Step(rule.what.step, regulation.clause_of(rule), rule)
            if step.unit_of(facts) is not None:
                steps[step.name] = step
    return tuple(steps.values())


def clause_for_act(regulation: Regulation, act: str, facts: StoryFacts, *, step: str = "") -> Clause | None:
    """The clause that an act on this story rests on; for a confirmation that of its step."""
    if act == "confirm":
        return next((each.clause for each in route_of(regulation, facts) if step in ("", each.name)), None)
    fitting = (r for r in regulation.rules.values() if r.what.act == act and r.applies_to.holds(facts))
    rule = next(fitting, None)
    return regulation.clause_of(rule) if rule is not None else None


def clause_for_refusal(regulation: Regulation, code: str, facts: StoryFacts | None = None) -> Clause | None:
    """The clause that a refusal rests on; with `facts` only where it applies to that story.

    So whether an unverified claim bars a release is whether there is a clause for ``unverified_claim``.
    """
    for rule in regulation.rules.values():
        if code in rule.refuses and (facts is None or rule.applies_to.holds(facts)):
            return regulation.clause_of(rule)
    return None


def hours_to_answer(regulation: Regulation, answer: str) -> int | None:
    """How many hours the regulation leaves for an answer such as ``receipt``; None where it counts otherwise."""
    spans = (rule.deadline for rule in regulation.rules.values() if rule.what.answer == answer)
    return next((span.amount for span in spans if span is not None and span.unit == "hours"), None)
