"""Released versions, signed as SD-JWT (RFC 9901): one issuer-signed JWT per version, over all its disclosures' digests.

Which disclosures go with it is decided where the version is shown; a copy with a part of them, or a version that lost
some by erasure, still holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from hub.models import Signature, Version
from hub.records import signing
from hub.records.disclosures import digest_of
from hub.records.signing import BadSignature, Claims, Jwk, Signed
from hub.records.signing_keys import signer_of

KIND = "story+sd-jwt"  # RFC 9901 §9.11: a type of its own, ending in +sd-jwt
HASH = "sha-256"
END = "~"
SIGNATURES = cast("Table", Signature.__table__)
_JWS = select(SIGNATURES.c.version_id, SIGNATURES.c.jws).where(  # built once: every page with proofs asks it
    SIGNATURES.c.version_id.in_(bindparam("version_ids", expanding=True))
)


def sign(session: Session, version: Version, *, now: datetime) -> None:
    """Sign a version that is being released, once: in the transaction of its first release."""
    if session.get(Signature, version.id) is not None:
        return
    signer = signer_of(session)
    moment = now.replace(microsecond=0)
    key = signer.key(session, now=now)
    claims = claims_of(version, issuer=signer.issuer, at=moment)
    session.add(Signature(version_id=version.id, kid=key.kid, at=moment, jws=signing.sign(key, claims, kind=KIND)))


def claims_of(version: Version, *, issuer: str, at: datetime) -> Claims:
    """What the signature of a version says."""
    return {
        "iss": issuer,
        "iat": int(at.timestamp()),
        "sub": version.story_id,
        "version": version.number,
        "digest": version.digest,
        "_sd_alg": HASH,
        "_sd": sorted(version.digests),
    }


def find_jws(session: Session, version_ids: Collection[int]) -> dict[int, str]:
    """The signatures of these versions, where there are any."""
    if not version_ids:
        return {}
    return dict(session.execute(_JWS, {"version_ids": list(version_ids)}).all())


def present(jws: str, disclosures: Iterable[str]) -> str:
    """The SD-JWT: the signature and the disclosures that go with it (RFC 9901 §4)."""
    return END.join([jws, *disclosures, ""])


def read(presented: str, keys: Mapping[str, Jwk]) -> tuple[Signed, dict[str, str]]:
    """An SD-JWT's claims and its disclosures by digest, after everything was checked. Raises BadSignature.

    A key binding JWT is refused, and so is a disclosure that the signature does not know, or that stands twice
    (RFC 9901 §7.1).
    """
    jws, *disclosures = presented.split(END)
    if not disclosures or disclosures.pop():
        raise BadSignature(BadSignature.MALFORMED, "no SD-JWT without key binding")
    signed = signing.verify(jws, keys, kind=KIND)
    known = signed.claims.get("_sd")
    if signed.claims.get("_sd_alg") != HASH or not isinstance(known, list):
        raise BadSignature(BadSignature.MALFORMED, "no digests")
    found = {digest_of(encoded): encoded for encoded in disclosures}
    if len(found) != len(disclosures) or not found.keys() <= set(known):
        raise BadSignature(BadSignature.BROKEN, "a disclosure that was not signed")
    return signed, found
