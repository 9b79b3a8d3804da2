"""Who administers the hub as a whole: outlets, the regulation, what is sent out, the journal, the hub's health.

These belong to no subtree. Outlets and the regulation are read by every administrator and auditor, since every part
works with them; changing them, and all of the rest, is for those whose right reaches the organization that the hub is
run from, its seat. That is the first organization of the hub, as it was written down when that was added, or whoever
has succeeded it; it stays the seat wherever it is moved in the tree. Only where the seat was closed without an heir is
it the one that has been there longest of those that nobody stands above.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.accounts import organizations, rights
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import NotFound
from hub.models import Organization, OrganizationState, Setting


def find_seat(session: Session, *, now: datetime, ahead: bool = False) -> Organization | None:
    """The organization that the hub is run from; None while there is none. `ahead` for a day that is still to come."""
    on = local_day(now)
    kept = session.get(Setting, organizations.SEAT)
    first = organizations.find(session, kept.value) if kept is not None else None
    if first is not None and not (seat := organizations.resolve(session, first.id, on=on)).is_over(on):
        return seat
    return _oldest_top(session, on, ahead=ahead)


def _oldest_top(session: Session, on: date, *, ahead: bool) -> Organization | None:
    lasting = or_(Organization.ended_on.is_(None), Organization.ended_on > on)
    query = select(Organization).where(lasting).order_by(Organization.id).limit(1)
    if not ahead:
        return session.scalar(query.where(Organization.parent_id.is_(None)))
    state = OrganizationState  # what is known of that day already
    tops = select(state.organization_id).where(state.parent_id.is_(None), organizations.holds(state, on))
    return session.scalar(query.where(Organization.id.in_(tops)))


def reaches(session: Session, actor: Actor, roles: Collection[Role], *, now: datetime) -> bool:
    """Has the actor one of these roles over the whole hub?"""
    grants = [grant for grant in actor.reach(roles) if not grant.alone and grant.outlet_id is None]
    if any(grant.organization_id is None for grant in grants):
        return True
    seat = find_seat(session, now=now) if grants else None
    if seat is None:
        return False
    line = rights.line_of(session, seat.id, on=local_day(now))
    return any(rights.reaches(grant, line) for grant in grants)


def require(session: Session, actor: Actor, roles: Collection[Role], *, now: datetime) -> None:
    """Raise NotFound for whoever has none of these roles over the whole hub: no word on what others have."""
    if not reaches(session, actor, roles, now=now):
        raise NotFound(kind="page")
