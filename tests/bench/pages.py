"""Does a channel's first page take the same time however long its ledger is, and a page of its archive wherever it is?

Three ways to the first page: from kept bytes as another process finds them, joined from kept fragments after a change,
and rendered wholly. Besides the outlet's changes, the portal's front page, and of the longest ledger its archive's
newest and oldest pages, and its first and last changes.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, update

from hub.models import Channel, Document, Fragment
from hub.outlets import catalog
from hub.public.feeds import READY
from hub.publishing import parts, ranges
from hub.publishing.heads import archive_path
from tests.bench.measuring import Line, side_by_side
from tests.bench.worlds import Hub, a_hub, call, clock_of_work, fill_ledger, outlet_key, request_environ

WANTED = 1.5  # times
ROUNDS = 15
CHANNEL = "public/all"
FEED = f"/feeds/{CHANNEL}.atom"
CHANGES = "/api/v1/outlets/public/channels/all/changes"
SHORT, LONG = 10_000, 300_000
QUICK_SHORT, QUICK_LONG = 150, 600


@dataclass(frozen=True, slots=True)
class Ledger:
    """A hub with a channel of many rows."""

    hub: Hub
    rows: int
    channel: int
    key: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page to ask for, and what is done to the hub each time before."""

    name: str
    path: Callable[[Ledger], str]
    before: Callable[[Ledger], object]
    limit: float | None = WANTED


def measure(*, quick: bool) -> list[Line]:
    short, long = (QUICK_SHORT, QUICK_LONG) if quick else (SHORT, LONG)
    with ExitStack() as stack:
        ledgers = [_a_ledger(stack.enter_context(a_hub()), rows) for rows in (short, long)]
        rounds = 1 if quick else ROUNDS
        lines = [_line(page, ledgers, rounds=rounds) for page in PAGES]
        return [*lines, *(_line_of_ends(name, *ends(ledgers[1]), ledgers[1], rounds=rounds) for name, ends in ENDS)]


def _line(page: Page, ledgers: list[Ledger], *, rounds: int) -> Line:
    times = side_by_side(
        *(_asking(ledger, page.path(ledger)) for ledger in ledgers),
        rounds=rounds,
        clock=clock_of_work(),
        before=lambda place: page.before(ledgers[place]),
    )
    return Line(
        measure=f"{page.name}, {ledgers[1].rows:,} ledger rows",
        ours=times[1],
        beside=f"{ledgers[0].rows:,} rows",
        theirs=times[0],
        limit=page.limit,
    )


def _line_of_ends(name: str, begin: str, end: str, ledger: Ledger, *, rounds: int) -> Line:
    """The same at the end of a ledger and at its beginning."""
    times = side_by_side(_asking(ledger, begin), _asking(ledger, end), rounds=rounds, clock=clock_of_work())
    place = "end" if times[1] >= times[0] else "beginning"  # neither may cost more than the other
    return Line(
        measure=f"{name}, {place} of {ledger.rows:,} ledger rows",
        ours=max(times),
        beside="the other end",
        theirs=min(times),
        limit=WANTED,
    )


def _ends_of_changes(ledger: Ledger) -> tuple[str, str]:
    return CHANGES, f"{CHANGES}?after={ledger.rows - 50}"


def _ends_of_archive(ledger: Ledger) -> tuple[str, str]:
    with ledger.hub.database.reading() as session:
        channel = catalog.get_channel(session, CHANNEL)
        found = [parts.find_part(session, channel.id, ranges.range_of(number)) for number in (1, channel.head)]
        paths = [archive_path(channel, part, "atom") for part in found if part is not None]
    return paths[0], paths[1]


def _asking(ledger: Ledger, path: str) -> Callable[[], None]:
    path, _, query = path.partition("?")
    environ: dict[str, Any] = request_environ(path, {"Authorization": f"Bearer {ledger.key}"})
    environ["QUERY_STRING"] = query

    def ask() -> None:
        answer = call(ledger.hub.app, environ)
        assert answer.status == 200, answer

    return ask


def _a_ledger(hub: Hub, rows: int) -> Ledger:
    fill_ledger(hub, CHANNEL, rows)
    with hub.database.reading() as session:
        channel = catalog.get_channel(session, CHANNEL).id
    return Ledger(hub, rows, channel, outlet_key(hub, "public"))


def _forget(ledger: Ledger) -> None:
    ledger.hub.app.extensions[READY].forget()


def _change(ledger: Ledger) -> None:
    with ledger.hub.database.writing() as session:
        session.execute(update(Channel).where(Channel.id == ledger.channel).values(revision=Channel.revision + 1))


def _drop(ledger: Ledger) -> None:
    _forget(ledger)
    with ledger.hub.database.writing() as session:
        session.execute(delete(Document))
        session.execute(delete(Fragment))


PAGES = (
    Page("first page, kept", lambda _: FEED, _forget),
    Page("first page, joined after a change", lambda _: FEED, _change),
    Page("first page, rendered wholly", lambda _: FEED, _drop),
    Page("changes, first page", lambda _: CHANGES, lambda _: None),
    Page("changes, last page", lambda ledger: f"{CHANGES}?after={ledger.rows - 50}", lambda _: None),
    Page("the portal's front page", lambda _: "/", lambda _: None, limit=None),
)
ENDS = (("changes", _ends_of_changes), ("page of the archive", _ends_of_archive))
