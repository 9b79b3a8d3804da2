"""What `hub verify` asks of the consent ledger: is all there that the journal tells of, and ended only by an act?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from hub.models import Consent, JournalRow, Person, Proof, StoryPerson, Version
from hub.operation.proof_faults import Seen
from hub.records import consents, journal

PAGE = 2000
ENDED_BY_ACT = frozenset({consents.WITHDRAWN, consents.WITHDRAWN_ALL, consents.EXPIRED})


def find(session: Session, seen: Seen) -> Iterator[str]:
    """Every fault of the ledger, as a sentence without a name."""
    yield from _opened_faults(session)
    yield from _entry_faults(session, seen)
    yield from _person_faults(session)


def _opened_faults(session: Session) -> Iterator[str]:
    """What each version opened, against the commitment that stands with the version in the journal."""
    for page in _records(session, JournalRow.body.contains('"kind":"version"', autoescape=True)):
        told = {(said["story"], said["version"]): said["consents"] for said in page if "consents" in said}
        query = select(Consent.story_id, Consent.version, Consent.id, Consent.scope, Consent.opened_at).where(
            Consent.version > 0, Consent.story_id.in_({story_id for story_id, _ in told})
        )
        found: dict[Any, list[tuple[Any, ...]]] = defaultdict(list)
        for story_id, version, *entry in session.execute(query):
            found[story_id, version].append(tuple(entry))
        for place, commitment in told.items():
            if consents.commitment_of(found[place]) != commitment:
                yield f"consents of {place[0]}/{place[1]}: not those that the journal tells were opened"


def _entry_faults(session: Session, seen: Seen) -> Iterator[str]:
    """Entries that acts opened or ended, against the acts."""
    opened: set[str] = set()
    ended: set[str] = set()
    for page in _records(session, JournalRow.body.contains('"consents":[', autoescape=True)):
        for said in page:
            (opened if said["kind"] == "consent_recorded" else ended).update(said["consents"])
    erased = _erased_people(session)
    last = ""
    while rows := session.scalars(select(Consent).where(Consent.id > last).order_by(Consent.id).limit(PAGE)).all():
        for row in rows:
            if row.version == 0 and row.id not in opened:
                yield f"consent {row.id}: is there, and no act recorded it"
            if row.end_reason in ENDED_BY_ACT and row.id not in ended:
                yield f"consent {row.id}: has ended ({row.end_reason}), and the journal does not tell of it"
            if row.id in ended and row.end_reason not in ENDED_BY_ACT:
                yield f"consent {row.id}: was taken back or expired, and is not so any more"
            if row.end_reason == consents.ERASED and row.person_id not in erased:
                yield f"consent {row.id}: was erased, and no erasure is recorded"
            if row.person_id in erased and row.ended_at is None:
                yield f"consent {row.id}: is open, and its person was erased"
            if row.person_id in erased and (row.form or row.guardian or row.clearance or row.proof_id):
                yield f"consent {row.id}: tells of a person who was erased"
        named = {row.id for row in rows}
        opened -= named
        ended -= named
        last = rows[-1].id
        seen("consents", len(rows))
        session.expunge_all()
    for lost in sorted(opened | ended):
        yield f"consent {lost}: the journal tells of it, but it is not there"


def _person_faults(session: Session) -> Iterator[str]:
    erased = _erased_people(session)
    query = select(Person.id, Person.name, Person.name_key, Person.unit, Person.birth_year, Person.erased_at)
    for person_id, *told, at in session.execute(query):
        if at is not None and person_id not in erased:
            yield f"person {person_id}: was erased, and no erasure is recorded"
        if person_id in erased and (at is None or any(told)):
            yield f"person {person_id}: was erased, and is there again"
    for proof_id, person_id in session.execute(select(Proof.id, Proof.person_id)):
        if person_id in erased:
            yield f"proof {proof_id}: is there, and its person was erased"
    placed = select(StoryPerson.person_id).where(
        StoryPerson.story_id == Version.story_id, StoryPerson.version == Version.number, StoryPerson.part == "subject"
    )
    for story_id, number in session.execute(select(Version.story_id, Version.number).where(~placed.exists())):
        yield f"version {story_id}/{number}: nobody is written down whom it is about"


def _erased_people(session: Session) -> set[str]:
    pages = _records(session, JournalRow.body.contains('"kind":"person_erased"', autoescape=True))
    return {person_id for page in pages for said in page for person_id in said["persons"]}


def _records(session: Session, condition: ColumnElement[bool]) -> Iterator[list[dict[str, Any]]]:
    """The journal's records that meet a condition, page by page; what is damaged its digest tells."""
    number = 0
    query = select(JournalRow.number, JournalRow.body).where(condition).order_by(JournalRow.number).limit(PAGE)
    while rows := session.execute(query.where(JournalRow.number > number)).all():
        yield [said for row in rows if (said := journal.read_record(row.body))]
        number = rows[-1].number
