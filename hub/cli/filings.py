"""`hub pickup list` and `hub filing list`: what outlets and organizations told and filed."""

from __future__ import annotations

import click

from hub.actors import SYSTEM
from hub.cli.common import open_database, speaking
from hub.cli.settings import settings_of
from hub.clock import LOCAL, SystemClock
from hub.regulation.filed import filings, pickups

LIMIT = click.IntRange(1, 10_000)


@click.group("pickup")
def pickup_command() -> None:
    """Pick-ups: what outlets did with stories."""


@pickup_command.command("list")
@click.option("--story", metavar="ID", help="only of this story")
@click.option("--state", type=click.Choice(pickups.STATES), help="only this state, instead of what outlets told")
@click.option("--limit", type=LIMIT, default=100, help="at most so many, the newest first")
@click.pass_context
def list_pickups(context: click.Context, story: str | None, state: str | None, limit: int) -> None:
    """List pick-ups: number, when told, outlet, use, story, version, day of use, place or address, state."""
    now = SystemClock().now()
    with speaking(), open_database(settings_of(context)).reading() as session:
        for row in pickups.list_page(
            session, asker=SYSTEM, story_id=story, state=state, before=None, limit=limit, now=now
        ):
            at = row.at.astimezone(LOCAL).isoformat(timespec="seconds")
            told = f"{row.id}\t{at}\t{row.outlet.code}\t{row.use}\t{row.story_id}\t{row.version}"
            replaces = f" ({row.replaces_id})" if row.replaces_id else ""
            click.echo(f"{told}\t{row.used_on or '-'}\t{row.place or row.url or '-'}\t{row.state}{replaces}")


@click.group("filing")
def filing_command() -> None:
    """Filings: quarter reports, ideas and their answers."""


@filing_command.command("list")
@click.option("--kind", type=click.Choice(filings.KINDS), help="only this kind")
@click.option("--limit", type=LIMIT, default=100, help="at most so many, the newest first")
@click.pass_context
def list_filings(context: click.Context, kind: str | None, limit: int) -> None:
    """List filings: number, when filed, kind, from whom, to whom, quarter or number of the idea that is answered."""
    now = SystemClock().now()
    with speaking(), open_database(settings_of(context)).reading() as session:
        for row in filings.list_page(session, asker=SYSTEM, kind=kind, before=None, limit=limit, now=now):
            at = row.at.astimezone(LOCAL).isoformat(timespec="seconds")
            sender = row.organization.code if row.organization else "desk"
            recipient = row.recipient.code if row.recipient else "-"
            click.echo(f"{row.id}\t{at}\t{row.kind}\t{sender}\t{recipient}\t{row.quarter or row.answers_id or '-'}")
