"""Forgetting: disclosures of a version go, value and salt; what stays says which went, under the hub's signature.

Digests, chain and signature of the version hold as before. `hub verify` takes a missing disclosure for a fault unless a
record made here stands in the journal.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hub.models import Version
from hub.records import signing
from hub.records.journal import Record
from hub.records.signing import BadSignature, Jwk
from hub.records.signing_keys import signer_of

KIND = "erasure+jwt"
RECORD = "erasure"  # its kind in the journal


def erase(session: Session, version: Version, digests: Collection[str], *, now: datetime) -> Record:
    """Remove these disclosures from `version`; returns the record that the caller has to journal for its story.

    Digests whose disclosure is gone already, or that are none of the version's, are left out of the record.
    """
    going = sorted(set(digests) & version.disclosures.keys())
    version.disclosures = {name: encoded for name, encoded in version.disclosures.items() if name not in going}
    signer = signer_of(session)
    claims = {
        "iss": signer.issuer,
        "iat": int(now.timestamp()),
        "sub": version.story_id,
        "version": version.number,
        "erased": going,
    }
    proof = signing.sign(signer.key(session, now=now), claims, kind=KIND)
    return {"kind": RECORD, "version": version.number, "proof": proof}


def list_erased(story_id: str, records: Collection[Mapping[str, Any]], keys: Mapping[str, Jwk]) -> dict[int, set[str]]:
    """What was erased from each version of a story, by the journal's records whose signature holds."""
    erased: dict[int, set[str]] = {}
    for record in records:
        if record.get("kind") != RECORD:
            continue
        try:
            claims = signing.verify(str(record.get("proof")), keys, kind=KIND).claims
        except BadSignature:
            continue  # what it covered is missing without a signed act, then
        if claims.get("sub") == story_id and claims.get("version") == record.get("version"):
            erased.setdefault(claims["version"], set()).update(claims.get("erased", ()))
    return erased
