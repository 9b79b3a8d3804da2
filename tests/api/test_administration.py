"""Administrators act within their subtree, never beside it and never above it; all of it stands in the journal."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from hub.accounts import history, organizations
from hub.accounts.history import Decision
from hub.clock import FixedClock
from hub.db import Database
from hub.models import JournalRow, Key, Membership
from tests.api.registers import Province, a_province
from tests.builders import Client, World

ON = {"on": "2026-11-23", "decision": "12-QĐ/MTTQ"}
RENAME = {"event": "rename", **ON, "name": "Mặt trận phường Bến Lau"}
ORGANIZATIONS, USERS = "/api/v1/organizations", "/api/v1/users"


@pytest.fixture
def province(world: World, database: Database, clock: FixedClock) -> Province:
    return a_province(world.reader.app, database, clock)


def post(client: Client, path: str, body: Any) -> int:
    return client.ask("POST", path, body=body).status_code


@pytest.mark.parametrize(
    ("code", "event", "status"),
    [
        ("thon-a", RENAME, 201),
        ("xa-a", RENAME, 201),  # its own, too
        ("xa-b", RENAME, 404),
        ("thon-b", RENAME, 404),
        ("tinh", RENAME, 404),
        ("nowhere", RENAME, 404),
        ("thon-a", {"event": "close", **ON}, 201),
        ("thon-b", {"event": "close", **ON}, 404),
        ("thon-a", {"event": "move", **ON, "parent": "xa-a"}, 201),
        ("thon-a", {"event": "move", **ON, "parent": "xa-b"}, 404),
        ("thon-a", {"event": "move", **ON, "parent": "tinh"}, 404),
        ("xa-a", {"event": "move", **ON, "parent": "thon-a"}, 409),  # a circle
        ("thon-a", {"event": "merge", **ON, "into": ["xa-a"]}, 201),
        ("thon-a", {"event": "merge", **ON, "into": ["thon-b"]}, 404),
        ("thon-b", {"event": "merge", **ON, "into": ["thon-a"]}, 404),
        ("thon-a", {"event": "merge", **ON, "into": ["xa-a", "thon-a"]}, 422),
        ("xa-a", {"event": "merge", **ON, "into": ["thon-a"]}, 409),
        ("xa-a", {"event": "split", **ON, "into": ["thon-a"], "goes_on": True}, 201),
        ("xa-a", {"event": "split", **ON, "into": ["thon-a", "thon-b"]}, 404),
        ("thon-a", {"event": "rename", **ON}, 422),
        ("thon-a", {"event": "move", **ON}, 422),
        ("thon-a", {"event": "merge", **ON}, 422),
        ("thon-a", {**RENAME, "on": "1.7.2026"}, 422),
        ("thon-a", {**RENAME, "on": "2024-12-31"}, 409),  # the day before it was founded
        ("thon-a", {**RENAME, "on": "2025-01-01"}, 409),  # the day it was founded, long ago
        ("thon-a", {**RENAME, "event": "sell"}, 422),
        ("thon-a", {**RENAME, "decision": ""}, 422),
        ("thon-a", {**RENAME, "decision": " \u200b "}, 422),
        ("thon-a", {"event": "merge", "on": "2026-11-23", "decision": "  ", "into": ["xa-a"]}, 422),
    ],
)
def test_events_happen_within_the_subtree_alone(
    province: Province, world: World, code: str, event: dict[str, Any], status: int
) -> None:
    admin = province.person("admin", "xa-a")
    before = world.editor.get(ORGANIZATIONS).json
    assert post(admin, f"{ORGANIZATIONS}/{code}/events", event) == status
    if status != 201:
        assert world.editor.get(ORGANIZATIONS).json == before


def test_an_event_is_told_with_who_did_it(province: Province) -> None:
    admin = province.person("admin", "xa-a")
    answer = admin.ask("POST", f"{ORGANIZATIONS}/thon-a/events", body={"event": "merge", **ON, "into": ["xa-a"]})
    assert answer.json["items"] == [
        {"event": "merge", **ON, "subject": "thon-a", "successor": "xa-a", "heir": True},
    ]
    assert answer.headers["Location"] == f"https://hub.example{ORGANIZATIONS}/thon-a"
    assert post(admin, f"{ORGANIZATIONS}/thon-a/events", RENAME) == 409  # it has ended
    with province.database.reading() as session:
        newest = session.scalars(select(JournalRow.body).order_by(JournalRow.number.desc()).limit(1)).one()
    told = orjson.loads(newest)
    assert (told["kind"], told["event"], told["organization"]) == ("register_act", "merge", "thon-a")
    assert told["actor"] == f"admin:{province.id_of('admin.xa-a@example.org')}"


@pytest.mark.parametrize("role", ["contributor", "confirmer", "editor", "auditor"])
def test_nobody_else_administers(province: Province, world: World, role: str) -> None:
    for client in (province.person(role, "tinh"), world.fishers, world.editor, world.newspaper):
        assert post(client, f"{ORGANIZATIONS}/thon-a/events", RENAME) == 403
        assert post(client, USERS, {"name": "X", "email": "x@example.org"}) == 403
        assert post(client, f"{USERS}/1/memberships", {"role": "admin", "organization": "thon-a"}) == 403
    assert post(world.reader, f"{ORGANIZATIONS}/thon-a/events", RENAME) == 401


def test_a_user_is_added_and_given_a_role(province: Province) -> None:
    admin = province.person("admin", "xa-a")
    made = admin.ask("POST", USERS, body={"name": "Phan Thị Hòa", "email": "Hoa@example.org"})
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    assert "key" not in made.json
    hoa = province.key_of("hoa@example.org")
    assert hoa.get("/api/v1/me").status_code == 401  # no role yet
    path = f"{USERS}/{made.json['id']}/memberships"
    given = admin.ask("POST", path, body={"role": "confirmer", "organization": "thon-a"})
    assert (given.status_code, given.json["from"], given.json["until"]) == (201, "2026-11-23", None)
    assert hoa.get("/api/v1/me").json["roles"][0]["organization"] == "thon-a"
    assert post(admin, USERS, {"name": "Ai đó", "email": "hoa@example.org"}) == 409
    assert post(admin, USERS, {"name": "", "email": "no address"}) == 422
    with province.database.reading() as session:
        bodies = session.scalars(select(JournalRow.body).order_by(JournalRow.number.desc()).limit(4)).all()
    kinds = [orjson.loads(body)["kind"] for body in bodies]
    assert kinds == ["role_given", "register_told", "user_added", "register_told"]
    assert not any("Hòa" in body or "hoa@" in body.lower() for body in bodies)


def test_a_new_users_key_is_told_to_whoever_reaches_the_whole_hub_alone(province: Province) -> None:
    """It has every role given later, wherever: an administrator of a part would rise by it."""
    whole, part = province.person("admin", "ldld"), province.person("admin", "tinh")
    made = whole.ask("POST", USERS, body={"name": "Phan Thị Hòa", "email": "hoa@example.org"})
    assert Client(province.app, made.json["key"]).get("/api/v1/me").status_code == 401
    other = part.ask("POST", USERS, body={"name": "Lê Văn Sáng", "email": "sang@example.org"})
    assert (other.status_code, "key" in other.json) == (201, False)
    with province.database.reading() as session:
        assert session.scalars(select(Key.id).where(Key.user_id == other.json["id"])).all() == []


@pytest.mark.parametrize(
    ("seat", "status"),
    [
        ({"role": "admin", "organization": "thon-a"}, 201),
        ({"role": "admin", "organization": "xa-a"}, 201),
        ({"role": "admin", "organization": "tinh"}, 404),  # above
        ({"role": "contributor", "organization": "tinh"}, 404),
        ({"role": "contributor", "organization": "xa-b"}, 404),  # beside
        ({"role": "contributor", "organization": "thon-b"}, 404),
        ({"role": "contributor", "organization": "nowhere"}, 404),
        ({"role": "outlet", "organization": "thon-a"}, 422),
        ({"role": "king", "organization": "thon-a"}, 422),
        ({"role": "admin"}, 422),
        ({"role": "auditor", "organization": "thon-a", "from": "2026-12-01", "until": "2026-12-01"}, 422),
    ],
)
def test_roles_are_given_within_the_subtree_alone(province: Province, seat: dict[str, str], status: int) -> None:
    admin = province.person("admin", "xa-a")
    user = admin.ask("POST", USERS, body={"name": "Phan Thị Hòa", "email": "hoa@example.org"}).json["id"]
    assert post(admin, f"{USERS}/{user}/memberships", seat) == status
    with province.database.reading() as session:
        rows = session.scalars(select(Membership.id).where(Membership.user_id == user)).all()
    assert len(rows) == (status == 201)


@pytest.mark.parametrize(("place", "status"), [("thon-a", 201), ("xa-a", 201), ("thon-b", 404), ("tinh", 404)])
def test_people_of_elsewhere_are_not_known(province: Province, place: str, status: int) -> None:
    admin = province.person("admin", "xa-a")
    province.person("confirmer", place)
    path = f"{USERS}/{province.id_of(f'confirmer.{place}@example.org')}/memberships"
    assert post(admin, path, {"role": "auditor", "organization": "thon-a"}) == status
    assert post(admin, f"{USERS}/999/memberships", {"role": "auditor", "organization": "thon-a"}) == 404


def test_nobody_rises_by_a_merger_that_is_still_to_come(province: Province, clock: FixedClock) -> None:
    """A role in what will merge into the province tomorrow would be a role over the province."""
    admin = province.person("admin", "xa-a")
    with province.database.writing() as session:
        history.merge(session, ["thon-a"], "tinh", Decision(date(2026, 12, 1), "20-QĐ"), now=clock.now())
        assert organizations.get(session, "thon-a").ended_on == date(2026, 12, 1)
    user = province.id_of("admin.xa-a@example.org")
    assert post(admin, f"{USERS}/{user}/memberships", {"role": "admin", "organization": "thon-a"}) == 404
    assert post(admin, f"{USERS}/{user}/memberships", {"role": "auditor", "organization": "xa-a"}) == 201


def test_a_deputy_administers_as_long_as_the_administrator_is_away(province: Province, clock: FixedClock) -> None:
    admin, deputy = province.person("admin", "xa-a"), province.person("contributor", "thon-b")
    assert post(deputy, f"{ORGANIZATIONS}/thon-a/events", RENAME) == 403
    asked = {"deputy": "contributor.thon-b@example.org", "until": "2026-12-01"}
    assert post(admin, "/api/v1/me/delegations", asked) == 201
    assert post(deputy, f"{ORGANIZATIONS}/thon-b/events", RENAME) == 404
    assert post(deputy, f"{ORGANIZATIONS}/thon-a/events", RENAME) == 201
