"""The clerk: turns events of the outbox into letters and webhooks, beside the worker's loop.

An event's rows and its end in the outbox are one transaction, so an event is told whole or not yet. Many events at
once (a morning's deadlines) take seconds, and cost no embargo any.
"""

from __future__ import annotations

import threading

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.db import Database
from hub.delivery import notices
from hub.delivery.notices import Address
from hub.models import Outbox
from hub.records import outbox

POLL_SECONDS = 1.0
BATCH = 5  # events of one transaction: on SQLite others wait for it,
BREATH_SECONDS = 0.25  # and would hardly find the moment between two of them

log = structlog.get_logger(__name__)


class Clerk:
    """Writes what the postmen carry."""

    def __init__(self, database: Database, clock: Clock, address: Address) -> None:
        self._database = database
        self._clock = clock
        self._address = address

    def run(self, stop: threading.Event) -> None:
        """Write until `stop` is set. Raises what a database raises that cannot be used; call it again."""
        while not stop.is_set():
            stop.wait(BREATH_SECONDS if self._write_some() else POLL_SECONDS)

    def round(self) -> int:
        """Every event that waits now; returns how many there were."""
        count = 0
        while some := self._write_some():
            count += some
        return count

    def _write_some(self) -> int:
        waiting = select(Outbox).where(Outbox.kind.in_(outbox.TOLD)).order_by(Outbox.kind, Outbox.id).limit(BATCH)
        with self._database.reading() as session:
            if session.scalar(waiting.limit(1)) is None:
                return 0
        with self._database.writing() as session:
            rows = session.scalars(waiting.with_for_update(skip_locked=True)).all()
            for row in rows:
                self._write(session, row)
                session.delete(row)
        return len(rows)

    def _write(self, session: Session, row: Outbox) -> None:
        try:
            with session.begin_nested():
                notices.tell(session, row.payload, at=row.created_at, address=self._address, now=self._clock.now())
        except (LookupError, ValueError, TypeError, AttributeError) as exc:  # not even the next clerk can read it
            log.error("notice_not_understood", outbox=row.id, facts=row.payload, error=repr(exc))
