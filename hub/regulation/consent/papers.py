"""The papers behind consents: handed in for somebody, opened by those who decide; the journal tells of each of both."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.accounts import rights
from hub.actors import Actor
from hub.clock import local_day
from hub.errors import NotFound
from hub.models import Person, Proof, Story
from hub.records import journal, persons, proofs
from hub.records.proofs import Sealed
from hub.records.secret import Secret


def list_of(session: Session, story: Story) -> dict[str, list[Sealed]]:
    """The papers on which a story rests, by the persons its newest version tells of."""
    people = {row.person_id for row in persons.list_of_version(session, story.id, story.latest)}
    return proofs.list_of_story(session, story.id, people)


def hand_in(
    session: Session, story: Story, person_id: str, data: bytes, *, secret: Secret, actor: Actor, now: datetime
) -> Proof:
    """Seal a paper of somebody whom a story of the actor's own organization tells of.

    Raises NotFound, PersonErased, NotAProof or TooLarge.
    """
    own = rights.own(Story.organization_id, actor, on=local_day(now))
    if session.scalar(select(Story.id).where(Story.id == story.id, own)) is None:
        raise NotFound(what=story.id, kind="story")
    if person_id not in list_of(session, story):
        raise NotFound(what=person_id[:40], kind="person")
    person = persons.lock_living(session, person_id)
    return seal(session, person, data, story_id=story.id, secret=secret, actor=actor, now=now)


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
    """A paper on which a story rests, and what is in it. Raises NotFound, or WrongSecret."""
    if all(proof_id != each.id for found in list_of(session, story).values() for each in found):
        raise NotFound(what=proof_id[:40], kind="paper")
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
