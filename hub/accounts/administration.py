"""What administrators do to the registers, within their subtree, and what everybody may do for an absence of theirs.

A right reaches a subtree: nothing is done to an organization outside of it, no role is given there, and nobody is
made an administrator of what stands above. Each act is told in the journal, by rows and never by names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from hub.accounts import guarding, history, keys, organizations, registers, rights, users, whole_hub
from hub.accounts.history import Decision
from hub.accounts.organizations import NewOrganization
from hub.accounts.users import Seat
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import NotFound
from hub.models import Delegation, Key, Membership, Organization, Story, User
from hub.records import journal

ADMINS = frozenset({Role.ADMIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happens to an organization: `kind` is rename, move, merge, split or close."""

    kind: str
    decision: Decision
    name: str = ""
    parent: str = ""
    into: tuple[str, ...] = ()
    goes_on: bool = False
    children_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What an event would bring, once it has been tried and taken back."""

    ends: bool
    name: str  # from that day on
    above: tuple[str, ...]  # names of those above it from that day on, nearest first
    heir: str  # name of whoever inherits; empty for nobody
    heir_code: str
    below: int  # who stand directly below it now
    seats: int
    keys: int
    stories: int

    @property
    def told(self) -> Foreseen:
        """What a page tells of it: where nothing ends, nobody is told what hangs on it."""
        return self if self.ends else replace(self, seats=0, keys=0, stories=0)


def add_organization(session: Session, new: NewOrganization, *, actor: Actor, now: datetime) -> Organization:
    """Add an organization below one within reach; at the top only for whoever administers the whole hub.

    Raises NotFound, or as `organizations.add` does.
    """
    if new.parent:
        get_reached(session, new.parent, actor=actor, now=now)
    else:
        whole_hub.require(session, actor, ADMINS, now=now)
    row = organizations.add(session, new, now=now)
    record = {"kind": "register_act", "event": "add", "organization": row.code, "actor": actor.mark}
    journal.append(session, record, at=now)
    return row


def foresee_event(session: Session, code: str, event: Event, *, actor: Actor, now: datetime) -> Foreseen:
    """Let an event happen and take it back: what would follow. Raises what the event itself would."""
    on = event.decision.on
    row = get_reached(session, code, actor=actor, now=now)
    counts = _hanging(session, row, now=now)
    trial = session.begin_nested()
    try:
        record_event(session, code, event, actor=actor, now=now)
        state = organizations.find_state(session, row.id, on)
        line = organizations.list_line(session, row.id, on=on)[1:]
        ids = [each.id for each in line if not each.is_closed]
        names = dict(session.execute(select(Organization.id, Organization.name).where(Organization.id.in_(ids))).all())
        heir = session.get(Organization, row.successor_id) if row.successor_id is not None else None
        return Foreseen(
            ends=row.ended_on is not None,
            name=state.name if state is not None else row.name,
            above=tuple(names[each] for each in ids),
            heir=heir.name if heir is not None else "",
            heir_code=heir.code if heir is not None else "",
            **counts,
        )
    finally:
        trial.rollback()


def _hanging(session: Session, row: Organization, *, now: datetime) -> dict[str, int]:
    """How much hangs on an organization today."""
    on = local_day(now)
    lasts = or_(Organization.ended_on.is_(None), Organization.ended_on > on)
    counted = {
        "below": select(func.count(Organization.id)).where(Organization.parent_id == row.id, lasts),
        "seats": select(func.count(Membership.id)).where(
            Membership.organization_id == row.id, organizations.holds(Membership, on)
        ),
        "keys": select(func.count(Key.id)).where(Key.organization_id == row.id, keys.live(now)),
        "stories": select(func.count()).select_from(Story).where(Story.organization_id == row.id),
    }
    return {name: session.scalar(query) or 0 for name, query in counted.items()}


def record_event(session: Session, code: str, event: Event, *, actor: Actor, now: datetime) -> Organization:
    """Let an event happen.

    Raises NotFound for what lies outside the actor's reach, LastAdministrator, or as `history` does.
    """
    if event.kind == "move" and not event.parent:
        whole_hub.require(session, actor, ADMINS, now=now)  # to the top of the tree
    named = [code, *([event.parent] if event.kind == "move" and event.parent else []), *event.into]
    for each in named:
        get_reached(session, each, actor=actor, now=now)
    on = event.decision.on
    had = guarding.list_administrators(session, on=on, now=now)
    _happen(session, code, event, now=now)
    guarding.check_kept(session, had, on=on, now=now)
    record = {"kind": "register_act", "event": event.kind, "organization": code, "actor": actor.mark}
    journal.append(session, record, at=now)
    return organizations.get(session, code)


def _happen(session: Session, code: str, event: Event, *, now: datetime) -> None:
    if event.kind == "rename":
        history.rename(session, code, event.name, event.decision, now=now)
    elif event.kind == "move":
        history.move(session, code, event.parent, event.decision, now=now)
    elif event.kind == "merge":
        history.merge(session, [code], event.into[0], event.decision, now=now)
    elif event.kind == "split":
        history.split(session, code, event.into, event.decision, goes_on=event.goes_on, now=now)
    else:
        history.close(session, code, event.decision, children_up=event.children_up, now=now)


def add_user(
    session: Session, *, name: str, email: str, language: str, actor: Actor, now: datetime
) -> tuple[User, str]:
    """Add a user without any role; with a key that opens nothing yet where the actor administers the whole hub.

    A key has every role that its user is given later, wherever: an administrator of a part, who sees the key, would
    rise with it. For them it is empty. Raises CodeTaken.
    """
    user = users.add(session, name=name, email=email, language=language, now=now)
    has_key = Role.SYSTEM in actor.roles or whole_hub.reaches(session, actor, ADMINS, now=now)
    secret = keys.mint(session, "user", user=user, label=email, now=now).secret if has_key else ""
    journal.append(session, {"kind": "user_added", "user": user.id, "actor": actor.mark}, at=now)
    return user, secret


def give_role(
    session: Session, user: User, place: Seat, *, on: date, until: date | None, actor: Actor, now: datetime
) -> Membership:
    """Give a user whom the actor knows a role in an organization within reach, or at an outlet.

    At outlets only whoever administers the whole hub does. Raises NotFound, or as `users.seat` does.
    """
    if place.outlet:
        whole_hub.require(session, actor, ADMINS, now=now)
    elif place.organization:
        get_reached(session, place.organization, actor=actor, now=now)
    row = users.seat(session, user, place, on=on, until=until)
    registers.tell_seats(session, user.id, at=now)
    record = {
        "kind": "role_given",
        "user": user.id,
        "role": place.role,
        **({"outlet": place.outlet} if place.outlet else {"organization": place.organization}),
        "on": on.isoformat(),
        "until": until.isoformat() if until else None,
        "actor": actor.mark,
    }
    journal.append(session, record, at=now)
    return row


def delegate(
    session: Session,
    user_id: int,
    deputy: str,
    *,
    on: date,
    until: date,
    note: str,
    within: Organization | None = None,
    actor: Actor,
    now: datetime,
) -> Delegation:
    """Let a deputy (an e-mail address) have the roles of a user who will be away, `within` a part of the tree or all.

    Raises NotFound or Invalid.
    """
    found = users.get(session, deputy)
    if found.closed_at is not None:
        raise NotFound(what=deputy, kind="user")
    absent = session.get_one(User, user_id)
    row = users.delegate(session, absent, found, on=on, until=until, note=note, within=within, now=now)
    record = {
        "kind": "delegated",
        "user": user_id,
        "deputy": found.id,
        "on": on.isoformat(),
        "until": until.isoformat(),
        **({"within": within.code} if within is not None else {}),
        "actor": actor.mark,
    }
    journal.append(session, record, at=now)
    return row


def get_reached(session: Session, code: str, *, actor: Actor, now: datetime) -> Organization:
    """An organization that an administrator's right reaches, with all that will come after it. Raises NotFound."""
    row = organizations.find(session, code)
    later = row if not whole_hub.reaches(session, actor, ADMINS, now=now) else None
    while later is not None:
        if not _reaches(session, later, actor, now=now):
            raise NotFound(what=code, kind="organization")
        later = session.get(Organization, later.successor_id) if later.successor_id is not None else None
    if row is None:
        raise NotFound(what=code, kind="organization")
    return row


def _reaches(session: Session, row: Organization, actor: Actor, *, now: datetime) -> bool:
    line = rights.line_of(session, row.id, on=local_day(now))
    return any(rights.reaches(grant, line) for grant in actor.reach(ADMINS))


def get_user(session: Session, user_id: int, *, actor: Actor, now: datetime) -> User:
    """A user whom the actor may know: one with a role within reach, or without any as yet."""
    reached = rights.within_reach(Membership.organization_id, actor, ADMINS, on=local_day(now))
    seats = select(Membership.user_id).where(Membership.user_id == user_id)
    known = or_(User.id.in_(seats.where(reached)), User.id.not_in(seats))
    user = session.scalar(select(User).where(User.id == user_id, User.closed_at.is_(None), known))
    if user is None:
        raise NotFound(what=str(user_id), kind="user")
    return user


def list_roles(session: Session, actor: Actor) -> Sequence[tuple[Role, str, str, bool, int | None]]:
    """The actor's roles: role, organization and outlet (codes, empty for everywhere), alone, whose deputy."""
    codes = dict(
        session.execute(
            select(Organization.id, Organization.code).where(
                Organization.id.in_([grant.organization_id for grant in actor.grants if grant.organization_id])
            )
        ).all()
    )
    outlets = users.outlet_codes(session, actor.outlet_ids)
    return [
        (
            grant.role,
            codes.get(grant.organization_id or 0, ""),
            outlets.get(grant.outlet_id or 0, ""),
            grant.alone,
            grant.deputy_for,
        )
        for grant in actor.grants
    ]
