"""A newspaper's editor and a station's producer at their desks."""

from __future__ import annotations

import pytest
from flask import Flask

from hub.clock import FixedClock
from hub.db import Database
from tests.builders import World
from tests.web.desks import Person
from tests.web.outlet.people import somebody_of


@pytest.fixture
def paper(app: Flask, world: World, database: Database, clock: FixedClock) -> Person:
    return somebody_of(app, database, clock, "newspaper")


@pytest.fixture
def producer(app: Flask, world: World, database: Database, clock: FixedClock) -> Person:
    return somebody_of(app, database, clock, "tv")
