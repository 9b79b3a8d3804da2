"""What `hub verify` asks of the consent ledger: is all there that the journal tells of, and ended only by an act?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, select
from sqlalchemy.orm import Session

from hub.models import Consent, JournalRow, Person, Proof, StoryPerson, Version
from hub.operation.verifying.proof_faults import Seen
from hub.records import consent_terms, consents, journal

PAGE = 2000
LEDGER = Consent.__table__
ENDED_BY_ACT = frozenset({consents.WITHDRAWN, consents.WITHDRAWN_ALL, consents.EXPIRED})


def find(session: Session, seen: Seen) -> Iterator[str]:
    """Every fault of the ledger, as a sentence without a name."""
    told = _Told(session)
    yield from _opened_faults(session, told)
    yield from _entry_faults(session, told, seen)
    yield from _person_faults(session)


class _Told:
    """What the journal tells of the ledger: which entries acts opened, ended and cleared."""

    def __init__(self, session: Session) -> None:
        self.opened: set[str] = set()
        self.ended: set[str] = set()
        self.narrowed: set[str] = set()
        self.groups: dict[str, list[str]] = {}  # entries that one act opened, by their commitment
        self.cleared_before: dict[str, str] = {}  # the day at opening of entries that an act cleared later
        self.cleared: dict[str, str] = {}  # the newest such day
        for page in _records(session, JournalRow.body.contains('"kind":"consent_', autoescape=True)):
            for said in page:
                self._read(said)

    def _read(self, said: dict[str, Any]) -> None:
        kind, named = said["kind"], said.get("consents", [])
        if kind in ("consent_recorded", "consent_narrowed"):
            opened = named if kind == "consent_recorded" else said["opened"]
            self.opened.update(opened)
            if "terms" in said:
                self.groups[said["terms"]] = opened
        if kind == "consent_narrowed":
            self.narrowed.update(named)
        elif kind == "consent_cleared":
            for entry_id, day in said.get("before", {}).items():
                self.cleared_before.setdefault(entry_id, day)
                self.cleared[entry_id] = said["date"]
        elif kind != "consent_recorded":
            self.ended.update(named)

    def at_opening(self, entry: RowMapping) -> dict[str, Any]:
        """An entry as it was opened: before anybody cleared it."""
        before = self.cleared_before.get(entry["id"])
        return {**entry} if before is None else {**entry, "clearance": {"date": before}}


def _opened_faults(session: Session, told: _Told) -> Iterator[str]:
    """What each version and each act opened, against the commitments that the journal keeps of it."""
    for page in _records(session, JournalRow.body.contains('"kind":"version"', autoescape=True)):
        versions = {(said["story"], said["version"]): said["consents"] for said in page if "consents" in said}
        here = Consent.story_id.in_({story_id for story_id, _ in versions})
        found: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for entry in session.execute(select(*LEDGER.c).where(LEDGER.c.version > 0, here)).mappings():
            if entry["id"] not in told.opened:  # what a correction left of an entry is an act's
                found[entry["story_id"], entry["version"]].append(told.at_opening(entry))
        for place, commitment in versions.items():
            if not _matches(found[place], commitment):
                yield f"consents of {place[0]}/{place[1]}: not those that the journal tells were opened"
    for commitment, opened in told.groups.items():
        query = select(*LEDGER.c).where(LEDGER.c.id.in_(opened))
        entries = [told.at_opening(entry) for entry in session.execute(query).mappings()]
        if len(entries) == len(opened) and not _matches(entries, commitment):
            yield f"consents {', '.join(opened)}: not what the journal tells was opened"


def _matches(entries: list[dict[str, Any]], commitment: str) -> bool:
    return commitment in (
        consent_terms.commitment_of(entries),
        consent_terms.commitment_before_terms(entries),
    )


def _entry_faults(session: Session, told: _Told, seen: Seen) -> Iterator[str]:
    """Every entry against the acts that opened, cleared or ended it."""
    erased = _erased_people(session)
    lost = told.opened | told.ended | told.narrowed
    last = ""
    while rows := session.scalars(select(Consent).where(Consent.id > last).order_by(Consent.id).limit(PAGE)).all():
        for row in rows:
            yield from (f"consent {row.id}: {fault}" for fault in _end_faults(row, told))
            if row.end_reason == consents.ERASED and row.person_id not in erased:
                yield f"consent {row.id}: was erased, and no erasure is recorded"
            if row.person_id in erased and row.ended_at is None:
                yield f"consent {row.id}: is open, and its person was erased"
            if row.person_id in erased and _tells(row):
                yield f"consent {row.id}: tells of a person who was erased"
        lost -= {row.id for row in rows}
        last = rows[-1].id
        seen("consents", len(rows))
        session.expunge_all()
    for entry_id in sorted(lost):
        yield f"consent {entry_id}: the journal tells of it, but it is not there"


def _end_faults(row: Consent, told: _Told) -> Iterator[str]:
    if row.version == 0 and row.id not in told.opened:
        yield "is there, and no act recorded it"
    if row.end_reason in ENDED_BY_ACT and row.id not in told.ended:
        yield f"has ended ({row.end_reason}), and the journal does not tell of it"
    if row.id in told.ended and row.end_reason not in ENDED_BY_ACT:
        yield "was taken back or expired, and is not so any more"
    if row.id in told.narrowed and row.end_reason != consents.NARROWED:
        yield "was narrowed by a correction, and is not so any more"
    if row.id in told.cleared and told.cleared[row.id] != row.clearance.get("date"):
        yield "was cleared on another day than the journal tells"
    if (row.ended_at is None) != (row.end_reason == ""):
        yield "is neither open nor ended"


def _tells(row: Consent) -> bool:
    """Does it tell more than limits and days?"""
    return bool(row.form or row.proof_id or row.guardian.keys() - {"obtained_on"} or row.clearance.keys() - {"date"})


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
