"""The hub's signing keys: who signs, for which base address, since when; rotation, and the JWK Set for the world.

A key signs for one base address (its issuer) from `active_from` until another takes its place. Retired keys stay
public for ever, so that what they signed can be checked; their private part is destroyed. Where the private part
cannot be opened (a restored backup without its secret), a new key takes its place at the first need.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.config import Settings
from hub.models import SigningKey
from hub.records import journal, signing
from hub.records.secret import Secret, WrongSecret
from hub.records.signing import Jwk, KeyPair

SIGNER = "signer"  # its name in Session.info
PURPOSE = "signing key"
JWKS_SECONDS = 600  # how long the JWK Set may be cached
NOTICE = timedelta(hours=1)  # a new key is public for so long before it signs: no cache is without it then

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Signer:
    """Who signs for the hub: its base address, and the secret that opens its keys."""

    issuer: str
    secret: Secret
    _opened: dict[str, KeyPair] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, settings: Settings) -> Signer:
        """The signer of a hub with these settings."""
        return cls(settings.base, Secret.of(settings))

    @property
    def info(self) -> dict[str, Any]:
        """What a `Database` needs so that its sessions can sign."""
        return {SIGNER: self}

    def key(self, session: Session, *, now: datetime) -> KeyPair:
        """The key that signs at `now`; a new one when there is none, or when none can be opened."""
        row = find_current(session, self.issuer, now=now)
        if row is None:
            return self.add(session, now=now)
        pair = self.find_pair(row)
        if pair is None:
            log.warning("signing_key_lost", kid=row.kid)
            return self.rotate(session, now=now, active_from=now)
        return pair

    def add(self, session: Session, *, now: datetime, active_from: datetime | None = None) -> KeyPair:
        """A new key for this base address."""
        pair = signing.new_key()
        session.add(
            SigningKey(
                kid=pair.kid,
                issuer=self.issuer,
                public=dict(pair.public),
                sealed=self.secret.seal(pair.private, purpose=f"{PURPOSE} {pair.kid}"),
                created_at=now,
                active_from=active_from or now,
                retired_at=None,
            )
        )
        session.flush()
        self._opened[pair.kid] = pair
        return pair

    def rotate(self, session: Session, *, now: datetime, active_from: datetime) -> KeyPair:
        """A new key that takes over at `active_from`; all others of this base address end there."""
        for row in session.scalars(select(SigningKey).where(SigningKey.issuer == self.issuer)):
            if row.retired_at is None or row.retired_at > active_from:
                row.retired_at = active_from
        destroy_retired(session, now=now)
        return self.add(session, now=now, active_from=active_from)

    def find_pair(self, row: SigningKey) -> KeyPair | None:
        """The whole key of a row; None when its private part is gone or was sealed under another secret."""
        known = self._opened.get(row.kid)
        if known is None and row.sealed:
            try:
                private = self.secret.open(row.sealed, purpose=f"{PURPOSE} {row.kid}")
            except WrongSecret:
                return None
            known = self._opened[row.kid] = KeyPair(row.kid, row.public, private)
        return known


def signer_of(session: Session) -> Signer:
    """Who signs in this session. Raises LookupError when its database was opened without one."""
    signer: Signer | None = session.info.get(SIGNER)
    if signer is None:
        raise LookupError("nobody signs here: open the database with Signer.of(settings).info")
    return signer


def find_current(session: Session, issuer: str, *, now: datetime) -> SigningKey | None:
    """The key that signs for `issuer` at `now`: the newest that is active, else (a clock set back) the oldest."""
    rows = list_keys(session, issuer=issuer)
    active = [row for row in rows if row.active_from <= now and (row.retired_at is None or row.retired_at > now)]
    if active:
        return active[-1]
    waiting = [row for row in rows if row.retired_at is None or row.retired_at > now]
    return waiting[0] if waiting else None


def list_keys(session: Session, *, issuer: str | None = None) -> list[SigningKey]:
    """Every key, oldest first; those of one base address when `issuer` is given."""
    query = select(SigningKey).order_by(SigningKey.active_from, SigningKey.created_at, SigningKey.kid)
    return list(session.scalars(query if issuer is None else query.where(SigningKey.issuer == issuer)))


def public_keys(session: Session) -> dict[str, Jwk]:
    """Every public key by kid, as `signing.verify` wants them."""
    return {row.kid: row.public for row in list_keys(session)}


def jwks(session: Session) -> dict[str, Any]:
    """The JWK Set: all keys, also retired ones. `iss` is a member of our own: whose signatures the key makes."""
    return {
        "keys": [
            {**row.public, "kid": row.kid, "use": "sig", "alg": signing.ALGORITHM, "iss": row.issuer}
            for row in list_keys(session)
        ]
    }


def has_retired(session: Session, *, now: datetime) -> bool:
    """Is there a key that signs no more, and could?"""
    query = select(SigningKey.kid).where(SigningKey.retired_at <= now, SigningKey.sealed != "").limit(1)
    return session.scalar(query) is not None


def destroy_retired(session: Session, *, now: datetime) -> None:
    """Destroy the private part of keys that sign no more."""
    query = select(SigningKey).where(SigningKey.retired_at <= now, SigningKey.sealed != "")
    for row in session.scalars(query):
        row.sealed = ""


def rotate(session: Session, signer: Signer, *, now: datetime, at_once: bool) -> KeyPair:
    """Rotation by an operator, told in the journal. Without `at_once` the new key is public for NOTICE first."""
    pair = signer.rotate(session, now=now, active_from=now if at_once else now + NOTICE)
    record = {"kind": "signing_key_rotated", "key": pair.kid, "issuer": signer.issuer}
    journal.append(session, record, at=now)
    return pair
