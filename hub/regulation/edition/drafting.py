"""From a document of `schemas/regulation.v1.json` to a Regulation. Pure; faults come before anything is built."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

import schemas
from hub.errors import Invalid
from hub.regulation.edition import clause_faults
from hub.regulation.edition.clauses import (
    AppliesTo,
    Chapter,
    Clause,
    Escalation,
    LegalBasis,
    Limits,
    Pattern,
    Regulation,
    Rule,
    Span,
    Trigger,
    Units,
    What,
    Who,
)
from hub.regulation.edition.working_days import calendar

Said = Mapping[str, Any]


class RegulationRefused(Invalid):
    """A regulation that does not hold; the one in force stays in force."""

    key = "error.regulation_refused"


def parse(document: Any) -> Regulation:
    """The regulation that a document says. Raises RegulationRefused with every fault."""
    faults = schemas.check("regulation.v1", document) or clause_faults.find(document)
    if faults:
        raise RegulationRefused(faults=faults)
    return build(document)


def build(document: Said) -> Regulation:
    """The regulation that a document says which was found to hold."""
    chapters = tuple(_chapter(said) for said in document["chapters"])
    clauses = {clause.number: clause for chapter in chapters for clause in chapter.clauses}
    rules = {rule.number: rule for clause in clauses.values() for rule in clause.rules}
    days = document.get("calendar", {})
    return Regulation(
        number=document["number"],
        title=document["title"],
        chapters=chapters,
        legal_bases={said["id"]: LegalBasis(**said) for said in document["legal_bases"]},
        calendar=calendar(*(map(date.fromisoformat, days.get(name, ())) for name in ("off", "working"))),
        limits=Limits(**document.get("limits", {})),
        clauses=clauses,
        rules=rules,
        triggers=_triggers(rules.values()),
    )


def _chapter(said: Said) -> Chapter:
    clauses = tuple(_clause(each) for each in said["clauses"])
    return Chapter(number=said["number"], title=said["title"], gloss=said["gloss"], clauses=clauses)


def _clause(said: Said) -> Clause:
    return Clause(
        number=said["number"],
        dated=date.fromisoformat(said["dated"]),
        title=said["title"],
        gloss=said["gloss"],
        cites=tuple(said.get("cites", ())),
        based_on=tuple(said.get("based_on", ())),
        rules=tuple(_rule(said["number"], each) for each in said.get("rules", ())),
    )


def _rule(clause: str, said: Said) -> Rule:
    what = {name: value for name, value in said["what"].items() if name != "of"}
    escalation = said.get("escalation")
    return Rule(
        number=f"{clause}.{said.get('paragraph', 1)}",
        what=What(**what, of_stories=said["what"].get("of") == "stories"),
        who=_who(said["who"]) if "who" in said else None,
        applies_to=_applies_to(said.get("applies_to", {})),
        trigger=_trigger(said["trigger"]) if "trigger" in said else None,
        deadline=_span(said["deadline"]) if "deadline" in said else None,
        evidence=_patterns(said.get("evidence", ())),
        lapses=_patterns(said.get("lapses", ())),
        refuses=frozenset(said.get("refuses", ())),
        two_people=said.get("two_people", False),
        reminders=tuple(_span(each) for each in said.get("reminders", ())),
        escalation=Escalation(_span(escalation["after"]), escalation.get("climbs", 1)) if escalation else None,
    )


def _who(said: Said) -> Who:
    return Who(
        role=said["role"],
        of=said["of"],
        level=said.get("level", ""),
        units=_units(said),
        outlet_kinds=frozenset(said.get("outlet_kinds", ())),
    )


def _units(said: Said) -> Units:
    sets = {name: frozenset(said.get(name, ())) for name in ("levels", "kinds", "systems")}
    return Units(**sets, subtree=said.get("subtree", ""))


def _applies_to(said: Said) -> AppliesTo:
    urgency = said.get("urgency", {"from": 1, "to": 9})
    return AppliesTo(
        senders=_units(said),
        urgency=(urgency["from"], urgency["to"]),
        story_kinds=frozenset(said.get("story_kinds", ())),
        topics=frozenset(said.get("topics", ())),
        subjects=frozenset(said.get("subjects", ())),
        minor=said.get("minor"),
        hazardous=said.get("hazardous"),
    )


def _trigger(said: Said) -> Trigger:
    named = {name: said.get(name, "") for name in ("chain", "each", "same")}
    return Trigger(on=_patterns(said.get("on", ())), **named)


def _triggers(rules: Iterable[Rule]) -> dict[tuple[str, str], tuple[Rule, ...]]:
    """Rules by the kind and act of the journal rows that open them; an act that is not named is empty."""
    found: dict[tuple[str, str], dict[str, Rule]] = {}
    for rule in rules:
        for pattern in rule.trigger.on if rule.trigger is not None else ():
            members = dict(pattern.members)
            for kind in members["kind"]:
                for act in members.get("act", ("",)):
                    found.setdefault((kind, act), {})[rule.number] = rule
    return {key: tuple(fitting.values()) for key, fitting in found.items()}


def _patterns(said: Collection[Said]) -> tuple[Pattern, ...]:
    return tuple(_pattern(each) for each in said)


def _pattern(said: Said) -> Pattern:
    members = ((name, [v] if isinstance(v, str) else v) for name, v in said.items() if name != "version")
    return Pattern(tuple((name, frozenset(values)) for name, values in members), not_older="version" in said)


def _span(said: Said) -> Span:
    ((unit, amount),) = said.items()
    return Span(unit, amount if isinstance(amount, int) and not isinstance(amount, bool) else 1)
