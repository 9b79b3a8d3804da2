"""Filings over HTTP: quarter reports, ideas and their answers; who files what, and who reads it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from hub.accounts import history, organizations
from hub.accounts.history import Decision
from hub.accounts.organizations import NewOrganization
from hub.accounts.users import Seat
from hub.clock import FixedClock, local_day
from hub.db import Database
from hub.models import Filing
from hub.records import journal
from tests.api.test_pickups import key_of, rows_of
from tests.builders import Client, World

FILINGS = "/api/v1/filings"
REPORT = {"kind": "report", "quarter": "2026-Q3", "text": "Gửi 9 tin, bài; được phát hành 7."}
IDEA = {"kind": "idea", "text": "Mở tủ sách dùng chung ở bến cá."}


def file(client: Client, said: dict[str, Any], **more: Any) -> TestResponse:
    return client.ask("POST", FILINGS, body={**said, **more})


def answer(client: Client, idea: int, text: str = "Thực hiện trong quý I.") -> TestResponse:
    return file(client, {"kind": "idea_answer", "answers": idea, "text": text})


def faults(refused: TestResponse) -> list[tuple[str, str]]:
    assert refused.status_code == 422, refused.text
    return [(fault["pointer"], fault["code"]) for fault in refused.json["errors"]]


@pytest.fixture
def lan(world: World, database: Database, clock: FixedClock) -> Client:
    """A confirmer of the fishers."""
    return key_of(database, world.reader, "Lan", Seat(role="confirmer", organization="nghe-ca"), clock)


@pytest.fixture
def minh(world: World, database: Database, clock: FixedClock) -> Client:
    """A confirmer of the union, above the fishers."""
    return key_of(database, world.reader, "Minh", Seat(role="confirmer", organization="ldld"), clock)


def test_an_organization_reports_on_a_quarter(world: World, clock: FixedClock) -> None:
    filed = file(world.fishers, REPORT)
    assert filed.status_code == 201
    assert filed.json == {
        "id": 1,
        **REPORT,
        "organization": "nghe-ca",
        "to": None,
        "answers": None,
        "by": "Nghiệp đoàn nghề cá Bến Lau",
        "at": clock.now().isoformat().replace("+00:00", "Z"),
    }
    assert file(world.fishers, REPORT, text="Bổ sung.").status_code == 201  # a second word on the same quarter


def test_a_person_files_for_their_own_organization(lan: Client) -> None:
    filed = file(lan, REPORT).json
    assert (filed["organization"], filed["by"]) == ("nghe-ca", "Lan")


@pytest.mark.parametrize(
    ("quarter", "fault"),
    [
        ("2026-Q5", "pattern"),
        ("2026-3", "pattern"),
        ("2026-Q4", "quarter_not_over"),
        ("2027-Q1", "quarter_not_over"),
    ],
)
def test_a_bad_quarter_is_refused(world: World, quarter: str, fault: str) -> None:
    assert faults(file(world.fishers, REPORT, quarter=quarter)) == [("/quarter", fault)]
    assert world.fishers.get(FILINGS).json["items"] == []


def test_a_quarter_is_over_at_midnight_in_viet_nam(world: World, clock: FixedClock) -> None:
    clock.at = clock.at.replace(month=12, day=31, hour=16, minute=59)
    assert file(world.fishers, REPORT, quarter="2026-Q4").status_code == 422
    clock.forward(timedelta(minutes=1))
    assert file(world.fishers, REPORT, quarter="2026-Q4").status_code == 201


def test_the_desk_reports_for_nobody(world: World) -> None:
    refused = file(world.editor, REPORT)
    assert (refused.status_code, refused.json["type"].endswith("files_for_nobody")) == (403, True)


@pytest.mark.parametrize("said", [REPORT, {**IDEA, "to": "nghe-ca"}])
def test_who_sends_no_stories_files_nothing(world: World, said: dict[str, Any]) -> None:
    assert file(world.reader, said).status_code == 401
    assert file(world.tv, said).status_code == 403


def test_an_idea_goes_to_whom_it_names_or_else_one_level_up(world: World) -> None:
    named = file(world.women, IDEA, to="nghe-ca").json
    assert (named["organization"], named["to"]) == ("phu-nu", "nghe-ca")
    upward = file(world.fishers, IDEA).json
    assert (upward["organization"], upward["to"]) == ("nghe-ca", "ldld")
    desk = file(world.editor, IDEA, to="nghe-ca").json
    assert (desk["organization"], desk["to"]) == (None, "nghe-ca")


def test_an_idea_to_nobody_is_refused(world: World, database: Database, clock: FixedClock) -> None:
    assert faults(file(world.women, IDEA)) == [("/to", "required")]  # nobody stands above them
    assert faults(file(world.editor, IDEA)) == [("/to", "required")]
    assert faults(file(world.fishers, IDEA, to="no-such")) == [("/to", "unknown_organization")]
    scoped = key_of(database, world.reader, "Tam", Seat(role="editor", organization="ldld"), clock)
    assert file(scoped, IDEA, to="nghe-ca").status_code == 201
    assert faults(file(scoped, IDEA, to="phu-nu")) == [("/to", "unknown_organization")]  # beyond their subtree


def test_an_idea_to_what_was_merged_goes_to_the_successor(world: World, database: Database, clock: FixedClock) -> None:
    clock.forward(timedelta(days=1))
    on = local_day(clock.now())
    with database.writing() as session:
        new = NewOrganization(code="ben-moi", name="Nghiệp đoàn Bến Mới", kind="cong_doan", parent="ldld")
        organizations.add(session, new, now=clock.now())
        history.merge(session, ["nghe-ca"], "ben-moi", Decision(on=on, number="12-QĐ"), now=clock.now())
    assert file(world.women, IDEA, to="nghe-ca").json["to"] == "ben-moi"
    assert file(world.fishers, REPORT).json["organization"] == "ben-moi"  # an old key files for it, too


@pytest.mark.parametrize("above", [False, True])
def test_a_confirmer_of_the_asked_or_of_one_above_answers_once(
    world: World, lan: Client, minh: Client, above: bool
) -> None:
    idea = file(world.women, IDEA, to="nghe-ca").json["id"]
    said = answer(minh if above else lan, idea)
    assert said.status_code == 201, said.text
    told = {name: said.json[name] for name in ("organization", "to", "answers", "kind")}
    assert told == {"organization": "nghe-ca", "to": "phu-nu", "answers": idea, "kind": "idea_answer"}
    for again in (lan, minh):
        refused = answer(again, idea)
        assert (refused.status_code, refused.json["answer"]) == (409, said.json["id"])


def test_nobody_else_answers(world: World, lan: Client, minh: Client) -> None:
    idea = file(world.women, IDEA, to="nghe-ca").json["id"]
    upward = file(world.fishers, IDEA).json["id"]
    for client in (world.fishers, world.women, world.editor):
        refused = answer(client, idea)
        assert (refused.status_code, refused.json["type"].endswith("answer_not_yours")) == (403, True)
    assert answer(lan, upward).status_code == 403  # theirs was the question
    assert answer(world.women, upward).status_code == 404  # of that they may not know
    report = file(world.fishers, REPORT).json["id"]
    for number in (report, 999):
        assert answer(minh, number).status_code == 404
    assert answer(minh, upward).status_code == 201


def test_the_journal_commits_to_the_texts_and_holds_none(world: World, lan: Client, database: Database) -> None:
    file(world.fishers, REPORT)
    idea = file(world.women, IDEA, to="nghe-ca").json["id"]
    answer(lan, idea)
    records = [rows_of(database, kind)[0] for kind in ("report", "idea", "idea_answered")]
    known = [{name: record.get(name) for name in ("organization", "quarter", "idea")} for record in records]
    assert known == [
        {"organization": "nghe-ca", "quarter": "2026-Q3", "idea": None},
        {"organization": "nghe-ca", "quarter": None, "idea": idea},
        {"organization": "nghe-ca", "quarter": None, "idea": idea},
    ]
    assert records[1]["from"] == records[2]["to"] == "phu-nu"
    with database.reading() as session:
        filed = session.scalars(select(Filing).order_by(Filing.id)).all()
    for record, row in zip(records, filed, strict=True):
        assert record["note"] == journal.commitment(row.salt, f"{row.text}\n{row.actor_name}")
        whole = json.dumps(record, ensure_ascii=False)
        assert row.text not in whole
        assert row.actor_name not in whole
    assert [record["actor"].partition(":")[0] for record in records] == ["contributor", "contributor", "confirmer"]


def test_each_reads_what_it_and_all_below_it_sent_or_were_sent(world: World, lan: Client, minh: Client) -> None:
    idea = file(world.women, IDEA, to="nghe-ca").json["id"]
    reply = answer(lan, idea).json["id"]
    report = file(world.fishers, REPORT).json["id"]
    desk = file(world.editor, IDEA, to="phu-nu").json["id"]

    def read(client: Client, query: str = "") -> list[int]:
        return [item["id"] for item in client.get(f"{FILINGS}{query}").json["items"]]

    assert read(world.women) == [desk, reply, idea]
    for client in (world.fishers, lan, minh):
        assert read(client) == [report, reply, idea]
    assert read(world.editor) == [desk, report, reply, idea]
    assert read(world.editor, "?kind=idea") == [desk, idea]
    assert read(world.editor, "?limit=1") == [desk]
    assert read(world.editor, f"?limit=2&cursor={report}") == [reply, idea]
    assert world.editor.get(f"{FILINGS}?kind=letter").status_code == 400
    assert world.tv.get(FILINGS).status_code == 403
    assert world.reader.get(FILINGS).status_code == 401


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"kind": "letter", "text": "x"}, [("/kind", "enum")]),
        ({"text": "x"}, [("/kind", "required")]),
        ({**REPORT, "text": " \n "}, [("/text", "blank")]),
        ({**IDEA, "quarter": "2026-Q3"}, [("/quarter", "unknown_field")]),
        ({"kind": "idea_answer", "text": "x"}, [("/answers", "required")]),
    ],
)
def test_what_does_not_hold_is_refused(world: World, said: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert faults(file(world.fishers, said)) == found
