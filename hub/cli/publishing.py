"""`hub publish`: the public channels' feeds as files that any web server can give."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

import click

from hub.cli import fail
from hub.cli.common import open_database, speaking
from hub.cli.settings import settings_of
from hub.cli.speech import _
from hub.clock import SystemClock
from hub.config import Settings
from hub.db import Database
from hub.models import Channel
from hub.outlets import catalog
from hub.publishing.documents import FORMATS, render_page
from hub.publishing.heads import assembled, feed_path
from hub.publishing.visibility import Variant

FOLDER = "feeds"
PUBLIC = "public"
PARTIAL = ".new-"  # how a file begins that is still being written


@click.command("publish")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.pass_context
def publish_command(context: click.Context, folder: Path) -> None:
    """Write the feeds of all public channels to DIR/feeds/OUTLET/CHANNEL.FORMAT; prints their paths.

    The files are what the hub serves, byte for byte, under the same HUB_BASE_URL. DIR/feeds belongs to this command:
    feeds of channels that are gone, or public no more, are removed from it. A feed that did not change is left alone.
    """
    settings = settings_of(context)
    database = open_database(settings)
    written = 0
    try:
        with speaking():
            with database.reading() as session:
                channels = catalog.list_readable(session)
            wanted = {_path(channel, format_name) for channel in channels for format_name in FORMATS}
            removed = _remove_others(folder, wanted)
            for channel in channels:
                for path, body in _feeds(database, settings, channel):
                    written += _put(folder / path, body)
                    click.echo(path)
    except OSError as exc:
        fail(f"{exc.filename or folder}: {exc.strerror or exc}")
    counts = {"feeds": len(wanted), "written": written, "removed": removed}
    click.echo(_("%(feeds)s feeds, %(written)s written, %(removed)s removed", **counts), err=True)


def _path(channel: Channel, format_name: str) -> str:
    return feed_path(channel, format_name).removeprefix("/")


def _feeds(database: Database, settings: Settings, channel: Channel) -> Iterator[tuple[str, bytes]]:
    """Each format of a channel as the server gives it, with its path."""
    for format_name in FORMATS:
        page = render_page(
            database,
            SystemClock(),
            settings.address,
            channel_id=channel.id,
            format_name=format_name,
            variant=Variant.FULL,
        )
        yield _path(channel, format_name), assembled(page, settings.address)


def _remove_others(folder: Path, wanted: Collection[str]) -> int:
    """Remove feed files that no public channel has; anything else is left alone."""
    removed = 0
    for path in sorted((folder / FOLDER).glob("*/*")):
        feed = path.suffix.removeprefix(".") in FORMATS and path.is_file()
        if feed and str(path.relative_to(folder)) not in wanted:
            path.unlink()
            removed += 1
    return removed


def _put(goal: Path, body: bytes) -> int:
    """Write a file whole or not at all; returns 0 when it held these bytes already."""
    with contextlib.suppress(FileNotFoundError):
        if goal.read_bytes() == body:
            return 0
    goal.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=goal.parent, prefix=PARTIAL)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)  # a web server of another user reads it
        Path(name).replace(goal)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return 1
