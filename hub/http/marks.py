"""When keys and sessions were last used, and what outlets read with them: noted in memory, written in batches.

So that reading a feed writes nothing itself.
"""

from __future__ import annotations

import threading
from datetime import datetime

import structlog
from sqlalchemy.exc import DBAPIError

from hub.accounts import keys, sessions
from hub.db import Database
from hub.outlets import readings
from hub.outlets.readings import LastReading, Place

SECONDS = 15.0

log = structlog.get_logger(__name__)


class KeyMarks:
    """Collects uses of keys, and readings; a timer of its own writes them down a little later."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._marks: dict[int, datetime] = {}
        self._readings: dict[Place, LastReading] = {}
        self._sessions: dict[int, datetime] = {}
        self._timer: threading.Timer | None = None

    def note(self, key_id: int, at: datetime) -> None:
        """Note that a key was used."""
        with self._lock:
            self._marks[key_id] = at
            self._start()

    def note_reading(self, place: Place, reading: LastReading) -> None:
        """Note what a key has read of a channel."""
        with self._lock:
            self._readings[place] = reading
            self._start()

    def note_session(self, session_id: int, at: datetime) -> None:
        """Note that a session was used."""
        with self._lock:
            self._sessions[session_id] = at
            self._start()

    def write(self) -> None:
        """Write what was noted; on a database that cannot write the marks are lost, which harms nobody."""
        with self._lock:
            marks, self._marks = self._marks, {}
            read, self._readings = self._readings, {}
            seen, self._sessions = self._sessions, {}
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        if not marks and not read and not seen:
            return
        try:
            with self._database.writing() as session:
                keys.mark_used(session, marks)
                readings.write(session, read)
                sessions.mark_seen(session, seen)
        except DBAPIError as exc:
            log.warning("marks_not_written", count=len(marks) + len(read) + len(seen), error=str(exc.orig))

    def _start(self) -> None:
        if self._timer is None:
            self._timer = threading.Timer(SECONDS, self.write)
            self._timer.daemon = True
            self._timer.start()
