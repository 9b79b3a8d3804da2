"""What commands share: settings, a database at the newest migration, refusals as sentences."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError

from hub import i18n, migrations
from hub.cli import fail
from hub.config import Settings, read_settings
from hub.db import Database, make_engine
from hub.errors import HubError

LANGUAGE = "en" if os.environ.get("LANG", "").lower().startswith("en") else "vi"


def settings_of(context: click.Context, **chosen: object) -> Settings:
    """The settings of this run; a fault ends it with status 2."""
    data = context.find_root().obj
    try:
        return read_settings(os.environ, **{"data": Path(data) if data else None, **chosen})
    except ValueError as exc:
        fail(str(exc), 2)
        raise


def open_database(settings: Settings) -> Database:
    """The database, which has to be at the newest migration; otherwise the command ends and says `hub init`."""
    database = Database(make_engine(settings.database))
    with speaking():
        current = migrations.current_revision(database.engine)
    if current != migrations.newest_revision():
        fail(f"the database is {'empty' if current is None else f'at migration {current}'}; run `hub init` first")
    return database


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment that gives a child process these settings."""
    return {
        **os.environ,
        "HUB_DATA": str(settings.data),
        "HUB_DATABASE_URL": settings.database_url,
        "HUB_BASE_URL": settings.base,
        "HUB_HOST": settings.host,
        "HUB_PORT": str(settings.port),
        "HUB_LOG_FORMAT": settings.log_format,
    }


@contextmanager
def speaking() -> Iterator[None]:
    """Turn refusals into one sentence on stderr and status 1."""
    try:
        yield
    except HubError as exc:
        fail(refusal(exc))
    except DBAPIError as exc:
        fail(f"{i18n.sentence('error.unavailable', LANGUAGE)} ({exc.orig})")


def refusal(error: HubError) -> str:
    """A refusal with all its faults as one line."""
    sentence = i18n.sentence(error.key, LANGUAGE, **error.facts)
    faults = "; ".join(f"{fault.pointer or '/'}: {i18n.fault_sentence(fault, LANGUAGE)}" for fault in error.faults)
    return f"{sentence} {faults}".strip()
