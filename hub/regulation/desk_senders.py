"""The organizations that lists of the editor's desk can be narrowed to: those that the asker reaches there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from feeds.text import fold
from hub.accounts import rights
from hub.actors import Actor
from hub.clock import local_day
from hub.models import Organization
from hub.regulation.desk_queue import AT_DESK

MOST_WORDS = 10  # that are looked for


def list_senders(session: Session, *, asker: Actor, limit: int, now: datetime) -> list[Organization]:
    """Those that have not ended, by name."""
    return list(session.scalars(_lasting(asker, now).order_by(Organization.name, Organization.code).limit(limit)))


def search(session: Session, words: str, *, asker: Actor, limit: int, now: datetime) -> list[Organization]:
    """Those that have not ended whose code or name holds every word, folded ("hoa" finds "Hòa"); by code."""
    query = _lasting(asker, now)
    for word in fold(words).split()[:MOST_WORDS]:
        query = query.where(Organization.folded.contains(word, autoescape=True))
    return list(session.scalars(query.order_by(Organization.code).limit(limit)))


def find(session: Session, code: str, *, asker: Actor, now: datetime) -> Organization | None:
    """The one with this code, whether it has ended or not; None beyond the asker's reach."""
    return session.scalar(select(Organization).where(Organization.code == code, _in_reach(asker, now)))


def _lasting(asker: Actor, now: datetime) -> Select[Organization]:
    return select(Organization).where(_in_reach(asker, now), Organization.ended_on.is_(None))


def _in_reach(asker: Actor, now: datetime) -> ColumnElement[bool]:
    return rights.within_reach(Organization.id, asker, AT_DESK, on=local_day(now))
