"""Can the hub work? Database at the newest migration, data directory writable, releases not stopped, a worker alive."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hub import migrations
from hub.config import Settings
from hub.db import Database
from hub.models import Lease
from hub.records import clock_trust


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    word: str


def check(database: Database, settings: Settings, *, now: datetime) -> list[Check]:
    """Everything that has to hold before the hub can take stories and end embargoes."""
    writable = os.access(settings.data, os.W_OK)
    checks = [Check("data", writable, "ok" if writable else "not writable")]
    try:
        current, newest = migrations.current_revision(database.engine), migrations.newest_revision()
        checks.append(
            Check("database", current == newest, "ok" if current == newest else f"at {current}, not {newest}")
        )
        with database.reading() as session:
            trusted = clock_trust.is_trusted(session, now=now)
            word = "ok" if trusted else clock_trust.find_fault(session) or "behind the journal"
            checks.append(Check("clock", trusted, word))
            checks.append(_worker(session, now))
    except SQLAlchemyError as exc:
        checks.append(Check("database", False, type(exc).__name__))
    return checks


def _worker(session: Session, now: datetime) -> Check:
    lease = session.get(Lease, "worker")
    alive = lease is not None and lease.until > now - timedelta(seconds=60)
    return Check("worker", alive, "ok" if alive else "no worker holds the lease")
