"""All routes, all roles, both ways of asking: who gets which answer, in one table that people read.

The table is `routes.txt`. After a change that is meant: ``HUB_UPDATE_GOLDEN=1 pytest tests/web/test_routes.py`` (in one
process), then read the difference as somebody would who should not see anything.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from hub.app import create_app
from hub.clock import FixedClock
from hub.config import Settings
from hub.http import marks
from tests.conftest import NOON
from tests.web import sides
from tests.web.sides import NOBODY, ROLES, Sides
from tests.web.walking import SAFE, NoValue, Route, Visitor, Walker, list_routes, told, unknown_of

TABLE = Path(__file__).parent / "routes.txt"
HEADING = """\
All routes, all roles, both ways of asking: what each is answered.

A cell is the status for what is one's own, then, where there is such a thing, the one for what is of others: 200/404.
Where a route names several things, every mixture of own and foreign was asked for; 200/403,404 says that two answers
came of it. `in` is the way to the sign-in page, or that page itself.

One's own is what belongs to the fishers (contributor, confirmer, and deputy, who stands in for the confirmer), to the
union above them (editor, auditor, admin), to the television station (outlet), or stands in a public channel; foreign is
what belongs to the women, whom nobody of these is above, and to the radio. Stories of ours are in the station's
channel, theirs in the radio's. People ask under /desk with their session, everywhere else with their key, too; changes
are sent with a valid token and as little as makes sense, so 303, 201 and 204 say that something was done, and 400, 409,
412, 415, 422, 428 that it would have been, had it been said well.

Written by tests/web/test_routes.py; to be read line by line whenever it changes.
"""
MISSING = "-"


# --- the table -----------------------------------------------------------------------------------------------------


def read_table() -> dict[str, dict[str, str]]:
    """The cells of each line, by role."""
    if not TABLE.exists():
        return {}
    lines = TABLE.read_text("utf-8").splitlines()
    found = {}
    for line in lines[lines.index("") :]:
        if match := re.fullmatch(r"([A-Z]+ /\S*)((?: +\S+)+)", line):
            found[match[1]] = dict(zip(ROLES, match[2].split(), strict=True))
    return found


def write_table(cells: Mapping[str, Mapping[str, str]], lines: list[str]) -> None:
    """Write the table anew, with what stands in it for other roles."""
    widths = {role: max(len(role), *(len(cells[line].get(role, MISSING)) for line in lines)) for role in ROLES}
    first = max(len(line) for line in lines)
    rows = [" ".join(["route".ljust(first), *(role.ljust(widths[role]) for role in ROLES)]).rstrip()]
    for line in lines:
        row = [line.ljust(first), *(cells[line].get(role, MISSING).ljust(widths[role]) for role in ROLES)]
        rows.append(" ".join(row).rstrip())
    TABLE.write_text(HEADING + "\n" + "\n".join(rows) + "\n", "utf-8")


# --- the walk ------------------------------------------------------------------------------------------------------


@dataclass
class Place:
    """The province as it was filled once: its folder is copied for each visitor."""

    sides: Sides
    folder: Path
    settings: Settings

    def app(self, folder: Path) -> Flask:
        shutil.copytree(self.folder, folder)
        return create_app(replace(self.settings, data=folder), clock=FixedClock(NOON))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Place:
    folder = tmp_path_factory.mktemp("province") / "data"
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "hub.db")
    settings = Settings(
        data=folder,
        base_url="https://hub.example",
        metrics_key="a key for the metrics",
        pushes_per_minute=1_000_000,
        reads_per_minute=1_000_000,
    )
    clock = FixedClock(NOON)
    app = create_app(settings, clock=clock)
    made = sides.build(settings, clock, app)
    parts = app.extensions["hub"]
    parts.marks.write()
    with parts.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    parts.database.engine.dispose()
    return Place(made, folder, settings)


@pytest.fixture(params=ROLES)
def visitor(
    request: pytest.FixtureRequest, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Visitor]:
    monkeypatch.setattr(marks, "SECONDS", 3600.0)  # nobody else writes into a file that is put back
    app = place.app(tmp_path / "data")
    yield Visitor(app, Walker(request.param, place.sides), place.folder)
    app.extensions["hub"].marks.write()
    app.extensions["hub"].database.engine.dispose()


def walk(visitor: Visitor, route: Route) -> str:
    """The cell of a route: what one's own is answered, and what is of others."""
    own, foreign = "", set()
    for arguments, theirs in visitor.walker.addresses(route):
        answer = visitor.ask(route, arguments, theirs=theirs)
        if theirs:
            foreign.add(told(answer))
        else:
            own = told(answer)
        if route.method not in SAFE:
            visitor.put_back()
    return "/".join(filter(None, (own, ",".join(sorted(foreign)))))


def test_everybody_gets_the_answers_of_the_table(visitor: Visitor) -> None:
    routes = list_routes(visitor.app)
    role = visitor.walker.role
    faults = [fault for route in routes if (fault := find_gap(visitor.walker, route))]
    assert not faults, "\n".join(faults)
    cells = {route.line: walk(visitor, route) for route in routes}
    broken = {line: cell for line, cell in cells.items() if re.search(r"\b5\d\d", cell)}
    assert broken == {}, "nobody is told how to ask so that the hub fails"
    table = read_table()
    if os.environ.get("HUB_UPDATE_GOLDEN") == "1":
        write_table({line: {**table.get(line, {}), role: cell} for line, cell in cells.items()}, list(cells))
        table = read_table()
    agreed = {line: table.get(line, {}).get(role, MISSING) for line in cells}
    different = [f"{line}: {cells[line]}, in the table {agreed[line]}" for line in cells if cells[line] != agreed[line]]
    assert not different, f"answers to {role} are not those of {TABLE.name}:\n" + "\n".join(different)
    assert set(table) == set(cells), "the table has lines for routes that are no more"


def find_gap(walker: Walker, route: Route) -> str | None:
    """What has to be said before a route can be walked; None for nothing."""
    try:
        walker.pairs(route)
    except NoValue as gap:
        return str(gap)
    return None


def test_nobody_gets_into_a_desk() -> None:
    lines = {line: cells[NOBODY] for line, cells in read_table().items() if " /desk/" in line}
    assert len(lines) > 8
    assert {line: cell for line, cell in lines.items() if set(re.split("[/,]", cell)) != {"in"}} == {}


def test_a_change_at_a_desk_wants_the_token_of_its_session(visitor: Visitor) -> None:
    table, role = read_table(), visitor.walker.role
    for route in list_routes(visitor.app):
        if route.is_desk and route.method not in SAFE:
            arguments, _ = next(visitor.walker.addresses(route))
            status = visitor.ask(route, arguments, token=False).status_code
            closed = table[route.line][role] == "404" or table[route.line][role].startswith("404/")
            assert status == 403 or (closed and status == 404), f"{route.line}: {status}"


def test_a_session_alone_opens_nothing_of_the_api(visitor: Visitor) -> None:
    """Otherwise a foreign page could have a browser ask for it, since no token is wanted there."""
    for route in list_routes(visitor.app):
        if route.is_api:
            arguments, _ = next(visitor.walker.addresses(route))
            statuses = set()
            for cookie in (False, True):
                statuses.add(visitor.ask(route, arguments, key=False, token=False, cookie=cookie).status_code)
                if route.method not in SAFE:
                    visitor.put_back()
            assert len(statuses) == 1, f"{route.line}: {statuses}"


# --- what is foreign is unknown ------------------------------------------------------------------------------------

SECRETIVE = ("/desk/unit/", "/desk/outlet/")
EACH_TIME = re.compile(r'nonce="[^"]*"|data-user="[^"]*"|(?:value|content)="[^"]*"|csrf[^>]*>|\bdr_[0-9a-z]{26}')


def test_what_is_of_others_is_answered_as_what_there_is_not(visitor: Visitor) -> None:
    different = []
    for route in list_routes(visitor.app):
        for arguments, theirs in visitor.walker.addresses(route) if route.rule.startswith(SECRETIVE) else ():
            if theirs:
                unknown = {name: unknown_of(value) if name in theirs else value for name, value in arguments.items()}
                pages = [answer_of(visitor, route, asked, theirs) for asked in (arguments, unknown)]
                lines = [line for line in unified_diff(*pages, lineterm="", n=0) if line[:3] not in ("---", "+++")]
                different += [f"{route.line}, {', '.join(sorted(theirs))}:", *lines] if lines else []
    assert not different, "\n".join(different)


def answer_of(visitor: Visitor, route: Route, arguments: Mapping[str, Any], theirs: frozenset[str]) -> list[str]:
    """Status, goal and page without what is new each time, and without what was asked for."""
    answer = visitor.ask(route, arguments, theirs=theirs)
    assert answer.status_code < 500, route.line
    if route.method not in SAFE:
        visitor.put_back()
    named = "|".join(re.escape(str(arguments[name])) for name in theirs)
    asked = re.compile(f'(?<=[/“">])(?:{named})(?=[/”"<?&]|$)')
    text, goal = (asked.sub("…", said) for said in (answer.text, answer.headers.get("Location", "")))
    return [str(answer.status_code), goal, *EACH_TIME.sub("", text).splitlines()]
