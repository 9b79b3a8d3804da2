"""What the journal keeps of entries of the consent ledger: one commitment over what each of them allows. Pure.

Names and papers are not part of it, so that an erased entry still matches; its limits and days are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

Entry = Mapping[str, Any]  # a row of the ledger, by the names of its columns


def commitment_of(entries: Iterable[Entry]) -> str:
    """Hex SHA-256 over the entries' terms, a line each, by id."""
    return _digest(sorted(_terms(entry) for entry in entries))


def commitment_before_terms(entries: Iterable[Entry]) -> str:
    """As it was kept before limits and days were part of it; journals hold such rows for ever."""
    return _digest(sorted(_opening(entry) for entry in entries))


def _opening(entry: Entry) -> str:
    return f"{entry['id']} {entry['scope']} {entry['opened_at'].isoformat()}"


def _terms(entry: Entry) -> str:
    ends = entry["expires_at"].isoformat() if entry["expires_at"] is not None else ""
    limits = (",".join(entry["outlets"]), entry["audience"], ends)
    days = (
        entry["obtained_on"],
        entry["guardian"].get("obtained_on", ""),
        entry["assent_on"],
        entry["clearance"].get("date", ""),
    )
    return " ".join((_opening(entry), *(part or "-" for part in (*limits, *days))))


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
