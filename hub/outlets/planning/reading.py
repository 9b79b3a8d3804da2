"""The planning as it is read: by its outlet, by calendars of its channels, and by the units of its guests.

What was cancelled is kept in sight for 30 days after that or after it would have been on air: calendars have to hear
of it. Callers say `since` when, usually KEPT before now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import CTE, ColumnElement, Select, and_, false, func, not_, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from feeds import planning
from hub import models
from hub.accounts import organizations
from hub.models import Booking, Channel, CrewMember, Programme, Segment
from hub.outlets.planning import documents, moves, recurrence
from hub.outlets.planning.documents import Address
from hub.outlets.planning.recurrence import Pattern

KEPT = timedelta(days=30)
ON_AIR = sorted(state.value for state in moves.ON_AIR)


def find_segment(session: Session, code: str, *, outlet_ids: Collection[int]) -> models.Segment | None:
    """A segment of one of these outlets, with its channel, outlet and programme loaded."""
    query = _whole().join(Channel, Channel.id == Segment.channel_id)
    return session.scalar(query.where(Segment.code == code, Channel.outlet_id.in_(outlet_ids)))


def document_of(
    session: Session,
    row: models.Segment,
    *,
    with_contacts: bool,
    address: Address,
    now: datetime,
) -> planning.Segment:
    """A segment as its outlet reads it now; an option that has ended is told as expired."""
    bookings, crew = list_bookings(session, [row.id])[row.id], list_crew(session, [row.id])[row.id]
    return documents.segment_of(row, bookings, crew, with_contacts=with_contacts, address=address, now=now)


def list_documents(
    session: Session,
    channel_id: int,
    *,
    since: datetime,
    with_contacts: bool,
    address: Address,
) -> list[planning.Segment]:
    """What a channel plans: programmes that have not ended, then segments by their time, all as they were written.

    Changed occurrences of a programme stand among the segments, with its UID and their `recurrence_id`; those out of
    sight that did not take place as the rule says are among what it excludes.
    """
    channel_ids = select(_family(channel_id).c.id)
    query = (
        select(Programme)
        .where(Programme.channel_id.in_(channel_ids))
        .where(or_(Programme.cancelled_at.is_(None), Programme.cancelled_at >= since))
        .order_by(Programme.starts_at, Programme.id)
    )
    goes_on = [
        row
        for row in session.scalars(query)
        if row.cancelled_at is not None or not recurrence.ends_before(pattern_of(row), since)
    ]
    gone = _list_gone(session, [row.id for row in goes_on], since)
    programmes = [documents.programme_of(row, besides=gone[row.id], address=address) for row in goes_on]
    rows = list(session.scalars(_whole().where(Segment.channel_id.in_(channel_ids), _in_sight(since))))
    ids = [row.id for row in rows]
    bookings, crew = list_bookings(session, ids), list_crew(session, ids)
    return programmes + [
        documents.segment_of(
            row, bookings[row.id], crew[row.id], with_contacts=with_contacts, address=address, now=None
        )
        for row in rows
    ]


def list_for_unit(
    session: Session, organization_id: int, *, on: date, since: datetime, address: Address
) -> list[planning.Segment]:
    """The segments that guests from stories of this unit, as it is on a day, are asked to or were; these alone."""
    family = organizations.family(organization_id, on=on)
    own: dict[int, list[Booking]] = defaultdict(list)
    query = select(Booking).where(Booking.organization_id.in_(select(family.c.id)))
    query = query.where(Booking.segment_id.in_(select(Segment.id).where(_in_sight(since))))
    for booking in session.scalars(query.order_by(Booking.id)):
        own[booking.segment_id].append(booking)
    rows = session.scalars(_whole().where(Segment.id.in_(list(own))))
    return [documents.for_unit(row, own[row.id], address=address) for row in rows]


def list_page(
    session: Session,
    *,
    outlet_ids: Collection[int],
    since: datetime | None,
    until: datetime | None,
    after: str | None,
    limit: int,
) -> list[Segment]:
    """Segments of outlets by their time, those that end after `since` and begin before `until`.

    `after` is the code of the last one of the page before.
    """
    query = _whole().join(Channel, Channel.id == Segment.channel_id).where(Channel.outlet_id.in_(outlet_ids))
    if since is not None:
        query = query.where(Segment.ends_at > since)
    if until is not None:
        query = query.where(Segment.starts_at < until)
    if after is not None:
        last = select(Segment.starts_at, Segment.id).where(Segment.code == after).subquery()
        later = and_(Segment.starts_at == last.c.starts_at, Segment.id > last.c.id)
        query = query.join(last, or_(Segment.starts_at > last.c.starts_at, later))
    return list(session.scalars(query.limit(limit)))


def find_next(session: Session, *, outlet_ids: Collection[int], at: datetime) -> Segment | None:
    """The first broadcast of outlets that begins at an instant or later."""
    query = select(Segment).join(Channel, Channel.id == Segment.channel_id)
    query = query.where(Channel.outlet_id.in_(outlet_ids), Segment.starts_at >= at)
    return session.scalar(query.order_by(Segment.starts_at, Segment.id).limit(1))


def find_last(session: Session, *, outlet_ids: Collection[int], at: datetime) -> Segment | None:
    """The last broadcast of outlets that begins before an instant."""
    query = select(Segment).join(Channel, Channel.id == Segment.channel_id)
    query = query.where(Channel.outlet_id.in_(outlet_ids), Segment.starts_at < at)
    return session.scalar(query.order_by(Segment.starts_at.desc(), Segment.id.desc()).limit(1))


def list_bookings(session: Session, segment_ids: Collection[int], *, anew: bool = False) -> dict[int, list[Booking]]:
    """The bookings of segments, by segment, in the order they were made, with the units that answer.

    `anew` reads again what the session holds already.
    """
    query = select(Booking).where(Booking.segment_id.in_(segment_ids)).options(joinedload(Booking.organization))
    query = query.execution_options(populate_existing=anew)
    found: dict[int, list[Booking]] = defaultdict(list)
    for row in session.scalars(query.order_by(Booking.id)):
        found[row.segment_id].append(row)
    return found


def list_crew(session: Session, segment_ids: Collection[int]) -> dict[int, list[CrewMember]]:
    """The crews of segments, by segment."""
    found: dict[int, list[CrewMember]] = defaultdict(list)
    query = select(CrewMember).where(CrewMember.segment_id.in_(segment_ids)).order_by(CrewMember.id)
    for row in session.scalars(query):
        found[row.segment_id].append(row)
    return found


def pattern_of(row: models.Programme) -> Pattern:
    """How a programme recurs."""
    return Pattern(row.rule, row.starts_at, row.time_zone, frozenset(documents.excluded_of(row)))


def _whole() -> Select[Segment]:
    return (
        select(Segment)
        .options(joinedload(Segment.channel).joinedload(Channel.outlet), joinedload(Segment.programme))
        .order_by(Segment.starts_at, Segment.id)
    )


def _in_sight(since: datetime) -> ColumnElement[bool]:
    """What ends after an instant, and what was cancelled after it."""
    return or_(Segment.ends_at >= since, func.coalesce(Segment.cancelled_at >= since, false()))


def _list_gone(session: Session, programme_ids: Collection[int], since: datetime) -> dict[int, set[datetime]]:
    """By programme the starts of occurrences out of sight that were not on air then: they must not come back."""
    query = select(Segment.programme_id, Segment.recurrence_id)
    query = query.where(Segment.programme_id.in_(programme_ids), not_(_in_sight(since)))
    elsewhere = or_(Segment.state.not_in(ON_AIR), Segment.starts_at != Segment.recurrence_id)
    found: dict[int, set[datetime]] = defaultdict(set)
    for programme_id, at in session.execute(query.where(elsewhere)):
        if programme_id is not None and at is not None:
            found[programme_id].add(at)
    return found


def _family(channel_id: int) -> CTE:
    """A channel, and those that it has come after."""
    line = select(Channel.id).where(Channel.id == channel_id).cte(recursive=True)
    before = aliased(Channel)
    return line.union(select(before.id).join(line, before.successor_id == line.c.id))
