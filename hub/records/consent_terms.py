"""What the journal keeps of entries of the consent ledger: one commitment over what each of them allows. Pure.

Names and papers are not part of it, so that an erased entry still matches; its limits and days are. What an act says
beside them, its papers, has a salted commitment of its own; the salt stands with the names and goes with them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import rfc8785

from hub.records import journal

Entry = Mapping[str, Any]  # a row of the ledger, by the names of its columns
SALT = "salt"  # a member of `guardian` and of `clearance`; nobody is shown it


def commitment_of(entries: Iterable[Entry]) -> str:
    """Hex SHA-256 over the entries' terms, a line each, by id."""
    return _digest(sorted(_terms(entry) for entry in entries))


def commitment_before_terms(entries: Iterable[Entry]) -> str:
    """As it was kept before limits and days were part of it; journals hold such rows for ever."""
    return _digest(sorted(_opening(entry) for entry in entries))


def paper_commitment(form: str, proof_id: str | None, guardian: Mapping[str, str]) -> str:
    """What the journal keeps of an act's paper: its form, its proof, and who the guardian is."""
    said = [form, proof_id, guardian.get("name", ""), guardian.get("relation", "")]
    return journal.commitment(guardian.get(SALT, ""), rfc8785.dumps(said).decode())


def clearance_commitment(clearance: Mapping[str, str]) -> str:
    """What the journal keeps of who said yes for the unit."""
    said = [clearance.get("by", ""), clearance.get("role", "")]
    return journal.commitment(clearance.get(SALT, ""), rfc8785.dumps(said).decode())


def unsalted(said: Mapping[str, str]) -> dict[str, str]:
    """A guardian or a clearance as people may see it."""
    return {name: value for name, value in said.items() if name != SALT}


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
