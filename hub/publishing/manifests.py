"""A channel's manifest: what its ledger held at an instant, to be signed. So that a gap, or an old copy, can be proved.

It tells of the newest MAX_ROWS rows; older ones are covered by the ledger's digest. Entries that nobody may read (held
ones of a public channel, old tombstones) keep their number and lose their name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from feeds.dates import rfc3339
from feeds.document import Correction, Status
from hub.models import Change, Channel, Entry, Manifest, MediaToken, Release, Version
from hub.outlets import catalog
from hub.publishing.corrected import list_corrections
from hub.records import signing, usage
from hub.records.signing import Claims

KIND = "manifest+jwt"
MAX_ROWS = 5_000


def claims_of(session: Session, channel: Channel, *, issuer: str, day: str, at: datetime) -> Claims:
    """The manifest of a channel as its ledger is now; needs `channel.outlet` loaded."""
    first = max(1, channel.head - MAX_ROWS + 1)
    entries = _list_entries(session, channel, first)
    tokens = _tokens(session, channel, first)
    corrected = list_corrections(session, {entry.id: entry.severity for entry in entries})
    return {
        "iss": issuer,
        "iat": int(at.timestamp()),
        "channel": catalog.address_of(channel),
        "day": day,
        "at": rfc3339(at),
        "head": channel.head,
        "ledger": channel.head_digest,
        "first": first,
        "changes": _changes(session, channel, first),
        "entries": [_entry(entry, tokens.get(entry.release_id, ()), corrected.get(entry.id)) for entry in entries],
    }


def picture_digest(upload: str, token: str) -> str:
    """What a manifest tells of a picture's address: it proves one that is shown, and betrays none that is not."""
    return signing.encode(hashlib.sha256(f"{upload} {token}".encode()).digest())


def correction_digest(note: str) -> str:
    """What a manifest tells of the public note of a correction."""
    return hashlib.sha256(note.encode()).hexdigest()


def correction_of(said: Correction | None) -> dict[str, Any] | None:
    """What a manifest tells of a correction beside the digest of its note: as the entry does; None without one."""
    if said is None:
        return None
    facts = {"severity": said.severity, "replaces": said.replaces, "at": rfc3339(said.at) if said.at else None}
    return {name: fact for name, fact in facts.items() if fact is not None}


def find(session: Session, channel_id: int, *, day: str | None = None) -> Manifest | None:
    """The manifest of a day; the newest one without."""
    query = select(Manifest).where(Manifest.channel_id == channel_id).order_by(Manifest.day.desc()).limit(1)
    return session.scalar(query if day is None else query.where(Manifest.day == day))


def _list_entries(session: Session, channel: Channel, first: int) -> Sequence[Any]:
    """Bare columns: the stories themselves would fill the memory."""
    query = (
        select(
            Entry.id,
            Entry.uid,
            Entry.story_id,
            Entry.number,
            Entry.state,
            Entry.published,
            Entry.updated,
            Entry.release_id,
            Release.note,
            Release.severity,
            Release.fields,
            Version.number.label("version"),
            Version.digest,
        )
        .join(Release, Release.id == Entry.release_id)
        .join(Version, Version.id == Release.version_id)
        .where(*_told_of(channel, first))
        .order_by(Entry.number)
    )
    return session.execute(query).all()


def _tokens(session: Session, channel: Channel, first: int) -> Mapping[int, Sequence[str]]:
    found: dict[int, list[str]] = {}
    query = (
        select(MediaToken.release_id, MediaToken.upload_id, MediaToken.token)
        .join(Entry, Entry.release_id == MediaToken.release_id)
        .where(*_told_of(channel, first))
    )
    for release_id, upload, token in session.execute(query):
        found.setdefault(release_id, []).append(picture_digest(upload, token))
    return found


def _told_of(channel: Channel, first: int) -> tuple[ColumnElement[bool], ...]:
    return Entry.channel_id == channel.id, Entry.listed.is_(True), Entry.number >= first


def _changes(session: Session, channel: Channel, first: int) -> list[list[Any]]:
    query = (
        select(Change.number, Change.kind, Entry.uid, Entry.listed)
        .join(Entry, Entry.id == Change.entry_id)
        .where(Change.channel_id == channel.id, Change.number >= first)
        .order_by(Change.number)
    )
    return [[number, kind, uid] if listed else [number, kind] for number, kind, uid, listed in session.execute(query)]


def _entry(entry: Any, pictures: Sequence[str], corrected: Correction | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": entry.uid,
        "story": entry.story_id,
        "number": entry.number,
        "status": entry.state,
        "published": rfc3339(entry.published),
        "updated": rfc3339(entry.updated),
    }
    if entry.state == Status.WITHDRAWN:
        return told
    told |= {"version": entry.version, "digest": entry.digest, "corrected": correction_of(corrected)}
    if entry.note:
        told["correction"] = correction_digest(entry.note)
    if usages := usage.codes_in(entry.fields):
        told["usages"] = list(usages)
    if pictures:
        told["pictures"] = sorted(pictures)
    return told
