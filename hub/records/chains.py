"""A chain of records beside the journal's: each row's digest covers the row and the digest of the one before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import rfc8785

from hub.records.journal import START, chain

__all__ = ["START", "ledger_digest", "link"]


def link(previous: str, record: dict[str, Any]) -> str:
    """The digest of `record` (JSON values only) after `previous`; START, or an empty text, before the first."""
    return chain(previous or START, rfc8785.dumps(record).decode())


def ledger_digest(previous: str, *, number: int, kind: str, at: datetime, entry: str, story: str) -> str:
    """The digest of a channel's ledger row; `entry` is the entry's permanent id."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return link(previous, {"at": moment, "entry": entry, "kind": kind, "number": number, "story": story})
