"""Any list can be asked as of a day, and each asker sees as far as their right reaches."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from hub.accounts import history, users
from hub.accounts.history import Decision
from hub.accounts.users import Seat
from hub.clock import FixedClock, local_day
from hub.db import Database
from hub.outlets import history as outlet_history
from hub.outlets import merging
from tests.api.registers import FOUNDED, Province, a_province
from tests.builders import Client, World

JULY = Decision(date(2026, 7, 1), "12-QĐ/MTTQ")
ALL = {"tinh", "xa-a", "xa-b", "thon-a", "thon-b", "ldld", "nghe-ca", "phu-nu"}
ORGANIZATIONS, USERS, OUTLETS = "/api/v1/organizations", "/api/v1/users", "/api/v1/outlets"


@pytest.fixture
def province(world: World, database: Database, clock: FixedClock) -> Province:
    return a_province(world.reader.app, database, clock)


def codes(client: Client, path: str = ORGANIZATIONS) -> set[str]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return {item["code"] for item in answer.json["items"]}


@pytest.mark.parametrize(
    ("role", "place", "seen"),
    [
        ("contributor", "xa-a", {"xa-a", "thon-a"}),
        ("confirmer", "tinh", {"tinh", "xa-a", "xa-b", "thon-a", "thon-b"}),
        ("confirmer", "thon-b", {"thon-b"}),
        ("editor", "xa-a", ALL),
        ("auditor", "xa-a", ALL),
        ("admin", "thon-a", ALL),
    ],
)
def test_each_role_sees_its_subtree_and_the_desk_all(province: Province, role: str, place: str, seen: set[str]) -> None:
    client = province.person(role, place)
    assert codes(client) == seen
    for code in ALL:
        assert client.get(f"{ORGANIZATIONS}/{code}").status_code == (200 if code in seen else 404)
    assert client.get(f"{ORGANIZATIONS}/nowhere").status_code == 404


def test_organizations_keys_see_their_own_subtree_and_outlets_none(province: Province, world: World) -> None:
    assert codes(world.fishers) == {"nghe-ca"}
    assert codes(world.editor) == ALL
    assert world.newspaper.get(ORGANIZATIONS).status_code == 403
    assert world.reader.get(ORGANIZATIONS).status_code == 401


def test_organizations_are_told_as_of_a_day(province: Province, world: World, clock: FixedClock) -> None:
    with province.database.writing() as session:
        history.rename(session, "xa-a", "Mặt trận phường A", JULY, now=clock.now())
        history.move(session, "thon-b", "xa-a", JULY, now=clock.now())
        history.merge(session, ["xa-b"], "xa-a", Decision(date(2026, 8, 1), "15-QĐ"), now=clock.now())

    def told(day: str) -> dict[str, tuple[str, str | None]]:
        items = world.editor.get(f"{ORGANIZATIONS}?as_of={day}").json["items"]
        return {item["code"]: (item["name"], item["parent"]) for item in items}

    assert told("2024-12-31") == {}
    june, july, august = told("2026-06-30"), told("2026-07-01"), told("2026-08-01")
    assert (june["xa-a"], june["thon-b"]) == (("Mặt trận xa-a", "tinh"), ("Mặt trận thon-b", "xa-b"))
    assert (july["xa-a"], july["thon-b"]) == (("Mặt trận phường A", "tinh"), ("Mặt trận thon-b", "xa-a"))
    assert ("xa-b" in july, "xa-b" in august) == (True, False)
    whole = world.editor.get(f"{ORGANIZATIONS}/xa-b").json
    assert (whole["ended_on"], whole["successor"]) == ("2026-08-01", "xa-a")
    assert [(event["event"], event["subject"], event["successor"]) for event in whole["events"]] == [
        ("merge", "xa-b", "xa-a")
    ]
    spans = world.editor.get(f"{ORGANIZATIONS}/xa-a").json["history"]
    assert [(span["from"], span["until"], span["name"]) for span in spans] == [
        ("2025-01-01", "2026-07-01", "Mặt trận xa-a"),
        ("2026-07-01", None, "Mặt trận phường A"),
    ]


def test_a_successor_sees_whoever_merged_into_it(province: Province, clock: FixedClock) -> None:
    client = province.person("contributor", "xa-a")
    with province.database.writing() as session:
        history.merge(session, ["xa-b"], "xa-a", JULY, now=clock.now())
    assert codes(client) == {"xa-a", "thon-a", "thon-b"}
    assert codes(client, f"{ORGANIZATIONS}?as_of=2026-06-30") == {"xa-a", "xa-b", "thon-a", "thon-b"}


def test_lists_go_page_by_page(province: Province, world: World) -> None:
    found, path = [], f"{ORGANIZATIONS}?limit=3&as_of=2026-12-01"
    while path:
        answer = world.editor.get(path)
        found.append([item["code"] for item in answer.json["items"]])
        link = answer.headers.get("Link", "")
        assert bool(link) is (answer.json["next"] is not None)
        path = link.partition(">")[0].removeprefix("<https://hub.example")
    assert [len(page) for page in found] == [3, 3, 2]
    assert [code for page in found for code in page] == sorted(ALL)


@pytest.mark.parametrize("sent", ["2026-13-01", "20261201", "yesterday", "2026-12-01T00:00:00Z", ""])
@pytest.mark.parametrize("path", [ORGANIZATIONS, USERS, OUTLETS])
def test_a_day_that_is_none_is_refused(world: World, path: str, sent: str) -> None:
    assert world.editor.get(f"{path}?as_of={sent}").status_code == 400


def seats(client: Client, day: str = "") -> set[tuple[str, str | None]]:
    answer = client.get(f"{USERS}?as_of={day}" if day else USERS)
    assert answer.status_code == 200, answer.text
    return {(item["role"], item["organization"] or item["outlet"]) for item in answer.json["items"]}


def test_users_are_told_within_reach_and_as_of_a_day(province: Province, world: World, clock: FixedClock) -> None:
    province.person("confirmer", "thon-a")
    province.person("confirmer", "thon-b")
    province.person("outlet", "newspaper", outlet=True)
    low, high = province.person("admin", "xa-a"), province.person("editor", "tinh")
    with province.database.writing() as session:
        user = users.get(session, "confirmer.thon-a@example.org")
        users.seat(session, user, Seat(role="auditor", organization="thon-a"), on=JULY.on, until=date(2026, 8, 1))
    in_a = {("confirmer", "thon-a"), ("admin", "xa-a")}
    assert seats(low) == in_a
    assert seats(low, "2026-07-15") == in_a | {("auditor", "thon-a")}
    assert seats(high) == in_a | {("confirmer", "thon-b"), ("editor", "tinh")}
    assert seats(world.editor) == seats(high) | {("outlet", "newspaper")}
    assert seats(world.editor, "2024-12-31") == set()
    for role, place in (("confirmer", "thon-a"), ("contributor", "tinh"), ("auditor", "tinh")):
        assert province.person(role, place).get(USERS).status_code == 403
    clock.forward(timedelta(days=2))
    before = local_day(clock.now()) - timedelta(days=1)
    with province.database.writing() as session:
        users.close(session, users.get(session, "confirmer.thon-a@example.org"), now=clock.now())
    assert seats(low) == {("admin", "xa-a")}
    assert seats(low, before.isoformat()) == in_a


def test_users_go_page_by_page(province: Province, world: World) -> None:
    for place in ("tinh", "xa-a", "xa-b"):
        province.person("confirmer", place)
    first = world.editor.get(f"{USERS}?limit=2")
    assert [item["organization"] for item in first.json["items"]] == ["tinh", "xa-a"]
    second = world.editor.get(f"{USERS}?limit=2&cursor={first.json['next']}")
    assert ([item["organization"] for item in second.json["items"]], second.json["next"]) == (["xa-b"], None)


def test_outlets_are_told_as_of_a_day(world: World, province: Province, clock: FixedClock) -> None:
    first = local_day(clock.now())
    clock.forward(timedelta(days=2))
    now, today = clock.now(), local_day(clock.now())
    with province.database.writing() as session:
        outlet_history.rename_outlet(
            session, "newspaper", "Hải Sơn nhật báo", Decision(first + timedelta(days=1), "1"), now=now
        )
        merging.merge(session, "tv", "newspaper", Decision(today, "2"), chosen={"segment": "column"}, now=now)

    def told(client: Client, day: date) -> dict[str, str]:
        answer = client.get(f"{OUTLETS}?as_of={day}")
        return {item["code"]: item["name"] for item in answer.json["items"]}

    then = {"newspaper": "Báo Hải Sơn", "public": "Cổng nêu gương", "tv": "Truyền hình Hải Sơn"}
    assert told(world.editor, first) == told(world.fishers, first) == then
    assert told(world.editor, first - timedelta(days=1)) == {}
    assert told(world.editor, today) == {"newspaper": "Hải Sơn nhật báo", "public": "Cổng nêu gương"}
    assert told(world.tv, first) == then  # it reads for its successor now, which came after it
    assert world.reader.get(OUTLETS).status_code == 401
    (line,) = (item for item in world.editor.get(OUTLETS).json["items"] if item["code"] == "newspaper")
    assert (line["agency"], line["channels"]) == (
        {"code": "bao-hai-son", "name": "Báo Hải Sơn"},
        ["newspaper/column"],
    )


def test_an_outlet_knows_of_itself_and_of_the_publics_own(world: World) -> None:
    assert codes(world.tv, OUTLETS) == {"tv", "public"}


# --- who one is ------------------------------------------------------------------------------------------------------


def test_each_key_is_told_whom_it_speaks_for(province: Province, world: World) -> None:
    def roles(client: Client) -> list[tuple[str, str | None, str]]:
        body = client.get("/api/v1/me").json
        return [(role["role"], role["organization"] or role["outlet"], role["reaches"]) for role in body["roles"]]

    assert roles(world.fishers) == [("contributor", "nghe-ca", "one")]
    assert roles(world.editor) == [("editor", None, "all")]
    assert roles(world.newspaper) == [("outlet", "newspaper", "one")]
    assert roles(province.person("admin", "xa-a")) == [("admin", "xa-a", "subtree")]
    assert world.reader.get("/api/v1/me").status_code == 401
    me = world.fishers.get("/api/v1/me").json
    assert (me["name"], me["organization"], me["user"]) == ("Nghiệp đoàn nghề cá Bến Lau", "nghe-ca", None)


def test_deputies_are_told_to_both(province: Province, clock: FixedClock) -> None:
    away, deputy = province.person("confirmer", "xa-a"), province.person("contributor", "thon-a")
    today = local_day(clock.now())
    asked = {"deputy": "Contributor.Thon-A@example.org", "until": str(today + timedelta(days=7)), "note": "Nghỉ phép"}
    answer = away.ask("POST", "/api/v1/me/delegations", body=asked)
    assert (answer.status_code, answer.json["from"]) == (201, str(today))
    assert [one["deputy"]["name"] for one in away.get("/api/v1/me").json["deputies"]] == ["contributor thon-a"]
    roles = {(role["role"], role["organization"], role["deputy"]) for role in deputy.get("/api/v1/me").json["roles"]}
    assert roles == {("contributor", "thon-a", False), ("confirmer", "xa-a", True)}
    clock.forward(timedelta(days=7))
    assert away.get("/api/v1/me").json["deputies"] == []
    assert len(deputy.get("/api/v1/me").json["roles"]) == 1
    assert today > FOUNDED


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"deputy": "nobody@example.org"}, 404),
        ({"deputy": "confirmer.xa-a@example.org"}, 422),  # oneself
        ({"until": "2026-11-23"}, 422),  # ends the day it begins
        ({"until": "soon"}, 422),
        ({"deputy": ""}, 422),
        ({"more": 1}, 422),
    ],
)
def test_a_deputy_that_cannot_be_is_refused(province: Province, changes: dict[str, object], status: int) -> None:
    away = province.person("confirmer", "xa-a")
    province.person("contributor", "thon-a")
    asked = {"deputy": "contributor.thon-a@example.org", "until": "2026-12-01", **changes}
    assert away.ask("POST", "/api/v1/me/delegations", body=asked).status_code == status
    assert away.get("/api/v1/me").json["deputies"] == []


def test_a_key_that_is_nobodys_own_has_no_deputy(world: World) -> None:
    asked = {"deputy": "a@example.org", "until": "2026-12-01"}
    for client in (world.fishers, world.editor, world.newspaper):
        assert client.ask("POST", "/api/v1/me/delegations", body=asked).status_code == 403
