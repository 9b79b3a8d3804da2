"""Whom stories are about: persons, collectives and households as rows, found again when a version names them.

Finding is conservative: within one organization, the same name, and the same year of birth and unit (the story's,
where nothing is said of the subject's own); an individual without a year of birth is somebody new. Within one story a
guest of the subject's name is the subject, and a version that only mends a name or adds a year still tells of the
same person. The desk merges what are doubles.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, insert, select, update
from sqlalchemy.orm import Session, joinedload

from feeds.text import fold
from hub import ids
from hub.db import add_at_once
from hub.errors import Conflict, NotFound
from hub.models import Booking, Consent, Person, Proof, Story, StoryPerson

SUBJECT, GUEST = "subject", "guest"
Known = Select[Any] | None  # the ids of the stories that somebody may know of; None: all
ALIKE = 0.85  # of two names: a letter or two of difference
_ADD_PLACES = insert(cast("Table", StoryPerson.__table__))
_ELSEWHERE = (  # built once: every new version asks it
    select(Person)
    .where(Person.organization_id == bindparam("organization_id"), Person.name_key == bindparam("name_key"))
    .where(Person.kind == bindparam("kind"), Person.unit == bindparam("unit"), Person.merged_into_id.is_(None))
    .where(Person.birth_year.is_not_distinct_from(bindparam("birth_year")))
    .order_by(Person.id)
    .limit(1)
    .with_for_update()
)


class NotMergeable(Conflict):
    """A person cannot be merged with itself, with one that was merged or erased, or across kinds."""

    key = "error.not_mergeable"


class PersonErased(Conflict):
    """Nothing is written about somebody who was erased."""

    key = "error.person_erased"


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody as a version names them."""

    part: str
    place: int
    name: str
    kind: str = "individual"
    birth_year: int | None = None
    unit: str = ""
    minor: bool = False


def said_in(content: Mapping[str, Any]) -> list[Said]:
    """Everybody a version's content is about: the subject, then the guests."""
    subject = content.get("subject", {})
    found = []
    if "name" in subject:
        found.append(
            Said(
                SUBJECT,
                0,
                subject["name"],
                subject.get("type", "individual"),
                subject.get("birth_year"),
                subject.get("unit") or content.get("unit", {}).get("name", ""),
                subject.get("minor", False),
            )
        )
    guests = content.get("interview", {}).get("guests", ())
    return found + [Said(GUEST, place, guest["name"]) for place, guest in enumerate(guests) if guest.get("name")]


def note(session: Session, story: Story, content: Mapping[str, Any], *, at: datetime) -> tuple[list[str], set[str]]:
    """Write down whom the newest version of `story` is about.

    Returns the persons' ids, subject first and each as often as the version names them, and who of them is new.
    """
    new: set[str] = set()
    known = _list_latest(session, story.id, before=story.latest) if story.latest > 1 else []
    found: list[tuple[Said, Person]] = []
    for said in said_in(content):
        person = _find_in_story(said, known, found) or _find_elsewhere(session, story, said)
        if person is None:
            person = _new(story, said, at=at)
            add_at_once(session, person)
            new.add(person.id)
        if said.minor and not person.minor:
            person.minor = True
        if said.part == SUBJECT and said.birth_year and not person.birth_year:
            person.birth_year = said.birth_year
        found.append((said, person))
    if found:
        place = {"story_id": story.id, "version": story.latest}
        rows = [{**place, "part": said.part, "place": said.place, "person_id": person.id} for said, person in found]
        session.connection().execute(_ADD_PLACES, rows)
    return [person.id for _, person in found], new


def list_of_version(session: Session, story_id: str, version: int) -> list[StoryPerson]:
    """Whom a version is about, with the persons loaded: the subject first, guests by their place."""
    query = (
        select(StoryPerson)
        .where(StoryPerson.story_id == story_id, StoryPerson.version == version)
        .options(joinedload(StoryPerson.person, innerjoin=True))
        .order_by(StoryPerson.part.desc(), StoryPerson.place)
    )
    return list(session.scalars(query))


def list_of_story(session: Session, story_id: str) -> list[str]:
    """The ids of everybody that any version of a story tells of, sorted."""
    return sorted(session.scalars(select(StoryPerson.person_id).where(StoryPerson.story_id == story_id).distinct()))


def list_stories(session: Session, person_id: str) -> list[str]:
    """The ids of every story that any version tells of this person, sorted."""
    query = select(StoryPerson.story_id).where(StoryPerson.person_id == person_id).distinct()
    return sorted(session.scalars(query))


def list_known_stories(session: Session, person_id: str, known: Known) -> list[str]:
    """Those of a person's stories that are among `known`, sorted."""
    query = _places(known).where(StoryPerson.person_id == person_id)
    return sorted(set(session.scalars(query.with_only_columns(StoryPerson.story_id))))


def get(session: Session, person_id: str, known: Known = None) -> Person:
    """A person, or whom they were merged into, of whom one of the `known` stories tells. Raises NotFound."""
    person = session.get(Person, person_id)
    while person is not None and person.merged_into_id is not None:
        person = session.get(Person, person.merged_into_id)
    if person is None or not (known is None or list_known_stories(session, person.id, known)):
        raise NotFound(what=person_id, kind="person")
    return person


def lock(session: Session, person_id: str) -> Person:
    """A person's row, locked and as it is now, or that of whom they were merged into while we waited."""
    query = select(Person).with_for_update().execution_options(populate_existing=True)
    person = session.scalars(query.where(Person.id == person_id)).one()
    while person.merged_into_id is not None:
        person = session.scalars(query.where(Person.id == person.merged_into_id)).one()
    return person


def lock_living(session: Session, person_id: str) -> Person:
    """As `lock`, to write of them. Raises PersonErased."""
    person = lock(session, person_id)
    if person.erased_at is not None:
        raise PersonErased(person=person.id)
    return person


def list_page(
    session: Session, known: Known = None, *, before: str | None, limit: int, story_id: str = ""
) -> list[Person]:
    """Persons that were not merged into others, newest first, of whom one of the `known` stories tells."""
    query = select(Person).where(Person.merged_into_id.is_(None)).order_by(Person.id.desc()).limit(limit)
    if known is not None or story_id:
        places = _places(known)
        if story_id:
            places = places.where(StoryPerson.story_id == story_id)
        query = query.where(Person.id.in_(places))
    if before is not None:
        query = query.where(Person.id < before)
    return list(session.scalars(query))


def merge(session: Session, kept: Person, double: Person) -> None:
    """Let `double` be `kept`: its places, consents, proofs and bookings move. Raises NotMergeable."""
    erased = kept.erased_at or double.erased_at
    if kept.id == double.id or kept.kind != double.kind or double.merged_into_id or kept.merged_into_id or erased:
        raise NotMergeable(kept=kept.id, double=double.id)
    for table in (StoryPerson, Consent, Proof, Booking):
        session.execute(update(table).where(table.person_id == double.id).values(person_id=kept.id))
    session.execute(update(Person).where(Person.merged_into_id == double.id).values(merged_into_id=kept.id))
    kept.birth_year = kept.birth_year or double.birth_year
    kept.unit = kept.unit or double.unit
    kept.minor = kept.minor or double.minor
    double.merged_into_id = kept.id


def key_of(name: str) -> str:
    """A name as it is looked for: accents count, capitals and spaces do not."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())[:200]


def years_agree(one: int | None, other: int | None) -> bool:
    """May two years of birth be one person's? One that nobody said may be any."""
    return one is None or other is None or one == other


def is_named_alike(one: Person, other: Person, *, loosely: bool) -> bool:
    """Have two persons one name; `loosely`: but for accents or a letter?"""
    if one.name_key == other.name_key:
        return bool(one.name_key)
    return loosely and bool(other.name) and _is_mended(one.name, other.name)


def _places(known: Known) -> Select[str]:
    query = select(StoryPerson.person_id)
    return query if known is None else query.where(StoryPerson.story_id.in_(known))


def _list_latest(session: Session, story_id: str, *, before: int) -> list[StoryPerson]:
    return list_of_version(session, story_id, before - 1)


def _find_in_story(said: Said, known: Sequence[StoryPerson], found: Sequence[tuple[Said, Person]]) -> Person | None:
    for person in [*(person for _, person in found), *(row.person for row in known)]:
        if key_of(person.name) == key_of(said.name) and years_agree(person.birth_year, said.birth_year):
            return person
    for row in known:  # the same place, and a name that was mended
        here = (row.part, row.place) == (said.part, said.place)
        if here and _is_mended(row.person.name, said.name) and years_agree(row.person.birth_year, said.birth_year):
            row.person.name, row.person.name_key = said.name, key_of(said.name)
            return row.person
    return None


def _is_mended(before: str, after: str) -> bool:
    """The same name but for accents or a letter; a name of somebody else is not."""
    if not before:
        return False
    return SequenceMatcher(None, fold(before), fold(after)).ratio() >= ALIKE


def _find_elsewhere(session: Session, story: Story, said: Said) -> Person | None:
    if said.part != SUBJECT or (said.kind == "individual" and said.birth_year is None):
        return None
    asked = {
        "organization_id": story.organization_id,
        "name_key": key_of(said.name),
        "kind": said.kind,
        "unit": said.unit,
        "birth_year": said.birth_year,
    }
    return session.scalar(_ELSEWHERE, asked)


def _new(story: Story, said: Said, *, at: datetime) -> Person:
    return Person(
        id=ids.new_person_id(),
        organization_id=story.organization_id,
        kind=said.kind,
        name=said.name,
        name_key=key_of(said.name),
        birth_year=said.birth_year,
        unit=said.unit,
        minor=said.minor,
        merged_into_id=None,
        created_at=at,
        erased_at=None,
    )
