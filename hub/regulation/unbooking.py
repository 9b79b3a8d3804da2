"""Guests of stories that are taken back leave what outlets plan, in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from hub.models import Act
from hub.outlets.planning import unbooking
from hub.records import journal
from hub.records.journal import Record
from hub.regulation import releasing
from hub.regulation.workflow import ActKind

CHANGING = frozenset({ActKind.RELEASE, ActKind.HOLD, ActKind.WITHDRAW, ActKind.JOIN})  # what outlets have of a story


def after_acts(session: Session, acts: Sequence[Act], *, now: datetime) -> list[Record]:
    """Pull guests of these acts' story, where they changed what outlets have of it; returns what to journal."""
    changed = {act.story_id for act in acts if act.kind in CHANGING}
    return [record for rows in _pull(session, changed, now=now).values() for record in rows] if changed else []


def add_to(records: dict[str, list[Record]], session: Session, story_ids: Collection[str], *, now: datetime) -> None:
    """Pull guests of locked stories, and add what to journal of it to the records that are kept by story."""
    for story_id, rows in _pull(session, story_ids, now=now).items():
        records.setdefault(story_id, []).extend(rows)


def append(session: Session, story_ids: Collection[str], *, now: datetime) -> None:
    """Pull guests of locked stories, and tell the journal; nothing else may be locked afterwards."""
    for story_id, rows in _pull(session, story_ids, now=now).items():
        journal.append_all(session, rows, at=now, story_id=story_id)


def _pull(session: Session, story_ids: Collection[str], *, now: datetime) -> dict[str, list[Record]]:
    return unbooking.reconcile(session, story_ids, limits=releasing.limits_at(session, now), now=now)
