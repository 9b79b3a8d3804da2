"""Near-duplicates of what is not sent yet: whoever is about to send sees those that they may know of anyhow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_
from sqlalchemy.orm import Session, joinedload

from hub.actors import Actor
from hub.intake import likeness_checks
from hub.models import Story, Version
from hub.regulation import reading
from hub.regulation.workflow import ENDED


@dataclass(frozen=True, slots=True)
class Alike:
    """A story that seems to tell the same deed, with its newest version and the share of wording in common."""

    story: Story
    version: Version
    share: float


def list_alike(
    session: Session, content: Mapping[str, Any], *, story_id: str | None, asker: Actor, now: datetime
) -> list[Alike]:
    """The stories like `content` that the asker may know of, likest first; `story_id`, whose draft it is, apart."""
    found = likeness_checks.find_likenesses(session, story_id or "", likeness_checks.seen_of(content, 0))
    if not found:
        return []
    query = (
        reading.visible(asker, now)
        .where(Story.id.in_(found), Story.state.not_in(ENDED))
        .add_columns(Version)
        .join(Version, and_(Version.story_id == Story.id, Version.number == Story.latest))
        .options(joinedload(Story.organization, innerjoin=True))
    )
    rows = [Alike(story, version, found[story.id]) for story, version in session.execute(query)]
    return sorted(rows, key=lambda each: (-each.share, each.story.id))
