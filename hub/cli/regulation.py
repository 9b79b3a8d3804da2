"""`hub regulation check|diff|adopt|list|show` and `hub duties list|waive|rebuild`."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import click

from hub import i18n
from hub.accounts import organizations
from hub.actors import SYSTEM
from hub.cli import fail
from hub.cli.common import DAY, local, open_database, speaking
from hub.cli.settings import settings_of
from hub.cli.speech import _, language
from hub.clock import LOCAL, SystemClock
from hub.outlets import catalog
from hub.regulation.duties import projector, reading, rebuilding, waiving
from hub.regulation.edition import differences, editions, gaps, places, positions
from hub.regulation.edition.differences import Difference
from hub.regulation.edition.drafting import RegulationRefused

PAGE = 1000
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("regulation")
def regulation_command() -> None:
    """The regulation: who must supply what to whom, by when."""


@regulation_command.command("check")
@click.argument("file", type=FILE, required=False)
@click.option("--default", is_flag=True, help="check the regulation that comes with the hub instead of a file")
def check_regulation(file: Path | None, default: bool) -> None:
    """Check a regulation FILE (schemas/regulation.v1.json); prints each fault with its line and pointer.

    What holds, but leaves acts or refusals without a clause, is told on stderr and refused by nobody.
    """
    name, text = _text_of(file, default)
    draft = _read(name, text)
    count = len(draft.regulation.clauses)
    click.echo(f"{name}: {draft.regulation.number}, {count} clauses, {len(draft.regulation.rules)} rules")
    _warn(draft)


@regulation_command.command("diff")
@click.argument("file", type=FILE, required=False)
@click.option("--default", is_flag=True, help="compare the regulation that comes with the hub instead of a file")
@click.pass_context
def diff_regulation(context: click.Context, file: Path | None, default: bool) -> None:
    """Show what FILE would change in the regulation in force: kind of change, where, title or values.

    Clauses, by number, are added, removed, moved, or their text or rules change: of rules paragraph, place, and what
    stood there and stands there now. Head, limits, calendar, legal bases,
    chapters' titles and forms are added, removed or changed.
    """
    name, text = _text_of(file, default)
    draft = _read(name, text)
    with speaking(), open_database(settings_of(context)).reading() as session:
        row = editions.get_in_force(session, SystemClock().now())
        before = positions.read(row.document).document
    for found in differences.diff(before, draft.source.document):
        click.echo(f"{found.kind}\t{found.place}\t{_changed(found)}")


@regulation_command.command("adopt")
@click.argument("file", type=FILE, required=False)
@click.option("--default", is_flag=True, help="adopt the regulation that comes with the hub instead of a file")
@click.option("--from", "day", type=DAY, help="the day on which it takes effect; at once unless given")
@click.option("--instead-of", type=int, metavar="N", help="the edition N, of that same day, will never take effect")
@click.pass_context
def adopt_regulation(
    context: click.Context, file: Path | None, default: bool, day: datetime | None, instead_of: int | None
) -> None:
    """Adopt a regulation FILE; prints its edition and when it takes effect. A refused file changes nothing.

    Where an edition waits for the same day already, it says so; --instead-of puts this one into its place, until the
    day has come. Both adoptions stay in the journal.
    """
    name, text = _text_of(file, default)
    draft = _read(name, text)
    with speaking(), open_database(settings_of(context)).writing() as session:
        now = SystemClock().now()
        edition = editions.adopt(
            session, text, effective_on=day.date() if day else None, instead_of=instead_of, now=now
        )
        click.echo(f"{edition.id}\t{edition.number}\t{local(edition.effective_at)}")
    _warn(draft)


@regulation_command.command("list")
@click.pass_context
def list_editions(context: click.Context) -> None:
    """List editions: number, the regulation's own number, since when, state (also: replaced before its day), title."""
    now = SystemClock().now()
    with speaking(), open_database(settings_of(context)).reading() as session:
        current = editions.edition_in_force(session, now).id
        rows = editions.list_all(session)
        replaced = editions.list_replaced(rows)
        for row in rows:
            word = "in force" if row.id == current else "to come" if row.effective_at > now else "past"
            word = "replaced" if row.id in replaced else word
            click.echo(f"{row.id}\t{row.number}\t{local(row.effective_at)}\t{word}\t{row.title}")


@regulation_command.command("show")
@click.option("--as-of", "day", type=DAY, help="the regulation in force at the end of that day; else now")
@click.pass_context
def show_regulation(context: click.Context, day: datetime | None) -> None:
    """Print the regulation in force, as it was adopted."""
    at = _end_of(day.date()) if day else SystemClock().now()
    with speaking(), open_database(settings_of(context)).reading() as session:
        click.echo(editions.get_in_force(session, at).document, nl=False)


@click.group("duties")
def duties_command() -> None:
    """Duties: what is due, late, met or waived under the regulation."""


@duties_command.command("list")
@click.option("--organization", metavar="CODE", help="only what this organization owes")
@click.option("--outlet", metavar="CODE", help="only what this outlet owes")
@click.option("--clause", metavar="NUMBER", help="only under this clause, such as 10 or 10.1")
@click.option("--state", type=click.Choice(reading.STATES), help="only duties in this state")
@click.option("--as-of", "day", type=DAY, help="as they stood at the end of that day; else now")
@click.pass_context
def list_duties(
    context: click.Context,
    organization: str | None,
    outlet: str | None,
    clause: str | None,
    state: str | None,
    day: datetime | None,
) -> None:
    """List duties: deadline, state, clause, owner, story or period, journal rows that prove it, id.

    The names of the columns stand on stderr.
    """
    at = _end_of(day.date()) if day else SystemClock().now()
    question = reading.Question(organization=organization, outlet=outlet, clause=clause, state=state)
    database = open_database(settings_of(context))
    with speaking(), database.reading() as session:
        if organization is not None:
            organizations.get(session, organization)
        if outlet is not None:
            catalog.get_outlet(session, outlet)
    click.echo(_("deadline\tstate\tclause\towner\tstory or period\tjournal rows\tid"), err=True)
    after = None
    with speaking():
        projector.catch_up(database)
        while True:
            with database.reading() as session:
                rows = reading.list_duties(session, question, asker=SYSTEM, at=at, after=after, limit=PAGE)
            for row in rows:
                about = row.story_id or row.period or "-"
                proof = ",".join(map(str, row.evidence)) or "-"
                owner = row.owner or row.owner_kind
                stood = reading.state_at(row, at)
                click.echo(f"{local(row.due_at)}\t{stood}\t{row.clause}\t{owner}\t{about}\t{proof}\t{row.id}")
            if len(rows) < PAGE:
                return
            after = (rows[-1].due_at, rows[-1].id)


@duties_command.command("waive")
@click.argument("duty")
@click.option("--note", required=True, help="why it need not be fulfilled; the journal chains it")
@click.pass_context
def waive_duty(context: click.Context, duty: str, note: str) -> None:
    """Waive DUTY, by its id; prints the journal row that says so."""
    with speaking():
        database = open_database(settings_of(context))
        projector.catch_up(database)
        with database.writing() as session:
            row = waiving.waive(session, duty, note=note.strip(), actor=SYSTEM, now=SystemClock().now())
            click.echo(row.evidence[-1])


@duties_command.command("rebuild")
@click.pass_context
def rebuild_duties(context: click.Context) -> None:
    """Derive every duty again from the journal; prints how many there are. Nobody is told anything twice."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        click.echo(rebuilding.rebuild(session))


def _text_of(file: Path | None, default: bool) -> tuple[str, str]:
    """The name and the text of what is meant: one of a file and the default."""
    if (file is None) is not default:
        fail(_("Name a FILE, or --default."), 2)
    if file is None:
        return "default", editions.default_text()
    try:
        return str(file), file.read_text(encoding="utf-8")
    except UnicodeDecodeError as exc:
        fail(_("%(file)s is not UTF-8 at byte %(place)s.", file=file, place=exc.start))
        raise


def _read(name: str, text: str) -> editions.Draft:
    """A regulation that holds; the command ends with every fault of one that does not."""
    try:
        return editions.read(text)
    except RegulationRefused as exc:
        click.echo(f"hub: {i18n.sentence(exc.key, language())}", err=True)  # it speaks of what follows
        for fault in exc.faults:
            place = f"{fault.facts['place'][language()]}: " if "place" in fault.facts else ""
            sentence = place[:1].upper() + place[1:] + i18n.fault_sentence(fault, language())
            click.echo(f"{name}:{fault.facts['line']}: {fault.pointer or '/'}: {sentence}")
        raise SystemExit(1) from exc


def _warn(draft: editions.Draft) -> None:
    """Say what will name no clause under this regulation."""
    found = gaps.find(draft.regulation)
    if found.acts:
        click.echo(_("no clause speaks of these acts: %(codes)s", codes=", ".join(found.acts)), err=True)
    if found.refusals:
        told = _("no clause stands for these refusals, they will name none: %(codes)s", codes=", ".join(found.refusals))
        click.echo(told, err=True)
    if found.unasked:
        told = _("no clause asks for these, so nothing is refused for them: %(codes)s", codes=", ".join(found.unasked))
        click.echo(told, err=True)


def _changed(found: Difference) -> str:
    """A title or values; of a rule paragraph and place, what stood there → what stands there now."""
    if found.rule is None:
        return found.title
    rule, said = found.rule, language()
    way = [places.PARAGRAPH[said].format(rule.paragraph), places.within_rule(rule.path)[said]]
    return f"{', '.join(filter(None, way))}: {_value(rule.before)} → {_value(rule.after)}"


def _value(value: Any) -> str:
    """A value of a rule as one reads it: 3 working days."""
    if value is None:
        return "-"
    if differences.is_span(value):
        ((unit, amount),) = value.items()
        word = places.unit_of(unit)[language()]
        return word if amount is True else f"{amount} {word}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, LOCAL).astimezone(UTC)
