"""How much there is of everything that administrators look after: the numbers on the first page of their desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from hub.clock import local_day
from hub.delivery import undelivered
from hub.models import Letter, Organization, Outlet, User, WebhookDelivery
from hub.records import journal_reading
from hub.regulation.edition import editions


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What there is today."""

    organizations: int
    people: int  # whose account is open
    outlets: int
    edition: str  # the number of the regulation in force, as printed; "" where none is
    on_its_way: int  # letters and webhook messages that have not arrived
    journal: int  # rows


def count(session: Session, *, now: datetime) -> Numbers:
    """The numbers of the whole hub."""
    on = local_day(now)
    in_force = editions.edition_in_force(session, now)
    head = journal_reading.find_head(session)
    return Numbers(
        organizations=_number(session, _lasting(Organization, on)),
        people=_number(session, select(func.count(User.id)).where(User.closed_at.is_(None))),
        outlets=_number(session, _lasting(Outlet, on)),
        edition=in_force.regulation.number if in_force.id else "",
        on_its_way=sum(
            _number(session, select(func.count(kind.id)).where(kind.state.in_(undelivered.OPEN)))
            for kind in (Letter, WebhookDelivery)
        ),
        journal=head.number if head is not None else 0,
    )


def _lasting(kind: type[Organization | Outlet], on: object) -> Select[int]:
    return select(func.count(kind.id)).where(or_(kind.ended_on.is_(None), kind.ended_on > on))


def _number(session: Session, query: Select[int]) -> int:
    return session.scalar(query) or 0
