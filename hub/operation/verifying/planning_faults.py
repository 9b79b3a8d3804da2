"""What `hub verify` finds in what outlets plan: segments and programmes against the last that the journal tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from hub.models import Channel, JournalRow, Programme, Segment
from hub.operation.verifying.proof_faults import Seen
from hub.outlets.planning import keeping, reading
from hub.outlets.planning.keeping import Opened
from hub.records import journal

PAGE = 500
KINDS = (keeping.KIND, keeping.PROGRAMME_KIND)  # each record names its row by a member of that name


def find(session: Session, seen: Seen) -> Iterator[str]:
    """Every fault of them, as a sentence without a name or a text."""
    told = _told_last(session)
    count = 0
    for fresh in _records(session):
        kind = fresh["kind"]
        said = told.pop((kind, fresh[kind]), None)
        count += 1
        if said is None:
            yield f"{kind} {fresh[kind]}: the journal does not tell of it"
        elif differing := [name for name, value in fresh.items() if said.get(name) != value]:
            yield f"{kind} {fresh[kind]}: differs from the journal in {', '.join(differing)}"
    seen("plans", count)
    for kind, code in told:
        yield f"{kind} {code}: the journal tells of it, but it is not there"


def _told_last(session: Session) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The last record of each segment and programme, by kind and code."""
    kinds = or_(*(JournalRow.body.contains(f'"kind":"{kind}"', autoescape=True) for kind in KINDS))
    query = select(JournalRow.body).where(kinds).order_by(JournalRow.number)
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for body in session.scalars(query.execution_options(yield_per=PAGE)):
        said = journal.read_record(body)
        if said.get("kind") in KINDS:
            found[said["kind"], said.get(said["kind"], "")] = said
    return found


def _records(session: Session) -> Iterator[dict[str, Any]]:
    """What the journal would be told of each of them today."""
    where = joinedload(Segment.channel).joinedload(Channel.outlet)
    last = 0
    while rows := list(
        session.scalars(select(Segment).where(Segment.id > last).order_by(Segment.id).limit(PAGE).options(where))
    ):
        ids = [row.id for row in rows]
        bookings, crew = reading.list_bookings(session, ids), reading.list_crew(session, ids)
        for row in rows:
            yield keeping.record_of(Opened(row, bookings[row.id], crew[row.id]))
        last = ids[-1]
        session.expunge_all()
    query = select(Programme).options(joinedload(Programme.channel).joinedload(Channel.outlet)).order_by(Programme.id)
    for programme in session.scalars(query.execution_options(yield_per=PAGE)):
        yield keeping.programme_record_of(programme)
