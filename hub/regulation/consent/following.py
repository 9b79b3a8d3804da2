"""Consent that goes in a story which was joined into another goes there, too: it is the same deed of the same person.

Nobody sees the joined story any more, so whoever takes something back in it means the one that went on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hub.actors import Actor
from hub.models import Consent, Person, Story
from hub.records import consents, persons, tellings


def list_same(session: Session, person: Person, story_id: str | None = None) -> list[tuple[str, str]]:
    """Whom a person is in the stories that theirs, or this one alone, were joined into: story and person."""
    told_in = [story_id] if story_id else persons.list_stories(session, person.id)
    goals = tellings.list_goals(session, told_in) - ({story_id} if story_id else set())
    return list(tellings.list_same(session, person.id, told_in, goals)) if goals else []


def withdraw(
    session: Session, same: Sequence[tuple[str, str]], *, scopes: Collection[str], by: str, at: datetime
) -> list[Consent]:
    """End in the stories that went on what was taken back in those that were joined into them."""
    return [
        row
        for story_id, person_id in same
        for row in consents.withdraw(session, person_id, story_id=story_id, scopes=scopes, by=by, at=at)
    ]


def expire(session: Session, ended: Sequence[Consent], *, at: datetime) -> list[Consent]:
    """End in the stories that went on what has just expired in those that were joined into them."""
    found: list[Consent] = []
    for person_id, joined in sorted({(row.person_id, row.story_id) for row in ended if row.story_id}):
        found += _carry(session, person_id, joined, tellings.list_goals(session, [joined]), by="system", at=at)
    return found


def join(session: Session, story: Story, goal: Story, *, actor: Actor, at: datetime) -> dict[str, Any] | None:
    """End in the story that goes on what had gone in the one that is joined into it.

    Returns what the journal is told of it, None where nothing had to end.
    """
    session.flush()
    ended: list[Consent] = []
    for joined in sorted({story.id, *tellings.list_joined(session, story.id)}):
        for person_id in persons.list_of_story(session, joined):
            ended += _carry(session, person_id, joined, {goal.id}, by=actor.mark, at=at)
    if not ended:
        return None
    expired = {row.end_reason for row in ended} == {consents.EXPIRED}
    return {
        "kind": "consent_expired" if expired else "consent_withdrawn",
        "persons": sorted({row.person_id for row in ended}),
        "consents": sorted(row.id for row in ended),
        "scopes": sorted({row.scope for row in ended}),
        "actor": actor.mark,
    }


def _carry(
    session: Session, person_id: str, joined: str, goals: Collection[str], *, by: str, at: datetime
) -> list[Consent]:
    gone = consents.list_gone(session, person_id, joined, at=at) if goals else {}
    same = tellings.list_same(session, person_id, [joined], goals) if gone else ()
    return [row for story_id, found in same for row in consents.end_older(session, found, story_id, gone, by=by, at=at)]
