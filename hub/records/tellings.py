"""Stories that were joined into others, and who in both is the same person.

A join makes no two rows of persons one: that is the desk's to decide, who merges doubles. But what somebody took back
where the deed was told first holds where it is told now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from hub.models import Person, StoryPerson, StorySupplier
from hub.records import persons


def list_joined(session: Session, story_id: str) -> set[str]:
    """The stories that were joined into this one, and into those."""
    query = select(StorySupplier.source_id).where(StorySupplier.story_id == story_id)
    return set(session.scalars(query.where(StorySupplier.source_id != story_id)))


def list_goals(session: Session, story_ids: Collection[str]) -> set[str]:
    """The stories that any of these was joined into, and those that these were."""
    query = select(StorySupplier.story_id).where(StorySupplier.source_id.in_(story_ids))
    return set(session.scalars(query.where(StorySupplier.source_id != StorySupplier.story_id)))


def list_same(
    session: Session, person_id: str, told_in: Collection[str], others: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Who in `others` is this person, as the stories `told_in` tell of them: pairs of a story's id and a person's."""
    own = _places(session, told_in, person_id)
    for other in _places(session, others):
        if any(_is_same(mine, other) for mine in own):
            yield other.story_id, other.person_id


def _places(session: Session, story_ids: Collection[str], person_id: str | None = None) -> list[StoryPerson]:
    """Each person of these stories once in each part they have there, by story and person."""
    query = select(StoryPerson).where(StoryPerson.story_id.in_(story_ids)).options(joinedload(StoryPerson.person))
    if person_id is not None:
        query = query.where(StoryPerson.person_id == person_id)
    rows = session.scalars(query.order_by(StoryPerson.story_id, StoryPerson.person_id))
    return list({(row.story_id, row.person_id, row.part): row for row in rows}.values())


def _is_same(one: StoryPerson, other: StoryPerson) -> bool:
    """The same row, or the same name; of two subjects of one deed a name that differs by a letter is the same, too."""
    if one.person_id == other.person_id:
        return True
    subjects = one.part == other.part == persons.SUBJECT
    return _may_be_same(one.person, other.person) and persons.is_named_alike(one.person, other.person, loosely=subjects)


def _may_be_same(one: Person, other: Person) -> bool:
    return one.kind == other.kind and persons.years_agree(one.birth_year, other.birth_year)
