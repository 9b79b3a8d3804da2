"""`hub webhook`: machines of organizations, outlets and users that are told what happened."""

from __future__ import annotations

import click

from hub.accounts import organizations, users
from hub.background import create_postman
from hub.cli import fail
from hub.cli.common import local, open_database, speaking
from hub.cli.settings import settings_of
from hub.cli.speech import _
from hub.clock import SystemClock
from hub.delivery import webhook_claims, webhooks
from hub.delivery.recipients import Kind
from hub.models import Outlet
from hub.outlets import catalog
from hub.records.secret import Secret, WrongSecret


@click.group("webhook")
def webhook_command() -> None:
    """Webhooks, signed as Standard Webhooks says."""


@webhook_command.command("add")
@click.argument("url")
@click.option("--organization", metavar="CODE", help="what happens to this organization's stories")
@click.option("--outlet", metavar="CODE", help="what concerns this outlet")
@click.option("--user", "email", metavar="EMAIL", help="what this user would be told")
@click.option("--kind", "kinds", multiple=True, type=click.Choice([kind.value for kind in Kind]), help="only this kind")
@click.option("--label", default="", help="what it is for")
@click.pass_context
def add_webhook(
    context: click.Context,
    url: str,
    organization: str | None,
    outlet: str | None,
    email: str | None,
    kinds: tuple[str, ...],
    label: str,
) -> None:
    """Add an endpoint for exactly one owner; prints its id and its secret, and the secret never again."""
    if sum(map(bool, (organization, outlet, email))) != 1:
        fail(_("Name exactly one of --organization, --outlet, --user."), 2)
    settings = settings_of(context)
    with speaking(), open_database(settings).writing() as session:
        found: Outlet | None = catalog.get_outlet(session, outlet) if outlet else None
        made = webhooks.add(
            session,
            Secret.of(settings),
            url=url,
            allowed=settings.allowed_networks,
            organization=organizations.get(session, organization) if organization else None,
            outlet=found,
            user=users.get(session, email) if email else None,
            kinds=kinds,
            label=label,
            now=SystemClock().now(),
        )
    click.echo(f"{made.endpoint.id}\t{made.secret}")


@webhook_command.command("list")
@click.pass_context
def list_webhooks(context: click.Context) -> None:
    """List endpoints: id, state, whose, kinds, host, label, why it fails; never its path or its secret."""
    with speaking(), open_database(settings_of(context)).reading() as session:
        for row, owner in webhooks.list_endpoints(session):
            facts = [owner, ",".join(row.kinds) or "all", webhooks.host_of(row), row.label or "-", row.fault or "-"]
            click.echo("\t".join([row.id, row.state, *facts]))


@webhook_command.command("rotate")
@click.argument("endpoint")
@click.pass_context
def rotate_webhook(context: click.Context, endpoint: str) -> None:
    """Give an endpoint a new secret and print it; for a day the former one signs beside it."""
    settings = settings_of(context)
    with speaking(), open_database(settings).writing() as session:
        row = webhooks.get(session, endpoint)
        click.echo(webhooks.rotate(session, Secret.of(settings), row, now=SystemClock().now()))


@webhook_command.command("test")
@click.argument("endpoint")
@click.pass_context
def test_webhook(context: click.Context, endpoint: str) -> None:
    """Send an endpoint a message of type `test`, now, and print what it answered."""
    settings = settings_of(context)
    with speaking(), open_database(settings).reading() as session:
        row = webhooks.get(session, endpoint)
        try:
            order = webhook_claims.test_order(Secret.of(settings), row, now=SystemClock().now())
        except WrongSecret:
            fail(_("HUB_SECRET is not the one this endpoint's secret was sealed under; rotate it."))
    outcome = create_postman(settings).webhooks.try_once(order)
    click.echo(str(outcome.status or outcome.fault))
    if not outcome.taken:
        context.exit(1)


@webhook_command.command("enable")
@click.argument("endpoint")
@click.pass_context
def enable_webhook(context: click.Context, endpoint: str) -> None:
    """Let a disabled endpoint be tried again; what it missed is dead until `hub webhook replay`."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        row = webhooks.get(session, endpoint)
        webhooks.enable(session, row)
        click.echo(f"{row.id}\t{row.state}")


@webhook_command.command("disable")
@click.argument("endpoint")
@click.pass_context
def disable_webhook(context: click.Context, endpoint: str) -> None:
    """Send nothing more to an endpoint; what happens meanwhile is kept as dead."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        row = webhooks.get(session, endpoint)
        webhooks.disable(session, row, fault="by an operator", now=SystemClock().now())
        click.echo(f"{row.id}\t{row.state}")


@webhook_command.command("dead")
@click.option("--endpoint", metavar="ID", help="only of this endpoint")
@click.pass_context
def list_dead(context: click.Context, endpoint: str | None) -> None:
    """List deliveries that nobody took: number, endpoint, webhook-id, since, failures, last answer."""
    with speaking(), open_database(settings_of(context)).reading() as session:
        for row in webhooks.list_dead(session, endpoint_id=endpoint):
            since = local(row.done_at or row.created_at)
            answer = row.status or row.fault or "-"
            click.echo(f"{row.id}\t{row.endpoint_id}\t{row.message_id}\t{since}\t{row.failures}\t{answer}")


@webhook_command.command("replay")
@click.argument("endpoint")
@click.argument("numbers", nargs=-1, type=int)
@click.pass_context
def replay(context: click.Context, endpoint: str, numbers: tuple[int, ...]) -> None:
    """Send dead deliveries again, all of an endpoint's or those with NUMBERS; prints how many."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        row = webhooks.get(session, endpoint)
        click.echo(str(webhooks.replay(session, row, ids=numbers, now=SystemClock().now())))
