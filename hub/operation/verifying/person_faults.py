"""What `hub verify` asks of persons: are they whom versions are about, who was merged and who was erased?

A row holds what versions said of somebody, so their disclosures prove it. Not to be proved: which of several names a
person went by (versions may mend one), and anything of persons from whose stories something was erased. Versions from
before the journal told of their persons prove no more than that a row says nothing that none of them said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.models import Person, Proof, StoryPerson, Version
from hub.operation.verifying import paper_faults
from hub.operation.verifying.consent_told import Place, Told
from hub.records import persons
from hub.records.disclosures import reveal
from hub.records.persons import Said

PAGE = 500


@dataclass(slots=True)
class _Known:
    """What versions say of a person, and what of it the newest way of writing has to have in the row."""

    keys: set[str] = field(default_factory=set)  # of names
    years: set[int] = field(default_factory=set)
    units: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    minor: bool = False
    must_have_year: bool = False
    must_be_minor: bool = False
    partial: bool = False  # something was erased from a version of theirs

    def hear(self, said: Said, *, told: bool) -> None:
        """Take in what a version says; `told`: the journal tells of the version's persons."""
        self.keys.add(persons.key_of(said.name))
        self.kinds.add(said.kind)
        self.units.add(said.unit)
        self.years |= {said.birth_year} if said.birth_year else set()
        self.minor |= said.minor
        self.must_have_year |= told and bool(said.birth_year)
        self.must_be_minor |= told and said.minor


def find(session: Session, told: Told) -> Iterator[str]:
    """Every fault of persons and of whom versions are about, as a sentence without a name."""
    known: dict[str, _Known] = defaultdict(_Known)
    yield from _version_faults(session, told, known)
    last = ""
    query = select(Person).order_by(Person.id).limit(PAGE)
    while rows := session.scalars(query.where(Person.id > last)).all():
        for row in rows:
            yield from (f"person {row.id}: {fault}" for fault in _person_faults(row, told, known.get(row.id)))
        last = rows[-1].id
        session.expunge_all()
    for proof_id, person_id in session.execute(select(Proof.id, Proof.person_id)):
        if person_id in told.erased:
            yield f"proof {proof_id}: is there, and its person was erased"


def _version_faults(session: Session, told: Told, known: dict[str, _Known]) -> Iterator[str]:
    """Whom each version is written down to be about, against what it says and what the journal tells."""
    last = 0
    query = select(Version.id, Version.story_id, Version.number, Version.disclosures).order_by(Version.id).limit(PAGE)
    while versions := session.execute(query.where(Version.id > last)).all():
        places = _places(session, {version.story_id for version in versions})
        contents: dict[Place, Mapping[str, Any]] = {}
        for version in versions:
            place = (version.story_id, version.number)
            rows = places[place]
            # a draft of a feed names nobody yet, and the journal says so
            if told.about.get(place) != [] and not any(row.part == persons.SUBJECT for row in rows):
                yield f"version {place[0]}/{place[1]}: nobody is written down whom it is about"
            try:
                content = reveal(version.disclosures)
                said = {(each.part, each.place): each for each in persons.said_in(content)}
                contents[place] = content
            except (ValueError, TypeError, AttributeError, KeyError):
                said = {}  # its digests tell of that
            if place in told.about and not _agree(place, rows, said, told):
                yield f"version {place[0]}/{place[1]}: is about others than it and the journal tell"
            for row in rows:
                here = known[row.person_id]
                here.partial |= place in told.partial
                if (row.part, row.place) in said:
                    here.hear(said[row.part, row.place], told=place in told.about)
        yield from paper_faults.of_versions(session, contents, told)
        last = versions[-1].id


def _places(session: Session, story_ids: set[str]) -> dict[Place, list[StoryPerson]]:
    found: dict[Place, list[StoryPerson]] = defaultdict(list)
    query = select(StoryPerson).where(StoryPerson.story_id.in_(story_ids))
    for row in session.scalars(query.order_by(StoryPerson.part.desc(), StoryPerson.place)):
        found[row.story_id, row.version].append(row)
    return found


def _agree(place: Place, rows: Sequence[StoryPerson], said: dict[tuple[str, int], Said], told: Told) -> bool:
    """The same persons in the same places; where something was erased, of the others in the same order what is left."""
    about = [told.now(person_id) for person_id in told.about[place]]
    here = [row.person_id for row in rows]
    if place not in told.partial:
        return here == about and {(row.part, row.place) for row in rows} == said.keys()
    left = iter(about)
    return all(person_id in left for person_id in here)


def _person_faults(row: Person, told: Told, known: _Known | None) -> Iterator[str]:
    erased = row.id in told.erased
    if row.erased_at is not None and not erased:
        yield "was erased, and no erasure is recorded"
    if erased and (row.erased_at is None or row.name or row.name_key or row.unit or row.birth_year or row.minor):
        yield "was erased, and is there again"
    kept = told.now(row.id)
    if row.merged_into_id != (kept if kept != row.id else None):
        yield "was not merged as the journal tells"
    if erased:
        return
    if row.name_key != persons.key_of(row.name):
        yield "is not found by the name it has"
    if known is None or known.partial or not known.keys:
        return
    if row.name_key not in known.keys or row.kind not in known.kinds or row.unit not in known.units | {""}:
        yield "has a name, kind or unit that no version gives it"
    if (row.birth_year not in known.years) if row.birth_year else known.must_have_year:
        yield "has another year of birth than its versions say"
    if row.minor > known.minor or row.minor < known.must_be_minor:
        yield f"is {'a minor' if row.minor else 'of age'}, and its versions say otherwise"
