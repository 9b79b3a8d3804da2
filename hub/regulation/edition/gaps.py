"""What a regulation leaves without a clause: no fault, but acts and refusals that will name none. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from hub.regulation import refusals
from hub.regulation.edition.clause_faults import ACTS
from hub.regulation.edition.clauses import Regulation


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """In order of their codes: acts and refusals without a clause, and what is not asked for where none says so."""

    acts: tuple[str, ...]
    refusals: tuple[str, ...]
    unasked: tuple[str, ...]


def find(regulation: Regulation) -> Gaps:
    """What no clause of this regulation speaks of. Nobody confirms where no clause asks for it: that is no gap."""
    ruled = {rule.what.act for rule in regulation.rules.values()} | {"confirm"}
    unrefused = set(refusals.WITH_CLAUSE) - {code for rule in regulation.rules.values() for code in rule.refuses}
    return Gaps(
        acts=tuple(sorted(ACTS - ruled)),
        refusals=tuple(sorted(unrefused - refusals.ASKED_FOR_BY_CLAUSES)),
        unasked=tuple(sorted(unrefused & refusals.ASKED_FOR_BY_CLAUSES)),
    )
