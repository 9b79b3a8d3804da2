"""A feed read apart: by a process of its own with limits of memory and time, which knows no secret and no database.

The process inherits nothing but its three pipes: no environment, no open file. What it does not answer in time is
killed, and what it answers is bounded.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict, dataclass
from typing import Any

import orjson
import structlog

from feeds import isolated
from feeds.isolated import Ask
from feeds.parsed import ParsedFeed

COMMAND = (sys.executable, "-I", "-m", "feeds.isolated")
CPU_SIGNALS = frozenset({-24, -30})  # SIGXCPU on Linux, and on macOS

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much of a feed is read, and what reading it may cost."""

    max_entries: int = 500
    max_depth: int = 100
    memory_bytes: int = 512 * 1024 * 1024
    cpu_seconds: int = 20
    seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A feed as it was read: its newest entries, how many there were, and the most memory it took."""

    feed: ParsedFeed
    entries: int
    peak_kib: int
    cut_off: bool = False  # the document ends in the middle; what was whole was read


class Unreadable(Exception):
    """Nothing came of it; the message is one of `faults.FAULTS`."""


def read_apart(body: bytes, *, location: str, charset: str = "", bounds: Bounds) -> Reading:
    """Read a feed's bytes in another process. Raises Unreadable."""
    ask = Ask(
        location=location,
        charset=charset,
        max_entries=bounds.max_entries,
        max_depth=bounds.max_depth,
        memory_bytes=bounds.memory_bytes,
        cpu_seconds=bounds.cpu_seconds,
    )
    answer = _answer(orjson.dumps(asdict(ask)) + b"\n" + body, bounds.seconds)
    if not answer.get("limited", True):
        log.warning("feed_read_without_limits", reason="this system cannot bound a process's memory")
    if "fault" in answer:
        raise Unreadable(str(answer["fault"]))
    return Reading(
        feed=isolated.feed_of(answer["feed"]),
        entries=answer["entries"],
        peak_kib=answer["peak_kib"],
        cut_off=answer["cut_off"],
    )


def _answer(sent: bytes, seconds: float) -> dict[str, Any]:
    """What the process says of what it was `sent`; `isolated.MAX_ANSWER` bytes at most."""
    child = subprocess.Popen(  # noqa: S603  our own command
        COMMAND, env={}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        said, _ = child.communicate(sent, timeout=seconds)
    except subprocess.TimeoutExpired as exc:
        raise Unreadable("too_slow") from exc
    finally:
        child.kill()
        child.wait()
    if child.returncode in CPU_SIGNALS:
        raise Unreadable("too_slow")
    try:
        return dict(orjson.loads(said))
    except (ValueError, TypeError) as exc:
        raise Unreadable("too_heavy") from exc  # it died before it could say why
