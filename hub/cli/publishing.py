"""`hub publish`: the public channels' feeds as files that any web server can give."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from sqlalchemy.orm import Session

from hub.cli import fail
from hub.cli.common import open_database, speaking
from hub.cli.settings import settings_of
from hub.cli.speech import _
from hub.clock import SystemClock
from hub.config import Settings
from hub.db import Database
from hub.errors import Gone
from hub.models import Channel
from hub.outlets import catalog
from hub.publishing import archives, parts
from hub.publishing.documents import FORMATS, Page, render_page
from hub.publishing.heads import archive_path, assembled, feed_path
from hub.publishing.ranges import Part
from hub.publishing.visibility import Variant

FOLDER = "feeds"
PUBLIC = "public"
TRIES = 5  # at an archive that changes while it is written
PARTIAL = ".new-"  # how a file begins that is still being written


@click.command("publish")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.pass_context
def publish_command(context: click.Context, folder: Path) -> None:
    """Write the feeds of all public channels to DIR/feeds/OUTLET/CHANNEL.FORMAT, with their archives; prints the paths.

    The files are what the hub serves, byte for byte, under the same HUB_BASE_URL. DIR/feeds belongs to this command:
    feeds of channels that are gone, or public no more, are removed from it, and pages of archives that show something
    else now. A file that did not change is left alone.
    """
    settings = settings_of(context)
    database = open_database(settings)
    counts = {"feeds": 0, "written": 0}
    try:
        with speaking():
            with database.reading() as session:
                channels = catalog.list_readable(session)
                removed = _remove_others(session, folder, channels)
            for channel in channels:
                for path, body in _documents(database, settings, channel):
                    counts["feeds"] += 1
                    counts["written"] += _put(folder / path, body)
                    click.echo(path)
    except OSError as exc:
        fail(f"{exc.filename or folder}: {exc.strerror or exc}")
    told = _("%(feeds)s feeds, %(written)s written, %(removed)s removed", **counts, removed=removed)
    click.echo(told, err=True)


def _documents(database: Database, settings: Settings, channel: Channel) -> Iterator[tuple[str, bytes]]:
    """Each format of a channel as the server gives it, with its path; the archive comes before what leads to it."""
    for format_name in FORMATS:
        page, tries = _newest(database, settings, channel, format_name), 0
        older = page.paging.previous
        while older is not None:
            try:
                found = _archived(database, settings, channel, format_name, older)
            except Gone:  # changed while we wrote: once more from the newest document
                tries += 1
                if tries == TRIES:
                    raise
                page = _newest(database, settings, channel, format_name)
                older = page.paging.previous
                continue
            yield _name(archive_path(channel, older, format_name)), assembled(found, settings.address, tickets=None)
            older = found.paging.previous
        yield _name(feed_path(channel, format_name)), assembled(page, settings.address, tickets=None)


def _newest(database: Database, settings: Settings, channel: Channel, format_name: str) -> Page:
    return render_page(
        database,
        SystemClock(),
        settings.address,
        channel_id=channel.id,
        format_name=format_name,
        variant=Variant.FULL,
    )


def _archived(database: Database, settings: Settings, channel: Channel, format_name: str, part: Part) -> Page:
    return archives.render(
        database,
        SystemClock(),
        settings.address,
        channel_id=channel.id,
        name=part.name,
        format_name=format_name,
        variant=Variant.FULL,
    )


def _name(path: str) -> str:
    return path.removeprefix("/")


def _remove_others(session: Session, folder: Path, channels: Iterable[Channel]) -> int:
    """Remove files of feeds that no public channel has, and of pages that show something else now; nothing else."""
    wanted = {_name(feed_path(channel, format_name)) for channel in channels for format_name in FORMATS}
    by_address = {catalog.address_of(channel): channel for channel in channels}
    removed = 0
    for path in sorted((folder / FOLDER).glob("*/*")):
        if _is_feed(path) and path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
            removed += 1
    for path in sorted((folder / FOLDER).glob("*/*/archive/*")):
        channel = by_address.get(path.parents[1].relative_to(folder / FOLDER).as_posix())
        if _is_feed(path) and (channel is None or not parts.stands(session, channel, path.stem)):
            path.unlink()
            removed += 1
    return removed


def _is_feed(path: Path) -> bool:
    return path.suffix.removeprefix(".") in FORMATS and path.is_file()


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
