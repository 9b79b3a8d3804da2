"""What the journal keeps of the registers: a digest of each of their rows, with what hangs on it, after every change.

Organizations, press agencies and outlets with their states, outlets with their channels, too; users and whether their
accounts are open; seats and delegations. No name, address or note of a user is part of it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.models import (
    Agency,
    AgencyState,
    Channel,
    Delegation,
    JournalRow,
    Membership,
    Organization,
    OrganizationState,
    Outlet,
    OutletState,
    Setting,
    User,
)
from hub.records import journal

KIND = "register_told"  # the kind of its journal record
COMPLETE = "registers_complete"  # of the record that says that from now on every row is told
PAGE = 500


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that hang on a register's row: the column that names it, what they say, and their order."""

    table: Any
    owner: str
    columns: tuple[str, ...]
    order: str


@dataclass(frozen=True, slots=True)
class Register:
    """A register: which columns of its rows are told, and what hangs on a row.

    `later` are columns that came when rows had been told already: they are told where they say something.
    """

    name: str
    table: Any
    columns: tuple[str, ...]
    parts: tuple[Part, ...] = ()
    later: tuple[str, ...] = ()


SPAN = ("valid_from", "valid_to")
FACTS = ("name", "system", "kind", "level", "commune", "province", "parent_id")
SHOWN = ("title", "description", "language", "profile", "fields", "audience", "selection")
ORGANIZATIONS = Register(
    "organization",
    Organization,
    ("id", "code", "created_at", "ended_on", "successor_id"),
    (Part(OrganizationState, "organization_id", (*SPAN, *FACTS), "valid_from"),),
)
AGENCIES = Register(
    "agency",
    Agency,
    ("id", "code", "ended_on", "successor_id"),
    (Part(AgencyState, "of_id", (*SPAN, "name"), "valid_from"),),
)
OUTLETS = Register(
    "outlet",
    Outlet,
    ("id", "code", "kind", "created_at", "ended_on", "successor_id"),
    (
        Part(OutletState, "of_id", (*SPAN, "name", "agency_id"), "valid_from"),
        Part(Channel, "outlet_id", ("id", "code", *SHOWN, "successor_id"), "id"),
    ),
)
USERS = Register("user", User, ("id", "created_at", "closed_at"))
SEATS = Register("seat", Membership, ("id", "user_id", "organization_id", "outlet_id", "role", *SPAN))
DELEGATIONS = Register(
    "delegation", Delegation, ("id", "user_id", "deputy_id", *SPAN, "created_at"), later=("within_id",)
)
ALL = (ORGANIZATIONS, AGENCIES, OUTLETS, USERS, SEATS, DELEGATIONS)
BY_NAME = {register.name: register for register in ALL}


def tell(session: Session, register: Register, row_ids: Collection[int], *, at: datetime) -> None:
    """Let the journal know these rows as they are now; call it last, as any append."""
    if not row_ids:
        return
    journal.lock(session, at=at)
    digests = digests_of(session, register, sorted(set(row_ids)))
    said = {"kind": KIND, "register": register.name}
    journal.append_all(session, [{**said, "row": row_id, "digest": digests[row_id]} for row_id in digests], at=at)


def tell_codes(session: Session, name: str, codes: Collection[str], *, at: datetime) -> None:
    """As `tell`, for rows of a register by their codes."""
    register = BY_NAME[name]
    query = select(register.table.id).where(register.table.code.in_(codes))
    tell(session, register, session.scalars(query).all(), at=at)


def tell_seats(session: Session, user_id: int, *, at: datetime) -> None:
    """Let the journal know every seat of a user."""
    session.flush()
    tell(session, SEATS, session.scalars(select(Membership.id).where(Membership.user_id == user_id)).all(), at=at)


def tell_earlier(session: Session, *, at: datetime) -> int:
    """Tell what was there before the registers were told, once in a hub's life; returns how many rows."""
    if session.get(Setting, COMPLETE) is not None:
        return 0
    journal.lock(session, at=at)  # two that start at once meet here, and one of them tells
    if session.get(Setting, COMPLETE) is not None:
        return 0
    session.add(Setting(name=COMPLETE, value=at.isoformat()))
    told = told_last(session)
    count = 0
    for register in ALL:
        for page in pages(session, register):
            untold = [row_id for row_id in page if (register.name, row_id) not in told.digests]
            tell(session, register, untold, at=at)
            count += len(untold)
    journal.append(session, {"kind": COMPLETE}, at=at)
    return count


@dataclass(slots=True)
class Told:
    """What the journal tells of the registers: the last digest of each row; `complete`: no row is untold."""

    digests: dict[tuple[str, int], str]
    complete: bool = False


def told_last(session: Session) -> Told:
    """The last digest that the journal tells of each row, by register and id."""
    query = select(JournalRow.body).where(JournalRow.body.contains('"kind":"register', autoescape=True))
    told = Told({})
    for body in session.scalars(query.order_by(JournalRow.number).execution_options(yield_per=PAGE)):
        said = journal.read_record(body)
        if said.get("kind") == KIND:
            told.digests[said["register"], said["row"]] = said["digest"]
        told.complete |= said.get("kind") == COMPLETE
    return told


def pages(session: Session, register: Register) -> Iterator[Sequence[int]]:
    """The ids of a register's rows, page by page."""
    last, row_id = 0, register.table.id
    while page := session.scalars(select(row_id).where(row_id > last).order_by(row_id).limit(PAGE)).all():
        yield page
        last = page[-1]


def digests_of(session: Session, register: Register, row_ids: Sequence[int]) -> dict[int, str]:
    """Hex SHA-256 over each of these rows and all that hangs on it, by id."""
    session.flush()
    told: dict[int, list[Any]] = {}
    for first in range(0, len(row_ids), PAGE):
        some = row_ids[first : first + PAGE]
        rows = session.execute(_select(register.table, (*register.columns, *register.later), "id", some, "id"))
        here: dict[int, list[Any]] = {row[0]: [_said(row, register)] for row in rows}
        for part in register.parts:
            hanging: dict[int, list[Any]] = defaultdict(list)
            rows = session.execute(_select(part.table, (part.owner, *part.columns), part.owner, some, part.order))
            for owner, *said in rows:
                hanging[owner].append(said)
            for row_id, lines in here.items():
                lines.append(hanging[row_id])
        told |= here
    return {row_id: _digest(said) for row_id, said in told.items()}


def _said(row: Sequence[Any], register: Register) -> list[Any]:
    always = len(register.columns)
    later = {name: value for name, value in zip(register.later, row[always:], strict=True) if value is not None}
    return [*row[:always], *([later] if later else [])]


def _select(table: Any, names: Sequence[str], key: str, values: Sequence[int], order: str) -> Any:
    columns = table.__table__.c
    return select(*(columns[name] for name in names)).where(columns[key].in_(values)).order_by(columns[order])


def _digest(said: list[Any]) -> str:
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
