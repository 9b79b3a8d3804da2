"""`hub person`: whom stories are about, what they agreed to, and what they may ask of the hub."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from typing import Any

import click
from sqlalchemy.orm import Session

import schemas
from hub.actors import SYSTEM
from hub.cli import fail
from hub.cli.common import confirm, local, open_database, speaking
from hub.cli.settings import settings_of
from hub.cli.speech import _, language
from hub.clock import SystemClock
from hub.errors import Invalid
from hub.intake.media_store import MediaStore
from hub.models import Person
from hub.outlets import catalog, receipts
from hub.records import consents, journal, persons
from hub.records.secret import Secret, WrongSecret
from hub.regulation.consent import consenting, erasing, exporting
from hub.regulation.consent.reducing import Outcome
from schemas.faults import fault_at

PAGE = 200


@click.group("person")
def person_command() -> None:
    """Persons, collectives and households that stories are about, and their consent."""


@person_command.command("list")
@click.option("--story", default="", metavar="ID", help="only those whom this story tells of")
@click.pass_context
def list_persons(context: click.Context, story: str) -> None:
    """List persons, newest first: id, kind, year of birth, unit, name."""
    before: str | None = None
    with speaking(), open_database(settings_of(context)).reading() as session:
        while rows := persons.list_page(session, before=before, limit=PAGE, story_id=story):
            for row in rows:
                click.echo("\t".join([row.id, row.kind, str(row.birth_year or "-"), row.unit or "-", row.name or "-"]))
            before = rows[-1].id


@person_command.command("show")
@click.argument("person")
@click.pass_context
def show_person(context: click.Context, person: str) -> None:
    """Show the ledger of PERSON, oldest first: scope, story, limits, opened, expiry, end and its reason."""
    with speaking(), open_database(settings_of(context)).reading() as session:
        row = persons.get(session, person)
        for entry in consents.list_of_person(session, row.id):
            limits = ",".join([*entry.outlets, *([entry.audience] if entry.audience else [])])
            times = [local(at) if at else "-" for at in (entry.opened_at, entry.expires_at)]
            end = f"{entry.end_reason} {local(entry.ended_at)}" if entry.ended_at else "open"
            click.echo("\t".join([entry.scope, entry.story_id or "all", limits or "-", *times, end]))


@person_command.command("merge")
@click.argument("kept")
@click.argument("double")
@click.pass_context
def merge_persons(context: click.Context, kept: str, double: str) -> None:
    """Let DOUBLE be KEPT: places, consents and proofs move; prints the id that stays."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        one, other = (persons.get(session, named) for named in (kept, double))
        _tell(consenting.merge(session, one, other, actor=SYSTEM, now=SystemClock().now()))
        click.echo(one.id)


@person_command.command("withdraw")
@click.argument("person")
@click.option("--story", metavar="ID", help="only in this story; without it in all of them")
@click.option("--scope", "scopes", multiple=True, metavar="CODE", help="only this scope, may be given again")
@click.pass_context
def withdraw_consent(context: click.Context, person: str, story: str | None, scopes: tuple[str, ...]) -> None:
    """Take back what PERSON agreed to, at once and everywhere; prints the scopes that ended.

    Status 1 when nothing of it was open.
    """
    with speaking():
        _check_scopes(scopes)
    with speaking(), open_database(settings_of(context)).writing() as session:
        row = persons.get(session, person)
        told = _named(session, row)
        now = SystemClock().now()
        ended = consenting.withdraw(session, row, story_id=story, scopes=scopes, actor=SYSTEM, now=now)
        for entry in ended.consents:
            click.echo(f"{entry.scope}\t{entry.story_id or 'all'}")
        _tell(ended.outcome)
    if sys.stderr.isatty():  # a name is for whoever sits there, not for what keeps the output
        click.echo(_("%(name)s (%(person)s), stories concerned: %(count)s", **told), err=True)


@person_command.command("export")
@click.argument("person")
@click.pass_context
def export_person(context: click.Context, person: str) -> None:
    """Print everything held about PERSON as JSON: ledger, papers, stories, where they stood and who had them."""
    settings = settings_of(context)
    now = SystemClock().now()
    with speaking(), open_database(settings).writing() as session:
        row = persons.get(session, person)
        try:
            held = exporting.export(session, row, secret=Secret.of(settings), now=now)
        except WrongSecret:
            fail(
                _("The papers were sealed under another secret; HUB_SECRET, or the file `secret`, has to be that one.")
            )
        journal.append(session, {"kind": "person_exported", "person": row.id, "actor": SYSTEM.name}, at=now)
    click.echo(json.dumps(held, ensure_ascii=False, indent=2))


@person_command.command("erase")
@click.argument("person")
@click.option("--yes", is_flag=True, help="do not ask; it cannot be undone")
@click.pass_context
def erase_person(context: click.Context, person: str, yes: bool) -> None:
    """Erase what tells of PERSON from every version, picture and paper, for good; prints the stories concerned.

    Stories that cannot stand without are withdrawn. `hub verify` passes afterwards. Backups made before still hold
    the person; so does every copy that others made.
    """
    settings = settings_of(context)
    if not yes:
        with speaking(), open_database(settings).reading() as session:
            told = _named(session, persons.get(session, person))
        question = _("Erase %(name)s (%(person)s) for good? Stories concerned: %(count)s.", **told)
        confirm(question)
    with speaking(), open_database(settings).writing() as session:
        row = persons.get(session, person)
        erased = erasing.erase(session, row, actor=SYSTEM, now=SystemClock().now())
    store = MediaStore(settings.media_folder)
    for digest in erased.files:
        store.remove(digest)
    for story_id in erased.stories:
        click.echo(story_id)
    counts = {"disclosures": erased.disclosures, "files": len(erased.files)}
    click.echo(_("%(disclosures)s disclosures and %(files)s picture files are gone", **counts), err=True)


def _named(session: Session, row: Person) -> dict[str, Any]:
    """Who it is and in how many stories, for people to see that they mean this one."""
    stories = persons.list_stories(session, row.id)
    return {"name": row.name or _("somebody without a name"), "person": row.id, "count": len(stories)}


def _check_scopes(scopes: Collection[str]) -> None:
    """As the API does: Raises Invalid, naming the codes there are."""
    known = schemas.vocabulary("consent_scopes").codes
    faults = [
        fault_at("consent-act.v1", ("scopes", place), "enum", value=scope, allowed=tuple(known))
        for place, scope in enumerate(scopes)
        if scope not in known
    ]
    if faults:
        raise Invalid(faults=faults)


def _tell(outcome: Outcome) -> None:
    """What standing releases lost, and who is asked for a receipt."""
    for loss in outcome.losses:
        what = "; ".join(schemas.title_of_path(path, language()) for path in loss.fields) or _("all of it")
        facts = {"story": loss.story_id, "channel": catalog.address_of(loss.channel), "what": what}
        gone = loss.task == receipts.WITHDRAW
        told = (
            _("%(story)s: withdrawn from %(channel)s: %(what)s", **facts)
            if gone
            else _("%(story)s: reduced in %(channel)s: %(what)s", **facts)
        )
        click.echo(told, err=True)
    click.echo(_("%(count)s receipts were asked for", count=len(outcome.receipts)), err=True)
