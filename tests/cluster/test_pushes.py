"""A real hub, a real subscriber in a process of its own, and kill -9 of the worker in the middle of a fan-out."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select, update

from hub.clock import SystemClock
from hub.config import Settings
from hub.db import Database
from hub.delivery.pushing import claims
from hub.models import Channel, Subscription
from tests.builders import a_story
from tests.delivery.subscriber import Subscriber, listening
from tests.serving import Served, a_served_world, serving, wait_until

CROWD = 24
HEARD_BEFORE_DEATH = 6
SECONDS = 30.0


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, allow_networks="127.0.0.0/8")


@dataclass
class Told:
    """What a subscriber's process tells, line by line."""

    process: subprocess.Popen[str]
    lines: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue)

    def next(self, event: str) -> Any:
        """The facts of the next thing that happens, which has to be this."""
        line = self.lines.get(timeout=SECONDS)
        assert line["event"] == event, line
        return line["facts"]


@contextmanager
def a_subscriber_process(topic: str, secret: str) -> Iterator[Told]:
    command = [sys.executable, "-m", "tests.delivery.subscriber", topic, secret]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    told = Told(process)
    assert process.stdout is not None
    reader = threading.Thread(target=lambda: [told.lines.put(json.loads(line)) for line in process.stdout or ()])
    reader.start()
    try:
        yield told
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(SECONDS)
        reader.join(SECONDS)
        process.stdout.close()


def numbers(one: Subscriber) -> list[int]:
    """How many stories stood in what it was pushed, in the order of arrival."""
    return [len(orjson.loads(push.body)["items"]) for push in one.pushed]


def count_behind(database: Database) -> int:
    query = select(func.count()).select_from(Subscription).join(Channel, Channel.id == Subscription.channel_id)
    with database.reading() as session:
        return session.scalar(query.where(Subscription.mark < Channel.revision)) or 0


def kill_worker(served: Served) -> None:
    worker = served.worker()
    assert worker is not None
    os.kill(worker.pid, signal.SIGKILL)
    wait_until(lambda: (now := served.worker()) is not None and now.pid != worker.pid, SECONDS, served.told)


def test_a_killed_worker_forgets_no_subscriber_and_sends_nothing_older_after_newer(
    settings: Settings, database: Database
) -> None:
    with serving(settings) as served:
        world: Any = a_served_world(served.settings)
        url = f"{served.base}/feeds/public/all"
        heard, alive = threading.Semaphore(0), threading.Event()
        alive.set()

        def note(event: str, _facts: object) -> None:
            if event == "pushed":
                heard.release()

        crowd = [Subscriber(path=f"/{number}", wait=alive, tell=note) for number in range(CROWD)]
        with listening(*crowd), a_subscriber_process(f"{url}.atom", "chỉ hai bên biết") as one:
            assert one.next("discovered") == {"hub": f"{served.base}/websub", "topic": f"{url}.atom"}
            assert one.next("requested") == 202
            assert one.next("asked")["hub.mode"] == "subscribe"
            for each in crowd:
                each.discover(f"{url}.json")
                assert each.subscribe() == 202
            wait_until(lambda: all(each.asked for each in crowd), SECONDS, served.told)
            wait_until(lambda: _count(database) == CROWD + 1, SECONDS, served.told)

            world.release(a_story(title="Bài một"), external_id="one", channels=["public/all"])
            for _ in range(HEARD_BEFORE_DEATH):
                assert heard.acquire(timeout=SECONDS), served.told()
            alive.clear()  # those on their way never get their answer through
            kill_worker(served)
            alive.set()
            world.release(a_story(title="Bài hai"), external_id="two", channels=["public/all"])
            with database.writing() as session:  # as if the dead worker's claims had run out
                session.execute(update(Subscription).values(claimed_until=SystemClock().now() - claims.CLAIM))
            wait_until(lambda: count_behind(database) == 0, SECONDS, served.told)

            assert one.next("pushed")["bytes"] > 0
            newest = world.reader.get("/feeds/public/all.json").data
        for each in crowd:
            assert each.pushed[-1].body == newest  # nobody is forgotten,
            assert numbers(each) == sorted(numbers(each))  # and nobody hears the old after the new
            assert each.faults == []
        while (line := one.lines.get(timeout=SECONDS))["event"] != "ended":
            assert line["event"] == "pushed"
        assert line["facts"] == {"faults": []}


def _count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Subscription)) or 0
