"""Claims: each figure, date and amount is tied to a source or witness, and somebody of the chain verifies it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

import schemas
from hub.errors import Invalid
from hub.models import Act, ClaimCheck, Story
from hub.records.disclosures import Content, reveal
from hub.regulation.reading import get_version


def verify(session: Session, story: Story, act: Act, places: Collection[int]) -> None:
    """Note that the claims at these places of the newest version were verified. Raises Invalid for unknown places."""
    claims = _claims(reveal(get_version(session, story.id, story.latest).disclosures))
    faults = [
        schemas.Fault(f"/claims/{number}", "unknown_claim", {"place": place, "count": len(claims)})
        for number, place in enumerate(places)
        if place >= len(claims)
    ]
    if faults:
        raise Invalid(faults=faults)
    for place in places:
        session.merge(ClaimCheck(story_id=story.id, claim=digest_of(story.id, claims[place]), act_id=act.id))
    session.flush()


def list_unverified(session: Session, story_id: str, content: Content) -> list[int]:
    """The places of claims that nobody has verified in these very words."""
    claims = _claims(content)
    if not claims:
        return []
    known = set(session.scalars(select(ClaimCheck.claim).where(ClaimCheck.story_id == story_id)))
    return [place for place, claim in enumerate(claims) if digest_of(story_id, claim) not in known]


def list_checks(session: Session, story_id: str, content: Content) -> list[Act | None]:
    """Of each claim the act by which it was verified in these very words; None where nobody has."""
    query = select(ClaimCheck.claim, Act).join(Act, Act.id == ClaimCheck.act_id).where(ClaimCheck.story_id == story_id)
    known: dict[str, Act] = {row[0]: row[1] for row in session.execute(query)}
    return [known.get(digest_of(story_id, claim)) for claim in _claims(content)]


def digest_of(story_id: str, claim: Mapping[str, Any]) -> str:
    """What stands for a claim: it stays the same from version to version while the claim does."""
    return hashlib.sha256(
        story_id.encode() + b"\n" + orjson.dumps(dict(claim), option=orjson.OPT_SORT_KEYS)
    ).hexdigest()


def _claims(content: Content) -> Sequence[Mapping[str, Any]]:
    claims: Sequence[Mapping[str, Any]] = content.get("claims", ())
    return claims
