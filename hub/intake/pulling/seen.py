"""What was seen in a source before: entries are known again by guid, else by address, else by their words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from hub.intake.pulling.mapping import Mapped
from hub.models import SourceItem

KEPT = 5_000  # entries of a source that are remembered
IDS_TELL = 5  # from so many known entries on, it is told that all of them have new ids


@dataclass(frozen=True, slots=True)
class Sighting:
    """An entry, and the row that it was seen as before."""

    mapped: Mapped
    item_id: int | None
    by: str  # key, link or words; empty for one that is new

    @property
    def is_new(self) -> bool:
        """Was it never seen before?"""
        return self.item_id is None


def recognize(session: Session, source_id: int, found: Sequence[Mapped]) -> list[Sighting]:
    """Which entries were seen before.

    An address, or words, tell only as long as no other entry of this very feed has them, and nobody still goes by the
    guid that they were known by: at some sites all entries lead to the front page.
    """
    keys = {mapped.key for mapped in found}
    known = _rows(session, source_id, SourceItem.key, keys)
    taken = {row.id for row in known.values()}
    sightings = []
    counted = {name: Counter(getattr(mapped, name) for mapped in found) for name in ("link", "words")}
    others = {
        name: _rows(session, source_id, column, {getattr(mapped, name) for mapped in found} - {""})
        for name, column in (("link", SourceItem.link), ("words", SourceItem.words))
    }
    for mapped in found:
        row, by = known.get(mapped.key), "key"
        for name, rows in others.items():
            if row is not None:
                break
            value = getattr(mapped, name)
            candidate = rows.get(value)
            if candidate is not None and counted[name][value] == 1 and candidate.id not in taken:
                row, by = candidate, name
                taken.add(row.id)
        sightings.append(Sighting(mapped, row.id if row is not None else None, by if row is not None else ""))
    return sightings


def remember(
    session: Session,
    source_id: int,
    mapped: Mapped,
    outcome: str,
    *,
    now: datetime,
    story_id: str | None = None,
    version: int = 0,
) -> None:
    """Write down an entry that was never seen before, and what became of it."""
    session.add(
        SourceItem(
            source_id=source_id,
            key=mapped.key,
            link=mapped.link,
            words=mapped.words,
            digest=mapped.digest,
            outcome=outcome,
            story_id=story_id,
            version=version,
            seen_at=now,
        )
    )
    session.flush()


def list_with_outcome(session: Session, source_id: int, outcome: str) -> set[int]:
    """The numbers of the entries of a source of which this has become."""
    query = select(SourceItem.id).where(SourceItem.source_id == source_id, SourceItem.outcome == outcome)
    return set(session.scalars(query))


def rename(item: SourceItem, mapped: Mapped) -> None:
    """Let an entry go by what it says of itself now."""
    item.key, item.link, item.words, item.digest = mapped.key, mapped.link, mapped.words, mapped.digest


def are_ids_new(sightings: Sequence[Sighting]) -> bool:
    """Is everything that was known before known by anything but its guid?"""
    ways = Counter(sighting.by for sighting in sightings)
    return not ways["key"] and ways["link"] + ways["words"] >= IDS_TELL


def forget_old(session: Session, source_id: int) -> None:
    """Remember the newest KEPT entries of a source, and of the others those that are stories."""
    newest = select(SourceItem.id).where(SourceItem.source_id == source_id).order_by(SourceItem.id.desc())
    edge = session.scalar(newest.offset(KEPT).limit(1))
    if edge is not None:
        old = (SourceItem.source_id == source_id, SourceItem.id <= edge, SourceItem.story_id.is_(None))
        session.execute(delete(SourceItem).where(*old))


def _rows(
    session: Session, source_id: int, column: InstrumentedAttribute[str], values: set[str]
) -> dict[str, SourceItem]:
    """The newest row for each of these values."""
    query = select(SourceItem).where(SourceItem.source_id == source_id, column.in_(values)).order_by(SourceItem.id)
    return {getattr(row, column.key): row for row in session.scalars(query)} if values else {}
