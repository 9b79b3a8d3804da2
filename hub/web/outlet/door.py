"""The parts of the outlet's desk, all on one blueprint."""

from __future__ import annotations

from hub.web.outlet import (
    entries,
    files,
    guests,
    inbox,
    keys,
    pickups,
    programmes,
    receipts,
    requests,
    rundown,
    segments,
    week,
)
from hub.web.outlet.newsroom import bp

__all__ = [
    "bp",
    "entries",
    "files",
    "guests",
    "inbox",
    "keys",
    "pickups",
    "programmes",
    "receipts",
    "requests",
    "rundown",
    "segments",
    "week",
]
