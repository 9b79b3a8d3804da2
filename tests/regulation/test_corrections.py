"""Corrections, holds and withdrawals: each change with its reason, quiet ones quiet, and what is taken back closed."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import feedparser
import pytest
from sqlalchemy import select

from hub.accounts import keys, users
from hub.clock import FixedClock, local_day
from hub.config import Settings
from hub.db import Database
from hub.intake.media_store import MediaStore
from hub.models import Change, JournalRow, Outbox
from hub.operation.verifying import verification
from hub.regulation import wording
from hub.regulation.edition import editions
from hub.regulation.wording import Corrected
from hub.worker import Worker
from tests.auditors import an_auditing_client
from tests.builders import Client, World, a_story

BOTH = {"channels": ["newspaper/column", "public/all"]}
WRONG, RIGHT = "137 lượt tàu được giúp.", "173 lượt tàu được giúp."
REASON = {"pointer": "/result", "reason": "Đọc nhầm sổ trực.", "severity": "grave"}


@pytest.fixture
def released(world: World, clock: FixedClock) -> str:
    story_id = world.release(**BOTH)
    clock.forward(timedelta(hours=1))
    return story_id


def correct(world: World, story_id: str, *, changed: dict[str, Any] | None = None, **order: Any) -> Any:
    world.push(a_story(**(changed or {"result": RIGHT})))
    assert world.editor.act(story_id, "approve").status_code == 201
    return world.editor.act(story_id, "release", **order)


def updated_at(world: World, client: Client, address: str) -> str:
    entry = feedparser.parse(client.get(f"/feeds/{address}.atom").data).entries[0]
    return str(entry.updated)


def test_each_change_is_told_with_before_after_reason_severity_and_who(world: World, released: str) -> None:
    assert correct(world, released, changes=[REASON]).status_code == 201
    (correction,) = world.editor.get(f"/api/v1/stories/{released}/corrections").json["items"]
    assert (correction["from"], correction["to"], correction["severity"]) == (1, 2, "grave")
    assert correction["changes"] == [
        {
            "field": "/result",
            "label": "Kết quả",
            "before": WRONG,
            "after": RIGHT,
            "reason": "Đọc nhầm sổ trực.",
            "severity": "grave",
            "who": "Biên tập viên",
        }
    ]


def test_what_readers_were_told_of_a_correction_stands_beside_its_changes(world: World, released: str) -> None:
    assert correct(world, released, public_note="Số lượt tàu là 173, không phải 137.").status_code == 201
    for who in (world.editor, world.fishers, world.newspaper):
        (told,) = who.get(f"/api/v1/stories/{released}/corrections").json["items"]
        assert told["public_note"] == "Số lượt tàu là 173, không phải 137."


def test_what_the_sender_said_of_a_change_holds_where_the_desk_is_silent(world: World, released: str) -> None:
    world.push(a_story(result=RIGHT))
    assert world.fishers.act(released, "correct", changes=[{**REASON, "severity": "minor"}]).status_code == 201
    assert world.editor.act(released, "approve").status_code == 201
    assert world.editor.act(released, "release").status_code == 201
    (correction,) = world.fishers.get(f"/api/v1/stories/{released}/corrections").json["items"]
    assert (correction["severity"], correction["changes"][0]["reason"]) == ("minor", "Đọc nhầm sổ trực.")


def test_a_note_on_a_field_that_does_not_change_is_refused(world: World, released: str) -> None:
    answer = correct(world, released, changes=[{**REASON, "pointer": "/title"}])
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json["errors"]] == [
        ("/changes/0/pointer", "field_not_changed")
    ]


def test_an_outlet_that_had_the_earlier_version_sees_the_difference_that_it_showed(world: World, released: str) -> None:
    changed = {"result": RIGHT, "interview": {**a_story()["interview"], "title": "Người giữ bến, lần hai"}}
    assert correct(world, released, changed=changed).status_code == 201
    (seen,) = world.newspaper.get(f"/api/v1/stories/{released}/corrections").json["items"]
    assert (seen["channel"], [change["field"] for change in seen["changes"]]) == ("newspaper/column", ["/result"])
    whole = world.editor.get(f"/api/v1/stories/{released}/corrections").json["items"][0]["changes"]
    assert {change["field"] for change in whole} == {"/result", "/interview/title"}
    assert world.tv.get(f"/api/v1/stories/{released}/corrections").status_code == 404
    assert world.women.get(f"/api/v1/stories/{released}/corrections").status_code == 404
    assert world.reader.get(f"/api/v1/stories/{released}/corrections").status_code == 401


def test_there_are_ready_words_to_print_and_to_read_on_air(world: World, released: str) -> None:
    correct(world, released, changes=[REASON])
    address = f"/api/v1/stories/{released}/corrections"
    words = world.newspaper.get(address).json["items"][0]["wording"]
    assert words["print"].splitlines()[1] == (
        f"– Phần kết quả, đã viết “{WRONG}”, xin sửa thành “{RIGHT}”. Lý do: Đọc nhầm sổ trực."
    )
    assert "“" not in words["air"]
    assert f"Nay xin nói lại cho đúng: {RIGHT}" in words["air"]
    assert world.newspaper.get(f"{address}?lang=en").json["items"][0]["wording"]["print"].startswith("CORRECTION.")


@pytest.mark.parametrize("severity", ["minor", "substantive", "grave", None])
def test_a_correction_moves_the_date_in_every_channel(
    world: World, released: str, clock: FixedClock, severity: str | None
) -> None:
    before = updated_at(world, world.newspaper, "newspaper/column"), updated_at(world, world.reader, "public/all")
    clock.forward(timedelta(hours=1))
    correct(world, released, **({"severity": severity} if severity else {}))
    after = updated_at(world, world.newspaper, "newspaper/column"), updated_at(world, world.reader, "public/all")
    assert after[0] > before[0]
    assert after[1] > before[1]


def test_a_cosmetic_correction_changes_the_words_and_not_the_date(
    world: World, released: str, clock: FixedClock, database: Database, settings: Settings
) -> None:
    before = updated_at(world, world.reader, "public/all")
    clock.forward(timedelta(hours=1))
    assert correct(world, released, severity="cosmetic").status_code == 201
    assert updated_at(world, world.reader, "public/all") == before
    feed = world.reader.get("/feeds/public/all.json").json
    assert RIGHT in json.dumps(feed, ensure_ascii=False)
    assert feed["items"][0]["_hub"]["status"] == "released"
    page = world.newspaper.get("/api/v1/outlets/newspaper/channels/column/changes").json
    assert page["items"][-1]["entry"]["_hub"]["status"] == "released"  # the end of the pending correction is told
    with database.reading() as session:
        kinds = session.scalars(select(Change.kind).order_by(Change.channel_id, Change.number)).all()
    assert "corrected" not in kinds
    store = MediaStore(settings.media_folder)
    faults = verification.find_faults(database, store, settings.address, seen=lambda _what, _many: None)
    assert list(faults) == []


def test_a_cosmetic_correction_with_a_graver_change_is_not_quiet(
    world: World, released: str, clock: FixedClock
) -> None:
    before = updated_at(world, world.reader, "public/all")
    clock.forward(timedelta(hours=1))
    correct(world, released, changes=[{**REASON, "severity": "minor"}])
    assert updated_at(world, world.reader, "public/all") > before


def test_a_correction_that_overtakes_a_waiting_one_tells_what_both_change(
    world: World, released: str, worker: Worker, clock: FixedClock
) -> None:
    before = updated_at(world, world.reader, "public/all")
    later = (clock.now() + timedelta(hours=48)).isoformat()
    note = "Con số đúng là 173."
    assert correct(world, released, changes=[REASON], public_note=note, embargo_until=later).status_code == 201
    clock.forward(timedelta(hours=1))
    quiet = correct(world, released, changed={"result": RIGHT, "lesson": "Phải có người trực bờ."}, severity="cosmetic")
    assert quiet.status_code == 201
    clock.forward(timedelta(hours=48))
    worker.step()
    assert updated_at(world, world.reader, "public/all") > before
    assert note in world.reader.get("/feeds/public/all.json").text
    page = world.newspaper.get("/api/v1/outlets/newspaper/channels/column/changes").json
    assert page["items"][-1]["kind"] == "corrected"
    (seen,) = world.newspaper.get(f"/api/v1/stories/{released}/corrections").json["items"]
    assert (seen["from"], seen["to"], seen["severity"]) == (1, 3, "grave")
    told = {change["field"]: (change["before"], change["reason"]) for change in seen["changes"]}
    assert told["/result"] == (a_story()["result"], REASON["reason"])
    assert "/lesson" in told


def test_nobody_is_told_of_a_cosmetic_correction(world: World, released: str, database: Database) -> None:
    assert correct(world, released, severity="cosmetic").status_code == 201
    with database.reading() as session:
        told = [row.payload["kind"] for row in session.scalars(select(Outbox)) if "kind" in row.payload]
    assert told.count("released") == 1
    assert "corrected" not in told


def test_the_release_names_what_nobody_gave_a_reason_for(world: World, released: str) -> None:
    changed = a_story(result=RIGHT, title="Tên khác", body={"markdown": "Khác hẳn."})
    world.push(changed)
    assert world.fishers.act(released, "correct", changes=[REASON]).status_code == 201
    assert world.editor.act(released, "approve").json["unexplained"] == []
    body = {"pointer": "/body/html", "reason": "Viết lại."}
    done = world.editor.act(released, "release", changes=[body])
    assert (done.status_code, done.json["unexplained"]) == (201, ["/title"])
    (correction,) = world.editor.get(f"/api/v1/stories/{released}/corrections").json["items"]
    told = {change["field"]: change["reason"] for change in correction["changes"]}
    assert told == {"/result": REASON["reason"], "/title": "", "/body/html": "Viết lại."}


def test_where_the_regulation_asks_for_reasons_no_change_goes_out_without_one(
    world: World, released: str, database: Database, clock: FixedClock
) -> None:
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())
    refused = correct(world, released, changed={"result": RIGHT, "title": "Tên khác"}, changes=[REASON])
    (error,) = refused.json["errors"]
    assert (refused.status_code, error["code"], error["clause"]) == (409, "unexplained_change", "23")
    assert "/title" in error["detail"]
    title = {"pointer": "/title", "reason": "Tên cũ dài quá.", "severity": "cosmetic"}
    assert world.editor.act(released, "release", changes=[REASON, title]).status_code == 201


def test_a_change_of_layout_goes_out_without_a_reason(
    world: World, released: str, database: Database, clock: FixedClock
) -> None:
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())
    assert correct(world, released, severity="cosmetic").status_code == 201


@pytest.mark.parametrize("pointer", ["/body", "/body/html", "/body/markdown"])
def test_a_reason_for_the_body_names_it_as_kept_or_as_sent(world: World, released: str, pointer: str) -> None:
    note = {"pointer": pointer, "reason": "Viết lại."}
    done = correct(world, released, changed={"body": {"markdown": "Khác hẳn."}}, changes=[note])
    assert (done.status_code, done.json.get("unexplained")) == (201, [])
    (correction,) = world.editor.get(f"/api/v1/stories/{released}/corrections").json["items"]
    assert [(each["field"], each["reason"]) for each in correction["changes"]] == [("/body/html", "Viết lại.")]


def test_a_cosmetic_correction_needs_no_reason(world: World, released: str) -> None:
    assert correct(world, released, severity="cosmetic").json["unexplained"] == []


def test_reasons_stand_in_the_journal_as_commitments_only(world: World, released: str, database: Database) -> None:
    correct(world, released, changes=[REASON])
    with database.reading() as session:
        assert not any("Đọc nhầm" in body for body in session.scalars(select(JournalRow.body)))


@pytest.fixture
def auditor(world: World, database: Database, clock: FixedClock) -> Client:
    return an_auditing_client(world.editor.app, database, now=clock.now())


@pytest.mark.parametrize("reason", ["factual_error", "consent_withdrawn", "legal", "supplier_wish", "safety"])
def test_a_withdrawn_story_is_closed_to_all_but_auditors(
    world: World, released: str, auditor: Client, reason: str
) -> None:
    assert world.editor.act(released, "withdraw", reason=reason).status_code == 201
    for who in (world.fishers, world.editor):
        assert who.get(f"/api/v1/stories/{released}/versions/1").status_code == 410
        assert who.get(f"/api/v1/stories/{released}/changes?from=1&to=1").status_code == 410
        assert who.get(f"/api/v1/stories/{released}/corrections").status_code == 410
        answer = who.get(f"/api/v1/stories/{released}").json
        assert (answer["state"], answer["title"], answer["content"]) == ("withdrawn", "", {})
        assert answer["removed"] == []
        assert [item["title"] for item in who.get("/api/v1/stories").json["items"]] == [""]
    assert auditor.get(f"/api/v1/stories/{released}/versions/1").json["content"]["title"] == a_story()["title"]
    assert auditor.get(f"/api/v1/stories/{released}").json["title"] == a_story()["title"]


def test_a_role_elsewhere_opens_nothing_here(
    world: World, released: str, database: Database, clock: FixedClock
) -> None:
    """Somebody who edits these stories audits and sends those of another organization."""
    with database.writing() as session:
        user = users.add(session, name="x", email="x@x.vn", now=clock.now())
        for role, code in (("editor", "ldld"), ("auditor", "phu-nu"), ("contributor", "phu-nu")):
            users.seat(session, user, users.Seat(role=role, organization=code), on=local_day(clock.now()))
        client = Client(world.editor.app, keys.mint(session, "user", user=user, now=clock.now()).secret)
    path = f"/api/v1/stories/{released}"
    guardian = {"name": "Nguyễn Thị Mẹ", "relation": "mẹ", "obtained_on": "2026-11-01"}
    consent = {**a_story()["consent"], "guardian": guardian}
    child = world.push(a_story(consent=consent), external_id="child")
    assert "name" in world.fishers.get(f"/api/v1/stories/{child}").json["content"]["consent"]["guardian"]
    assert "name" not in client.get(f"/api/v1/stories/{child}").json["content"]["consent"]["guardian"]
    assert client.get(path).json["content"]["title"] == a_story()["title"]
    assert world.editor.act(released, "withdraw", reason="legal").status_code == 201
    assert client.get(path).json["content"] == {}
    assert client.get(f"{path}/versions/1").status_code == 410


def test_who_could_have_had_a_story_is_known_as_long_as_the_story(world: World, released: str) -> None:
    correct(world, released)
    world.editor.act(released, "withdraw", reason="factual_error")
    readers = world.editor.get(f"/api/v1/stories/{released}/readers").json["items"]
    assert [(one["channel"], one["versions"], one["state"]) for one in readers] == [
        ("newspaper/column", [1, 2], "withdrawn"),
        ("public/all", [1, 2], "withdrawn"),
    ]
    assert world.women.get(f"/api/v1/stories/{released}/readers").status_code == 404


def test_the_supplier_asks_and_the_desk_withdraws(world: World, released: str) -> None:
    asked = world.fishers.act(released, "request_withdrawal", reason="supplier_wish")
    assert (asked.status_code, asked.json["state"]) == (201, "withdrawal_requested")
    assert world.editor.act(released, "withdraw", reason="supplier_wish").json["state"] == "withdrawn"


def test_a_hold_leaves_the_public_without_a_word_and_a_lift_brings_it_back(world: World, released: str) -> None:
    assert world.editor.act(released, "hold", note="Có đơn khiếu nại.").status_code == 201
    for form in ("rss", "atom", "json", "ninjs"):
        body = world.reader.get(f"/feeds/public/all.{form}").text
        assert a_story()["title"] not in body
        assert "deleted-entry" not in body
        assert "withdrawn" not in body
    assert world.reader.get(f"/stories/{released}").status_code == 404
    assert world.editor.act(released, "release", **BOTH).status_code == 409
    assert world.editor.act(released, "lift").json["state"] == "released"
    assert a_story()["title"] in world.reader.get("/feeds/public/all.atom").text


@pytest.mark.parametrize(
    ("before", "after", "printed", "spoken"),
    [
        ("", "Thêm", "xin bổ sung: “Thêm”", "xin bổ sung như sau: Thêm."),
        ("Thừa", "", "xin bỏ: “Thừa”", "xin bỏ nội dung: Thừa."),
        ("3/10 (giờ/ngày)", "4/10", "“3/10 (giờ/ngày)”", "3 trên 10 giờ mỗi ngày."),
    ],
)
def test_words_fit_what_happened_to_the_text(before: str, after: str, printed: str, spoken: str) -> None:
    change = Corrected(field="Kết quả", before=before, after=after)
    words = wording.word("Tên “bài”", date(2026, 11, 23), [change], language="vi")
    assert printed in words.print
    assert spoken in words.air
    assert "23/11/2026" in words.print
    assert "ngày 23 tháng 11 năm 2026" in words.air


def test_a_long_text_is_cut_at_a_word() -> None:
    change = Corrected(field="Body", before="chữ " * 300, after="x")
    assert " …” read “x”" in wording.word("T", date(2026, 1, 2), [change], language="en").print
