"""The tables' history leads to the models, on both databases."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from click.testing import CliRunner
from sqlalchemy import inspect, select

from hub import migrations
from hub.accounts import keys, whole_hub
from hub.app import create_app
from hub.background import create_worker
from hub.cli import main
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database, make_engine
from hub.models import Base, Change, JournalRow, Organization, OrganizationState, Setting, Story
from hub.records import journal
from tests.builders import Client

FILLED = Path(__file__).parent / "data" / "first-tables.tar.gz"  # a backup made when there was migration 0001 alone


def test_migrations_lead_to_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _is_ours})
        assert compare_metadata(context, Base.metadata) == []


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The full-text index is no model: each kind of database has its own."""
    return not (kind == "table" and (name or "").startswith("search_words"))


def test_a_second_upgrade_changes_nothing(database: Database) -> None:
    before = set(inspect(database.engine).get_table_names())
    migrations.upgrade(database.engine)
    assert set(inspect(database.engine).get_table_names()) == before
    assert migrations.current_revision(database.engine) == migrations.newest_revision()


@pytest.fixture(params=["sqlite", "postgresql"])
def grown(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A hub of the first tables, with stories in every state, brought to the newest ones."""
    url = ""
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        name = f"hub_grown_{len(server.made)}_{os.getpid()}"
        server.made.append(name)
        server.execute(f'CREATE DATABASE "{name}"')
        url = server.address(name)
    found = Settings(data=tmp_path, database_url=url, base_url="https://hub.example")
    result = CliRunner().invoke(main, ["restore", str(FILLED)], env=_environment(found), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return found


def test_a_filled_database_of_the_first_tables_comes_to_the_newest_and_verifies(grown: Settings) -> None:
    result = CliRunner().invoke(main, ["verify"], env=_environment(grown))
    assert (result.exit_code, result.output.count("verified: ")) == (0, 1), result.output
    database = Database(make_engine(grown.database))
    with database.reading() as session:
        states = dict(session.execute(select(Story.external_id, Story.state)).all())
        names = set(session.scalars(select(Story.organization_name)))
        assert session.scalars(select(OrganizationState.name)).all() != []
        assert all(digest for digest in session.scalars(select(Change.digest)))
        seat = whole_hub.find_seat(session, now=datetime.now(UTC))
        oldest = select(Organization.code).where(Organization.parent_id.is_(None)).order_by(Organization.id).limit(1)
        assert seat is not None
        assert session.get_one(Setting, "hub_seat").value == seat.code == session.scalar(oldest)
        for row in session.scalars(select(JournalRow)):
            record = journal.read_record(row.body)
            assert (row.kind, row.actor) == (record["kind"], record.get("actor", ""))
    assert states == {
        "with-picture": "released",
        "plain": "released",
        "gone": "withdrawn",
        "held": "held",
        "later": "released",
        "returned": "returned",
        "draft": "draft",
        "asked": "withdrawal_requested",
        "minor": "submitted",
        "expires": "released",
    }
    assert names == {"Nghiệp đoàn nghề cá Bến Lau"}
    database.engine.dispose()


def test_what_was_begun_under_the_first_tables_goes_on_under_the_newest(grown: Settings) -> None:
    clock = FixedClock(datetime(2026, 11, 24, 5, 0, tzinfo=UTC))
    app = create_app(grown, clock=clock)
    database: Database = app.extensions["hub"].database
    with database.writing() as session:
        editor = Client(app, keys.mint(session, "editor", label="Biên tập viên", now=clock.now()).secret)
        ids = dict(session.execute(select(Story.external_id, Story.id)).all())
    assert editor.act(ids["held"], "lift").json["state"] == "released"
    assert editor.act(ids["minor"], "approve", channels=["public/all"]).status_code == 201
    assert editor.act(ids["asked"], "withdraw", reason="subject_request").status_code == 201
    feed = Client(app).get("/feeds/public/all.json").json
    assert {item["_hub"]["status"] for item in feed["items"]} == {"released", "corrected", "withdrawn"}
    worker = create_worker(grown, clock=clock)
    clock.forward(timedelta(days=40))  # past an embargo of New Year and a consent of the year before
    worker.step()
    clock.forward(timedelta(minutes=20))
    worker.step()
    app.extensions["hub"].marks.write()
    worker.database.engine.dispose()
    database.engine.dispose()


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "HUB_DATA": str(settings.data),
        "HUB_DATABASE_URL": settings.database_url,
        "HUB_BASE_URL": settings.base_url,
    }
