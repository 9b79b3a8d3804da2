"""What `hub verify` says of proofs: signatures, checkpoints, manifests, the ledgers' chains, each against the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from feeds.dates import rfc3339
from hub.models import (
    Change,
    Channel,
    Checkpoint,
    Entry,
    JournalRow,
    Manifest,
    Outlet,
    Release,
    Signature,
    SigningKey,
    Version,
)
from hub.operation.proving import CHECKPOINT, digest_of
from hub.publishing import manifests
from hub.records import chains, journal, signatures, signing
from hub.records.signing import BadSignature, Claims, Jwk

PAGE = 500
Seen = Callable[[str, int], None]  # so many more of a kind were looked at


def find(session: Session, seen: Seen) -> Iterator[str]:
    """Every fault of what proves the rest."""
    keys, faults = read_keys(session)
    yield from faults
    ends: dict[int, dict[int, str]] = defaultdict(dict)
    yield from _ledger_faults(session, ends, seen)
    yield from _signature_faults(session, keys, seen)
    said = _journalled(session)
    yield from _checkpoint_faults(session, keys, ends, said, seen)
    yield from _manifest_faults(session, keys, ends, said, seen)


def read_keys(session: Session) -> tuple[dict[str, Jwk], list[str]]:
    """The public keys that are what their name says, and a sentence for each that is not."""
    keys: dict[str, Jwk] = {}
    faults = []
    query = select(SigningKey.kid, SigningKey.issuer, cast(SigningKey.public, Text).label("public"))
    for kid, issuer, public in session.execute(query):
        try:
            key = orjson.loads(public)
            fits = signing.is_public_key(key) and signing.thumbprint(key) == kid
        except (ValueError, AttributeError):
            fits = False
        if fits:
            keys[kid] = {**key, "iss": issuer}
        else:
            faults.append(f"signing key {kid}: is not the key it is named for")
    return keys, faults


def _ledger_faults(session: Session, ends: dict[int, dict[int, str]], seen: Seen) -> Iterator[str]:
    """Each ledger's chain; `ends` gets every row's digest as it should be, by channel and number."""
    channels = select(Channel.id, Channel.head, Channel.head_digest, Channel.code, Outlet.code.label("outlet"))
    for channel in session.execute(channels.join(Outlet, Outlet.id == Channel.outlet_id).order_by(Channel.id)).all():
        name, number, digest = f"ledger {channel.outlet}/{channel.code}", 0, ""
        query = (
            select(Change.number, Change.kind, Change.at, Change.digest, Entry.uid, Entry.story_id)
            .join(Entry, Entry.id == Change.entry_id)
            .where(Change.channel_id == channel.id)
            .order_by(Change.number)
            .limit(PAGE)
        )
        ends[channel.id][0] = ""
        while rows := session.execute(query.where(Change.number > number)).all():
            for row in rows:
                number, told = row.number, row.digest
                due = chains.ledger_digest(
                    digest, number=number, kind=row.kind, at=row.at, entry=row.uid, story=row.story_id
                )
                if due != told:
                    yield f"{name}: number {number} does not match its digest"
                ends[channel.id][number] = due
                digest = told  # so that one changed row is one fault
        if channel.head_digest != digest:
            yield f"{name}: the head does not name the digest of number {number}"


def _signature_faults(session: Session, keys: Mapping[str, Jwk], seen: Seen) -> Iterator[str]:
    query = (
        select(
            Version.id,
            Version.story_id,
            Version.number,
            Version.digest,
            cast(Version.digests, Text).label("digests"),
            Signature.kid,
            Signature.at,
            Signature.jws,
        )
        .outerjoin(Signature, Signature.version_id == Version.id)
        .where(Version.id.in_(select(Release.version_id)) | Signature.version_id.is_not(None))
        .order_by(Version.id)
        .limit(PAGE)
    )
    last = 0
    while rows := session.execute(query.where(Version.id > last)).all():
        for row in rows:
            name = f"signature of {row.story_id}/{row.number}"
            if row.jws is None:
                yield f"{name}: is missing, though the version was released"
            else:
                yield from (f"{name}: {fault}" for fault in _faults_of_signature(row, keys))
        last = rows[-1].id
        seen("signatures", len(rows))


def _faults_of_signature(row: Any, keys: Mapping[str, Jwk]) -> Iterator[str]:
    claims, fault = _read(row, keys, kind=signatures.KIND)
    if claims is None:
        yield fault
        return
    try:
        digests = sorted(orjson.loads(row.digests))
    except (ValueError, TypeError):
        digests = []
    due = (row.story_id, row.number, row.digest, digests, signatures.HASH)
    if tuple(claims.get(name) for name in ("sub", "version", "digest", "_sd", "_sd_alg")) != due:
        yield "is of something else than this version"


def _read(row: Any, keys: Mapping[str, Jwk], *, kind: str) -> tuple[Claims | None, str]:
    """The claims of a row's signed text (`jws`, `kid`, `at`), if the row's own columns fit them; else why not."""
    try:
        signed = signing.verify(row.jws, keys, kind=kind)
    except BadSignature as exc:
        return None, f"does not hold ({exc})"
    if (signed.kid, signed.claims.get("iss")) != (row.kid, keys[signed.kid]["iss"]):
        return None, "names another key, or another issuer, than it was made with"
    moment = signed.claims.get("at", rfc3339(datetime.fromtimestamp(signed.claims["iat"], UTC)))
    if moment != rfc3339(row.at):
        return None, "is not from the time its row says"
    return signed.claims, ""


def _journalled(session: Session) -> dict[tuple[str, str], str]:
    """Digest of every checkpoint and manifest that the journal tells of."""
    said: dict[tuple[str, str], str] = {}
    query = select(JournalRow.body).where(JournalRow.story_id.is_(None)).order_by(JournalRow.number)
    for body in session.scalars(query.execution_options(yield_per=PAGE)):
        record = journal.read_record(body)
        if record.get("kind") == "checkpoint":
            said["checkpoint", str(record["of"])] = record["digest"]
        elif record.get("kind") == "manifest":
            said["manifest", f"{record['channel']} {record['day']}"] = record["digest"]
    return said


def _checkpoint_faults(
    session: Session,
    keys: Mapping[str, Jwk],
    ends: Mapping[int, Mapping[int, str]],
    said: Mapping[tuple[str, str], str],
    seen: Seen,
) -> Iterator[str]:
    query = (
        select(*Checkpoint.__table__.columns, JournalRow.digest.label("told"))
        .outerjoin(JournalRow, JournalRow.number == Checkpoint.number)
        .order_by(Checkpoint.number)
    )
    found = set()
    for row in session.execute(query):
        name = f"checkpoint {row.number}"
        found.add(("checkpoint", str(row.number)))
        if said.get(("checkpoint", str(row.number))) != digest_of(row.jws):
            yield f"{name}: the journal does not tell of it"
        claims, fault = _read(row, keys, kind=CHECKPOINT)
        if claims is None:
            yield f"{name}: {fault}"
            continue
        if claims.get("journal") != [row.number, row.digest]:
            yield f"{name}: is of another row or digest than its row says"
        if claims.get("journal") != [row.number, row.told]:
            yield f"{name}: the journal is not what it was when this was signed"
        for address, (channel, head, digest) in claims.get("ledgers", {}).items():
            if ends.get(channel, {}).get(head) != digest:
                yield f"{name}: ledger {address} is not what it was up to number {head}"
        seen("checkpoints", 1)
    for _, number in sorted(key for key in said.keys() - found if key[0] == "checkpoint"):
        yield f"checkpoint {number}: the journal tells of it, but it is not there"


def _manifest_faults(
    session: Session,
    keys: Mapping[str, Jwk],
    ends: Mapping[int, Mapping[int, str]],
    said: Mapping[tuple[str, str], str],
    seen: Seen,
) -> Iterator[str]:
    query = select(*Manifest.__table__.columns).order_by(Manifest.channel_id, Manifest.day)
    found = set()
    for row in session.execute(query.execution_options(yield_per=PAGE)):
        key = ("manifest", f"{row.channel_id} {row.day}")
        name = f"manifest of channel {row.channel_id}, {row.day}"
        found.add(key)
        if said.get(key) != digest_of(row.jws):
            yield f"{name}: the journal does not tell of it"
        claims, fault = _read(row, keys, kind=manifests.KIND)
        if claims is None:
            yield f"{name}: {fault}"
            continue
        if (claims.get("day"), claims.get("head")) != (row.day, row.number):
            yield f"{name}: is of another day or number than its row says"
        if ends.get(row.channel_id, {}).get(claims.get("head", -1)) != claims.get("ledger"):
            yield f"{name}: the ledger is not what it was up to number {row.number}"
        seen("manifests", 1)
    for _, which in sorted(key for key in said.keys() - found if key[0] == "manifest"):
        yield f"manifest of channel {which.replace(' ', ', ')}: the journal tells of it, but it is not there"
