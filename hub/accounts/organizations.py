"""The tree of organizations: making, finding, who stands above whom, and who came after whom.

A row of `organizations` tells what holds today; `on` asks for another day. Whoever has ended is followed to the
successor when read: nothing that names an organization is ever rewritten.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import CTE, BindParameter, ColumnElement, Date, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, aliased

import schemas
from hub.accounts import registers
from hub.actors import Actor, Grant, Role
from hub.clock import local_day
from hub.errors import Conflict, Invalid, NotFound
from hub.models import Organization, OrganizationState, RegisterEvent, Setting

_BY_ID = select(Organization).where(Organization.id == bindparam("id"))  # built once: every new story asks it
_BEGAN = select(func.min(OrganizationState.valid_from)).where(
    OrganizationState.organization_id == bindparam("organization_id")
)
# another organization of a line, and a state: made once, since to make one costs four times the rest of a query
_OTHER, _STATE = aliased(Organization), aliased(OrganizationState)
FACTS = registers.FACTS  # what a state says

CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,79}")  # as the schemas have it: codes stand in addresses, files and keys


class BadCode(Invalid):
    """An organization's code goes without spaces, capitals and diacritics."""

    key = "error.bad_code"


class CodeTaken(Conflict):
    """Another organization or outlet has this code."""

    key = "error.code_taken"


class NoName(Invalid):
    """An organization needs a name."""

    key = "error.organization_needs_a_name"


class Closed(Conflict):
    """The organization has ended and nobody came after it, so nothing new hangs on it."""

    key = "error.organization_closed"


class NotYetThere(Conflict):
    """The organization begins only after the day on which something is to hang on it."""

    key = "error.organization_not_yet_there"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrganization:
    """What an organization is made from; `parent` is a code or empty, `system` follows from the kind when empty."""

    code: str
    name: str
    kind: str
    system: str = ""
    level: str = ""
    commune: str = ""
    province: str = ""
    parent: str = ""
    valid_from: date | None = None  # the day it was founded; None: today


class InLine(NamedTuple):
    """An organization in a line on a day; `is_succeeded`: it has ended, and the next one came after it.

    `is_closed`: it has ended, and nobody came after it.
    """

    id: int
    code: str
    kind: str
    level: str
    system: str
    is_succeeded: bool
    is_closed: bool


SEAT = "hub_seat"  # of settings: the code of the organization that the hub is run from, the first that was added


def add(session: Session, new: NewOrganization, *, now: datetime) -> Organization:
    """Add an organization under its parent, which has to be there on its first day.

    The first of all becomes the seat of the hub (`whole_hub`).
    Raises BadCode, CodeTaken, NoName, NotFound when there is no such parent, Closed, or NotYetThere.
    """
    if not is_code(new.code):
        raise BadCode(code=new.code[:80], suggestion=suggested_code(new.code))
    if find(session, new.code) is not None:
        raise CodeTaken(code=new.code)
    check_name(new.code, new.name)
    founded = new.valid_from or local_day(now)
    parent = get(session, new.parent) if new.parent else None
    if parent is not None:
        check_there(session, parent, on=founded)
    facts = {
        "name": new.name,
        "system": new.system or system_of(new.kind),
        "kind": new.kind,
        "level": new.level,
        "commune": new.commune,
        "province": new.province,
        "parent_id": parent.id if parent else None,
    }
    row = Organization(code=new.code, created_at=now, **facts)
    session.add(row)
    session.flush()
    session.add(OrganizationState(organization_id=row.id, valid_from=founded, **facts))
    session.flush()
    registers.tell(session, registers.ORGANIZATIONS, [row.id], at=now)
    if parent is None and session.get(Setting, SEAT) is None:
        session.add(Setting(name=SEAT, value=row.code))
        session.flush()
    return row


def is_code(text: str) -> bool:
    """May an organization have this code?"""
    return CODE.fullmatch(text) is not None


def check_name(code: str, name: str) -> None:
    """Raise NoName for a name of nothing but spaces."""
    if not name.strip():
        raise NoName(code=code)


def check_there(session: Session, row: Organization, *, on: date) -> None:
    """Something new hangs on an organization from a day on, so it has to be there then. Raises Closed, NotYetThere."""
    check_open(session, row, on=on)
    began = session.scalar(_BEGAN, {"organization_id": row.id})
    if began is not None and began > on:
        raise NotYetThere(code=row.code, began=began.isoformat(), on=on.isoformat())


def check_open(session: Session, row: Organization, *, on: date) -> None:
    """Raise Closed on a day on which an organization has ended and nobody came after it."""
    last = resolve(session, row.id, on=on)
    if last.ended_on is not None and last.is_over(on):
        raise Closed(code=last.code, ended_on=last.ended_on.isoformat(), decision=_decision_of_end(session, last))


def _decision_of_end(session: Session, row: Organization) -> str:
    query = select(RegisterEvent.decision).where(
        RegisterEvent.register == "organization", RegisterEvent.subject == row.code, RegisterEvent.on == row.ended_on
    )
    return session.scalar(query.order_by(RegisterEvent.id.desc()).limit(1)) or "-"


def suggested_code(text: str) -> str:
    """The code that somebody may have meant."""
    plain = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D")).encode("ascii", "ignore").decode()
    found = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:80]
    return found if is_code(found) else "hoi-nong-dan"


def system_of(kind: str) -> str:
    """The system that a kind of organization belongs to unless somebody says otherwise."""
    return str(schemas.vocabulary("organization_kinds")[kind].extras["system"])


def find(session: Session, code: str) -> Organization | None:
    """The organization with this code."""
    return session.scalar(select(Organization).where(Organization.code == code))


def names_of(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """What organizations are called, by their codes."""
    wanted = {*codes}
    query = select(Organization.code, Organization.name).where(Organization.code.in_(wanted))
    return {row.code: row.name for row in session.execute(query)} if wanted else {}


def get(session: Session, code: str) -> Organization:
    """The organization with this code. Raises NotFound."""
    row = find(session, code)
    if row is None:
        raise NotFound(what=code, kind="organization")
    return row


def get_by_id(session: Session, organization_id: int | None) -> Organization:
    """The organization in this row, which is there."""
    return session.scalars(_BY_ID, {"id": organization_id}).one()


def lock(session: Session, organization_id: int) -> None:
    """Let the organization's writers wait for each other; on SQLite a writing transaction is alone anyhow."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(select(Organization.id).where(Organization.id == organization_id).with_for_update())


def holds(span: Any, on: Any) -> ColumnElement[bool]:
    """Does a row with `valid_from` and `valid_to` hold on this day?"""
    return and_(span.valid_from <= on, or_(span.valid_to.is_(None), span.valid_to > on))


def list_states(session: Session, organization_id: int) -> list[OrganizationState]:
    """What an organization was, oldest first."""
    query = select(OrganizationState).where(OrganizationState.organization_id == organization_id)
    return list(session.scalars(query.order_by(OrganizationState.valid_from)))


def find_state(session: Session, organization_id: int, on: date) -> OrganizationState | None:
    """What an organization was on a day; None before its first."""
    query = select(OrganizationState).where(OrganizationState.organization_id == organization_id)
    return session.scalar(query.where(holds(OrganizationState, on)))


def resolve(session: Session, organization_id: int, *, on: date) -> Organization:
    """The organization, or whoever has come after it by this day."""
    row = session.get_one(Organization, organization_id)
    while row.successor_id is not None and row.is_over(on):
        row = session.get_one(Organization, row.successor_id)
    return row


def sender(session: Session, row: Organization, *, now: datetime) -> Actor:
    """The actor that an organization is when it submits in its own name. Raises Closed."""
    on = local_day(now)
    check_open(session, row, on=on)
    heir = resolve(session, row.id, on=on)
    return Actor(
        name=heir.name,
        grants=(Grant(Role.CONTRIBUTOR, heir.id, alone=True),),
        code=heir.code,
        organization_id=heir.id,
        given_id=row.id,
    )


def list_lineage(session: Session, organization_id: int, *, on: date) -> list[str]:
    """The codes of an organization and of all above it on a day, nearest first; the ended lead to their successors."""
    return [each.code for each in list_line(session, organization_id, on=on)]


def list_line(session: Session, organization_id: int, *, on: date) -> list[InLine]:
    """An organization and all above it on a day, nearest first.

    Whoever of those above was closed is left out: the one above it stands in.
    """
    rows = session.execute(_line(), {"organization_id": organization_id, "day": on})
    return _standing(InLine(*row) for row in rows)


def list_lines(session: Session, organization_ids: Collection[int], *, on: date) -> dict[int, list[InLine]]:
    """As `list_line`, for each of these organizations, in one statement."""
    steps: dict[int, dict[int, tuple[InLine, int | None]]] = {each: {} for each in organization_ids}
    for first, following, *told in session.execute(_lines(on, organization_ids)) if organization_ids else ():
        each = InLine(*told)
        steps[first][each.id] = each, following
    return {first: _standing(_walk(line, first)) for first, line in steps.items()}


def _walk(steps: dict[int, tuple[InLine, int | None]], first: int) -> Iterator[InLine]:
    """A line in its order; what was walked is taken out, so that no circle is walked for ever."""
    place: int | None = first
    while place is not None and place in steps:
        each, place = steps.pop(place)
        yield each


def _standing(line: Iterable[InLine]) -> list[InLine]:
    """A line without those above who were closed."""
    found: list[InLine] = []
    for each in line:
        if not each.is_closed or all(before.is_succeeded for before in found):
            found.append(each)
    return found


def find_above(session: Session, organization_id: int, *, on: date) -> int | None:
    """The id of the organization that stands above one on a day: neither a closed one, nor one that has an heir."""
    line = list_line(session, organization_id, on=on)
    own = next((place for place, each in enumerate(line) if not each.is_succeeded), len(line))
    return next((each.id for each in line[own + 1 :] if not each.is_succeeded), None)


def subtree(organization_ids: Sequence[int], *, on: date, name: str = "subtree") -> CTE:
    """The ids of these organizations, of all below them on a day, and of those that they have come after."""
    tree = select(Organization.id).where(Organization.id.in_(organization_ids)).cte(name, recursive=True)
    return tree.union(select(_OTHER.id).join(tree, _next_of(_OTHER, on) == tree.c.id))


def family(organization_id: int | BindParameter[int], *, on: date | BindParameter[date], name: str = "family") -> CTE:
    """The ids of an organization and of those that it has come after by a day; both may be bound later."""
    return _family(Organization.id == organization_id, on=on, name=name)


def families(organization_ids: Collection[int], *, on: date, name: str = "families") -> CTE:
    """As `family`, for each of these organizations."""
    return _family(Organization.id.in_(organization_ids), on=on, name=name)


def family_of_code(code: str, *, on: date, name: str = "family") -> CTE:
    """As `family`, for the organization with this code."""
    return _family(Organization.code == code, on=on, name=name)


@cache
def _line() -> Select[Any]:
    """The query of `list_line`, built once: every act asks it several times."""
    day = bindparam("day", type_=Date)
    start = _steps(Organization, day).where(Organization.id == bindparam("organization_id"))
    line = start.cte("line", recursive=True)
    line = line.union(_steps(_OTHER, day).join(line, _OTHER.id == line.c.next))
    return select(*(line.c[name] for name in InLine._fields))


def _lines(on: date, organization_ids: Collection[int]) -> Select[Any]:
    """The steps of several lines at once, each with the id of its first and that of who stands next."""
    start = _steps(Organization, on).add_columns(Organization.id.label("first"))
    line = start.where(Organization.id.in_(organization_ids)).cte("lines", recursive=True)
    line = line.union(_steps(_OTHER, on).add_columns(line.c.first).join(line, _OTHER.id == line.c.next))
    return select(line.c.first, line.c.next, *(line.c[name] for name in InLine._fields))


def _family(condition: ColumnElement[bool], *, on: date | BindParameter[date], name: str) -> CTE:
    line = select(Organization.id).where(condition).cte(name, recursive=True)
    step = and_(_OTHER.successor_id == line.c.id, _OTHER.ended_on <= on)
    return line.union(select(_OTHER.id).join(line, step))


def _steps(row: Any, on: Any) -> Select[Any]:
    has_heir, is_over = row.successor_id.is_not(None), and_(row.ended_on.is_not(None), row.ended_on <= on)
    told = [getattr(row, name) for name in InLine._fields[:-2]]
    is_succeeded, is_closed = and_(has_heir, is_over), and_(~has_heir, is_over)
    ends = (is_succeeded.label("is_succeeded"), is_closed.label("is_closed"))
    return select(*told, *ends, _next_of(row, on).label("next"))


def _next_of(row: Any, on: Any) -> ColumnElement[int | None]:
    """The id of whoever stands next in a line: the successor of one that has ended, else the parent of that day."""
    parent = select(_STATE.parent_id).where(_STATE.organization_id == row.id, holds(_STATE, on)).scalar_subquery()
    return case((and_(row.successor_id.is_not(None), row.ended_on <= on), row.successor_id), else_=parent)
