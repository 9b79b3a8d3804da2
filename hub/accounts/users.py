"""Users: people who work with the hub, their roles in organizations and at outlets, and who stands in for whom."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

import schemas
from hub.accounts import invitations, organizations, registers, rights, sessions
from hub.accounts.organizations import CodeTaken, holds
from hub.actors import Actor, Grant, Role
from hub.clock import LOCAL, local_day
from hub.errors import Conflict, Invalid, NotFound
from hub.models import Delegation, Membership, Organization, Outlet, User

ROLES = schemas.vocabulary("roles")
ORDER = {Role(code): place for place, code in enumerate(["editor", "admin", "auditor", "confirmer", "contributor"])}
_BEFORE = aliased(Outlet)  # made once: an alias costs more than the rest of its query

# one address that a letter can be sent to, as hub/delivery/mail.py has it
EMAIL = re.compile(r"[^\s<>()\[\]\\,;:\"@\x00-\x1f\x7f]{1,64}@([^\s<>()\\,;:\"@\x00-\x1f\x7f]{1,189})")


class BadEmail(Invalid):
    """No letter can be sent to this address."""

    key = "error.bad_email"


class AlreadySeated(Conflict):
    """The user has this very role at this very place on some of these days."""

    key = "error.already_seated"


class SeveralSeats(Conflict):
    """The user has this role in several places; one has to be named."""

    key = "error.several_seats"


class WrongPlace(Invalid):
    """The role is not one of organizations, or not one of outlets."""

    key = "error.wrong_place_for_role"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A role and where: the code of an organization or of an outlet."""

    role: str
    organization: str = ""
    outlet: str = ""


def add(session: Session, *, name: str, email: str, language: str = "vi", now: datetime) -> User:
    """Add a user. Raises BadEmail, or CodeTaken when somebody has this e-mail address."""
    if not is_email(email):
        raise BadEmail(email=email[:80])
    if find(session, email) is not None:
        raise CodeTaken(code=email)
    user = User(name=name, email=email.lower(), language=language, created_at=now)
    session.add(user)
    session.flush()
    registers.tell(session, registers.USERS, [user.id], at=now)
    return user


def is_email(text: str) -> bool:
    """Can a letter be sent to this address?"""
    found = EMAIL.fullmatch(text)
    try:
        return found is not None and (found[1].startswith("[") or bool(found[1].encode("idna")))
    except UnicodeError:
        return False


def find(session: Session, email: str) -> User | None:
    """The user with this e-mail address, however it is written."""
    return session.scalar(select(User).where(User.email == email.lower()))


def get(session: Session, email: str) -> User:
    """The user with this e-mail address. Raises NotFound."""
    user = find(session, email)
    if user is None:
        raise NotFound(what=email, kind="user")
    return user


def seat(session: Session, user: User, place: Seat, *, on: date, until: date | None = None) -> Membership:
    """Give a user a role in an organization or at an outlet; the caller tells the journal (`registers.tell_seats`).

    Raises NotFound, WrongPlace, or Invalid where it ends before it begins; Closed or NotYetThere for an organization
    that is not there on the first day; AlreadySeated for the same role at the same place on the same days.
    """
    if until is not None and until <= on:
        raise Invalid(faults=[schemas.Fault("/until", "ends_before_it_starts", {})])
    of = ROLES[place.role].extras["of"]
    if bool(place.organization) == bool(place.outlet) or (of == "outlet") != bool(place.outlet):
        raise WrongPlace(role=place.role, of=of)
    organization = organizations.get(session, place.organization) if place.organization else None
    if organization is not None:
        organizations.check_there(session, organization, on=on)
    row = Membership(
        user_id=user.id,
        organization_id=organization.id if organization else None,
        outlet_id=_outlet_id(session, place.outlet) if place.outlet else None,
        role=place.role,
        valid_from=on,
        valid_to=until,
    )
    _check_free(session, user, row, place)
    session.add(row)
    session.flush()
    return row


def unseat(session: Session, user: User, *, role: str, organization: str = "", outlet: str = "", on: date) -> int:
    """End a user's memberships of a role, at this place where one is named; returns how many. The caller tells it.

    Raises NotFound for an unknown place, SeveralSeats where the role is held in several and none is named.
    """
    query = select(Membership).where(Membership.user_id == user.id, Membership.role == role, holds(Membership, on))
    if organization:
        query = query.where(Membership.organization_id == organizations.get(session, organization).id)
    if outlet:
        query = query.where(Membership.outlet_id == _outlet_id(session, outlet))
    rows = session.scalars(query).all()
    if len({(row.organization_id, row.outlet_id) for row in rows}) > 1:
        raise SeveralSeats(email=user.email, role=role, places=", ".join(_places(session, rows)))
    for row in rows:
        row.valid_to = on
    return len(rows)


def _check_free(session: Session, user: User, new: Membership, place: Seat) -> None:
    """Raise AlreadySeated where the user has this role at this place on some of the days of a new membership."""
    query = select(Membership).where(
        Membership.user_id == user.id,
        Membership.role == new.role,
        Membership.organization_id.is_not_distinct_from(new.organization_id),
        Membership.outlet_id.is_not_distinct_from(new.outlet_id),
        or_(Membership.valid_to.is_(None), Membership.valid_to > new.valid_from),
        or_(Membership.valid_to.is_(None), Membership.valid_to > Membership.valid_from),
    )
    if new.valid_to is not None:
        query = query.where(Membership.valid_from < new.valid_to)
    known = session.scalar(query.order_by(Membership.valid_from).limit(1))
    if known is not None:
        where = {"email": user.email, "role": new.role, "place": place.organization or place.outlet}
        until = known.valid_to.isoformat() if known.valid_to else "…"
        raise AlreadySeated(**where, since=known.valid_from.isoformat(), until=until)


def _places(session: Session, rows: Sequence[Membership]) -> list[str]:
    """The codes of the organizations and outlets of memberships."""
    organization_ids = [row.organization_id for row in rows if row.organization_id is not None]
    codes = session.scalars(select(Organization.code).where(Organization.id.in_(organization_ids))).all()
    outlets = outlet_codes(session, [row.outlet_id for row in rows if row.outlet_id is not None])
    return sorted([*codes, *outlets.values()])


def delegate(
    session: Session,
    user: User,
    deputy: User,
    *,
    on: date,
    until: date,
    note: str = "",
    within: Organization | None = None,
    now: datetime,
) -> Delegation:
    """Let `deputy` have the roles of `user` from `on` and before `until`; only those in or below `within`, if named."""
    if user.id == deputy.id:
        raise Invalid(faults=[schemas.Fault("/deputy", "deputy_for_oneself", {})])
    if until <= on:
        raise Invalid(faults=[schemas.Fault("/until", "ends_before_it_starts", {})])
    row = Delegation(user_id=user.id, deputy_id=deputy.id, valid_from=on, valid_to=until, note=note, created_at=now)
    row.within_id = within.id if within is not None else None
    session.add(row)
    session.flush()
    registers.tell(session, registers.DELEGATIONS, [row.id], at=now)
    return row


def close(session: Session, user: User, *, now: datetime) -> None:
    """Close a user's account: keys, roles and sessions open nothing any more; what was done keeps its name."""
    user.closed_at = now
    sessions.end_all(session, user.id)
    invitations.revoke(session, user.id, now=now)
    session.flush()
    registers.tell(session, registers.USERS, [user.id], at=now)


def list_on(
    session: Session,
    on: date,
    *,
    within: ColumnElement[bool] | None = None,
    after: int | None = None,
    limit: int | None = None,
) -> list[tuple[User, Membership, str]]:
    """Who had which role where on a day: user, membership, and the code of the organization or outlet.

    By e-mail address; with `after` (the last membership before) by membership. `within` is a condition on it.
    """
    order = (User.email, Membership.id) if after is None else (Membership.id,)
    query = (
        select(User, Membership, Organization.code, Outlet.code)
        .join(Membership, Membership.user_id == User.id)
        .outerjoin(Organization, Organization.id == Membership.organization_id)
        .outerjoin(Outlet, Outlet.id == Membership.outlet_id)
        .where(holds(Membership, on), or_(User.closed_at.is_(None), User.closed_at >= _end_of(on)))
        .order_by(*order)
        .limit(limit)
    )
    if within is not None:
        query = query.where(within)
    if after is not None:
        query = query.where(Membership.id > after)
    return [(user, seat, organization or outlet or "") for user, seat, organization, outlet in session.execute(query)]


def find_actor(session: Session, user: User, *, key_id: int | None = None, now: datetime) -> Actor | None:
    """What a user may be today, with the roles of those they stand in for; None without any role."""
    on = local_day(now)
    grants = _grants(session, user.id, on)
    for absent, within_id in session.execute(
        select(Delegation.user_id, Delegation.within_id)
        .join(User, User.id == Delegation.user_id)
        .where(Delegation.deputy_id == user.id, holds(Delegation, on), User.closed_at.is_(None))
    ):
        lent = _grants(session, absent, on, deputy_for=absent)
        grants += [grant for grant in lent if is_lent(session, grant.organization_id, within_id, on=on)]
    if user.closed_at is not None or not grants:
        return None
    grants.sort(key=lambda grant: (grant.deputy_for is not None, ORDER.get(grant.role, len(ORDER))))
    home = next((g.organization_id for g in grants if g.role is Role.CONTRIBUTOR), None)
    home = home or next((g.organization_id for g in grants if g.organization_id), None)
    organization = organizations.resolve(session, home, on=on) if home else None
    return Actor(
        name=user.name,
        grants=tuple(grants),
        code=organization.code if organization else "",
        key_id=key_id,
        user_id=user.id,
        organization_id=organization.id if organization else None,
        given_id=home,
        outlet_id=next((grant.outlet_id for grant in grants if grant.outlet_id), None),
    )


def is_lent(session: Session, organization_id: int | None, within_id: int | None, *, on: date) -> bool:
    """Is a role in this organization (none: at an outlet) part of a delegation that reaches `within_id` (none: all)?

    The tree decides as it stands on the day; what is closed or has a successor by then reaches nothing any more.
    """
    if within_id is None:
        return True
    if organization_id is None:
        return False
    here = organizations.resolve(session, organization_id, on=on)
    return within_id in rights.line_of(session, here.id, on=on).whole


def _grants(session: Session, user_id: int, on: date, *, deputy_for: int | None = None) -> list[Grant]:
    """A user's own grants; what has ended is followed to its successor, and gives nothing where nobody came after."""
    grants = []
    for row in session.scalars(select(Membership).where(Membership.user_id == user_id, holds(Membership, on))):
        organization_id, outlet_id = row.organization_id, row.outlet_id
        if organization_id is not None:
            organization = organizations.resolve(session, organization_id, on=on)
            if organization.is_over(on):
                continue  # closed, and nobody came after it
            organization_id = organization.id
        if outlet_id is not None:
            outlet = resolve_outlet(session, outlet_id, on=on)
            if outlet.ended_on is not None and outlet.ended_on <= on:
                continue  # closed, and nobody came after it
            outlet_id = outlet.id
        grants.append(Grant(Role(row.role), organization_id, outlet_id, deputy_for=deputy_for))
    return grants


def resolve_outlet(session: Session, outlet_id: int, *, on: date) -> Outlet:
    """The outlet, or whichever has come after it by this day."""
    row = session.get_one(Outlet, outlet_id)
    while row.successor_id is not None and row.ended_on is not None and row.ended_on <= on:
        row = session.get_one(Outlet, row.successor_id)
    return row


def reads_for(session: Session, actor: Actor, outlet_id: int, *, on: date) -> bool:
    """Does the actor read for an outlet, or for the one that came after it?"""
    return resolve_outlet(session, outlet_id, on=on).id in actor.outlet_ids


def outlet_family(condition: ColumnElement[bool], *, on: date) -> Select[int]:
    """The ids of the outlets that meet a condition, and of those that they have come after by a day."""
    line = select(Outlet.id).where(condition).cte(recursive=True)
    line = line.union(select(_BEFORE.id).join(line, and_(_BEFORE.successor_id == line.c.id, _BEFORE.ended_on <= on)))
    return select(line.c.id)


def outlet_codes(session: Session, outlet_ids: Collection[int]) -> dict[int, str]:
    """The codes of these outlets, by id."""
    return dict(session.execute(select(Outlet.id, Outlet.code).where(Outlet.id.in_(outlet_ids))).all())


def is_seated(session: Session, user_id: int, role: Role, organization_id: int, *, on: date) -> bool:
    """Has a user this role in this very organization (or one it came after)?"""
    family = organizations.family(organization_id, on=on)
    query = select(Membership.id).where(
        Membership.user_id == user_id,
        Membership.role == role.value,
        Membership.organization_id.in_(select(family.c.id)),
        holds(Membership, on),
    )
    return session.scalar(query.limit(1)) is not None


def _outlet_id(session: Session, code: str) -> int:
    found = session.scalar(select(Outlet.id).where(Outlet.code == code))
    if found is None:
        raise NotFound(what=code, kind="outlet")
    return found


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), LOCAL)
