"""Which duties a journal row or the calendar opens, for whom, and from when; and by which keys rows find them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub.clock import local_day
from hub.regulation.duties import reckoning
from hub.regulation.duties.lookups import Lookups
from hub.regulation.duties.reckoning import Period
from hub.regulation.edition import clauses
from hub.regulation.edition.clauses import Regulation, Rule, Span, Step, StoryFacts
from hub.regulation.edition.editions import Adopted

Record = Mapping[str, Any]
ORGANIZATION, OUTLET, DESK = "organization", "outlet", "desk"
CONFIRMING, SUBMITTED, HELD = "confirming", "submitted", "held"  # states of stories, as the journal has them
ANY_URGENCY = (1, 9)
AT_ONCE = Span("at_once")
OF_STORIES = ("person", "receipt")  # members that join rows closer than their story does


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the journal as duties look at it; `organization` is whose story it is, or who is named.

    `answers_for` are the codes whose duties it answers for: its own, and those of what was merged into it. `outlets`
    are the same of the outlet that the row names.
    """

    number: int
    at: datetime
    story: str | None
    record: Record
    organization: str
    answers_for: tuple[str, ...]
    outlets: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Live:
    """A duty in memory."""

    id: str
    edition_id: int
    clause: str
    owner_kind: str
    owner: str
    story_id: str | None
    period: str
    key: str
    opened_by: int
    opened_at: datetime
    due_at: datetime
    next_due_at: datetime | None
    state: str = "open"
    evidence: list[int] = field(default_factory=list)
    counted: list[str] = field(default_factory=list)
    ended_at: datetime | None = None


def keys_of(row: Row, members: Sequence[str], eaches: Sequence[str]) -> Iterator[str]:
    """The keys of every duty that a row may touch."""
    if row.story is not None:
        yield f"s:{row.story}"
    for member in members:
        answered: Mapping[str, Sequence[Any]] = {ORGANIZATION: row.answers_for, OUTLET: row.outlets}
        values = answered.get(member, (row.record.get(member),))
        yield from (f"k:{member}:{value}" for value in values if value)
    owners = [*((ORGANIZATION, code) for code in row.answers_for), *((OUTLET, code) for code in row.outlets)]
    for each in eaches:
        named = row.record.get(each)
        period = named if isinstance(named, str) else reckoning.period_of(each, local_day(row.at)).name
        for kind, code in owners:
            if code:
                yield f"p:{period}:{kind}:{code}"


def by_row(edition: Adopted, row: Row, lookups: Lookups) -> Iterator[Live]:
    """The duties that a row opens by itself."""
    for rule in edition.regulation.triggered_by(row.record):
        yield from _open(edition, rule, row, lookups)


def by_chain(edition: Adopted, row: Row, lookups: Lookups, *, after: str | None) -> Iterator[Live]:
    """The duties that open when a story comes into the chain, or on past the step `after`.

    What is handed in during a hold waits for its end.
    """
    chain, facts, route = _chain(edition, row, lookups)
    names = [step.name for step in route]
    place = 0 if after is None else names.index(after) + 1 if after in names else len(route)
    due = [route[place].rule] if place < len(route) else _at_its_end(chain)
    for rule in due:
        if not (rule.stops_on_hold and row.record.get("after") == HELD):
            yield from _open(edition, rule, row, lookups, facts=facts)


def by_lift(edition: Adopted, row: Row, lookups: Lookups) -> Iterator[tuple[Rule, Live]]:
    """The duties of the chain that the end of a hold brings anew, with their rules: where the story then waits."""
    chain, facts, route = _chain(edition, row, lookups)
    waits = {
        CONFIRMING: [step.rule for step in route if step.name == row.record.get("step")],
        SUBMITTED: _at_its_end(chain),
    }
    for rule in waits.get(str(row.record.get("after")), ()):
        if rule.stops_on_hold:
            yield from ((rule, duty) for duty in _open(edition, rule, row, lookups, facts=facts))


def _chain(edition: Adopted, row: Row, lookups: Lookups) -> tuple[list[Rule], StoryFacts, tuple[Step, ...]]:
    """The rules of the chain, what they ask of the row's story, and its route."""
    chain = [rule for rule in edition.regulation.rules.values() if rule.trigger is not None and rule.trigger.chain]
    if not chain:
        return [], StoryFacts(), ()
    facts = _facts(row, edition.regulation, chain, lookups)
    return chain, facts, clauses.route_of(edition.regulation, facts)


def _at_its_end(chain: Sequence[Rule]) -> list[Rule]:
    return [rule for rule in chain if rule.trigger is not None and rule.trigger.chain == "complete"]


def again(edition: Adopted, rule: Rule, row: Row, lookups: Lookups, before: Live) -> Iterator[Live]:
    """What an outlet owed of a release, owed of the one that a row puts in its place."""
    yield from (duty for duty in _open(edition, rule, row, lookups) if duty.owner == before.owner)


def anew(edition: Adopted, rule: Rule, row: Row, before: Live) -> Iterator[Live]:
    """What somebody owed before a hold, owed from its end on; what had not begun by then, from its beginning."""
    if rule.deadline is not None:
        yield _live(edition, rule, row, before.key, (before.owner_kind, before.owner, max(row.at, before.opened_at)))


def by_calendar(edition: Adopted, at: datetime, each: str, period: Period, lookups: Lookups) -> Iterator[Live]:
    """The duties that a period brings to everybody a rule is for."""
    for rule in edition.regulation.rules.values():
        if rule.trigger is None or rule.trigger.each != each or rule.who is None or rule.deadline is None:
            continue
        due = reckoning.due_at(rule.deadline, edition.regulation.calendar, at, period)
        following = reckoning.next_timer(rule, edition.regulation.calendar, due, after=at)
        if rule.who.of == "outlets":
            owners = [
                (OUTLET, code) for code, kind in lookups.outlets_lasting(at).items() if kind in rule.who.outlet_kinds
            ]
        elif rule.who.of == DESK:
            owners = [(DESK, "")]
        else:
            counts = rule.what.of_stories
            there = lookups.each(rule.who.units, at)
            owners = [
                (ORGANIZATION, code) for code in there if not lookups.ends_before(code, due, at, with_heir=counts)
            ]
        for kind, code in owners:
            yield Live(
                id=duty_id(0, edition.id, rule.number, kind, code, period.name),
                edition_id=edition.id,
                clause=rule.number,
                owner_kind=kind,
                owner=code,
                story_id=None,
                period=period.name,
                key=f"p:{period.name}:{kind}:{code}",
                opened_by=0,
                opened_at=at,
                due_at=due,
                next_due_at=following,
            )


def duty_id(opened_by: int, *parts: object) -> str:
    """The same duty has the same id whenever it is derived; ids grow with the journal, as an index likes them."""
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return f"du_{opened_by:08x}{base64.b32encode(digest)[:20].decode().lower()}"


def _open(
    edition: Adopted, rule: Rule, row: Row, lookups: Lookups, *, facts: StoryFacts | None = None
) -> Iterator[Live]:
    if rule.who is None or rule.deadline is None or rule.trigger is None:
        return
    facts = facts or _facts(row, edition.regulation, [rule], lookups)
    if not rule.applies_to.holds(facts):
        return
    key = f"s:{row.story}" if row.story is not None else ""
    if rule.trigger.same:
        value = row.organization if rule.trigger.same == ORGANIZATION else row.record.get(rule.trigger.same)
        if not value:
            return  # nothing could ever be evidence of it
        key = f"k:{rule.trigger.same}:{value}"
    for owner in _owners(rule, row, facts, lookups):
        duty = _live(edition, rule, row, key, owner)
        joined = rule.trigger.same == ORGANIZATION and duty.owner_kind == ORGANIZATION
        if joined and lookups.ends_before(duty.owner, duty.due_at, row.at, with_heir=False):
            continue  # nobody could do it any more when it is due
        if rule.deadline.unit == "at_once" and any(pattern.matches(row.record) for pattern in rule.evidence):
            duty.state, duty.ended_at, duty.next_due_at, duty.evidence = "met", row.at, None, [row.number]
        yield duty


def _live(edition: Adopted, rule: Rule, row: Row, key: str, owner: tuple[str, str, datetime]) -> Live:
    """A duty that a row opens for an owner: kind, code, and the instant it begins."""
    kind, code, opened_at = owner
    calendar = edition.regulation.calendar
    due = reckoning.due_at(rule.deadline or AT_ONCE, calendar, opened_at)
    return Live(
        id=duty_id(row.number, edition.id, rule.number, kind, code),
        edition_id=edition.id,
        clause=rule.number,
        owner_kind=kind,
        owner=code,
        story_id=row.story if rule.trigger is None or rule.trigger.same in ("", *OF_STORIES) else None,
        period="",
        key=key,
        opened_by=row.number,
        opened_at=opened_at,
        due_at=due,
        next_due_at=reckoning.next_timer(rule, calendar, due, after=opened_at),
    )


def _owners(rule: Rule, row: Row, facts: StoryFacts, lookups: Lookups) -> Iterator[tuple[str, str, datetime]]:
    who = rule.who
    if who is None:
        return
    if who.of == DESK:
        yield DESK, "", row.at
    elif who.of == "outlets":
        yield from _outlets(row, who.outlet_kinds, lookups)
    elif who.of == "ancestor":
        unit = facts.ancestor(who.level)
        if unit is not None:
            yield ORGANIZATION, unit.code, row.at
    elif facts.sender is not None and who.units.holds(facts.lineage):
        yield ORGANIZATION, facts.sender.code, row.at


def _outlets(row: Row, kinds: frozenset[str], lookups: Lookups) -> Iterator[tuple[str, str, datetime]]:
    """The outlet that the row names, those of its channels, or else those that had the story.

    A row that lists no channel at all has asked nothing of any outlet; an act that names none speaks of every one.
    """
    starts: dict[str, datetime] = {}
    if row.record.get(OUTLET):
        codes = [str(row.record[OUTLET])]
    elif row.record.get("channels") or ("channels" in row.record and row.record.get("kind") != "act"):
        codes = sorted({str(address).partition("/")[0] for address in row.record["channels"]})
        act_id = row.record.get("id")
        starts = lookups.starts(act_id) if isinstance(act_id, int) else {}
    else:
        codes = lookups.outlets_with(row.story, row.at) if row.story is not None else []
    for code in codes:
        if not kinds or lookups.outlets().get(code) in kinds:
            yield OUTLET, code, max(row.at, starts.get(code, row.at))


def _facts(row: Row, regulation: Regulation, rules: Sequence[Rule], lookups: Lookups) -> StoryFacts:
    """What `rules` ask of the row's story; its content is read only when they ask what nothing else tells."""
    lineage, urgency = lookups.lineage(row.organization, row.at), row.record.get("urgency")
    asked = any(rule.applies_to.reads_content for rule in rules)
    if urgency is None:
        asked = asked or any(rule.applies_to.urgency != ANY_URGENCY for rule in rules)
    content = lookups.content(row.story, row.record.get("version")) if asked else {}
    return clauses.facts_of(content, lineage, regulation, today=local_day(row.at), urgency=urgency)
