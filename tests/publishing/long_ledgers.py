"""A channel with a long ledger, and a reader that rebuilds it from its newest document and the archive behind that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from feeds.document import Status
from feeds.parse import parse
from feeds.parsed import ParsedFeed, first_href
from hub.db import Database
from hub.models import Channel, Entry
from hub.outlets import catalog, ledgers, releases
from hub.outlets.ledgers import ChangeKind
from tests.bench.worlds import Hub, fill_ledger
from tests.builders import Client, World

ALL = "/feeds/public/all"


def fill(world: World, database: Database, rows: int, *, channel: str = "public/all") -> None:
    """Give a channel this many stories, numbered from 1."""
    parts = world.reader.app.extensions["hub"]
    fill_ledger(Hub(parts.settings, database, world.reader.app, world), channel, rows)


def change(database: Database, numbers: list[int], kind: ChangeKind, *, now: datetime) -> None:
    """Correct, or take back, what stands at these numbers of the public channel."""
    with database.writing() as session:
        channel = ledgers.lock(session, [catalog.get_channel(session, "public/all").id]).popitem()[1]
        for number in numbers:
            entry = get_entry(session, channel, number)
            if kind is ChangeKind.WITHDRAWN:
                releases.take_back(session, entry, channel, now=now)
            else:
                entry.state, entry.corrected = Status.CORRECTED.value, True
                ledgers.record(session, channel, entry, kind, now=now)


def get_entry(session: Session, channel: Channel, number: int) -> Entry:
    """What stands at a number of a channel."""
    return session.scalars(select(Entry).where(Entry.channel_id == channel.id, Entry.number == number)).one()


def standing(database: Database, channel: str = "public/all") -> dict[str, bool]:
    """Every entry that a channel shows somewhere, by its id: was it withdrawn?"""
    with database.reading() as session:
        rows = session.scalars(select(Entry).where(Entry.channel_id == catalog.get_channel(session, channel).id))
        return {row.uid: row.state == Status.WITHDRAWN for row in rows if row.listed or row.state == Status.WITHDRAWN}


class Reader:
    """Follows RFC 5005 §4: from the newest document backwards, once more from there when a page is gone."""

    def __init__(self, client: Client, path: str) -> None:
        self.client = client
        self.path = path
        self.pages: dict[str, ParsedFeed] = {}  # of the archive, by address, in the order they were read
        self.restarts = 0

    def walk(self, *, before_page: Callable[[str], object] = lambda _: None) -> dict[str, bool]:
        """Every entry by its id (was it withdrawn?); `before_page` hears the address of each page of the archive."""
        while True:
            found: dict[str, bool] = {}
            feed, complete = self._read(self.path), True
            self._take(found, feed)
            while complete and (older := first_href(feed.links, "prev-archive")):
                before_page(older)
                answer = self.client.get(_local(older))
                complete = answer.status_code != 410
                if complete:
                    assert answer.status_code == 200, answer.text
                    feed = self.pages[older] = parse(answer.data)
                    self._take(found, feed)
            if complete:
                return found
            self.restarts += 1

    def _read(self, path: str) -> ParsedFeed:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return parse(answer.data)

    def _take(self, found: dict[str, bool], feed: ParsedFeed) -> None:
        """The newest document is read first, and the newest says what holds."""
        for uid in feed.deleted:
            found.setdefault(uid, True)
        for entry in feed.entries:
            found.setdefault(entry.id, entry.withdrawn)


def _local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
