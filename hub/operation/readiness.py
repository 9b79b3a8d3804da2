"""Can the hub work? Database at the newest migration, data directory writable, releases not stopped, a worker alive."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hub import migrations
from hub.config import Settings
from hub.db import Database
from hub.models import Lease
from hub.records import clock_trust


def _(text: str) -> str:
    """Marks a text for the catalogues; the command line says it in the language of its run."""
    return text


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; `text` is English, with `facts` for its placeholders."""

    name: str
    ok: bool
    text: str
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def word(self) -> str:
        """The text for programs: always in English."""
        return self.text % self.facts


STOPPED = _(
    "%(fault)s, so nothing is released and duties stand as they were; once it is right: `hub worker --accept-clock`"
)
NO_WORKER = _(
    "no worker is at work: embargoes do not end, mail and webhooks wait. One that was just started needs some seconds; "
    "else start `hub worker`, or `hub serve` without --without-worker"
)


def check(database: Database, settings: Settings, *, now: datetime) -> list[Check]:
    """Everything that has to hold before the hub can take stories and end embargoes."""
    writable = os.access(settings.data, os.W_OK)
    checks = [Check("data", writable, "ok" if writable else _("not writable"))]
    try:
        current, newest = migrations.current_revision(database.engine), migrations.newest_revision()
        text = "ok" if current == newest else _("at %(current)s, not %(newest)s")
        checks.append(Check("database", current == newest, text, {"current": current, "newest": newest}))
        with database.reading() as session:
            trusted = clock_trust.is_trusted(session, now=now)
            fault = clock_trust.find_fault(session)
            stopped = Check("clock", False, STOPPED, {"fault": fault}) if fault else None
            behind = Check("clock", False, _("behind the journal"))
            checks.append(Check("clock", True, "ok") if trusted else stopped or behind)
            checks.append(_worker(session, now))
    except SQLAlchemyError as exc:
        checks.append(Check("database", False, type(exc).__name__))
    return checks


def has_worker(session: Session, *, now: datetime) -> bool:
    """Is a worker at work, as far as its lease tells? One that has just ended may still seem so for a minute."""
    lease = session.get(Lease, "worker")
    return lease is not None and lease.until > now - timedelta(seconds=60)


def _worker(session: Session, now: datetime) -> Check:
    alive = has_worker(session, now=now)
    return Check("worker", alive, "ok" if alive else NO_WORKER)
