"""People of newsrooms, signed in."""

from __future__ import annotations

from flask import Flask

from hub.clock import FixedClock
from hub.db import Database
from tests.web.desks import Person, seat_user


def somebody_of(app: Flask, database: Database, clock: FixedClock, outlet: str, *, name: str = "") -> Person:
    """A person with a seat at an outlet."""
    return Person(app).sign_in(seat_user(database, "outlet", outlet=outlet, now=clock.now(), name=name))
