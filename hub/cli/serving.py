"""`hub serve` and `hub worker`: the server, and beside it the worker that ends embargoes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hub.config import Settings

WORKER_STOP_SECONDS = 10


@click.command("serve")
@click.option("--host", help="Address to listen on; overrides HUB_HOST.")
@click.option("--port", type=int, help="Port to listen on, 0 takes a free one; overrides HUB_PORT.")
@click.option("--without-worker", is_flag=True, help="Start no worker beside the server.")
@click.pass_context
def serve_command(context: click.Context, host: str | None, port: int | None, without_worker: bool) -> None:
    """Serve the hub, with a worker beside the server. The database is brought to the newest migration first."""
    from hub.cli.settings import environment_of, settings_of

    settings = settings_of(context, host=host, port=port)
    if settings.port == 0:
        settings = settings_of(context, host=host, port=free_port(settings.host))
    os.environ.update(environment_of(settings))
    # in a process of its own: the one that stays only to watch the others should be small
    subprocess.run([sys.executable, "-m", "hub", "init"], check=True)
    click.echo(f"serving {settings.base}", err=True)
    worker = None if without_worker else subprocess.Popen([sys.executable, "-m", "hub", "worker"])
    try:
        _serve(settings)
    finally:
        if worker is not None:
            worker.terminate()
            worker.wait(WORKER_STOP_SECONDS)


@click.command("worker")
@click.option("--accept-clock", is_flag=True, help="Believe the clock again after it stopped the releases, and end.")
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
@click.pass_context
def worker_command(context: click.Context, accept_clock: bool, once: bool) -> None:
    """End embargoes, render what changed, sweep; one worker acts at a time, others wait for its lease."""
    from hub.app import create_worker
    from hub.cli.common import open_database, speaking
    from hub.cli.settings import settings_of
    from hub.operation import logs
    from hub.records import clock_trust

    settings = settings_of(context)
    database = open_database(settings)
    logs.configure(settings.log_format)
    if accept_clock:
        with speaking(), database.writing() as session:
            click.echo(clock_trust.accept(session) or "the clock was believed already", err=True)
        return
    worker = create_worker(settings)
    if once:
        with speaking():
            click.echo(worker.step())
        worker.stop()
        return
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    end_with_parent(stop.set)
    worker.run(stop)


def free_port(host: str) -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def end_with_parent(end: object) -> None:
    """Call `end` when the parent process is gone, so that a killed `hub serve` leaves nothing running."""
    parent = os.getppid()

    def watch() -> None:
        pause = threading.Event()
        while os.getppid() == parent:
            pause.wait(1)
        end()  # type: ignore[operator]

    threading.Thread(target=watch, daemon=True).start()


def _serve(settings: Settings) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "hub.app:served_app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.threads,
        backpressure=settings.threads * 16,
        log_enabled=False,
        websockets=False,
    ).serve()
