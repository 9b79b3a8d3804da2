"""Deriving every duty again, from row 0: for whoever doubts the table, or has lost it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from hub.models import Duty
from hub.regulation.duties import marks, projector, timers
from hub.regulation.duties.instants import Instants
from hub.regulation.duties.lookups import Lookups


def renew(session: Session) -> int | None:
    """Derive duties again that an earlier hub derived by other rules; None where they are of these."""
    return rebuild(session) if marks.lock(session).rules != marks.RULES else None


def rebuild(session: Session) -> int:
    """Throw the duties away and derive them again, without saying anything twice; returns how many there are."""
    before = projector.forget(session)
    lookups, instants = Lookups(session), Instants()
    while projector.project(session, lookups, instants=instants):
        pass
    if before.calendar is not None:
        projector.open_periods(session, until=before.calendar)
    if before.rung is not None:
        while timers.ring_some(session, now=before.rung, silently=True) == timers.ROUND:
            session.flush()
    session.flush()
    session.expire_all()
    return session.query(Duty).count()
