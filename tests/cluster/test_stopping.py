"""SIGTERM to a real worker: everything beside it hears of it at once, and what it was reading is put back."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hub.actors import Actor
from hub.background import create_word_reader
from hub.cli import serving as commands
from hub.clock import SystemClock
from hub.config import Settings
from hub.db import Database
from hub.delivery import postman
from hub.intake import word_readings
from hub.intake.media_store import MediaStore
from hub.models import Organization, WordReading
from tests.builders import build_world
from tests.intake.office import docx, paragraph, run
from tests.serving import START_SECONDS, Served, environment_of, served_settings, wait_until
from tests.web.desks import seat_user

LINE = "bốn giờ sáng, bến đò còn đẫm hơi sương, ông lái đò đã ra thắp đèn cho chuyến đầu"


def a_long_file() -> bytes:
    """A Word file of some 500 pages, which is read for seconds."""
    return docx(*(paragraph(*(run(f"{line}.{part} {LINE} ") for part in range(3))) for line in range(4500)))


def a_waiting_file(settings: Settings, database: Database) -> str:
    """A long file that somebody sent; the id of its reading."""
    now = SystemClock().now()
    build_world(Flask("nobody"), database, now=now - timedelta(seconds=1))
    user_id = seat_user(database, "contributor", organization="nghe-ca", now=now)
    data = a_long_file()
    digest = MediaStore(settings.media_folder).put(data)
    with database.writing() as session:
        unit = session.scalars(select(Organization.id).where(Organization.code == "nghe-ca")).one()
        actor = Actor(name="", grants=(), user_id=user_id, organization_id=unit)
        row = word_readings.begin(session, digest=digest, name="dai.docx", length=len(data), actor=actor, now=now)
        return row.id


def state_of(database: Database, reading_id: str) -> tuple[str, int]:
    """Its state, and the tries that count."""
    with database.reading() as session:
        row = session.get_one(WordReading, reading_id)
        return row.state, row.tries


@contextmanager
def a_worker(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A real `hub worker`, gone on leaving."""
    log = settings.data.parent / "worker.log"
    with log.open("ab") as told:
        command = [sys.executable, "-m", "hub", "worker"]
        process = subprocess.Popen(command, env=environment_of(settings), stdout=told, stderr=told)
    try:
        yield process
    finally:
        process.kill()
        process.wait(START_SECONDS)


def test_a_file_that_a_worker_reads_when_it_is_stopped_is_put_back_and_costs_no_try(
    settings: Settings, database: Database
) -> None:
    reading_id = a_waiting_file(settings, database)
    for _deploy in range(word_readings.TRIES):
        with a_worker(settings) as worker:
            wait_until(lambda: state_of(database, reading_id)[0] == "reading", START_SECONDS, lambda: "nobody reads it")
            began = time.monotonic()
            worker.terminate()
            assert worker.wait(commands.STOP_SECONDS) == 0
        assert time.monotonic() - began < commands.STOP_SECONDS
        assert state_of(database, reading_id) == ("queued", 0)
    reader = create_word_reader(settings)
    reader.read_waiting()
    reader.database.engine.dispose()
    assert state_of(database, reading_id)[0] == "ready"


def test_a_hub_that_is_stopped_while_a_file_is_read_lets_its_worker_put_it_back(
    settings: Settings, database: Database
) -> None:
    served = Served(served_settings(settings))
    served.start()
    try:
        served.wait_until_ready()
        reading_id = a_waiting_file(settings, database)
        wait_until(lambda: state_of(database, reading_id)[0] == "reading", START_SECONDS, served.told)
        assert served.process is not None
        served.process.terminate()
        served.process.wait(START_SECONDS)
        assert state_of(database, reading_id) == ("queued", 0)
        served.wait_until_gone()
    finally:
        served.clear()


def test_all_threads_beside_the_worker_hear_at_once_and_share_one_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postman, "STOP_SECONDS", 1.0)
    stop, heard, end = threading.Event(), threading.Event(), threading.Event()

    def hang(_stop: threading.Event) -> None:
        end.wait(60)

    def hear(stopped: threading.Event) -> None:
        stopped.wait(60)
        heard.set()

    hanging = {f"hangs {number}": hang for number in range(9)}
    with postman.working_threads({**hanging, "hears": hear}, stop=stop):
        stop.set()
        assert heard.wait(30)  # before the worker's own loop has ended
        began = time.monotonic()
    assert time.monotonic() - began < 6  # not a second for each that hangs
    end.set()
