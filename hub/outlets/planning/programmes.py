"""Programmes: broadcasts that recur, planned, changed and ended."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from feeds.planning import SegmentState, Setting, Transmission
from hub import ids
from hub.errors import Conflict, Invalid, NotFound
from hub.models import Channel, Programme, Segment
from hub.outlets.planning import keeping, moves, reading, recurrence, segments
from hub.outlets.planning.keeping import Desk, IfMatch
from hub.outlets.planning.orders import PROGRAMME, Order
from hub.outlets.planning.recurrence import BadRule
from hub.records import journal
from schemas.faults import fault_at

PLAIN = ("title", "theme", "rule", "starts_at", "time_zone", "planned_seconds", "transmission", "setting", "place")
AHEAD = sorted(state.value for state in moves.AHEAD)


class OccurrencesStrange(Conflict):
    """Occurrences that are planned already are none of the changed programme's."""

    key = "error.occurrences_strange"


def plan(session: Session, order: Order, desk: Desk) -> Programme:
    """Plan a programme. Raises NotFound or Invalid."""
    channel = segments.channel_of(session, order, desk)
    keeping.lock_outlet(session, channel.outlet_id)
    code = ids.new_programme_code()
    row = Programme(
        code=code,
        uid=ids.event_uid(code),
        sequence=-1,
        channel=channel,
        excluded=[],
        state=SegmentState.CONFIRMED.value,
        salt=keeping.new_salt(),
        created_at=desk.now,
        updated_at=desk.now,
        cancelled_at=None,
        theme="",
        place="",
        time_zone=segments.USUAL_ZONE,
        transmission=Transmission.LIVE.value,
        setting=Setting.STUDIO.value,
    )
    _write(row, order)
    session.add(row)
    _append(session, row, "planned", desk)
    return row


def change(session: Session, code: str, order: Order, desk: Desk, *, if_match: IfMatch | None) -> Programme:
    """Change a programme, or end it. Raises NotFound, PlanChanged, PlanEnded, Invalid or OccurrencesStrange."""
    row = get(session, code, desk)
    keeping.lock_outlet(session, row.channel.outlet_id)
    row = get(session, code, desk, locked=True)
    keeping.check_known(row, if_match)
    if row.cancelled_at is not None:
        raise keeping.PlanEnded(segment=code, segment_state=row.state)
    _write(row, order)
    session.flush()
    _check_occurrences(session, row)
    if order.get("cancelled"):
        _cancel(session, row, desk)
        row = get(session, code, desk)
    _append(session, row, "cancelled" if row.cancelled_at is not None else "changed", desk)
    return row


def get(session: Session, code: str, desk: Desk, *, locked: bool = False) -> Programme:
    """A programme of the outlets, with channel and outlet; `locked` as it is now. Raises NotFound."""
    query = select(Programme).join(Channel, Channel.id == Programme.channel_id)
    query = query.where(Programme.code == code, Channel.outlet_id.in_(desk.outlet_ids))
    if locked:
        query = query.with_for_update(of=Programme).execution_options(populate_existing=True)
    row = session.scalar(query.options(joinedload(Programme.channel).joinedload(Channel.outlet)))
    if row is None:
        raise NotFound(what=code, kind="programme")
    return row


def list_page(session: Session, desk: Desk, *, before: int | None, limit: int) -> list[Programme]:
    """Programmes of the outlets, newest first."""
    query = (
        select(Programme)
        .join(Channel, Channel.id == Programme.channel_id)
        .where(Channel.outlet_id.in_(desk.outlet_ids))
        .options(joinedload(Programme.channel).joinedload(Channel.outlet))
        .order_by(Programme.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Programme.id < before)
    return list(session.scalars(query))


def list_live(session: Session, desk: Desk, *, until: datetime, limit: int) -> list[Programme]:
    """Programmes of the outlets that have not ended and begin before an instant, newest first."""
    query = (
        select(Programme)
        .join(Channel, Channel.id == Programme.channel_id)
        .where(Channel.outlet_id.in_(desk.outlet_ids))
        .where(Programme.cancelled_at.is_(None), Programme.starts_at < until)
        .order_by(Programme.id.desc())
        .limit(limit)
    )
    return list(session.scalars(query))


def list_all_planned(
    session: Session, programme_ids: Collection[int], *, since: datetime, until: datetime
) -> set[tuple[int, datetime]]:
    """Programme and start of each occurrence from an instant on and before another for which a segment is planned."""
    query = select(Segment.programme_id, Segment.recurrence_id).where(
        Segment.programme_id.in_(programme_ids), Segment.recurrence_id >= since, Segment.recurrence_id < until
    )
    return {(number, at) for number, at in session.execute(query) if number is not None and at is not None}


def list_next(session: Session, row: Programme, *, since: datetime, most: int) -> list[tuple[datetime, str | None]]:
    """The next starts that the rule gives, each with the code of the segment planned for it, if there is one."""
    if row.cancelled_at is not None:
        return []
    starts = recurrence.between(reading.pattern_of(row), since, since + recurrence.AHEAD, most=most)
    planned = list_planned(session, row, starts)
    return [(start, planned.get(start)) for start in starts]


def list_planned(session: Session, row: Programme, starts: Collection[datetime]) -> dict[datetime, str]:
    """The codes of the segments that are planned for these starts of a programme."""
    query = select(Segment.recurrence_id, Segment.code).where(Segment.programme_id == row.id)
    found = session.execute(query.where(Segment.recurrence_id.in_(starts)))
    return {at: code for at, code in found if at is not None}


def _write(row: Programme, order: Order) -> None:
    """Put what was said into the row. Raises Invalid for a rule that is none, and for exclusions it does not give."""
    for name in PLAIN:
        if name in order.names():
            setattr(row, name, order.get(name))
    if "excluded" in order.names():
        row.excluded = [at.astimezone(UTC).isoformat() for at in order.get("excluded")]
    pattern = reading.pattern_of(row)
    try:
        recurrence.checked(pattern)
    except BadRule as exc:
        name = "starts_at" if exc.part == "DTSTART" else "rule"
        code = "not_of_the_rule" if exc.part == "DTSTART" else "bad_rule"
        raise Invalid(faults=[fault_at(PROGRAMME, (name,), code, part=exc.part)]) from exc
    if strange := recurrence.list_strange(pattern, pattern.excluded):
        facts: dict[str, Any] = {"at": strange[0].isoformat()}
        raise Invalid(faults=[fault_at(PROGRAMME, ("excluded",), "not_of_the_rule", **facts)])


def _check_occurrences(session: Session, row: Programme) -> None:
    """What is planned for an occurrence stays one: calendars know it by that start. Raises OccurrencesStrange."""
    query = select(Segment.recurrence_id, Segment.code).where(Segment.programme_id == row.id)
    planned = {at: code for at, code in session.execute(query) if at is not None}
    pattern = reading.pattern_of(row)
    strange = [*recurrence.list_strange(pattern, planned.keys()), *sorted(pattern.excluded & planned.keys())]
    if strange:
        raise OccurrencesStrange(segment=planned[strange[0]], at=strange[0].isoformat())


def _cancel(session: Session, row: Programme, desk: Desk) -> None:
    """End a programme, with every occurrence that is still ahead."""
    row.state, row.cancelled_at = SegmentState.CANCELLED.value, desk.now
    query = select(Segment.id).where(Segment.programme_id == row.id, Segment.state.in_(AHEAD))
    opened = keeping.list_locked(session, list(session.scalars(query.where(Segment.ends_at > desk.now))))
    records = []
    for each in opened:
        segments.cancel(session, each, now=desk.now)
        records.append(keeping.note(each, "state", by=desk.actor.mark, now=desk.now))
    journal.append_all(session, records, at=desk.now)


def _append(session: Session, row: Programme, what: str, desk: Desk) -> None:
    row.sequence += 1
    row.updated_at = desk.now
    session.flush()
    record = {**keeping.programme_record_of(row), "what": what, "actor": desk.actor.mark}
    journal.append(session, record, at=desk.now)
