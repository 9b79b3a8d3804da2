"""A second newspaper beside the one of the small province, and what its people hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from hub.accounts import keys, users
from hub.accounts.history import Decision
from hub.clock import FixedClock, local_day
from hub.db import Database
from hub.outlets import catalog, merging
from hub.outlets.merging import Led
from tests.builders import Client, World, a_channel

NUMBER = "31-QĐ/TU"


@dataclass
class Weekly:
    """The weekly: its own key, its unguessable address, and a reader there with a key of her own."""

    world: World
    database: Database
    clock: FixedClock
    paper: Client
    address: str
    reader: Client

    def merge(
        self, into: str = "newspaper", *, code: str = "weekly", on: date | None = None, **chosen: str
    ) -> list[Led]:
        """Let the weekly merge, a second later."""
        self.clock.forward(timedelta(seconds=1))
        now = self.clock.now()
        with self.database.writing() as session:
            decision = Decision(on or local_day(now), NUMBER)
            return merging.merge(session, code, into, decision, chosen=chosen, now=now)


def a_weekly(world: World, database: Database, clock: FixedClock, *channels: Mapping[str, Any]) -> Weekly:
    """Make the weekly; with one channel for outlets unless `channels` says otherwise."""
    made = channels or (a_channel("notes", "Ghi chép", profile="column", audience="outlet"),)
    weekly = {"code": "weekly", "kind": "newspaper", "name": "Hải Sơn cuối tuần", "channels": list(made)}
    now = clock.now()
    with database.writing() as session:
        catalog.load(session, {"agency": {"code": "bao-tuan", "name": "Báo Tuần"}, "outlets": [weekly]}, now=now)
        outlet = catalog.get_outlet(session, "weekly")
        key = keys.mint(session, "outlet", outlet=outlet, now=now).secret
        address = keys.mint(session, "address", outlet=outlet, now=now).secret
        user = users.add(session, name="Lê Thị Đọc", email="doc@example.org", now=now)
        users.seat(session, user, users.Seat(role="outlet", outlet="weekly"), on=local_day(now))
        own = keys.mint(session, "user", user=user, now=now).secret
    app = world.reader.app
    return Weekly(world, database, clock, Client(app, key), address, Client(app, own))


@pytest.fixture
def weekly(world: World, database: Database, clock: FixedClock) -> Weekly:
    return a_weekly(world, database, clock)
