"""What is signed now and then: the journal and all ledgers by checkpoints, every channel by a manifest a day.

The worker asks at every sweep; what is not due costs a look at two rows. Each thing that is signed is told in the
journal, so that one which is taken away is missed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence, Set
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from feeds.dates import rfc3339
from hub.clock import local_day
from hub.db import Database
from hub.models import (
    Channel,
    Checkpoint,
    Document,
    Entry,
    Fragment,
    JournalHead,
    JournalRow,
    Manifest,
    Release,
    Signature,
    Version,
)
from hub.outlets import catalog, ledgers
from hub.publishing import documents, manifests
from hub.records import journal, signatures, signing, signing_keys
from hub.records.signing_keys import signer_of

CHECKPOINT = "checkpoint+jwt"  # typ
CHECKPOINT_ROWS = 1_000
CHECKPOINT_TIME = timedelta(days=1)
OWN_ROWS = 1  # a checkpoint is told in the journal: that row alone asks for no other
SIGNED_AT_ONCE = 200


def prove_due(database: Database, *, now: datetime) -> None:
    """Make every manifest and checkpoint that is due, and destroy what retired keys have left."""
    day = local_day(now).isoformat()
    with database.reading() as session:
        channels = _without_manifest(session, day)
    for channel_id in channels:
        with database.writing() as session:
            make_manifest(session, channel_id, day=day, now=now)
    with database.reading() as session:
        due = is_checkpoint_due(session, now=now)
        retired = signing_keys.has_retired(session, now=now)
    if due:
        with database.writing() as session:
            make_checkpoint(session, now=now)
    if retired:
        with database.writing() as session:
            signing_keys.destroy_retired(session, now=now)


def make_manifest(session: Session, channel_id: int, *, day: str, now: datetime) -> None:
    """Sign what a channel holds, as the manifest of `day`, and tell the journal."""
    channel = ledgers.lock(session, [channel_id])[channel_id]
    if manifests.find(session, channel_id, day=day) is not None:
        return
    signer = signer_of(session)
    key = signer.key(session, now=now)
    claims = manifests.claims_of(session, channel, issuer=signer.issuer, day=day, at=now)
    jws = signing.sign(key, claims, kind=manifests.KIND)
    session.add(Manifest(channel_id=channel_id, day=day, number=channel.head, kid=key.kid, at=now, jws=jws))
    journal.append(session, {"kind": "manifest", "channel": channel_id, "day": day, "digest": digest_of(jws)}, at=now)


def _without_manifest(session: Session, day: str) -> Sequence[int]:
    made = select(Manifest.channel_id).where(Manifest.day == day)
    query = select(Channel.id).where(Channel.id.not_in(made), Channel.successor_id.is_(None))
    return session.scalars(query.order_by(Channel.id)).all()


def is_checkpoint_due(session: Session, *, now: datetime) -> bool:
    """A day or CHECKPOINT_ROWS rows after the last one, if anything happened since."""
    head = session.get(JournalHead, 1)
    last = session.scalar(select(Checkpoint).order_by(Checkpoint.number.desc()).limit(1))
    if head is None or last is None:
        return head is not None
    rows = head.number - last.number
    return rows >= CHECKPOINT_ROWS or (rows > OWN_ROWS and now - last.at >= CHECKPOINT_TIME)


def make_checkpoint(session: Session, *, now: datetime) -> None:
    """Sign the journal's head and every ledger's, and tell the journal."""
    signer = signer_of(session)
    key = signer.key(session, now=now)
    channels = ledgers.lock(session, session.scalars(select(Channel.id)).all())  # before the head, as everybody does
    head = session.scalars(select(JournalHead).with_for_update().execution_options(populate_existing=True)).one()
    if session.get(Checkpoint, head.number) is not None:
        return
    claims = {
        "iss": signer.issuer,
        "iat": int(now.timestamp()),
        "at": rfc3339(now),
        "journal": [head.number, head.digest],
        "ledgers": {catalog.address_of(row): [row.id, row.head, row.head_digest] for row in channels.values()},
    }
    jws = signing.sign(key, claims, kind=CHECKPOINT)
    session.add(Checkpoint(number=head.number, digest=head.digest, kid=key.kid, at=now, jws=jws))
    journal.append(session, {"kind": "checkpoint", "of": head.number, "digest": digest_of(jws)}, at=now)


def digest_of(jws: str) -> str:
    """What the journal keeps of a signed text."""
    return hashlib.sha256(jws.encode()).hexdigest()


def prepare(database: Database, *, now: datetime) -> int:
    """Have a key that signs, and `sign_unsigned`."""
    with database.writing() as session:
        signer_of(session).key(session, now=now)
    return sign_unsigned(database, now=now)


def sign_unsigned(database: Database, *, now: datetime) -> int:
    """Sign what was released before the hub signed; returns how many versions.

    Only versions that the journal knows by their digest are signed: what was changed behind the hub's back is not.
    """
    with database.reading() as session:
        unsigned = dict(session.execute(_unsigned()).all())
        told = _told(session, set(unsigned.values())) if unsigned else set()
    wanted = [version_id for version_id, digest in unsigned.items() if digest in told]
    for start in range(0, len(wanted), SIGNED_AT_ONCE):
        with database.writing() as session:
            _sign(session, wanted[start : start + SIGNED_AT_ONCE], now=now)
    return len(wanted)


def _unsigned() -> Select[int, str]:
    """Versions that are or were released, and have no signature."""
    return (
        select(Version.id, Version.digest)
        .where(Version.id.in_(select(Release.version_id)), Version.id.not_in(select(Signature.version_id)))
        .order_by(Version.id)
    )


def _told(session: Session, digests: Set[str]) -> set[str]:
    """Those of `digests` that the journal tells of, in one walk along it."""
    bodies = session.scalars(select(JournalRow.body).where(JournalRow.story_id.is_not(None)))
    records = (orjson.loads(body) for body in bodies.yield_per(CHECKPOINT_ROWS))
    return {record["digest"] for record in records if record.get("kind") == "version" and record["digest"] in digests}


def _sign(session: Session, version_ids: Sequence[int], *, now: datetime) -> None:
    for version in session.scalars(select(Version).where(Version.id.in_(version_ids))):
        signatures.sign(session, version, now=now)
    showing = select(Entry.id).join(Release, Release.id == Entry.release_id).where(Release.version_id.in_(version_ids))
    channels = select(Entry.channel_id).where(Entry.id.in_(showing))  # what was kept of them has no proof
    session.execute(delete(Fragment).where(Fragment.format.in_(documents.PROVED), Fragment.entry_id.in_(showing)))
    session.execute(delete(Document).where(Document.format.in_(documents.PROVED), Document.channel_id.in_(channels)))
