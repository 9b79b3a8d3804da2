"""`hub user invite`, `password`, `sessions`, `second-factor-off`: how people get in, for operators."""

from __future__ import annotations

import sys

import click

from hub.accounts import credentials, passwords, sessions, users
from hub.actors import SYSTEM
from hub.cli.common import local, open_database, speaking
from hub.cli.settings import settings_of
from hub.cli.speech import _
from hub.clock import SystemClock
from hub.db import Database
from hub.delivery import account_letters
from hub.errors import NotFound
from hub.models import User


@click.command("invite")
@click.argument("email")
@click.pass_context
def invite(context: click.Context, email: str) -> None:
    """Send a user a letter to choose a password; an earlier one opens nothing any more. Prints the address."""
    settings = settings_of(context)
    with speaking(), open_database(settings).writing() as session:
        user = _get_open(users.get(session, email))
        account_letters.invite(session, user, actor=SYSTEM.name, now=SystemClock().now())
        click.echo(user.email)
    if not settings.smtp:
        click.echo(_("No mail server is set (HUB_SMTP): the letter waits until there is one."), err=True)


@click.command("password")
@click.argument("email")
@click.pass_context
def set_password(context: click.Context, email: str) -> None:
    """Set a user's password, asked for or read from stdin; they are signed out everywhere. Prints the address."""
    database = open_database(settings_of(context))
    with speaking():
        user = _find(database, email)
        password = _read_password()
        passwords.check(password, email=user.email, name=user.name)
        made = passwords.hash_of(password)
        with database.writing() as session:
            now = SystemClock().now()
            credentials.set_password(session, user.id, made, by="operator", actor=SYSTEM.name, now=now)
    click.echo(user.email)


@click.command("sessions")
@click.argument("email")
@click.option("--revoke", is_flag=True, help="sign the user out everywhere, and print how many sessions ended")
@click.pass_context
def show_sessions(context: click.Context, email: str, revoke: bool) -> None:
    """List where a user is signed in: number, since, last used, device, place, whether others use the device, too."""
    now = SystemClock().now()
    with speaking(), open_database(settings_of(context)).writing() as session:
        user = users.get(session, email)
        if revoke:
            click.echo(str(credentials.end_sessions(session, user.id, actor=SYSTEM.name, now=now)))
            return
        for row in sessions.list_of(session, user.id, now=now):
            shared = "shared" if row.shared_device else "-"
            told = (row.id, local(row.created_at), local(row.seen_at), row.agent or "-", row.place or "-", shared)
            click.echo("\t".join(map(str, told)))


@click.command("second-factor-off")
@click.argument("email")
@click.pass_context
def switch_second_factor_off(context: click.Context, email: str) -> None:
    """Switch a user's second factor off, as when the device is lost; they are told by mail. Prints 1, or 0 for none."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        user = users.get(session, email)
        done = credentials.drop_second_factor(session, user, actor=SYSTEM.name, now=SystemClock().now())
        click.echo(str(int(done)))


def _find(database: Database, email: str) -> User:
    with database.reading() as session:
        return _get_open(users.get(session, email))


def _get_open(user: User) -> User:
    if user.closed_at is not None:
        raise NotFound(what=user.email, kind="user")
    return user


def _read_password() -> str:
    if sys.stdin.isatty():
        said: str = click.prompt(_("Password"), hide_input=True, confirmation_prompt=_("Once more"), err=True)
        return said
    return sys.stdin.readline().rstrip("\r\n")


COMMANDS = (invite, set_password, show_sessions, switch_second_factor_off)
