"""Near-duplicates for people: who may see them, what a story's line says of them, and the ones of a story."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session, joinedload

from hub.accounts import rights
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import NotFound
from hub.models import Act, Likeness, Story, Version
from hub.records import likenesses
from hub.records.likenesses import Decision
from hub.regulation import crediting, reading
from hub.regulation.workflow import ENDED

JUDGES = frozenset({Role.CONFIRMER, Role.EDITOR})


class Checked(StrEnum):
    """What a story's line says of the search for near-duplicates."""

    CHECKING = "checking"  # the newest version has not been compared yet
    CHECKED = "checked"  # it has; what was found is not for the asker
    NONE = "none"
    FOUND = "found"  # something that nobody has decided yet


@dataclass(frozen=True, slots=True)
class Found:
    """A story that seems to tell the same deed, with its newest version; `is_open`: the asker may read what it says."""

    likeness: Likeness
    story: Story
    version: Version
    is_open: bool


def check_may_compare(session: Session, asker: Actor, story: Story, *, now: datetime) -> None:
    """Raises NotFound for whoever may not see a story's likenesses, as for a story without any such address."""
    if not _compared(session, [story.id], asker, now):
        raise NotFound(what=f"{story.id}/likenesses", kind="likeness")


def standings(session: Session, stories: Sequence[Story], *, asker: Actor, now: datetime) -> dict[str, Checked]:
    """What the lines of these stories say, by their ids; three statements, however many there are."""
    ids = [story.id for story in stories]
    signed = likenesses.signed_versions(session, ids)
    compared = _compared(session, ids, asker, now)
    found = _with_open(session, sorted(compared), asker=asker, now=now) if compared else set()
    return {story.id: _standing(story, signed.get(story.id), found, compares=story.id in compared) for story in stories}


def list_likenesses(
    session: Session, story: Story, *, asker: Actor, now: datetime, limit: int | None = None
) -> list[Found]:
    """The stories that seem to tell the same deed and that the asker may know of: open ones first, likest first."""
    query = _found(session, story, asker, now).order_by(
        case((Likeness.decision == Decision.OPEN, 0), else_=1),
        func.coalesce(Likeness.similarity, 0).desc(),
        Story.id,
    )
    rows = session.execute(query.limit(limit)).all()
    closed = reading.list_closed(session, [other for other, *_ in rows], asker=asker, now=now)
    return [Found(row, other, version, other.id not in closed) for other, row, version in rows]


def get_likeness(session: Session, story: Story, other_id: str, *, asker: Actor, now: datetime) -> Found:
    """One of a story's likenesses. Raises NotFound for one that the asker may not know of."""
    found = session.execute(_found(session, story, asker, now).where(Story.id == other_id)).first()
    if found is None:
        raise NotFound(what=f"{story.id}/likenesses/{other_id[:40]}", kind="likeness")
    other, row, version = found
    return Found(row, other, version, not reading.list_closed(session, [other], asker=asker, now=now))


def dismiss(session: Session, story: Story, other_id: str, *, actor: Actor, now: datetime) -> Found:
    """Say that the two tell two deeds. Raises NotFound for a likeness the actor may not know of, LikenessDecided."""
    found = get_likeness(session, story, other_id, asker=actor, now=now)
    likenesses.dismiss(session, story.id, other_id, actor=actor, now=now)
    return found


def _found(session: Session, story: Story, asker: Actor, now: datetime) -> Select[Any]:
    """The rows of `Found`: a story that is like this one, what is known of the two, its newest version."""
    return (
        _others(session, asker, [story.id], now)
        .add_columns(Likeness, Version)
        .join(Version, and_(Version.story_id == Story.id, Version.number == Story.latest))
        .options(joinedload(Story.organization, innerjoin=True))
    )


def known_goals(session: Session, rows: Sequence[Act], *, asker: Actor, now: datetime) -> frozenset[str]:
    """The stories that these acts joined others into, as far as the asker compares stories and may know of them.

    Whoever sent one hears of the story that it is a part of once that is released, and credits them.
    """
    goals = {row.into_id for row in rows if row.into_id is not None}
    if not goals:
        return frozenset()
    told = crediting.list_told_goals(session, goals, asker, on=local_day(now))
    compared = _compared(session, {row.story_id for row in rows}, asker, now)
    goals = {row.into_id for row in rows if row.into_id is not None and row.story_id in compared}
    query = reading.visible(asker, now).where(Story.id.in_(goals))
    return frozenset(told) | frozenset(session.scalars(query.with_only_columns(Story.id)) if goals else ())


def _compared(session: Session, ids: Collection[str], asker: Actor, now: datetime) -> frozenset[str]:
    """Those of these stories whose likenesses the asker may see.

    Those who judge a story may; whoever is less to it must not learn of another's.
    """
    if asker.roles.isdisjoint(JUDGES):
        return frozenset()
    if any(grant.organization_id is None and grant.outlet_id is None for grant in asker.reach(JUDGES)):
        return frozenset(ids)
    judged = rights.within_reach(Story.organization_id, asker, JUDGES, on=local_day(now))
    return frozenset(session.scalars(select(Story.id).where(Story.id.in_(ids), judged)))


def _standing(story: Story, signed: int | None, found: set[str], *, compares: bool) -> Checked:
    if signed != story.latest and story.state not in ENDED:
        return Checked.CHECKING
    if not compares:
        return Checked.CHECKED
    return Checked.FOUND if story.id in found else Checked.NONE


def _with_open(session: Session, ids: Sequence[str], *, asker: Actor, now: datetime) -> set[str]:
    """Those of these stories that have a likeness which nobody has decided, to a story the asker may know of."""
    query = _others(session, asker, ids, now).where(Likeness.decision == Decision.OPEN.value)
    return set(session.scalars(query.with_only_columns(Likeness.story_id).distinct()))


def _others(session: Session, asker: Actor, ids: Sequence[str], now: datetime) -> Select[Any]:
    """The other sides of these stories' likenesses, where the asker may know of them; these few are looked at alone."""
    known = set(session.scalars(select(Likeness.other_id).where(Likeness.story_id.in_(ids))))
    return (
        reading.visible(asker, now)
        .join(Likeness, Likeness.other_id == Story.id)
        .where(Likeness.story_id.in_(ids), Story.id.in_(known))
    )
