"""Limits per key, session and address: so many pushes and reads a minute, then 429 with Retry-After.

Only a key or a signed-in session that is known to be live has counters of its own; a house full of strangers shares
those of its address. What a page of ours sends by itself while somebody works counts apart from what they send.

Counts stand in memory, since `hub serve` answers in one process. The `limits` package decides; its own memory
storage starts a thread for every expiry, ours forgets while it counts.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from typing import Any

from flask import Flask, request
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from hub.accounts.keys import fingerprint
from hub.errors import TooMany
from hub.http.asking import COOKIE, known_browsers, known_keys, sent_secret

SESSION = "session:"  # and its id
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
UNLIMITED = frozenset({"health.healthz", "health.readyz", "health.metrics"})
SCARCE: Mapping[str, RateLimitItem] = {  # what strangers may send and a hub keeps for long, or has to work for
    "api.post_report": RateLimitItemPerHour(20, namespace="REPORTS"),
    "reports.send_report": RateLimitItemPerHour(20, namespace="REPORTS"),
    "signing_in.ask_reset": RateLimitItemPerHour(20, namespace="RESETS"),
    "searching.search_feed": RateLimitItemPerMinute(30, namespace="SEARCH_FEEDS"),  # each asks the whole index
}
MIB = 1024 * 1024
TYPED = RateLimitItemPerMinute(120, namespace="TYPED")  # saved as one types: once a second at most
SENT = RateLimitItemPerMinute(1024 * MIB, namespace="PIECES")  # bytes of films and pictures that come in pieces
BY_THEMSELVES: Mapping[str, RateLimitItem] = {"unit.keep_step": TYPED, "unit.take_piece": SENT}
FORGET_AT = 100_000  # counters


class Counters(Storage):
    """Counters of a window each, in a dictionary; old ones are forgotten when there are many."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._counters: dict[str, tuple[int, float]] = {}  # count, and when the window ends

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = time.monotonic()
        with self._lock:
            count, ends = self._counters.get(key, (0, 0.0))
            if ends <= now:
                if len(self._counters) >= FORGET_AT:
                    self._counters = {name: kept for name, kept in self._counters.items() if kept[1] > now}
                count, ends = 0, now + expiry
            self._counters[key] = (count + amount, ends)
            return count + amount

    def get(self, key: str) -> int:
        count, ends = self._counters.get(key, (0, 0.0))
        return count if ends > time.monotonic() else 0

    def get_expiry(self, key: str) -> float:
        _, ends = self._counters.get(key, (0, 0.0))
        return time.time() + max(0.0, ends - time.monotonic())

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        count = len(self._counters)
        self._counters.clear()
        return count

    def clear(self, key: str) -> None:
        self._counters.pop(key, None)


def install(app: Flask, *, reads: int, pushes: int) -> None:
    """Count every request of `app` but those for its health; raises TooMany past `reads` or `pushes` a minute.

    What is SCARCE counts against a limit of its own, too; what comes BY_THEMSELVES from the page of a live session
    against a limit of its own alone.
    """
    limiter = FixedWindowRateLimiter(Counters())
    limits = {True: RateLimitItemPerMinute(reads), False: RateLimitItemPerMinute(pushes)}

    @app.before_request
    def count() -> Any:
        if request.endpoint in UNLIMITED:
            return
        safe, who = request.method in SAFE, _who()
        own = BY_THEMSELVES.get(request.endpoint or "") if who.startswith(SESSION) else None
        if own is SENT:
            hit(own, "own", who, cost=max(request.content_length or 0, MIB))  # a tiny piece is work, too
        elif own is not None:
            hit(own, "own", who)
        else:
            hit(limits[safe], str(safe), who)
        if scarce := SCARCE.get(request.endpoint or ""):
            hit(scarce, "scarce", request.remote_addr or "")

    def hit(limit: RateLimitItem, kind: str, who: str, *, cost: int = 1) -> None:
        if not limiter.hit(limit, kind, who, cost=cost):
            ends = limiter.get_window_stats(limit, kind, who).reset_time
            asked = "bytes" if limit is SENT else "reads" if request.method in SAFE else "writes"
            window = "hour" if isinstance(limit, RateLimitItemPerHour) else "minute"
            seconds = max(1, math.ceil(ends - time.time()))
            raise TooMany(limit=limit.amount, asked_for=asked, window=window, seconds=seconds)


def _who() -> str:
    secret = sent_secret() or (request.view_args or {}).get("secret")
    if secret and (seal := fingerprint(secret)) in known_keys:
        return f"key:{seal}"
    if (cookie := request.cookies.get(COOKIE)) and (session_id := known_browsers.find(cookie)) is not None:
        return f"{SESSION}{session_id}"
    return f"address:{request.remote_addr}"
