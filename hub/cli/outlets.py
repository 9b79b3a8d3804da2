"""`hub outlet`, `hub agency`: who receives stories, whose they are, and what happens to both."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

import schemas
from hub import i18n
from hub.accounts import history as register
from hub.accounts.history import Decision
from hub.cli import fail
from hub.cli.common import AS_OF, DAY, day_of, decided, open_database, speaking, tell_event
from hub.cli.doctor import doctor_command
from hub.cli.settings import settings_of
from hub.cli.speech import _, language
from hub.cli.terms import embargo_term
from hub.clock import SystemClock, local_day
from hub.errors import Invalid
from hub.outlets import catalog, history, merging, states
from hub.regulation import previewing
from hub.regulation.previewing import Preview


@click.group("outlet")
def outlet_command() -> None:
    """Outlets that receive stories, their channels, and what happens to them."""


outlet_command.add_command(doctor_command)


@outlet_command.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def load_outlets(context: click.Context, file: Path) -> None:
    """Create or change outlets and channels from a JSON FILE (schemas/outlet.v1.json); prints the channels.

    `hub outlet preview` tells before what the channels would have let in.
    """
    document = _read(file)
    with speaking(), open_database(settings_of(context)).writing() as session:
        for channel in catalog.load(session, document, now=SystemClock().now()):
            click.echo(catalog.address_of(channel))


@outlet_command.command("preview")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--days", type=click.IntRange(1, 3660), default=90, show_default=True, help="how far back to look")
@click.option("--all", "also_out", is_flag=True, help="also what would have been kept out")
@click.pass_context
def preview_outlets(context: click.Context, file: Path, days: int, also_out: bool) -> None:
    """Tell which stories the channels of a JSON FILE would have let in, and why, without saving anything.

    A line for each story: channel, + (new to the channel), = (stands there) or - (kept out), day, story, why, title.
    """
    document, now = _read(file), SystemClock().now()
    with speaking(), open_database(settings_of(context)).reading() as session:
        if faults := schemas.check("outlet.v1", document):
            raise Invalid(faults=faults)
        for outlet in document["outlets"]:
            for channel in outlet["channels"]:
                found = previewing.preview(session, outlet["code"], channel, since=now - timedelta(days=days), now=now)
                _tell_preview(f"{outlet['code']}/{channel['code']}", found, days, also_out=also_out)


def _tell_preview(channel: str, found: Iterable[Preview], days: int, *, also_out: bool) -> None:
    counts = dict.fromkeys("+=-", 0)
    for each in found:
        sign = "-" if not each.is_let_in else "=" if each.stands else "+"
        counts[sign] += 1
        if sign != "-" or also_out or each.stands:
            day = local_day(each.released_at).isoformat()
            click.echo("\t".join([channel, sign, day, each.story_id, _why(each), each.title]))
    said = {"channel": channel, "days": days, "new": counts["+"], "there": counts["="], "out": counts["-"]}
    click.echo(
        _("%(channel)s: %(new)s new, %(there)s there already, %(out)s kept out in %(days)s days", **said), err=True
    )


def _why(found: Preview) -> str:
    """By what a selection proposes a story, or what keeps it out."""
    if found.mismatch is not None:
        return found.mismatch
    if found.refusals:
        return " ".join(dict.fromkeys(refusal.code for refusal in found.refusals))
    return "; ".join(f"{name}: {', '.join(values)}" for name, values in found.matches.items()) or "*"


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except json.JSONDecodeError as exc:
        fail(f"{file}: {i18n.sentence('fault.not_json', language(), offset=exc.pos, reason=exc.msg)}")
    except UnicodeDecodeError as exc:
        fail(f"{file}: {i18n.sentence('fault.not_utf8', language(), offset=exc.start)}")


@outlet_command.command("list")
@click.option("--as-of", type=DAY, help="the outlets of this day: outlet/channels, kind, agency, name")
@click.pass_context
def list_outlets(context: click.Context, as_of: datetime | None) -> None:
    """List channels: outlet/channel, profile, audience, number of the newest change, title."""
    with speaking(), open_database(settings_of(context)).reading() as session:
        if as_of is not None:
            for outlet in states.list_outlets(session, on=as_of.date()):
                channels = ",".join(outlet.channels) or "-"
                click.echo(f"{outlet.code}/{channels}\t{outlet.kind}\t{outlet.agency or '-'}\t{outlet.name}")
            return
        for row in catalog.list_open(session):
            click.echo(f"{catalog.address_of(row)}\t{row.profile}\t{row.audience}\t{row.head}\t{row.title}")


@outlet_command.command("history")
@click.argument("code")
@click.pass_context
def show_outlet(context: click.Context, code: str) -> None:
    """Show what an outlet was from when to when, and by which decisions."""
    with speaking(), open_database(settings_of(context)).reading() as session:
        _show(session, catalog.get_outlet(session, code), history.OUTLET)


@outlet_command.command("rename")
@click.argument("code")
@click.argument("name")
@decided
@click.pass_context
def rename_outlet(context: click.Context, code: str, name: str, day: datetime, number: str) -> None:
    """Give an outlet another NAME, which stands in the head of its feeds."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        history.rename_outlet(session, code, name, Decision(day.date(), number), now=SystemClock().now())
    tell_event("rename", [code], name, day, number)


@outlet_command.command("move")
@click.argument("code")
@click.argument("agency")
@decided
@click.pass_context
def move_outlet(context: click.Context, code: str, agency: str, day: datetime, number: str) -> None:
    """Give an outlet to another press AGENCY (a code)."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        history.move_outlet(session, code, agency, Decision(day.date(), number), now=SystemClock().now())
    tell_event("move", [code], agency, day, number)


@outlet_command.command("merge")
@click.argument("code")
@click.option("--into", required=True, help="code of the outlet that inherits")
@click.option("--channel", "pairs", multiple=True, metavar="OLD=NEW", help="lead channel OLD to channel NEW")
@decided
@click.pass_context
def merge_outlet(
    context: click.Context, code: str, into: str, pairs: Sequence[str], day: datetime, number: str
) -> None:
    """End an outlet: its channels, stories, keys and addresses lead to those of another one, from now on.

    It is final. Each channel leads to the one of the same code, or else of the same profile and audience. Prints for
    each: from, to, entries carried, releases under embargo moved.
    """
    chosen = dict(_pair(pair) for pair in pairs)
    with speaking(), open_database(settings_of(context)).writing() as session:
        decision = Decision(day.date(), number)
        for led in merging.merge(session, code, into, decision, chosen=chosen, now=SystemClock().now()):
            click.echo(f"{led.old}\t{led.new}\t{led.carried}\t{led.moved}")


@outlet_command.command("close")
@click.argument("code")
@decided
@click.pass_context
def close_outlet(context: click.Context, code: str, day: datetime, number: str) -> None:
    """End an outlet that nobody inherits; its feeds say 410 and its keys open nothing any more. It is final."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        history.close_outlet(session, code, Decision(day.date(), number), now=SystemClock().now())
    tell_event("close", [code], "", day, number)


outlet_command.add_command(embargo_term)


@click.group("agency")
def agency_command() -> None:
    """Press agencies, which own outlets."""


@agency_command.command("list")
@AS_OF
@click.pass_context
def list_agencies(context: click.Context, as_of: datetime | None) -> None:
    """List the press agencies of a day: code, codes of their outlets, name."""
    with speaking(), open_database(settings_of(context)).reading() as session:
        for row in states.list_agencies(session, on=day_of(as_of)):
            click.echo(f"{row.code}\t{','.join(row.outlets) or '-'}\t{row.name}")


@agency_command.command("history")
@click.argument("code")
@click.pass_context
def show_agency(context: click.Context, code: str) -> None:
    """Show what a press agency was called from when to when, and by which decisions."""
    with speaking(), open_database(settings_of(context)).reading() as session:
        _show(session, history.get_agency(session, code), history.AGENCY)


@agency_command.command("rename")
@click.argument("code")
@click.argument("name")
@decided
@click.pass_context
def rename_agency(context: click.Context, code: str, name: str, day: datetime, number: str) -> None:
    """Give a press agency another NAME."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        history.rename_agency(session, code, name, Decision(day.date(), number), now=SystemClock().now())
    tell_event("rename", [code], name, day, number)


@agency_command.command("merge")
@click.argument("codes", nargs=-1, required=True)
@click.option("--into", required=True, help="code of the agency that inherits")
@decided
@click.pass_context
def merge_agencies(context: click.Context, codes: Sequence[str], into: str, day: datetime, number: str) -> None:
    """End the press agencies CODES; their outlets go on with the one they merge into. It is final."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        history.merge_agencies(session, codes, into, Decision(day.date(), number), now=SystemClock().now())
    tell_event("merge", codes, into, day, number)


@agency_command.command("close")
@click.argument("code")
@decided
@click.pass_context
def close_agency(context: click.Context, code: str, day: datetime, number: str) -> None:
    """End a press agency that owns no outlet any more. It is final."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        history.close_agency(session, code, Decision(day.date(), number), now=SystemClock().now())
    tell_event("close", [code], "", day, number)


def _show(session: Any, row: states.Row, kind: str) -> None:
    for state in states.list_states(session, row):
        click.echo(f"{state.valid_from}\t{state.valid_to or row.ended_on or '-'}\t{state.name}")
    for event in register.list_events(session, row.code, register=kind):
        click.echo(f"{event.on}\t{event.kind}\t{event.subject}\t{event.successor or '-'}\t{event.decision}")


def _pair(said: str) -> tuple[str, str]:
    old, sign, new = said.partition("=")
    if not (old and sign and new):
        raise click.BadParameter(_("%(said)s is not OLD=NEW", said=said), param_hint="--channel")
    return old, new
