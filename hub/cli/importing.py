"""`hub import`: stories from JSON Lines files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from hub import i18n
from hub.cli import fail
from hub.cli.common import open_database, speaking
from hub.cli.settings import settings_of
from hub.cli.speech import _, language
from hub.clock import SystemClock
from hub.intake import importing
from hub.intake.importing import Rejected

SOME_REJECTED = 3


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.File("rb"))
@click.option("--organization", metavar="CODE", help="Who submits the rows that name no organization themselves.")
@click.option(
    "--report",
    metavar="FILE",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Where refused rows are told, one JSON object a line; otherwise on stderr.",
)
@click.pass_context
def import_command(
    context: click.Context, files: tuple[BinaryIO, ...], organization: str | None, report: Path | None
) -> None:
    """Bring in stories from JSON Lines (FILE - reads stdin); prints how many.

    A row is a story as PUT /api/v1/stories/{id} takes it, with two more members: {"organization": CODE, "id": ID,
    "state": "draft" or "submitted", "kind": …, "title": …}. The row's organization comes before --organization. A row
    without an id gets one from its content; when such a row is changed, it is another story.

    Good rows come in, 100 to a transaction; refused ones are told with file and line, and the status is then 3. An
    import may be stopped and run again: rows that are in already change nothing.
    """
    database = open_database(settings_of(context))
    created = changed = unchanged = rejected = named = 0
    with speaking(), _report(report) as tell, _progress(files) as progress:
        task = progress.add_task("import", total=_size(files))
        lines = (line for file in files for line in importing.read_lines(file, getattr(file, "name", "-")))
        for batch in importing.import_lines(database, SystemClock(), lines, organization=organization):
            created += batch.created
            changed += batch.changed
            unchanged += batch.unchanged
            rejected += len(batch.rejected)
            named += batch.named
            tell(batch.rejected)
            progress.advance(task, batch.size)
    counts = {"new": created, "changed": changed, "known": unchanged, "refused": rejected}
    click.echo(_("new %(new)s, changed %(changed)s, known %(known)s, refused %(refused)s", **counts))
    if named:
        click.echo(_("%(count)s rows without an id got one from their content", count=named), err=True)
    if rejected:
        context.exit(SOME_REJECTED)


@contextmanager
def _report(path: Path | None) -> Iterator[Any]:
    """Tells refused rows once their batch is committed, and at once, so that a stopped import has told them."""
    try:
        file = path.open("wb") if path else None
    except OSError as exc:
        fail(f"{path}: {exc.strerror}")
    try:

        def tell(rejected: tuple[Rejected, ...]) -> None:
            for row in rejected:
                told = orjson.dumps(_as_json(row))
                if file:
                    file.write(told + b"\n")
                else:
                    click.echo(told, err=True)
            if file:
                file.flush()

        yield tell
    finally:
        if file:
            file.close()


def _as_json(rejected: Rejected) -> dict[str, Any]:
    error = rejected.error
    faults = [
        {"pointer": fault.pointer, "code": fault.code, "detail": i18n.fault_sentence(fault, language())}
        for fault in error.faults
    ]
    return {
        **{name: value for name, value in error.facts.items() if isinstance(value, str | int | float)},
        "file": rejected.line.file,
        "line": rejected.line.number,
        "error": error.key.removeprefix("error."),
        "detail": i18n.sentence(error.key, language(), **error.facts),
        **({"errors": faults} if faults else {}),
    }


def _progress(files: tuple[BinaryIO, ...]) -> Progress:
    console = Console(stderr=True)
    percent = TextColumn("{task.percentage:>3.0f} %")
    columns = (TextColumn("{task.description}"), BarColumn(), percent, TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


def _size(files: tuple[BinaryIO, ...]) -> int | None:
    """Bytes of all files; None when they are not known before."""
    try:
        return sum(os.fstat(file.fileno()).st_size for file in files) or None
    except OSError:
        return None
