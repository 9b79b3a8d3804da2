"""What ends a duty, or counts towards it, that a rule's patterns do not say: ends of organizations, steps of before."""

from __future__ import annotations

from hub.regulation.duties.lookups import Lookups
from hub.regulation.duties.opening import Row
from hub.regulation.edition.clauses import Rule
from hub.regulation.edition.editions import Adopted


def ended_by(row: Row, lookups: Lookups) -> tuple[str, ...]:
    """The organizations whose end a row tells: closed, with what had ended into it; or inherited by another."""
    record = row.record
    if record.get("kind") != "organization_event":
        return ()
    if record.get("event") == "close":
        return lookups.answers_for(record["subject"], row.at) or (record["subject"],)
    return (record["subject"],) if record.get("heir") else ()


def is_step_of_before(rule: Rule, edition: Adopted) -> bool:
    """Does a rule ask for the confirmation of a step that the edition in force does not know any more?

    Who confirms a story that waited for it has done what was asked, whatever the step is called now.
    """
    known = (each.what.step for each in edition.regulation.rules.values() if each.what.act == "confirm")
    return rule.what.act == "confirm" and rule.what.step not in known


def needed(rule: Rule, row: Row) -> tuple[int, str]:
    """How many different ones a rule needs of such a row, and which one this is."""
    if rule.what.count > 1:
        return rule.what.count, row.story or str(row.number)
    if rule.two_people and row.record.get("act") == rule.what.act:
        return 2, str(row.record.get("actor", ""))
    return 1, ""
