"""The pages of a channel's archive: fixed ranges of its ledger, and what their addresses call them (RFC 5005 §4). Pure.

A page is PAGE_ENTRIES numbers: 1–50, 51–100 … An entry stands where its newest number does, so a range empties as its
entries change. The address names the range and the digest of the entries that stand in it now: a withdrawal, or
anything else that changes what one page shows, gives that one page another address. Links to its neighbours are no
part of it. A page that finds no room for all of its range leaves the lower part to a page of its own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

PAGE_ENTRIES = 50
DIGEST = 32  # hexadecimal digits of SHA-256: names what stands there, and is no proof of it
NAME = re.compile(rf"(?P<first>[1-9][0-9]{{0,9}})-(?P<last>[1-9][0-9]{{0,9}})-(?P<digest>[0-9a-f]{{{DIGEST}}})")


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers of a ledger, both ends included: one page's range, or the lower part of one."""

    first: int
    last: int

    @property
    def is_whole(self) -> bool:
        """Is it all that one page may hold?"""
        return self == range_of(self.first)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an entry stands, and as what: all that a page's digest knows of it."""

    entry_id: int
    number: int
    uid: str
    revision: int  # moves whenever its bytes change
    updated: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """A span with the digest of what stands in it: what an address names."""

    span: Span
    digest: str

    @property
    def name(self) -> str:
        """How an address names it."""
        return f"{self.span.first}-{self.span.last}-{self.digest}"


@dataclass(frozen=True, slots=True)
class Paging:
    """Where a document leads: to the page before it, with older entries, and to the one after it."""

    previous: Part | None = None
    following: Part | None = None


def range_of(number: int) -> Span:
    """The range of the page that a number stands on."""
    first = (number - 1) // PAGE_ENTRIES * PAGE_ENTRIES + 1
    return Span(first, first + PAGE_ENTRIES - 1)


def part_below(number: int) -> Span:
    """What a page that begins above `number` leaves of this number's range: its lower part."""
    return Span(range_of(number).first, number)


def complete_up_to(head: int) -> int:
    """The last number of the newest range that a ledger of this length has filled; 0 for none."""
    return head // PAGE_ENTRIES * PAGE_ENTRIES


def digest_of(standing: Iterable[Standing]) -> str:
    """The digest of entries, newest first."""
    rows = "\n".join(f"{row.number} {row.uid} {row.revision}" for row in standing)
    return hashlib.sha256(rows.encode()).hexdigest()[:DIGEST]


def read_name(name: str) -> Part | None:
    """The part that `Part.name` names; None for anything else."""
    said = NAME.fullmatch(name)
    return Part(Span(int(said["first"]), int(said["last"])), said["digest"]) if said else None


def is_page(span: Span, *, head: int) -> bool:
    """Is it a page's range, or the lower part of one, in a ledger of this length?"""
    whole = range_of(span.first)
    return span.first == whole.first and span.first <= span.last <= min(whole.last, head)
