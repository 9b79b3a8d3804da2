"""`hub pickup list` and `hub filing list`: what outlets and organizations told and filed."""

from __future__ import annotations

import click

from hub.actors import SYSTEM
from hub.cli.common import local, open_database, speaking
from hub.cli.settings import settings_of
from hub.cli.speech import _
from hub.clock import SystemClock
from hub.models import Pickup
from hub.regulation.filed import filings, pickups

LIMIT = click.IntRange(1, 10_000)


@click.group("pickup")
def pickup_command() -> None:
    """Pick-ups: what outlets did with stories."""


@pickup_command.command("list")
@click.option("--story", metavar="ID", help="only of this story")
@click.option("--standing", type=click.Choice(pickups.STANDINGS), help="only what stands so")
@click.option("--limit", type=LIMIT, default=100, help="at most so many, the newest first")
@click.pass_context
def list_pickups(context: click.Context, story: str | None, standing: str | None, limit: int) -> None:
    """List pick-ups: number, when told, outlet, use, story, version, day of use, place or address, standing, links.

    What was put right is replaced, what was taken back is taken back, and so is the line that says so.
    """
    now = SystemClock().now()
    with speaking(), open_database(settings_of(context)).reading() as session:
        rows = pickups.list_page(
            session, asker=SYSTEM, story_id=story, standing=standing, before=None, limit=limit, now=now
        )
        after = pickups.followers(session, rows)
        for row in rows:
            at = local(row.at)
            told = f"{row.id}\t{at}\t{row.outlet.code}\t{row.use}\t{row.story_id}\t{row.version}"
            state_now, linked = _standing(row, after.get(row.id))
            click.echo(f"{told}\t{row.used_on or '-'}\t{row.place or row.url or '-'}\t{state_now}\t{linked}")


def _standing(row: Pickup, later: Pickup | None) -> tuple[str, str]:
    """The state of a pick-up as it stands, and which others it goes with."""
    linked = []
    if row.replaces_id is not None:
        takes, number = row.state == pickups.TAKEN_BACK, row.replaces_id
        linked.append(_("takes back %(number)s", number=number) if takes else _("replaces %(number)s", number=number))
    state = row.state
    if later is not None:
        taken, number = later.state == pickups.TAKEN_BACK, later.id
        state = pickups.TAKEN_BACK if taken else pickups.REPLACED
        linked.append(
            _("taken back by %(number)s", number=number) if taken else _("replaced by %(number)s", number=number)
        )
    return state, ", ".join(linked) or "-"


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
            at = local(row.at)
            sender = row.organization.code if row.organization else "desk"
            recipient = row.recipient.code if row.recipient else "-"
            click.echo(f"{row.id}\t{at}\t{row.kind}\t{sender}\t{recipient}\t{row.quarter or row.answers_id or '-'}")
