"""What commands share: settings, a database at the newest migration, refusals as sentences."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import click
from sqlalchemy.exc import DBAPIError

from hub import i18n, migrations
from hub.cli import fail
from hub.clock import SystemClock, local_day
from hub.config import Settings
from hub.db import Database, make_engine
from hub.errors import HubError
from hub.records.signing_keys import Signer

DAY = click.DateTime(["%Y-%m-%d"])
AS_OF = click.option("--as-of", type=DAY, help="as it was on this day; else today")
Command = Callable[..., Any]
LANGUAGE = "en" if os.environ.get("LANG", "").lower().startswith("en") else "vi"


def open_database(settings: Settings) -> Database:
    """The database, which has to be at the newest migration; otherwise the command ends and says `hub init`."""
    database = Database(make_engine(settings.database), info=Signer.of(settings).info)
    with speaking():
        current = migrations.current_revision(database.engine)
    if current != migrations.newest_revision():
        fail(f"the database is {'empty' if current is None else f'at migration {current}'}; run `hub init` first")
    return database


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


def decided(command: Command) -> Command:
    """The options of a command that needs a decision and its day."""
    command = click.option("--decision", "number", required=True, help="number of the decision, as printed")(command)
    return click.option("--on", "day", required=True, type=DAY, help="the day in Việt Nam it takes effect")(command)


def day_of(said: datetime | None) -> date:
    """The day that an option says; today in Việt Nam where it says none."""
    return said.date() if said else local_day(SystemClock().now())
