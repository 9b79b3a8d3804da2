"""The editor's desk under the default regulation, and who sits at it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from hub.clock import FixedClock
from hub.db import Database
from hub.regulation.edition import editions
from tests.builders import World
from tests.web.desks import Person
from tests.web.editor.people import seat


@pytest.fixture
def editor(app: Flask, world: World, database: Database, clock: FixedClock) -> Person:
    """An editor whose right reaches the union and all below it."""
    return Person(app).sign_in(seat(database, "editor", "Lê Thị Biên", now=clock.now()))


@pytest.fixture
def colleague(app: Flask, world: World, database: Database, clock: FixedClock) -> Person:
    return Person(app).sign_in(seat(database, "editor", "Trần Văn Tập", now=clock.now()))


@pytest.fixture
def auditor(app: Flask, world: World, database: Database, clock: FixedClock) -> Person:
    return Person(app).sign_in(seat(database, "auditor", "Ngô Giám Sát", now=clock.now()))


@pytest.fixture
def regulated(database: Database, clock: FixedClock, world: World) -> Database:
    """The default regulation is in force since a minute."""
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())
    clock.forward(timedelta(minutes=1))
    return database
