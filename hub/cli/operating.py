"""`hub verify`, `hub backup`, `hub restore`: what keeps a hub sound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

import hub
from hub.cli import fail
from hub.cli.common import fault_count, open_database, require_hub, speaking
from hub.cli.settings import settings_of
from hub.cli.speech import _
from hub.clock import SystemClock
from hub.config import Settings
from hub.db import Database, make_engine
from hub.intake.media_store import MediaStore
from hub.operation import backup, health, proving, restoring
from hub.operation.verifying import verification
from hub.publishing import soundness

COUNTED = ("stories", "versions", "acts", "journal rows", "channels", "ledger rows", "documents", "pictures")
PROOFS = ("signatures", "checkpoints", "manifests", "consents")


@click.command("verify")
@click.pass_context
def verify_command(context: click.Context) -> None:
    """Check journal, digests, ledgers, signatures, kept documents and pictures; prints every fault, or counts.

    Kept documents hold absolute addresses, so HUB_BASE_URL must be what the hub is served with.
    """
    settings = settings_of(context)
    database = open_database(settings)
    with database.reading() as session:
        elsewhere = soundness.count_elsewhere(session, settings.address)
    if elsewhere:
        click.echo(
            _(
                "%(count)s kept documents are for another HUB_BASE_URL than %(base)s: not compared",
                count=elsewhere,
                base=settings.base,
            ),
            err=True,
        )
    found = _verify(settings, database)
    with speaking(), database.writing() as session:
        health.remember(session, health.VERIFIED, {"faults": found}, now=SystemClock().now())
    _end_with(found)


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE when it is there already.")
@click.pass_context
def backup_command(context: click.Context, file: Path, force: bool) -> None:
    """Write database and pictures into FILE, a tar (or .tar.gz), while the hub serves; prints its SHA-256 and name.

    The backup holds personal data and keys' hashes, readable by its owner only. It moves between SQLite and
    PostgreSQL. Signing keys are in it, locked: the file `secret` of the data directory (or HUB_SECRET) that opens them
    is not, keep it elsewhere. Status 1 when a picture was missing: the backup is written all the same.
    """
    settings = settings_of(context)
    if file.exists() and not force:
        fail(_("%(file)s is there already; --force replaces it.", file=file))
    require_hub(settings)
    database = Database(make_engine(settings.database))
    store = MediaStore(settings.media_folder)
    with speaking(), _disk(file), _spinner(_("backing up")) as step:
        made = backup.write(
            database, store, file.absolute(), version=hub.__version__, now=SystemClock().now(), step=step
        )
    with speaking(), database.writing() as session:
        said = {"name": file.name, "bytes": made.size, "sha256": made.sha256, "faults": len(made.faults)}
        health.remember(session, health.BACKUP, said, now=SystemClock().now())
    click.echo(f"{made.sha256}  {file}")
    counts = {"rows": made.rows, "pictures": made.pictures, "bytes": made.size}
    click.echo(_("%(rows)s rows, %(pictures)s pictures, %(bytes)s bytes", **counts), err=True)
    for fault in made.faults:
        click.echo(fault, err=True)
    _end_with(len(made.faults))


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def restore_command(context: click.Context, file: Path) -> None:
    """Lay the backup FILE into an empty data directory and database, and verify it; prints what `hub verify` prints.

    Every SHA-256 is checked before anything is touched. An older backup is brought to the newest migration. Old
    signatures hold in any case; put the file `secret` into the data directory (or set HUB_SECRET) and the hub goes on
    signing with the same key, else its next signature makes a new one (see `hub signing list`).
    """
    settings = settings_of(context)
    database = Database(make_engine(settings.database))
    with speaking(), _disk(settings.data), _spinner(_("restoring")) as step:
        restoring.restore(file, database.engine, MediaStore(settings.media_folder), step=step)
        step("signatures")
        proving.sign_unsigned(open_database(settings), now=SystemClock().now())
    _end_with(_verify(settings, database))


def _verify(settings: Settings, database: Database) -> int:
    """Print every fault, or one line of counts; returns how many faults there are."""
    counts: Counter[str] = Counter()
    faults = 0
    with _spinner(_("verifying")) as step:

        def seen(what: str, many: int) -> None:
            counts[what] += many
            step(f"{counts[what]} {what}")

        for fault in verification.find_faults(database, MediaStore(settings.media_folder), settings.address, seen=seen):
            faults += 1
            click.echo(fault)
    if not faults:
        click.echo("verified: " + ", ".join(f"{counts[what]} {what}" for what in (*COUNTED, *PROOFS)))
    return faults


def _end_with(faults: int) -> None:
    if faults:
        fail(fault_count(faults))


@contextmanager
def _spinner(doing: str) -> Iterator[Callable[[str], None]]:
    """On a terminal, what is being done stands on stderr; the function given says it."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(doing)
        yield lambda what: progress.update(task, description=f"{doing}: {what}")


@contextmanager
def _disk(goal: Path) -> Iterator[None]:
    """Turn a full disk or a missing folder into one sentence on stderr and status 1.

    It names what the operator named: the file that failed may be a temporary one beside it.
    """
    try:
        yield
    except OSError as exc:
        fail(f"{goal}: {exc.strerror or exc}")
