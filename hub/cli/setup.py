"""`hub init`: a data directory and a database at the newest migration."""

from __future__ import annotations

import click

from hub import migrations
from hub.cli.common import speaking
from hub.cli.settings import settings_of
from hub.db import make_engine


@click.command("init")
@click.pass_context
def init_command(context: click.Context) -> None:
    """Make the data directory and bring the database to the newest migration."""
    settings = settings_of(context)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)  # personal data: for its owner only
    settings.media_folder.mkdir(exist_ok=True)
    with speaking():
        migrations.upgrade(make_engine(settings.database))
    click.echo(f"ready: {settings.data} (migration {migrations.newest_revision()})", err=True)
