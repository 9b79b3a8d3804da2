"""Who is credited for a story that several organizations told: a row for each telling, under the name of its time."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.accounts import organizations, rights
from hub.actors import Actor
from hub.clock import local_day
from hub.models import Act, Organization, Story, StorySupplier
from hub.records import journal

SUBMITTED = ("submit", "correct")
KIND = "suppliers"  # the kind of the journal's record of them
TOLD = ("story_id", "source_id", "organization_id", "name", "submitted_at", "at")


def list_names(session: Session, story_id: str) -> list[str]:
    """The suppliers to name, its own organization first and each once; none where only one told it."""
    query = select(StorySupplier.organization_id, StorySupplier.name).where(StorySupplier.story_id == story_id)
    names: dict[int, str] = {}
    for organization_id, name in session.execute(query.order_by(StorySupplier.id)):
        names.setdefault(organization_id, name)
    return list(names.values()) if len(names) > 1 else []


def add_telling(session: Session, goal: Story, joined: Story, *, now: datetime) -> None:
    """Credit the suppliers of `joined`, and of all that had been joined into it, in `goal`."""
    if not _list_rows(session, goal.id):
        session.add(_own(session, goal, goal.id, now=now))
    told = _list_rows(session, joined.id) or [_own(session, joined, goal.id, now=now)]
    session.add_all(
        StorySupplier(
            story_id=goal.id,
            source_id=row.source_id,
            organization_id=row.organization_id,
            name=row.name,
            submitted_at=row.submitted_at,
            at=now,
        )
        for row in told
    )
    session.flush()


def is_credited(session: Session, story_id: str, actor: Actor, *, on: date) -> bool:
    """Was a story that the actor's organization sent joined into this one?"""
    query = select(StorySupplier.id).where(
        StorySupplier.story_id == story_id,
        StorySupplier.source_id != story_id,
        rights.own(StorySupplier.organization_id, actor, on=on),
    )
    return session.scalar(query.limit(1)) is not None


def list_told_goals(session: Session, goals: Collection[str], asker: Actor, *, on: date) -> set[str]:
    """Those of these stories that credit the asker's organization and were released: readers are told so, too."""
    released = select(Story.id).where(Story.id.in_(goals), Story.released.is_not(None))
    return {story_id for story_id in session.scalars(released) if is_credited(session, story_id, asker, on=on)}


def tell(session: Session, story_ids: Collection[str], *, at: datetime) -> None:
    """Let the journal know who is credited for these stories; call it last, as any append."""
    for story_id, digest in sorted(digests_of(session, story_ids).items()):
        journal.append(session, {"kind": KIND, "digest": digest}, at=at, story_id=story_id)


def digests_of(session: Session, story_ids: Collection[str]) -> dict[str, str]:
    """Hex SHA-256 over who is credited for each of these stories that several organizations told, by id."""
    if not story_ids:
        return {}  # most acts join nothing
    session.flush()
    columns = [StorySupplier.__table__.c[name] for name in TOLD]
    query = select(*columns).where(StorySupplier.story_id.in_(story_ids)).order_by(StorySupplier.id)
    told: dict[str, list[Any]] = defaultdict(list)
    for row in session.execute(query):
        told[row.story_id].append([*row])
    return {story_id: hashlib.sha256(orjson.dumps(rows)).hexdigest() for story_id, rows in told.items()}


def _list_rows(session: Session, story_id: str) -> list[StorySupplier]:
    query = select(StorySupplier).where(StorySupplier.story_id == story_id).order_by(StorySupplier.id)
    return list(session.scalars(query))


def _own(session: Session, story: Story, credited_in: str, *, now: datetime) -> StorySupplier:
    """A story's own organization, under the name it had on the day it submitted it."""
    query = select(Act.at).where(Act.story_id == story.id, Act.kind.in_(SUBMITTED)).order_by(Act.id.desc()).limit(1)
    submitted_at = session.scalar(query) or story.created_at
    then = organizations.find_state(session, story.organization_id, local_day(submitted_at))
    return StorySupplier(
        story_id=credited_in,
        source_id=story.id,
        organization_id=story.organization_id,
        name=(then or session.get_one(Organization, story.organization_id)).name,
        submitted_at=submitted_at,
        at=now,
    )
