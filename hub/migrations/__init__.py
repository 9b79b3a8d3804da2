"""The tables' history, by Alembic: `upgrade` brings a database to the newest shape; the way back is a backup.

Alembic is loaded by whoever upgrades: every process of `hub serve` only compares two numbers when it starts, and
would keep 8 MB for it.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from sqlalchemy import Engine, column, inspect, select, table

from hub.db import begin_writing

if TYPE_CHECKING:
    from alembic.config import Config

_VERSION = table("alembic_version", column("version_num"))


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run every migration up to `revision`, each in its transaction."""
    from alembic import command

    config = _config()
    with begin_writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def known_revisions() -> set[str]:
    """The revisions of this hub; a migration's file is named for its own."""
    names = [file.name for file in files(__name__).joinpath("versions").iterdir()]
    return {name.partition("_")[0] for name in names if name.endswith(".py") and name[:1] != "_"}


def newest_revision() -> str:
    """The revision this code expects: they are numbered in the order they run."""
    return max(known_revisions())


def current_revision(engine: Engine) -> str | None:
    """The revision the database is at; None when it has no tables."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(_VERSION.name):
            return None
        found: str | None = connection.scalar(select(_VERSION.c.version_num))
        return found


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files(__name__)).replace("%", "%%"))
    return config
