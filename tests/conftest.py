"""What every test may ask for: a real database of either kind, a clock that stands still, an application."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from hub import migrations
from hub.app import create_app
from hub.background import create_word_reader, create_worker
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database, make_engine
from hub.http.marks import KeyMarks
from hub.intake.word_reader import WordReader
from hub.operation import logs
from hub.worker import Worker
from tests import sparing
from tests.builders import World
from tests.kept_worlds import KeptWorlds
from tests.postgres import TEMPLATE, Postgres

logs.configure("text")
sparing.install(pytest.MonkeyPatch())
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # 12:00 in Việt Nam


def pytest_collection_finish() -> None:
    """Fourteen thousand tests are never rubbish: to look through them at each sweep costs a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True)
def nothing_noted_afterwards(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What an application noted of keys is not written when its test is over and its database is another one's."""
    waiting: list[KeyMarks] = []
    start = KeyMarks._start

    def noted(self: KeyMarks) -> None:
        if self._timer is None:
            waiting.append(self)
        start(self)

    monkeypatch.setattr(KeyMarks, "_start", noted)
    yield
    for each in waiting:
        if each._timer is not None:
            each._timer.cancel()
            each._timer = None


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """HUB_TEST_POSTGRES, or a server of our own from the pgserver package; a plain skip where neither is to be had."""
    given = os.environ.get("HUB_TEST_POSTGRES")
    server, folder = None, ""
    if given:
        url = given
    else:
        pgserver = pytest.importorskip(
            "pgserver", reason="no PostgreSQL: set HUB_TEST_POSTGRES, or use Python 3.11/3.12"
        )
        folder = tempfile.mkdtemp(prefix="hub-postgres-")  # pytest tidies its own folders while others still run
        with pytest.MonkeyPatch.context() as env:
            env.setenv("LC_ALL", "C")  # the test that asks first may speak a language that this machine has not
            server = pgserver.get_server(folder, cleanup_mode="stop")
        url = server.get_uri()
    found = Postgres(url.replace("postgresql://", "postgresql+psycopg://", 1))
    if server is not None:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # nobody cuts this server's power
            found.execute(f"ALTER SYSTEM SET {setting} = off")
        found.execute("SELECT pg_reload_conf()")
    template = f"{TEMPLATE}_{os.getpid()}"
    found.execute(f'DROP DATABASE IF EXISTS "{template}"')
    found.execute(f'CREATE DATABASE "{template}"')
    engine = make_engine(found.address(template))
    migrations.upgrade(engine)
    engine.dispose()
    yield found
    if server is not None:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
        return
    for name in [*found.made, template]:
        found.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database at the newest migration."""
    path = tmp_path_factory.mktemp("sqlite") / "hub.db"
    engine = make_engine(f"sqlite:///{path}")
    migrations.upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings with an empty database of either kind, and limits that tests do not reach."""
    data = tmp_path / "data"
    data.mkdir()
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    url = server.take() if server else ""
    if not server:
        shutil.copy(request.getfixturevalue("sqlite_template"), data / "hub.db")
    yield Settings(
        data=data,
        database_url=url,
        base_url="https://hub.example",
        pushes_per_minute=100_000,
        reads_per_minute=100_000,
    )
    if server:
        server.give_back(url)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    found = Database(make_engine(settings.database))
    yield found
    found.engine.dispose()


@pytest.fixture
def app(settings: Settings, clock: FixedClock) -> Iterator[Flask]:
    application = create_app(settings, clock=clock)
    yield application
    parts = application.extensions["hub"]
    parts.marks.write()
    parts.database.engine.dispose()


@pytest.fixture
def worker(settings: Settings, clock: FixedClock) -> Iterator[Worker]:
    made = create_worker(settings, clock=clock)
    yield made
    made.database.engine.dispose()


@pytest.fixture
def word_reader(settings: Settings, clock: FixedClock) -> Iterator[WordReader]:
    made = create_word_reader(settings, clock=clock)
    yield made
    made.database.engine.dispose()


@pytest.fixture(scope="session")
def kept_worlds(request: pytest.FixtureRequest) -> KeptWorlds:
    return KeptWorlds(lambda: request.getfixturevalue("postgres"))


@pytest.fixture
def world(settings: Settings, app: Flask, database: Database, clock: FixedClock, kept_worlds: KeptWorlds) -> World:
    """A small province: organizations, three outlets with five channels, an editor; and clients that speak for them."""
    return kept_worlds.lay(settings, app, database, now=clock.now())


@pytest.fixture
def free_tcp_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
