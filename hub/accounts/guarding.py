"""That the hub keeps somebody who administers all of it, whatever happens to roles and to the organization at its top.

The hub is never handed to others by an event of the register: of those who administer all of it on the event's day,
somebody still does so once the event has happened. Who means to hand it over gives the role to others first.
"""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.accounts import organizations, whole_hub
from hub.accounts.organizations import holds
from hub.actors import Role
from hub.clock import LOCAL, local_day
from hub.errors import Conflict
from hub.models import Membership, User


class LastAdministrator(Conflict):
    """Nobody would administer the hub as a whole any more."""

    key = "error.last_administrator"


def list_administrators(session: Session, *, on: date, now: datetime) -> frozenset[int]:
    """The ids of users whose own role reaches the whole hub on a day; today where that day has passed."""
    at = max(now, datetime.combine(on, time(), LOCAL))
    seat = whole_hub.find_seat(session, now=at, ahead=True)
    if seat is None:
        return frozenset()
    family = organizations.family(seat.id, on=local_day(at), name="hub_seat")
    query = (
        select(User.id)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.role == Role.ADMIN.value, holds(Membership, local_day(at)), User.closed_at.is_(None))
        .where(Membership.organization_id.in_(select(family.c.id)))
    )
    return frozenset(session.scalars(query.distinct()))


def check_kept(session: Session, had: frozenset[int], *, on: date, now: datetime) -> None:
    """Raise LastAdministrator where none of those who administered the whole hub would do so any more."""
    if had and not had & list_administrators(session, on=on, now=now):
        raise LastAdministrator()
