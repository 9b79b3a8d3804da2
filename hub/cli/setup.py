"""`hub init`: a data directory, a database at the newest migration, and the five questions of a first start."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

import schemas
from feeds.text import clean_text
from hub import i18n, migrations
from hub.accounts import passwords, registers, users
from hub.cli import fail
from hub.cli.common import NO, YES, open_database, refusal, speaking
from hub.cli.settings import settings_of
from hub.cli.speech import _, language
from hub.clock import SystemClock
from hub.config import Settings
from hub.db import Database, make_engine
from hub.operation import first_start, proving
from hub.operation.first_start import Answers
from hub.outlets import shown
from hub.records import base_address
from hub.regulation.duties import rebuilding

SITE_AT_MOST = 120
NEEDED = ("province", "site", "organization", "name", "email", "password")


@click.command("init")
@click.option(
    "--answers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="a JSON FILE with the answers to the five questions; see below",
)
@click.option("--ask/--no-ask", default=None, help="ask the five questions, or never; else on a terminal only")
@click.pass_context
def init_command(context: click.Context, answers: Path | None, ask: bool | None) -> None:
    """Make the data directory and bring the database to the newest migration.

    A hub without users and organizations is then made to work by five questions: on the terminal, from --answers
    {"province", "site", "organization", "kind", "beneath": [KIND …], "name", "email", "password", "newspaper",
    "television", "regulation": true, "language"}, or in a browser at /first-start with the code that is printed.

    A hub without signing key gets one, and the file `secret` that opens it unless HUB_SECRET is set. Versions that were
    released before the hub signed are signed now, and duties that an earlier version derived by other rules are derived
    again from the journal.
    """
    settings = settings_of(context)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)  # personal data: for its owner only
    settings.media_folder.mkdir(exist_ok=True)
    with speaking():
        migrations.upgrade(make_engine(settings.database))
        database = open_database(settings)
        signed = proving.prepare(database, now=SystemClock().now())
        with database.writing() as session:
            base_address.note(session, settings.base)
            shown.tell_earlier(session, at=SystemClock().now())
            registers.tell_earlier(session, at=SystemClock().now())
            duties = rebuilding.renew(session)
            fresh = first_start.is_fresh(session)
    if duties is not None:
        click.echo(_("derived %(count)s duties anew by the rules of this version", count=duties), err=True)
    if signed:
        click.echo(_("signed %(count)s versions that were released before", count=signed), err=True)
    if fresh:
        _start(settings, database, answers, ask=sys.stdin.isatty() if ask is None else ask)
    elif answers is not None or ask:
        fail(i18n.sentence("error.first_start_over", language()))
    told = {"data": settings.data, "migration": migrations.newest_revision()}
    click.echo(_("ready: %(data)s (migration %(migration)s)", **told), err=True)


def _start(settings: Settings, database: Database, file: Path | None, *, ask: bool) -> None:
    """Make a fresh hub work: by a file, by questions, or later in a browser, with the code that is printed here."""
    if file is not None:
        _begin(settings, database, _read(file))
    elif ask and _confirms(_("This hub is empty. Five questions make it work; answer them now?")):
        _begin(settings, database, _ask())
    else:
        with speaking(), database.writing() as session:
            code = first_start.make_code(session)
        place = settings.address("/first-start")
        click.echo(_("an empty hub: begin at %(place)s with the code %(code)s", place=place, code=code), err=True)


def _begin(settings: Settings, database: Database, answers: Answers) -> None:
    with speaking():
        first_start.check(answers)
        hashed = passwords.hash_of(answers.password)
        with database.writing() as session:
            begun = first_start.begin(session, answers, hashed=hashed, now=SystemClock().now())
    click.echo(
        _("sign in at %(place)s as %(email)s", place=settings.address("/sign-in"), email=answers.email), err=True
    )
    for channel in begun.channels:
        click.echo(settings.address(f"/feeds/{channel}.rss"))
    if not settings.smtp:
        click.echo(_("No mail server is set (HUB_SMTP): letters wait until there is one."), err=True)


def _read(file: Path) -> Answers:
    """The answers in a JSON file, which names no other members than those of Answers."""
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(said, dict):
            raise ValueError
        known = {each.name for each in fields(Answers)}
        if unknown := sorted(said.keys() - known):
            fail(_("%(file)s: nobody asks for %(names)s.", file=file, names=", ".join(unknown)))
        return Answers(**{**dict.fromkeys(NEEDED, ""), **said, "beneath": tuple(said.get("beneath", ()))})
    except ValueError:
        fail(_("%(file)s is no JSON object in UTF-8.", file=file))
        raise


def _ask() -> Answers:
    """The five questions, each on stderr with what is usual in brackets."""
    said: dict[str, Any] = {}
    click.echo(_("1 of 5: the province and the public portal"), err=True)
    said["province"] = _line(_("Province, as stories write it"))
    said["site"] = _line(_("Name of the public portal"), usual=f"Gương sáng {said['province']}"[:SITE_AT_MOST])
    click.echo(_("2 of 5: the organization that runs the hub, and those below it"), err=True)
    said["organization"] = _line(_("Its name"))
    kinds = schemas.vocabulary("organization_kinds").codes
    said["kind"] = click.prompt(
        _("Its kind"), default="mat_tran", type=click.Choice(kinds), show_choices=False, err=True
    )
    said["beneath"] = first_start.BENEATH if _confirms(_("Add the five province-level unions below it?")) else ()
    click.echo(_("3 of 5: the editor, who also administers"), err=True)
    said["name"] = _line(_("Name"), refused=_no_name)
    said["email"] = _line(_("E-mail"), refused=_no_email)
    said["password"] = _password(email=said["email"], name=said["name"])
    click.echo(_("4 of 5: newspaper and television"), err=True)
    said["newspaper"] = _line(_("Name of the newspaper; empty for none"), needed=False)
    said["television"] = _line(_("Name of the station; empty for none"), needed=False)
    click.echo(_("5 of 5: the regulation"), err=True)
    said["regulation"] = _confirms(_("Take the regulation that comes with the hub, to be changed later?"))
    return Answers(**said, language=language())


def _line(question: str, *, needed: bool = True, usual: str = "", refused: Callable[[str], str] | None = None) -> str:
    """One answer; what will not do is told and asked again, at once. `usual` is what only Enter says."""
    while True:
        answer: str = click.prompt(question, default=usual, show_default=bool(usual), err=True)
        answer = clean_text(answer).strip()
        trouble = _("This has to be answered.") if needed and not answer else refused(answer) if refused else ""
        if not trouble:
            return answer
        click.echo(trouble, err=True)


def _no_name(answer: str) -> str:
    return _("This is an e-mail address; it is asked for next. Type the name.") if "@" in answer else ""


def _no_email(answer: str) -> str:
    return "" if users.is_email(answer) else refusal(users.BadEmail(email=answer[:80]))


def _password(*, email: str, name: str) -> str:
    """A password, typed twice alike, that may be used."""
    while True:
        first, second = (
            click.prompt(question, default="", show_default=False, hide_input=True, err=True)
            for question in (_("Password"), _("Once more"))
        )
        try:
            passwords.check(first, email=email, name=name)
        except passwords.WeakPassword as exc:
            click.echo(refusal(exc), err=True)
            continue
        if first == second:
            return str(first)
        click.echo(_("The two are not alike."), err=True)


def _confirms(question: str) -> bool:
    """A question that whoever only presses Enter says yes to; what is neither yes nor no is asked again."""
    choices = _("[Y/n]")
    while True:
        answer = click.prompt(f"{question} {choices}", default="", show_default=False, prompt_suffix=": ", err=True)
        plain = answer.strip().casefold()
        if not plain or plain in YES:
            return True
        if plain in NO:
            return False
        click.echo(_("Answer y for yes or n for no."), err=True)
