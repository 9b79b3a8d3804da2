"""The regulation and its duties over HTTP: who sees what, page by page, and as described."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from hub.accounts import keys, users
from hub.clock import FixedClock, local_day
from hub.db import Database
from hub.regulation.duties import projector
from hub.regulation.edition import editions
from tests.builders import Client, World, a_story

DUTIES = "/api/v1/duties"


@pytest.fixture
def ruled(world: World, database: Database, clock: FixedClock) -> World:
    """The small province under the default regulation, with two stories that wait for the editor."""
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())
    for name in ("one", "two"):
        world.push(a_story(title=name), external_id=name)
    world.release(a_story(), external_id="three", channels=["newspaper/column", "tv/segment"])
    projector.catch_up(database)
    clock.forward(timedelta(minutes=1))
    return world


def test_the_regulation_in_force_is_read_by_everybody(ruled: World, clock: FixedClock) -> None:
    answer = ruled.reader.get("/api/v1/regulation")
    assert answer.json["edition"] == 1
    assert answer.json["document"] == json.loads(editions.default_text())
    assert ruled.reader.get("/api/v1/regulation?as_of=2020-01-01").status_code == 404
    day = clock.now().date().isoformat()
    assert ruled.reader.get(f"/api/v1/regulation?as_of={day}").status_code == 200
    assert ruled.reader.get("/api/v1/regulation?as_of=2099-01-01T00:00:00Z").status_code == 200


@pytest.mark.parametrize("sent", ["yesterday", "2026-02-30", "2026-11-20T10:00:00", "0001-01-01T00:00"])
def test_an_instant_that_cannot_be_read_is_refused(ruled: World, sent: str) -> None:
    for path in ("/api/v1/regulation", DUTIES):
        answer = ruled.editor.get(f"{path}?as_of={sent}")
        assert answer.status_code == 400
        assert answer.json["type"].endswith("bad_query")


def test_each_line_names_its_clause_its_owner_and_its_evidence(ruled: World) -> None:
    items = ruled.editor.get(f"{DUTIES}?clause=13").json["items"]
    assert [item["state"] for item in items].count("met") == 1
    (met,) = [item for item in items if item["state"] == "met"]
    assert met["clause"] == {"edition": 1, "number": "13.1", "title": "Thẩm định, biên tập"}
    assert met["owner"] == {"kind": "desk", "code": ""}
    assert len(met["evidence"]) == 1
    assert met["evidence"][0] > met["opened_by"]


def test_an_outlet_sees_its_own_and_an_organization_what_it_owes(ruled: World) -> None:
    assert [item["owner"]["code"] for item in ruled.newspaper.get(DUTIES).json["items"]] == ["newspaper"]
    assert {item["clause"]["number"] for item in ruled.fishers.get(DUTIES).json["items"]} == {"31.1"}
    assert ruled.women.get(DUTIES).json["items"] == []
    assert ruled.women.get(f"{DUTIES}?organization=nghe-ca").json["items"] == []
    assert ruled.reader.get(DUTIES).status_code == 401


def test_a_duty_leads_to_the_rows_that_opened_and_proved_it(ruled: World) -> None:
    items = ruled.editor.get(f"{DUTIES}?clause=13&state=met").json["items"]
    path = f"{DUTIES}/{items[0]['id']}"
    rows = ruled.editor.get(path).json["rows"]
    assert [row["number"] for row in rows] == [items[0]["opened_by"], *items[0]["evidence"]]
    assert [row["act"] for row in rows] == ["submit", "approve"]
    assert ruled.fishers.get(path).status_code == 404  # the desk's, not theirs
    assert ruled.editor.get(f"{DUTIES}/du_nothing").status_code == 404


def test_pages_follow_each_other_without_loss(ruled: World) -> None:
    whole = [item["id"] for item in ruled.editor.get(DUTIES).json["items"]]
    assert len(whole) > 5
    seen: list[str] = []
    path: str | None = f"{DUTIES}?limit=2"
    while path is not None:
        answer = ruled.editor.get(path)
        seen += [item["id"] for item in answer.json["items"]]
        link = answer.headers.get("Link", "")
        path = link.partition(">")[0].removeprefix("<https://hub.example") if link else None
    assert seen == whole


@pytest.mark.parametrize("query", ["state=sleepy", "cursor=here", "cursor=2026-11-20~du_x", "limit=0"])
def test_a_question_that_cannot_be_read_is_refused(ruled: World, query: str) -> None:
    assert ruled.editor.get(f"{DUTIES}?{query}").status_code == 400


def test_questions_of_any_text_are_answered(ruled: World) -> None:
    for name in ("organization", "outlet", "clause", "story"):
        assert ruled.editor.get(f"{DUTIES}?{name}=%25'đ").json["items"] == []


def test_the_desk_waives_a_duty_with_a_reason(ruled: World) -> None:
    (duty,) = ruled.fishers.get(f"{DUTIES}?state=open").json["items"]
    path = f"{DUTIES}/{duty['id']}/waive"
    assert ruled.fishers.ask("POST", path, body={"note": "x"}).status_code == 403
    assert ruled.editor.ask("POST", path, body={}).status_code == 422
    assert ruled.editor.ask("POST", path, body={"note": "  "}).status_code == 422
    answer = ruled.editor.ask("POST", path, body={"note": "Bão số 9"})
    assert (answer.status_code, answer.json["state"], answer.json["note"]) == (200, "waived", "Bão số 9")
    assert ruled.editor.ask("POST", path, body={"note": "Lần nữa"}).status_code == 409
    assert ruled.editor.ask("POST", f"{DUTIES}/du_x/waive", body={"note": "x"}).status_code == 404
    assert ruled.fishers.get(DUTIES).json["items"][-1]["note"] == "Bão số 9"


def test_an_editor_of_one_subtree_waives_nothing_outside_it(
    ruled: World, database: Database, clock: FixedClock
) -> None:
    """Somebody who sends stories elsewhere reads what is owed there, and no more."""
    with database.writing() as session:
        user = users.add(session, name="x", email="x@x.vn", now=clock.now())
        for role, code in (("editor", "phu-nu"), ("contributor", "nghe-ca")):
            users.seat(session, user, users.Seat(role=role, organization=code), on=local_day(clock.now()))
        client = Client(ruled.editor.app, keys.mint(session, "user", user=user, now=clock.now()).secret)
    (duty,) = client.get(f"{DUTIES}?state=open").json["items"]
    assert duty["owner"]["code"] == "nghe-ca"
    path = f"{DUTIES}/{duty['id']}"
    assert client.ask("POST", f"{path}/waive", body={"note": "x"}).status_code == 404
    assert client.get(path).json["duty"]["state"] == "open"
    with database.writing() as session:
        users.seat(session, user, users.Seat(role="editor", organization="ldld"), on=local_day(clock.now()))
    assert client.ask("POST", f"{path}/waive", body={"note": "x"}).json["state"] == "waived"


def test_what_the_duties_have_not_read_is_read_before_a_waiver_holds_the_journal(
    ruled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (duty,) = ruled.fishers.get(f"{DUTIES}?state=open").json["items"]
    for number in range(5):
        ruled.push(a_story(title=str(number)), external_id=f"more-{number}")
    project, counts = projector.project, list[int]()

    def counted(session: Session, **kept: Any) -> int:
        counts.append(project(session, **kept))
        return counts[-1]

    monkeypatch.setattr(projector, "project", counted)
    assert ruled.editor.ask("POST", f"{DUTIES}/{duty['id']}/waive", body={"note": "x"}).status_code == 409
    assert (counts[0] >= 5, counts[1:]) == (True, [0])  # the next stories were what it asked for
    duty = ruled.editor.get(f"{DUTIES}?state=open").json["items"][0]
    counts.clear()
    assert ruled.editor.ask("POST", f"{DUTIES}/{duty['id']}/waive", body={"note": "x"}).json["state"] == "waived"
    assert counts == [0, 1]
