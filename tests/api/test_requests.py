"""Requests for coverage over HTTP: who is asked, sees, answers and is told, and what an erasure leaves."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from hub.accounts.users import Seat
from hub.actors import SYSTEM
from hub.clock import FixedClock
from hub.db import Database
from hub.models import Outbox, RequestAnswer
from hub.operation.verifying import filed_faults
from hub.records import persons
from hub.regulation.consent import erasing
from tests.api.test_pickups import key_of, rows_of
from tests.builders import Client, World

PATH = "/api/v1/requests"
ASKED: dict[str, Any] = {
    "title": "Người giữ rừng ven biển",
    "text": "Cho chuyên trang tháng 12.",
    "topics": ["bao_ve_moi_truong"],
    "place": "xã Bến Lau",
    "needed_by": "2026-12-15",
    "to": "nghe-ca",
}
ACCEPTED = {"answer": "accepted", "due_on": "2026-12-10"}


def ask(client: Client, **changes: Any) -> TestResponse:
    said = {**ASKED, **changes}
    return client.ask("POST", PATH, body={name: value for name, value in said.items() if value is not None})


def answer(client: Client, number: int, **said: Any) -> TestResponse:
    return client.ask("POST", f"{PATH}/{number}/answers", body=said)


def seen(client: Client) -> list[int]:
    return [item["id"] for item in client.get(PATH).json["items"]]


def faults(refused: TestResponse) -> list[tuple[str, str]]:
    assert refused.status_code == 422, refused.text
    return [(fault["pointer"], fault["code"]) for fault in refused.json["errors"]]


@pytest.fixture
def minh(world: World, database: Database, clock: FixedClock) -> Client:
    """A confirmer of the union, above the fishers."""
    return key_of(database, world.reader, "Minh", Seat(role="confirmer", organization="ldld"), clock)


def test_an_outlet_asks_one_organization_one_with_all_below_it_or_all(world: World, minh: Client) -> None:
    one = ask(world.tv)
    assert (one.status_code, one.headers["Location"]) == (201, "https://hub.example/api/v1/requests/1")
    told = {name: one.json[name] for name in ("outlet", "reach", "to", "state", "needed_by", "topics")}
    assert told == {
        "outlet": "tv",
        "reach": "organization",
        "to": "nghe-ca",
        "state": "open",
        "needed_by": "2026-12-15",
        "topics": ["bao_ve_moi_truong"],
    }
    assert ask(world.tv, to="ldld", below=True).json["reach"] == "below"
    assert ask(world.tv, to="ldld").json["reach"] == "organization"
    assert ask(world.newspaper, to=None).json["to"] is None
    assert seen(world.fishers) == [4, 2, 1]
    assert seen(minh) == [4, 3, 2, 1]  # also what went to those below them
    assert seen(world.women) == [4]
    assert seen(world.tv) == [3, 2, 1]
    assert seen(world.newspaper) == [4]
    assert seen(world.editor) == [4, 3, 2, 1]
    for client, number in ((world.women, 1), (world.newspaper, 1), (world.fishers, 3), (world.tv, 4)):
        assert client.get(f"{PATH}/{number}").status_code == 404
        assert answer(client, number, **ACCEPTED).status_code == 404
    page = world.editor.get(f"{PATH}?limit=3&state=open")
    assert (page.json["next"], "cursor=2" in page.headers["Link"]) == (2, True)
    for client, status in ((world.fishers, 403), (world.editor, 403), (world.reader, 401)):
        assert ask(client).status_code == status


def test_what_cannot_be_asked_or_answered_is_refused_with_the_place(world: World) -> None:
    assert faults(ask(world.tv, to="no-such")) == [("/to", "unknown_organization")]
    assert faults(ask(world.tv, title=" \u200b ")) == [("/title", "blank")]
    assert faults(ask(world.tv, needed_by="2026-11-22")) == [("/needed_by", "day_gone_by")]
    number = ask(world.tv).json["id"]
    strange = "st_01k2m3n4p5q6r7s8t9v0w1x2y3"
    assert faults(answer(world.fishers, number, answer="accepted", story=strange)) == [("/story", "unknown_story")]
    assert faults(answer(world.fishers, number, answer="declined", text=" \u200b ")) == [("/text", "blank")]
    unasked = answer(world.tv, number, answer="reply", text="Có.", question=7)
    assert faults(unasked) == [("/question", "unknown_question")]
    assert world.tv.get(f"{PATH}?state=lost").status_code == 400
    for client, said in ((world.fishers, {"answer": "closed"}), (world.tv, ACCEPTED)):
        refused = answer(client, number, **said)
        assert (refused.status_code, refused.json["type"].endswith("other_side")) == (403, True)


def test_a_request_is_asked_back_replied_to_accepted_and_closed(
    world: World, minh: Client, database: Database, clock: FixedClock
) -> None:
    number = ask(world.tv, to="ldld", below=True).json["id"]
    question = answer(world.fishers, number, answer="question", text="Quay ở đâu?").json
    assert (question["organization"], question["answer"]) == ("nghe-ca", "question")
    assert answer(world.tv, number, answer="reply", text="Ở bến.", question=question["id"]).status_code == 201
    assert answer(minh, number, answer="declined", text="Chưa có gương mới.").json["organization"] == "ldld"
    assert world.tv.get(f"{PATH}/{number}").json["state"] == "open"  # others may still accept
    story = world.push()
    accepted = answer(world.fishers, number, answer="accepted", story=story).json
    assert (accepted["story"], accepted["organization"]) == (story, "nghe-ca")
    whole = world.tv.get(f"{PATH}/{number}").json
    assert whole["state"] == "accepted"
    assert [each["answer"] for each in whole["answers"]] == ["question", "reply", "declined", "accepted"]
    theirs = world.fishers.get(f"{PATH}/{number}").json["answers"]
    assert [each["answer"] for each in theirs] == ["question", "reply", "accepted"]  # what the union said is its own
    assert answer(world.tv, number, answer="closed").status_code == 201
    refused = answer(world.fishers, number, **ACCEPTED)
    assert (refused.status_code, refused.json["request"]) == (409, number)
    told = rows_of(database, "request_answered")
    assert [(row["said"], row["organization"]) for row in told] == [
        ("question", "nghe-ca"), ("reply", ""), ("declined", "ldld"), ("accepted", "nghe-ca"), ("closed", "")
    ]  # fmt: skip
    assert "Quay ở đâu?" not in str(told)
    with database.reading() as session:
        notices = [row.payload for row in session.scalars(select(Outbox).where(Outbox.kind == "notice"))]
        assert list(filed_faults.find(session, lambda _table, _count: None)) == []
    kinds = [(each["kind"], each.get("outlets"), each.get("asked")) for each in notices if "request" in each]
    assert kinds == [
        ("requested", None, ["ldld"]),
        ("answered", ["tv"], None),
        ("answered", None, ["nghe-ca"]),
        ("answered", ["tv"], None),
        ("answered", ["tv"], None),
        ("closed", None, ["ldld", "nghe-ca"]),
    ]


def test_the_confirmer_above_answers_for_the_one_asked_and_the_desk_for_nobody(world: World, minh: Client) -> None:
    number = ask(world.tv).json["id"]
    said = answer(minh, number, answer="declined", text="Đơn vị đang sắp xếp lại.")
    assert (said.status_code, said.json["organization"]) == (201, "nghe-ca")
    assert world.tv.get(f"{PATH}/{number}").json["state"] == "declined"  # nobody else was asked
    assert answer(world.editor, number, **ACCEPTED).status_code == 403


def test_a_request_or_an_answer_sent_twice_under_one_key_counts_once(world: World) -> None:
    once = {"Idempotency-Key": "k1"}
    first, again = (world.newspaper.ask("POST", PATH, body=ASKED, headers=once) for _ in range(2))
    assert (again.status_code, again.json, again.headers["Location"]) == (201, first.json, first.headers["Location"])
    answers = f"{PATH}/{first.json['id']}/answers"
    said, repeated = (world.fishers.ask("POST", answers, body=ACCEPTED, headers=once) for _ in range(2))
    assert (repeated.status_code, repeated.json) == (201, said.json)
    assert len(world.newspaper.get(f"{PATH}/{first.json['id']}").json["answers"]) == 1
    assert world.newspaper.ask("POST", PATH, body={**ASKED, "title": "Khác"}, headers=once).status_code == 422


def test_an_erased_person_goes_from_requests_and_answers_and_verify_finds_that_right(
    world: World, database: Database, clock: FixedClock
) -> None:
    story, name = world.release(), "Nguyễn Văn Biển"
    asked = ask(world.newspaper, to=None, person=name, text="Về nghề máy tàu.").json["id"]
    once, kept = {"Idempotency-Key": "k1"}, {"title": "Thợ máy", "person": name}
    number = world.newspaper.ask("POST", PATH, body=kept, headers=once).json["id"]
    other = ask(world.newspaper, to=None).json["id"]
    assert answer(world.fishers, asked, answer="question", text=f"Có phải {name.upper()} ở bến?").status_code == 201
    signing = world.fishers.app.extensions["hub"].database
    with signing.writing() as session:
        subject = next(row for row in persons.list_of_version(session, story, 1) if row.part == persons.SUBJECT)
        erasing.erase(session, subject.person, actor=SYSTEM, now=clock.now())
    again = world.newspaper.ask("POST", PATH, body=kept, headers=once)
    assert (again.json["id"], again.json["person"], again.json["title"]) == (number, "", "")
    whole = world.newspaper.get(f"{PATH}/{asked}").json
    assert (whole["title"], whole["text"], whole["place"], whole["person"]) == ("", "", "", "")
    assert [each["text"] for each in whole["answers"]] == [""]
    assert world.newspaper.get(f"{PATH}/{other}").json["title"] == ASKED["title"]
    (record,) = rows_of(database, "person_erased")
    assert (record["requests"], record["request_answers"]) == ([asked, number], [1])
    with database.writing() as session:
        assert list(filed_faults.find(session, lambda _table, _count: None)) == []
        session.get_one(RequestAnswer, 1).text = name
        session.flush()
        found = list(filed_faults.find(session, lambda _table, _count: None))
        assert found == ["request_answered 1: was emptied by an erasure, and text is there again"]
        session.rollback()
