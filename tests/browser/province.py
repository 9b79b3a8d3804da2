"""The demo's province, made once for all tests of a run that walk its pages, and served to each of their processes.

To its people come those who have just arrived: a unit with a very long name and a newsroom, both with nothing yet.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from hub.accounts import organizations, users
from hub.accounts.organizations import NewOrganization
from hub.accounts.users import Seat
from hub.app import create_app
from hub.clock import SystemClock
from hub.config import Settings
from hub.db import Database
from hub.http.services import EXTENSION
from hub.models import User
from hub.outlets import catalog
from hub.web.protection import COOKIE
from tests.browser.crawling import Walk
from tests.browser.desks import served
from tests.browser.filling import fill
from tests.browser.visits import Visit
from tests.builders import FOUNDED, a_channel
from tests.serving import environment_of
from tests.web.desks import Person

SECONDS = 180
LONG_NAME = "Công Tằng Tôn Nữ Nguyễn Hoàng Thị Thanh Nguyệt Minh Châu"
VISITOR = "visitor"
PEOPLE = {  # of the demo, by the part of their address before the @; and the two who have just come
    "contributor": "hoa",
    "confirmer": "kiem",
    "editor": "minh",
    "newspaper": "bao",
    "television": "hinh",
    "auditor": "giam-sat",
    "admin": "quan-tri",
    "new unit": "moi",
    "new newsroom": "toa-soan-moi",
}
NEW = frozenset({"new unit", "new newsroom"})
ROLES = (VISITOR, *PEOPLE)
LONG = (
    "Chi hội Phụ nữ và Nghiệp đoàn nghề cá liên xã Bến Lau – Gò Mận – Đồi Cát – Nghĩa Thượng Trung, "
    "Liên hiệp các Hội Khoa học và Kỹ thuật tỉnh Hải Sơn"
)


@dataclass(frozen=True, slots=True)
class Province:
    """The province as one process of the run has it: served, with a cookie for everybody who is signed in."""

    base: str
    app: Flask
    cookies: dict[str, str]  # by role; none for the visitor
    pages: dict[str, dict[str, str]]  # by role: address to endpoint
    newspaper: str  # its key


def sign_in_as(visit: Visit, province: Province, role: str) -> None:
    """Let a visit be that of somebody of the province; nothing happens for the visitor."""
    if role != VISITOR:
        cookie = {"name": COOKIE, "value": province.cookies[role], "url": province.base}
        visit.context.add_cookies([cookie])  # type: ignore[list-item]


@contextmanager
def open_province(shared: Path, own: Path) -> Iterator[Province]:
    """Make the province in `shared`, unless another process has, and serve a copy of it from `own`."""
    with (shared / "province.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made, walked = shared / "province", shared / "province.json"
        if not walked.exists():
            shutil.rmtree(made, ignore_errors=True)
            walked.write_text(json.dumps(_make(made)), encoding="utf-8")
    shutil.copytree(made, own)
    kept = json.loads(walked.read_text(encoding="utf-8"))
    app = create_app(settings_in(own))
    with served(app) as base:
        yield Province(base, app, kept["cookies"], kept["pages"], kept["newspaper"])
    app.extensions[EXTENSION].database.engine.dispose()


def settings_in(folder: Path) -> Settings:
    """Settings whose limits no walk reaches."""
    return Settings(data=folder, pushes_per_minute=100_000, reads_per_minute=100_000)


def _make(folder: Path) -> dict[str, object]:
    """Let `hub demo` tell its stories, add who has just come, sign everybody in and note the pages that they reach."""
    settings = settings_in(folder)
    done = subprocess.run(
        [sys.executable, "-m", "hub", "demo", "--data", str(folder), "--once", "--json"],
        env=environment_of(settings),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    app = create_app(settings)
    database: Database = app.extensions[EXTENSION].database
    _welcome(database, SystemClock().now())
    people = {VISITOR: Person(app), **{role: _signed_in(app, database, name) for role, name in PEOPLE.items()}}
    keys = json.loads(done.stdout)["keys"]
    too = fill(app, settings, people, keys)
    walk = Walk(app)
    pages = {VISITOR: walk.of(people[VISITOR], too=too[VISITOR])}
    for role in PEOPLE:
        found = walk.of(people[role], too=too.get(role, ()), whole=role in NEW)
        pages[role] = {address: endpoint for address, endpoint in found.items() if address not in pages[VISITOR]}
    database.engine.dispose()
    cookies = {role: person.cookie() for role, person in people.items()}
    return {"cookies": cookies, "pages": pages, "newspaper": keys["outlets"]["newspaper"]}


def _welcome(database: Database, now: datetime) -> None:
    """A unit and a newsroom on their first day."""
    unit = NewOrganization(code="chi-hoi-moi", name=LONG, kind="hoi_phu_nu", valid_from=FOUNDED)
    taken = {"selection": {"organizations": [unit.code]}, "profile": "column", "audience": "outlet"}
    channel = a_channel("trang", "Trang người tốt việc tốt", **taken)
    newsrooms = [
        {"code": code, "kind": "newspaper", "name": f"{name} {LONG}", "channels": [channel]}
        for code, name in (("toa-soan", "Tòa soạn Bản tin"), ("toa-soan-hai", "Tòa soạn Tạp chí"))
    ]
    seats = {
        "moi": [Seat(role=role, organization=unit.code) for role in ("contributor", "confirmer")],
        "toa-soan-moi": [Seat(role="outlet", outlet=str(each["code"])) for each in newsrooms],
    }
    with database.writing() as session:
        organizations.add(session, unit, now=now)
        agency = {"code": "co-quan-moi", "name": "Cơ quan của Bản tin"}
        catalog.load(session, {"agency": agency, "outlets": newsrooms}, now=now)
        for name, seated in seats.items():
            user = users.add(session, name=LONG_NAME, email=f"{name}@example.org", now=now)
            for seat in seated:
                users.seat(session, user, seat, on=FOUNDED)


def _signed_in(app: Flask, database: Database, name: str) -> Person:
    with database.reading() as session:
        user = session.scalars(select(User.id).where(User.email == f"{name}@example.org")).one()
    person = Person(app).sign_in(user)
    person.get("/desk/account")
    assert person.cookie()
    return person
