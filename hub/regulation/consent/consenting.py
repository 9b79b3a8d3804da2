"""Acts on the consent ledger: recorded, cleared, withdrawn, expired, merged; with all that follows, in one go.

Order of locks: stories by id, then the person, then channels by id; the journal's head comes last.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, false, or_, select
from sqlalchemy.orm import Session

from hub.accounts import rights
from hub.actors import SYSTEM, Actor, Role
from hub.clock import local_day
from hub.errors import Conflict, Forbidden, NotFound
from hub.models import Consent, Person, Story
from hub.records import consent_terms, consents, journal, persons, tellings
from hub.records.consents import Paper
from hub.regulation import acts, reading, ruling
from hub.regulation.consent import following, reducing
from hub.regulation.consent.reducing import Outcome, Settled
from hub.regulation.workflow import State

ACTORS = frozenset({Role.CONTRIBUTOR, Role.EDITOR})  # who may change the ledger
SEALED = frozenset({Role.EDITOR, Role.AUDITOR})  # who may open any paper of a person; for a story see `papers`


class BeyondReach(Forbidden):
    """What counts in all of a person's stories is the business of an editor who is over all of them."""

    key = "error.person_beyond_reach"


class NothingOpen(Conflict):
    """What is to be taken back was never given here, or has ended already."""

    key = "error.nothing_open"


@dataclass(frozen=True, slots=True)
class Ended:
    """Entries of the ledger that ended, and what became of the stories."""

    consents: tuple[Consent, ...]
    outcome: Outcome


def known_to(asker: Actor, *, now: datetime, roles: Collection[Role] = reading.READERS) -> persons.Known:
    """The stories through which somebody knows persons, by these of their roles; None, which is all, for the operator.

    Drafts are their sender's alone.
    """
    if asker is SYSTEM:
        return None
    on = local_day(now)
    handed_in = rights.within_reach(Story.organization_id, asker, roles, on=on)
    own = rights.own(Story.organization_id, asker, on=on) if Role.CONTRIBUTOR in roles else false()
    return select(Story.id).where(or_(own, and_(Story.state != State.DRAFT, handed_in)))


def require_editor(
    session: Session, person: Person, *, story_id: str | None = None, actor: Actor, now: datetime
) -> None:
    """Let only an editor over this story, or over every story of a person, go on. Raises BeyondReach."""
    stories = [story_id] if story_id else persons.list_stories(session, person.id)
    if not _reaches(session, stories, actor, now=now):
        raise BeyondReach(person=person.id)


def report(session: Session, person: Person, *, story_id: str | None, actor: Actor, now: datetime) -> None:
    """Note that whoever took consent back was told what was done about it. Raises NotFound."""
    _require_story(session, person, story_id)
    told_in = [story_id] if story_id else persons.list_stories(session, person.id)
    went_on = {goal for goal, _ in following.list_same(session, person, story_id)}
    stories: list[str | None] = [*sorted({*told_in, *went_on})] or [None]
    said = {"kind": "consent_reported", "person": person.id, "actor": actor.mark}
    for reported in stories:
        journal.append(session, said, at=now, story_id=reported)


def record(
    session: Session, person: Person, paper: Paper, *, story_id: str | None, actor: Actor, now: datetime
) -> list[str]:
    """Open entries by an act; later releases may show more, those that stand stay as they are.

    Raises NotFound, PersonErased or BeyondReach.
    """
    person = _lock_to_widen(session, person, story_id, actor, now=now)
    paper = replace(paper, guardian=_salted(paper.guardian), clearance=paper.clearance and _salted(paper.clearance))
    opened, terms = consents.record(session, person.id, story_id, paper, by=actor.mark, at=now)
    said = {"kind": "consent_recorded", "person": person.id, "consents": opened, "scopes": list(paper.scopes)}
    said |= {"paper": consent_terms.paper_commitment(paper.form, paper.proof_id, paper.guardian), "terms": terms}
    said |= {"clearance": consent_terms.clearance_commitment(paper.clearance)} if paper.clearance else {}
    journal.append(session, {**said, "actor": actor.mark}, at=now, story_id=story_id)
    return opened


def clear(
    session: Session,
    person: Person,
    clearance: Mapping[str, str],
    *,
    story_id: str | None,
    actor: Actor,
    now: datetime,
) -> int:
    """Note that the unit said yes; returns on how many open entries. Raises NotFound, PersonErased or BeyondReach."""
    person = _lock_to_widen(session, person, story_id, actor, now=now)
    clearance = _salted(clearance)
    before = consents.clear(session, person.id, story_id, clearance)
    said = {"kind": "consent_cleared", "person": person.id, "date": clearance["date"], "entries": len(before)}
    said |= {"before": before, "clearance": consent_terms.clearance_commitment(clearance)}
    journal.append(session, {**said, "actor": actor.mark}, at=now, story_id=story_id)
    return len(before)


def withdraw(
    session: Session,
    person: Person,
    *,
    story_id: str | None,
    scopes: Collection[str] = (),
    actor: Actor,
    now: datetime,
) -> Ended:
    """Take consent back, and at once everything that stood on it. Raises NotFound or NothingOpen."""
    person, stories = _lock_all(session, person)
    _require_story(session, person, story_id)
    same = following.list_same(session, person, story_id)
    ended = consents.withdraw(session, person.id, story_id=story_id, scopes=scopes, by=actor.mark, at=now)
    ended += following.withdraw(session, same, scopes=scopes, by=actor.mark, at=now)
    if not ended:
        clause = ruling.clause_of(session, {"kind": "consent_withdrawn", "person": person.id}, now=now)
        raise NothingOpen(person=person.id, clause=clause)
    return _follow(session, ended, stories, kind="consent_withdrawn", person=person.id, actor=actor, now=now)


def expire_due(session: Session, *, now: datetime) -> int:
    """End what `now` has passed the day of; returns how many entries ended."""
    due = consents.list_due(session, now=now)
    if not due:
        return 0
    people = sorted({row.person_id for row in due})
    stories = {row.story_id for row in due if row.story_id}
    for person_id in {row.person_id for row in due if row.story_id is None}:
        stories.update(persons.list_stories(session, person_id))
    stories |= tellings.list_goals(session, stories)
    locked = [acts.get_locked(session, story_id) for story_id in sorted(stories)]
    _lock_people(session, people)
    due = [row for row in consents.list_due(session, now=now) if row.person_id in people]  # now that nobody ends them
    due = [row for row in due if row.story_id is None or row.story_id in stories]
    consents.expire(due, at=now)
    session.flush()
    followed = following.expire(session, due, at=now)
    _follow(session, due + followed, locked, kind="consent_expired", actor=SYSTEM, now=now)
    return len(due)


def merge(session: Session, kept: Person, double: Person, *, actor: Actor, now: datetime) -> Outcome:
    """Let two rows be one person, who may be younger than was known, or have taken something back before.

    Raises NotMergeable.
    """
    stories = sorted({*persons.list_stories(session, kept.id), *persons.list_stories(session, double.id)})
    locked = [acts.get_locked(session, story_id) for story_id in stories]
    _lock_people(session, sorted((kept.id, double.id)))
    persons.merge(session, kept, double)
    session.flush()
    ended = consents.end_reopened(session, kept.id, by=actor.mark, at=now)
    outcome = acts.settle(session, locked, now=now)
    merged = {"kind": "persons_merged", "kept": kept.id, "double": double.id, "actor": actor.mark}
    said: dict[str | None, dict[str, Any]] = {None: merged}
    for story_id in {loss.story_id for loss in outcome.losses} | {row.story_id for row in ended if row.story_id}:
        told = {"kind": "consent_withdrawn", "persons": [kept.id], "person": kept.id, "actor": actor.mark}
        said[story_id] = {**told, "consents": sorted(row.id for row in ended if row.story_id == story_id)}
    reducing.append(session, Settled(locked, outcome, said), now=now)
    return outcome


def lock_stories(session: Session, person: Person) -> tuple[Person, list[Story]]:
    """Every story of a person, locked in the order of ids, and then the person, whoever they were merged into."""
    stories = [acts.get_locked(session, story_id) for story_id in persons.list_stories(session, person.id)]
    person = persons.lock(session, person.id)
    known = {story.id for story in stories}  # others were pushed, or are of whom they were merged into
    late = [story_id for story_id in persons.list_stories(session, person.id) if story_id not in known]
    return person, stories + [acts.get_locked(session, story_id) for story_id in late]


def _lock_all(session: Session, person: Person) -> tuple[Person, list[Story]]:
    """As `lock_stories`, with those that went on for theirs, and all of whoever is the same person there."""
    same = following.list_same(session, person)
    people = {person.id, *(person_id for _, person_id in same)}
    wanted = {story_id for story_id, _ in same}.union(*(persons.list_stories(session, each) for each in people))
    stories = [acts.get_locked(session, story_id) for story_id in sorted(wanted)]
    _lock_people(session, people)
    person = persons.lock(session, person.id)
    same = following.list_same(session, person)  # as it is now: others were pushed, merged or joined meanwhile
    late = {*persons.list_stories(session, person.id), *(story_id for story_id, _ in same)} - wanted
    late = late.union(*(persons.list_stories(session, each) for _, each in same)) - wanted
    return person, stories + [acts.get_locked(session, story_id) for story_id in sorted(late)]


def _salted(said: Mapping[str, str]) -> dict[str, str]:
    """What names somebody, with the salt of the commitment that the journal keeps of it."""
    return {**said, consent_terms.SALT: secrets.token_urlsafe(16)}


def _require_story(session: Session, person: Person, story_id: str | None) -> None:
    if story_id is not None and story_id not in persons.list_stories(session, person.id):
        raise NotFound(what=story_id)


def _lock_to_widen(session: Session, person: Person, story_id: str | None, actor: Actor, *, now: datetime) -> Person:
    """The person, locked, where `actor` may let more be shown: in one story its sender too, in all only an editor."""
    person = persons.lock_living(session, person.id)
    _require_story(session, person, story_id)
    if story_id is None:
        require_editor(session, person, actor=actor, now=now)
    elif not _reaches(session, [story_id], actor, now=now) and not _is_own(session, story_id, actor, now=now):
        raise BeyondReach(person=person.id)
    return person


def _reaches(session: Session, story_ids: Collection[str], actor: Actor, *, now: datetime) -> bool:
    """Is the actor an editor over every one of these stories?"""
    if actor is SYSTEM:
        return True
    within = rights.within_reach(Story.organization_id, actor, {Role.EDITOR}, on=local_day(now))
    return set(session.scalars(select(Story.id).where(Story.id.in_(story_ids), within))) == set(story_ids)


def _is_own(session: Session, story_id: str, actor: Actor, *, now: datetime) -> bool:
    own = rights.own(Story.organization_id, actor, on=local_day(now))
    return session.scalar(select(Story.id).where(Story.id == story_id, own)) is not None


def _lock_people(session: Session, person_ids: Collection[str]) -> None:
    """Lock people in the order of ids, and read them as they are now."""
    query = select(Person).where(Person.id.in_(person_ids)).order_by(Person.id).with_for_update()
    session.scalars(query.execution_options(populate_existing=True)).all()


def _follow(
    session: Session,
    ended: list[Consent],
    stories: list[Story],
    *,
    kind: str,
    person: str = "",
    actor: Actor,
    now: datetime,
) -> Ended:
    """Settle the stories, and tell the journal of every entry that ended under the story it ended in."""
    outcome = acts.settle(session, stories, now=now, actor=actor)
    said: dict[str | None, dict[str, Any]] = {}
    touched = {row.story_id for row in ended} | {loss.story_id for loss in outcome.losses}
    for story_id in touched:
        here = [row for row in ended if row.story_id == story_id]
        said[story_id] = {
            "kind": kind,
            "persons": sorted({row.person_id for row in here}),
            "consents": sorted(row.id for row in here),
            "scopes": sorted({row.scope for row in here}),
            "actor": actor.mark,
        }
        if here and person:
            said[story_id]["person"] = person  # whoever took it back is owed a report
    reducing.append(session, Settled(stories, outcome, said), now=now)
    return Ended(tuple(ended), outcome)
