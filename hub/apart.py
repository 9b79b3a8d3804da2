"""A file read apart: by a process of its own with limits of memory and time, which knows no secret and no database.

`run` starts the process, bounds its time and how many there are at once; `serve` is what it does. It inherits its
three pipes and nothing else. One line of JSON says what is asked, then come the bytes; a line of JSON says what was
read, and more bytes may follow it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

from hub.packed import FileRefused

MEMORY = 1536 * 1024 * 1024  # bytes
CPU_SECONDS, SECONDS = 60, 90.0
MAX_ANSWER = 128 * 1024 * 1024  # bytes
AT_ONCE, TURN_SECONDS = 2, 10.0  # so many take at most 3 GB; the rest waits for its turn, then is told to
CPU_SIGNALS = frozenset({-24, -30})  # SIGXCPU on Linux, and on macOS

Answer = tuple[dict[str, Any], bytes]

turns = threading.BoundedSemaphore(AT_ONCE)


def run(module: str, ask: dict[str, Any], body: bytes, *, seconds: float = SECONDS) -> Answer:
    """What `python -m module` answers. Raises FileRefused with its reason, or with what became of the process.

    Where AT_ONCE are at work and none ends within TURN_SECONDS the reason is `file_readers_busy`.
    """
    if not turns.acquire(timeout=TURN_SECONDS):
        raise FileRefused("file_readers_busy")
    try:
        return _run(module, ask, body, seconds)
    finally:
        turns.release()


def _run(module: str, ask: dict[str, Any], body: bytes, seconds: float) -> Answer:
    child = subprocess.Popen(  # noqa: S603  our own command
        (sys.executable, "-I", "-m", module),
        env={},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        said, _ = child.communicate(json.dumps(ask).encode() + b"\n" + body, timeout=seconds)
    except subprocess.TimeoutExpired as exc:
        raise FileRefused("file_too_slow") from exc
    finally:
        child.kill()
        child.wait()
    if child.returncode in CPU_SIGNALS:
        raise FileRefused("file_too_slow")
    line, _, rest = said.partition(b"\n")
    try:
        answer: dict[str, Any] = json.loads(line)
    except ValueError as exc:
        raise FileRefused("file_too_heavy") from exc  # it died before it could say why
    if "refused" in answer:
        raise FileRefused(answer["refused"], **answer["facts"])
    return answer, rest


def serve(read: Callable[[dict[str, Any], bytes], Answer]) -> None:
    """Answer one question on stdin with what `read` makes of it, within the limits."""
    limit()
    try:
        ask = json.loads(sys.stdin.buffer.readline())
        answer, rest = read(ask, sys.stdin.buffer.read())
    except FileRefused as exc:
        answer, rest = {"refused": exc.code, "facts": exc.told}, b""
    except (MemoryError, RecursionError):
        answer, rest = {"refused": "file_too_heavy", "facts": {}}, b""
    said = json.dumps(answer).encode()
    if len(said) + len(rest) > MAX_ANSWER:
        said, rest = json.dumps({"refused": "file_too_heavy", "facts": {}}).encode(), b""
    sys.stdout.buffer.write(said + b"\n" + rest)


def limit(memory: int = MEMORY, cpu_seconds: int = CPU_SECONDS) -> None:
    """Bound this process's memory and processor time, where the system can."""
    try:
        import resource
    except ImportError:  # Windows has none: the clock alone bounds it there
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
