"""The parts of the outlet's desk, all on one blueprint."""

from __future__ import annotations

from hub.web.outlet import entries, inbox, pickups, receipts, requests
from hub.web.outlet.newsroom import bp

__all__ = ["bp", "entries", "inbox", "pickups", "receipts", "requests"]
