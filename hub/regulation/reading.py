"""Who may read which story, and how much of it: the condition stands in the query, never behind it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session, joinedload

import schemas
from hub.accounts.actors import Actor, Role
from hub.errors import NotFound
from hub.models import Story, Version
from hub.records.disclosures import Content
from hub.regulation.workflow import State


def get_story(session: Session, story_id: str, *, asker: Actor) -> Story:
    """A story by our id or, for an organization, by its own. Raises NotFound for what the asker may not know."""
    query = _visible(asker).options(joinedload(Story.organization, innerjoin=True))
    if story_id.startswith("st_"):
        query = query.where(Story.id == story_id)
    else:
        query = query.where(Story.external_id == story_id, Story.organization_id == asker.organization_id)
    story: Story | None = session.scalar(query)
    if story is None:
        raise NotFound(what=story_id)
    return story


def list_stories(
    session: Session, *, asker: Actor, state: str | None, before: str | None, limit: int
) -> list[tuple[Story, Version]]:
    """Stories with their newest version, newest first; `before` is the last id of the page before."""
    query = (
        _visible(asker)
        .add_columns(Version)
        .join(Version, and_(Version.story_id == Story.id, Version.number == Story.latest))
        .options(joinedload(Story.organization, innerjoin=True))
        .order_by(Story.id.desc())
        .limit(limit)
    )
    if state is not None:
        query = query.where(Story.state == state)
    if before is not None:
        query = query.where(Story.id < before)
    return [(story, version) for story, version in session.execute(query)]


def get_version(session: Session, story_id: str, number: int) -> Version:
    """A version by number. Raises NotFound."""
    version = session.scalar(select(Version).where(Version.story_id == story_id, Version.number == number))
    if version is None:
        raise NotFound(what=f"{story_id}/versions/{number}")
    return version


def list_versions(session: Session, story_id: str, *, after: int, limit: int) -> list[Version]:
    """Versions with a number over `after`, oldest first."""
    query = (
        select(Version)
        .where(Version.story_id == story_id, Version.number > after)
        .order_by(Version.number)
        .limit(limit)
    )
    return list(session.scalars(query))


def prune_for(content: Content, asker: Actor) -> Content:
    """An organization reads all of its own story; the desk reads up to audience `desk`, so nothing sealed."""
    if asker.role is Role.ORGANIZATION:
        return content
    return {name: _reached(member, name) for name, member in content.items()}


def _visible(asker: Actor) -> Select[Any]:
    """The stories an asker may know of: an organization its own, an editor whatever is handed in."""
    if asker.role is Role.EDITOR:
        return select(Story).where(Story.state != State.DRAFT)
    return select(Story).where(Story.organization_id == asker.organization_id)


def _reached(value: Any, path: str) -> Any:
    if isinstance(value, dict):
        return {
            name: _reached(member, f"{path}.{name}")
            for name, member in value.items()
            if schemas.fields().get(f"{path}.{name}", schemas.Audience.PUBLIC) <= schemas.Audience.DESK
        }
    if isinstance(value, list):
        return [_reached(member, path) for member in value]
    return value
