"""`hub org`: organizations, what happens to them, and tables of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

import schemas
from hub.accounts import history, listing, organizations, tables
from hub.accounts.history import Decision
from hub.cli.common import AS_OF, DAY, confirm, day_of, decided, open_database, speaking, tell_event
from hub.cli.settings import settings_of
from hub.cli.speech import _
from hub.clock import SystemClock, local_day

CHILDREN_UP = click.option(
    "--children-up", is_flag=True, help="those below what is closed go under the one above it; else they are in the way"
)


@click.group("org")
def org_command() -> None:
    """Organizations that submit stories, and what happens to them."""


@org_command.command("add")
@click.argument("code")
@click.argument("name")
@click.option(
    "--kind",
    required=True,
    metavar="KIND",
    type=click.Choice(schemas.vocabulary("organization_kinds").codes),
    help="what kind of organization it is: a code of schemas/vocabularies/organization_kinds.v1.json",
)
@click.option(
    "--system",
    default="",
    metavar="SYSTEM",
    type=click.Choice(["", *schemas.vocabulary("organization_systems").codes]),
    help="the system it belongs to (party, front, union …); empty: the one of its kind",
)
@click.option(
    "--level",
    default="",
    metavar="LEVEL",
    type=click.Choice(["", *schemas.vocabulary("levels").codes]),
    help="the level it belongs to: grassroots, commune or province; without one nobody confirms its stories",
)
@click.option("--commune", default="", help="the commune, ward or special zone it works in")
@click.option("--province", default="", help="the province it works in")
@click.option("--parent", default="", help="code of the organization above it")
@click.option("--from", "founded", type=DAY, help="the day it was founded; else today")
@click.pass_context
def add_organization(context: click.Context, /, founded: datetime | None, **said: str) -> None:
    """Add an organization under a code of its own; prints the code."""
    new = organizations.NewOrganization(**said, valid_from=founded.date() if founded else None)
    with speaking(), open_database(settings_of(context)).writing() as session:
        row = organizations.add(session, new, now=SystemClock().now())
        click.echo(row.code)


@org_command.command("list")
@AS_OF
@click.pass_context
def list_organizations(context: click.Context, as_of: datetime | None) -> None:
    """List the organizations of a day: code, system, kind, level, code of the one above, name."""
    on = day_of(as_of)
    with speaking(), open_database(settings_of(context)).reading() as session:
        for row in listing.list_on(session, on):
            click.echo("\t".join([row.code, row.system, row.kind, row.level or "-", row.parent or "-", row.name]))


@org_command.command("history")
@click.argument("code")
@click.pass_context
def show_history(context: click.Context, code: str) -> None:
    """Show what an organization was from when to when (name, code of the one above), and by which decisions."""
    with speaking(), open_database(settings_of(context)).reading() as session:
        row = organizations.get(session, code)
        codes = {each.id: each.code for each in listing.list_all(session)}
        for state in organizations.list_states(session, row.id):
            until = state.valid_to or row.ended_on or "-"
            click.echo(f"{state.valid_from}\t{until}\t{state.name}\t{codes.get(state.parent_id or 0, '-')}")
        for event in history.list_events(session, code):
            click.echo(f"{event.on}\t{event.kind}\t{event.subject}\t{event.successor or '-'}\t{event.decision}")


@org_command.command("rename")
@click.argument("code")
@click.argument("name")
@decided
@click.pass_context
def rename(context: click.Context, code: str, name: str, day: datetime, number: str) -> None:
    """Give an organization another NAME; stories keep the name of their time. Prints what was done."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        history.rename(session, code, name, Decision(day.date(), number), now=SystemClock().now())
    tell_event("rename", [code], name, day, number)


@org_command.command("move")
@click.argument("code")
@click.argument("parent")
@decided
@click.pass_context
def move(context: click.Context, code: str, parent: str, day: datetime, number: str) -> None:
    """Put an organization under PARENT (a code, or - for none); prints day, event, code, parent, decision."""
    above = "" if parent == "-" else parent
    with speaking(), open_database(settings_of(context)).writing() as session:
        history.move(session, code, above, Decision(day.date(), number), now=SystemClock().now())
    tell_event("move", [code], above, day, number)


@org_command.command("merge")
@click.argument("codes", nargs=-1, required=True)
@click.option("--into", required=True, help="code of the organization that inherits")
@decided
@click.pass_context
def merge(context: click.Context, codes: Sequence[str], into: str, day: datetime, number: str) -> None:
    """End the organizations CODES; duties, rights and keys go on with the one they merge into. Prints each.

    It is final: what has ended takes part in nothing more, and no later event brings it back.
    """
    with speaking(), open_database(settings_of(context)).writing() as session:
        ended = history.merge(session, codes, into, Decision(day.date(), number), now=SystemClock().now())
        merged = [row.code for row in ended]
    tell_event("merge", merged, into, day, number)


@org_command.command("split")
@click.argument("code")
@click.argument("into", nargs=-1, required=True)
@click.option("--goes-on", is_flag=True, help="the organization lives on beside those that come out of it")
@decided
@click.pass_context
def split(context: click.Context, code: str, into: Sequence[str], goes_on: bool, day: datetime, number: str) -> None:
    """Let the organizations INTO come out of CODE; unless it goes on, the first of them inherits, and that is final."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        history.split(session, code, into, Decision(day.date(), number), goes_on=goes_on, now=SystemClock().now())
    for heir in dict.fromkeys(into):
        tell_event("split", [code], heir, day, number)


@org_command.command("close")
@click.argument("code")
@CHILDREN_UP
@decided
@click.pass_context
def close(context: click.Context, code: str, children_up: bool, day: datetime, number: str) -> None:
    """End an organization that nobody inherits; its keys and the roles in it open nothing any more. It is final."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        decision = Decision(day.date(), number)
        history.close(session, code, decision, children_up=children_up, now=SystemClock().now())
    tell_event("close", [code], "", day, number)


@org_command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--on", "day", type=DAY, help="the day of the changes; else today")
@click.option("--decision", "number", help="number of the decision that the changes follow; else the file's name")
@CHILDREN_UP
@click.option("--dry-run", is_flag=True, help="only show what would change")
@click.option("--yes", is_flag=True, help="do it without asking")
@click.pass_context
def import_organizations(
    context: click.Context,
    file: Path,
    day: datetime | None,
    number: str | None,
    children_up: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Bring organizations from a CSV or XLSX FILE: shows what would change, asks, and does it in one transaction.

    Columns: code, name, kind; and where there is more to say: system, level, parent, commune, province, valid_from,
    valid_to. Several rows of one code are its history.
    """
    now = SystemClock().now()
    with speaking():
        decision = Decision(day.date() if day else local_day(now), file.name if number is None else number)
    database = open_database(settings_of(context))
    with speaking():
        with database.reading() as session:
            plan = tables.plan(session, tables.read_rows(file), decision)
        for line in plan.lines():
            click.echo(line)
        if not plan.steps:
            return
        with database.writing() as session:
            tables.rehearse(session, plan, children_up=children_up, now=now)
        if dry_run:
            return
        if not yes:
            confirm(_("%(count)s changes; do them?", count=len(plan.steps)))
        with database.writing() as session:
            plan = tables.plan(session, tables.read_rows(file), decision)
            tables.carry_out(session, plan, children_up=children_up, now=now)
