"""`hub outlet embargo-term`: papers by which outlets promise to publish nothing early, and see what is coming."""

from __future__ import annotations

from datetime import datetime

import click

from hub.cli.common import DAY, open_database, speaking
from hub.cli.settings import settings_of
from hub.clock import SystemClock
from hub.models import EmbargoTerm
from hub.outlets import terms
from hub.outlets.terms import Paper

ACTOR = "system"


@click.group("embargo-term")
def embargo_term() -> None:
    """Embargo terms: an outlet that has signed one sees what is coming as planned, never the body."""


@embargo_term.command("add")
@click.argument("outlet")
@click.option("--paper", required=True, help="number of the paper, as printed")
@click.option("--signed", required=True, type=DAY, help="the day it was signed")
@click.option("--from", "first", required=True, type=DAY, help="the first day in Việt Nam on which it holds")
@click.option("--to", "last", type=DAY, help="the last day; else until it is ended")
@click.pass_context
def add_term(
    context: click.Context, outlet: str, paper: str, signed: datetime, first: datetime, last: datetime | None
) -> None:
    """Write down the term that OUTLET (a code) signed."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        said = Paper(
            number=paper.strip(),
            signed_on=signed.date(),
            valid_from=first.date(),
            valid_to=last.date() if last else None,
        )
        _tell(terms.add(session, outlet, said, actor=ACTOR, now=SystemClock().now()))


@embargo_term.command("end")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--on", "last", type=DAY, help="its last day, also another one than before; without it, it stays open")
@click.pass_context
def end_term(context: click.Context, number: int, last: datetime | None) -> None:
    """Let the term of a NUMBER, as `list` prints it, end on a day."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        _tell(terms.end(session, number, last.date() if last else None, actor=ACTOR, now=SystemClock().now()))


@embargo_term.command("list")
@click.argument("outlet", required=False)
@click.pass_context
def list_terms(context: click.Context, outlet: str | None) -> None:
    """List terms, or those of OUTLET: number, outlet, paper, signed on, first and last day."""
    with speaking(), open_database(settings_of(context)).reading() as session:
        for row in terms.list_terms(session, outlet=outlet):
            _tell(row)


def _tell(row: EmbargoTerm) -> None:
    told = f"{row.id}\t{row.outlet.code}\t{row.paper}\t{row.signed_on}"
    click.echo(f"{told}\t{row.valid_from}\t{row.valid_to or '-'}")
