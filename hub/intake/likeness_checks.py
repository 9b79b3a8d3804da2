"""The search for near-duplicates: the worker signs each new version, and compares it with what stands near it.

The words that desks find a story by come first of all, since people wait for them.

Two steps: the index gives candidates by buckets in common, a bounded number of them; those that rank highest are
compared with in full, since whom a story is about stands in its text and not in its signature.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.db import Database
from hub.intake import likeness
from hub.intake.likeness import Buckets, Telling
from hub.models import LikenessRebuild, LikenessSignature, Outbox, Story, Version
from hub.records import likenesses, outbox, story_words
from hub.records.disclosures import reveal
from hub.records.likenesses import Signed
from hub.regulation.workflow import ENDED

FETCHED = 60  # signatures of candidates that are looked at
COMPARED = 20  # stories that are compared with in full
SUBJECT_WEIGHT = 1000  # a name in common comes before any number of bands
REBUILT_AT_ONCE = 50
WORDS_AT_ONCE = 25  # stories: nobody else writes meanwhile
BUSY_SECONDS = 0.5  # then the worker looks after embargoes again

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """A story's newest version, ready to be compared."""

    version: int
    telling: Telling
    signature: bytes
    buckets: Buckets


def take(database: Database, clock: Clock, rows: Sequence[Outbox]) -> None:
    """What new versions bring: their words, some stories a transaction, then the check of each."""
    new = list(dict.fromkeys(row.payload["story"] for row in rows if not row.payload.get("has_words")))
    for first in range(0, len(new), WORDS_AT_ONCE):
        with database.writing() as session:
            story_words.renew(session, new[first : first + WORDS_AT_ONCE])
    check(database, clock, [row.payload["story"] for row in rows])


def check(database: Database, clock: Clock, story_ids: Iterable[str]) -> None:
    """Sign the newest version of each story and write down what it is like, each in a transaction of its own.

    What is not done within BUSY_SECONDS goes back into the outbox: a thousand stories may arrive in one file.
    """
    waiting = list(dict.fromkeys(story_ids))
    begun = clock.monotonic()
    while waiting and clock.monotonic() - begun < BUSY_SECONDS:
        _check_one(database, waiting.pop(0), now=clock.now())
    if waiting:
        with database.writing() as session:
            for story_id in waiting:
                outbox.add(session, outbox.CHECK_LIKENESS, {"story": story_id, "has_words": True}, at=clock.now())


def begin_rebuild(database: Database, clock: Clock) -> None:
    """Begin to sign all stories where that was never begun by this SIGNATURE_VERSION: after a change, or a restore."""
    with database.reading() as session:
        begun = session.get(LikenessRebuild, likeness.SIGNATURE_VERSION) is not None
    if not begun:
        rebuild_some(database, clock)


def rebuild_some(database: Database, clock: Clock, *, limit: int = REBUILT_AT_ONCE) -> bool:
    """Sign the next stories that no signature of this SIGNATURE_VERSION covers; says whether there may be more.

    The next call is queued in the outbox, so that a rebuild never stands in the way of other work, and goes on
    where it was after a restart.
    """
    with database.reading() as session:
        progress = session.get(LikenessRebuild, likeness.SIGNATURE_VERSION)
        ids = _list_stale(session, after=progress.after if progress else "", limit=limit)
    check(database, clock, ids)
    now = clock.now()
    with database.writing() as session:
        session.merge(
            LikenessRebuild(
                scheme=likeness.SIGNATURE_VERSION,
                after=ids[-1] if ids else (progress.after if progress else ""),
                finished_at=None if len(ids) == limit else now,
            )
        )
        if len(ids) == limit:
            outbox.add(session, outbox.RESIGN_STORIES, {}, at=now)
    return len(ids) == limit


def find_likenesses(session: Session, story_id: str, seen: Seen) -> dict[str, float]:
    """The stories that seem to tell the same deed, with the share of wording in common."""
    found = {}
    for version in _list_signed_versions(session, candidates(session, story_id, seen)):
        share = likeness.likeness(seen.telling, likeness.telling_of(_read(version)))
        if share is not None:
            found[version.story_id] = round(share, 4)
    return found


def seen_of(content: Mapping[str, Any], version: int) -> Seen:
    """A content, ready to be compared."""
    telling = likeness.telling_of(content)
    signature = likeness.signature(telling.shingles)
    return Seen(version, telling, signature, likeness.buckets(signature, telling.subject))


def _check_one(database: Database, story_id: str, *, now: datetime) -> None:
    with database.reading() as session:
        version = session.scalar(
            select(Version)
            .join(Story, and_(Story.id == Version.story_id, Story.latest == Version.number))
            .where(Story.id == story_id, Story.state.not_in(ENDED))
        )
        if version is None:
            return
        seen = seen_of(_read(version), version.number)
        found = find_likenesses(session, story_id, seen)
    with database.writing() as session:
        locked = _lock(session, {story_id, *found})
        story = locked[story_id]
        if story.state in ENDED or story.latest != seen.version:
            return  # it left meanwhile, or a newer version came, which has its own line in the outbox
        likenesses.sign(
            session,
            story_id,
            version=seen.version,
            scheme=likeness.SIGNATURE_VERSION,
            signature=seen.signature,
            buckets=seen.buckets.every,
            now=now,
        )
        standing = {other: share for other, share in found.items() if locked[other].state not in ENDED}
        likenesses.record_found(session, story_id, standing, now=now)


def candidates(session: Session, story_id: str, seen: Seen) -> dict[str, int]:
    """The most promising stories that share a bucket: their ids, and the version they are signed for."""
    sharing: Counter[int] = Counter()
    for bucket, signature_id in likenesses.list_sharing(session, seen.buckets.every):
        sharing[signature_id] += SUBJECT_WEIGHT if bucket == seen.buckets.subject else 1
    nearest = [signature_id for signature_id, _ in sharing.most_common(FETCHED)]
    signed = [row for row in likenesses.list_signed(session, nearest) if row.story_id != story_id]

    def rank(row: Signed) -> tuple[int, float]:
        return sharing[row.id] // SUBJECT_WEIGHT, likeness.similarity(seen.signature, row.signature)

    return {row.story_id: row.version for row in sorted(signed, key=rank, reverse=True)[:COMPARED]}


def _list_signed_versions(session: Session, numbers: Mapping[str, int]) -> list[Version]:
    """The version of each story that its signature was made from."""
    wanted = tuple_(Version.story_id, Version.number).in_(list(numbers.items()))
    return list(session.scalars(select(Version).where(wanted).order_by(Version.story_id))) if numbers else []


def _read(version: Version) -> Mapping[str, Any]:
    """A version's content; nothing of a damaged one, which `hub verify` names and which must not stop the worker."""
    try:
        return reveal(version.disclosures)
    except (ValueError, TypeError, AttributeError) as exc:
        log.warning("version_not_compared", story=version.story_id, version=version.number, error=str(exc))
        return {}


def _lock(session: Session, story_ids: Collection[str]) -> dict[str, Story]:
    query = select(Story).where(Story.id.in_(story_ids)).order_by(Story.id).with_for_update()
    return {story.id: story for story in session.scalars(query)}


def _list_stale(session: Session, *, after: str, limit: int) -> list[str]:
    """Stories after an id that no signature of the present scheme covers."""
    query = (
        select(Story.id)
        .outerjoin(LikenessSignature, LikenessSignature.story_id == Story.id)
        .where(Story.id > after, Story.state.not_in(ENDED))
        .where(LikenessSignature.id.is_(None) | (LikenessSignature.scheme != likeness.SIGNATURE_VERSION))
        .order_by(Story.id)
        .limit(limit)
    )
    return list(session.scalars(query))
