"""A channel's ledger: append-only, numbered without gaps, one order for everybody.

Counters are rows. Whoever writes into several channels locks them first, in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from hub.models import Change, Channel, Entry
from hub.outlets import inbox_lines, listings
from hub.records import chains, outbox

TICK = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)


class ChangeKind(StrEnum):
    """What a ledger row tells."""

    RELEASED = "released"
    CORRECTED = "corrected"
    REDUCED = "reduced"  # a consent scope went
    FLAGGED = "flagged"  # for outlets: the entry's status, or its suppliers, say what to mind
    WITHDRAWN = "withdrawn"


def lock(session: Session, channel_ids: Collection[int]) -> dict[int, Channel]:
    """Lock these channels' counters, lowest id first."""
    query = (
        select(Channel)
        .where(Channel.id.in_(channel_ids))
        .order_by(Channel.id)
        .options(joinedload(Channel.outlet, innerjoin=True))
        .with_for_update(of=Channel)
        .execution_options(populate_existing=True)
    )
    return {channel.id: channel for channel in session.scalars(query)}


def record(session: Session, channel: Channel, entry: Entry, kind: ChangeKind, *, now: datetime) -> datetime:
    """Write the next row of a locked channel; the entry moves to the top. Returns the instant that readers will see."""
    at = max(now, channel.head_at + TICK)
    channel.head += 1
    channel.head_at = at
    entry.number = channel.head
    entry.updated = at
    channel.head_digest = chains.ledger_digest(
        channel.head_digest, number=channel.head, kind=kind.value, at=at, entry=entry.uid, story=entry.story_id
    )
    session.flush()  # the entry's row before the ledger row that names it
    row = Change(channel_id=channel.id, number=channel.head, kind=kind, entry_id=entry.id, at=at)
    row.digest = channel.head_digest
    session.add(row)
    touch(session, channel, entry, now=now)
    return at


def touch(session: Session, channel: Channel, entry: Entry | None, *, now: datetime) -> None:
    """Say that a locked channel's bytes change, without a row that readers would notice."""
    channel.revision += 1
    # a second of its own for every revision: a date alone must tell them apart (RFC 9110 §8.8.2)
    channel.modified_at = max(now, channel.modified_at.replace(microsecond=0) + SECOND)
    if entry is not None:
        entry.revision += 1
        inbox_lines.wait(session, entry)
        if channel.audience == "public":
            listings.wait(session, entry.story_id)
    outbox.add(session, outbox.CHANNEL_CHANGED, {"channel": channel.id}, at=now)


def list_gaps(session: Session) -> list[str]:
    """Every channel whose ledger is not 1, 2, … head, as a sentence."""
    faults = []
    for channel in session.scalars(select(Channel).options(joinedload(Channel.outlet, innerjoin=True))):
        name = f"ledger {channel.outlet.code}/{channel.code}"
        query = select(Change.number).where(Change.channel_id == channel.id).order_by(Change.number)
        newest = 0
        for number in session.scalars(query.execution_options(yield_per=5000)):
            if number != newest + 1:
                faults.append(f"{name}: number {newest + 1} is missing")
                break
            newest = number
        else:
            if newest != channel.head:
                faults.append(f"{name}: ends at {newest}, head is {channel.head}")
    return faults
