"""What commands share: settings, a database at the newest migration, refusals as sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from hub import i18n, migrations
from hub.cli import fail
from hub.cli.speech import _, language
from hub.clock import LOCAL, SystemClock, local_day
from hub.config import Settings
from hub.db import Database, make_engine
from hub.errors import HubError
from hub.records.signing_keys import Signer

DAY = click.DateTime(["%Y-%m-%d"])
AS_OF = click.option("--as-of", type=DAY, help="as it was on this day; else today")
Command = Callable[..., Any]
YES = frozenset({"y", "yes", "c", "có", "co"})
NO = frozenset({"n", "no", "k", "không", "khong"})


def open_database(settings: Settings) -> Database:
    """The database, which has to be at the newest migration; otherwise the command ends and says `hub init`."""
    require_hub(settings)
    database = Database(make_engine(settings.database), info=Signer.of(settings).info)
    with speaking():
        current = migrations.current_revision(database.engine)
    if current != migrations.newest_revision():
        fail(
            _("The database is empty; run `hub init` first.")
            if current is None
            else _("The database is at migration %(migration)s; run `hub init` first.", migration=current)
        )
    return database


def require_hub(settings: Settings) -> None:
    """End the command where no hub was ever made; asking SQLite would leave an empty file there."""
    address = make_url(settings.database)
    if address.get_backend_name() == "sqlite" and address.database and not Path(address.database).is_file():
        place = Path(address.database) if settings.database_url else settings.data
        fail(_("There is no hub at %(place)s: run `hub init`, or set HUB_DATA.", place=place.absolute()))


@contextmanager
def speaking() -> Iterator[None]:
    """Turn refusals into one sentence on stderr and status 1."""
    try:
        yield
    except HubError as exc:
        fail(refusal(exc))
    except DBAPIError as exc:
        fail(f"{i18n.sentence('error.unavailable', language())} ({exc.orig})")


def refusal(error: HubError) -> str:
    """A refusal as one sentence, and below it each of its faults on a line of its own, in their order."""
    faults = [f"{fault.pointer or '/'}: {i18n.fault_sentence(fault, language())}" for fault in error.faults]
    return "\n  ".join([i18n.sentence(error.key, language(), **error.facts), *faults])


def confirm(question: str) -> None:
    """Ask on stderr, in the language of the run; whoever does not say yes ends the command, and changes nothing."""
    choices = _("[y/N]")
    answer = click.prompt(f"{question} {choices}", default="", show_default=False, prompt_suffix=": ", err=True)
    if answer.strip().casefold() not in YES:
        fail(_("Nothing was changed."))


def fault_count(faults: int) -> str:
    """How many faults were found, in words."""
    return _("1 fault") if faults == 1 else _("%(count)s faults", count=faults)


def decided(command: Command) -> Command:
    """The options of a command that needs a decision and its day."""
    command = click.option("--decision", "number", required=True, help="number of the decision, as printed")(command)
    return click.option("--on", "day", required=True, type=DAY, help="the day in Việt Nam it takes effect")(command)


def tell_event(kind: str, subjects: Sequence[str], other: str, day: datetime, number: str) -> None:
    """One line for each that something happened to: day, event, code, the other one's code, decision."""
    for subject in subjects:
        click.echo(f"{day.date()}\t{kind}\t{subject}\t{other or '-'}\t{number}")


def local(at: datetime) -> str:
    """An instant by the clocks of Việt Nam, to the second, with its offset."""
    return at.astimezone(LOCAL).isoformat(timespec="seconds")


def day_of(said: datetime | None) -> date:
    """The day that an option says; today in Việt Nam where it says none."""
    return said.date() if said else local_day(SystemClock().now())
