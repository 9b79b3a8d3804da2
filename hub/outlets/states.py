"""What press agencies and outlets were from when to when: their names, and whose an outlet was.

The row tells what holds today; `on` asks for another day. Histories only grow at their end.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from feeds.text import fold
from hub.accounts.history import Decision, HasEnded, OverlappingValidity
from hub.accounts.organizations import holds
from hub.clock import local_day
from hub.errors import NotFound
from hub.models import Agency, AgencyState, Channel, Outlet, OutletState
from hub.outlets import ledgers

Row = Agency | Outlet
RowT = TypeVar("RowT", Agency, Outlet)
State = AgencyState | OutletState
KINDS: Mapping[type[Row], tuple[type[Any], tuple[str, ...]]] = {
    Agency: (AgencyState, ("name",)),
    Outlet: (OutletState, ("name", "agency_id")),
}


@dataclass(frozen=True, slots=True)
class ListedOutlet:
    """An outlet as it was on a day; its agency is the one that had come after the one it was given to."""

    code: str
    kind: str
    name: str
    agency: str  # code; empty for none
    agency_name: str
    channels: tuple[str, ...]  # codes


@dataclass(frozen=True, slots=True)
class ListedAgency:
    """A press agency as it was on a day, with the codes of its outlets."""

    code: str
    name: str
    outlets: tuple[str, ...]


def note(session: Session, row: Row, *, on: date) -> None:
    """Keep what a row says from this day on; a state that began on the same day is mended."""
    kind, names = KINDS[type(row)]
    said = {name: getattr(row, name) for name in names}
    last = _last(session, row)
    if last is None:
        session.add(kind(of_id=row.id, valid_from=on, **said))
    elif last.valid_from == on:
        for name, value in said.items():
            setattr(last, name, value)
    elif any(getattr(last, name) != value for name, value in said.items()):
        change(session, row, said, on=on)
    session.flush()


def change(session: Session, row: Row, facts: Mapping[str, Any], *, on: date) -> None:
    """Let a state begin that differs from the one before in `facts`. Raises OverlappingValidity."""
    kind, names = KINDS[type(row)]
    last = _last(session, row)
    if last is None or last.valid_from >= on:
        raise _overlapping(row, last, on)
    last.valid_to = on
    session.add(kind(of_id=row.id, valid_from=on, **{**{name: getattr(last, name) for name in names}, **facts}))
    session.flush()


def lock_lasting(session: Session, kind: type[RowT], codes: Sequence[str], decision: Decision) -> list[RowT]:
    """The rows with these codes, locked, in this order; none may have an end. Raises NotFound, HasEnded."""
    query = select(kind).where(kind.code.in_(codes)).order_by(kind.id).with_for_update()
    found = {row.code: row for row in session.scalars(query.execution_options(populate_existing=True))}
    for code in codes:
        if code not in found:
            raise NotFound(what=code)
        if (ended_on := found[code].ended_on) is not None:
            raise HasEnded(code=code, ended_on=ended_on.isoformat(), decision=decision.number)
    return [found[code] for code in codes]


def check_end(session: Session, row: Row, *, on: date) -> None:
    """Nothing may be known of a later day than the one on which a row ends. Raises OverlappingValidity."""
    last = _last(session, row)
    if last is not None and last.valid_from > on:
        raise _overlapping(row, last, on)


def list_states(session: Session, row: Row) -> list[State]:
    """What an agency or outlet was, oldest first."""
    kind, _ = KINDS[type(row)]
    return list(session.scalars(select(kind).where(kind.of_id == row.id).order_by(kind.valid_from)))


def refresh(session: Session, *, now: datetime) -> int:
    """Let the rows say what holds today; returns how many changed. An outlet's name stands in the head of its feeds."""
    on, count = local_day(now), 0
    for kind, (states, names) in KINDS.items():
        differs = or_(*(getattr(kind, name).is_distinct_from(getattr(states, name)) for name in names))
        query = select(kind, states).join(states, states.of_id == kind.id).where(holds(states, on), differs)
        for row, state in session.execute(query).all():
            if kind is Outlet and row.name != state.name:
                touch(session, row, now=now)
            for name in names:
                setattr(row, name, getattr(state, name))
            count += 1
    session.flush()
    return count


def touch(session: Session, outlet: Outlet, *, now: datetime) -> None:
    """Say that what every channel of an outlet shows has changed."""
    ids = session.scalars(select(Channel.id).where(Channel.outlet_id == outlet.id)).all()
    for channel in ledgers.lock(session, ids).values():
        ledgers.touch(session, channel, None, now=now)


def resolve_agency(session: Session, agency_id: int, *, on: date) -> Agency:
    """The agency, or whichever has come after it by this day."""
    row = session.get_one(Agency, agency_id)
    while row.successor_id is not None and row.ended_on is not None and row.ended_on <= on:
        row = session.get_one(Agency, row.successor_id)
    return row


def resolve_agencies(session: Session, agency_ids: Collection[int], *, on: date) -> dict[int, Agency]:
    """As `resolve_agency`, for each of these agencies: one statement, and one more for each step to those after."""
    known: dict[int, Agency] = {}  # holds the rows, so that each is found in the session
    wanted = set(agency_ids)
    while wanted:
        known |= {row.id: row for row in session.scalars(select(Agency).where(Agency.id.in_(wanted)))}
        wanted = {row.successor_id for row in known.values() if row.successor_id is not None} - known.keys()
    return {each: resolve_agency(session, each, on=on) for each in agency_ids}


def list_outlets(
    session: Session,
    *,
    on: date,
    known: ColumnElement[bool] | None = None,
    after: str = "",
    limit: int | None = None,
) -> list[ListedOutlet]:
    """The outlets that there were on a day, by code, as they were then; `known` says which one may know of."""
    query = (
        select(Outlet, OutletState)
        .join(OutletState, OutletState.of_id == Outlet.id)
        .where(holds(OutletState, on), or_(Outlet.ended_on.is_(None), Outlet.ended_on > on), Outlet.code > after)
        .order_by(Outlet.code)
        .limit(limit)
    )
    if known is not None:
        query = query.where(known)
    rows = session.execute(query).all()
    owners = {state.agency_id for _, state in rows if state.agency_id is not None}
    agencies = _named_agencies(session, owners, on=on)
    channels = _channel_codes(session, [outlet.id for outlet, _ in rows])
    return [
        ListedOutlet(
            outlet.code, outlet.kind, state.name, *agencies.get(state.agency_id, ("", "")), channels.get(outlet.id, ())
        )
        for outlet, state in rows
    ]


def _named_agencies(session: Session, agency_ids: Collection[int], *, on: date) -> dict[int | None, tuple[str, str]]:
    """Code and name of the agencies that these ones are on a day, by the ids of these."""
    agencies = resolve_agencies(session, agency_ids, on=on)
    ids = {row.id for row in agencies.values()}
    named = select(AgencyState.of_id, AgencyState.name).where(holds(AgencyState, on), AgencyState.of_id.in_(ids))
    names = dict(session.execute(named).all())
    return {each: (row.code, names.get(row.id, row.name)) for each, row in agencies.items()}


def _channel_codes(session: Session, outlet_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """The codes of the channels of outlets, the oldest first."""
    found: dict[int, tuple[str, ...]] = {}
    own = select(Channel.outlet_id, Channel.code).where(Channel.outlet_id.in_(outlet_ids))
    for outlet_id, code in session.execute(own.order_by(Channel.id)):
        found[outlet_id] = (*found.get(outlet_id, ()), code)
    return found


def code_named(session: Session, kind: type[Row], typed: str, *, on: date) -> str:
    """The code of the outlet or agency that `typed` names on a day, by code or whole name; else `typed` itself."""
    if session.scalar(select(kind.code).where(kind.code == typed)) is not None:
        return typed
    states, _ = KINDS[kind]
    query = select(kind.code, states.name).join(states, states.of_id == kind.id)
    query = query.where(holds(states, on), or_(kind.ended_on.is_(None), kind.ended_on > on))
    found = [code for code, name in session.execute(query) if fold(name) == fold(typed)]
    return found[0] if len(found) == 1 else typed


def list_agencies(
    session: Session, *, on: date, code: str = "", after: str = "", limit: int | None = None
) -> list[ListedAgency]:
    """The press agencies that there were on a day, by code, with the outlets that were theirs; `code` names one."""
    query = (
        select(Agency.id, Agency.code, AgencyState.name)
        .join(AgencyState, AgencyState.of_id == Agency.id)
        .where(holds(AgencyState, on), or_(Agency.ended_on.is_(None), Agency.ended_on > on), Agency.code > after)
        .order_by(Agency.code)
        .limit(limit)
    )
    rows = session.execute(query.where(Agency.code == code) if code else query).all()
    owned: dict[str, list[str]] = {}
    theirs = OutletState.agency_id.in_(_with_those_before(session, [row.id for row in rows], on=on))
    for outlet in list_outlets(session, on=on, known=theirs):
        owned.setdefault(outlet.agency, []).append(outlet.code)
    return [ListedAgency(found, name, tuple(owned.get(found, ()))) for _, found, name in rows]


def _with_those_before(session: Session, agency_ids: Sequence[int], *, on: date) -> set[int]:
    """These agencies and all that they have come after by a day."""
    family, newest = set(agency_ids), set(agency_ids)
    while newest:
        before = select(Agency.id).where(Agency.successor_id.in_(newest), Agency.ended_on <= on)
        newest = set(session.scalars(before)) - family
        family |= newest
    return family


def _last(session: Session, row: Row) -> Any:
    kind, _ = KINDS[type(row)]
    return session.scalar(select(kind).where(kind.of_id == row.id).order_by(kind.valid_from.desc()).limit(1))


def _overlapping(row: Row, last: Any, on: date) -> OverlappingValidity:
    known = last.valid_from.isoformat() if last is not None else "-"
    return OverlappingValidity(code=row.code, on=on.isoformat(), known=known, name=last.name if last else row.name)
