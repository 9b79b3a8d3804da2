"""`hub user`: people who work with the hub, their roles, who stands in for whom, and how they sign in."""

from __future__ import annotations

from datetime import datetime

import click

import schemas
from hub.accounts import keys, registers, users
from hub.cli import user_sign_in
from hub.cli.common import AS_OF, DAY, day_of, open_database, speaking
from hub.cli.settings import settings_of
from hub.clock import SystemClock

ROLE = click.option(
    "--role", required=True, type=click.Choice(schemas.vocabulary("roles").codes), help="what the user may do there"
)


@click.group("user")
def user_command() -> None:
    """People who work with the hub, and their roles in organizations and at outlets."""


@user_command.command("add")
@click.argument("email")
@click.argument("name")
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", help="the language of notices")
@click.pass_context
def add_user(context: click.Context, email: str, name: str, language: str) -> None:
    """Add a user; prints a key for programs, and never again. The key opens nothing before the user has a role."""
    now = SystemClock().now()
    with speaking(), open_database(settings_of(context)).writing() as session:
        user = users.add(session, name=name, email=email, language=language, now=now)
        made = keys.mint(session, "user", user=user, label=email, now=now)
    click.echo(made.secret)


@user_command.command("seat")
@click.argument("email")
@ROLE
@click.option("--organization", default="", metavar="CODE", help="in this organization, reaching all below it")
@click.option("--outlet", default="", metavar="CODE", help="at this outlet")
@click.option("--from", "begins", type=DAY, help="from this day; else today")
@click.option("--until", type=DAY, help="before this day; else until ended")
@click.pass_context
def seat_user(
    context: click.Context,
    email: str,
    role: str,
    organization: str,
    outlet: str,
    begins: datetime | None,
    until: datetime | None,
) -> None:
    """Give a user a role in an organization or at an outlet; prints e-mail, role, place, since, until."""
    place = users.Seat(role=role, organization=organization, outlet=outlet)
    with speaking(), open_database(settings_of(context)).writing() as session:
        last = until.date() if until else None
        row = users.seat(session, users.get(session, email), place, on=day_of(begins), until=last)
        registers.tell_seats(session, row.user_id, at=SystemClock().now())
        click.echo(f"{email}\t{row.role}\t{organization or outlet}\t{row.valid_from}\t{row.valid_to or '-'}")


@user_command.command("unseat")
@click.argument("email")
@ROLE
@click.option("--organization", default="", metavar="CODE", help="in this organization, where there are several")
@click.option("--outlet", default="", metavar="CODE", help="at this outlet, where there are several")
@click.option("--from", "ends", type=DAY, help="from this day; else today")
@click.pass_context
def unseat_user(
    context: click.Context, email: str, role: str, organization: str, outlet: str, ends: datetime | None
) -> None:
    """End a user's role at one place, which has to be named where there are several; prints how many ended."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        user = users.get(session, email)
        done = users.unseat(session, user, role=role, organization=organization, outlet=outlet, on=day_of(ends))
        registers.tell_seats(session, user.id, at=SystemClock().now())
        click.echo(str(done))


@user_command.command("delegate")
@click.argument("email")
@click.argument("deputy")
@click.option("--from", "begins", type=DAY, help="from this day; else today")
@click.option("--until", required=True, type=DAY, help="before this day")
@click.option("--note", default="", help="why")
@click.pass_context
def delegate(
    context: click.Context, email: str, deputy: str, begins: datetime | None, until: datetime, note: str
) -> None:
    """Let DEPUTY have the roles of a user who is away; prints both, since, until."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        row = users.delegate(
            session,
            users.get(session, email),
            users.get(session, deputy),
            on=day_of(begins),
            until=until.date(),
            note=note,
            now=SystemClock().now(),
        )
        click.echo(f"{email}\t{deputy}\t{row.valid_from}\t{row.valid_to}")


@user_command.command("close")
@click.argument("email")
@click.pass_context
def close_user(context: click.Context, email: str) -> None:
    """Close a user's account: keys and roles open nothing any more; what was done keeps its name. Prints it."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        users.close(session, users.get(session, email), now=SystemClock().now())
    click.echo(email)


@user_command.command("list")
@AS_OF
@click.pass_context
def list_users(context: click.Context, as_of: datetime | None) -> None:
    """List who has which role where: e-mail, role, organization or outlet, since, until, name."""
    with speaking(), open_database(settings_of(context)).reading() as session:
        for user, seat, place in users.list_on(session, day_of(as_of)):
            since, until = seat.valid_from, seat.valid_to or "-"
            click.echo(f"{user.email}\t{seat.role}\t{place}\t{since}\t{until}\t{user.name}")


for command in user_sign_in.COMMANDS:
    user_command.add_command(command)
