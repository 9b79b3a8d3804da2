"""Keys: 256 random bits, shown once, kept as SHA-256, revocable, with expiry and last use.

The prefix shows the kind: ``org_`` submits stories, ``out_`` reads an outlet's feeds, ``edt_`` edits, ``adr_`` is
the unguessable part of a feed address and opens nothing else, ``cal_`` that of the calendar of a unit's guests,
``usr_`` is a user with all the roles they have.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from hub.accounts import organizations, users
from hub.actors import WORLD, Actor, Grant, Role
from hub.clock import local_day
from hub.errors import NotFound
from hub.models import Key, Organization, Outlet, User

CALENDAR = "calendar"
PREFIXES = {
    "organization": "org_",
    "outlet": "out_",
    "editor": "edt_",
    "user": "usr_",
    "address": "adr_",
    CALENDAR: "cal_",
}
SHOWN = 9  # characters of a key that lists and logs may show


@dataclass(frozen=True, slots=True)
class Minted:
    """A new key: its row, and the secret that is never seen again."""

    row: Key
    secret: str


def mint(
    session: Session,
    kind: str,
    *,
    now: datetime,
    organization: Organization | None = None,
    outlet: Outlet | None = None,
    user: User | None = None,
    label: str = "",
    expires_at: datetime | None = None,
    with_contacts: bool = False,
) -> Minted:
    """Make a key of `kind` (see PREFIXES). Raises Closed for an organization that nobody came after."""
    if organization is not None:
        organizations.check_open(session, organization, on=local_day(now))
    secret = PREFIXES[kind] + secrets.token_urlsafe(32)
    row = Key(
        kind=kind,
        prefix=secret[:SHOWN],
        sha256=fingerprint(secret),
        label=label,
        organization_id=organization.id if organization else None,
        outlet_id=outlet.id if outlet else None,
        user_id=user.id if user else None,
        with_contacts=with_contacts,
        created_at=now,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    return Minted(row, secret)


def fingerprint(secret: str) -> str:
    """What is kept of a key: its SHA-256 in hex (a key has 256 random bits, so no slow hash is needed)."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def find_actor(session: Session, secret: str, *, now: datetime) -> Actor | None:
    """Who holds this key; None for an unknown, expired or revoked one, and for a user without any role."""
    row = find(session, fingerprint(secret))
    if row is None or not is_live(row, now=now):
        return None
    return actor_of(session, row, now=now)


class Lifetime(Protocol):
    """What tells whether a key is live: a row, or its bare columns."""

    @property
    def expires_at(self) -> Any: ...
    @property
    def revoked_at(self) -> Any: ...


def find(session: Session, seal: str) -> Key | None:
    """The key with this fingerprint, live or not."""
    return session.scalar(select(Key).where(Key.sha256 == seal))


def is_live(key: Lifetime, *, now: datetime) -> bool:
    """Neither revoked nor expired."""
    return key.revoked_at is None and (key.expires_at is None or bool(key.expires_at > now))


class Sent(Lifetime, Protocol):
    """What tells whether a key may be sent where it was: a row, or its bare columns."""

    @property
    def kind(self) -> Any: ...


def live(now: datetime) -> ColumnElement[bool]:
    """The condition that a key is live, as `is_live` has it."""
    return and_(Key.revoked_at.is_(None), or_(Key.expires_at.is_(None), Key.expires_at > now))


def opens_feeds(key: Sent, *, by_address: bool, now: datetime) -> bool:
    """Is the key live, and did it come as its kind does: in an address, or in a header?"""
    return is_live(key, now=now) and (key.kind == "address") is by_address


def reads_for(session: Session, key: Key, outlet_id: int, *, now: datetime) -> bool:
    """Does a live key read for an outlet: its own, one where its user has a role, or one that came before those?"""
    if key.outlet_id == outlet_id:
        return True
    actor = actor_of(session, key, now=now)
    return actor is not None and users.reads_for(session, actor, outlet_id, on=local_day(now))


@dataclass(frozen=True, slots=True)
class Standing:
    """What a key is worth: `state` is live, revoked, expired, or closed with its holder, for `reason`, on `day`."""

    state: str
    reason: str = ""  # user, organization, outlet; no_role of a user who has none today
    day: date | None = None


def standing_of(session: Session, key: Key, *, now: datetime) -> Standing:
    """Does a key open anything today, and if not, why? Whoever has a successor is not closed."""
    if key.revoked_at is not None:
        return Standing("revoked", day=local_day(key.revoked_at))
    if not is_live(key, now=now):
        return Standing("expired", day=local_day(key.expires_at) if key.expires_at else None)
    if actor_of(session, key, now=now) is not None:
        return Standing("live")
    if key.user_id is not None:
        closed_at = session.get_one(User, key.user_id).closed_at
        return Standing("closed", "user", local_day(closed_at)) if closed_at else Standing("closed", "no_role")
    if key.organization_id is not None:
        return Standing("closed", "organization", session.get_one(Organization, key.organization_id).ended_on)
    return Standing("closed", "outlet", session.get_one(Outlet, key.outlet_id).ended_on)


def actor_of(session: Session, key: Key, *, now: datetime) -> Actor | None:
    """The actor a live key stands for; what has ended is followed to its successor."""
    on = local_day(now)
    if key.user_id is not None:
        return users.find_actor(session, session.get_one(User, key.user_id), key_id=key.id, now=now)
    if key.organization_id is not None:
        organization = session.get_one(Organization, key.organization_id)
        if organizations.resolve(session, organization.id, on=on).is_over(on):
            return None  # closed, and nobody came after it
        if key.kind == CALENDAR:
            heir = organizations.resolve(session, organization.id, on=on)
            return Actor(name=heir.name, grants=WORLD.grants, key_id=key.id, organization_id=heir.id, by_address=True)
        return replace(organizations.sender(session, organization, now=now), key_id=key.id)
    if key.outlet_id is not None:
        outlet = users.resolve_outlet(session, key.outlet_id, on=on)
        if outlet.ended_on is not None and outlet.ended_on <= on:
            return None  # closed, and nobody came after it
        by_address = key.kind == "address"
        return Actor(
            name=outlet.name,
            grants=(Grant(Role.OUTLET, outlet_id=outlet.id),),
            code=outlet.code,
            key_id=key.id,
            outlet_id=outlet.id,
            by_address=by_address,
            with_contacts=key.with_contacts if by_address else True,
        )
    return Actor(name=key.label, grants=(Grant(Role.EDITOR),), key_id=key.id)


def revoke(session: Session, prefix: str, *, now: datetime) -> list[Key]:
    """Revoke every live key that begins with `prefix` (at least its shown part). Raises NotFound for none."""
    rows = list(session.scalars(select(Key).where(Key.prefix == prefix[:SHOWN], Key.revoked_at.is_(None))))
    if len(prefix) < SHOWN or not rows:
        raise NotFound(what=prefix, kind="key")
    for row in rows:
        row.revoked_at = now
    return rows


def mark_used(session: Session, marks: dict[int, datetime]) -> None:
    """Write down when keys were last used; called in batches, so that reading a feed writes nothing itself."""
    for key_id, at in marks.items():
        session.execute(update(Key).where(Key.id == key_id).values(last_used_at=at))
