"""Keys: 256 random bits, shown once, kept as SHA-256, revocable, with expiry and last use.

The prefix shows the kind: ``org_`` submits stories, ``out_`` reads an outlet's feeds, ``edt_`` edits, ``adr_`` is
the unguessable part of a feed address and opens nothing else.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.accounts.actors import Actor, Role
from hub.errors import NotFound
from hub.models import Key, Organization, Outlet

PREFIXES = {"organization": "org_", "outlet": "out_", "editor": "edt_", "address": "adr_"}
ROLES = {"organization": Role.ORGANIZATION, "outlet": Role.OUTLET, "editor": Role.EDITOR, "address": Role.OUTLET}
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
    label: str = "",
    expires_at: datetime | None = None,
    with_contacts: bool = False,
) -> Minted:
    """Make a key of `kind` (see PREFIXES)."""
    secret = PREFIXES[kind] + secrets.token_urlsafe(32)
    row = Key(
        kind=kind,
        prefix=secret[:SHOWN],
        sha256=fingerprint(secret),
        label=label,
        organization_id=organization.id if organization else None,
        outlet_id=outlet.id if outlet else None,
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
    """Who holds this key; None for an unknown, expired or revoked one."""
    row = session.execute(
        select(Key, Organization.name, Outlet.name, Organization.code)
        .outerjoin(Organization, Key.organization_id == Organization.id)
        .outerjoin(Outlet, Key.outlet_id == Outlet.id)
        .where(Key.sha256 == fingerprint(secret))
    ).first()
    if row is None or not is_live(row[0], now=now):
        return None
    return actor_of(row[0], row[1] or row[2] or row[0].label, code=row[3] or "")


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


def actor_of(key: Key, name: str, *, code: str = "") -> Actor:
    """The actor a live key stands for."""
    by_address = key.kind == "address"
    return Actor(
        role=ROLES[key.kind],
        name=name,
        code=code,
        key_id=key.id,
        organization_id=key.organization_id,
        outlet_id=key.outlet_id,
        by_address=by_address,
        with_contacts=key.with_contacts if by_address else True,
    )


def revoke(session: Session, prefix: str, *, now: datetime) -> list[Key]:
    """Revoke every live key that begins with `prefix` (at least its shown part). Raises NotFound for none."""
    rows = list(session.scalars(select(Key).where(Key.prefix == prefix[:SHOWN], Key.revoked_at.is_(None))))
    if len(prefix) < SHOWN or not rows:
        raise NotFound(what=prefix)
    for row in rows:
        row.revoked_at = now
    return rows


def mark_used(session: Session, marks: dict[int, datetime]) -> None:
    """Write down when keys were last used; called in batches, so that reading a feed writes nothing itself."""
    for key_id, at in marks.items():
        session.execute(update(Key).where(Key.id == key_id).values(last_used_at=at))
