"""`hub source` and `hub pull`: organizations' feeds, which become drafts, and outlets', in which uses are sought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import click

import schemas
from hub.accounts import organizations
from hub.background import create_puller
from hub.cli import fail
from hub.cli.common import local, open_database, speaking
from hub.cli.settings import settings_of
from hub.cli.speech import _, language
from hub.clock import SystemClock
from hub.i18n.words import ENTRIES
from hub.intake.pulling import drafting, faults, sources
from hub.intake.pulling.drafting import Absorbed, Became, Line
from hub.intake.pulling.puller import Report
from hub.models import Outlet, Source
from hub.operation import logs
from hub.outlets import catalog


@click.group("source")
def source_command() -> None:
    """Feeds that the hub reads: organizations' own, and outlets' public ones."""


@source_command.command("add")
@click.argument("url")
@click.option("--organization", metavar="CODE", help="its entries become drafts of this organization")
@click.option("--outlet", metavar="CODE", help="uses of stories by this outlet are looked for in it")
@click.option("--every", metavar="MINUTES", type=int, default=60, show_default=True, help="how often, 15 to 1440")
@click.pass_context
def add_source(context: click.Context, url: str, organization: str | None, outlet: str | None, every: int) -> None:
    """Read the RSS, Atom or JSON Feed at URL from now on; prints the source's number."""
    if bool(organization) == bool(outlet):
        fail(_("Name exactly one of --organization, --outlet."), 2)
    settings = settings_of(context)
    with speaking(), open_database(settings).writing() as session:
        found: Outlet | None = catalog.get_outlet(session, outlet) if outlet else None
        row = sources.add(
            session,
            url,
            organization=organizations.get(session, organization) if organization else None,
            outlet=found,
            interval=timedelta(minutes=every),
            allowed=settings.allowed_networks,
            now=SystemClock().now(),
        )
        click.echo(str(row.id))


@source_command.command("list")
@click.pass_context
def list_sources(context: click.Context) -> None:
    """List sources: number, state, whose, kind, host, every how many minutes, last good, next, what is wrong."""
    with speaking(), open_database(settings_of(context)).reading() as session:
        for row, owner in sources.list_all(session):
            good = local(row.good_at) if row.good_at else "-"
            wrong = faults.sentence(row.fault, language()) or "-"
            facts = [owner, row.kind, sources.shown_address(row.url), str(row.interval_minutes), good]
            click.echo("\t".join([str(row.id), row.state, *facts, local(row.next_at), wrong]))


@source_command.command("drafts")
@click.argument("source", type=int, required=False)
@click.pass_context
def list_drafts(context: click.Context, source: int | None) -> None:
    """List drafts that wait to be completed: source, story, title, what is missing."""
    with speaking(), open_database(settings_of(context)).reading() as session:
        for number, line in drafting.list_drafts(session, source):
            click.echo("\t".join([str(number), line.story_id, line.title, _named(line.missing) or "-"]))


@source_command.command("pause")
@click.argument("source", type=int)
@click.pass_context
def pause_source(context: click.Context, source: int) -> None:
    """Read a source no more until it is resumed."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        row = sources.get(session, source)
        sources.pause(session, row, now=SystemClock().now())
        _echo_state(row)


@source_command.command("resume")
@click.argument("source", type=int)
@click.pass_context
def resume_source(context: click.Context, source: int) -> None:
    """Read a paused or flagged source again, at once."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        row = sources.get(session, source)
        sources.resume(session, row, now=SystemClock().now())
        _echo_state(row)


@source_command.command("remove")
@click.argument("source", type=int)
@click.pass_context
def remove_source(context: click.Context, source: int) -> None:
    """Forget a source and what was seen in it; drafts that it made stay."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        row = sources.get(session, source)
        sources.remove(session, row, now=SystemClock().now())
        click.echo(f"{source}\tremoved")


@click.command("pull")
@click.argument("numbers", metavar="[SOURCE]…", nargs=-1, type=int)
@click.pass_context
def pull_command(context: click.Context, numbers: tuple[int, ...]) -> None:
    """Read sources now, all that are not paused or those named; prints what came of each.

    A line for each source, and one for each draft that is new or changed, with what a person has still to add, or that
    was left alone since people have it in hand. The status is 1 when a source could not be read, or is odd.
    """
    settings = settings_of(context)
    database = open_database(settings)
    logs.configure(settings.log_format)
    with speaking(), database.reading() as session:
        known = {row.id: row for row, _owner in sources.list_all(session)}
        for number in numbers:
            if number not in known:
                sources.get(session, number)
    wanted = set(numbers) or {row.id for row in known.values() if row.state != sources.PAUSED}
    puller = create_puller(settings)
    with speaking():
        reports = puller.pull(wanted)
    puller.close()
    for report in reports:
        _echo_report(report)
    busy = len(wanted) - len(reports)
    if busy:
        click.echo(_("%(count)s of them another process is reading just now", count=busy), err=True)
    if busy or any(report.fault for report in reports):
        context.exit(1)


def _echo_state(row: Source) -> None:
    click.echo(f"{row.id}\t{row.state}")


def _echo_report(report: Report) -> None:
    counts = report.came.counts.items() if report.came else ()
    told = ", ".join(f"{_(ENTRIES[word.value])}: {count}" for word, count in counts if count)
    said = told or (_("nothing new") if report.unchanged or report.came else "-")
    wrong = faults.sentence(report.fault, language()) or "-"
    click.echo("\t".join([str(report.source_id), report.state, report.host, said, wrong]))
    if isinstance(report.came, Absorbed):
        for line in report.came.lines:
            _echo_line(line)
    elif report.came is not None:
        for story_id, url, likeness in report.came.proposed:
            click.echo("\t".join(["", _(ENTRIES["proposed"]), story_id, f"{likeness:.0%}", url]))


def _echo_line(line: Line) -> None:
    if line.became is Became.KEPT:
        lacks = _("not touched: people have it in hand")
    else:
        lacks = _("missing: %(fields)s", fields=_named(line.missing)) if line.missing else "-"
    click.echo("\t".join(["", _(ENTRIES[line.became.value]), line.story_id, line.title, lacks]))


def _named(missing: Sequence[str]) -> str:
    """What people call the fields at these pointers, each with its pointer; addresses of pictures as they are."""
    return "; ".join(
        f"{schemas.title_of(each, language())} ({each})" if each.startswith("/") else each for each in missing
    )
