"""The address at which a unit's calendar of its guests is read: one at a time, shown once, made anew or taken back.

It is a key of its own kind: it opens this calendar and nothing else, and the database keeps its SHA-256 alone.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.accounts import keys, organizations
from hub.accounts.keys import CALENDAR, Minted
from hub.actors import Actor
from hub.clock import local_day
from hub.errors import NotFound
from hub.models import Key, Organization
from hub.records import journal

KIND = "calendar_address"  # its kind in the journal


def make(
    session: Session,
    organization: Organization,
    *,
    label: str = "",
    expires_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> Minted:
    """Make the address; one made earlier opens nothing from now on. Raises Closed."""
    made = keys.mint(session, CALENDAR, organization=organization, label=label, expires_at=expires_at, now=now)
    before = [row for row in _live(session, organization, now=now) if row.id != made.row.id]
    _end(before, now=now)
    _tell(session, organization, made=made.row.prefix, ended=before, actor=actor, now=now)
    return made


def revoke(session: Session, organization: Organization, *, actor: Actor, now: datetime) -> None:
    """Take the address back. Raises NotFound where there is none."""
    before = _live(session, organization, now=now)
    if not before:
        raise NotFound(kind="key")
    _end(before, now=now)
    _tell(session, organization, made="", ended=before, actor=actor, now=now)


def find(session: Session, organization: Organization, *, now: datetime) -> Key | None:
    """The address that opens the calendar today."""
    return next(iter(_live(session, organization, now=now)), None)


def _live(session: Session, organization: Organization, *, now: datetime) -> list[Key]:
    family = organizations.family(organization.id, on=local_day(now))
    query = select(Key).where(Key.kind == CALENDAR, Key.organization_id.in_(select(family.c.id)))
    return [row for row in session.scalars(query.order_by(Key.id.desc())) if keys.is_live(row, now=now)]


def _end(rows: list[Key], *, now: datetime) -> None:
    for row in rows:
        row.revoked_at = now


def _tell(
    session: Session, organization: Organization, *, made: str, ended: list[Key], actor: Actor, now: datetime
) -> None:
    record = {
        "kind": KIND,
        "organization": organization.code,
        "made": made,
        "ended": [row.prefix for row in ended],
        "actor": actor.mark,
    }
    journal.append(session, record, at=now)
