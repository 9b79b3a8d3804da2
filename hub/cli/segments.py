"""`hub segment`: what outlets plan to broadcast, as the operator sees it; never how to reach a guest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import click
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

import schemas
from feeds.planning import RundownItem
from feeds.planning import Segment as Document
from feeds.planning_words import words_of
from hub.cli.common import open_database, speaking
from hub.cli.settings import settings_of
from hub.cli.speech import _, language
from hub.clock import SystemClock
from hub.errors import NotFound
from hub.models import Outlet
from hub.outlets import catalog
from hub.outlets.planning import documents, reading

LIMIT = click.IntRange(1, 10_000)


@click.group("segment")
def segment_command() -> None:
    """Segments: what outlets plan to broadcast."""


@segment_command.command("list")
@click.option("--outlet", metavar="CODE", help="only of this outlet")
@click.option("--all", "also_past", is_flag=True, help="also what has been on air")
@click.option("--limit", type=LIMIT, default=100, help="at most so many, by their time")
@click.pass_context
def list_segments(context: click.Context, outlet: str | None, also_past: bool, limit: int) -> None:
    """List segments: code, when on air, channel, state, seconds, title."""
    since = None if also_past else SystemClock().now()
    with speaking(), open_database(settings_of(context)).reading() as session:
        ids = [catalog.get_outlet(session, outlet).id] if outlet else _every_outlet(session)
        rows = reading.list_page(session, outlet_ids=ids, since=since, until=None, after=None, limit=limit)
        for row in rows:
            at = row.starts_at.astimezone(ZoneInfo(row.time_zone)).isoformat(timespec="minutes")
            place = catalog.address_of(row.channel)
            click.echo(f"{row.code}\t{at}\t{place}\t{row.state}\t{row.planned_seconds}\t{row.title}")


@segment_command.command("show")
@click.argument("code")
@click.pass_context
def show_segment(context: click.Context, code: str) -> None:
    """Show the segment CODE: what it says of itself, a line each, then its guests and its crew."""
    told = _document(context, code)
    said_as, roles = words_of(language()), schemas.vocabulary("crew_roles")
    facts = {
        _("Title"): told.title,
        _("On air"): _local(told.starts_at, told),
        _("Seconds"): str(told.planned_seconds),
        _("State"): said_as[told.state],
        _("Place"): told.place or "-",
        _("Notice"): told.notice.replace("\n", " ") or "-",
    }
    for name, said in facts.items():
        click.echo(f"{name}\t{said}")
    guest_of, crew_of = _("Guest"), _("Crew")
    for guest in told.guests:
        click.echo(f"{guest_of}\t{guest.name}\t{said_as[guest.state]}\t{guest.role or '-'}\t{guest.name_strap}")
    for member in told.crew:
        click.echo(f"{crew_of}\t{member.name}\t{roles.label(member.role, language())}")


@segment_command.command("rundown")
@click.argument("code")
@click.pass_context
def show_rundown(context: click.Context, code: str) -> None:
    """Show the rundown of the segment CODE: number, when it begins, seconds, what it is, title, guests."""
    told = _document(context, code)
    for item in told.rundown.items if told.rundown is not None else ():
        click.echo("\t".join(_row(item, told)))


def rundown_table(title: str, rows: Iterable[tuple[str, ...]]) -> Table:
    """A rundown for people."""
    heads = (_("No."), _("Begins"), _("Seconds"), _("Item"), _("Title"), _("Guests"))
    table = Table(*heads, title=title, title_justify="left", show_edge=False)
    for row in rows:
        table.add_row(*row)
    return table


def _document(context: click.Context, code: str) -> Document:
    with speaking(), open_database(settings_of(context)).reading() as session:
        row = reading.find_segment(session, code, outlet_ids=_every_outlet(session))
        if row is None:
            raise NotFound(what=code, kind="segment")
        address = settings_of(context).address
        told = reading.document_of(session, row, with_contacts=False, address=address, now=SystemClock().now())
        notice = documents.notice_of(row, reading.list_bookings(session, [row.id])[row.id], language())
        return replace(told, notice=notice)


def _row(item: RundownItem, told: Document) -> tuple[str, ...]:
    seconds = item.planned_seconds if item.real_seconds is None else item.real_seconds
    begins = item.starts_at.astimezone(ZoneInfo(told.time_zone)).strftime("%H:%M:%S")
    return (
        str(item.number),
        begins,
        str(seconds),
        words_of(language())[item.kind],
        item.title,
        ", ".join(item.guests) or "-",
    )


def _local(at: datetime, told: Document) -> str:
    return at.astimezone(ZoneInfo(told.time_zone)).isoformat(timespec="minutes")


def _every_outlet(session: Session) -> list[int]:
    return list(session.scalars(select(Outlet.id)))
