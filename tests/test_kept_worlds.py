"""A copied province is the one that was built: what thousands of tests stand on must not differ from what is told."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from hub.app import create_app
from hub.clock import FixedClock
from hub.config import Settings
from hub.http.services import EXTENSION
from tests.builders import a_story
from tests.kept_worlds import KeptWorlds
from tests.postgres import Postgres


@pytest.fixture
def second(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Another empty database of the same kind."""
    data = settings.data.parent / "second"
    data.mkdir()
    if not settings.database_url:
        shutil.copy(request.getfixturevalue("sqlite_template"), data / "hub.db")
        yield replace(settings, data=data)
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.take()
    yield replace(settings, data=data, database_url=url)
    postgres.give_back(url)


def test_a_copy_has_the_rows_and_the_keys_of_what_was_built_and_goes_on_from_there(
    settings: Settings, second: Settings, clock: FixedClock, request: pytest.FixtureRequest
) -> None:
    kept = KeptWorlds(lambda: request.getfixturevalue("postgres"))
    worlds, rows, counted = [], [], []
    for each in (settings, second):
        app = create_app(each, clock=clock)
        database = app.extensions[EXTENSION].database
        worlds.append(kept.lay(each, app, database, now=clock.now()))
        rows.append(kept.read(each))
        worlds[-1].push(a_story())  # its rows follow those that were laid
        counted.append(len(worlds[-1].editor.get("/api/v1/stories").json["items"]))
        app.extensions[EXTENSION].marks.write()
        database.engine.dispose()
    assert rows[0] == rows[1]
    assert worlds[0].fishers.secret == worlds[1].fishers.secret
    assert worlds[0].fishers.app is not worlds[1].fishers.app
    assert counted == [1, 1]
