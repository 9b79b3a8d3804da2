"""People who work with the hub as administrators see them: listed, searched, and one by one with all they hold."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, true, tuple_
from sqlalchemy.orm import Session

from feeds.text import fold
from hub.accounts import keys, organizations, rights, whole_hub
from hub.accounts.browsing import READERS
from hub.accounts.keys import Standing
from hub.accounts.organizations import holds
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import NotFound
from hub.models import Delegation, Key, Membership, Organization, Outlet, User

KEYS_SHOWN = 50
KNOWN_AFTER = timedelta(days=90)  # a seat has ended


@dataclass(frozen=True, slots=True)
class Place:
    """A role, and where; `code` is the organization's or outlet's."""

    row: Membership
    code: str
    name: str

    def holds(self, on: date) -> bool:
        """Is the role held on this day?"""
        return self.row.valid_from <= on and (self.row.valid_to is None or self.row.valid_to > on)

    def is_ahead(self, on: date) -> bool:
        """Does it begin only later?"""
        return self.row.valid_from > on and self.row.valid_to != self.row.valid_from


@dataclass(frozen=True, slots=True)
class Person:
    """A user with the roles of today, as far as the reader may know them."""

    user: User
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who stands in for whom."""

    row: Delegation
    user: User
    deputy: User


@dataclass(frozen=True, slots=True)
class Held:
    """A key, and what it is worth."""

    row: Key
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A user with all they hold and held."""

    user: User
    places: tuple[Place, ...]  # the newest first
    stand_ins: tuple[StandIn, ...]
    keys: tuple[Held, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which people are asked for: words of name or e-mail, a role held today, the code of an organization or outlet."""

    words: str = ""
    role: str = ""
    organization: str = ""
    outlet: str = ""
    closed: bool = False


def list_people(
    session: Session,
    question: Question,
    *,
    actor: Actor,
    now: datetime,
    after: int = 0,
    limit: int,
    roles: Collection[Role] = READERS,
) -> list[Person]:
    """People by name, a page at a time; `after` is the last user's id."""
    on = local_day(now)
    seats = known_seats(session, actor, roles, now=now)
    query = select(User).where(known_users(session, actor, roles, now=now), *_asked(question, on))
    if after:
        last = select(User.folded, User.id).where(User.id == after).subquery()
        query = query.where(tuple_(User.folded, User.id) > select(last.c.folded, last.c.id).scalar_subquery())
    rows = session.scalars(query.order_by(User.folded, User.id).limit(limit)).all()
    places = _places(session, [row.id for row in rows], seats, on=on)
    return [Person(row, tuple(places.get(row.id, ()))) for row in rows]


def get(session: Session, user_id: int, *, actor: Actor, now: datetime, roles: Collection[Role] = READERS) -> Told:
    """A user whom the reader may know. Raises NotFound."""
    user = session.scalar(select(User).where(User.id == user_id, known_users(session, actor, roles, now=now)))
    if user is None:
        raise NotFound(what=str(user_id), kind="user")
    seats = known_seats(session, actor, roles, now=now)
    held = session.scalars(select(Key).where(Key.user_id == user.id).order_by(Key.id.desc()).limit(KEYS_SHOWN)).all()
    return Told(
        user=user,
        places=tuple(_places(session, [user.id], seats).get(user.id, ())),
        stand_ins=tuple(_stand_ins(session, user.id)),
        keys=tuple(Held(row, keys.standing_of(session, row, now=now)) for row in held),
    )


def known_users(session: Session, actor: Actor, roles: Collection[Role], *, now: datetime) -> ColumnElement[bool]:
    """The users whom somebody may know: with a seat within reach, or without any; all, for whoever reaches all.

    Whose last seat there has ended stays known for a while, so that what is open can be seen to, and then no more.
    """
    if whole_hub.reaches(session, actor, roles, now=now):
        return true()
    on = local_day(now)
    seated = select(Membership.user_id)
    lasts = or_(Membership.valid_to.is_(None), Membership.valid_to > on - KNOWN_AFTER)
    reached = rights.within_reach(Membership.organization_id, actor, roles, on=on)
    return or_(User.id.in_(seated.where(reached, lasts)), User.id.not_in(seated))


def known_seats(session: Session, actor: Actor, roles: Collection[Role], *, now: datetime) -> ColumnElement[bool]:
    """The seats that somebody may know of."""
    if whole_hub.reaches(session, actor, roles, now=now):
        return true()
    return rights.within_reach(Membership.organization_id, actor, roles, on=local_day(now))


def _asked(question: Question, on: date) -> list[ColumnElement[bool]]:
    """The conditions of a question."""
    found = [User.folded.contains(word, autoescape=True) for word in fold(question.words).split()[:10]]
    if not question.closed:
        found.append(User.closed_at.is_(None))
    seats = select(Membership.user_id).where(holds(Membership, on))
    if question.role:
        seats = seats.where(Membership.role == question.role)
    if question.organization:
        family = organizations.family_of_code(question.organization, on=on)
        seats = seats.where(Membership.organization_id.in_(select(family.c.id)))
    if question.outlet:
        seats = seats.where(Membership.outlet_id.in_(select(Outlet.id).where(Outlet.code == question.outlet)))
    if question.role or question.organization or question.outlet:
        found.append(User.id.in_(seats))
    return found


def _places(
    session: Session, user_ids: Sequence[int], known: ColumnElement[bool], *, on: date | None = None
) -> dict[int, list[Place]]:
    """The seats of users, the newest first; those of a day where one is named."""
    query = (
        select(Membership, Organization.code, Organization.name, Outlet.code, Outlet.name)
        .outerjoin(Organization, Organization.id == Membership.organization_id)
        .outerjoin(Outlet, Outlet.id == Membership.outlet_id)
        .where(Membership.user_id.in_(user_ids), known)
        .order_by(Membership.valid_from.desc(), Membership.id.desc())
    )
    if on is not None:
        query = query.where(holds(Membership, on))
    found: dict[int, list[Place]] = {}
    for row, code, name, outlet, outlet_name in session.execute(query):
        found.setdefault(row.user_id, []).append(Place(row, code or outlet, name or outlet_name))
    return found


def _stand_ins(session: Session, user_id: int) -> list[StandIn]:
    query = (
        select(Delegation)
        .where(or_(Delegation.user_id == user_id, Delegation.deputy_id == user_id))
        .order_by(Delegation.valid_from.desc(), Delegation.id.desc())
        .limit(KEYS_SHOWN)
    )
    return [
        StandIn(row, session.get_one(User, row.user_id), session.get_one(User, row.deputy_id))
        for row in session.scalars(query)
    ]
