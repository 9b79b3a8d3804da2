"""A file read apart: by a process of its own with limits of memory and time, which knows no secret and no database.

`run` starts the process, bounds its time and how many there are at once; `serve` is what it does. It inherits its
three pipes and nothing else. One line of JSON says what is asked, then come the bytes; a line of JSON says what was
read, and more bytes may follow it. Meanwhile lines of JSON on stderr say how far it has come, for who wants to know.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import IO, Any

from hub.packed import FileRefused

MEMORY = 1536 * 1024 * 1024  # bytes
CPU_SECONDS, SECONDS = 60, 90.0
MAX_ANSWER = 128 * 1024 * 1024  # bytes
AT_ONCE, TURN_SECONDS = 2, 10.0  # so many take at most 3 GB; the rest waits for its turn, then is told to
MAX_LINE, MAX_LINES = 1000, 1000  # of what is told meanwhile: characters of one, and how many are listened to
LOOK_SECONDS = 0.1  # between looks whether whoever waits was stopped
CPU_SIGNALS = frozenset({-24, -30})  # SIGXCPU on Linux, and on macOS

Answer = tuple[dict[str, Any], bytes]
Told = Callable[[dict[str, Any]], None]


class Stopped(Exception):
    """Whoever waited for it ends; nothing is known of the file."""


turns = threading.BoundedSemaphore(AT_ONCE)


def run(
    module: str,
    ask: dict[str, Any],
    body: bytes,
    *,
    seconds: float = SECONDS,
    turn_seconds: float | None = None,
    told: Told | None = None,
    stop: threading.Event | None = None,
) -> Answer:
    """What `python -m module` answers. Raises FileRefused with its reason, or with what became of the process.

    Where AT_ONCE are at work and none ends within `turn_seconds` (TURN_SECONDS unless said) the reason is
    `file_readers_busy`. `told` hears, in a thread of its own, what the process says meanwhile by `tell`.
    Raises Stopped, and ends a process that was begun, soon after `stop` was set.
    """
    if not turns.acquire(timeout=TURN_SECONDS if turn_seconds is None else turn_seconds):
        raise FileRefused("file_readers_busy")
    try:
        return _run(module, ask, body, seconds, told, stop)
    finally:
        turns.release()


def _run(
    module: str, ask: dict[str, Any], body: bytes, seconds: float, told: Told | None, stop: threading.Event | None
) -> Answer:
    child = subprocess.Popen(  # noqa: S603  our own command
        (sys.executable, "-I", "-m", module),
        env={},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if told else subprocess.DEVNULL,
    )
    listener = _listen(child, told) if told else None
    try:
        said = _hear_out(child, json.dumps(ask).encode() + b"\n" + body, seconds, stop)
    except subprocess.TimeoutExpired as exc:
        raise FileRefused("file_too_slow") from exc
    finally:
        child.kill()
        child.wait()
        if listener is not None:
            listener.join()
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


def _hear_out(child: subprocess.Popen[bytes], sent: bytes, seconds: float, stop: threading.Event | None) -> bytes:
    """All that a process answers. Raises Stopped, or TimeoutExpired after `seconds`."""
    if stop is None:
        return child.communicate(sent, timeout=seconds)[0]
    over, ended = threading.Event(), threading.Event()

    def watch() -> None:
        while not over.wait(LOOK_SECONDS):
            if stop.is_set():
                ended.set()
                child.kill()
                return

    # in a thread: a `communicate` that is called again after its timeout never sends the rest of what it was given
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        said = child.communicate(sent, timeout=seconds)[0]
    finally:
        over.set()
        watcher.join()
    if ended.is_set():
        raise Stopped
    return said


def _listen(child: subprocess.Popen[bytes], told: Told) -> threading.Thread:
    """Hear what a process tells; its stderr is no longer the business of `communicate`."""
    heard, child.stderr = child.stderr, None
    if heard is None:
        raise RuntimeError("its stderr is no pipe")
    listener = threading.Thread(target=_hear, args=(heard, told), daemon=True)
    listener.start()
    return listener


def _hear(heard: IO[bytes], told: Told) -> None:
    """Every line that is JSON; what else libraries say there is nothing to us. Reads on to the end in any case."""
    with heard:
        lines = 0
        while line := heard.readline(MAX_LINE):
            lines += 1
            try:
                said = json.loads(line) if lines <= MAX_LINES else None
            except ValueError:
                continue
            if isinstance(said, dict):
                told(said)


def tell(**facts: Any) -> None:
    """Say from within the process how far it has come."""
    sys.stderr.write(json.dumps(facts) + "\n")
    sys.stderr.flush()


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
