"""The index of signatures and the ledger of likenesses: what stands where, what was found, what people decided.

A look-up reads the newest of each of its own buckets and no more, so that it costs the same however many stories
there are, and however many of them begin with the same words.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Select, Table, and_, bindparam, delete, insert, or_, select, union_all
from sqlalchemy.orm import Session

from hub.actors import Actor
from hub.errors import Conflict, NotFound
from hub.models import Likeness, LikenessBand, LikenessSignature
from hub.records import journal

NEWEST_OF_BUCKET = 20
BANDS = cast("Table", LikenessBand.__table__)


class Decision(StrEnum):
    """What people said of a likeness."""

    OPEN = ""
    DISMISSED = "dismissed"  # two deeds
    JOINED = "joined"  # one deed, and now one story


class LikenessDecided(Conflict):
    """These two stories were joined; there is nothing left to dismiss."""

    key = "error.likeness_decided"


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that stands in the index."""

    id: int
    story_id: str
    version: int
    signature: bytes


def sign(
    session: Session,
    story_id: str,
    *,
    version: int,
    scheme: int,
    signature: bytes,
    buckets: Collection[int],
    now: datetime,
) -> None:
    """Let a story stand in the index under a new signature, and under no older one."""
    _take_out(session, story_id)
    row = LikenessSignature(story_id=story_id, version=version, scheme=scheme, signature=signature, checked_at=now)
    session.add(row)
    session.flush()
    if buckets:
        session.execute(insert(BANDS), [{"bucket": bucket, "signature_id": row.id} for bucket in buckets])


def forget(session: Session, story_id: str) -> None:
    """Take a story that was withdrawn, joined or erased out of the index, with what nobody has decided yet."""
    _take_out(session, story_id)
    _drop_open(session, story_id, keep=())


def list_sharing(session: Session, buckets: Sequence[int]) -> list[tuple[int, int]]:
    """(bucket, id of a signature) for the newest NEWEST_OF_BUCKET in each of these buckets."""
    if not buckets:
        return []
    asked = {f"bucket_{place}": bucket for place, bucket in enumerate(buckets)}
    return [(bucket, signature_id) for bucket, signature_id in session.execute(_newest_of(len(buckets)), asked)]


def list_signed(session: Session, ids: Collection[int]) -> list[Signed]:
    """Signatures by their ids."""
    columns = (
        LikenessSignature.id,
        LikenessSignature.story_id,
        LikenessSignature.version,
        LikenessSignature.signature,
    )
    return [Signed(*row) for row in session.execute(select(*columns).where(LikenessSignature.id.in_(ids)))]


def signed_versions(session: Session, story_ids: Collection[str]) -> dict[str, int]:
    """Which version of each story was checked; stories that never were are missing."""
    query = select(LikenessSignature.story_id, LikenessSignature.version)
    rows = session.execute(query.where(LikenessSignature.story_id.in_(story_ids)))
    return {row.story_id: row.version for row in rows}


def record_found(session: Session, story_id: str, found: Mapping[str, float], *, now: datetime) -> None:
    """Let the ledger say which stories this one's newest version is like. What people decided stays as it is."""
    _drop_open(session, story_id, keep=found)
    known = {row.other_id: row for row in session.scalars(select(Likeness).where(Likeness.story_id == story_id))}
    for other_id, similarity in sorted(found.items()):
        if other_id not in known:
            _add_pair(session, story_id, other_id, similarity=similarity, now=now)
        elif known[other_id].decision == Decision.OPEN:
            for row in _pair(session, story_id, other_id):
                row.similarity = similarity


def dismiss(session: Session, story_id: str, other_id: str, *, actor: Actor, now: datetime) -> None:
    """Say that two stories tell two deeds. Saying it again changes nothing. Raises NotFound, LikenessDecided."""
    rows = _pair(session, story_id, other_id)
    if not rows:
        raise NotFound(what=f"{story_id}/likenesses/{other_id}", kind="likeness")
    if rows[0].decision == Decision.JOINED:
        raise LikenessDecided(story=story_id, other=other_id)
    if rows[0].decision == Decision.DISMISSED:
        return
    _decide(rows, Decision.DISMISSED, actor=actor, now=now)
    record = {"kind": "likeness_dismissed", "other": other_id, "actor": f"{actor.role.value}:{actor.id}"}
    journal.append(session, record, at=now, story_id=story_id)


def join(session: Session, story_id: str, other_id: str, *, actor: Actor, now: datetime) -> None:
    """Say that one story became a part of the other, whether the likeness had been found or not."""
    rows = _pair(session, story_id, other_id) or _add_pair(session, story_id, other_id, similarity=None, now=now)
    _decide(rows, Decision.JOINED, actor=actor, now=now)


def _decide(rows: Sequence[Likeness], decision: Decision, *, actor: Actor, now: datetime) -> None:
    for row in rows:
        row.decision = decision.value
        row.decided_by, row.decided_by_id, row.decided_by_name = actor.role.value, actor.id, actor.name
        row.decided_at = now


def _pair(session: Session, one: str, other: str) -> list[Likeness]:
    """A likeness both ways round, in the order of ids, locked until the transaction ends."""
    query = select(Likeness).where(
        or_(
            and_(Likeness.story_id == one, Likeness.other_id == other),
            and_(Likeness.story_id == other, Likeness.other_id == one),
        )
    )
    return list(session.scalars(query.order_by(Likeness.story_id).with_for_update()))


def _add_pair(session: Session, one: str, other: str, *, similarity: float | None, now: datetime) -> list[Likeness]:
    rows = [
        Likeness(
            story_id=here,
            other_id=there,
            similarity=similarity,
            found_at=now,
            decision=Decision.OPEN.value,
            decided_by="",
            decided_by_name="",
        )
        for here, there in sorted(((one, other), (other, one)))
    ]
    session.add_all(rows)
    return rows


def _drop_open(session: Session, story_id: str, *, keep: Collection[str]) -> None:
    for here, there in ((Likeness.story_id, Likeness.other_id), (Likeness.other_id, Likeness.story_id)):
        session.execute(
            delete(Likeness).where(here == story_id, there.not_in(keep), Likeness.decision == Decision.OPEN.value)
        )


def _take_out(session: Session, story_id: str) -> None:
    own = select(LikenessSignature.id).where(LikenessSignature.story_id == story_id).scalar_subquery()
    session.execute(delete(LikenessBand).where(LikenessBand.signature_id == own))
    session.execute(delete(LikenessSignature).where(LikenessSignature.story_id == story_id))


@lru_cache(maxsize=64)
def _newest_of(count: int) -> Any:
    """One statement for `count` buckets: each reads at most NEWEST_OF_BUCKET rows of the key, from its end."""
    return union_all(*(select(_newest(place).subquery()) for place in range(count)))


def _newest(place: int) -> Select[Any]:
    return (
        select(BANDS.c.bucket, BANDS.c.signature_id)
        .where(BANDS.c.bucket == bindparam(f"bucket_{place}"))
        .order_by(BANDS.c.signature_id.desc())
        .limit(NEWEST_OF_BUCKET)
    )
