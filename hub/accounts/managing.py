"""What administrators do to users at the desk: end roles, name deputies, close accounts, revoke keys.

Roles are given by `administration`, whichever door asks. Whoever ends a role has to reach the place of the role;
whoever does something to a user as a whole (closing the account, revoking a key, naming a deputy) has to reach every
role that the user holds. The hub never loses the last administrator who reaches all of it. Each act is told in the
journal, by rows and never by names.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.accounts import administration, keys, people, registers, users, whole_hub
from hub.accounts.administration import ADMINS
from hub.accounts.guarding import LastAdministrator
from hub.accounts.keys import Minted
from hub.accounts.organizations import holds
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import Forbidden, Invalid, NotFound
from hub.models import Delegation, Key, Membership, Organization, Outlet, User
from hub.records import journal
from schemas import Fault

MOST_DAYS = timedelta(days=60)  # of a delegation that a part of the tree decides on


class UserReachesFurther(Forbidden):
    """The user holds roles that lie outside of the actor's reach."""

    key = "error.user_reaches_further"


class NoUserName(Invalid):
    """A user needs a name."""

    key = "error.user_needs_a_name"


def add_user(session: Session, *, name: str, email: str, language: str, actor: Actor, now: datetime) -> User:
    """Add a user without any role or key. Raises BadEmail, CodeTaken or NoUserName."""
    if not name.strip():
        raise NoUserName()
    user = users.add(session, name=name, email=email, language=language, now=now)
    journal.append(session, {"kind": "user_added", "user": user.id, "actor": actor.mark}, at=now)
    return user


def unseat(session: Session, user_id: int, seat_id: int, *, on: date, actor: Actor, now: datetime) -> Membership:
    """End a role on a day; one that has not begun never will. Raises NotFound or LastAdministrator."""
    user = get_user(session, user_id, actor=actor, now=now, closed=True)
    known = people.known_seats(session, actor, ADMINS, now=now)
    row = session.scalar(select(Membership).where(Membership.id == seat_id, Membership.user_id == user.id, known))
    if row is None:
        raise NotFound(what=str(seat_id), kind="user")
    if row.valid_to is not None and row.valid_to <= on:
        return row
    had = _has_administrator(session, now=now)
    row.valid_to = max(on, row.valid_from)
    session.flush()
    _check_administrator(session, had, now=now)
    registers.tell_seats(session, user.id, at=now)
    record = {"kind": "role_ended", "user": user.id, "role": row.role, "seat": row.id, "on": row.valid_to.isoformat()}
    journal.append(session, {**record, "actor": actor.mark}, at=now)
    return row


def name_deputy(
    session: Session, user_id: int, deputy: str, *, on: date, until: date, note: str, actor: Actor, now: datetime
) -> Delegation:
    """Let a deputy (an e-mail address) stand in for a user. Raises NotFound, UserReachesFurther or Invalid.

    Whoever administers a part of the tree may do so for MOST_DAYS and never makes themselves the deputy, who then has
    those roles alone that lie in this part.
    """
    user = get_whole_user(session, user_id, actor=actor, now=now)
    within = None
    if not whole_hub.reaches(session, actor, ADMINS, now=now):
        within = _find_part(session, user, actor=actor, now=now)
        if until > on + MOST_DAYS:
            raise Invalid(faults=[Fault("/until", "deputy_too_long", {"days": MOST_DAYS.days})])
    found = users.find(session, deputy)
    known = people.known_users(session, actor, ADMINS, now=now)
    if found is None or session.scalar(select(User.id).where(User.id == found.id, known)) is None:
        raise Invalid(faults=[Fault("/deputy", "no_such_user", {"email": deputy[:80]})])
    if within is not None and found.id == actor.user_id:
        raise Invalid(faults=[Fault("/deputy", "deputy_named_by_oneself", {})])
    return administration.delegate(
        session, user.id, deputy, on=on, until=until, note=note, within=within, actor=actor, now=now
    )


def end_deputy(session: Session, user_id: int, delegation_id: int, *, actor: Actor, now: datetime) -> Delegation:
    """Let a delegation end today; one that has not begun never will. Raises NotFound or UserReachesFurther."""
    get_whole_user(session, user_id, actor=actor, now=now, closed=True)
    row = session.get(Delegation, delegation_id)
    if row is None or row.user_id != user_id:
        raise NotFound(what=str(delegation_id), kind="user")
    today = local_day(now)
    if row.valid_to <= today:
        return row
    row.valid_to = max(today, row.valid_from)
    registers.tell(session, registers.DELEGATIONS, [row.id], at=now)
    record = {"kind": "delegation_ended", "user": user_id, "delegation": row.id, "on": row.valid_to.isoformat()}
    journal.append(session, {**record, "actor": actor.mark}, at=now)
    return row


def close_user(session: Session, user_id: int, *, actor: Actor, now: datetime) -> User:
    """Close an account, once. Raises NotFound, UserReachesFurther or LastAdministrator."""
    user = get_whole_user(session, user_id, actor=actor, now=now, closed=True)
    if user.closed_at is not None:
        return user
    had = _has_administrator(session, now=now)
    users.close(session, user, now=now)
    _check_administrator(session, had, now=now)
    journal.append(session, {"kind": "user_closed", "user": user.id, "actor": actor.mark}, at=now)
    return user


def mint_key(session: Session, user_id: int, *, label: str, actor: Actor, now: datetime) -> Minted:
    """A new key for programs of a user, seen once. Raises NotFound or UserReachesFurther.

    Only for whoever administers the whole hub: a key has every role that its user is given later, wherever.
    """
    user = get_whole_user(session, user_id, actor=actor, now=now)
    whole_hub.require(session, actor, ADMINS, now=now)
    made = keys.mint(session, "user", user=user, label=label or user.email, now=now)
    journal.append(session, {"kind": "key_made", "user": user.id, "key": made.row.id, "actor": actor.mark}, at=now)
    return made


def revoke_key(session: Session, user_id: int, key_id: int, *, actor: Actor, now: datetime) -> Key:
    """Revoke a user's key, once. Raises NotFound or UserReachesFurther."""
    user = get_whole_user(session, user_id, actor=actor, now=now, closed=True)
    row = session.get(Key, key_id)
    if row is None or row.user_id != user.id:
        raise NotFound(what=str(key_id), kind="key")
    if row.revoked_at is None:
        row.revoked_at = now
        record = {"kind": "key_revoked", "user": user.id, "key": row.id, "actor": actor.mark}
        journal.append(session, record, at=now)
    return row


def get_user(session: Session, user_id: int, *, actor: Actor, now: datetime, closed: bool = False) -> User:
    """A user whom the actor may know. Raises NotFound."""
    query = select(User).where(User.id == user_id, people.known_users(session, actor, ADMINS, now=now))
    user = session.scalar(query if closed else query.where(User.closed_at.is_(None)))
    if user is None:
        raise NotFound(what=str(user_id), kind="user")
    return user


def reaches_all_of(session: Session, user_id: int, *, actor: Actor, now: datetime) -> bool:
    """Does the actor reach every role that a user holds today or will hold?"""
    known = people.known_seats(session, actor, ADMINS, now=now)
    held = (Membership.valid_to.is_(None)) | (Membership.valid_to > local_day(now))
    outside = select(Membership.id).where(Membership.user_id == user_id, held, ~known)
    outside_outlet = select(Membership.id).where(
        Membership.user_id == user_id, held, Membership.outlet_id.in_(select(Outlet.id))
    )
    if session.scalar(outside.limit(1)) is not None:
        return False
    if session.scalar(outside_outlet.limit(1)) is None:
        return True
    return whole_hub.reaches(session, actor, ADMINS, now=now)


def get_whole_user(session: Session, user_id: int, *, actor: Actor, now: datetime, closed: bool = False) -> User:
    """A user of whom the actor reaches all they hold. Raises NotFound or UserReachesFurther."""
    user = get_user(session, user_id, actor=actor, now=now, closed=closed)
    if not reaches_all_of(session, user.id, actor=actor, now=now):
        raise UserReachesFurther(name=user.name)
    return user


def _find_part(session: Session, user: User, *, actor: Actor, now: datetime) -> Organization:
    """The part of the tree that the actor administers and that every role of a user lies in.

    Raises UserReachesFurther where the roles lie in several of the actor's parts: each would lend those of the other.
    """
    on = local_day(now)
    held = (Membership.valid_to.is_(None)) | (Membership.valid_to > on)
    seats = session.scalars(select(Membership.organization_id).where(Membership.user_id == user.id, held)).all()
    parts = {grant.organization_id for grant in actor.reach(ADMINS)} - {None}
    for part in session.scalars(select(Organization).where(Organization.id.in_(parts)).order_by(Organization.id)):
        if all(users.is_lent(session, seat, part.id, on=on) for seat in seats):
            return part
    raise UserReachesFurther(name=user.name)


def _check_administrator(session: Session, had: bool, *, now: datetime) -> None:
    """Raise LastAdministrator where there was somebody who reaches the whole hub, and is nobody any more."""
    if had and not _has_administrator(session, now=now):
        raise LastAdministrator()


def _has_administrator(session: Session, *, now: datetime) -> bool:
    """Does anybody reach the whole hub as an administrator today?"""
    query = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.role == Role.ADMIN.value, holds(Membership, local_day(now)), User.closed_at.is_(None))
        .distinct()
    )
    actors = (users.find_actor(session, user, now=now) for user in session.scalars(query))
    return any(actor is not None and whole_hub.reaches(session, actor, ADMINS, now=now) for actor in actors)
