"""`hub notice`: what people are told by mail, what became of it, and whether mail works."""

from __future__ import annotations

import click

from hub.accounts import users
from hub.background import create_postman
from hub.cli import fail
from hub.cli.common import local, open_database, speaking
from hub.cli.settings import settings_of
from hub.cli.speech import _
from hub.clock import SystemClock
from hub.delivery import letters, recipients
from hub.delivery.recipients import Kind, When

STATES = ("waiting", "sending", "sent", "doubtful", "dead", "overtaken")


@click.group("notice")
def notice_command() -> None:
    """Mail that tells people what happened and what is due."""


@notice_command.command("list")
@click.option("--state", type=click.Choice(STATES), help="only letters in this state")
@click.option("--user", "email", metavar="EMAIL", help="only letters to this user")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, help="at most so many, the newest first")
@click.pass_context
def list_notices(context: click.Context, state: str | None, email: str | None, limit: int) -> None:
    """List letters: number, state, due or ended, failures, e-mail, kinds of notices, why it was not sent.

    The names of the columns stand on stderr; times are those of Việt Nam.
    """
    click.echo(_("number\tstate\tdue or ended\tfailures\te-mail\tkinds\twhy it was not sent"), err=True)
    with speaking(), open_database(settings_of(context)).reading() as session:
        for row in letters.list_letters(session, state=state, email=email, limit=limit):
            at = local(row.done_at or row.next_try_at)
            kinds = ",".join(notice.kind for notice in row.notices)
            click.echo(f"{row.id}\t{row.state}\t{at}\t{row.failures}\t{row.user.email}\t{kinds}\t{row.fault or '-'}")


@notice_command.command("choose")
@click.argument("email")
@click.option(
    "--kind", "kinds", multiple=True, metavar="KIND=WHEN", help="such as released=daily, late=at_once, used=none"
)
@click.option("--language", type=click.Choice(recipients.LANGUAGES), help="the language of the mail")
@click.option("--hour", type=click.IntRange(0, 23), help="when the daily mail goes out, in Việt Nam")
@click.pass_context
def choose(context: click.Context, email: str, kinds: tuple[str, ...], language: str | None, hour: int | None) -> None:
    """Change what a user is told by mail, and when; prints what holds then. Without options only prints it."""
    document: dict[str, object] = {}
    if kinds:
        document["kinds"] = dict(_pair(text) for text in kinds)
    if language is not None:
        document["language"] = language
    if hour is not None:
        document["digest_hour"] = hour
    with speaking(), open_database(settings_of(context)).writing() as session:
        user = users.get(session, email)
        if document:
            choice = recipients.choose(session, user, document, now=SystemClock().now())
        else:
            choice = recipients.choice_of(session, user)
    for kind in Kind:
        click.echo(f"{kind}\t{choice.kinds[kind]}")
    click.echo(f"language\t{choice.language}")
    click.echo(f"digest_hour\t{choice.digest_hour}")


@notice_command.command("send-test")
@click.argument("email")
@click.pass_context
def send_test(context: click.Context, email: str) -> None:
    """Send a user a letter that means nothing, now, and say what the mail server answered."""
    settings = settings_of(context)
    with speaking(), open_database(settings).reading() as session:
        user = users.get(session, email)
        choice = recipients.choice_of(session, user)
    with speaking():
        create_postman(settings).mail.send_test(to=user.email, name=user.name, language=choice.language)
    click.echo(_("sent to %(email)s", email=user.email), err=True)


@notice_command.command("repeat")
@click.argument("numbers", nargs=-1, required=True, type=int)
@click.pass_context
def repeat(context: click.Context, numbers: tuple[int, ...]) -> None:
    """Send letters again that are doubtful or dead, by their NUMBERS in `hub notice list`, and print those.

    They keep their Message-ID.
    """
    with speaking(), open_database(settings_of(context)).writing() as session:
        for number in numbers:
            letters.repeat(session, number, now=SystemClock().now())
            click.echo(str(number))


def _pair(text: str) -> tuple[str, str]:
    kind, mark, when = text.partition("=")
    if not mark:
        codes = f"{', '.join(Kind)}; {', '.join(When)}"
        fail(_("--kind takes KIND=WHEN, such as late=at_once (%(codes)s).", codes=codes), 2)
    return kind, when
