"""kill -9 at random moments: what was acknowledged is there exactly once, and nothing is there twice."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from feeds.parse import parse
from hub.cli.serving import STOP_SECONDS
from hub.config import Settings
from hub.db import Database, make_engine
from hub.models import Act, Change, Entry, Story, Version
from hub.outlets import ledgers
from hub.records import journal
from hub.records.disclosures import reveal
from hub.worker import LEASE_TIME
from tests.builders import World, a_story
from tests.serving import Answer, NoAnswer, Remote, Served, a_served_world, run_hub, serving, wait_until

CHANNELS = ["newspaper/column", "public/all"]
ROUNDS = 6
MANY_ROUNDS = 30
PUSHERS = 3
WORK_SECONDS = (0.05, 0.9)  # how long a start may work before it is killed; the moment is chosen by chance
FINISH_SECONDS = 60.0
ORPHAN_SECONDS = 6.0  # children look for their parent once a second
STARTING_SECONDS = 20.0  # and those that still load what they need, on a busy machine, once they have
RETRY_SECONDS = 0.05


@dataclass
class Acknowledged:
    """What clients were told with a 2xx; each list is only ever appended to."""

    versions: list[dict[str, Any]] = field(default_factory=list)  # answers to pushes
    acts: list[dict[str, Any]] = field(default_factory=list)  # answers to acts
    sent: dict[str, str] = field(default_factory=dict)  # title of a submission: the external id, "" for a POST
    faults: list[str] = field(default_factory=list)


# --- the world outside: organizations that push, and an editor who releases ---------------------------------------


@dataclass
class Crowd:
    """Client threads that go on until they are told to stop, and then bring what they began to its end."""

    world: World
    said: Acknowledged = field(default_factory=Acknowledged)
    _stop: threading.Event = field(default_factory=threading.Event)
    _pushed: threading.Event = field(default_factory=threading.Event)
    _waiting: list[str] = field(default_factory=list)  # ids of stories to be released
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        jobs: list[Callable[[], None]] = [lambda number=number: self._push(number) for number in range(PUSHERS)]  # type: ignore[misc]
        for job in [*jobs, self._edit]:
            self._threads.append(threading.Thread(target=self._watched, args=(job,), daemon=True))
            self._threads[-1].start()

    def finish(self) -> None:
        """No new work; what was begun is retried until it is acknowledged."""
        self._stop.set()
        for thread in self._threads:
            thread.join(FINISH_SECONDS)
            assert not thread.is_alive(), "a client never heard an answer"
        assert self.said.faults == []

    def _watched(self, job: Callable[[], None]) -> None:
        try:
            job()
        except Exception as exc:
            self.said.faults.append(repr(exc))
            raise

    def _push(self, number: int) -> None:
        client: Any = self.world.fishers if number % 2 else self.world.women
        count = 0
        while not self._stop.is_set():
            count += 1
            title = f"Bài {number}-{count}"
            if count % 2:
                self._put(client, f"own-{number}-{count}", title)
            else:
                self._post(client, f"key-{number}-{count}", title)

    def _put(self, client: Remote, external_id: str, title: str) -> None:
        """A story in two versions; the retry of a PUT is the same PUT, and its answer names the version either way."""
        self.said.sent[title] = external_id
        for result in ("137 lượt tàu được giúp.", "140 lượt tàu được giúp."):
            path = f"/api/v1/stories/{external_id}"
            answer = self._insist(client, "PUT", path, a_story(title=title, result=result))
            assert answer.status_code in (200, 201), answer.text
            self.said.versions.append(answer.json)
        self._waiting.append(answer.json["id"])

    def _post(self, client: Remote, key: str, title: str) -> None:
        self.said.sent[title] = ""
        answer = self._insist(client, "POST", "/api/v1/stories", a_story(title=title), {"Idempotency-Key": key})
        assert answer.status_code == 201, answer.text
        self.said.versions.append(answer.json)
        self._waiting.append(answer.json["id"])

    def _edit(self) -> None:
        while not self._stop.is_set() or any(thread.is_alive() for thread in self._threads[:-1]) or self._waiting:
            if not self._waiting:
                time.sleep(RETRY_SECONDS)
                continue
            self._release(self._waiting.pop(0))

    def _release(self, story_id: str) -> None:
        """Approve and release in one call; 409 after a lost answer means that it was done."""
        editor: Any = self.world.editor
        order = {"act": "approve", "channels": CHANNELS}
        answer = self._insist(editor, "POST", f"/api/v1/stories/{story_id}/acts", order)
        if answer.status_code == 201:
            self.said.acts += [*answer.json["before"], answer.json]
            return
        assert answer.status_code == 409, answer.text
        assert self._insist(editor, "GET", f"/api/v1/stories/{story_id}").json["state"] == "released", answer.text

    def _insist(
        self, client: Remote, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Ask until the hub answers; a 503 is an answer that asks for patience."""
        while True:
            try:
                answer = client.ask(method, path, body=body, headers=headers)
            except NoAnswer:
                time.sleep(RETRY_SECONDS)
                continue
            if answer.status_code != 503:
                return answer
            time.sleep(RETRY_SECONDS)


# --- killing ------------------------------------------------------------------------------------------------------


def kill_everything(served: Served) -> None:
    served.kill_tree()


def kill_the_server(served: Served) -> None:
    """The child that answers, in the middle of its requests."""
    server = served.server()
    if server is not None:
        os.kill(server.pid, signal.SIGKILL)


def kill_the_worker(served: Served) -> None:
    worker = served.worker()
    if worker is not None:
        os.kill(worker.pid, signal.SIGKILL)


def bring_back(served: Served) -> None:
    """As a service manager does: `hub serve` again once it has ended, on the same data, with no step between."""
    anyone = Remote(served.base)

    def answers() -> bool:
        assert served.process is not None
        if served.process.poll() is not None:
            served.wait_until_gone()
            served.start()
            served.wait_until_ready("/healthz")
        try:
            return anyone.ask("GET", "/healthz", seconds=5).status_code == 200
        except NoAnswer:
            return False

    wait_until(answers, FINISH_SECONDS, lambda: served.told())


@pytest.mark.parametrize("rounds", [ROUNDS, pytest.param(MANY_ROUNDS, marks=pytest.mark.slow)])
def test_what_was_acknowledged_survives_every_kill_exactly_once(
    request: pytest.FixtureRequest, settings: Settings, rounds: int
) -> None:
    if rounds == MANY_ROUNDS and request.config.option.markexpr != "slow":
        pytest.skip("six rounds of it run beside it; all thirty with -m slow")
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")  # shown when the test fails
    chance = random.Random(seed)
    with serving(settings, ready="/healthz") as served:
        crowd = Crowd(a_served_world(served.settings))
        crowd.start()
        ways = [kill_everything, kill_the_server, kill_the_worker]
        for number in range(rounds):
            heard = len(crowd.said.versions)
            wait_until(
                lambda heard=heard: len(crowd.said.versions) > heard or bool(crowd.said.faults),  # type: ignore[misc]
                FINISH_SECONDS,
                lambda: f"nothing was acknowledged after a restart:\n{served.told()}",
            )
            time.sleep(chance.uniform(*WORK_SECONDS))  # the moment of the kill is the point
            (ways[number] if number < len(ways) else chance.choice(ways))(served)
            bring_back(served)
        crowd.finish()
        _assert_feeds_hold(crowd)
        served.kill_tree()
    _assert_records_hold(served.settings, crowd.said)
    _assert_verified(served.settings)


def _assert_feeds_hold(crowd: Crowd) -> None:
    """As readers see it: every released story once in the ledger that is read from 0, no guid twice on a page."""
    newspaper: Any = crowd.world.newspaper
    released = {act["story"] for act in crowd.said.acts}
    entries: Counter[str] = Counter()
    numbers: list[int] = []
    after = 0
    while True:
        page = newspaper.get(f"/api/v1/outlets/newspaper/channels/column/changes?after={after}&limit=100").json
        numbers += [item["number"] for item in page["items"]]
        entries.update(item["entry"]["_hub"]["story"] for item in page["items"])
        if page["next"] is None:
            break
        after = page["next"]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [story for story, count in entries.items() if count != 1] == []
    assert released - set(entries) == set()
    for form in ("rss", "atom", "json", "ninjs"):
        for reader, channel in ((newspaper, "newspaper/column"), (crowd.world.reader, "public/all")):
            answer: Any = reader.get(f"/feeds/{channel}.{form}")
            guids = [entry.id for entry in parse(answer.data).entries]
            assert len(guids) == len(set(guids)) == min(len(numbers), 50)


def _assert_records_hold(settings: Settings, said: Acknowledged) -> None:
    engine = make_engine(settings.database)
    with Database(engine).reading() as session:
        assert ledgers.list_gaps(session) == []
        assert list(journal.list_breaks(session)) == []
        stories = {story.id: story for story in session.scalars(select(Story))}
        versions = {(one.story_id, one.number): one for one in session.scalars(select(Version))}
        acts = {one.id: one for one in session.scalars(select(Act))}
        entries = Counter(session.execute(select(Entry.channel_id, Entry.story_id)).all())
        changes = Counter(session.scalars(select(Change.entry_id).where(Change.kind == "released")))
    engine.dispose()

    titles = Counter(reveal(version.disclosures)["title"] for version in versions.values() if version.number == 1)
    assert titles == Counter(list(said.sent)), "a story is missing, or there twice"
    assert len(stories) == len(said.sent)
    for told in said.versions:
        kept = versions[(told["id"], told["version"])]
        assert (kept.digest, reveal(kept.disclosures)["title"]) == (told["digest"], told["title"])
    numbers = Counter(story_id for story_id, _ in versions)
    for story in stories.values():
        assert numbers[story.id] == story.latest == (2 if story.external_id else 1)
    for told in said.acts:
        act = acts[told["id"]]
        assert (act.story_id, act.version, act.kind, act.state_after) == (
            told["story"],
            told["version"],
            told["act"],
            told["state"],
        )
    kinds = Counter((act.story_id, act.kind, act.version) for act in acts.values())
    assert [key for key, count in kinds.items() if count != 1] == [], "an act was done twice"
    assert set(entries.values()) == {1}
    assert sum(entries.values()) == len(stories) * len(CHANNELS)
    assert set(changes.values()) == {1}
    assert len(changes) == sum(entries.values()), "a release stands in a ledger twice, or not at all"


def _assert_verified(settings: Settings) -> None:
    done = run_hub(settings, "verify")
    assert done.returncode == 0, done.stdout + done.stderr


# --- what a killed process leaves ----------------------------------------------------------------------------------


@pytest.fixture
def served(settings: Settings) -> Iterator[Served]:
    with serving(settings) as found:
        yield found


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_no_child_outlives_a_killed_hub_serve(served: Served) -> None:
    assert served.process is not None
    assert served.server() is not None
    assert served.worker() is not None
    served.process.kill()
    served.wait_until_gone(ORPHAN_SECONDS)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_no_child_outlives_a_hub_serve_killed_while_they_start(settings: Settings) -> None:
    """The children may look for their parent only when it is gone already."""
    with serving(settings) as served:
        served.stop()
        served.start()
        wait_until(lambda: served.worker() is not None, 30, served.told)
        assert served.process is not None
        served.process.kill()
        served.wait_until_gone(STARTING_SECONDS)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_killed_worker_is_replaced_or_all_ends(served: Served) -> None:
    """Without a worker no embargo ends: `hub serve` must not go on alone."""
    old = served.worker()
    assert old is not None
    assert served.process is not None
    os.kill(old.pid, signal.SIGKILL)

    def is_mended() -> bool:
        assert served.process is not None
        worker = served.worker()
        return served.process.poll() is not None or (worker is not None and worker.pid != old.pid)

    wait_until(is_mended, 10, lambda: f"serves without a worker: {served.processes()}")


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_terminated_hub_serve_ends_in_peace(served: Served) -> None:
    """SIGTERM: everything ends within seconds, with status 0 and the worker's lease given back."""
    assert served.process is not None
    began = time.monotonic()
    served.process.terminate()
    assert served.process.wait(20) == 0
    served.wait_until_gone(5)
    assert time.monotonic() - began < 15
    assert "Traceback" not in served.told()
    served.start()
    served.wait_until_ready()  # the next worker needs no patience


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("child", ["worker", "server"])
def test_a_hub_serve_that_is_terminated_while_it_starts_ends_within_its_time(settings: Settings, child: str) -> None:
    with serving(settings) as served:
        served.stop()
        served.start()
        wait_until(lambda: getattr(served, child)() is not None, 30, served.told)
        assert served.process is not None
        served.process.terminate()
        served.process.wait(2 * STOP_SECONDS + 5)
        served.wait_until_gone(ORPHAN_SECONDS)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_second_hub_serve_on_the_same_port_refuses(served: Served) -> None:
    """Two servers that share a port would each answer some of the requests."""
    second = Served(served.settings)
    second.start()
    try:
        assert second.process is not None
        wait_until(lambda: second.process.poll() is not None, 15, lambda: "both serve the same port")  # type: ignore[union-attr]
        assert second.process.returncode != 0
        assert "Traceback" not in second.told()
    finally:
        second.clear()


@pytest.mark.slow  # waits for a dead worker's lease to end
def test_an_embargo_that_ends_while_everything_is_dead_is_ended_once(settings: Settings) -> None:
    with serving(settings) as served:
        world = a_served_world(served.settings)
        editor: Any = world.editor
        fishers: Any = world.fishers
        ends = datetime.now(UTC) + timedelta(seconds=2)
        story_id = fishers.put("one", a_story(embargo_until=ends.isoformat())).json["id"]
        assert editor.act(story_id, "approve", channels=CHANNELS).status_code == 201
        served.kill_tree()
        wait_until(lambda: datetime.now(UTC) > ends, 10, lambda: "the clock stands")
        served.start()
        served.wait_until_ready("/healthz")
        wait_until(
            lambda: len(_titles(world, "public/all")) == 1,
            LEASE_TIME.total_seconds() + 10,
            lambda: f"the embargo was not ended:\n{served.told()}",
        )
        kill_the_worker(served)
        bring_back(served)
        assert len(_titles(world, "public/all")) == 1
        served.kill_tree()
    engine = make_engine(served.settings.database)
    with Database(engine).reading() as session:
        assert ledgers.list_gaps(session) == []
        assert set(Counter(session.scalars(select(Change.entry_id))).values()) == {1}
        row = session.scalars(select(Change)).first()
        assert row is not None
        assert row.at >= ends
    engine.dispose()


def _titles(world: World, channel: str) -> list[str]:
    reader: Any = world.reader
    found: list[str] = [item["title"] for item in json.loads(reader.get(f"/feeds/{channel}.json").data)["items"]]
    return found
