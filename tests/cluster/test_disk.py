"""Full disks, locked databases, a database that goes away: writes are refused and retried, readers go on."""

from __future__ import annotations

import resource
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from feeds.parse import parse
from hub.config import Settings
from hub.db import BUSY_MILLISECONDS, Database, make_engine
from hub.intake.media_store import MediaStore
from hub.operation import sweeping
from tests.builders import a_picture, a_story
from tests.serving import Answer, Served, a_served_world, serving, wait_until

FEEDS = ("/feeds/public/all.rss", "/feeds/public/all.atom", "/feeds/public/all.json")
BUSY_SECONDS = BUSY_MILLISECONDS / 1000
on_sqlite = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
needs_prlimit = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits running processes")


@contextmanager
def full_disk(served: Served, *, room: int = 0) -> Iterator[None]:
    """No process of the hub can write a file beyond `room` bytes (EFBIG), until this is left; nothing is restarted."""
    before = {one.pid: resource.prlimit(one.pid, resource.RLIMIT_FSIZE) for one in served.processes()}
    for pid, (_, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        for pid in {one.pid for one in served.processes()} & set(before):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before[pid])


@contextmanager
def locked_database(settings: Settings) -> Iterator[None]:
    """Another program holds the database for itself."""
    other = sqlite3.connect(settings.data / "hub.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def assert_come_again(answer: Answer) -> None:
    """503 as problem+json, with a Retry-After."""
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json["status"] == 503


def titles(world: Any, path: str) -> list[str]:
    answer = world.reader.get(path)
    assert answer.status_code == 200, answer.text
    return [entry.title for entry in parse(answer.data).entries]


def media_files(settings: Settings) -> set[str]:
    return {str(path) for path in settings.media_folder.rglob("*") if path.is_file()}


def sweep_in_two_days(settings: Settings) -> None:
    """What the worker's sweep does with what is left over, once it is old."""
    engine = make_engine(settings.database)
    sweeping.sweep(Database(engine), MediaStore(settings.media_folder), now=datetime.now(UTC) + timedelta(days=2))
    engine.dispose()


def count_stories(settings: Settings) -> int:
    engine = create_engine(settings.database)
    with engine.connect() as connection:
        found: int = connection.execute(text("SELECT count(*) FROM stories")).scalar_one()
    engine.dispose()
    return found


def release(world: Any, external_id: str, title: str) -> str:
    pushed = world.fishers.put(external_id, a_story(title=title))
    assert pushed.status_code == 201, pushed.text
    assert world.editor.act(pushed.json["id"], "approve", channels=["public/all"]).status_code == 201
    found: str = pushed.json["id"]
    return found


# --- locked -------------------------------------------------------------------------------------------------------


@on_sqlite
def test_a_locked_database_refuses_writes_in_time_and_readers_go_on(settings: Settings) -> None:
    with serving(settings) as served:
        world: Any = a_served_world(served.settings)
        release(world, "one", "Bài một")
        story_id = world.fishers.put("waits", a_story(title="Bài chờ")).json["id"]
        heard: dict[str, Answer] = {}
        seconds: dict[str, float] = {}
        writes: dict[str, Callable[[], Answer]] = {
            "put": lambda: world.fishers.put("two", a_story(title="Bài hai")),
            "post": lambda: world.women.ask(
                "POST", "/api/v1/stories", body=a_story(title="Bài ba"), headers={"Idempotency-Key": "three"}
            ),
            "act": lambda: world.editor.act(story_id, "approve"),
            "picture": lambda: world.fishers.upload(a_picture(300, 200)),
        }

        def write(name: str) -> None:
            began = time.monotonic()
            heard[name] = writes[name]()
            seconds[name] = time.monotonic() - began

        threads = [threading.Thread(target=write, args=(name,), daemon=True) for name in writes]
        files = media_files(settings)
        with locked_database(settings):
            for thread in threads:
                thread.start()
            began = time.monotonic()
            for path in FEEDS:
                assert titles(world, path) == ["Bài một"]
            assert time.monotonic() - began < BUSY_SECONDS / 2, "readers waited for the writer's lock"
            for thread in threads:
                thread.join(BUSY_SECONDS * 3)
        for name in writes:
            assert_come_again(heard[name])
            assert seconds[name] < BUSY_SECONDS + 5
        assert count_stories(settings) == 2
        sweep_in_two_days(settings)
        assert media_files(settings) == files
        for name in writes:  # the same again, on the same server
            answer = writes[name]()
            assert answer.status_code == 201, answer.text


@on_sqlite
def test_a_feed_is_served_though_what_was_rendered_cannot_be_kept(settings: Settings) -> None:
    """A first reader of a changed channel while somebody else holds the database: rendered, served, kept later."""
    with serving(settings, "--without-worker", ready="/healthz") as served:
        world: Any = a_served_world(served.settings)
        release(world, "one", "Bài một")
        with locked_database(settings):
            began = time.monotonic()
            assert titles(world, FEEDS[0]) == ["Bài một"]
            assert time.monotonic() - began < BUSY_SECONDS + 5
        assert titles(world, FEEDS[0]) == ["Bài một"]


@on_sqlite
def test_first_readers_do_not_queue_behind_a_locked_database(settings: Settings) -> None:
    """Each of these has to be rendered and cannot be kept; one after the other must not wait its full patience."""
    with serving(settings, "--without-worker", ready="/healthz") as served:
        world: Any = a_served_world(served.settings)
        release(world, "one", "Bài một")
        with locked_database(settings):
            began = time.monotonic()
            threads = [threading.Thread(target=titles, args=(world, path), daemon=True) for path in FEEDS]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(BUSY_SECONDS * 4)
            assert time.monotonic() - began < BUSY_SECONDS * 1.5, "three readers waited one after the other"


# --- full ---------------------------------------------------------------------------------------------------------


@needs_prlimit
@on_sqlite
def test_a_full_disk_stores_nothing_and_serves_everything(settings: Settings) -> None:
    """The log lies on the full disk, too."""
    with serving(settings) as served:
        world: Any = a_served_world(served.settings)
        release(world, "one", "Bài một")
        before = media_files(settings)
        with full_disk(served):
            assert_come_again(world.fishers.put("two", a_story(title="Bài hai")))
            assert_come_again(
                world.women.ask("POST", "/api/v1/stories", body=a_story(), headers={"Idempotency-Key": "three"})
            )
            assert_come_again(world.fishers.upload(a_picture()))
            for path in FEEDS:
                assert titles(world, path) == ["Bài một"]
            assert world.fishers.get("/api/v1/stories").status_code == 200
            assert world.reader.get("/healthz").status_code == 200
        assert count_stories(settings) == 1
        assert media_files(settings) == before
        assert world.fishers.put("two", a_story(title="Bài hai")).status_code == 201
        assert world.fishers.upload(a_picture()).status_code == 201
        assert served.parent() is not None
        wait_until(lambda: served.worker() is not None, 10, lambda: f"the worker died of it:\n{served.told()}")


@needs_prlimit
@on_sqlite
def test_a_channel_that_must_be_rendered_is_served_from_a_full_disk(settings: Settings) -> None:
    with serving(settings, "--without-worker", ready="/healthz") as served:
        world: Any = a_served_world(served.settings)
        release(world, "one", "Bài một")
        with full_disk(served):
            for path in FEEDS:
                assert titles(world, path) == ["Bài một"]
                assert titles(world, path) == ["Bài một"]
        for path in FEEDS:
            assert titles(world, path) == ["Bài một"]


@needs_prlimit
@on_sqlite
def test_a_picture_whose_row_does_not_fit_leaves_no_file_for_long(settings: Settings) -> None:
    """The files still fit, the database no longer does. Another upload may share them by then: the sweeper decides."""
    with serving(settings, "--without-worker", ready="/healthz") as served:
        world: Any = a_served_world(served.settings)
        release(world, "one", "Bài một")
        log = settings.data / "hub.db-wal"
        assert log.stat().st_size > 100_000, "the log is where the database cannot grow"
        before = media_files(settings)
        with full_disk(served, room=80_000):
            assert_come_again(world.fishers.upload(a_picture(600, 400)))
        sweep_in_two_days(settings)
        assert media_files(settings) == before
        assert world.fishers.upload(a_picture(600, 400)).status_code == 201


# --- PostgreSQL goes away ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_a_database_server_that_restarts_costs_at_most_one_refusal(settings: Settings) -> None:
    """Every connection is ended by the server, as a restart does; pushes and feeds work again at once."""
    with serving(settings) as served:
        world: Any = a_served_world(served.settings)
        release(world, "one", "Bài một")
        threads = [threading.Thread(target=world.fishers.get, args=("/api/v1/stories",)) for _ in range(6)]
        for thread in threads:  # several connections in the pool
            thread.start()
        for thread in threads:
            thread.join(30)
        for number in range(3):
            end_connections(settings)
            answers = [world.fishers.put(f"more-{number}", a_story(title=f"Bài {number}")) for _ in range(3)]
            refused = [answer for answer in answers if answer.status_code not in (200, 201)]
            assert len(refused) <= 1
            for answer in refused:
                assert_come_again(answer)
            end_connections(settings)
            assert titles(world, FEEDS[0]) == ["Bài một"]
        served.wait_until_ready()
        assert served.worker() is not None


def end_connections(settings: Settings) -> None:
    engine = create_engine(settings.database.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()
