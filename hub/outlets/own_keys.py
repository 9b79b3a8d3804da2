"""The keys and feed addresses that an outlet's people make, renew and revoke themselves, each a row of the journal.

A key that is renewed goes on for a day, so that its readers can be given the new one; one that somebody else has seen
is revoked, and opens nothing from that moment on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.accounts import keys
from hub.accounts.keys import Minted
from hub.actors import Actor
from hub.errors import Conflict, NotFound
from hub.models import Key, Outlet
from hub.records import journal

KIND = "outlet_key"  # its kind in the journal
OUTLET, ADDRESS = KINDS = ("outlet", "address")  # a key to log in with; the unguessable part of addresses
GRACE = timedelta(hours=24)  # for the readers of a key that was renewed
LIVE_AT_MOST = 50


class TooManyKeys(Conflict):
    """An outlet has so many live keys that nobody knows any more what they are for."""

    key = "error.too_many_keys"


def list_live(session: Session, outlet_ids: Collection[int], *, now: datetime) -> list[Key]:
    """The keys of these outlets that open something, newest first."""
    query = (
        select(Key)
        .where(Key.outlet_id.in_(outlet_ids), Key.kind.in_(KINDS), Key.revoked_at.is_(None))
        .where(or_(Key.expires_at.is_(None), Key.expires_at > now))
        .order_by(Key.id.desc())
    )
    return list(session.scalars(query))


def make(
    session: Session,
    outlet: Outlet,
    kind: str,
    *,
    label: str,
    with_contacts: bool = False,
    actor: Actor,
    now: datetime,
) -> Minted:
    """Make a key of KINDS; `with_contacts` lets an address show telephone numbers. Raises TooManyKeys."""
    if kind not in KINDS:
        raise NotFound(what=kind[:20], kind="key")
    if len(list_live(session, [outlet.id], now=now)) >= LIVE_AT_MOST:
        raise TooManyKeys(limit=LIVE_AT_MOST)
    made = keys.mint(
        session, kind, outlet=outlet, label=label, with_contacts=with_contacts and kind == ADDRESS, now=now
    )
    _tell(session, outlet, made=made.row, ended=[], actor=actor, now=now)
    return made


def renew(session: Session, outlet: Outlet, key: Key, *, actor: Actor, now: datetime) -> Minted:
    """Make a new key in place of a locked one, which still opens what it opens for GRACE."""
    made = keys.mint(session, key.kind, outlet=outlet, label=key.label, with_contacts=key.with_contacts, now=now)
    ends = now + GRACE
    key.expires_at = min(key.expires_at or ends, ends)
    _tell(session, outlet, made=made.row, ended=[key], actor=actor, now=now)
    return made


def revoke(session: Session, outlet: Outlet, key: Key, *, actor: Actor, now: datetime) -> None:
    """Let a locked key open nothing from now on."""
    key.revoked_at = now
    _tell(session, outlet, made=None, ended=[key], actor=actor, now=now)


def get(session: Session, key_id: int, outlet_ids: Collection[int], *, now: datetime) -> Key:
    """A live key of one of these outlets, locked. Raises NotFound."""
    query = select(Key).where(Key.id == key_id, Key.outlet_id.in_(outlet_ids), Key.kind.in_(KINDS))
    row = session.scalar(query.with_for_update())
    if row is None or not keys.is_live(row, now=now):
        raise NotFound(kind="key")
    return row


def _tell(
    session: Session, outlet: Outlet, *, made: Key | None, ended: Sequence[Key], actor: Actor, now: datetime
) -> None:
    session.flush()
    record = {
        "kind": KIND,
        "outlet": outlet.code,
        "made": made.prefix if made is not None else "",
        "of": made.kind if made is not None else "",
        "ended": [key.prefix for key in ended],
        "actor": actor.mark,
    }
    journal.append(session, record, at=now)
