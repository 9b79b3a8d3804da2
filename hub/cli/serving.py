"""`hub serve` and `hub worker`: the server, and beside it the worker that ends embargoes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from hub.cli import fail
from hub.cli.speech import _, language

if TYPE_CHECKING:
    from hub.config import Settings

STOP_SECONDS = 10  # twice what the threads of a worker have (`postman.STOP_SECONDS`)
RESTART_SECONDS = 1.0
SERVING = {"vi": "đang phục vụ tại", "en": "serving"}  # not from the catalogue: who watches the others stays small
ASK_SECONDS = 0.05  # between looks whether it answers already
ANSWER_SECONDS = 2.0
PORT_SECONDS = 5.0  # a server that was killed lets go of its port a moment after its parent


@click.command("serve")
@click.option("--host", help="Address to listen on; overrides HUB_HOST.")
@click.option("--port", type=int, help="Port to listen on, 0 takes a free one; overrides HUB_PORT.")
@click.option("--without-worker", is_flag=True, help="Start no worker beside the server.")
@click.option("--parent", type=int, hidden=True, help="End when this process, which started the server, is gone.")
@click.pass_context
def serve_command(
    context: click.Context, host: str | None, port: int | None, without_worker: bool, parent: int | None
) -> None:
    """Serve the hub, with a worker beside the server. The database is brought to the newest migration first."""
    from hub.cli.settings import check_single_sign_on, environment_of, settings_of

    if parent is not None:
        end_with_parent(parent, end_in_peace)
    settings = settings_of(context, host=host, port=port)
    check_single_sign_on(settings)
    if settings.port == 0:
        settings = settings_of(context, host=host, port=free_port(settings.host))
    os.environ.update(environment_of(settings))
    # in a process of its own: the one that stays only to watch the others should be small
    subprocess.run([sys.executable, "-m", "hub", "init", "--no-ask"], check=True)
    wait_for_port(settings.host, settings.port)
    threading.Thread(target=_announce, args=(settings,), daemon=True).start()
    worker = None if without_worker else WorkerBeside()
    try:
        _serve(settings)
    finally:
        if worker is not None:
            worker.stop()


@click.command("worker")
@click.option("--accept-clock", is_flag=True, help="Believe the clock again after it stopped the releases, and end.")
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
@click.option("--parent", type=int, hidden=True, help="End when this process, which started the worker, is gone.")
@click.pass_context
def worker_command(context: click.Context, accept_clock: bool, once: bool, parent: int | None) -> None:
    """End embargoes, render, send mail, webhooks, pushes, read sources, sweep; one acts, others wait for its lease."""
    from hub.background import create_postman, create_puller, create_word_reader, create_worker, runs_beside
    from hub.cli.common import open_database, speaking
    from hub.cli.settings import settings_of
    from hub.clock import SystemClock
    from hub.delivery.postman import working_threads
    from hub.operation import logs
    from hub.records import clock_trust
    from hub.regulation.duties import marks

    settings = settings_of(context)
    database = open_database(settings)
    logs.configure(settings.log_format)
    if accept_clock:
        with speaking(), database.writing() as session:
            read = marks.lock(session).row
            fault = clock_trust.accept(session, now=SystemClock().now(), read=read)
            click.echo(fault or _("the clock was believed already"), err=True)
        return
    worker = create_worker(settings)
    if once:
        with speaking():
            click.echo(worker.step())
            create_postman(settings).round()
            create_puller(settings).pull()
            create_word_reader(settings).read_waiting()
        worker.stop()
        return
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    if parent is not None:
        end_with_parent(parent, stop.set)
    with working_threads(runs_beside(settings), stop=stop):
        worker.run(stop)


class WorkerBeside:
    """The `hub worker` beside the server. One that dies is replaced: without it no embargo ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._process = self._start()
        threading.Thread(target=self._watch, daemon=True).start()

    def stop(self) -> None:
        """End it, by force when it takes too long: what it does is done in transactions."""
        with self._lock:
            self._stopping.set()
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "hub", "worker", "--parent", str(os.getpid())]
        return subprocess.Popen(command)  # noqa: S603  our own command

    def _watch(self) -> None:
        while True:
            status = self._process.wait()
            if self._stopping.wait(RESTART_SECONDS):
                return
            with self._lock:
                if self._stopping.is_set():
                    return
                click.echo(_("the worker ended with status %(status)s; starting another", status=status), err=True)
                self._process = self._start()


def free_port(host: str) -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(host: str, port: int) -> None:
    """Until nobody listens there; ends the command when somebody goes on. The server itself would share the port."""
    deadline = time.monotonic() + PORT_SECONDS
    while (fault := _port_fault(host, port)) is not None:
        if time.monotonic() > deadline:
            fail(_("Cannot listen on %(host)s:%(port)s: %(fault)s.", host=host, port=port, fault=fault))
        time.sleep(0.1)


def served_app() -> Any:
    """What the server's own process runs: the application, for as long as `hub serve` lives."""
    from hub import app

    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        end_with_parent(parent.pid, end_in_peace)
    return app.served_app()


def end_in_peace() -> None:
    """End this process as whoever asks it to would."""
    os.kill(os.getpid(), signal.SIGTERM)


def end_with_parent(parent: int, end: Callable[[], object]) -> None:
    """Call `end` when process `parent` is gone, so that a killed `hub serve` leaves nothing running."""

    def watch() -> None:
        pause = threading.Event()
        while os.getppid() == parent:
            pause.wait(1)
        end()
        pause.wait(STOP_SECONDS)
        os._exit(1)  # it did not hear

    threading.Thread(target=watch, daemon=True).start()


def _port_fault(host: str, port: int) -> str | None:
    family, kind, _protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what a closed connection left is no obstacle
        try:
            probe.bind(address)
        except OSError as exc:
            return exc.strerror
    return None


def _announce(settings: Settings) -> None:
    """Say where the hub is served, once it answers there."""
    while not answers(settings.host, settings.port):
        time.sleep(ASK_SECONDS)
    click.echo(f"{SERVING[language()]} {settings.base}", err=True)


def answers(host: str, port: int) -> bool:
    """Does whoever listens there answer HTTP? By hand: a client of the library would not keep this process small."""
    try:
        with socket.create_connection((host, port), timeout=ANSWER_SECONDS) as asked:
            asked.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return asked.recv(5) == b"HTTP/"
    except OSError:
        return False


def _serve(settings: Settings) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "hub.cli.serving:served_app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.threads,
        backpressure=settings.threads * 16,
        workers_kill_timeout=STOP_SECONDS,  # one that is still being loaded hears no signal
        log_enabled=False,
        websockets=False,
    ).serve()
