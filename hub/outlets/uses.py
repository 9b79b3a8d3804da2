"""Who used a story: the pick-ups that count, and the outlets that told them, or came after those that did."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from hub.accounts import users
from hub.clock import local_day
from hub.models import Pickup

FILED, PROPOSED = "filed", "proposed"  # states: told by the outlet, found by the hub
PLANNED, PUBLISHED, DECLINED = "planned", "published", "declined"
DONE = frozenset({"printed", "aired", PUBLISHED})
USED = DONE | {PLANNED}  # who is told first when the story changes
_LATER = aliased(Pickup)  # made once: an alias costs more than the rest of its query


def counts() -> ColumnElement[bool]:
    """The condition for pick-ups that count: told by their outlet, and neither put right nor taken back since."""
    return and_(Pickup.state == FILED, ~exists().where(_LATER.replaces_id == Pickup.id))


def list_uses(session: Session, story_id: str, uses: Collection[str] = USED) -> list[Pickup]:
    """The pick-ups of a story that count and say one of these, with their outlets, in the order they were told."""
    query = select(Pickup).where(Pickup.story_id == story_id, Pickup.use.in_(uses), counts())
    return list(session.scalars(query.options(joinedload(Pickup.outlet)).order_by(Pickup.id)))


def list_of_outlets(
    session: Session, outlet_ids: Collection[int], story_ids: Collection[str]
) -> dict[str, list[Pickup]]:
    """What outlets told of these stories and stand by, by story, in the order they were told."""
    by_story: Any = Pickup.outlet_id + 0  # no database shall begin with all that an outlet ever told
    query = select(Pickup).where(Pickup.story_id.in_(story_ids), by_story.in_(outlet_ids), counts())
    found: dict[str, list[Pickup]] = {}
    for row in session.scalars(query.order_by(Pickup.id)):
        found.setdefault(row.story_id, []).append(row)
    return found


def find_page_elsewhere(session: Session, story_id: str) -> Pickup | None:
    """The earliest page that an outlet published the story on, where there is one."""
    query = select(Pickup).where(Pickup.story_id == story_id, Pickup.use == PUBLISHED, counts())
    at_web = or_(Pickup.url.startswith("https://"), Pickup.url.startswith("http://"))  # an erasure empties it
    return session.scalar(query.where(at_web).order_by(Pickup.used_on, Pickup.used_time, Pickup.id).limit(1))


def who_used(session: Session, story_id: str, *, now: datetime) -> dict[int, list[Pickup]]:
    """The uses of a story by the id of the outlet that answers for them today."""
    found: dict[int, list[Pickup]] = {}
    for row in list_uses(session, story_id):
        heir = users.resolve_outlet(session, row.outlet_id, on=local_day(now))
        found.setdefault(heir.id, []).append(row)
    return found
