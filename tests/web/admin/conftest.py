"""Administrators: one of the whole hub, one of the women's union alone, and an auditor."""

from __future__ import annotations

import pytest
from flask import Flask

from hub.clock import FixedClock
from hub.db import Database
from tests.builders import World
from tests.web.desks import Person, seat_user


@pytest.fixture
def admin(app: Flask, world: World, database: Database, clock: FixedClock) -> Person:
    """`ldld` stands above nobody else's reach and was there first: the hub is run from it."""
    return Person(app).sign_in(seat_user(database, "admin", organization="ldld", now=clock.now()))


@pytest.fixture
def women(app: Flask, world: World, database: Database, clock: FixedClock) -> Person:
    return Person(app).sign_in(seat_user(database, "admin", organization="phu-nu", now=clock.now()))


@pytest.fixture
def auditor(app: Flask, world: World, database: Database, clock: FixedClock) -> Person:
    return Person(app).sign_in(seat_user(database, "auditor", organization="ldld", now=clock.now()))
