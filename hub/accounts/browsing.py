"""The register of organizations as administrators leaf through it: level by level, by search, and one by one.

Every listing keeps within the reader's reach and loads a page at a time, however many units a province has.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from feeds.text import fold
from hub.accounts import history, keys, organizations, rights, whole_hub
from hub.accounts.organizations import holds
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import NotFound
from hub.models import Key, Membership, Organization, OrganizationState, RegisterEvent

READERS = frozenset({Role.ADMIN, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Node:
    """An organization in the tree; `below` is how many stand directly below it."""

    code: str
    name: str
    kind: str
    level: str
    commune: str
    ended_on: date | None
    below: int
    path: str = ""  # the name of the one above it, in results of a search


@dataclass(frozen=True, slots=True)
class Span:
    """What an organization was from a day on and before another; `parent` is a code, or empty."""

    state: OrganizationState
    parent: str
    parent_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An organization with its history."""

    row: Organization
    above: tuple[tuple[str, str], ...]  # code and name, the nearest last
    spans: tuple[Span, ...]
    events: tuple[RegisterEvent, ...]
    successor: Organization | None
    predecessors: tuple[Organization, ...]
    seats: int  # held today
    keys: int  # live
    below: int


def list_tops(
    session: Session, actor: Actor, *, now: datetime, after: str = "", limit: int, roles: Collection[Role] = READERS
) -> list[Node]:
    """Where the reader's part of the tree begins: whatever stands above nobody's reach, by code."""
    on = local_day(now)
    grants = actor.reach(roles)
    if whole_hub.reaches(session, actor, roles, now=now):
        begin: ColumnElement[bool] = Organization.parent_id.is_(None)
    else:
        begin = Organization.id.in_({grant.organization_id for grant in grants if grant.organization_id})
    query = select(Organization).where(begin, _lasts(on), Organization.code > after)
    rows = session.scalars(query.order_by(Organization.code).limit(limit)).all()
    return _nodes(session, rows, on=on)


def list_below(session: Session, code: str, *, now: datetime, after: str = "", limit: int) -> list[Node]:
    """Those directly below an organization today, and below those it came after, by code."""
    on = local_day(now)
    family = organizations.family_of_code(code, on=on)
    query = select(Organization).where(
        Organization.parent_id.in_(select(family.c.id)),
        Organization.code != code,
        _lasts(on),
        Organization.code > after,
    )
    rows = session.scalars(query.order_by(Organization.code).limit(limit)).all()
    return _nodes(session, rows, on=on)


def search(
    session: Session,
    words: str,
    *,
    actor: Actor,
    now: datetime,
    after: str = "",
    limit: int,
    roles: Collection[Role] = READERS,
) -> list[Node]:
    """Those within reach whose code or name holds every word, folded ("hoa" finds "Hòa"); by code."""
    on = local_day(now)
    within = _within_reach(session, actor, roles, now=now)
    query = select(Organization).where(within, Organization.code > after, _lasts(on))
    for word in fold(words).split()[:10]:
        query = query.where(Organization.folded.contains(word, autoescape=True))
    rows = session.scalars(query.order_by(Organization.code).limit(limit)).all()
    return _nodes(session, rows, on=on, with_path=True)


def get(session: Session, code: str, *, actor: Actor, now: datetime, roles: Collection[Role] = READERS) -> Told:
    """An organization within reach, with its history. Raises NotFound."""
    on = local_day(now)
    within = _within_reach(session, actor, roles, now=now)
    row = session.scalar(select(Organization).where(Organization.code == code, within))
    if row is None:
        raise NotFound(what=code, kind="organization")
    states = organizations.list_states(session, row.id)
    parents = _named(session, {state.parent_id for state in states})
    line = organizations.list_line(session, row.id, on=on)[1:]
    names = _named(session, {each.id for each in line})
    before = session.scalars(
        select(Organization).where(Organization.successor_id == row.id).order_by(Organization.code)
    ).all()
    return Told(
        row=row,
        above=tuple((each.code, names[each.id][1]) for each in reversed(line) if not each.is_succeeded),
        spans=tuple(Span(state, *parents.get(state.parent_id or 0, ("", ""))) for state in reversed(states)),
        events=tuple(reversed(history.list_events(session, code))),
        successor=session.get(Organization, row.successor_id) if row.successor_id else None,
        predecessors=tuple(before),
        seats=_count(session, Membership, Membership.organization_id == row.id, holds(Membership, on)),
        keys=_count(session, Key, Key.organization_id == row.id, keys.live(now)),
        below=_count(session, Organization, Organization.parent_id == row.id, _lasts(on)),
    )


def _within_reach(session: Session, actor: Actor, roles: Collection[Role], *, now: datetime) -> ColumnElement[bool]:
    """The condition that the reader reaches an organization: whoever has the whole hub also what stands beside it."""
    if whole_hub.reaches(session, actor, roles, now=now):
        return true()
    return rights.within_reach(Organization.id, actor, roles, on=local_day(now))


def _nodes(session: Session, rows: Sequence[Organization], *, on: date, with_path: bool = False) -> list[Node]:
    counts = _count_below(session, [row.id for row in rows], on=on)
    above = _named(session, {row.parent_id for row in rows}) if with_path else {}
    return [
        Node(
            row.code,
            row.name,
            row.kind,
            row.level,
            row.commune,
            row.ended_on,
            counts.get(row.id, 0),
            above.get(row.parent_id or 0, ("", ""))[1],
        )
        for row in rows
    ]


def _count_below(session: Session, ids: Sequence[int], *, on: date) -> dict[int, int]:
    """How many stand directly below each; those below one that has ended count for its heir."""
    parent, child = aliased(Organization), aliased(Organization)
    heir = case((and_(parent.successor_id.is_not(None), parent.ended_on <= on), parent.successor_id), else_=parent.id)
    query = (
        select(heir, func.count())
        .select_from(child)
        .join(parent, parent.id == child.parent_id)
        .where(heir.in_(ids), or_(child.ended_on.is_(None), child.ended_on > on))
        .group_by(heir)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _named(session: Session, ids: Collection[int | None]) -> dict[int, tuple[str, str]]:
    query = select(Organization.id, Organization.code, Organization.name).where(Organization.id.in_(ids))
    return {row[0]: (row[1], row[2]) for row in session.execute(query)}


def _lasts(on: date) -> ColumnElement[bool]:
    return or_(Organization.ended_on.is_(None), Organization.ended_on > on)


def _count(session: Session, table: Any, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0
