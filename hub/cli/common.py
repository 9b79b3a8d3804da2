"""What commands share: settings, a database at the newest migration, refusals as sentences."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from hub import i18n, migrations
from hub.cli import fail
from hub.config import Settings
from hub.db import Database, make_engine
from hub.errors import HubError
from hub.records.signing_keys import Signer

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
