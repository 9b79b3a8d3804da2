"""Who reads which duties, and how they stood at an instant: the condition is part of the query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Float, Select, and_, case, cast, distinct, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from hub.accounts import organizations, rights, users
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import NotFound
from hub.models import Duty, JournalRow, Organization, Outlet, Story, Waiver
from hub.regulation.duties.opening import ORGANIZATION, OUTLET

OWED_BY = frozenset({Role.CONTRIBUTOR, Role.CONFIRMER, Role.EDITOR, Role.AUDITOR})
READERS = frozenset({*OWED_BY, Role.OUTLET, Role.SYSTEM})
WAIVERS = frozenset({Role.EDITOR})  # whoever is less elsewhere waives there nothing
DESK = frozenset({Role.EDITOR, Role.SYSTEM})
EDITING = frozenset({Role.EDITOR, Role.AUDITOR})
STATES = ("open", "late", "met", "met_late", "waived", "lapsed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which duties are asked for. `clause` is a number with or without its paragraph."""

    organization: str | None = None
    outlet: str | None = None
    clause: str | None = None
    state: str | None = None
    story: str | None = None


def list_duties(
    session: Session,
    question: Question,
    *,
    asker: Actor,
    at: datetime,
    now: datetime | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int,
) -> list[Duty]:
    """Duties as they stood at `at`, the earliest deadline first; `after` is the last one of the page before.

    What the asker may know of goes by the rights of `now`, where that is another instant.
    """
    query = _visible(question, asker, at=at, now=now or at).where(Duty.opened_at <= at)
    if question.clause is not None:
        query = query.where(
            or_(Duty.clause == question.clause, Duty.clause.startswith(f"{question.clause}.", autoescape=True))
        )
    if question.story is not None:
        query = query.where(Duty.story_id == question.story)
    if question.state is not None:
        query = query.where(_stood(question.state, at))
    if after is not None:
        query = query.where(tuple_(Duty.due_at, Duty.id) > after)
    return list(session.scalars(query.order_by(Duty.due_at, Duty.id).limit(limit)))


def list_running(
    session: Session,
    question: Question,
    *,
    asker: Actor,
    now: datetime,
    after: tuple[datetime, str] | None = None,
    limit: int,
) -> list[Duty]:
    """Duties that nobody has met, waived or ended, the earliest deadline first; of a `state` open or late alone."""
    query = _running(question, asker, now=now)
    if after is not None:
        query = query.where(tuple_(Duty.due_at, Duty.id) > after)
    return list(session.scalars(query.order_by(Duty.due_at, Duty.id).limit(limit)))


@dataclass(frozen=True, slots=True)
class Owing:
    """How many running duties somebody has under a clause, and how many of them are late."""

    owner_kind: str
    owner: str
    clause: str
    running: int
    late: int


@dataclass(frozen=True, slots=True)
class UnderClause:
    """How many running duties there are under a clause, how many of them are late, and how many owe them."""

    clause: str
    running: int
    late: int
    owners: int


def count_by_clause(session: Session, *, asker: Actor, now: datetime) -> list[UnderClause]:
    """How much is owed under each clause, by its number."""
    late, owners = func.sum(case((Duty.due_at < now, 1), else_=0)), func.count(distinct(Duty.owner))
    query = (
        _running(Question(), asker, now=now)
        .with_only_columns(Duty.clause, func.count(), late, owners)
        .group_by(Duty.clause)
    )
    found = [UnderClause(*row) for row in session.execute(query)]
    return sorted(found, key=lambda one: [int(part) if part.isdecimal() else 0 for part in one.clause.split(".")])


def count_running(session: Session, question: Question, *, asker: Actor, now: datetime, limit: int) -> list[Owing]:
    """Who owes how much under which clause, those with most that is late first; no more than `limit` of them."""
    late = func.sum(case((Duty.due_at < now, 1), else_=0))
    kind = func.coalesce(Duty.owner_kind, "")  # in the order of its index a database would walk all that ever ran
    query = (
        _running(question, asker, now=now)
        .with_only_columns(kind, Duty.owner, Duty.clause, func.count(), late)
        .group_by(kind, Duty.owner, Duty.clause)
        .order_by(late.desc(), func.count().desc(), Duty.owner, Duty.clause)
        .limit(limit)
    )
    return [Owing(*row) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class Punctuality:
    """How many of an organization's duties with a deadline in a span were met in time, met late, or not at all."""

    owner: str
    in_time: int
    met_late: int
    unmet: int

    @property
    def share(self) -> float:
        """The part that was met in time, 0 to 1."""
        whole = self.in_time + self.met_late + self.unmet
        return self.in_time / whole if whole else 0.0


def list_punctuality(
    session: Session, *, asker: Actor, since: datetime, now: datetime, limit: int
) -> list[Punctuality]:
    """Of organizations that owed something with a deadline since then, those with the least in time first.

    What was waived or lapsed is left out. No more than `limit` of them.
    """
    counts = [
        func.sum(case((condition, 1), else_=0))
        for condition in (Duty.state == "met", Duty.state == "met_late", Duty.ended_at.is_(None))
    ]
    whole = counts[0] + counts[1] + counts[2]
    query = (
        _visible(Question(), asker, at=now, now=now)
        .where(Duty.owner_kind == ORGANIZATION, Duty.due_at >= since, Duty.due_at < now)
        .with_only_columns(Duty.owner, *counts)
        .group_by(Duty.owner)
        .having(whole > 0)
        .order_by(cast(counts[0], Float) / whole, Duty.owner)
        .limit(limit)
    )
    return [Punctuality(owner, *(int(count or 0) for count in rest)) for owner, *rest in session.execute(query)]


def _running(question: Question, asker: Actor, *, now: datetime) -> Select[Any]:
    query = _visible(question, asker, at=now, now=now).where(Duty.ended_at.is_(None))
    if question.clause is not None:
        query = query.where(Duty.clause == question.clause)
    if question.state == "late":
        query = query.where(Duty.due_at < now)
    if question.state == "open":
        query = query.where(Duty.due_at >= now)
    return query


def get_duty(session: Session, duty_id: str, *, asker: Actor, now: datetime, roles: frozenset[Role] = READERS) -> Duty:
    """A duty. Raises NotFound for what the asker, by these of their roles, may not know of."""
    query = _visible(Question(), asker, at=now, now=now, roles=roles).where(Duty.id == duty_id)
    duty: Duty | None = session.scalar(query)
    if duty is None:
        raise NotFound(what=duty_id[:40], kind="duty")
    return duty


def state_at(duty: Duty, at: datetime) -> str:
    """What a duty was at an instant: what came later is not known yet."""
    if duty.ended_at is not None and duty.ended_at <= at:
        return duty.state
    return "late" if duty.due_at < at else "open"


def notes_of(session: Session, duties: Sequence[Duty]) -> dict[str, str]:
    """Why duties were waived, by their ids."""
    waived = [duty.id for duty in duties if duty.state == "waived"]
    if not waived:
        return {}
    rows = session.execute(select(Waiver.duty_id, Waiver.note).where(Waiver.duty_id.in_(waived)))
    return {row[0]: row[1] for row in rows}


def list_rows(session: Session, duty: Duty) -> list[dict[str, Any]]:
    """The journal rows behind a duty: what opened it, and what counts as evidence; of each what it says of itself."""
    numbers = {number for number in (duty.opened_by, *duty.evidence) if number}
    query = select(JournalRow).where(JournalRow.number.in_(numbers)).order_by(JournalRow.number)
    return [_row_of(row) for row in session.scalars(query)]


def answered_for(code: str, *, on: date) -> Select[str]:
    """The codes of the organizations whose duties `code` answers for: itself, and those that it has come after.

    The one place where successors of duties are resolved; the rows keep the name of their time.
    """
    family = organizations.family_of_code(code, on=on)
    return select(Organization.code).where(Organization.id.in_(select(family.c.id)))


def _row_of(row: JournalRow) -> dict[str, Any]:
    record = orjson.loads(row.body)
    said = {name: str(record.get(name) or "") for name in ("kind", "act", "actor")}
    return {"number": row.number, "at": row.at, "story": row.story_id, **said}


def _stood(state: str, at: datetime) -> ColumnElement[bool]:
    """The condition for a state at `at`."""
    running = or_(Duty.ended_at.is_(None), Duty.ended_at > at)
    if state == "open":
        return and_(running, Duty.due_at >= at)
    ended = and_(Duty.state == state, Duty.ended_at <= at)
    return or_(and_(running, Duty.due_at < at), ended) if state == "late" else ended


def _visible(
    question: Question, asker: Actor, *, at: datetime, now: datetime, roles: frozenset[Role] = READERS
) -> Select[Any]:
    """The desk reads all, an organization what it and all below it owe, an outlet its own.

    Whoever edits or audits for an organization also reads what desk and outlets owe of the stories from there.
    Whose duties the question means goes by `at`, what the asker may know of by `now`.
    """
    query = select(Duty)
    on, today = local_day(at), local_day(now)
    if question.organization is not None:
        query = query.where(Duty.owner_kind == ORGANIZATION, Duty.owner.in_(answered_for(question.organization, on=on)))
    if question.outlet is not None:
        query = query.where(Duty.owner_kind == OUTLET, Duty.owner.in_(_outlets(Outlet.code == question.outlet, on)))
    if any(grant.organization_id is None for grant in asker.reach(DESK & roles)):
        return query
    if on == today and question.organization is not None and question.organization == asker.code:
        return query  # its own: no need to walk the tree
    outlets = {grant.outlet_id for grant in asker.reach({Role.OUTLET} & roles)}
    own = _outlets(Outlet.id.in_(outlets), today)
    reach = rights.within_reach(Organization.id, asker, OWED_BY & roles, on=today)
    editing = EDITING & roles
    edited = reach if editing == OWED_BY & roles else rights.within_reach(Organization.id, asker, editing, on=today)
    of_stories = exists().where(
        Story.id == Duty.story_id, Story.organization_id.in_(select(Organization.id).where(edited))
    )
    return query.where(
        or_(
            and_(Duty.owner_kind != ORGANIZATION, of_stories),
            and_(Duty.owner_kind == OUTLET, Duty.owner.in_(own)),
            and_(Duty.owner_kind == ORGANIZATION, Duty.owner.in_(select(Organization.code).where(reach))),
        )
    )


def _outlets(condition: ColumnElement[bool], on: date) -> Select[str]:
    """The codes of outlets, and of those they have come after: what these owe is theirs to do."""
    return select(Outlet.code).where(Outlet.id.in_(users.outlet_family(condition, on=on)))
