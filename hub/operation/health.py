"""The hub's health in one value: checks, the worker, disk, database, the clock, the last backup and verification."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from hub.config import Settings
from hub.db import Database
from hub.delivery import letters, webhooks
from hub.delivery.pushing import subscriptions
from hub.models import Lease, Outbox, Release, Setting, Story
from hub.operation import readiness
from hub.operation.readiness import Check
from hub.publishing import soundness
from hub.records import clock_trust, journal
from hub.regulation.duties import marks

BACKUP, VERIFIED = "last_backup", "last_verification"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What an administrator looks at; sizes in bytes, None where nothing is known."""

    checks: Sequence[Check]
    worker_until: datetime | None
    releases_late: int
    oldest_late: datetime | None
    outbox: int
    oldest_work: datetime | None
    disk_free: int
    disk_whole: int
    database_bytes: int
    clock_fault: str | None
    clock_believed: bool
    mail: bool
    letters: Mapping[str, int]
    oldest_letter: datetime | None
    deliveries: Mapping[str, int]
    pushes: Mapping[str, int]
    stories: Mapping[str, int]
    unrendered: int
    backup: Mapping[str, Any] | None
    verified: Mapping[str, Any] | None


def look(database: Database, settings: Settings, *, now: datetime) -> Health:
    """Look at everything once."""
    checks = readiness.check(database, settings, now=now)
    disk = shutil.disk_usage(settings.data)
    with database.reading() as session:
        lease = session.get(Lease, "worker")
        late = (
            select(func.count(Release.id), func.min(Release.available_from))
            .join(Story, Story.id == Release.story_id)
            .where(Release.state == "scheduled", Release.available_from <= now, Story.held.is_(False))
        )
        late_count, oldest_late = session.execute(late).one()
        waiting, oldest = session.execute(select(func.count(Outbox.id), func.min(Outbox.created_at))).one()
        stories = session.execute(select(Story.state, func.count()).group_by(Story.state))
        return Health(
            checks=checks,
            worker_until=lease.until if lease is not None else None,
            releases_late=late_count,
            oldest_late=oldest_late,
            outbox=waiting,
            oldest_work=oldest,
            disk_free=disk.free,
            disk_whole=disk.total,
            database_bytes=_size(session),
            clock_fault=clock_trust.find_fault(session),
            clock_believed=clock_trust.is_trusted(session, now=now),
            mail=bool(settings.smtp),
            letters=letters.count_by_state(session),
            oldest_letter=letters.oldest_due(session, now=now),
            deliveries=webhooks.count_by_state(session),
            pushes=subscriptions.count_by_health(session),
            stories=dict(stories.all()),
            unrendered=soundness.count_faults(session),
            backup=recall(session, BACKUP),
            verified=recall(session, VERIFIED),
        )


def accept_clock(session: Session, *, actor: str, now: datetime) -> None:
    """Believe the clock again, as `hub worker --accept-clock` does; the journal says who did."""
    read = marks.lock(session).row
    clock_trust.accept(session, now=now, read=read)
    journal.append(session, {"kind": "clock_accepted_by", "actor": actor}, at=now)


def remember(session: Session, name: str, facts: Mapping[str, Any], *, now: datetime) -> None:
    """Keep what a command did last, and when."""
    session.merge(Setting(name=name, value=orjson.dumps({**facts, "at": now.isoformat()}).decode()))


def recall(session: Session, name: str) -> Mapping[str, Any] | None:
    """What a command did last; None where it never has."""
    row = session.get(Setting, name)
    if row is None:
        return None
    said: dict[str, Any] = orjson.loads(row.value)
    return {**said, "at": datetime.fromisoformat(said["at"])}


def _size(session: Session) -> int:
    """How much the database takes, in bytes."""
    if session.get_bind().dialect.name == "sqlite":
        pages = session.scalar(text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"))
        return int(pages or 0)
    return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
