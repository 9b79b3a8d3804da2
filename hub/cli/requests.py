"""`hub request list`: what outlets ask organizations to cover."""

from __future__ import annotations

import click

from hub.actors import SYSTEM
from hub.cli.common import local, open_database, speaking
from hub.cli.settings import settings_of
from hub.clock import SystemClock
from hub.regulation.filed import requests
from hub.regulation.filed.request_states import RequestState


@click.group("request")
def request_command() -> None:
    """Requests: what outlets ask organizations to cover."""


@request_command.command("list")
@click.option("--state", type=click.Choice([state.value for state in RequestState]), help="only in this state")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, help="at most so many, the newest first")
@click.pass_context
def list_requests(context: click.Context, state: str | None, limit: int) -> None:
    """List requests: number, when asked, outlet, state, to whom, needed by, title.

    To whom: the code of an organization, with /* where all below it are asked, too; * for all.
    """
    now = SystemClock().now()
    with speaking(), open_database(settings_of(context)).reading() as session:
        for row in requests.list_page(session, asker=SYSTEM, state=state, before=None, limit=limit, now=now):
            at = local(row.at)
            asked = row.organization.code + ("/*" if row.reach == requests.BELOW else "") if row.organization else "*"
            told = f"{row.id}\t{at}\t{row.outlet.code}\t{row.state}\t{asked}\t{row.needed_by or '-'}"
            click.echo(f"{told}\t{row.title or '-'}")
