"""What a schema cannot say about a regulation: duties nobody knows, deadlines nobody can keep, citations of nothing.

Takes a document that holds to `schemas/regulation.v1.json`. Pure.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

import schemas
from hub.regulation.edition.clauses import Limits
from hub.regulation.refusals import WITH_CLAUSE
from schemas.faults import pointer

_ACTS = (
    "submit recall confirm return approve release hold lift correct request_withdrawal withdraw",
    "join verify_claim erase waive",
)
_ANSWERS = ("use idea correction correction_notice receipt consent_withdrawal consent_report complaint information",)
_RECORDS = (
    "act version embargo_ended pickup consent_given consent_withdrawn consent_expired consent_reported receipt idea",
    "receipt_asked idea_answered report claim_verified complaint complaint_answered organization_event",
)
# an act, answer or kind of journal row that is not here nobody could ever perform or prove
ACTS, ANSWERS, RECORDS = (frozenset(" ".join(words).split()) for words in (_ACTS, _ANSWERS, _RECORDS))
VERSIONED = frozenset({"act", "pickup"})  # kinds of rows that are about a version of a story
LONGEST = {"working_days": 250, "days": 366, "hours": 24 * 366}  # within a year and a day
LAST_DAY = {"month": 28, "quarter": 30, "year": 31}  # of a period's first month, whichever it is
OF_PERIODS = ("day_after_period", "period_end")
HOURS = {"working_days": 24, "days": 24, "hours": 1}
Said = Mapping[str, Any]
Tokens = tuple[str | int, ...]


def find(document: Said) -> list[schemas.Fault]:
    """Every fault, in the order of the document."""
    clauses = {clause["number"] for _, clause in _clauses(document)}
    bases = {basis["id"]: basis for basis in document["legal_bases"]}
    faults = [
        *_calendar_faults(document.get("calendar", {})),
        *_limit_faults(document.get("limits", {})),
        *_repeated(document),
        *_basis_faults(document, bases),
        *(fault for at, clause in _clauses(document) for fault in _clause_faults(at, clause, clauses, bases)),
    ]
    for number, form in enumerate(document.get("forms", ())):
        if form["clause"] not in clauses:
            faults.append(_fault(("forms", number, "clause"), "unknown_clause", clause=form["clause"]))
    return faults


def _clauses(document: Said) -> Iterator[tuple[Tokens, Said]]:
    for place, chapter in enumerate(document["chapters"]):
        for number, clause in enumerate(chapter["clauses"]):
            yield ("chapters", place, "clauses", number), clause


def _calendar_faults(calendar: Said) -> Iterator[schemas.Fault]:
    off = set(calendar.get("off", ()))
    for number, day in enumerate(calendar.get("working", ())):
        if day in off:
            yield _fault(("calendar", "working", number), "day_off_and_worked", day=day)


def _limit_faults(said: Said) -> Iterator[schemas.Fault]:
    """Nobody is asked for an assent who is no child any more; what is not said counts as in the law."""
    limits = Limits(**said)
    if limits.assent_age >= limits.minor_age:
        at = "assent_age" if "assent_age" in said else "minor_age"
        yield _fault(("limits", at), "assent_after_childhood", assent=limits.assent_age, minor=limits.minor_age)


def _repeated(document: Said) -> Iterator[schemas.Fault]:
    lists: tuple[tuple[str, list[tuple[Tokens, Any]]], ...] = (
        ("id", [(("legal_bases", n, "id"), each["id"]) for n, each in enumerate(document["legal_bases"])]),
        ("chapter", [(("chapters", n, "number"), each["number"]) for n, each in enumerate(document["chapters"])]),
        ("clause", [((*at, "number"), clause["number"]) for at, clause in _clauses(document)]),
        ("form", [(("forms", n, "number"), each["number"]) for n, each in enumerate(document.get("forms", ()))]),
    )
    for _, listed in lists:
        seen = set()
        for at, value in listed:
            if value in seen:
                yield _fault(at, "duplicate_number", number=value)
            seen.add(value)


def _basis_faults(document: Said, bases: Mapping[str, Said]) -> Iterator[schemas.Fault]:
    for number, basis in enumerate(document["legal_bases"]):
        at: Tokens = ("legal_bases", number)
        successor = basis.get("replaced_by")
        if successor is not None and successor not in bases:
            yield _fault((*at, "replaced_by"), "unknown_legal_basis", basis=successor)
        elif basis["status"] == "repealed" and _successor(basis, bases) is None:
            yield _fault((*at, "status"), "repealed_legal_basis", basis=basis["number"])


def _successor(basis: Said, bases: Mapping[str, Said]) -> Said | None:
    """What stands in a repealed basis' place, however often it was replaced; None when nothing does."""
    seen = set()
    while basis["status"] == "repealed":
        seen.add(basis["id"])
        following = basis.get("replaced_by", "")
        if following not in bases or following in seen:
            return None
        basis = bases[following]
    return basis


def _clause_faults(at: Tokens, clause: Said, clauses: set[str], bases: Mapping[str, Said]) -> Iterator[schemas.Fault]:
    for number, cited in enumerate(clause.get("cites", ())):
        if cited not in clauses:
            yield _fault((*at, "cites", number), "unknown_clause", clause=cited)
    for number, basis in enumerate(clause.get("based_on", ())):
        if basis not in bases:
            yield _fault((*at, "based_on", number), "unknown_legal_basis", basis=basis)
    spoken = set()
    for number, rule in enumerate(clause.get("rules", ())):
        here: Tokens = (*at, "rules", number)
        paragraph = rule.get("paragraph", 1)
        if paragraph > len(clause["paragraphs"]):
            yield _fault((*here, "paragraph"), "unknown_paragraph", paragraph=paragraph, clause=clause["number"])
        if paragraph in spoken:
            yield _fault((*here, "paragraph"), "duplicate_number", number=f"{clause['number']}.{paragraph}")
        spoken.add(paragraph)
        yield from _urgency_faults(here, rule)
        yield from _duty_faults(here, rule)
        yield from _refusal_faults(here, rule)
        yield from _deadline_faults(here, rule)


def _urgency_faults(at: Tokens, rule: Said) -> Iterator[schemas.Fault]:
    urgency = rule.get("applies_to", {}).get("urgency")
    if urgency is not None and urgency["from"] > urgency["to"]:
        yield _fault((*at, "applies_to", "urgency"), "empty_range", least=urgency["from"], most=urgency["to"])


def _duty_faults(at: Tokens, rule: Said) -> Iterator[schemas.Fault]:
    what, trigger = rule["what"], rule.get("trigger", {})
    named = [name for name in ("act", "field", "answer", "report", "count") if name in what]
    known = {"act": ACTS, "answer": ANSWERS, "field": schemas.fields().keys() | set(_nodes())}
    for name, words in known.items():
        if name in what and what[name] not in words:
            yield _fault((*at, "what", name), "unknown_duty", duty=what[name])
    if len(named) != 1:
        yield _fault((*at, "what"), "unknown_duty", duty=", ".join(named))
    if what.get("act") == "confirm" and not ("step" in what and trigger.get("chain") == "step"):
        yield _fault((*at, "what"), "unknown_duty", duty="confirm")
    if trigger.get("chain") == "step" and what.get("act") != "confirm":
        yield _fault((*at, "trigger", "chain"), "unknown_duty", duty=", ".join(named))
    who = rule.get("who", {})
    if (who.get("of") == "ancestor") != ("level" in who):
        yield _fault((*at, "who"), "unknown_owner", who=who.get("of", ""))
    if who.get("of") == "each" and "each" not in trigger:
        yield _fault((*at, "who", "of"), "unknown_owner", who="each")
    if who.get("of") in ("sender", "ancestor") and "each" in trigger:
        yield _fault((*at, "who", "of"), "unknown_owner", who=who["of"])
    for place, patterns in (
        (("evidence",), rule.get("evidence", ())),
        (("lapses",), rule.get("lapses", ())),
        (("trigger", "on"), trigger.get("on", ())),
    ):
        yield from _row_faults((*at, *place), patterns)
    yield from _version_faults(at, rule, trigger)


def _version_faults(at: Tokens, rule: Said, trigger: Said) -> Iterator[schemas.Fault]:
    """Two versions are compared: that of the row which opened the duty, and that of the evidence."""
    opens = [pattern["kind"] for pattern in trigger.get("on", ())]
    has_one = "chain" in trigger or (opens and VERSIONED.issuperset(opens))
    for place, patterns in (("evidence", rule.get("evidence", ())), ("lapses", rule.get("lapses", ()))):
        for number, pattern in enumerate(patterns):
            if "version" in pattern and not (has_one and place == "evidence" and pattern["kind"] in VERSIONED):
                yield _fault((*at, place, number, "version"), "no_version_to_compare", kind=pattern["kind"])
    for number, pattern in enumerate(trigger.get("on", ())):
        if "version" in pattern:
            yield _fault((*at, "trigger", "on", number, "version"), "no_version_to_compare", kind=pattern["kind"])


def _refusal_faults(at: Tokens, rule: Said) -> Iterator[schemas.Fault]:
    """A refusal that the hub never utters would leave the one that was meant without its clause."""
    for number, code in enumerate(rule.get("refuses", ())):
        if code not in WITH_CLAUSE:
            meant = difflib.get_close_matches(code, WITH_CLAUSE, n=3) or sorted(WITH_CLAUSE)
            yield _fault((*at, "refuses", number), "unknown_refusal", refusal=code, suggestion=", ".join(meant))


def _nodes() -> Iterator[str]:
    for path in schemas.fields():
        parts = path.split(".")
        yield from (".".join(parts[:n]) for n in range(1, len(parts)))


def _row_faults(at: Tokens, patterns: list[Said]) -> Iterator[schemas.Fault]:
    for number, pattern in enumerate(patterns):
        if pattern["kind"] not in RECORDS:
            yield _fault((*at, number, "kind"), "unknown_duty", duty=pattern["kind"])
        said = pattern.get("act", [])
        for act in [said] if isinstance(said, str) else said:
            if act not in ACTS:
                yield _fault((*at, number, "act"), "unknown_duty", duty=act)


def _deadline_faults(at: Tokens, rule: Said) -> Iterator[schemas.Fault]:
    if "deadline" not in rule:
        return
    ((unit, amount),) = rule["deadline"].items()
    here, each = (*at, "deadline", unit), rule["trigger"].get("each", "")
    if unit in LONGEST and not 1 <= amount <= LONGEST[unit]:
        yield _fault(here, "impossible_deadline", deadline=amount, unit=unit, least=1, most=LONGEST[unit])
    elif unit == "day_after_period" and not 1 <= amount <= LAST_DAY.get(each, 31):
        yield _fault(here, "impossible_deadline", deadline=amount, unit=unit, least=1, most=LAST_DAY.get(each, 31))
    elif (unit in OF_PERIODS) != bool(each):
        yield _fault(here, "deadline_without_period", deadline=unit)
    elif unit in HOURS:
        for number, reminder in enumerate(rule.get("reminders", ())):
            ((small, before),) = reminder.items()
            if before * HOURS[small] >= amount * HOURS[unit]:
                facts = {"before": before, "before_unit": small, "deadline": amount, "unit": unit}
                yield _fault((*at, "reminders", number), "reminder_too_early", **facts)


def _fault(at: Tokens, code: str, **facts: Any) -> schemas.Fault:
    return schemas.Fault(pointer(at), code, facts)
