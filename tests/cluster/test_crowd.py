"""Many at once: what one does must not look like a fault to another."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from hub.background import create_worker
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database, make_engine
from hub.models import JournalRow, Release
from hub.records import clock_trust, journal
from tests.builders import World, a_story
from tests.serving import a_served_world, serving

RELEASES = 20
FIRST = 8


class CrowdedClock(FixedClock):
    """A clock whose reader is overtaken: before the instant is used, somebody else acts a little later."""

    between: Any = None

    def now(self) -> datetime:
        at = super().now()
        if self.between is not None:
            self.forward(timedelta(milliseconds=1))
            act, self.between = self.between, None
            act()
        return at


def test_a_push_while_an_embargo_ends_does_not_stop_the_releases(
    settings: Settings, app: Flask, world: World, clock: FixedClock, database: Database
) -> None:
    crowded = CrowdedClock(clock.now())
    worker = create_worker(settings, clock=crowded)
    ends = clock.now() + timedelta(hours=1)
    story_id = world.push(a_story(embargo_until=ends.isoformat()))
    assert world.editor.act(story_id, "approve", channels=["public/all"]).status_code == 201
    crowded.forward(timedelta(hours=1))
    clock.forward(timedelta(hours=1, milliseconds=1))
    crowded.between = lambda: world.push(external_id="another")  # its journal row is 1 ms later than the worker's now
    worker.step()
    worker.step()
    worker.database.engine.dispose()
    with database.reading() as session:
        assert clock_trust.find_fault(session) is None
        assert list(session.scalars(select(Release.state))) == ["standing"]


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_a_release_without_embargo_stands_at_once_however_many_push(settings: Settings) -> None:
    """On PostgreSQL others commit between this release's `now` and its look at the journal."""
    with serving(settings, "--without-worker", ready="/healthz") as served:
        world: Any = a_served_world(served.settings)
        done = threading.Event()

        def push(client: Any, number: int) -> None:
            count = 0
            while not done.is_set():
                count += 1
                client.put(f"other-{number}-{count}", a_story(title=f"Bài {number}-{count}"))

        pushers = [threading.Thread(target=push, args=(world.fishers, number), daemon=True) for number in range(4)]
        for thread in pushers:
            thread.start()
        try:
            for number in range(RELEASES):
                story_id = world.women.put(f"mine-{number}", a_story(title=f"Bài {number}")).json["id"]
                assert world.editor.act(story_id, "approve", channels=["public/all"]).status_code == 201
        finally:
            done.set()
            for thread in pushers:
                thread.join(30)
    engine = make_engine(served.settings.database)
    with Database(engine).reading() as session:
        assert Counter(session.scalars(select(Release.state))) == {"standing": RELEASES}
    engine.dispose()


def test_the_very_first_pushes_of_a_new_hub_may_come_at_once(settings: Settings) -> None:
    """The journal's head does not exist yet: whoever comes second waits, and is no error."""
    with serving(settings, "--without-worker", ready="/healthz") as served:
        world: Any = a_served_world(served.settings)
        gate = threading.Barrier(FIRST)
        answers: list[Any] = []

        def push(number: int) -> None:
            client = world.fishers if number % 2 else world.women
            gate.wait(30)
            answers.append(client.put(f"first-{number}", a_story(title=f"Bài {number}")))

        threads = [threading.Thread(target=push, args=(number,), daemon=True) for number in range(FIRST)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert [answer.status_code for answer in answers] == [201] * FIRST, [answer.text for answer in answers]
    engine = make_engine(served.settings.database)
    with Database(engine).reading() as session:
        assert list(journal.list_breaks(session)) == []
        told = session.scalars(select(JournalRow).where(JournalRow.story_id.is_not(None))).all()
        assert len(told) == 2 * FIRST  # a version and its submission each
    engine.dispose()


def test_a_feed_read_in_the_second_of_a_change_names_no_last_modified(world: World, clock: FixedClock) -> None:
    """curl and what is built on it (newsboat) drop a 200 whose Last-Modified is that of their copy, yet keep its ETag:
    a second change within the second would never be seen. So the date is told once it can no longer be shared."""
    world.release(a_story(title="Một"))
    first = world.reader.get("/feeds/public/all.rss")
    assert "Last-Modified" not in first.headers
    assert first.headers["ETag"]
    clock.forward(timedelta(seconds=2))  # each revision has a second of its own, so the change may be dated one on
    settled = world.reader.get("/feeds/public/all.rss")
    assert settled.headers["ETag"] == first.headers["ETag"]
    assert settled.last_modified is not None
    assert settled.last_modified < clock.now().replace(microsecond=0)
