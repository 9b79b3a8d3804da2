"""What somebody of an outlet has seen of a channel, and what has changed in it since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from hub.models import Change, Channel, ChannelVisit, Entry

NEWS_AT_MOST = 500  # changes that are counted: a page costs the same however long somebody was away


@dataclass(frozen=True, slots=True)
class News:
    """So many entries whose newest change after a number is of this kind, and that stand like this now."""

    kind: str  # of hub.outlets.ledgers.ChangeKind
    state: str  # of feeds.document.Status
    entries: int


def find(session: Session, user_id: int, channel_id: int) -> ChannelVisit | None:
    """Up to where a user has seen a channel; None for one who never said."""
    return session.get(ChannelVisit, (user_id, channel_id))


def mark(session: Session, user_id: int, channel: Channel, number: int, *, now: datetime) -> None:
    """Say that a user has seen a channel up to a number: never less than before, and never more than there is."""
    row = session.get(ChannelVisit, (user_id, channel.id), with_for_update=True)
    if row is None:
        row = ChannelVisit(user_id=user_id, channel_id=channel.id, number=0, at=now)
        session.add(row)
    row.number, row.at = max(row.number, min(number, channel.head)), now


def first_counted(channel: Channel, mark: int) -> int:
    """After which number changes are counted: the mark, or NEWS_AT_MOST before the head for whoever was away long."""
    return max(mark, channel.head - NEWS_AT_MOST)


def list_news(session: Session, channel_id: int, *, after: int) -> list[News]:
    """What has changed in a channel after a number, each entry once, by kind and state."""
    query = (
        select(Change.kind, Entry.state, func.count())
        .join(Entry, and_(Entry.id == Change.entry_id, Entry.number == Change.number))
        .where(Change.channel_id == channel_id, Change.number > after, Entry.listed.is_(True))
        .group_by(Change.kind, Entry.state)
        .order_by(Change.kind, Entry.state)
    )
    return [News(kind, state, count) for kind, state, count in session.execute(query)]
