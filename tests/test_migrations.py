"""The tables' history leads to the models, on both databases."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from hub import migrations
from hub.db import Database
from hub.models import Base


def test_migrations_lead_to_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_second_upgrade_changes_nothing(database: Database) -> None:
    before = set(inspect(database.engine).get_table_names())
    migrations.upgrade(database.engine)
    assert set(inspect(database.engine).get_table_names()) == before
    assert migrations.current_revision(database.engine) == migrations.newest_revision()
