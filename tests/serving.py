"""A real `hub serve` for tests: started on a free port, awaited by asking it, ended by its own process group."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask

from hub.cli.serving import free_port
from hub.clock import SystemClock
from hub.config import Settings
from hub.db import Database, make_engine
from tests.builders import World, build_world

START_SECONDS = 30.0  # generous: several of these start at once on a small machine
ANSWER_SECONDS = 30.0
POLL_SECONDS = 0.02


class NoAnswer(Exception):
    """The connection was refused or broke: whether the request was done is not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered, in the words of Werkzeug's TestResponse."""

    status_code: int
    headers: Mapping[str, str]  # in lower case
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)

    @property
    def text(self) -> str:
        return self.data.decode("utf-8", "replace")


@dataclass
class Remote:
    """Somebody with a key, speaking HTTP to a real server; each request has a connection of its own."""

    base: str
    secret: str | None = None

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = ANSWER_SECONDS,
    ) -> Answer:
        """Send one request. Raises NoAnswer when the connection breaks or nothing comes within `seconds`."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        if self.secret:
            sent.setdefault("Authorization", f"Bearer {self.secret}")
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        parts = urlsplit(self.base)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
        try:
            connection.request(method, path, body=data, headers=sent)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())
        except (OSError, http.client.HTTPException) as exc:
            raise NoAnswer(f"{method} {path}: {exc!r}") from exc
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def put(self, external_id: str, story: Any, **headers: str) -> Answer:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("PUT", f"/api/v1/stories/{external_id}", body=story, headers=names)

    def act(self, story_id: str, act: str, **order: Any) -> Answer:
        return self.ask("POST", f"/api/v1/stories/{story_id}/acts", body={"act": act, **order})

    def upload(self, data: bytes, media_type: str = "image/jpeg") -> Answer:
        return self.ask("POST", "/api/v1/media", body=data, headers={"Content-Type": media_type})


@dataclass(frozen=True, slots=True)
class Process:
    """One process as `ps` tells it."""

    pid: int
    parent: int
    group: int
    state: str
    command: str


@dataclass
class Served:
    """A `hub serve` with its worker on a data directory; may be killed and started again on the same port."""

    settings: Settings
    options: tuple[str, ...] = ()
    log: Path = field(init=False)
    process: subprocess.Popen[bytes] | None = None
    groups: list[int] = field(default_factory=list)  # of every start

    def __post_init__(self) -> None:
        self.log = self.settings.data.parent / "serve.log"  # beside the data directory, not on its disk

    @property
    def base(self) -> str:
        return self.settings.base

    def start(self) -> None:
        """Start the server in a process group of its own; does not wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hub", "serve", *self.options],
                env=environment_of(self.settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.groups.append(self.process.pid)

    def wait_until_ready(self, path: str = "/readyz") -> None:
        """Until `path` answers 200. The worker's lease is part of `/readyz`, so the worker is up, too."""
        anyone = Remote(self.base)

        def is_ready() -> bool:
            assert self.process is not None
            ended = self.process.poll()
            assert ended is None, f"hub serve ended with status {ended}:\n{self.told()}"
            try:
                return anyone.ask("GET", path, seconds=5).status_code == 200
            except NoAnswer:
                return False

        wait_until(is_ready, START_SECONDS, lambda: f"{path} did not answer 200:\n{self.told()}")

    def told(self, characters: int = 6000) -> str:
        """The end of what server and worker wrote."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-characters:]

    def processes(self) -> list[Process]:
        """Every living process of every start, zombies aside."""
        return [one for one in list_processes() if one.group in self.groups and not one.state.startswith("Z")]

    def parent(self) -> Process | None:
        """`hub serve` itself."""
        assert self.process is not None
        return next((one for one in self.processes() if one.pid == self.process.pid), None)

    def worker(self) -> Process | None:
        """The `hub worker` beside the server."""
        return next((one for one in self.processes() if " hub worker" in one.command), None)

    def server(self) -> Process | None:
        """The child that answers requests."""
        assert self.process is not None
        worker = self.worker()
        own = {self.process.pid, worker.pid if worker else 0}
        return next((one for one in self.processes() if one.parent == self.process.pid and one.pid not in own), None)

    def kill_tree(self) -> None:
        """SIGKILL to the whole process group, as when the machine loses power."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(START_SECONDS)
        self.wait_until_gone()

    def wait_until_gone(self, seconds: float = START_SECONDS) -> None:
        """Until no process of this server is left."""

        def is_gone() -> bool:
            if self.process is not None:
                self.process.poll()  # takes up its exit status
            return not self.processes()

        wait_until(is_gone, seconds, lambda: f"still alive after {seconds} s: {self.processes()}")

    def stop(self) -> int:
        """End it as an operator does; returns the exit status. Kills what does not end."""
        assert self.process is not None
        try:
            self.process.terminate()
            return self.process.wait(START_SECONDS)
        finally:
            self.clear()

    def clear(self) -> None:
        """Nothing of any start stays."""
        for one in self.processes():
            try:
                os.kill(one.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if self.process is not None:
            self.process.wait(START_SECONDS)


@contextmanager
def serving(settings: Settings, *options: str, ready: str = "/readyz") -> Iterator[Served]:
    """A `hub serve` that answers, ended on leaving."""
    served = Served(served_settings(settings), options)
    served.start()
    try:
        served.wait_until_ready(ready)
        yield served
    finally:
        served.clear()


def served_settings(settings: Settings) -> Settings:
    """`settings` for a real server on this machine: a free port, and addresses that lead to it."""
    return replace(settings, host="127.0.0.1", port=free_port("127.0.0.1"), base_url="")


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment that gives a child process exactly these settings, and nothing of the user's own."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    return {**others, **{f"HUB_{known.name.upper()}": str(getattr(settings, known.name)) for known in fields(Settings)}}


def run_hub(settings: Settings, *arguments: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a command of the hub to its end."""
    return subprocess.run(
        [sys.executable, "-m", "hub", *arguments],
        env=environment_of(settings),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def a_served_world(settings: Settings) -> World:
    """The small province of `builders`, whose clients speak to a real server at `settings.base`."""
    engine = make_engine(settings.database)
    world = build_world(Flask("nobody"), Database(engine), now=SystemClock().now() - timedelta(seconds=1))
    engine.dispose()
    names = ("fishers", "women", "editor", "newspaper", "tv", "reader")
    remotes: dict[str, Any] = {name: Remote(settings.base, getattr(world, name).secret) for name in names}
    return replace(world, **remotes)


def wait_until(holds: Callable[[], bool], seconds: float, otherwise: Callable[[], str]) -> None:
    """Ask again and again until it holds; fails with `otherwise` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, otherwise()
        time.sleep(POLL_SECONDS)


def list_processes() -> list[Process]:
    """Every process of this machine, by the portable `ps`."""
    told = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,pgid=,stat=,args="], capture_output=True, text=True, check=True, timeout=30
    )
    found = []
    for line in told.stdout.splitlines():
        pid, parent, group, state, *command = line.split(None, 4)
        found.append(Process(int(pid), int(parent), int(group), state, " ".join(command)))
    return found
