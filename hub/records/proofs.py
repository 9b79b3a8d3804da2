"""The papers behind consents: a PDF or a picture, sealed at once, opened for those alone who decide."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from hub import ids
from hub.errors import Invalid, NotFound, TooLarge
from hub.models import Consent, Proof
from hub.records.secret import Secret

MAX_BYTES = 10 * 1024 * 1024
PURPOSE = "consent proof"
BEGINNINGS: Mapping[str, bytes] = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
}


class NotAProof(Invalid):
    """Neither a PDF nor a picture, or empty."""

    key = "error.not_a_proof"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is told of a proof that nobody opens."""

    id: str
    person_id: str
    created_at: datetime


def seal(
    session: Session,
    person_id: str,
    data: bytes,
    *,
    secret: Secret,
    by: str,
    at: datetime,
    story_id: str | None = None,
) -> Proof:
    """Keep a file sealed, as what its first bytes say it is. Raises NotAProof or TooLarge."""
    if len(data) > MAX_BYTES:
        raise TooLarge(max_bytes=MAX_BYTES)
    media_type = next((kind for kind, start in BEGINNINGS.items() if data.startswith(start)), None)
    if media_type is None:
        raise NotAProof(allowed=", ".join(BEGINNINGS), length=len(data))
    proof = Proof(
        id=ids.new_proof_id(),
        person_id=person_id,
        story_id=story_id,
        media_type=media_type,
        length=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        sealed=secret.seal(data, purpose=PURPOSE),
        created_at=at,
        created_by=by,
    )
    session.add(proof)
    session.flush()
    return proof


def get(session: Session, proof_id: str) -> Proof:
    """A proof by its id. Raises NotFound."""
    proof = session.get(Proof, proof_id)
    if proof is None:
        raise NotFound(what=proof_id, kind="paper")
    return proof


def unseal(proof: Proof, *, secret: Secret) -> bytes:
    """The file as it was sent. Raises WrongSecret when the hub's secret is another one now."""
    return secret.open(proof.sealed, purpose=PURPOSE)


def list_of_person(session: Session, person_id: str) -> list[Proof]:
    """A person's proofs, oldest first."""
    return list(session.scalars(select(Proof).where(Proof.person_id == person_id).order_by(Proof.created_at)))


def has(session: Session, person_id: str, story_id: str, data: bytes) -> bool:
    """Was this very file handed in for a person and a story already?"""
    digest = hashlib.sha256(data).hexdigest()
    query = select(Proof.id).where(Proof.person_id == person_id, Proof.story_id == story_id, Proof.sha256 == digest)
    return session.scalar(query.limit(1)) is not None


def list_of_story(session: Session, story_id: str, person_ids: Collection[str]) -> dict[str, list[Sealed]]:
    """The proofs on which a story rests, by these persons, oldest first.

    They were handed in for it, or the entries name them that the ledger has of it or of all of a person's stories.
    """
    found: dict[str, list[Sealed]] = {person_id: [] for person_id in person_ids}
    here = or_(Consent.story_id == story_id, Consent.story_id.is_(None))
    named = select(Consent.proof_id).where(Consent.person_id.in_(found), here, Consent.proof_id.is_not(None))
    query = (
        select(Proof.id, Proof.person_id, Proof.created_at)
        .where(Proof.person_id.in_(found), or_(Proof.story_id == story_id, Proof.id.in_(named)))
        .order_by(Proof.created_at, Proof.id)
    )
    for row in session.execute(query) if found else ():
        found[row.person_id].append(Sealed(*row))
    return found


def remove(session: Session, person_id: str) -> None:
    """Forget all of a person's proofs; nothing names them any more."""
    session.execute(delete(Proof).where(Proof.person_id == person_id))
