"""`hub websub`: who is pushed our feeds when they change."""

from __future__ import annotations

import click

from hub.cli.common import local, open_database, speaking
from hub.cli.settings import settings_of
from hub.clock import SystemClock
from hub.delivery.pushing import subscriptions


@click.group("websub")
def websub_command() -> None:
    """WebSub subscriptions: feed readers that are sent a feed whenever it changes."""


@websub_command.command("list")
@click.pass_context
def list_subscriptions(context: click.Context) -> None:
    """List subscriptions: number, host, channel.format, signed or not, end of the lease, failures, why it fails.

    Neither callbacks nor topics are shown: they may hold secrets.
    """
    with speaking(), open_database(settings_of(context)).reading() as session:
        for row, channel in subscriptions.list_all(session):
            ends = local(row.lease_until)
            signed = "signed" if row.secret else "unsigned"
            facts = [row.place, f"{channel}.{row.format}", signed, ends, str(row.failures), row.fault or "-"]
            click.echo("\t".join([str(row.id), *facts]))


@websub_command.command("drop")
@click.argument("numbers", metavar="NUMBER…", nargs=-1, required=True, type=int)
@click.pass_context
def drop_subscriptions(context: click.Context, numbers: tuple[int, ...]) -> None:
    """End subscriptions by their numbers; their callbacks are told, and may subscribe again. Prints how many."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        click.echo(str(subscriptions.drop(session, numbers, now=SystemClock().now())))
