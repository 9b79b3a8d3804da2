"""Where something stands in a regulation, in words: by the number of its clause, not by its place in a list. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import schemas
from schemas.faults import titles

SCHEMA = "regulation.v1"
CLAUSE = {"vi": "Điều {}", "en": "clause {}"}
PARAGRAPH = {"vi": "khoản {}", "en": "paragraph {}"}
BELOW = " › "
Tokens = tuple[str | int, ...]
Words = Mapping[str, str]  # by language


def place_of(document: Any, pointer: str) -> Words | None:
    """The clause, and the paragraph where it is of one; None outside of numbered clauses.

    `document` may be anything that is JSON: it is asked before it is known to hold.
    """
    steps = pointer.split("/")[1:]
    clause = _at(document, steps[:4]) if _leads_into_a_clause(steps) else None
    number = clause.get("number") if isinstance(clause, Mapping) else None
    if not isinstance(number, str) or steps[4:] == ["number"]:
        return None  # of a wrong number nothing is called
    paragraph = _paragraph(document, steps)
    return {
        language: CLAUSE[language].format(number)
        + (f", {PARAGRAPH[language].format(paragraph)}" if paragraph is not None else "")
        for language in CLAUSE
    }


def call(document: Any, fault: schemas.Fault) -> schemas.Fault:
    """The fault with its place in words: in the way to its field, or as the fact `place` where it tells no field."""
    place = place_of(document, fault.pointer)
    if place is None:
        return fault
    if "field" not in fault.facts or not isinstance(fault.facts["field"], Mapping):
        return schemas.Fault(fault.pointer, fault.code, {**fault.facts, "place": place})
    steps = fault.pointer.split("/")[1:]
    passed = 3 if _paragraph(document, steps) is not None else 2  # chapter, clause, rule or paragraph
    field = {
        language: BELOW.join([place[language], *way.split(BELOW)[passed:]])
        for language, way in fault.facts["field"].items()
    }
    return schemas.Fault(fault.pointer, fault.code, {**fault.facts, "field": field})


def within_rule(path: Tokens) -> Words:
    """The way within a rule, such as “Deadline”."""
    ways = titles(SCHEMA, ("chapters", 0, "clauses", 0, "rules", 0, *path))
    return {language: BELOW.join(way.split(BELOW)[3:]) for language, way in ways.items()}


def unit_of(unit: str) -> Words:
    """A unit of time in the middle of a sentence: working days."""
    ways = titles(SCHEMA, ("chapters", 0, "clauses", 0, "rules", 0, "deadline", unit))
    return {language: way.rpartition(BELOW)[2].lower() for language, way in ways.items()}


def _leads_into_a_clause(steps: list[str]) -> bool:
    return len(steps) >= 4 and (steps[0], steps[2]) == ("chapters", "clauses")


def _paragraph(document: Any, steps: list[str]) -> int | None:
    if len(steps) < 6 or steps[4] not in ("rules", "paragraphs") or not steps[5].isdigit():
        return None
    if steps[4] == "paragraphs":
        return int(steps[5]) + 1
    rule = _at(document, steps[:6])
    said = rule.get("paragraph", 1) if isinstance(rule, Mapping) else 1
    return said if isinstance(said, int) and not isinstance(said, bool) else None


def _at(document: Any, steps: list[str]) -> Any:
    for step in steps:
        if isinstance(document, Mapping):
            document = document.get(step)
        elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document
