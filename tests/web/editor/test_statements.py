"""Pages of the desk ask the database as often for many of a thing as for few of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from hub.accounts import users
from hub.accounts.users import Seat
from hub.actors import Actor, Grant, Role
from hub.clock import FixedClock
from hub.db import Database
from hub.http.services import EXTENSION
from hub.models import User
from hub.outlets import catalog
from hub.regulation import desk_queue
from hub.regulation.desk_queue import Filter
from hub.regulation.duties import projector
from tests.builders import FOUNDED, World, a_channel, a_story
from tests.web.desks import Person
from tests.web.editor.people import confirm, seat

DESK = "/desk/editor"


@pytest.fixture
def person(app: Flask, world: World, database: Database, clock: FixedClock) -> Person:
    """Somebody of several seats: of each story it has to be asked which of them reach it."""
    user = seat(database, "editor", "Lê Thị Biên", now=clock.now())
    with database.writing() as session:
        found = session.get_one(User, user)
        users.seat(session, found, Seat(role="contributor", organization="phu-nu"), on=FOUNDED)
        users.seat(session, found, Seat(role="auditor", organization="phu-nu"), on=FOUNDED)
    return Person(app).sign_in(user)


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that the application executes meanwhile."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        found.append(statement)

    engine = app.extensions[EXTENSION].database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def asked(app: Flask, person: Person, path: str) -> int:
    """How many statements a page takes, once all is warm."""
    assert person.get(path).status_code == 200
    with counted(app) as statements:
        assert person.get(path).status_code == 200
    return len(statements)


def correct(world: World, number: int) -> None:
    world.release(a_story(title=f"Bài {number}"), external_id=f"c{number}", channels=["public/all"])
    world.push(a_story(title=f"Bài {number}", result="139 lượt."), external_id=f"c{number}")


def withdraw(world: World, number: int) -> None:
    story = world.release(a_story(title=f"Rút {number}"), external_id=f"w{number}", channels=["newspaper/column"])
    assert world.editor.act(story, "withdraw", reason="legal").status_code == 201


def embargo(world: World, number: int) -> None:
    at = f"2026-12-{number + 1:02}T08:30:00+07:00"
    world.release(external_id=f"e{number}", channels=["public/all", "tv/segment"], embargo_until=at)


@pytest.mark.parametrize(
    ("path", "make"),
    [
        ("/corrections/", correct),
        ("/?show=all&state=withdrawn", withdraw),
        ("/withdrawals/?show=all", withdraw),
        ("/embargoes/?month=2026-12", embargo),
    ],
)
def test_a_list_takes_as_many_statements_for_many_lines_as_for_one(
    app: Flask, world: World, person: Person, path: str, make: Any
) -> None:
    make(world, 0)
    few = asked(app, person, DESK + path)
    for number in range(1, 5):
        make(world, number)
    assert asked(app, person, DESK + path) <= few


def test_a_review_takes_as_many_statements_for_many_channels_as_for_few(
    app: Flask, world: World, person: Person, database: Database, clock: FixedClock
) -> None:
    story = world.release(channels=["public/all", "newspaper/column"])
    world.push(a_story(result="139 lượt tàu được giúp."))
    few = asked(app, person, f"{DESK}/stories/{story}")
    channels = [a_channel(f"c{number}", f"Kênh {number}") for number in range(12)]
    weekly = {"code": "weekly", "kind": "newspaper", "name": "Báo Tuần", "channels": channels}
    with database.writing() as session:
        agency = {"code": "bao-tuan", "name": "Báo Tuần"}
        catalog.load(session, {"agency": agency, "outlets": [weekly]}, now=clock.now())
    assert asked(app, person, f"{DESK}/stories/{story}") <= few


def test_neighbours_are_those_of_the_queue_wherever_a_story_stands_in_it(
    regulated: Database, world: World, clock: FixedClock
) -> None:
    usual = {"unit": {"name": "Liên đoàn", "kind": "lien_doan_lao_dong"}}
    owed = [world.push(a_story(urgency=9 - number, **usual), external_id=f"d{number}") for number in range(4)]
    for story_id in owed:
        confirm(regulated, story_id, now=clock.now())
    projector.catch_up(regulated)
    undue = [world.push(external_id=f"u{number}") for number in range(3)]  # the projector does not know of them yet
    for story_id in undue:
        confirm(regulated, story_id, now=clock.now())
    released = world.release(external_id="r", channels=["public/all"])
    asker = Actor(name="Lê Thị Biên", grants=(Grant(Role.EDITOR),))
    with regulated.reading() as session:
        page = desk_queue.list_waiting(session, Filter(), asker=asker, limit=50, now=clock.now())
        queue = [line.story.id for line in page.lines]
        assert set(owed) == set(queue[:4])
        assert set(undue) <= set(queue[4:])
        for place, story_id in enumerate(queue):
            story = desk_queue.get_story(session, story_id, asker=asker, now=clock.now())
            before = queue[place - 1] if place else ""
            after = queue[place + 1] if place + 1 < len(queue) else ""
            assert desk_queue.neighbours(session, story, asker=asker, now=clock.now()) == (before, after)
        story = desk_queue.get_story(session, released, asker=asker, now=clock.now())
        assert released not in queue
        assert desk_queue.neighbours(session, story, asker=asker, now=clock.now()) == ("", queue[0])
