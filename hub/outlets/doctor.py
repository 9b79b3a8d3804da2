"""How an outlet does: what it reads, when last and with what, whether it answers, and what it has not read yet.

Readings are written down a little after they happen, and of outlets' keys alone: nobody is asked who reads a public
channel. Whoever takes a push under its own address has read what was pushed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.accounts import keys
from hub.models import Change, Channel, Key, Outlet, Pickup, Receipt
from hub.outlets import catalog, readings, uses

LATELY = timedelta(days=90)  # uses that were told of within it count


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What one key reads of one channel, in one format."""

    channel: str
    format: str  # of feeds, or "changes", or "ics"
    reader: str  # as it calls itself; "" where it does not
    key: str  # what people recognise it by
    at: datetime
    number: int  # the newest of the ledger that it was given; 0 of a calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """The oldest change of a channel that no reader of the outlet was given."""

    number: int
    kind: str
    at: datetime
    count: int  # changes from it on


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelState:
    """A channel of the outlet: how long its ledger is, and how far the outlet has read it."""

    channel: str
    public: bool
    head: int
    read: int | None  # None: nobody has yet
    unread: Unread | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the outlet was asked to do, and did."""

    asked: int
    answered: int
    overdue: int
    oldest_open: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Everything about one outlet."""

    code: str
    name: str
    live_keys: int
    channels: tuple[ChannelState, ...]
    readers: tuple[Reader, ...]
    answers: Answers
    uses: int  # printed, aired, published, as it told lately and stands by


def list_open(session: Session) -> list[Outlet]:
    """The outlets that have not ended."""
    return list(session.scalars(select(Outlet).where(Outlet.ended_on.is_(None)).order_by(Outlet.id)))


def examine(session: Session, outlet: Outlet, *, now: datetime) -> Diagnosis:
    """How an outlet does, at an instant."""
    read = readings.list_of_outlet(session, outlet.id)
    readers = tuple(
        Reader(
            channel=catalog.address_of(channel),
            format=reading.format,
            reader=reading.reader,
            key=key.prefix,
            at=reading.at,
            number=reading.number,
        )
        for reading, key, channel in read
    )
    known: dict[int, int] = {}
    for row, _, channel in read:
        if row.format != readings.CALENDAR:
            known[channel.id] = max(row.number, known.get(channel.id, 0))
    unrevoked = session.scalars(select(Key).where(Key.outlet_id == outlet.id, Key.revoked_at.is_(None)))
    return Diagnosis(
        code=outlet.code,
        name=outlet.name,
        live_keys=sum(keys.is_live(key, now=now) for key in unrevoked),
        channels=tuple(
            _state(session, channel, known.get(channel.id)) for channel in catalog.list_of_outlet(session, outlet.id)
        ),
        readers=readers,
        answers=_answers(session, outlet, now=now),
        uses=_count_uses(session, outlet, since=now - LATELY),
    )


def _state(session: Session, channel: Channel, read: int | None) -> ChannelState:
    public = channel.audience == "public"
    return ChannelState(
        channel=catalog.address_of(channel),
        public=public,
        head=channel.head,
        read=read,
        unread=None if public else _unread(session, channel, read or 0),
    )


def _unread(session: Session, channel: Channel, read: int) -> Unread | None:
    if read >= channel.head:
        return None
    oldest = session.get_one(Change, (channel.id, read + 1))
    return Unread(number=oldest.number, kind=oldest.kind, at=oldest.at, count=channel.head - read)


def _answers(session: Session, outlet: Outlet, *, now: datetime) -> Answers:
    asked = session.scalar(select(func.count()).select_from(Receipt).where(Receipt.outlet_id == outlet.id)) or 0
    waiting = session.execute(
        select(Receipt.asked_at, Receipt.due_at).where(Receipt.outlet_id == outlet.id, Receipt.answer == "")
    ).all()
    return Answers(
        asked=asked,
        answered=asked - len(waiting),
        overdue=sum(due < now for _, due in waiting),
        oldest_open=min((since for since, _ in waiting), default=None),
    )


def _count_uses(session: Session, outlet: Outlet, *, since: datetime) -> int:
    told = (Pickup.outlet_id == outlet.id, Pickup.at >= since, Pickup.use.in_(uses.DONE), uses.counts())
    query = select(func.count()).select_from(Pickup).where(*told)
    return session.scalar(query) or 0
