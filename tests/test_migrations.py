"""The tables' history leads to the models, on both databases."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select

from hub import migrations
from hub.db import Database
from hub.models import Base, Change, Channel
from tests.builders import World

BEFORE_CHAINS = "0030"  # ledgers were no chains before it


def test_migrations_lead_to_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_second_upgrade_changes_nothing(database: Database) -> None:
    before = set(inspect(database.engine).get_table_names())
    migrations.upgrade(database.engine)
    assert set(inspect(database.engine).get_table_names()) == before
    assert migrations.current_revision(database.engine) == migrations.newest_revision()


def test_ledgers_that_are_there_become_chains(world: World, database: Database) -> None:
    story_id = world.release()
    world.editor.act(story_id, "hold")
    rows = select(Change.channel_id, Change.number, Change.digest).order_by(Change.channel_id, Change.number)
    ends = select(Channel.id, Channel.head_digest).order_by(Channel.id)
    with database.reading() as session:
        chained, heads = session.execute(rows).all(), session.execute(ends).all()
    _go_before(database, BEFORE_CHAINS)
    assert "signatures" not in inspect(database.engine).get_table_names()
    migrations.upgrade(database.engine)
    with database.reading() as session:
        assert (session.execute(rows).all(), session.execute(ends).all()) == (chained, heads)
    assert len({digest for _, _, digest in chained}) == len(chained) > 2


def _go_before(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    found = ScriptDirectory.from_config(config).get_revision(revision)
    assert found is not None
    with database.engine.execution_options(hub_writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, str(found.down_revision))
