"""A hub to measure: an empty database of either kind, the small province of the tests, stories of 6 KB, a long ledger.

SQLite, or the server that HUB_TEST_POSTGRES names; what is made there is dropped again.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, insert, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from hub import migrations
from hub.accounts import keys, organizations
from hub.actors import Actor
from hub.app import create_app
from hub.clock import SystemClock
from hub.config import Settings
from hub.db import Database, make_engine
from hub.models import Act, Change, Channel, Entry, Organization, Release, Story, Version
from hub.operation import logs
from hub.outlets import catalog
from hub.records.disclosures import disclose
from tests.builders import World, a_story, build_world

BASE_URL = "https://hub.example"
NO_LIMIT = 100_000_000  # requests a minute
STORY_BYTES = 6_000
LONG_AGO = datetime(2026, 1, 5, 5, 0, tzinfo=UTC)
DISTINCT = 50  # versions that a long ledger's stories share
CHUNK = 10_000

PARAGRAPHS = (
    "<p>Bốn giờ sáng, bến Đá Lau còn đẫm hơi sương. Trong căn lán lợp tôn cạnh cầu cảng, ông Trần Bá Khơi đã ngồi bên "
    "chiếc bộ đàm, tay lật cuốn sổ bìa xanh ghi giờ rời bến của từng tàu. “Tàu nào đi mấy ngày, máy móc ra sao, tôi "
    "phải nắm được”, ông nói.</p>\n",
    "<h2>Bắt đầu từ một bộ cờ lê</h2>\n",
    "<p>Nghiệp đoàn thấy cách làm <strong>hay</strong> nên <em>đứng ra</em> cùng tổ chức: phân công đoàn viên trực "
    'theo ca, vận động chủ tàu góp phụ tùng (<a href="https://bao.example/tin?so=1&amp;trang=2">xem thêm</a>).</p>\n',
    "<ul><li>Ghi sổ giờ rời bến</li><li>Trực bộ đàm theo ca</li><li>Kiểm tra 12 điểm trước chuyến biển</li></ul>\n",
    "<blockquote>“Họ đâu có thiếu gan dạ. Cái thiếu là một người trực trên bờ.”</blockquote>\n",
)


@dataclass(frozen=True, slots=True)
class Hub:
    """An application on a database of its own, and who speaks with it."""

    settings: Settings
    database: Database
    app: Flask
    world: World


@dataclass(frozen=True, slots=True)
class Answer:
    """What an application answered."""

    status: int
    headers: dict[str, str]
    body: bytes


def on_postgres() -> bool:
    """Is it PostgreSQL that is measured?"""
    return bool(os.environ.get("HUB_TEST_POSTGRES"))


def clock_of_work() -> Callable[[], float]:
    """What measures work of a database: CPU of this process where it is in this process, else the wall's clock."""
    return time.perf_counter if on_postgres() else time.process_time


@contextmanager
def settings_of_new_hub() -> Iterator[Settings]:
    """Settings with an empty database at the newest migration, and limits that nobody reaches."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as name, _database_url() as url:
        settings = Settings(
            data=Path(name),
            database_url=url,
            base_url=BASE_URL,
            pushes_per_minute=NO_LIMIT,
            reads_per_minute=NO_LIMIT,
        )
        engine = make_engine(settings.database)
        migrations.upgrade(engine)
        engine.dispose()
        yield settings


@contextmanager
def a_hub() -> Iterator[Hub]:
    """A hub with the small province of the tests; its logs are written, and read by nobody."""
    with settings_of_new_hub() as settings, Path(os.devnull).open("w") as nowhere:
        logs.configure("text", nowhere)
        app = create_app(settings)
        database = Database(make_engine(settings.database))
        yield Hub(settings, database, app, build_world(app, database, now=SystemClock().now()))
        services = app.extensions["hub"]
        services.marks.write()
        services.database.engine.dispose()
        database.engine.dispose()


@contextmanager
def _database_url() -> Iterator[str]:
    """The address of an empty database; empty itself for SQLite, which lies in the data directory."""
    given = os.environ.get("HUB_TEST_POSTGRES")
    if not given:
        yield ""
        return
    server = make_url(given).set(drivername="postgresql+psycopg")
    name = f"hub_bench_{os.getpid()}_{time.monotonic_ns()}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield server.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    engine.dispose()


def a_body(paragraphs: str = "".join(PARAGRAPHS), *, size: int = STORY_BYTES) -> str:
    """Clean story HTML of about `size` bytes."""
    return paragraphs * (1 + size // len(paragraphs.encode()))


def a_sized_story(number: int, *, size: int = STORY_BYTES) -> dict[str, Any]:
    """A full story that takes about `size` bytes as JSON; the body's part of it is most."""
    html, paragraphs = "", list(PARAGRAPHS)
    frame = 1_900  # bytes of the other fields
    while len(html.encode()) + frame < size:
        paragraphs.append(paragraphs.pop(0))
        html += paragraphs[-1]
    return a_story(title=f"Người giữ bến Đá Lau số {number}", body={"html": html})


def organization_actor(hub: Hub) -> Actor:
    """The organization that `world.fishers` speaks for, past the doors."""
    with hub.database.reading() as session:
        row = session.scalars(select(Organization).where(Organization.code == "nghe-ca")).one()
    return organizations.sender(session, row, now=SystemClock().now())


def outlet_key(hub: Hub, code: str) -> str:
    """A new key of an outlet."""
    with hub.database.writing() as session:
        return keys.mint(session, "outlet", outlet=catalog.get_outlet(session, code), now=SystemClock().now()).secret


def request_environ(path: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A GET as a server hands it to an application."""
    builder = EnvironBuilder(path=path, headers=Headers(dict(headers or {})))
    try:
        return dict(builder.get_environ())
    finally:
        builder.close()


def call(app: Flask, environ: Mapping[str, Any]) -> Answer:
    """One request through an application, without a server and without a test client."""
    heads: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _exc_info: object = None) -> Callable[[bytes], object]:
        heads.append((status, headers))
        return lambda _: None

    parts = app.wsgi_app(dict(environ), start)
    try:
        body = b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    status, headers = heads[-1]
    return Answer(int(status.split()[0]), dict(headers), body)


# --- a long ledger ------------------------------------------------------------------------------------------


def fill_ledger(hub: Hub, address: str, count: int) -> None:
    """Give a channel `count` ledger rows, each of a story of its own; the stories share DISTINCT versions."""
    with hub.database.writing() as session:
        channel = catalog.get_channel(session, address)
        organization = session.scalars(select(Organization.id).where(Organization.code == "nghe-ca")).one()
        versions = _distinct_versions(session, organization)
        act = an_act(session, story_id_of(0))
        fields = {True: list(channel.fields), False: ["title"]}
        for first in range(1, count + 1, CHUNK):
            numbers = range(first, min(first + CHUNK, count + 1))
            session.execute(insert(Story), [story_row(story_id_of(n), organization, n) for n in numbers])
            session.execute(
                insert(Release),
                [
                    # only those of the first page, and of the archive's newest and oldest, are ever looked into
                    release_row(
                        n,
                        versions[n % DISTINCT],
                        channel.id,
                        act=act,
                        fields=fields[n > count - 4 * DISTINCT or n <= 2 * DISTINCT],
                    )
                    for n in numbers
                ],
            )
            session.execute(insert(Entry), [entry_row(channel.id, n) for n in numbers])
            session.execute(
                insert(Change),
                [
                    {"channel_id": channel.id, "number": n, "kind": "released", "entry_id": n, "at": _at(n)}
                    for n in numbers
                ],
            )
        moved = {"head": count, "head_at": _at(count), "modified_at": _at(count), "revision": Channel.revision + 1}
        session.execute(update(Channel).where(Channel.id == channel.id).values(moved))
    if on_postgres():  # as its own vacuum would, sooner or later
        with hub.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _distinct_versions(session: Session, organization: int) -> list[int]:
    owner = story_id_of(0)
    session.execute(insert(Story), [story_row(owner, organization, 0)])
    ids = []
    for number in range(1, DISTINCT + 1):
        content = a_sized_story(number)
        disclosed = disclose(content, previous="")
        version = Version(
            story_id=owner,
            number=number,
            digest=disclosed.digest,
            digests=disclosed.digests,
            disclosures=disclosed.disclosures,
            removed=[],
            created_at=LONG_AGO,
        )
        session.add(version)
        session.flush()
        ids.append(version.id)
    return ids


def an_act(session: Session, story_id: str) -> int:
    """A release of a story, long ago."""
    act = Act(
        story_id=story_id,
        version=1,
        kind="release",
        actor_kind="editor",
        actor_id=0,
        actor_name="",
        state_before="approved",
        state_after="released",
        note="",
        reason="",
        channels=[],
        embargo_until=None,
        salt="",
        at=LONG_AGO,
    )
    session.add(act)
    session.flush()
    return act.id


def story_row(story_id: str, organization: int, number: int) -> dict[str, Any]:
    """A story that was released long ago, as a row."""
    return {
        "id": story_id,
        "organization_id": organization,
        "external_id": f"old-{number}",
        "state": "released",
        "latest": 1,
        "released": 1,
        "held": False,
        "resumes_to": "",
        "revision": 1,
        "created_at": _at(number),
        "updated_at": _at(number),
    }


def release_row(number: int, version: int, channel: int, *, act: int, fields: Sequence[str]) -> dict[str, Any]:
    """What stands in a channel of the story of this number, as a row."""
    return {
        "id": number,
        "story_id": story_id_of(number),
        "version_id": version,
        "channel_id": channel,
        "act_id": act,
        "state": "standing",
        "available_from": _at(number),
        "fields": list(fields),
        "note": "",
        "created_at": _at(number),
    }


def entry_row(channel: int, number: int) -> dict[str, Any]:
    """The entry of a channel for the story of this number, as a row."""
    return {
        "id": number,
        "channel_id": channel,
        "story_id": story_id_of(number),
        "release_id": number,
        "uid": f"urn:uuid:00000000-0000-5000-8000-{number:012d}",
        "state": "released",
        "listed": True,
        "corrected": False,
        "number": number,
        "revision": 1,
        "published": _at(number),
        "updated": _at(number),
    }


def story_id_of(number: int) -> str:
    """The id of the story of this number."""
    return f"st_{number:026d}"


def _at(number: int) -> datetime:
    return LONG_AGO + timedelta(seconds=number)
