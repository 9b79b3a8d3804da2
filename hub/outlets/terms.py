"""Embargo terms: papers by which outlets promise to publish nothing early, and may see what is coming.

A term is a dated row. It is never changed but for its last day, and every such decision is a row of the journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from hub.clock import local_day
from hub.errors import Conflict, NotFound
from hub.models import EmbargoTerm
from hub.outlets import catalog
from hub.records import journal


class TermBackwards(Conflict):
    """A term ends on its first day or later, and is signed by then."""

    key = "error.term_backwards"


class NoTerm(NotFound):
    """What is coming is shown to outlets that have promised to publish nothing early, while the promise holds."""

    key = "error.no_embargo_term"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What was signed: days of Việt Nam, both included; without a last one it holds until it is ended."""

    number: str
    signed_on: date
    valid_from: date
    valid_to: date | None = None


def add(session: Session, outlet: str, paper: Paper, *, actor: str, now: datetime) -> EmbargoTerm:
    """Write down a term that an outlet signed. Raises NotFound for an unknown outlet, TermBackwards."""
    last = paper.valid_to or paper.valid_from
    if not paper.signed_on <= paper.valid_from <= last:
        raise TermBackwards(signed=paper.signed_on.isoformat(), first=paper.valid_from.isoformat(), last=str(last))
    row = EmbargoTerm(
        outlet=catalog.get_outlet(session, outlet),
        paper=paper.number,
        signed_on=paper.signed_on,
        valid_from=paper.valid_from,
        valid_to=paper.valid_to,
        recorded_at=now,
        ended_at=now,
    )
    session.add(row)
    session.flush()
    journal.append_all(session, [{**record, "actor": actor} for record in records_of(row)], at=now)
    return row


def end(session: Session, term_id: int, last_day: date | None, *, actor: str, now: datetime) -> EmbargoTerm:
    """Let a term hold to another last day; None: until it is ended. Raises NotFound, TermBackwards."""
    query = select(EmbargoTerm).where(EmbargoTerm.id == term_id).options(joinedload(EmbargoTerm.outlet))
    row = session.scalar(query.with_for_update(of=EmbargoTerm))
    if row is None:
        raise NotFound(what=str(term_id), kind="term")
    if last_day is not None and last_day < row.valid_from:
        raise TermBackwards(signed=str(row.signed_on), first=row.valid_from.isoformat(), last=last_day.isoformat())
    row.valid_to, row.ended_at = last_day, now
    journal.append(session, {**_end_of(row), "actor": actor}, at=now)
    return row


def list_terms(session: Session, *, outlet: str | None = None) -> list[EmbargoTerm]:
    """Every term, or those of one outlet, with their outlets, oldest first. Raises NotFound for an unknown outlet."""
    query = select(EmbargoTerm).options(joinedload(EmbargoTerm.outlet)).order_by(EmbargoTerm.id)
    if outlet is not None:
        query = query.where(EmbargoTerm.outlet_id == catalog.get_outlet(session, outlet).id)
    return list(session.scalars(query))


def holds(session: Session, outlet_id: int, *, now: datetime) -> bool:
    """Has the outlet a term that holds today? One that it inherited does not count: the heir signs its own."""
    on = local_day(now)
    query = select(EmbargoTerm.id).where(EmbargoTerm.outlet_id == outlet_id, EmbargoTerm.valid_from <= on)
    return session.scalar(query.where(or_(EmbargoTerm.valid_to.is_(None), EmbargoTerm.valid_to >= on))) is not None


def records_of(row: EmbargoTerm) -> list[Mapping[str, Any]]:
    """What the journal says of a term: what was signed, and to which day it holds. Needs `row.outlet` loaded."""
    signed = {
        "kind": "embargo_term",
        "term": row.id,
        "outlet": row.outlet.code,
        "paper": row.paper,
        "signed_on": row.signed_on.isoformat(),
        "from": row.valid_from.isoformat(),
    }
    return [signed, _end_of(row)]


def _end_of(row: EmbargoTerm) -> dict[str, Any]:
    last = row.valid_to.isoformat() if row.valid_to else None
    return {"kind": "embargo_term_end", "term": row.id, "outlet": row.outlet.code, "to": last}
