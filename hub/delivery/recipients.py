"""Who is told what: the roles that each kind of notice concerns, people's own choices, and what each may read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

import schemas
from hub.accounts import organizations, rights, users
from hub.accounts.organizations import holds
from hub.actors import Role
from hub.clock import local_day
from hub.errors import Invalid
from hub.models import (
    Channel,
    Delegation,
    Entry,
    Membership,
    NoticeChoices,
    Organization,
    Outlet,
    Pickup,
    Release,
    Story,
    StorySupplier,
    User,
    Version,
)
from hub.outlets import uses

READERS = frozenset({Role.CONTRIBUTOR, Role.CONFIRMER, Role.EDITOR, Role.AUDITOR})
DRAFT, WITHDRAWN = "draft", "withdrawn"  # states of stories and entries
PUBLIC = "public"  # audience


class Kind(StrEnum):
    """What people are told of."""

    DRAFTED = "drafted"
    RETURNED = "returned"
    CONFIRMED = "confirmed"
    RELEASED = "released"
    USED = "used"
    PROPOSED = "proposed"
    CORRECTED = "corrected"
    REDUCED = "reduced"
    WITHDRAWN = "withdrawn"
    WAITING = "waiting"
    DUE_SOON = "due_soon"
    LATE = "late"
    BOOKED = "booked"
    FREED = "freed"
    REPLIED = "replied"
    PULLED = "pulled"
    REQUESTED = "requested"
    ANSWERED = "answered"
    CLOSED = "closed"


class When(StrEnum):
    """When somebody is told."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    NONE = "none"


class Side(StrEnum):
    """Where those who are concerned sit."""

    SENDER = "sender"  # in the organization named, or those that supplied the story; not in those above
    DESK = "desk"  # wherever their role reaches the story's organization; of what is to be done: only by the desk
    OUTLET = "outlet"  # at the outlets named
    ASKED = "asked"  # in the organizations that an outlet asked for coverage; not in those above


_SENDERS = frozenset({Role.CONTRIBUTOR, Role.CONFIRMER})
_EDITORS, _OUTLETS = frozenset({Role.EDITOR}), frozenset({Role.OUTLET})
CONCERNED: Mapping[Kind, Mapping[Side, frozenset[Role]]] = {
    Kind.DRAFTED: {Side.SENDER: frozenset({Role.CONTRIBUTOR})},
    Kind.RETURNED: {Side.SENDER: _SENDERS},
    Kind.CONFIRMED: {Side.SENDER: _SENDERS, Side.DESK: _EDITORS},
    Kind.RELEASED: {Side.SENDER: _SENDERS, Side.OUTLET: _OUTLETS},
    Kind.USED: {Side.SENDER: _SENDERS, Side.DESK: _EDITORS},
    Kind.PROPOSED: {Side.OUTLET: _OUTLETS},
    Kind.CORRECTED: {Side.SENDER: _SENDERS, Side.OUTLET: _OUTLETS},
    Kind.REDUCED: {Side.OUTLET: _OUTLETS},
    Kind.WITHDRAWN: {Side.SENDER: _SENDERS, Side.OUTLET: _OUTLETS},
    Kind.WAITING: {Side.SENDER: frozenset({Role.CONFIRMER}), Side.DESK: _EDITORS},
    Kind.DUE_SOON: {Side.SENDER: _SENDERS | _EDITORS, Side.OUTLET: _OUTLETS, Side.DESK: _EDITORS},
    Kind.LATE: {Side.SENDER: _SENDERS | _EDITORS, Side.OUTLET: _OUTLETS, Side.DESK: _EDITORS},
    Kind.BOOKED: {Side.SENDER: _SENDERS},
    Kind.FREED: {Side.SENDER: _SENDERS},
    Kind.REPLIED: {Side.OUTLET: _OUTLETS},
    Kind.PULLED: {Side.OUTLET: _OUTLETS},
    Kind.REQUESTED: {Side.ASKED: _SENDERS},
    Kind.ANSWERED: {Side.ASKED: _SENDERS, Side.OUTLET: _OUTLETS},
    Kind.CLOSED: {Side.ASKED: _SENDERS},
}
BOOKINGS = frozenset({Kind.BOOKED, Kind.FREED, Kind.REPLIED, Kind.PULLED})  # of guests to be broadcast
REQUESTS = frozenset({Kind.REQUESTED, Kind.ANSWERED, Kind.CLOSED})  # of coverage: about no story
DUTIES = frozenset({Kind.DUE_SOON, Kind.LATE})  # they name who owes; a story is only what they are about
CHANGING = frozenset({Kind.CORRECTED, Kind.REDUCED, Kind.WITHDRAWN})  # whoever used the story hears first
NAMING = DUTIES | {Kind.WAITING}  # they say whose it is to act: an organization named, or else the desk
DEFAULTS: Mapping[Kind, When] = {
    Kind.DRAFTED: When.DAILY,
    Kind.RETURNED: When.AT_ONCE,
    Kind.CONFIRMED: When.DAILY,
    Kind.RELEASED: When.AT_ONCE,
    Kind.USED: When.DAILY,
    Kind.PROPOSED: When.DAILY,
    Kind.CORRECTED: When.AT_ONCE,
    Kind.REDUCED: When.AT_ONCE,
    Kind.WITHDRAWN: When.AT_ONCE,
    Kind.WAITING: When.DAILY,
    Kind.DUE_SOON: When.DAILY,
    Kind.LATE: When.AT_ONCE,
    Kind.BOOKED: When.AT_ONCE,
    Kind.FREED: When.AT_ONCE,
    Kind.REPLIED: When.AT_ONCE,
    Kind.PULLED: When.AT_ONCE,
    Kind.REQUESTED: When.AT_ONCE,
    Kind.ANSWERED: When.AT_ONCE,
    Kind.CLOSED: When.DAILY,
}
DIGEST_HOUR = 7  # in Việt Nam
LANGUAGES = ("vi", "en")


@dataclass(frozen=True, slots=True)
class Choice:
    """How a user wants to be told."""

    kinds: Mapping[Kind, When]
    language: str
    digest_hour: int


def find_users(session: Session, kind: Kind, facts: Mapping[str, Any], *, now: datetime) -> list[User]:
    """Everybody who is told of such an event today, deputies of the absent too, without whoever did it."""
    on = local_day(now)
    seats = [
        and_(Membership.role.in_(_asked(roles, facts)), place)
        for side, roles in CONCERNED[kind].items()
        if (place := _PLACES[side](session, kind, facts, on)) is not None
    ]
    if not seats:
        return []
    concerned = select(Membership.user_id).where(or_(*seats), holds(Membership, on))
    lent = (
        select(Delegation.deputy_id, Delegation.within_id, Membership.organization_id)
        .join(Membership, Membership.user_id == Delegation.user_id)
        .where(or_(*seats), holds(Membership, on), holds(Delegation, on))
        .distinct()
    )
    deputies = {
        deputy
        for deputy, within_id, organization_id in session.execute(lent)
        if users.is_lent(session, organization_id, within_id, on=on)
    }
    query = (
        select(User)
        .where(or_(User.id.in_(concerned), User.id.in_(deputies)), User.closed_at.is_(None))
        .where(User.id != facts.get("by", 0))
        .order_by(User.id)
    )
    return list(session.scalars(query))


@dataclass(frozen=True, slots=True)
class Using:
    """Whose outlets have used a story that changes."""

    outlets: frozenset[int] = frozenset()
    users: frozenset[int] = frozenset()

    def holds(self, outlet_id: int | None, user_id: int | None) -> bool:
        """Is it an endpoint of such an outlet, or of somebody there?"""
        return outlet_id in self.outlets or user_id in self.users


def who_used(session: Session, kind: Kind, facts: Mapping[str, Any], *, now: datetime) -> Using:
    """Who has to hear first: those at outlets that used the story, where it changes; else nobody."""
    if kind not in CHANGING or not facts.get("story"):
        return Using()
    outlets = uses.who_used(session, str(facts["story"]), now=now).keys()
    if not outlets:
        return Using()
    on = local_day(now)
    seated = select(Membership.user_id).where(Membership.outlet_id.in_(outlets), holds(Membership, on))
    return Using(frozenset(outlets), frozenset(session.scalars(seated)))


def uses_of(session: Session, user: User, kind: Kind, facts: Mapping[str, Any], *, now: datetime) -> list[Pickup]:
    """The uses of a changing story by outlets where a user sits."""
    if kind not in CHANGING or not facts.get("story"):
        return []
    on = local_day(now)
    seats = select(Membership.outlet_id).where(Membership.user_id == user.id, holds(Membership, on))
    own = set(session.scalars(seats.where(Membership.outlet_id.is_not(None))))
    used = uses.who_used(session, str(facts["story"]), now=now) if own else {}
    return [row for outlet_id, rows in used.items() if outlet_id in own for row in rows]


def find_organization(session: Session, facts: Mapping[str, Any]) -> Organization | None:
    """The organization that an event names, else the one its story is of."""
    if facts.get("organization"):
        return organizations.find(session, str(facts["organization"]))
    query = select(Organization).join(Story, Story.organization_id == Organization.id)
    return session.scalar(query.where(Story.id == facts.get("story")))


def asked(
    session: Session,
    column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    facts: Mapping[str, Any],
    *,
    on: date,
) -> ColumnElement[bool] | None:
    """The condition that a row's organization is among those that an outlet asked; None where it asked none."""
    reach, codes = facts.get("reach"), facts.get("asked", ())
    if reach == "all":
        return column.is_not(None)
    found = session.scalars(select(Organization.id).where(Organization.code.in_(codes))).all()
    heirs = {row.id for row_id in found if not (row := organizations.resolve(session, row_id, on=on)).is_over(on)}
    if not heirs:
        return None
    if reach == "below":
        return column.in_(select(organizations.subtree(sorted(heirs), on=on, name="asked").c.id))
    return column.in_(select(organizations.families(heirs, on=on, name="asked").c.id))


def outlets_told(codes: Collection[str], *, on: date) -> Select[int]:
    """The ids of these outlets, and of those they have come after."""
    return users.outlet_family(Outlet.code.in_(codes), on=on)


def outlet_codes(facts: Mapping[str, Any]) -> set[str]:
    """The codes of the outlets that an event names."""
    return {str(code) for code in [facts.get("outlet"), *facts.get("outlets", ())] if code}


def find_readable(session: Session, user: User, story: Story, *, now: datetime) -> int | None:
    """The version of a story that a user may read today, and so its title; None for one that is closed to them.

    At an outlet it is what stands in a channel of theirs: what came after it is not reviewed yet; to whoever else it is
    what everybody can read. A withdrawn story is open to auditors alone.
    """
    actor = users.find_actor(session, user, now=now)
    if actor is None:
        return None
    roles = set(rights.roles_over(session, actor, story.organization_id, on=local_day(now)))
    is_open = story.state != WITHDRAWN or Role.AUDITOR in roles
    if is_open and roles & READERS and (story.state != DRAFT or Role.CONTRIBUTOR in roles):
        return story.latest
    outlets = {grant.outlet_id for grant in actor.grants if grant.outlet_id is not None}
    standing = (
        select(Version.number)
        .join(Release, Release.version_id == Version.id)
        .join(Entry, Entry.release_id == Release.id)
        .join(Channel, Channel.id == Entry.channel_id)
        .where(Entry.story_id == story.id, Entry.state != WITHDRAWN)
        .where(or_(Channel.outlet_id.in_(outlets), and_(Channel.audience == PUBLIC, Entry.listed.is_(True))))
    )
    return session.scalar(standing.order_by(Version.number.desc()).limit(1))


def choice_of(session: Session, user: User) -> Choice:
    """What a user has chosen, and for the rest the defaults."""
    row = session.get(NoticeChoices, user.id)
    chosen = row.kinds if row else {}
    return Choice(
        kinds={kind: When(chosen.get(kind.value, DEFAULTS[kind].value)) for kind in Kind},
        language=(row.language if row else "") or (user.language if user.language in LANGUAGES else LANGUAGES[0]),
        digest_hour=row.digest_hour if row else DIGEST_HOUR,
    )


def choose(session: Session, user: User, document: Any, *, now: datetime) -> Choice:
    """Change what a user has chosen (`schemas/notices.v1.json`); what is not named stays. Raises Invalid."""
    if faults := schemas.check("notices.v1", document):
        raise Invalid(faults=faults)
    row = session.get(NoticeChoices, user.id, with_for_update=True)
    if row is None:
        row = NoticeChoices(user_id=user.id, kinds={}, language="", digest_hour=DIGEST_HOUR, updated_at=now)
        session.add(row)
    row.kinds = {**row.kinds, **document.get("kinds", {})}
    row.language = document.get("language", row.language)
    row.digest_hour = document.get("digest_hour", row.digest_hour)
    row.updated_at = now
    session.flush()
    return choice_of(session, user)


def _asked(roles: frozenset[Role], facts: Mapping[str, Any]) -> frozenset[Role]:
    """The roles told: the one that the clause names, where it is among them."""
    named = {role for role in roles if role.value == facts.get("role")}
    return frozenset(named) or roles


def _sender_place(session: Session, kind: Kind, facts: Mapping[str, Any], on: date) -> ColumnElement[bool] | None:
    if facts.get("receipt"):
        return None  # what an outlet is asked to do; that a story was withdrawn its sender hears once, by the act
    if facts.get("organization"):
        owner = organizations.find(session, str(facts["organization"]))
        ids = {owner.id} if owner is not None else set()
    elif kind in NAMING:
        return None
    else:
        story_id = facts.get("story")
        ids = set(session.scalars(select(Story.organization_id).where(Story.id == story_id)))
        ids |= set(session.scalars(select(StorySupplier.organization_id).where(StorySupplier.story_id == story_id)))
    heirs = {row.id for row_id in ids if not (row := organizations.resolve(session, row_id, on=on)).is_over(on)}
    families = [
        Membership.organization_id.in_(select(organizations.family(heir, on=on, name=f"told_{place}").c.id))
        for place, heir in enumerate(sorted(heirs))
    ]
    return or_(*families) if families else None


def _desk_place(session: Session, kind: Kind, facts: Mapping[str, Any], on: date) -> ColumnElement[bool] | None:
    if kind in NAMING and (facts.get("organization") or outlet_codes(facts)):
        return None
    organization = find_organization(session, facts)
    if organization is None:
        return true() if kind in DUTIES else None  # a duty of the desk that is about no story
    return Membership.organization_id.in_(rights.line_of(session, organization.id, on=on).whole)


def _outlet_place(_session: Session, _kind: Kind, facts: Mapping[str, Any], on: date) -> ColumnElement[bool] | None:
    codes = outlet_codes(facts)
    return Membership.outlet_id.in_(outlets_told(codes, on=on)) if codes else None


def _asked_place(session: Session, _kind: Kind, facts: Mapping[str, Any], on: date) -> ColumnElement[bool] | None:
    return asked(session, Membership.organization_id, facts, on=on)


_PLACES = {
    Side.SENDER: _sender_place,
    Side.DESK: _desk_place,
    Side.OUTLET: _outlet_place,
    Side.ASKED: _asked_place,
}
