"""A hub that has seen something of every kind, made once for each kind of database and copied for whoever breaks it."""

from __future__ import annotations

import inspect
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from hub.app import create_app
from hub.background import create_worker
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database, make_engine
from hub.intake.media_store import MediaStore
from hub.models import Document, Fragment
from hub.operation.verifying import verification
from hub.worker import Worker
from tests.builders import World, a_picture, a_story, build_world
from tests.conftest import NOON
from tests.postgres import Postgres, Rows

SECOND = timedelta(seconds=1)
KINDS = ["sqlite", "postgresql"]
Maker = Callable[..., None]  # of fixtures, by their names
Made = Callable[[Maker], "Hub"]


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


def keep_two_formats(database: Database) -> None:
    """Leave kept documents in Atom and JSON Feed alone: to render all four anew took more than all the rest of a look.

    `keeping.render_channels` brings the others back for whoever wants them.
    """
    with database.writing() as session:
        for kept in (Document, Fragment):
            session.execute(delete(kept).where(kept.format.not_in(("atom", "json"))))


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
    models: dict[str, tuple[Settings, Rows | None]] = {}

    def copy(kind: str, data: Path) -> Settings:
        if kind not in models:
            built = _build(kind, request, tmp_path_factory.mktemp(kind) / "data")
            rows = request.getfixturevalue("postgres").read(built.database_url) if built.database_url else None
            models[kind] = built, rows
        model, rows = models[kind]
        shutil.copytree(model.data, data)
        if rows is None:
            return replace(model, data=data)
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.take()
        postgres.fill(url, rows)
        return replace(model, data=data, database_url=url)

    return copy


@dataclass(frozen=True)
class Model:
    """A data directory, the rows of a PostgreSQL database where there is one, and the instant when it was made."""

    data: Path
    rows: Rows | None
    at: datetime


@pytest.fixture(scope="session")
def models() -> dict[tuple[str, Maker], Model]:
    """What `made` has made so far, by kind of database and maker."""
    return {}


@pytest.fixture
def made(
    request: pytest.FixtureRequest,
    settings: Settings,
    database: Database,
    clock: FixedClock,
    models: dict[tuple[str, Maker], Model],
    tmp_path_factory: pytest.TempPathFactory,
) -> Made:
    """Makes a hub by a function of fixtures, which it asks for by their names; from the second time on by copying.

    A test that asks for `world` itself goes on with the hub, so it is made anew for it.
    """

    def make(maker: Maker) -> Hub:
        key, hub = (database.engine.dialect.name, maker), Hub(settings, database)
        if "world" not in request.fixturenames and (model := models.get(key)):
            _lay(model, request, hub, clock)
            return hub
        maker(**{name: request.getfixturevalue(name) for name in inspect.signature(maker).parameters})
        models.setdefault(key, _take(request, hub, clock, tmp_path_factory.mktemp("model") / "data"))
        return hub

    return make


def _take(request: pytest.FixtureRequest, hub: Hub, clock: FixedClock, data: Path) -> Model:
    assert hub.find_faults() == []  # in every format, once
    keep_two_formats(hub.database)
    if not hub.settings.database_url:
        with hub.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(hub.settings.data, data)
    url = hub.settings.database_url
    return Model(data, request.getfixturevalue("postgres").read(url) if url else None, clock.now())


def _lay(model: Model, request: pytest.FixtureRequest, hub: Hub, clock: FixedClock) -> None:
    shutil.copytree(model.data, hub.settings.data, dirs_exist_ok=True)
    if model.rows is not None:
        request.getfixturevalue("postgres").fill(hub.settings.database_url, model.rows)
    clock.forward(model.at - clock.now())


@pytest.fixture(params=KINDS)
def hub(request: pytest.FixtureRequest, tmp_path: Path, make_copy: Callable[[str, Path], Settings]) -> Iterator[Hub]:
    """A hub of one's own that has lived, to be damaged."""
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    settings = make_copy(request.param, tmp_path / "data")
    database = Database(make_engine(settings.database))
    yield Hub(settings, database)
    database.engine.dispose()
    if server:
        server.give_back(settings.database_url)


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
    assert Hub(settings, database).find_faults() == []  # in every format, once
    keep_two_formats(database)
    if kind == "sqlite":
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    for engine in (database.engine, worker.database.engine):
        engine.dispose()
    return settings
