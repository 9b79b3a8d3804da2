"""The parts of the outlet's desk, all on one blueprint."""

from __future__ import annotations

from hub.web.outlet import entries, inbox, keys, pickups, receipts, requests
from hub.web.outlet.newsroom import bp
from hub.web.outlet.planning import files, guests, programmes, rundown, segments, week

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
