"""`hub reindex`: the lists and the search of the portal, made anew."""

from __future__ import annotations

import click

from hub.cli.common import open_database, speaking
from hub.cli.settings import settings_of
from hub.outlets import listings
from hub.publishing import listing


@click.command("reindex")
@click.pass_context
def reindex_command(context: click.Context) -> None:
    """List and index every public story anew, while the hub serves; prints how many stories there are.

    What `hub verify` finds wrong with listings goes by it. A story that is not yet done is not found meanwhile.
    """
    settings = settings_of(context)
    database = open_database(settings)
    with speaking():
        with database.writing() as session:
            listings.wait_all(session)
        while listing.catch_up(database, settings.address):
            pass
        with database.reading() as session:
            click.echo(listing.count(session))
