"""The worker: ends embargoes and options, renders what changed, empties the outbox, sweeps.

A lease row lets one act at a time. What fails in one kind of work is told to the log with its cause, tried again, and
keeps no other kind from being done.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.db import Database
from hub.models import Lease, Outbox, Release
from hub.outlets.embargo import Watch
from hub.outlets.planning import lapsing
from hub.records import clock_trust, consents, outbox
from hub.regulation import embargoes
from hub.regulation.consent import consenting
from hub.regulation.duties import marks, projector, timers

LEASE = "worker"
LEASE_TIME = timedelta(seconds=30)
RENEW_BEFORE = timedelta(seconds=20)
POLL_SECONDS = 1.0
SWEEP = timedelta(minutes=10)

Handler = Callable[[Sequence[Outbox]], None]
log = structlog.get_logger(__name__)


class Worker:
    """One worker. `handlers` do the outbox's work by kind; `sweep` is called now and then with the time."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        handlers: Mapping[str, Handler],
        sweep: Callable[[datetime], None],
    ) -> None:
        self.database = database
        self.clock = clock
        self.handlers = handlers
        self.sweep = sweep
        self.holder = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._watch = Watch(clock.now(), clock.monotonic())
        self._lease_until: datetime | None = None
        self._swept_at: datetime | None = None
        self._failing: dict[str, str] = {}  # kinds of work that failed the last time, and why

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; what failed is tried again."""
        while not stop.is_set():
            wait = POLL_SECONDS
            try:
                self.step()
                wait = self._seconds_to_next()
            except ExceptionGroup:  # told by `_try`
                self._lease_until = None
            except (SQLAlchemyError, OSError) as exc:  # a database or disk that will be back
                self._lease_until = None
                log.warning("worker_waits", error=str(exc))
            stop.wait(wait)
        self.stop()

    def step(self) -> int:
        """Everything that is due now, once; returns how many releases entered their channels.

        Raises an ExceptionGroup of what failed, after all the rest is done.
        """
        now = self.clock.now()
        if not self._hold_lease(now):
            return 0
        released: list[int] = []

        def release() -> None:  # together: embargoes must not end before consents do
            self._expire_consents(now)
            released.append(self._end_embargoes(now))

        work: dict[str, Callable[[], None]] = {
            "release": release,
            "lapse_options": lambda: self._lapse_options(now),
            "keep_duties": self._keep_duties,
            **{kind: partial(self._handle, kind) for kind in sorted(self.handlers)},
        }
        if self._swept_at is None or now - self._swept_at >= SWEEP:
            self._swept_at = now
            work["sweep"] = lambda: self.sweep(now)
        failures = [exc for name, do in work.items() if (exc := self._try(name, do)) is not None]
        if failures:
            raise ExceptionGroup("work that failed", failures)
        return sum(released)

    def _try(self, name: str, do: Callable[[], None]) -> Exception | None:
        """Do one kind of work; why it failed, which goes to the log, whole when it is new."""
        try:
            do()
        except Exception as exc:
            known, self._failing[name] = self._failing.get(name), repr(exc)
            log.error("work_failed", work=name, error=repr(exc), exc_info=exc if known != repr(exc) else None)
            return exc
        self._failing.pop(name, None)
        return None

    def stop(self) -> None:
        """Give the lease back, so that the next worker need not wait for its end."""
        try:
            with self.database.writing() as session:
                lease = session.get(Lease, LEASE)
                if lease is not None and lease.holder == self.holder:
                    session.delete(lease)
        except DBAPIError as exc:
            log.warning("lease_not_returned", error=str(exc.orig))

    def _hold_lease(self, now: datetime) -> bool:
        if self._lease_until is not None and self._lease_until - now > LEASE_TIME - RENEW_BEFORE:
            return True
        self._lease_until = None
        try:
            with self.database.writing() as session:
                lease = session.get(Lease, LEASE, with_for_update=True)
                if lease is not None and lease.holder != self.holder and lease.until > now:
                    return False
                session.merge(Lease(name=LEASE, holder=self.holder, until=now + LEASE_TIME))
        except IntegrityError:  # another worker took the first lease at this moment
            return False
        self._lease_until = now + LEASE_TIME
        return True

    def _end_embargoes(self, now: datetime) -> int:
        with self.database.reading() as session:
            if not _next_due(session, now):
                return 0
        believed = self._believed(now)
        released = 0
        while believed is not None:
            with self.database.writing() as session:
                count = embargoes.release_due(session, now=believed)
            released += count
            if not count:
                break
        return released

    def _keep_duties(self) -> None:
        """Derive the duties from new journal rows, and let the timers that are due speak.

        The clock comes first: what it wrote while it was wrong is read only once somebody has accepted it.
        """
        now = self.clock.now()  # to end embargoes may have taken its time
        with self.database.reading() as session:
            waiting = projector.is_behind(session) or timers.is_due(session, now=now)
        believed = self._believed(now) if waiting else None
        if believed is None:
            return
        projector.catch_up(self.database)
        with self.database.reading() as session:
            due = timers.is_due(session, now=believed)
        if due:
            timers.ring(self.database, now=believed)

    def _believed(self, now: datetime) -> datetime | None:
        """How far both clocks say that time has come; None as long as the clock is not believed."""
        monotonic = self.clock.monotonic()
        with self.database.reading() as session:
            if clock_trust.find_fault(session) is not None:
                return None
            fault = self._watch.find_fault(now=now, monotonic=monotonic, newest_row=clock_trust.unaccepted_row(session))
        if fault is None:
            return self._watch.believable(now=now, monotonic=monotonic)
        log.error("releases_stopped", reason=fault.reason, seconds=round(fault.seconds))
        with self.database.writing() as session:
            read = marks.lock(session).row  # nobody reads on meanwhile
            clock_trust.note_fault(session, f"{fault.reason} by {fault.seconds:.0f} s", read=read)
        self._watch = Watch(now, monotonic)  # once accepted, the clock as it is now is the measure
        return None

    def _expire_consents(self, now: datetime) -> None:
        """Before embargoes end: what nobody agrees to any more must not enter a channel."""
        with self.database.reading() as session:
            if not consents.list_due(session, now=now, limit=1):
                return
        believed = self._believed(now)
        while believed is not None:
            with self.database.writing() as session:
                if not consenting.expire_due(session, now=believed):
                    return

    def _lapse_options(self, now: datetime) -> None:
        """Write down what options have ended, at once: calendars show it with the change of the segment."""
        with self.database.reading() as session:
            if not lapsing.is_due(session, now=now):
                return
        believed = self._believed(now)
        while believed is not None:
            with self.database.writing() as session:
                if not lapsing.lapse_due(session, now=believed):
                    return

    def _handle(self, kind: str) -> None:
        """Do what waits in the outbox of one kind."""
        with self.database.reading() as session:
            rows = outbox.list_waiting(session, kinds=[kind])
        if not rows:
            return
        self.handlers[kind](rows)
        with self.database.writing() as session:
            outbox.remove(session, [row.id for row in rows])

    def _seconds_to_next(self) -> float:
        """Until the next embargo ends, at most POLL_SECONDS."""
        now = self.clock.now()
        with self.database.reading() as session:
            due = session.scalar(
                select(Release.available_from)
                .where(Release.state == "scheduled", Release.available_from > now)
                .order_by(Release.available_from)
                .limit(1)
            )
        return POLL_SECONDS if due is None else min(POLL_SECONDS, max(0.0, (due - now).total_seconds()))


def _next_due(session: Session, now: datetime) -> bool:
    query = select(Release.id).where(Release.state == "scheduled", Release.available_from <= now).limit(1)
    return session.scalar(query) is not None
