"""Who has failed to sign in too often waits, longer each time: per account and per address, in memory.

An account is whatever was typed, known here or not, so that waiting tells nobody whether there is one. The counts
stand in memory, since `hub serve` answers in one process; a restart forgives. Whoever owns an account that others
try waits with them, and can always set a new password by mail, which ends the waiting.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LONGEST = timedelta(minutes=15)
FORGET_AFTER = timedelta(hours=24)
MOST_KEPT = 50_000
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
TELL_OWNER_AT = 10  # failures after which the owner of an account is written to; and after each ten times as many


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """So many failures are free; after the next ones one waits 2, 4, 8 … seconds, at most LONGEST."""

    name: str
    free: int


ACCOUNT, CODE = Rule(name="account", free=5), Rule(name="code", free=5)
ADDRESS = Rule(name="address", free=30)  # many people share the address of an office


@dataclass(slots=True)
class _Count:
    failures: int = 0
    until: datetime = LONG_AGO
    last: datetime = LONG_AGO


class Throttle:
    """Counts failures; keys are hashed, so that memory holds no list of who was tried."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    def seconds_to_wait(self, rule: Rule, who: str, *, now: datetime) -> int:
        """How long nobody may try for `who`; 0 when they may."""
        with self._lock:
            count = self._counts.get(_key(rule, who))
            if count is None or count.until <= now or now - count.last > FORGET_AFTER:
                return 0
            return max(1, round((count.until - now).total_seconds()))

    def note(self, rule: Rule, who: str, *, now: datetime) -> int:
        """Count a failure; how many there were one after the other."""
        key = _key(rule, who)
        with self._lock:
            count = self._counts.pop(key, None)
            if count is None or now - count.last > FORGET_AFTER:
                count = _Count()
            count.failures, count.last = count.failures + 1, now
            count.until = now + wait_after(count.failures, rule=rule)
            self._counts[key] = count
            while len(self._counts) > MOST_KEPT:
                self._counts.popitem(last=False)
            return count.failures

    def forget(self, rule: Rule, who: str) -> None:
        """It went well: failures before do not count any more."""
        with self._lock:
            self._counts.pop(_key(rule, who), None)


def wait_after(failures: int, *, rule: Rule) -> timedelta:
    """How long one waits after so many failures."""
    over = failures - rule.free
    return timedelta() if over < 1 else min(LONGEST, timedelta(seconds=2 ** min(over, 20)))


def is_owner_told(failures: int) -> bool:
    """Is the owner of an account written to after this failure?"""
    while failures > TELL_OWNER_AT and failures % 10 == 0:
        failures //= 10
    return failures == TELL_OWNER_AT


def _key(rule: Rule, who: str) -> str:
    return hashlib.sha256(f"{rule.name}\n{who.strip().casefold()}".encode()).hexdigest()
