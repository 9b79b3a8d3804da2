"""What of a channel's archive is where: its pages' digests and neighbours (RFC 5005 §4).

Nothing is kept of it: the entries are asked by their index, at the same cost wherever in the ledger they stand.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from feeds.document import Status
from hub.models import Channel, Entry
from hub.publishing import ranges
from hub.publishing.ranges import Part, Span, Standing

# listed, or a tombstone: said twice, so that each is found by the index of what is listed and numbered
_ARCHIVED: tuple[ColumnElement[bool], ...] = (
    Entry.listed.is_(True),
    and_(Entry.listed.is_(False), Entry.state == Status.WITHDRAWN.value),
)


def find_newest(session: Session, channel: Channel, *, rest: int) -> Part | None:
    """The page that a channel's first page leads to, on which `rest` was the newest number without room (0: none).

    The newest complete one, as all above it stands on the first page; unless something does not: what found no room,
    or a tombstone whose time on the first page is over.
    """
    complete = ranges.complete_up_to(channel.head)
    passed = session.scalar(
        select(func.max(Entry.number)).where(Entry.channel_id == channel.id, _ARCHIVED[1], Entry.number > complete)
    )
    missing = max(rest, passed or 0)
    if missing > complete:
        return find_part(session, channel.id, ranges.part_below(missing))
    return _whole(session, channel.id, _lower(session, channel.id, complete + 1))


def find_before(session: Session, channel: Channel, span: Span, *, rest: int) -> Part | None:
    """The page before one of the archive, on which `rest` was the newest number that found no room (0: none).

    Pages that have become empty are passed over.
    """
    if rest:
        return find_part(session, channel.id, ranges.part_below(rest))
    return _whole(session, channel.id, _lower(session, channel.id, span.first))


def find_range_after(session: Session, channel: Channel, span: Span) -> Span | None:
    """The next complete range above a span in which something stands."""
    number = _higher(session, channel.id, span.last, ranges.complete_up_to(channel.head))
    return None if number is None else ranges.range_of(number)


def find_part(session: Session, channel_id: int, span: Span) -> Part | None:
    """A span with the digest of what stands in it now; None where nothing does."""
    standing = list_standing(session, channel_id, span)
    return Part(span, ranges.digest_of(standing)) if standing else None


def stands(session: Session, channel: Channel, name: str) -> bool:
    """Is this still the name of a page that shows something?"""
    part = ranges.read_name(name)
    return part is not None and find_part(session, channel.id, part.span) == part


def list_standing(session: Session, channel_id: int, span: Span) -> list[Standing]:
    """What stands in a span of a channel's ledger now, newest first."""
    query = select(Entry.id, Entry.number, Entry.uid, Entry.revision, Entry.updated).where(
        Entry.channel_id == channel_id, Entry.number >= span.first, Entry.number <= span.last
    )
    rows = [Standing(*row) for archived in _ARCHIVED for row in session.execute(query.where(archived))]
    return sorted(rows, key=lambda row: row.number, reverse=True)


def _whole(session: Session, channel_id: int, number: int | None) -> Part | None:
    return None if number is None else find_part(session, channel_id, ranges.range_of(number))


def _lower(session: Session, channel_id: int, below: int) -> int | None:
    """The highest number below another at which something stands."""
    found = [
        session.scalar(
            select(Entry.number)
            .where(Entry.channel_id == channel_id, archived, Entry.number < below)
            .order_by(Entry.number.desc())
            .limit(1)
        )
        for archived in _ARCHIVED
    ]
    return max((number for number in found if number is not None), default=None)


def _higher(session: Session, channel_id: int, above: int, upto: int) -> int | None:
    """The lowest number above another, up to a third, at which something stands."""
    found = [
        session.scalar(
            select(Entry.number)
            .where(Entry.channel_id == channel_id, archived, Entry.number > above, Entry.number <= upto)
            .order_by(Entry.number)
            .limit(1)
        )
        for archived in _ARCHIVED
    ]
    return min((number for number in found if number is not None), default=None)
