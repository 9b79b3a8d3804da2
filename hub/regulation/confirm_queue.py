"""What waits for a confirmer: the stories of the steps that are theirs to give, by deadline."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select
from sqlalchemy.orm import Session, joinedload

from hub.accounts import organizations, rights
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.db import UTCDateTime
from hub.errors import Conflict
from hub.models import Duty, Organization, OrganizationState, Story
from hub.regulation import chain, confirming, ruling, whereabouts
from hub.regulation.duties import reckoning
from hub.regulation.edition import editions
from hub.regulation.edition.working_days import end_of
from hub.regulation.whereabouts import Whereabouts
from hub.regulation.workflow import ActKind, State

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
BATCH, BATCHES = 50, 10  # stories looked at for one page: what waits for others below is passed over


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A story that waits to be confirmed, where it is, and what keeps the asker from it, if anything does."""

    story: Story
    place: Whereabouts
    refusal: Conflict | None


@dataclass(frozen=True, slots=True)
class Count:
    """How much waits; `is_more` where there is more, or may be: the counting ended early."""

    number: int
    is_more: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """A story that was looked at, what keeps the asker from it, and the cursor behind it."""

    story: Story
    refusal: Conflict | None
    cursor: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what waits, and the cursor behind which more may wait; empty where nothing does.

    A page may hold less than was asked for, even nothing, and still have more behind it.
    """

    rows: list[Waiting]
    following: str


def list_waiting(session: Session, *, asker: Actor, after: str = "", limit: int, now: datetime) -> Page:
    """The stories whose open step is the asker's to confirm, the earliest deadline first.

    Those that they may not confirm all the same, since they are their own, come with the reason; another unit's are
    passed over. `after` is the cursor of the page before: a deadline and an id, which hold when the story has moved on.
    """
    found: list[tuple[Story, Conflict | None]] = []
    for batch in _batches(session, asker, after, now=now):
        for seen in batch:
            if len(found) == limit:
                return _page(session, found, after, now=now)
            if not isinstance(seen.refusal, chain.NotYourStep):
                found.append((seen.story, seen.refusal))
            after = seen.cursor
        if len(batch) < BATCH:
            return _page(session, found, "", now=now)
    return _page(session, found, after, now=now)


def count_waiting(session: Session, *, asker: Actor, most: int, now: datetime) -> Count:
    """How many stories the asker can confirm now, up to `most`: as many batches are looked at as for a page."""
    number = 0
    for batch in _batches(session, asker, "", now=now):
        number += sum(seen.refusal is None for seen in batch)
        if number > most:
            return Count(most, is_more=True)
        if len(batch) < BATCH:
            return Count(number, is_more=False)
    return Count(number, is_more=True)


def _batches(session: Session, asker: Actor, after: str, *, now: datetime) -> Iterator[list[_Seen]]:
    """What may wait for the asker behind a cursor, BATCHES at most; one shorter than BATCH is the last.

    Some statements for each of them, however many stories it holds.
    """
    possible = _may_be_theirs(session, asker, now=now)
    for _batch in range(BATCHES):
        rows = _list_next(session, asker, possible, after, now=now)
        stories = [story for story, _by in rows]
        rulings = ruling.of_stories(session, stories, now=now)
        refusals = confirming.refusals(session, stories, rulings, actor=asker, now=now) if stories else {}
        yield [_Seen(story, refusals[story.id], f"{by.isoformat()}~{story.id}") for story, by in rows]
        if rows:
            after = f"{rows[-1][1].isoformat()}~{rows[-1][0].id}"


def _page(session: Session, found: Sequence[tuple[Story, Conflict | None]], following: str, *, now: datetime) -> Page:
    places = whereabouts.find_all(session, [story for story, _ in found], now=now)
    rows = [Waiting(story=story, place=places[story.id], refusal=refusal) for story, refusal in found]
    return Page(rows, following)


def _may_be_theirs(session: Session, asker: Actor, *, now: datetime) -> ColumnElement[bool]:
    """What leaves out the stories that surely wait for others; whose the rest are their routes tell.

    A step is its unit's, and of those above once its term is over or the unit was closed. The name of the step that a
    story bears is that of its route as it was: once the edition or the tree has changed, the route itself is asked.
    """
    edition, on = editions.edition_in_force(session, now), local_day(now)
    seats = {grant.organization_id for grant in asker.reach({Role.CONFIRMER})} - {None}
    levels = {row.id: row.level for row in session.execute(_levels(seats))}
    since = func.coalesce(Story.step_since, Story.updated_at)
    steps: dict[str, list[ColumnElement[bool]]] = {}
    for rule in edition.regulation.rules.values():
        if rule.what.act != ActKind.CONFIRM.value or not rule.what.step:
            continue
        theirs = steps.setdefault(rule.what.step, [])
        if rule.who is not None and rule.who.of == "ancestor":
            there = [seat for seat, level in levels.items() if level == rule.who.level]
            reach = organizations.subtree(there, on=on, name=f"below_{len(theirs)}_{len(steps)}")
        else:
            reach = organizations.families([*levels], on=on, name=f"own_{len(theirs)}_{len(steps)}")
        theirs.append(Story.organization_id.in_(select(reach.c.id)))
        if rule.deadline is not None:
            theirs.append(since <= reckoning.opened_before(rule.deadline, edition.regulation.calendar, now))
    changed = max(filter(None, (edition.effective_at, _tree_changed(session, [*levels], on=on))), default=None)
    return or_(
        Story.step.not_in([*steps]),
        since <= changed if changed is not None else false(),
        Story.organization_id.in_(select(Organization.id).where(Organization.ended_on <= on)),
        *(and_(Story.step == name, or_(*theirs)) for name, theirs in steps.items()),
    )


def _levels(seats: Collection[int | None]) -> Select[int, str]:
    return select(Organization.id, Organization.level).where(Organization.id.in_(seats))


def _tree_changed(session: Session, seats: Sequence[int], *, on: date) -> datetime | None:
    """Until when something changed below these organizations: who stands where, and what ended."""
    tree = organizations.subtree(seats, on=on, name="changed")
    there = select(tree.c.id)
    begun = select(func.max(OrganizationState.valid_from)).where(
        OrganizationState.organization_id.in_(there), OrganizationState.valid_from <= on
    )
    ended = select(func.max(Organization.ended_on)).where(Organization.id.in_(there), Organization.ended_on <= on)
    days = [day for day in (session.scalar(begun), session.scalar(ended)) if day is not None]
    return end_of(max(days)) if days else None


def _list_next(
    session: Session, asker: Actor, possible: ColumnElement[bool], after: str, *, now: datetime
) -> Sequence[tuple[Story, datetime]]:
    """The next stories within the asker's reach that wait for some confirmation, with the instants they stand by."""
    due = select(func.min(Duty.due_at)).where(Duty.story_id == Story.id, Duty.ended_at.is_(None)).scalar_subquery()
    by = func.coalesce(due, literal(NEVER, UTCDateTime()))  # what has no term stands last, the oldest first
    query = (
        select(Story, by)
        .where(Story.state == State.CONFIRMING.value, possible)
        .where(rights.within_reach(Story.organization_id, asker, {Role.CONFIRMER}, on=local_day(now)))
        .options(joinedload(Story.organization, innerjoin=True))
        .order_by(by, Story.id)
        .limit(BATCH)
    )
    if (known := _read_cursor(after)) is not None:
        last, story_id = known
        query = query.where((by > last) | ((by == last) & (Story.id > story_id)))
    return [(story, at) for story, at in session.execute(query)]


def _read_cursor(after: str) -> tuple[datetime, str] | None:
    """What a cursor says; None for the beginning, and for what is no cursor of ours."""
    at, _, story_id = after.partition("~")
    try:
        read = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (read, story_id[:40]) if read.tzinfo is not None and story_id.isprintable() else None
