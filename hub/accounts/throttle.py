"""Who has failed to sign in too often waits, longer each time: per account and per address, in memory.

An account is whatever was typed, known here or not, so that waiting tells nobody whether there is one. The counts
stand in memory, since `hub serve` answers in one process; a restart forgives. Whoever owns an account that others
try waits with them, and can always set a new password by mail, which ends the waiting for the account, not for an
address. Many people share the address of an office, so its failures are forgotten one by one, and those of somebody
who gets in at last do not count.

An attempt counts before it is looked at and is taken back when it was right: many at once gain nothing.
"""

from __future__ import annotations

import hashlib
import ipaddress
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LONGEST = timedelta(minutes=15)
FORGET_AFTER = timedelta(hours=24)
MOST_KEPT = 50_000
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
TELL_OWNER_AT = 10  # failures after which the owner of an account is written to; and after each ten times as many
SITE_BITS = 64  # of an IPv6 address: whoever has one has all with the same beginning (RFC 4291 §2.5.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """So many failures are free; after the next ones one waits 2, 4, 8 … seconds, at most LONGEST.

    `each` is the time in which one failure is forgotten; without it all are, after FORGET_AFTER without any.
    """

    name: str
    free: int
    each: timedelta | None = None


ACCOUNT, CODE = Rule(name="account", free=5), Rule(name="code", free=5)
ADDRESS = Rule(name="address", free=30, each=timedelta(minutes=2))


@dataclass(slots=True)
class _Count:
    failures: int = 0
    until: datetime = LONG_AGO
    last: datetime = LONG_AGO
    forgot: datetime = LONG_AGO  # when a failure was forgotten last, or the first one came

    def forget_some(self, rule: Rule, now: datetime) -> None:
        if now - self.last > FORGET_AFTER:
            self.failures = 0
        elif rule.each is not None and self.failures:
            over = (now - self.forgot) // rule.each
            self.failures = max(0, self.failures - over)
            self.forgot += over * rule.each
        if not self.failures:
            self.forgot, self.until = now, LONG_AGO


class Throttle:
    """Counts failures; keys are hashed, so that memory holds no list of who was tried."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    def seconds_to_wait(self, rule: Rule, who: str, *, now: datetime) -> int:
        """How long nobody may try for `who`; 0 when they may."""
        with self._lock:
            return self._wait_of(rule, who, now)

    def begin(self, *whom: tuple[Rule, str], now: datetime) -> tuple[int, Sequence[int]]:
        """Count an attempt for each of `whom` as a failure, until `forget` or `take_back`.

        Seconds to wait, and how many failures count for each with this one; where anybody has to wait none is counted.
        """
        with self._lock:
            seconds = max(self._wait_of(rule, who, now) for rule, who in whom)
            return seconds, [] if seconds else [self._note(rule, who, now) for rule, who in whom]

    def take_back(self, rule: Rule, who: str, failures: int) -> None:
        """So many failures do not count any more."""
        with self._lock:
            found = self._counts.get(_key(rule, who))
            if found is not None:
                found.failures = max(0, found.failures - failures)
                found.until = min(found.until, found.last + wait_after(found.failures, rule=rule))

    def forget(self, rule: Rule, who: str) -> int:
        """It went well: failures before do not count any more; how many there were, with the attempt itself."""
        with self._lock:
            found = self._counts.pop(_key(rule, who), None)
            return found.failures if found else 0

    def _wait_of(self, rule: Rule, who: str, now: datetime) -> int:
        found = self._counts.get(_key(rule, who))
        if found is None or found.until <= now or now - found.last > FORGET_AFTER:
            return 0
        return max(1, round((found.until - now).total_seconds()))

    def _note(self, rule: Rule, who: str, now: datetime) -> int:
        key = _key(rule, who)
        found = self._counts.pop(key, None) or _Count(forgot=now)
        found.forget_some(rule, now)
        found.failures, found.last = found.failures + 1, now
        found.until = now + wait_after(found.failures, rule=rule)
        self._counts[key] = found
        while len(self._counts) > MOST_KEPT:
            self._counts.popitem(last=False)
        return found.failures


def site_of(address: str) -> str:
    """What an address counts as: of IPv6 the network of one site, whose owner may use any address in it."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found) >> SITE_BITS << SITE_BITS, SITE_BITS)))


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
