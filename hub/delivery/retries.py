"""When something that failed is tried again. Pure: takes `now`, and the chance of the jitter.

Waits grow, so that a receiver that is down for a night is not flooded in the morning. Those of webhooks end after some
three days, those of pushes with the lease.
Source: Standard Webhooks, "Retries"; RFC 9110 §10.2.3 (Retry-After).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

S, M, H = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
WEBHOOK_WAITS = (5 * S, 5 * M, 30 * M, 2 * H, 5 * H, 10 * H, 14 * H, 20 * H, 24 * H)  # 75 hours in all
MAIL_WAITS = (1 * M, 5 * M, 15 * M, 30 * M, 1 * H, 2 * H, 4 * H, 8 * H, *(12 * H for _ in range(8)))  # five days
PUSH_WAITS = (
    30 * S,
    1 * M,
    2 * M,
    5 * M,
    10 * M,
    20 * M,
    30 * M,
    1 * H,
    2 * H,
    3 * H,
    6 * H,
)  # the last again and again
JITTER = 0.2  # at most this part more
LONGEST = 24 * H  # what a Retry-After may ask for


def next_try(
    failures: int, *, waits: Sequence[timedelta], now: datetime, chance: float, retry_after: timedelta | None = None
) -> datetime | None:
    """When to try again after so many failures (at least 1); None when it was the last time.

    `chance` is between 0 and 1. A receiver that names a time is believed, up to LONGEST, but never sooner than ours.
    """
    if failures > len(waits):
        return None
    wait = waits[failures - 1] * (1 + JITTER * chance)
    return now + max(wait, min(retry_after or timedelta(0), LONGEST))


def next_push(failures: int, *, now: datetime, chance: float, retry_after: timedelta | None = None) -> datetime:
    """When to push again after so many failures (at least 1): there is no last time, the lease ends it."""
    wait = PUSH_WAITS[min(failures, len(PUSH_WAITS)) - 1] * (1 + JITTER * chance)
    return now + max(wait, min(retry_after or timedelta(0), LONGEST))


def read_retry_after(text: str | None, *, now: datetime) -> timedelta | None:
    """A Retry-After header: seconds, or a date; None for none that can be read."""
    if not text:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 1_000_000))
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(at - now, timedelta(0))
