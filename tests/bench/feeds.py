"""A feed from kept bytes: how often it asks the database, what a 304 and a whole answer cost, and nginx beside them."""

from __future__ import annotations

import http.client
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Engine, event

from hub.outlets import catalog
from hub.public.feeds import READY
from hub.publishing import documents
from hub.publishing.assemble import feed_of, item_of
from hub.publishing.visibility import Variant
from tests.bench.measuring import Line, side_by_side
from tests.bench.plain import make_plain_app
from tests.bench.processes import HOST, Server, ask_many, find_nginx, hub_serve, nginx
from tests.bench.worlds import Hub, a_hub, a_sized_story, call, request_environ

WANTED_STATEMENTS = 1
WANTED_NOT_MODIFIED = 0.1  # of the plain view
STORIES = 50
ROUNDS = 9
CALLS = 40
PUBLIC = "/feeds/public/all.rss"
KEYED = "/feeds/newspaper/column.rss"
GZIP = {"Accept-Encoding": "gzip"}
NOT_STATEMENTS = ("BEGIN", "PRAGMA")
ASKED = {"hub": 1_000, "nginx": 8_000}  # requests a round; nginx's CPU is counted in hundredths of a second
QUICK_ASKED = {"hub": 100, "nginx": 800}


def measure(*, quick: bool) -> list[Line]:
    rounds = 2 if quick else ROUNDS
    with a_hub() as hub:
        for number in range(STORIES):
            hub.world.release(a_sized_story(number), external_id=f"released-{number}")
        lines = [_statements(hub), *_beside_plain_view(hub, rounds=rounds)]
        return [*lines, *_served(hub, rounds=1 if quick else 5, asked=QUICK_ASKED if quick else ASKED)]


def _statements(hub: Hub) -> Line:
    """The most statements that a kept feed takes: for all askers, in a process that knows it and in a new one."""
    world = hub.world
    askers = [
        request_environ(PUBLIC),
        request_environ(KEYED, {"Authorization": f"Bearer {world.newspaper.secret}"}),
        request_environ(f"/feeds/k/{world.newspaper_address}/newspaper/column.rss"),
    ]
    most = 0
    for environ in askers:
        assert call(hub.app, environ).status == 200
        for is_new in (False, True):
            if is_new:
                hub.app.extensions[READY].forget()
            with _counting(hub.app.extensions["hub"].database.engine) as statements:
                assert call(hub.app, environ).status == 200
            most = max(most, len(statements))
    return Line(measure="a kept feed asks the database", ours=most, unit="times", limit=WANTED_STATEMENTS)


@contextmanager
def _counting(engine: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(NOT_STATEMENTS):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def _beside_plain_view(hub: Hub, *, rounds: int) -> list[Line]:
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        plain = _plain_app(hub, folder)
        assert call(plain, request_environ("/feed")).body.count(b"<item>") == STORIES
        first = call(hub.app, request_environ(PUBLIC))
        conditional = request_environ(PUBLIC, {"If-None-Match": first.headers["ETag"]})
        assert call(hub.app, conditional).status == 304
        theirs, unchanged, whole, zipped = side_by_side(
            partial(call, plain, request_environ("/feed")),
            partial(call, hub.app, conditional),
            partial(call, hub.app, request_environ(PUBLIC)),
            partial(call, hub.app, request_environ(PUBLIC, GZIP)),
            rounds=rounds,
            calls=CALLS,
        )
    plain_view = "plain Flask view with feedgen"
    return [
        Line(measure="304", ours=unchanged, beside=plain_view, theirs=theirs, limit=WANTED_NOT_MODIFIED),
        Line(measure=f"kept feed, {len(first.body):,} bytes", ours=whole, beside=plain_view, theirs=theirs),
        Line(measure="kept feed, gzip", ours=zipped, beside=plain_view, theirs=theirs),
    ]


def _plain_app(hub: Hub, folder: str) -> Any:
    """The plain view over the very entries of the public channel, in a database of the same kind."""
    address = hub.settings.address
    with hub.database.reading() as session:
        channel = catalog.get_channel(session, "public/all")
        rows = documents.list_page(session, channel.id)
        assert len(rows) == STORIES
        feed = feed_of(
            channel, self_path=PUBLIC, home_path="/", alternates=[], address=address, updated=channel.head_at
        )
        entries: list[Any] = [item_of(row, channel, {}, Variant.FULL, address) for row in rows]
    return make_plain_app(hub.settings.database_url or f"sqlite:///{Path(folder) / 'plain.db'}", feed, entries)


def _served(hub: Hub, *, rounds: int, asked: dict[str, int]) -> list[Line]:
    """The same bytes over HTTP from `hub serve` and from nginx: the servers' CPU, under one loop of requests."""
    with ExitStack() as stack:
        servers = {"hub": stack.enter_context(hub_serve(hub.settings, "--without-worker"))}
        body, etag = _fetch(servers["hub"], PUBLIC)
        paths = {"hub": PUBLIC}
        if find_nginx():
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hub-bench-")))
            servers["nginx"] = stack.enter_context(nginx(folder, {"all.rss": body}))
            paths["nginx"] = "/all.rss"
        etags = {"hub": etag} | ({"nginx": _fetch(servers["nginx"], "/all.rss")[1]} if "nginx" in servers else {})
        spent: dict[tuple[str, int], list[float]] = {(name, status): [] for name in servers for status in (200, 304)}
        for _ in range(rounds):
            for name, status in spent:
                headers = {"If-None-Match": etags[name]} if status == 304 else {}
                spent[name, status].append(
                    ask_many(servers[name], paths[name], headers, count=asked[name], status=status)
                )
    names = {200: f"hub serve, kept feed of {len(body):,} bytes", 304: "hub serve, 304"}
    return [
        Line(
            measure=names[status],
            ours=median(spent["hub", status]),
            beside="nginx, same bytes" if "nginx" in servers else "nginx is not installed",
            theirs=median(spent["nginx", status]) if "nginx" in servers else None,
        )
        for status in (200, 304)
    ]


def _fetch(server: Server, path: str) -> tuple[bytes, str]:
    connection = http.client.HTTPConnection(HOST, server.port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return body, answer.headers["ETag"]
