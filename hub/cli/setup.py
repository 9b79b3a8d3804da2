"""`hub init`: a data directory and a database at the newest migration."""

from __future__ import annotations

import click

from hub import migrations
from hub.accounts import registers
from hub.cli.common import open_database, speaking
from hub.cli.settings import settings_of
from hub.cli.speech import _
from hub.clock import SystemClock
from hub.db import make_engine
from hub.operation import proving
from hub.outlets import shown
from hub.records import base_address
from hub.regulation.duties import rebuilding


@click.command("init")
@click.pass_context
def init_command(context: click.Context) -> None:
    """Make the data directory and bring the database to the newest migration.

    A hub without signing key gets one, and the file `secret` that opens it unless HUB_SECRET is set. Versions that were
    released before the hub signed are signed now, and duties that an earlier version derived by other rules are derived
    again from the journal.
    """
    settings = settings_of(context)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)  # personal data: for its owner only
    settings.media_folder.mkdir(exist_ok=True)
    with speaking():
        migrations.upgrade(make_engine(settings.database))
        database = open_database(settings)
        signed = proving.prepare(database, now=SystemClock().now())
        with database.writing() as session:
            base_address.note(session, settings.base)
            shown.tell_earlier(session, at=SystemClock().now())
            registers.tell_earlier(session, at=SystemClock().now())
            duties = rebuilding.renew(session)
    if duties is not None:
        click.echo(_("derived %(count)s duties anew by the rules of this version", count=duties), err=True)
    if signed:
        click.echo(_("signed %(count)s versions that were released before", count=signed), err=True)
    told = {"data": settings.data, "migration": migrations.newest_revision()}
    click.echo(_("ready: %(data)s (migration %(migration)s)", **told), err=True)
