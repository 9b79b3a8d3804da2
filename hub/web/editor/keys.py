"""Keys of pages that go by an instant and an id, as addresses carry them."""

from __future__ import annotations

from datetime import UTC, datetime

from hub.clock import read_instant

Key = tuple[datetime, str]


def write_key(key: Key) -> str:
    """A key as an address carries it."""
    return f"{key[0].astimezone(UTC).isoformat()}~{key[1]}"


def read_key(said: str) -> Key | None:
    """The key that an address carries; None where it cannot be read."""
    instant, _, row_id = said.partition("~")
    at = read_instant(instant)
    return (at, row_id) if at is not None else None
