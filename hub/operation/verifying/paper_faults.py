"""What `hub verify` asks of the papers behind consents: form, proof, guardian and clearance, and who opened an entry.

What a version brought stands in its disclosures; what an act recorded, in a commitment whose salt stands with the
names. Of an erased person neither is left, and nothing is compared. Where an erasure took a part of a version's paper,
the rest still counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.models import Consent, JournalRow, Proof
from hub.operation.verifying.consent_told import Place, Told, records
from hub.records import consent_terms, consents

LEDGER = Consent.__table__
COLUMNS = [LEDGER.c[name] for name in ("id", "person_id", "story_id", "version", "form", "guardian", "clearance")]
SEALED = (Proof.id, Proof.person_id, Proof.sha256, Proof.created_by, Proof.story_id)
NARROWING = "submission"  # who opens what a correction left, and ends what it took or replaced


def of_versions(session: Session, contents: Mapping[Place, Mapping[str, Any]], told: Told) -> Iterator[str]:
    """Entries that versions brought, against what each version still says of its consent."""
    query = select(*COLUMNS, LEDGER.c.proof_id).where(
        LEDGER.c.story_id.in_({story_id for story_id, _ in contents}), LEDGER.c.version > 0
    )
    for row in session.execute(query):
        place = (row.story_id, row.version)
        if place not in contents or row.person_id in told.erased:
            continue
        said = contents[place].get("consent", {})
        partial = place in told.partial
        differing = [
            name
            for name, differs in (
                ("form", _differs(row.form, said, "form", partial=partial)),
                ("proof", row.proof_id != said.get("proof")),
                ("guardian", _parts_differ(row.guardian, said.get("guardian", {}), partial=partial)),
                ("clearance", _clearance_differs(row, said, told, place)),
            )
            if differs
        ]
        if differing:
            yield f"consent {row.id}: its version says otherwise of its {', '.join(differing)}"


def of_act(row: Consent, told: Told) -> Iterator[str]:
    """An entry against the commitments of the acts that recorded and cleared it."""
    if row.person_id in told.erased:
        return
    opened, cleared = told.opened.get(row.id, {}), told.cleared.get(row.id)
    if "paper" in opened:
        if opened["paper"] != consent_terms.paper_commitment(row.form, row.proof_id, row.guardian):
            yield "has another form, proof or guardian than the journal tells"
        if cleared is None and "clearance" not in opened and row.clearance:
            yield "was cleared, and the journal does not tell of it"
    said = opened if cleared is None else cleared
    if "clearance" in said and said["clearance"] != consent_terms.clearance_commitment(row.clearance):
        yield "was cleared by somebody else than the journal tells"


def of_actors(row: Consent, told: Told, organizations: Mapping[str | None, int]) -> Iterator[str]:
    """Who opened an entry and who ended it, against the acts that did."""
    opened = told.opened.get(row.id)
    if opened is not None:
        by = {NARROWING if opened["kind"] == "consent_narrowed" else opened["actor"]}
    else:
        by = {f"organization:{organizations.get(row.story_id)}"}
        by |= {"migration"} if (row.story_id, row.version) not in told.about else set()
    if row.opened_by not in by:
        yield "was opened by somebody else than the journal tells"
    if row.ended_by != _ended_by(row, told):
        yield "was ended by somebody else than the journal tells"


def sealed(session: Session, told: Told) -> Iterator[str]:
    """The proofs that there are, and those that the journal says were sealed; an erasure takes a person's."""
    left = {proof_id: said for proof_id, *said in session.execute(select(*SEALED))}
    for page in records(session, JournalRow.body.contains('"kind":"proof_sealed"', autoescape=True)):
        for said in page:
            person_id = told.now(said["person"])
            found = left.pop(said["proof"], None)
            if found is None and person_id not in told.erased:
                yield f"proof {said['proof']}: the journal tells of it, but it is not there"
            elif found is not None and found != [person_id, said["sha256"], said["actor"], said["story"]]:
                yield f"proof {said['proof']}: is not the one that the journal tells of"
    for proof_id in left:
        yield f"proof {proof_id}: the journal does not tell of it"


def _ended_by(row: Consent, told: Told) -> str:
    match row.end_reason:
        case "":
            return ""
        case consents.REPLACED | consents.NARROWED:
            return NARROWING
        case consents.EXPIRED:
            return "system"
        case consents.ERASED:
            return told.erased.get(row.person_id, "")
    return str(told.ended.get(row.id, {}).get("actor", row.ended_by))


def _differs(value: str, said: Mapping[str, Any], name: str, *, partial: bool) -> bool:
    return (name in said or not partial) and value != said.get(name, "")


def _parts_differ(value: Mapping[str, Any], said: Mapping[str, Any], *, partial: bool) -> bool:
    """A guardian or a clearance, member by member."""
    names = said.keys() if partial else said.keys() | value.keys()
    return any(value.get(name) != said.get(name) for name in names)


def _clearance_differs(row: Any, said: Mapping[str, Any], told: Told, place: Place) -> bool:
    """An act's clearance is the act's; before versions told of their persons, theirs was not written down."""
    if row.id in told.cleared or place not in told.about:
        return False
    if told.opened.get(row.id, {}).get("kind") == "consent_narrowed":
        return False  # it may have been cleared by an act before it was narrowed
    return _parts_differ(row.clearance, said.get("clearance", {}), partial=place in told.partial)
