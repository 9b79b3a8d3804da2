"""One document to thousands of subscribers, beside a bare loop of the same HTTP client; and the dead among them.

Wall time, since most of it is waiting for others; what is compared takes turns.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from urllib.request import urlopen

import aiohttp
from sqlalchemy import delete

from hub.background import create_postman
from hub.clock import SystemClock
from hub.config import Settings
from hub.delivery.pushing import lanes, subscriptions
from hub.delivery.pushing.sender import PushSender
from hub.models import Subscription
from hub.outlets import catalog, ledgers
from hub.publishing import topics
from hub.records.secret import Secret
from tests.bench.measuring import Line
from tests.bench.worlds import LONG_AGO, Hub, a_hub, a_sized_story

SUBSCRIBERS, QUICK_SUBSCRIBERS = 2_000, 100
HANGING = 100  # one in so many
DEAD = (20, 200)
HEALTHY = 400  # beside the dead
FAILURES = 3  # of those known to be dead
WANTED_RATE = 2.0  # times as long as the bare loop: half its requests per second
WANTED_GROWTH = 1.5
STORY_BYTES = 8_000
TOPIC = "/feeds/public/all.atom"
ROUNDS = 7
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Sink:
    """The sink's process, as seen from here."""

    port: int

    def ask(self, path: str) -> bytes:
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            body: bytes = answer.read()
            return body

    def taken(self) -> list[float]:
        """When each of those who answer was pushed to, since the last time this was asked."""
        return [at for _, at in json.loads(self.ask("/taken"))]

    def url(self, number: int, kind: str = "ok") -> str:
        """The callback of one subscriber: each has an address of its own."""
        return f"http://127.{number >> 16 & 255}.{number >> 8 & 255}.{1 + number % 250}:{self.port}/{kind}/{number}"


def measure(*, quick: bool) -> list[Line]:
    count, rounds = (QUICK_SUBSCRIBERS, 1) if quick else (SUBSCRIBERS, ROUNDS)
    with a_hub() as hub, a_sink() as sink:
        hub.world.release(a_sized_story(1, size=STORY_BYTES))
        press = Press(hub, sink)
        return [press.compare(count, rounds=rounds), *press.among_the_dead(rounds=rounds)]


@contextmanager
def a_sink() -> Iterator[Sink]:
    command = [sys.executable, "-m", "tests.bench.sink"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        yield Sink(int(child.stdout.readline()))
    finally:
        child.stdin.close()
        child.wait(10)


class Press:
    """A hub whose subscribers stand in the sink."""

    def __init__(self, hub: Hub, sink: Sink) -> None:
        self.hub, self.sink, self.clock = hub, sink, SystemClock()
        allowed = Settings(allow_networks="127.0.0.0/8").allowed_networks
        load = create_postman(hub.settings).pushes._load
        self.sender = PushSender(hub.database, self.clock, Secret.of(hub.settings), allowed, load)
        with hub.database.reading() as session:
            self.channel_id = catalog.get_channel(session, "public/all").id
        document = topics.load(
            hub.database,
            self.clock,
            hub.settings.address,
            Secret.of(hub.settings),
            channel_id=self.channel_id,
            format_name="atom",
            secret=None,
        )
        assert document is not None
        self.body = document.body

    def compare(self, count: int, *, rounds: int) -> Line:
        """Requests per second to `count` subscribers: ours with one in HANGING that hangs, the bare loop without it."""
        kinds = ["hang" if number % HANGING == 0 else "ok" for number in range(count)]
        healthy = kinds.count("ok")
        urls = [self.sink.url(number) for number, kind in enumerate(kinds) if kind == "ok"]
        ours, bare = list[float](), list[float]()
        for _ in range(rounds):
            self.enlist(kinds)
            ours.append(self.fan_out(healthy)[-1])
            bare.append(self.loop_bare(urls))
        told = f"bare loop, {healthy / median(bare):,.0f}/s"
        return Line(
            measure=f"{len(self.body):,} bytes to {count:,}, 1% hanging: {healthy / median(ours):,.0f} pushes/s",
            ours=median(ours) / healthy * 1000,
            beside=told,
            theirs=median(bare) / healthy * 1000,
            limit=WANTED_RATE,
        )

    def among_the_dead(self, *, rounds: int) -> Iterator[Line]:
        """Until the last of the healthy hears, while the dead stand first in every order.

        Those known to fail cost nothing. Those that fell silent since the last change cost at the first push no more
        than if they lived.
        """
        cases = [(count, kind, 0) for count in (0, *DEAD) for kind in ("hang", "ok")][1:]
        cases += [(count, "hang", FAILURES) for count in DEAD]
        seen: dict[tuple[int, str, int], list[float]] = {case: [] for case in cases}
        for _ in range(rounds):
            for count, kind, failures in cases:
                self.enlist([kind] * count + ["ok"] * HEALTHY, failures=failures)
                seen[count, kind, failures].append(self.fan_out(HEALTHY + (count if kind == "ok" else 0))[-1])
        last = {case: min(times) * 1000 for case, times in seen.items()}  # others' work only ever adds to it
        for count in DEAD:
            told = f"the last of {HEALTHY} hears, {count} dead"
            known, silent = last[count, "hang", FAILURES], last[count, "hang", 0]
            yield _growth(f"{told}, known to fail", known, beside="nobody dead", theirs=last[0, "ok", 0])
            alive = f"{count} more alive"
            yield _growth(f"{told}, silent since just now", silent, beside=alive, theirs=last[count, "ok", 0])

    def enlist(self, kinds: Sequence[str], *, failures: int = 0) -> None:
        """These subscribers and no others, all of them behind by one change."""
        now = self.clock.now()
        with self.hub.database.writing() as session:
            session.execute(delete(Subscription))
            channel = ledgers.lock(session, [self.channel_id])[self.channel_id]
            ledgers.touch(session, channel, None, now=now)
            for number, kind in enumerate(kinds):
                callback = self.sink.url(number, kind)
                row = Subscription(
                    digest=subscriptions.digest_of(TOPIC, callback),
                    channel_id=self.channel_id,
                    format="atom",
                    topic=self.hub.settings.address(TOPIC),
                    callback=callback,
                    place=subscriptions.place_of(callback),
                    mark=channel.revision - 1,
                    lease_until=now.replace(year=now.year + 1),
                    failures=failures if kind == "hang" else 0,
                    next_try_at=LONG_AGO,
                    created_at=now,
                    renewed_at=now,
                )
                session.add(row)

    def fan_out(self, healthy: int) -> list[float]:
        """Seconds until each of the healthy heard, in order."""
        self.sink.taken()
        stop, start = threading.Event(), time.monotonic()
        thread = threading.Thread(target=self.sender.run, args=(stop,))
        thread.start()
        heard: list[float] = []
        while len(heard) < healthy and time.monotonic() - start < PATIENCE:
            time.sleep(0.25)
            heard += [at - start for at in self.sink.taken()]
        self.sink.ask("/let-go")
        stop.set()
        thread.join()
        assert len(heard) == healthy, f"{len(heard)} of {healthy} heard"
        return sorted(heard)

    def loop_bare(self, urls: Sequence[str]) -> float:
        """Seconds for as many POSTs of the same bytes by nothing but the client."""
        self.sink.taken()
        start = time.monotonic()
        asyncio.run(_post_all(urls, self.body))
        return max(self.sink.taken()) - start


def _growth(told: str, ours: float, *, beside: str, theirs: float) -> Line:
    return Line(measure=told, ours=ours, beside=beside, theirs=theirs, limit=WANTED_GROWTH)


async def _post_all(urls: Sequence[str], body: bytes) -> None:
    waiting = iter(urls)
    connector = aiohttp.TCPConnector(limit=0, force_close=True)

    async def post() -> None:
        for url in waiting:
            async with session.post(url, data=body, headers={"Content-Type": "application/atom+xml"}) as answer:
                assert answer.status == 204

    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(post() for _ in range(lanes.TURNS[lanes.Lane.HEALTHY])))
