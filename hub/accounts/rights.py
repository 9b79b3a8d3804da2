"""Where somebody's rights reach: over a subtree of organizations, never to a sibling. Queries carry it inside."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from hub.accounts import organizations
from hub.actors import Actor, Grant, Role

SPEAKERS = (Role.CONTRIBUTOR, Role.CONFIRMER)  # who speak for an organization


@dataclass(frozen=True, slots=True)
class Line:
    """The organization that a story is of, as rights look at it: `own` with its successors, `whole` with all above.

    Whoever was closed is in neither: it has no rights any more, and those above it answer for what it left.
    """

    own: frozenset[int]
    whole: frozenset[int]


def line_of(session: Session, organization_id: int, *, on: date) -> Line:
    """The line of an organization on a day."""
    whole = organizations.list_line(session, organization_id, on=on)
    own = set()
    for each in whole:
        if not each.is_closed:
            own.add(each.id)
        if not each.is_succeeded:
            break
    return Line(frozenset(own), frozenset(each.id for each in whole if not each.is_closed))


def reaches(grant: Grant, line: Line) -> bool:
    """Does a grant reach an organization with this line?"""
    if grant.organization_id is None:
        return grant.outlet_id is None
    return grant.organization_id in (line.own if grant.alone else line.whole)


def roles_over(session: Session, actor: Actor, organization_id: int, *, on: date) -> tuple[Role, ...]:
    """The roles that an actor has over an organization on a day, each once, the actor's first one first."""
    if all(grant.organization_id in (None, organization_id) for grant in actor.grants):
        line = Line(frozenset({organization_id}), frozenset({organization_id}))  # nothing hangs on who stands above
    else:
        line = line_of(session, organization_id, on=on)
    return tuple(dict.fromkeys(grant.role for grant in actor.grants if reaches(grant, line)))


def spoken_for(actor: Actor) -> int | None:
    """The organization that somebody speaks for: the one of their key or, of several seats, their first."""
    seats = {grant.organization_id for grant in actor.reach(SPEAKERS)} - {None}
    return actor.organization_id if actor.organization_id in seats else min(filter(None, seats), default=None)


def outlets_of(actor: Actor) -> list[int]:
    """The outlets that somebody speaks for, the one of the key or of their first seat before others."""
    return sorted(actor.outlet_ids, key=lambda outlet_id: (outlet_id != actor.outlet_id, outlet_id))


def within_reach(
    column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    actor: Actor,
    roles: Collection[Role],
    *,
    on: date,
) -> ColumnElement[bool]:
    """The condition that a row's organization lies where one of these roles of the actor reaches."""
    grants = actor.reach(roles)
    if any(grant.organization_id is None and grant.outlet_id is None for grant in grants):
        return true()
    conditions: list[ColumnElement[bool]] = []
    roots = sorted({grant.organization_id for grant in grants if grant.organization_id and not grant.alone})
    if roots:
        tree = organizations.subtree(roots, on=on, name="reach_" + "_".join(sorted(roles)))
        conditions.append(column.in_(select(tree.c.id)))
    for place, organization_id in enumerate(
        sorted({grant.organization_id for grant in grants if grant.organization_id and grant.alone})
    ):
        family = organizations.family(organization_id, on=on, name=f"own_{place}_" + "_".join(sorted(roles)))
        conditions.append(column.in_(select(family.c.id)))
    return or_(*conditions) if conditions else false()


def own(column: InstrumentedAttribute[int], actor: Actor, *, on: date) -> ColumnElement[bool]:
    """The condition that a row is of the very organization that the actor submits for, or of one it came after."""
    if Role.CONTRIBUTOR not in actor.roles or actor.organization_id is None:
        return false()
    family = organizations.family(actor.organization_id, on=on, name="own")
    return column.in_(select(family.c.id))
