"""Reads the Word files that wait, one after the other, in a thread beside the worker: none of them holds it up.

The reading itself is done by a process apart. While it lasts its row says how far it has come, and is held; whoever is
killed here leaves it to the next one once that is over. Whoever is stopped puts it back at once, as if never begun.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hub import apart
from hub.clock import Clock
from hub.db import Database
from hub.intake import word, word_readings
from hub.intake.media_store import MediaStore
from hub.intake.word import Choice, WordFile
from hub.intake.word_readings import Order
from hub.packed import FileRefused

POLL_SECONDS = 0.5
NOTE_SECONDS = 1.0  # between two words on how far it has come
AT_ONCE_BYTES = 1024 * 1024  # of a file that whoever sends it may wait for
AT_ONCE_SECONDS = 2.0
NOT_NOW = frozenset({"file_readers_busy", "file_too_slow"})  # for whoever had no time

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """How long a file may be read: so many seconds each time, or in all where somebody waits for it (`at_once`)."""

    seconds: float
    at_once: bool = False
    stop: threading.Event | None = None


class WordReader:
    """Reads what waits. `step` is one file, `run` all that come."""

    def __init__(self, database: Database, clock: Clock, store: MediaStore) -> None:
        self.database = database
        self._clock = clock
        self._store = store

    def run(self, stop: threading.Event) -> None:
        """Read until `stop` is set. Raises what a database raises that cannot be used; call it again."""
        while not stop.is_set():
            if not self.step(stop):
                stop.wait(POLL_SECONDS)

    def step(self, stop: threading.Event | None = None) -> bool:
        """Read the file that waits longest; False where none does. Puts it back when `stop` is set meanwhile."""
        with self.database.reading() as session:
            if not word_readings.is_waiting(session, now=self._clock.now()):
                return False
        with self.database.writing() as session:
            order = word_readings.claim(session, now=self._clock.now())
        if order is None:
            return False
        self._read(order, _Bounds(apart.SECONDS, stop=stop))
        return True

    def read_waiting(self) -> None:
        """Read everything that waits."""
        while self.step():
            pass

    def try_at_once(self, reading_id: str) -> None:
        """Read this file if that is done in AT_ONCE_SECONDS; else it waits for its turn as any other."""
        with self.database.writing() as session:
            order = word_readings.claim(session, now=self._clock.now(), only=reading_id)
        if order is not None:
            self._read(order, _Bounds(AT_ONCE_SECONDS, at_once=True))

    def _read(self, order: Order, bounds: _Bounds) -> None:
        """Read a file and write down what came of it; one that there was no time for is put back."""
        try:
            with _Noting(self.database, self._clock, order) as told:
                data = self._store.path(order.digest).read_bytes()
                read = _looks(data, order, bounds, told)
                digests = {each.name: self._store.put(each.data) for file in read.values() for each in file.pictures}
        except apart.Stopped:
            with self.database.writing() as session:
                word_readings.put_back(session, order)
            return
        except FileRefused as exc:
            with self.database.writing() as session:
                if exc.code == "file_readers_busy" or (bounds.at_once and exc.code in NOT_NOW):
                    word_readings.put_back(session, order)
                else:
                    word_readings.refuse(session, order, exc)
            return
        except Exception as exc:  # of ours, or the disk's: it must not be tried for ever
            log.error("word_reading_failed", reading=order.id, exc_info=exc)
            with self.database.writing() as session:
                word_readings.refuse(session, order, FileRefused("word_failed"))
            return
        with self.database.writing() as session:
            word_readings.keep(session, order, read, digests)


def _looks(data: bytes, order: Order, bounds: _Bounds, told: apart.Told) -> dict[Choice, WordFile]:
    """The file as it was asked for; at first also as its legacy text would read once it is converted as shown."""
    began = time.monotonic()

    def read(choice: Choice, told: apart.Told | None) -> WordFile:
        left = bounds.seconds - (time.monotonic() - began) if bounds.at_once else bounds.seconds
        return word.read_word(
            data,
            choice=choice,
            seconds=max(0.0, left),
            turn_seconds=0.0 if bounds.at_once else None,
            told=told,
            stop=bounds.stop,
        )

    first = read(order.choice, told)
    if order.choice is Choice.LEAVE and first.previews:
        told({"step": word_readings.AGAIN})
        return {Choice.LEAVE: first, Choice.RECOGNISED: read(Choice.RECOGNISED, None)}
    return {order.choice: first}


class _Noting:
    """Says in the row, about once a second, how far a reading has come; holds it meanwhile."""

    def __init__(self, database: Database, clock: Clock, order: Order) -> None:
        self._database, self._clock, self._order = database, clock, order
        self._progress: dict[str, Any] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._note, name="word reader's notes", daemon=True)

    def __enter__(self) -> apart.Told:
        self._thread.start()
        return self._hear

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _hear(self, said: dict[str, Any]) -> None:
        known = {name: said[name] for name in ("step", "paragraphs") if isinstance(said.get(name), str | int)}
        self._progress = {**self._progress, **known}

    def _note(self) -> None:
        while not self._stop.wait(NOTE_SECONDS):
            try:
                with self._database.writing() as session:
                    word_readings.hold(session, self._order, self._progress, now=self._clock.now())
            except SQLAlchemyError as exc:  # the reading goes on: at worst another process reads it, too
                log.warning("word_reading_not_held", reading=self._order.id, error=str(exc))
