"""Processes to measure: `hub serve` and nginx as children, what they take of CPU and memory, a loop of requests."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from hub.cli.serving import free_port
from hub.config import Settings
from tests.bench.worlds import NO_LIMIT

START_SECONDS = 30
STOP_SECONDS = 15
TICKS = os.sysconf("SC_CLK_TCK")
HOST = "127.0.0.1"
NGINX = "/usr/sbin/nginx"
NGINX_CONF = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log {folder}/access.log; default_type application/rss+xml; keepalive_requests 1000000;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen {host}:{port}; root {folder}/files; }}
}}
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its first process, and where it answers."""

    pid: int
    port: int


def environment(settings: Settings) -> dict[str, str]:
    """The environment that gives a child these settings, and nothing else of HUB_*."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    return {
        **inherited,
        "HUB_DATA": str(settings.data),
        "HUB_DATABASE_URL": settings.database_url,
        "HUB_READS_PER_MINUTE": str(NO_LIMIT),
        "HUB_PUSHES_PER_MINUTE": str(NO_LIMIT),
    }


@contextmanager
def hub_serve(settings: Settings, *options: str) -> Iterator[Server]:
    """A real `hub serve` on a free port, once it is ready."""
    log = settings.data / "serve.log"
    command = [sys.executable, "-m", "hub", "serve", "--port", "0", *options]
    with log.open("wb") as stderr, _child(command, env=environment(settings), stderr=stderr) as child:
        ready = "/healthz" if "--without-worker" in options else "/readyz"  # readiness asks for a worker
        yield Server(child.pid, _wait_until_ready(child, log, ready))


@contextmanager
def nginx(folder: Path, files: Mapping[str, bytes]) -> Iterator[Server]:
    """nginx with one worker that serves `files` by name from `folder`."""
    port = free_port(HOST)
    (folder / "files").mkdir()
    for name, body in files.items():
        (folder / "files" / name).write_bytes(body)
    folder.chmod(0o755)  # a worker may run as somebody else
    conf = folder / "nginx.conf"
    conf.write_text(NGINX_CONF.format(folder=folder, host=HOST, port=port))
    with _child([find_nginx() or NGINX, "-c", str(conf), "-e", str(folder / "error.log")]) as child:
        _wait_for(child, f"http://{HOST}:{port}/{next(iter(files))}")
        yield Server(child.pid, port)


def find_nginx() -> str | None:
    """Where nginx is installed, if it is."""
    return shutil.which("nginx") or (NGINX if os.access(NGINX, os.X_OK) else None)


def ask_many(server: Server, path: str, headers: Mapping[str, str], *, count: int, status: int) -> float:
    """Ask `count` times over one connection; returns the milliseconds of the server's CPU for each."""
    connection = http.client.HTTPConnection(HOST, server.port, timeout=30)
    start = cpu_seconds(server.pid)
    for _ in range(count):
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status, answer.status
    connection.close()
    return (cpu_seconds(server.pid) - start) / count * 1000


def tree(pid: int) -> list[int]:
    """A process and all that it started."""
    pids = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            pids += tree(int(child))
    return pids


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all that it started."""
    seconds = 0.0
    for each in tree(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        seconds += (int(fields[11]) + int(fields[12])) / TICKS
    return seconds


def proportional_bytes(pid: int) -> int:
    """The proportional set size of one process."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def peak_bytes(pid: int) -> int:
    """The most resident memory a process has had; 0 when it is gone. (A rusage would begin with its parent's peak.)"""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def command_of(pid: int) -> str:
    """The words of a process's command after the interpreter and `-m`."""
    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return " ".join(word for word in words[1:3] + words[3:4] if word and not word.startswith("-"))


@contextmanager
def _child(command: list[str], **options: object) -> Iterator[subprocess.Popen[bytes]]:
    child: subprocess.Popen[bytes] = subprocess.Popen(command, **options)  # type: ignore[call-overload]
    try:
        yield child
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait_until_ready(child: subprocess.Popen[bytes], log: Path, path: str) -> int:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        found = re.search(r"serving http://[^\s/]+:(\d+)", log.read_text())
        if found:
            _wait_for(child, f"http://{HOST}:{found[1]}{path}")
            return int(found[1])
        if child.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"hub serve did not start:\n{log.read_text()[-2000:]}")


def _wait_for(child: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        try:
            with urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer")
