"""Deriving every duty again, from row 0: for whoever doubts the table, or has lost it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from hub.models import Duty
from hub.regulation.duties import marks, projector, timers
from hub.regulation.duties.instants import Instants
from hub.regulation.duties.lookups import Lookups

PAGES = 50  # of the journal, after which what was looked up is forgotten


def renew(session: Session) -> int | None:
    """Derive duties again that an earlier hub derived by other rules; None where they are of these."""
    return rebuild(session) if marks.lock(session).rules != marks.RULES else None


def rebuild(session: Session) -> int:
    """Throw the duties away and derive them again, without saying anything twice; returns how many there are."""
    derive(session)
    session.expire_all()
    return session.query(Duty).count()


def derive(session: Session) -> None:
    """Derive every duty again, as far as the mark had come. What was looked up is forgotten after every PAGES pages."""
    before = projector.forget(session)
    lookups, instants, pages = Lookups(session), Instants(), 0
    while projector.project(session, lookups, instants=instants):
        pages += 1
        if pages % PAGES == 0:
            lookups = Lookups(session)
    if before.calendar is not None:
        projector.open_periods(session, until=before.calendar)
    if before.rung is not None:
        while timers.ring_some(session, now=before.rung, silently=True) == timers.ROUND:
            session.flush()
    session.flush()
