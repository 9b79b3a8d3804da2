"""The RSS of a list or a search: the entries that stand in channels' feeds, kept ones where they hold, under a head
of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from feeds import rss
from feeds.document import Feed, Person
from hub.models import Channel, Entry
from hub.publishing import documents
from hub.publishing.assemble import Address
from hub.publishing.visibility import Variant

FORMAT = "rss"
MEDIA_TYPE: str = rss.MEDIA_TYPE


def render(
    session: Session,
    rows: Sequence[tuple[Entry, Channel]],
    address: Address,
    *,
    title: str,
    subtitle: str,
    language: str,
    publisher: str,
    self_path: str,
    home_path: str,
    begun: datetime,
) -> bytes:
    """The document, entries in the order given; `begun` is its date as long as nothing is found."""
    feed = Feed(
        id=address(self_path),
        title=title,
        subtitle=subtitle,
        language=language,
        self_url=address(self_path),
        home_url=address(home_path),
        updated=max((entry.updated for entry, _ in rows), default=begun),
        author=Person(name=publisher),
        rights=publisher,
    )
    with documents.rendering():
        bodies = _bodies(session, rows, address)
        return rss.assemble(feed, [body for entry, _ in rows if (body := bodies.get(entry.id)) is not None])


def _bodies(session: Session, rows: Sequence[tuple[Entry, Channel]], address: Address) -> dict[int, bytes | None]:
    channels = {channel.id: channel for _, channel in rows}
    entries: dict[int, list[Entry]] = defaultdict(list)
    for entry, channel in rows:
        entries[channel.id].append(entry)
    found: dict[int, bytes | None] = {}
    for channel_id, own in entries.items():
        fragments = documents.fragments_of(session, own, channels[channel_id], FORMAT, Variant.FULL, address)
        found |= {entry_id: fragment.body for entry_id, fragment in fragments.items()}
    return found
