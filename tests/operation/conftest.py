"""A hub that has seen something of every kind, made once for each kind of database and copied for whoever breaks it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from hub.app import create_app
from hub.background import create_worker
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database, make_engine
from hub.intake.media_store import MediaStore
from hub.operation.verifying import verification
from hub.worker import Worker
from tests.builders import World, a_picture, a_story, build_world
from tests.conftest import NOON
from tests.postgres import Postgres, name_of

SECOND = timedelta(seconds=1)
KINDS = ["sqlite", "postgresql"]


@dataclass
class Hub:
    """A hub's settings and its database."""

    settings: Settings
    database: Database

    @property
    def store(self) -> MediaStore:
        return MediaStore(self.settings.media_folder)

    def find_faults(self, counts: Counter[str] | None = None) -> list[str]:
        """What `hub verify` would say."""
        found: Counter[str] = Counter() if counts is None else counts

        def seen(what: str, many: int) -> None:
            found[what] += many

        return list(verification.find_faults(self.database, self.store, self.settings.address, seen=seen))


def live(world: World, worker: Worker, clock: FixedClock) -> None:
    """Stories released with a picture, corrected, returned, withdrawn, drafted, under embargo; documents kept."""
    upload = world.fishers.upload(a_picture()).json["id"]
    picture = {"kind": "picture", "upload": upload, "alt": "Bến", "caption": "Bến lúc sáng", "credit": "Phan Thị Hòa"}
    world.release(a_story(media=[picture]), external_id="with-picture")
    clock.forward(SECOND)
    corrected = world.release(external_id="corrected")
    clock.forward(SECOND)
    world.push(a_story(title="Bản đính chính"), external_id="corrected")
    assert world.editor.act(corrected, "approve").status_code == 201
    assert world.editor.act(corrected, "release").status_code == 201
    clock.forward(SECOND)
    returned = world.push(a_story(title="Thiếu số liệu"), external_id="returned")
    world.editor.act(returned, "return", note="Thiếu số liệu")
    clock.forward(SECOND)
    withdrawn = world.release(a_story(title="Rút lại"), external_id="withdrawn")
    clock.forward(SECOND)
    world.editor.act(withdrawn, "withdraw", reason="subject_request", note="Người trong bài yêu cầu")
    world.push(a_story(state="draft"), external_id="draft")
    later = (clock.now() + timedelta(days=3)).isoformat()
    world.release(a_story(title="Ba ngày nữa", embargo_until=later), external_id="embargo")
    clock.forward(SECOND)
    worker.step()
    worker.stop()


@pytest.fixture
def lived(world: World, worker: Worker, clock: FixedClock) -> World:
    """The small province after some days of work, with its clients."""
    live(world, worker, clock)
    return world


@pytest.fixture(scope="session")
def make_copy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, Path], Settings]:
    """Copies a hub that has lived: kind of database and new data directory in, settings out."""
    models: dict[str, Settings] = {}

    def copy(kind: str, data: Path) -> Settings:
        if kind not in models:
            models[kind] = _build(kind, request, tmp_path_factory.mktemp(kind) / "data")
        model = models[kind]
        shutil.copytree(model.data, data)
        if kind == "sqlite":
            return replace(model, data=data)
        postgres: Postgres = request.getfixturevalue("postgres")
        return replace(model, data=data, database_url=postgres.copy(name_of(model.database_url)))

    return copy


@pytest.fixture(params=KINDS)
def hub(request: pytest.FixtureRequest, tmp_path: Path, make_copy: Callable[[str, Path], Settings]) -> Iterator[Hub]:
    """A hub of one's own that has lived, to be damaged."""
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    settings = make_copy(request.param, tmp_path / "data")
    database = Database(make_engine(settings.database))
    yield Hub(settings, database)
    database.engine.dispose()
    if server:
        server.drop(settings.database_url)


def _build(kind: str, request: pytest.FixtureRequest, data: Path) -> Settings:
    data.mkdir()
    url = ""
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), data / "hub.db")
    else:
        url = request.getfixturevalue("postgres").new_database()
    settings = Settings(data=data, database_url=url, base_url="https://hub.example", pushes_per_minute=10_000)
    clock = FixedClock(NOON)
    app, worker = create_app(settings, clock=clock), create_worker(settings, clock=clock)
    database = app.extensions["hub"].database
    live(build_world(app, database, now=clock.now()), worker, clock)
    app.extensions["hub"].marks.write()
    if kind == "sqlite":
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    for engine in (database.engine, worker.database.engine):
        engine.dispose()
    return settings
