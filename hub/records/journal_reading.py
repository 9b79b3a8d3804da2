"""The journal as people read it: the newest rows first, by kind, actor, story and day, each held against its chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from hub.clock import LOCAL
from hub.models import JournalHead, JournalRow, Organization, Outlet, User
from hub.records import journal

Names = dict[tuple[str, Any], str]
MAX_ROW = 2**31 - 1
ALWAYS_USERS = frozenset({"user", "confirmer", "auditor", "admin"})  # other marks may be of a key's owner
NAMED = {"user": "user", "deputy": "user", "organization": "organization", "outlet": "outlet"}  # members of records


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which rows are asked for; what is empty asks for nothing."""

    kind: str = ""
    actor: str = ""  # as the journal calls it: role and row
    story: str = ""
    day: date | None = None  # in Việt Nam


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its record, and whether its digest follows from the row before it."""

    number: int
    at: datetime
    kind: str
    actor: str
    story: str | None
    facts: dict[str, Any]
    named: dict[str, Any]  # the same with names for the codes and rows of users, organizations and outlets
    who: str  # the actor's name, where the record names a user; "" else
    digest: str
    holds: bool


def list_lines(session: Session, question: Question, *, before: int | None = None, limit: int) -> list[Line]:
    """A page of rows, the newest first."""
    query = select(JournalRow).order_by(JournalRow.number.desc()).limit(limit)
    if before is not None:
        query = query.where(JournalRow.number < before)
    if question.kind:
        query = query.where(JournalRow.kind == question.kind)
    if question.actor:
        query = query.where(JournalRow.actor == question.actor)
    if question.story:
        query = query.where(JournalRow.story_id == question.story)
    if question.day is not None:
        first, last = _numbers_of(session, question.day)
        query = query.where(JournalRow.number >= first, JournalRow.number <= last, _on(question.day))
    rows = session.scalars(query).all()
    wanted = {row.number - 1 for row in rows}
    found = session.execute(select(JournalRow.number, JournalRow.digest).where(JournalRow.number.in_(wanted)))
    digests: dict[int, str] = {0: journal.START, **dict(found.all())}
    records = [journal.read_record(row.body) for row in rows]
    names = _names_in(session, records)
    return [_line(row, record, digests.get(row.number - 1), names) for row, record in zip(rows, records, strict=True)]


def find_head(session: Session) -> JournalHead | None:
    """The end of the chain; None for an empty journal."""
    return session.get(JournalHead, 1)


def _numbers_of(session: Session, day: date) -> tuple[int, int]:
    """The first and the last row of a day. Rows stand nearly in the order of their instants: few others lie between."""
    numbers = session.execute(select(func.min(JournalRow.number), func.max(JournalRow.number)).where(_on(day))).one()
    return (numbers[0], numbers[1]) if numbers[0] is not None else (0, 0)


def _on(day: date) -> ColumnElement[bool]:
    begins = datetime.combine(day, time(), LOCAL).astimezone(UTC)
    return and_(JournalRow.at >= begins, JournalRow.at < begins + timedelta(days=1))


def _line(row: JournalRow, record: dict[str, Any], previous: str | None, names: Names) -> Line:
    facts = {name: value for name, value in record.items() if name not in ("kind", "actor", "at", "number", "story")}
    holds = previous is not None and journal.chain(previous, row.body) == row.digest
    kind, actor = str(record.get("kind", "")), str(record.get("actor", ""))
    named = {name: names.get((NAMED[name], value), value) if name in NAMED else value for name, value in record.items()}
    who = names.get(("user", _user_in(actor)), "")
    return Line(row.number, row.at, kind, actor, row.story_id, facts, named, who, row.digest, holds)


def _names_in(session: Session, records: Sequence[Mapping[str, Any]]) -> Names:
    """The names of all users, organizations and outlets that records speak of, as they are called now."""
    wanted: dict[str, set[Any]] = {"user": {_user_in(str(record.get("actor", ""))) for record in records}}
    for record in records:
        for name, what in NAMED.items():
            if isinstance(record.get(name), str | int):
                wanted.setdefault(what, set()).add(record[name])
    found: Names = {}
    for what, key, title in (
        ("user", User.id, User.name),
        ("organization", Organization.code, Organization.name),
        ("outlet", Outlet.code, Outlet.name),
    ):
        may_be = _is_row if what == "user" else _is_code
        if asked := set(filter(may_be, wanted.get(what, ()))):
            rows = session.execute(select(key, title).where(key.in_(asked)))
            found |= {(what, code): name for code, name in rows}
    return found


def _is_row(value: object) -> bool:
    return isinstance(value, int) and 0 < value <= MAX_ROW


def _is_code(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _user_in(actor: str) -> int:
    """The user that an actor's mark names for sure; 0 where its row may be something else's."""
    role, _, number = actor.partition(":")
    return int(number) if role in ALWAYS_USERS and number.isascii() and number.isdigit() and len(number) < 10 else 0
