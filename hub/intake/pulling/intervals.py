"""When a source is read again. Pure: takes `now`, and the chance of the jitter.

A source that fails, or sends odd things, is read more rarely each time, down to once a day; what it asks for itself
(ttl, sy:updatePeriod, Retry-After) can make it rarer, never more frequent.
"""

from __future__ import annotations

from datetime import datetime, timedelta

LEAST, USUAL, MOST = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
AWAY_AT_MOST = timedelta(days=7)  # what a Retry-After may ask for
JITTER = 0.1  # at most this part more
DOUBLINGS = 10


def next_poll(
    interval: timedelta,
    *,
    asked: timedelta | None = None,
    failures: int = 0,
    retry_after: timedelta | None = None,
    now: datetime,
    chance: float,
) -> datetime:
    """When to read a source again that is read every `interval`, asks for `asked` itself, and failed so often lately.

    `chance` is between 0 and 1.
    """
    wait = max(interval, LEAST, min(asked or LEAST, MOST))
    if failures:
        wait = max(wait, min(wait * 2 ** min(failures, DOUBLINGS), MOST))
    return now + max(wait * (1 + JITTER * chance), min(retry_after or timedelta(0), AWAY_AT_MOST))
