"""The papers behind consents: handed in for somebody, opened by those who decide; the journal tells of each of both."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.accounts import rights
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import NotFound
from hub.models import Person, Proof, Story
from hub.records import journal, persons, proofs
from hub.records.secret import Secret
from hub.regulation import acts, reading
from hub.regulation.workflow import State

DECIDE = frozenset({Role.CONFIRMER, Role.EDITOR, Role.AUDITOR})  # on a story, and so open the papers it rests on


def may_open(session: Session, story: Story, *, actor: Actor, now: datetime) -> bool:
    """Does the actor decide on this story? Nobody does as long as it is a draft."""
    over = rights.roles_over(session, actor, story.organization_id, on=local_day(now))
    return story.state != State.DRAFT and not DECIDE.isdisjoint(over)


def hand_in(
    session: Session, story_id: str, person_id: str, data: bytes, *, secret: Secret, actor: Actor, now: datetime
) -> bool:
    """Seal a paper of somebody whom a story of the actor's own organization tells of; False where it lies here already.

    Raises NotFound, StoryClosed, PersonErased, NotAProof or TooLarge.
    """
    own = rights.own(Story.organization_id, actor, on=local_day(now))
    if session.scalar(select(Story.id).where(Story.id == story_id, own)) is None:
        raise NotFound(what=story_id[:40], kind="story")
    story = acts.get_locked(session, story_id)  # before the person, as everywhere
    reading.open_view(session, story, asker=actor, now=now)
    person = persons.get(session, person_id)
    if all(row.person_id != person.id for row in persons.list_of_version(session, story.id, story.latest)):
        raise NotFound(what=person_id[:40], kind="person")
    person = persons.lock_living(session, person.id)
    if proofs.has(session, person.id, story.id, data):
        return False
    seal(session, person, data, story_id=story.id, secret=secret, actor=actor, now=now)
    return True


def seal(
    session: Session,
    person: Person,
    data: bytes,
    *,
    story_id: str | None = None,
    secret: Secret,
    actor: Actor,
    now: datetime,
) -> Proof:
    """Seal a paper of a person, who is locked. Raises NotAProof or TooLarge."""
    proof = proofs.seal(session, person.id, data, secret=secret, by=actor.mark, at=now, story_id=story_id)
    record = {"kind": "proof_sealed", "proof": proof.id, "person": person.id, "sha256": proof.sha256}
    journal.append(session, {**record, "actor": actor.mark}, at=now, story_id=story_id)
    return proof


def open_of(
    session: Session, story: Story, proof_id: str, *, secret: Secret, actor: Actor, now: datetime
) -> tuple[Proof, bytes]:
    """A paper on which a story rests, and what is in it. Raises NotFound, StoryClosed or WrongSecret."""
    people = {row.person_id for row in persons.list_of_version(session, story.id, story.latest)}
    listed = proofs.list_of_story(session, story.id, people)
    known = proof_id in {each.id for found in listed.values() for each in found}
    if not known or not may_open(session, story, actor=actor, now=now):
        raise NotFound(what=proof_id[:40], kind="paper")
    reading.open_view(session, story, asker=actor, now=now)
    proof = proofs.get(session, proof_id)
    return proof, read(session, proof, story_id=story.id, secret=secret, actor=actor, now=now)


def read(
    session: Session, proof: Proof, *, story_id: str | None = None, secret: Secret, actor: Actor, now: datetime
) -> bytes:
    """What is in a paper: who looks at it is journalled, or it is not opened. Raises WrongSecret."""
    data = proofs.unseal(proof, secret=secret)
    record = {"kind": "proof_read", "proof": proof.id, "actor": actor.mark}
    journal.append(session, record, at=now, story_id=story_id)
    return data
