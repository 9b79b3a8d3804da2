"""Pages never load more than they show: with many of everything, no statement of any page brings more than a page.

Every page of the walk through all routes is opened by whoever works there, over a province with MANY of each thing
that can be listed; rows are counted where they leave the database.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl

import pytest
from flask import Flask, Request
from sqlalchemy import Engine, event, inspect, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import ImmutableMultiDict

from hub import ids
from hub.accounts import keys, organizations, sessions, users
from hub.accounts.history import Decision
from hub.accounts.organizations import NewOrganization
from hub.accounts.sessions import Device
from hub.app import create_app
from hub.clock import FixedClock
from hub.config import Settings
from hub.http import marks
from hub.http.services import EXTENSION
from hub.intake import form_drafts
from hub.intake.pulling import sources
from hub.models import (
    Booking,
    Channel,
    Import,
    ImportRow,
    Letter,
    Outlet,
    Segment,
    Subscription,
    User,
    WebhookDelivery,
    WebhookEndpoint,
    WordReading,
)
from hub.outlets import catalog, history, own_keys
from hub.regulation.duties import projector
from tests.builders import FOUNDED, Client, a_channel, a_story
from tests.conftest import NOON
from tests.outlets.planning.scenes import a_card
from tests.web import sides
from tests.web.sides import NOBODY, Sides
from tests.web.walking import SAFE, Route, Visitor, Walker, list_routes

MANY = 120
PAGE = 50
MOST = PAGE + 26
"""Rows that a statement may bring: a page, the row that tells whether there is a next one, and some besides."""

WORKERS = (NOBODY, "contributor", "confirmer", "editor", "outlet", "admin")
FURTHER: dict[str, tuple[str, ...]] = {
    "GET /desk/editor/": (
        *("show=all", "show=all&q=bai", "show=all&q=b", "show=all&state=withdrawn", "show=all&holder=readers"),
        *("topic=tuong_than_tuong_ai", "show=all&organization=nghe-ca&kind=guong_nguoi_tot"),
        *("show=all&channel=tv/segment", "show=all&channel=public/all&state=released"),
    ),
    "GET /desk/editor/withdrawals/": ("show=all",),
    "GET /desk/editor/embargoes/": ("month=2026-12",),
    "GET /desk/editor/duties/": ("state=late", "state=open", "clause=13.1", "organization=nghe-ca", "by=organization"),
    "GET /desk/editor/duties/silent": ("days=14", "days=quarter"),
    "GET /desk/editor/stories/<story_id>": ("channel=everything",),
    "GET /desk/admin/outbox/": ("tab=webhooks", "tab=pushes", "tab=sources"),
    "GET /desk/admin/people/": ("q=nguoi", "role=contributor", "organization=nghe-ca", "outlet=tv", "closed=yes"),
    "GET /desk/admin/organizations/": ("q=to", "open=nghe-ca"),
    "GET /desk/admin/outlets/": ("after=bao-010&agencies_after=cq-bao-010",),
    "GET /desk/admin/journal/": ("kind=version", "actor=organization:1", "day=2026-11-23"),
    "GET /desk/outlet/<outlet>/receipts/": ("show=all",),
    "GET /desk/outlet/<outlet>/segments/": ("show=past",),
    "GET /desk/outlet/<outlet>/inbox/<channel>/": ("q=bai", "state=withdrawn"),
}
"""What the pages of a desk can be asked beyond their bare address."""
PAGES_OF: dict[str, str] = {
    "contributor": "/desk/unit/",
    "confirmer": "/desk/unit/",
    "editor": "/desk/editor/",
    "outlet": "/desk/outlet/",
    "admin": "/desk/admin/",
}
WHOLE: dict[str, str] = {
    "GET /feeds/<outlet>/<channel>.ics": "a calendar holds every broadcast that is to come",
    "GET /feeds/k/<secret>/<outlet>/<channel>.ics": "a calendar holds every broadcast that is to come",
    "GET /calendars/<secret>.ics": "a calendar holds every broadcast that is to come",
    "GET /desk/admin/organizations/table/<draft_id>": "a table is compared with the whole register",
    "GET /desk/editor/": "the filter offers every organization",
    "GET /desk/editor/duties/": "the filter offers every organization",
    "GET /desk/editor/stories/<story_id>": "each channel is asked how the story would stand there",
    "GET /desk/editor/embargoes/": "a calendar shows each embargo of its weeks, up to 400 channels",
    "GET /desk/outlet/<outlet>/inbox/<channel>/planned": "what is to come is shown whole, up to 200 stories",
    "GET /feeds/k/<secret>/<outlet>/<channel>/planned.<format_name>": "what is to come is one page, up to 200 stories",
    "GET /desk/outlet/<outlet>/pickups/new": "each story that is offered has an entry in several channels",
    "GET /desk/outlet/<outlet>/segments/<code>/guests/new": "each story offered has an entry in several channels",
    "GET /desk/unit/files/imports/<import_id>/faulty.csv": "a table to be mended holds every row with a fault",
    "GET /desk/outlet/<outlet>/week/": "a week shows each of its broadcasts, 200 at most, and says so",
    "GET /desk/unit/drafts/<draft_id>/<slug>": "the form offers every outlet",
    "GET /desk/unit/stories/<story_id>": "each channel is asked whether the story stands there",
    "GET /desk/unit/drafts/<draft_id>/check": "the same deed is looked for among the newest stories of each bucket",
}
"""Pages of which a statement may bring more, and why."""


class Heard(ImmutableMultiDict[str, str]):
    """The fields of a request; `names` are those that some view has asked for."""

    names: ClassVar[set[str]] = set()

    def get(self, key: str, *default: Any, **kind: Any) -> Any:
        self.names.add(key)
        return super().get(key, *default, **kind)

    def getlist(self, key: str, *kind: Any, **more: Any) -> list[Any]:
        self.names.add(key)
        return super().getlist(key, *kind, **more)


class HeardRequest(Request):
    """A request that knows which of its fields were asked for."""

    parameter_storage_class = Heard


@dataclass
class Counted:
    """Rows that each statement has brought since it was last asked."""

    rows: Counter[str] = field(default_factory=Counter)
    _of: dict[int, str] = field(default_factory=dict)

    def watch(self, engine: Engine) -> None:
        """Count the rows of every connection that this engine will open."""
        event.listen(engine, "connect", self._connected)
        event.listen(engine, "before_cursor_execute", self._begins)

    def _connected(self, connection: Any, _record: Any) -> None:
        connection.row_factory = self._came

    def _came(self, cursor: Any, row: tuple[Any, ...]) -> tuple[Any, ...]:
        self.rows[self._of.get(id(cursor), "")] += 1
        return row

    def _begins(self, _connection: Any, cursor: Any, statement: str, *_more: Any) -> None:
        self._of[id(cursor)] = statement
        self.rows[statement] = 0


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[tuple[Flask, Sides, Counted]]:
    folder = tmp_path_factory.mktemp("crowded") / "data"
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "hub.db")
    settings = Settings(
        data=folder, base_url="https://hub.example", pushes_per_minute=1_000_000, reads_per_minute=1_000_000
    )
    clock = FixedClock(NOON)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(marks, "SECONDS", 3600.0)
        app = create_app(settings, clock=clock)
        app.request_class = HeardRequest
        counted = Counted()
        counted.watch(app.extensions[EXTENSION].database.engine)
        made = sides.build(settings, clock, app)
        crowd(app, made, clock)
        yield app, made, counted
        app.extensions[EXTENSION].marks.write()
        app.extensions[EXTENSION].database.engine.dispose()


def crowd(app: Flask, made: Sides, clock: FixedClock) -> None:
    """Fill the province with MANY of each thing."""
    parts, now = app.extensions[EXTENSION], clock.now()
    database = parts.database
    with database.writing() as session:
        tv, contributor = catalog.get_outlet(session, "tv"), users.get(session, "contributor@hub.example")
        ours = organizations.get(session, "nghe-ca")
        editor = Client(app, keys.mint(session, "editor", label="Biên tập", now=now).secret)
        fishers = Client(app, keys.mint(session, "organization", organization=ours, now=now).secret)
        paper = Client(app, keys.mint(session, "outlet", outlet=tv, now=now).secret)
        actor = keys.find_actor(session, str(made.passes["contributor"].secret), now=now)
        assert actor is not None
        for number in range(MANY):
            below = NewOrganization(
                code=f"to-{number:03}", name=f"Tổ {number:03}", kind="cong_doan", parent="nghe-ca", valid_from=FOUNDED
            )
            organizations.add(session, below, now=now)
            user = users.add(session, name=f"Người {number:03}", email=f"nguoi-{number}@hub.example", now=now)
            users.seat(session, user, users.Seat(role="contributor", organization="nghe-ca"), on=FOUNDED)
            keys.mint(session, "user", user=contributor, now=now)
            sessions.begin(session, contributor.id, Device(agent="Firefox, Linux"), now=now)
            form_drafts.begin(session, {"title": f"Nháp {number}"}, actor=actor, now=now, draft_id=ids.new_draft_id())
        for _ in range(own_keys.LIVE_AT_MOST - 3):
            keys.mint(session, "address", outlet=tv, now=now)
        crowd_administration(session, tv, contributor, now)
    sender = Client(app, made.passes["contributor"].secret)
    for number in range(MANY):
        fill(number, editor, fishers, sender, paper, clock)
    crowd_unit(app, made)
    projector.catch_up(database)


def crowd_unit(app: Flask, made: Sides) -> None:
    """Fill the lists of a unit's desk that only its people fill: tables, Word files, guests."""
    with app.extensions[EXTENSION].database.writing() as session:
        table = session.get_one(Import, made.values["import"].ours)
        letter = session.get_one(WordReading, made.values["Word file"].ours)
        guest = session.get_one(Booking, int(made.values["booking"].ours))
        faults = [{"column": "", "pointer": "", "code": "error.row_failed", "facts": {}}]
        broadcasts = session.scalars(select(Segment.id).order_by(Segment.id.desc()).limit(MANY)).all()
        for number, broadcast in enumerate(broadcasts):
            session.add(again(table, id=ids.new_import_id(), state="finished"))
            session.add(again(letter, id=ids.new_reading_id(), state="ready"))
            session.add(again(guest, segment_id=broadcast, name=f"Khách {number}", person_id=None, state="declined"))
            row = {"import_id": table.id, "line": 1000 + number, "state": "faulty", "cells": {"title": f"Bài {number}"}}
            session.add(ImportRow(**row, faults=faults))


def again(row: Any, **changes: Any) -> Any:
    """Another row that says the same but for these changes."""
    columns = {column.key for column in inspect(type(row)).column_attrs} - {"id"}
    return type(row)(**{name: getattr(row, name) for name in columns} | changes)


def crowd_administration(session: Session, tv: Outlet, contributor: User, now: datetime) -> None:
    """Fill what administrators list: outlets and agencies, those that have ended, and all that has not arrived."""
    channel = session.scalars(select(Channel).where(Channel.outlet_id == tv.id)).first()
    assert channel is not None
    url = "https://may.example/hook"
    session.add(WebhookEndpoint(id="whe_1", outlet_id=tv.id, url=url, kinds=[], secret="-", created_at=now))
    session.flush()
    sent = {"next_try_at": now, "created_at": now}
    for number in range(MANY):
        for code in (f"bao-{number:03}", f"cu-{number:03}"):
            agency = {"code": f"cq-{code}", "name": f"Cơ quan {code}"}
            own = [a_channel("trang", "Trang", profile="column", audience="outlet")]
            outlet = {"code": code, "kind": "newspaper", "name": f"Báo {code}", "channels": own}
            catalog.load(session, {"agency": agency, "outlets": [outlet]}, now=now)
        history.close_outlet(session, f"cu-{number:03}", Decision(on=now.date(), number="1/QĐ"), now=now)
        session.add(Letter(user_id=contributor.id, key=f"notice:{number}", state="dead", **sent))
        session.add(
            WebhookDelivery(endpoint_id="whe_1", event=f"e{number}", message_id="m", body="{}", state="dead", **sent)
        )
        session.add(
            Subscription(
                digest=f"d{number}", channel_id=channel.id, format="rss", topic=url, callback=url, place="may.example",
                mark=0, lease_until=now + timedelta(days=1), failures=1, renewed_at=now, **sent,
            )
        )  # fmt: skip
        sources.add(session, f"https://bao-{number}.example/rss", outlet=tv, allowed=(), now=now)


def fill(number: int, editor: Client, fishers: Client, sender: Client, paper: Client, clock: FixedClock) -> None:
    """One more of what comes over the API."""
    people = f"Nguyễn Văn Biển {number}"
    subject = {"type": "individual", "name": people, "birth_year": 1970, "role": "thợ máy"}
    facts = {"subject": subject, "interview": a_card(people)}
    story = fishers.put(f"s-{number}", a_story(title=f"Bài {number}", **facts)).json["id"]
    answers = [editor.act(story, "approve", channels=["tv/segment", "public/all"])]
    answers.append(fishers.put(f"w-{number}", a_story(title=f"Chờ {number}", **facts)))
    answers.append(sender.put(f"u-{number}", a_story(title=f"Chưa xác nhận {number}", **facts)))
    used = {"story": story, "use": "declined", "reason": "Trùng nhân vật."}
    answers.append(paper.ask("POST", "/api/v1/pickups", body=used))
    answers.append(paper.ask("POST", "/api/v1/requests", body={"title": f"Cần bài {number}", "to": "nghe-ca"}))
    starts = (clock.now() + timedelta(days=1, hours=number)).isoformat()
    answers.append(
        paper.ask("POST", "/api/v1/segments", body={"title": "Giao lưu", "starts_at": starts, "planned_seconds": 60})
    )
    weekly = {"title": f"Mục {number}", "rule": "FREQ=WEEKLY;BYDAY=TU", "starts_at": "2026-12-01T19:30:00+07:00"}
    answers.append(paper.ask("POST", "/api/v1/programmes", body={**weekly, "planned_seconds": 1800}))
    late = fishers.put(f"e-{number}", a_story(title=f"Hẹn giờ {number}", **facts)).json["id"]
    ends = (clock.now() + timedelta(days=4, hours=number)).isoformat()
    answers.append(editor.act(late, "approve", channels=["tv/segment", "public/all"], embargo_until=ends))
    if number % 2:
        answers.append(editor.act(story, "withdraw", reason="other"))
    elif number % 4:
        answers.append(fishers.act(story, "request_withdrawal", reason="legal"))
    else:
        answers.append(fishers.put(f"s-{number}", a_story(title=f"Bài {number}", result=f"Số {number}.", **facts)))
    assert {answer.status_code for answer in answers} <= {200, 201}, [answer.text for answer in answers]


@pytest.mark.parametrize("role", WORKERS)
def test_no_page_loads_more_than_it_shows(crowded: tuple[Flask, Sides, Counted], role: str, tmp_path: Path) -> None:
    app, made, counted = crowded
    visitor = Visitor(app, Walker(role, made), tmp_path)
    pages = [route for route in list_routes(app) if route.method in SAFE and is_theirs(route, role)]
    assert len(pages) > 5
    too_many = []
    for route in pages:
        arguments, _ = next(visitor.walker.addresses(route))
        counted.rows.clear()
        assert visitor.ask(route, arguments).status_code < 500, route.line
        too_many += over(counted, route, "")
        for asked in FURTHER.get(route.line, ()):
            counted.rows.clear()
            Heard.names.clear()
            assert visitor.ask(route, arguments, asked=asked).status_code == 200, f"{route.line}?{asked}"
            unheard = {name for name, _value in parse_qsl(asked)} - Heard.names
            assert not unheard, f"{route.line}?{asked}: the page does not know {unheard}"
            too_many += over(counted, route, f"?{asked}")
    assert {*WHOLE, *FURTHER} <= {route.line for route in list_routes(app)}
    assert not too_many, "\n" + "\n".join(too_many)


def over(counted: Counted, route: Route, asked: str) -> list[str]:
    """The statements of a page that brought more than it may show."""
    if route.line in WHOLE:
        return []
    found = [(statement, rows) for statement, rows in counted.rows.items() if rows > MOST]
    return [f"{route.line}{asked}: {rows} rows by {brief(statement)}" for statement, rows in found]


def is_theirs(route: Route, role: str) -> bool:
    """Is this a page of the desk where somebody of this role works, or, for nobody, of the portal?"""
    if role == NOBODY:
        return not route.rule.startswith(("/api/", "/desk/"))
    return route.rule.startswith((PAGES_OF[role], "/desk/account/"))


def brief(statement: str) -> str:
    """A statement as somebody finds it: its tables and conditions."""
    text = " ".join(statement.split())
    return re.sub(r"^SELECT .*? FROM ", "SELECT … FROM ", text)[-900:]
