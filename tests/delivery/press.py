"""A hub with its door and its postman, and subscribers on 127.0.0.0/8 that know their topics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from sqlalchemy import select
from werkzeug.test import TestResponse

from hub.clock import FixedClock
from hub.db import Database
from hub.delivery.postman import Postman
from hub.models import Channel, Intent, Subscription
from hub.outlets import catalog, ledgers
from tests.builders import World, a_story
from tests.delivery.subscriber import LINK, Subscriber

ALL = "/feeds/public/all.json"
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@dataclass
class Press:
    """What the tests of WebSub do."""

    world: World
    database: Database
    clock: FixedClock
    postman: Postman

    def introduce(self, one: Subscriber, path: str = ALL) -> Subscriber:
        """Let a subscriber discover a feed's hub and topic."""
        answer = self.world.reader.get(path)
        links = {rel: href for href, rel in LINK.findall(answer.headers.get("Link", ""))}
        one.hub, one.topic, one.media_type = links["hub"], links["self"], answer.headers["Content-Type"]
        return one

    def request(self, form: dict[str, str], **headers: str) -> TestResponse:
        body = urlencode(form).encode()
        sent = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return self.world.reader.ask("POST", "/websub", body=body, headers=sent)

    def subscribe(self, *subscribers: Subscriber, path: str = ALL) -> None:
        """Introduce subscribers, ask for them, and let the hub ask them."""
        for one in subscribers:
            assert self.request(self.introduce(one, path).form()).status_code == 202
        self.round()
        assert len(self.rows()) >= len(subscribers)

    def round(self) -> int:
        return self.postman.pushes.round()

    def release(self, number: int) -> None:
        """One more story, on the public feed too."""
        self.world.release(a_story(title=f"Bài số {number}"), external_id=f"story-{number}")

    def touch(self, address: str = "public/all") -> None:
        """A change of a channel's bytes, without a story."""
        with self.database.writing() as session:
            channel = ledgers.lock(session, [catalog.get_channel(session, address).id]).popitem()[1]
            ledgers.touch(session, channel, None, now=self.clock.now())

    def rows(self) -> list[Subscription]:
        with self.database.reading() as session:
            return list(session.scalars(select(Subscription).order_by(Subscription.id)))

    def waiting(self) -> list[Intent]:
        with self.database.reading() as session:
            return list(session.scalars(select(Intent).order_by(Intent.id)))

    def revision(self, address: str = "public/all") -> int:
        with self.database.reading() as session:
            channel: Channel = catalog.get_channel(session, address)
            return channel.revision
