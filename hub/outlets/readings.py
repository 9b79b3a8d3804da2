"""What outlets read: by key, channel and format when last, with which reader, and how far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from hub.models import Channel, Key, Reading

CHANGES = "changes"  # the ledger's own list, beside the formats of feeds
CALENDAR = "ics"  # what is planned: nothing of the ledger


class Place(NamedTuple):
    """Who read what: a key, a channel, a format of `feeds`, CHANGES or CALENDAR."""

    key_id: int
    channel_id: int
    format: str


@dataclass(frozen=True, slots=True)
class LastReading:
    """The newest reading at a place: with what, up to which number of the ledger, and when."""

    reader: str
    number: int
    at: datetime


def write(session: Session, noted: Mapping[Place, LastReading]) -> None:
    """Write down readings; called in batches. How far somebody has read never goes back.

    Doors and pushes both write, so everybody locks in the same order, and whoever adds a row second takes the first's.
    """
    places = sorted(noted)
    name = tuple_(Reading.key_id, Reading.channel_id, Reading.format)
    query = select(Reading).where(name.in_(places)).order_by(*Reading.__table__.primary_key).with_for_update()
    known = {Place(row.key_id, row.channel_id, row.format): row for row in session.scalars(query)}
    for place in places:
        last, row = noted[place], known.get(place) or _added(session, place)
        row.reader, row.number, row.at = last.reader, max(row.number, last.number), last.at


def list_of_outlet(session: Session, outlet_id: int) -> list[tuple[Reading, Key, Channel]]:
    """What an outlet's keys read, newest first, each with its key and channel; keys that are revoked are past."""
    query = (
        select(Reading, Key, Channel)
        .join(Key, Key.id == Reading.key_id)
        .join(Channel, Channel.id == Reading.channel_id)
        .where(Key.outlet_id == outlet_id, Key.revoked_at.is_(None))
        .order_by(Reading.at.desc(), Reading.key_id, Reading.format)
        .options(joinedload(Channel.outlet, innerjoin=True))
    )
    return [(reading, key, channel) for reading, key, channel in session.execute(query)]


def _added(session: Session, place: Place) -> Reading:
    row = Reading(**place._asdict(), number=0, at=datetime.min.replace(tzinfo=UTC))
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # somebody added it at this very moment
        return session.get_one(Reading, place, with_for_update=True)
    return row
