"""Sealed reports as rows: what is kept of them, who can open them after keys came and went, and auditors' holds."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

import schemas
from hub.accounts import keys, users
from hub.clock import FixedClock, local_day
from hub.config import Settings
from hub.db import Database
from hub.errors import Invalid, NotFound, TooLarge
from hub.intake.media_store import MediaStore
from hub.models import Act, JournalRow, Report, ReportPart
from hub.operation.verifying import verification
from hub.regulation.duties import projector
from hub.regulation.edition import editions
from hub.regulation.sealed import report_form, reports, sealing
from hub.regulation.sealed.report_form import NotAReport
from hub.regulation.sealed.reports import AuditorKeyKnown, NoAuditor, NoSuchReceipt
from hub.regulation.workflow import ActForbidden, ActNotYours
from hub.worker import Worker
from tests.auditors import an_auditor, opened
from tests.builders import Client, World, a_story

SAID = "Trưởng thôn khai khống số giờ trực."
REPORT = report_form.prepare({"text": SAID, "story": "/stories/st_1", "contact": "0200 000 0333"})


@pytest.fixture
def writing(database: Database) -> Iterator[Session]:
    with database.writing() as session:
        yield session


def send(database: Database, clock: FixedClock, report: report_form.Report = REPORT) -> str:
    """Send a report; returns its receipt."""
    with database.writing() as session:
        return reports.receive(session, report, now=clock.now())


def only_id(database: Database) -> str:
    with database.reading() as session:
        return session.scalars(select(Report.id)).one()


# --- what is sent -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "faults"),
    [
        ([], [("", "type")]),
        ({}, [("/text", "required")]),
        ({"text": " \u200b\n "}, [("/text", "too_short")]),
        ({"text": "x" * 20_001}, [("/text", "too_long")]),
        ({"text": "x", "name": "y"}, [("/name", "unknown_field")]),
        ({"text": "x", "attachments": [{"name": "a"}]}, [("/attachments/0/data", "required")]),
        ({"text": "x", "attachments": [{"name": "a", "data": "é!!!"}]}, [("/attachments/0/data", "format")]),
        ({"text": "x", "attachments": [{"name": "a", "data": "AAAA"}] * 6}, [("/attachments", "too_many")]),
    ],
)
def test_what_is_no_report_is_refused_with_every_fault(document: object, faults: list[tuple[str, str]]) -> None:
    with pytest.raises(Invalid) as refused:
        report_form.prepare(document)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == faults
    assert all(fault.sentence(language) for fault in refused.value.faults for language in ("vi", "en"))
    assert refused.value.__context__ is None


def test_attachments_are_bounded_together() -> None:
    data = b64encode(bytes(2 * 1024 * 1024)).decode()
    with pytest.raises(TooLarge):
        report_form.prepare({"text": "x", "attachments": [{"name": "a", "data": data}] * 3})


def test_texts_are_cleaned_before_they_are_sealed() -> None:
    report = report_form.prepare({"text": "a\x1b[31m\u202eb\r\n\tc ", "story": "x\ny", "contact": "\x07"})
    assert (report.text, report.story, report.contact) == ("a[31mb\n\tc", "x y", "")


def test_no_representation_of_a_report_tells_anything() -> None:
    data = b64encode(b"Khai man").decode()
    report = report_form.prepare({"text": SAID, "attachments": [{"name": "a.txt", "data": data}]})
    assert repr(report) == "Report()"
    assert "Khai" not in repr(report.attachments)


# --- taken in and told --------------------------------------------------------------------------------------


def test_every_live_auditor_reads_what_was_said_and_no_table_holds_it(database: Database, clock: FixedClock) -> None:
    one, other = (an_auditor(database, now=clock.now(), name=name) for name in ("Một", "Hai"))
    receipt = send(database, clock)
    assert opened(database, one) == opened(database, other) == [REPORT]
    rows = everything(database)
    for secret in (SAID, "khai khống", "st_1", "0200 000 0333", receipt, receipt.replace("-", "")):
        assert secret not in rows
    assert clock.now().date().isoformat() in rows  # the search would find it


def everything(database: Database) -> str:
    """Every value of every table, as text and as bytes read as UTF-8."""
    found = []
    with database.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                found += [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in row]
    return "\n".join(found)


def test_of_its_time_only_the_day_in_viet_nam_is_kept(database: Database, clock: FixedClock) -> None:
    an_auditor(database, now=clock.now())
    clock.at = clock.at.replace(hour=17, minute=30)  # after midnight in Việt Nam
    send(database, clock)
    with database.reading() as session:
        assert reports.list_reports(session)[0].received_on == "2026-11-24"
        assert str(clock.at.minute) not in str(session.execute(select(Report.id, Report.received_on)).one()[1])
    columns = {column["name"]: str(column["type"]) for column in inspect(database.engine).get_columns("reports")}
    assert not [name for name, kind in columns.items() if "TIME" in kind.upper()]


def test_without_an_auditor_nothing_is_taken_and_nothing_kept(database: Database, clock: FixedClock) -> None:
    key = an_auditor(database, now=clock.now())
    with database.writing() as session:
        reports.retire_key(session, key.public.fingerprint, now=clock.now())
    with pytest.raises(NoAuditor):
        send(database, clock)
    with database.reading() as session:
        assert session.scalars(select(Report)).all() == []


def test_a_receipt_tells_what_became_of_it_and_a_wrong_one_nothing(database: Database, clock: FixedClock) -> None:
    an_auditor(database, now=clock.now())
    receipt = send(database, clock)
    with database.writing() as session:
        assert reports.tell(session, receipt) == reports.Told("received", "", "2026-11-23", None)
        reports.answer(session, only_id(database), status="upheld", outcome="Đã sửa số giờ.", now=clock.now())
    with database.reading() as session:
        for written in (receipt, receipt.upper(), receipt.replace("-", " "), receipt.replace("0", "O")):
            told = reports.tell(session, written)
            assert (told.status, told.outcome, told.answered_on) == ("upheld", "Đã sửa số giờ.", "2026-11-23")
        for wrong in ("", receipt[:-1], "0000-" * 6 + "0000", "é" * 28):
            with pytest.raises(NoSuchReceipt):
                reports.tell(session, wrong)


def test_receipts_are_long_and_never_the_same(database: Database, clock: FixedClock) -> None:
    an_auditor(database, now=clock.now())
    receipts = {send(database, clock).replace("-", "") for _ in range(5)}
    assert len(receipts) == 5
    assert {len(receipt) for receipt in receipts} == {28}  # of 32 letters: 140 bits


def test_an_answer_has_a_known_status(writing: Session, clock: FixedClock) -> None:
    with pytest.raises(Invalid):
        reports.answer(writing, "rp_1", status="lost", outcome=None, now=clock.now())
    with pytest.raises(NotFound):
        reports.answer(writing, "rp_1", status="upheld", outcome=None, now=clock.now())


def test_large_reports_lie_in_small_rows_and_come_back_whole(database: Database, clock: FixedClock) -> None:
    key = an_auditor(database, now=clock.now())
    picture = bytes(range(256)) * 4096
    report = report_form.prepare(
        {"text": "Ảnh", "attachments": [{"name": "a.jpg", "data": b64encode(picture).decode()}]}
    )
    send(database, clock, report)
    assert opened(database, key)[0].attachments[0].data == picture
    with database.reading() as session:
        sizes = [len(body) for body in session.scalars(select(ReportPart.body))]
    assert len(sizes) > 4
    assert max(sizes) == reports.PART_BYTES


# --- keys come and go ---------------------------------------------------------------------------------------


def test_new_reports_are_sealed_to_live_keys_only(database: Database, clock: FixedClock) -> None:
    old = an_auditor(database, now=clock.now(), name="Cũ")
    send(database, clock)
    new = an_auditor(database, now=clock.now(), name="Mới")
    with database.writing() as session:
        reports.retire_key(session, old.public.fingerprint, now=clock.now())
        with pytest.raises(NotFound):
            reports.retire_key(session, old.public.fingerprint, now=clock.now())
    send(database, clock)
    with database.reading() as session:
        copies = [{copy.fingerprint for copy in row.copies} for row in reports.list_reports(session)]
    assert sorted(copies, key=sorted) == sorted([{old.public.fingerprint}, {new.public.fingerprint}], key=sorted)


def test_an_old_report_is_given_to_a_new_auditor(database: Database, clock: FixedClock) -> None:
    old = an_auditor(database, now=clock.now(), name="Cũ")
    send(database, clock)
    new, stranger = an_auditor(database, now=clock.now(), name="Mới"), sealing.make_key()
    with database.writing() as session:
        file = reports.export(session, only_id(database))
        resealed = sealing.reseal(file.sealed, old, [new.public, stranger.public])
        again = report_form.SealedReport(file.id, file.received_on, resealed)
        with pytest.raises(reports.KeysNotInUse) as refused:  # a key the hub does not know
            reports.take_back(session, again)
        assert refused.value.facts == {"fingerprints": stranger.public.fingerprint}
        again = replace(again, sealed=sealing.reseal(file.sealed, old, [new.public]))
        assert reports.take_back(session, again) == [new.public.fingerprint]
        assert reports.take_back(session, again) == []
    assert opened(database, new) == [REPORT]
    other = report_form.SealedReport(file.id, file.received_on, sealing.seal(b"other", [new.public]))
    with database.writing() as session, pytest.raises(NotAReport):
        reports.take_back(session, other)


def test_a_key_is_added_once_and_the_journal_tells_when_it_came_and_went(
    database: Database, clock: FixedClock, settings: Settings
) -> None:
    key = an_auditor(database, now=clock.now(), name="Bà Nguyễn Thị Kiểm")
    with database.writing() as session:
        with pytest.raises(AuditorKeyKnown):
            reports.add_key(session, "x", str(key.public), now=clock.now())
        reports.retire_key(session, key.public.fingerprint, now=clock.now())
    with database.reading() as session:
        bodies = session.scalars(select(JournalRow.body).order_by(JournalRow.number)).all()
    assert ["auditor_key_added" in bodies[0], "auditor_key_retired" in bodies[1]] == [True, True]
    assert all(key.public.fingerprint in body for body in bodies)
    assert not [body for body in bodies if "Kiểm" in body]
    store = MediaStore(settings.media_folder)
    assert list(verification.find_faults(database, store, settings.address, seen=lambda *_: None)) == []


def test_the_journal_does_not_count_reports(database: Database, clock: FixedClock) -> None:
    an_auditor(database, now=clock.now())
    with database.reading() as session:
        before = len(session.scalars(select(JournalRow)).all())
    send(database, clock)
    with database.writing() as session:
        reports.answer(session, only_id(database), status="checking", outcome=None, now=clock.now())
    with database.reading() as session:
        assert len(session.scalars(select(JournalRow)).all()) == before


# --- files --------------------------------------------------------------------------------------------------


def test_a_file_cannot_be_passed_off_as_another_report(database: Database, clock: FixedClock) -> None:
    key = an_auditor(database, now=clock.now())
    send(database, clock)
    with database.reading() as session:
        file = reports.export(session, only_id(database))
    read = report_form.from_file(report_form.to_file(file))
    assert read == file
    plain = sealing.open_sealed(read.sealed, key)
    with pytest.raises(NotAReport):
        report_form.from_bytes(plain, "rp_000000000000")


@pytest.mark.parametrize(
    "file", [b"", b"{", b"[]", b"null", b'{"form": "x"}', b'{"form": "hub-sealed-report/1", "copies": 1}']
)
def test_what_is_no_sealed_report_is_refused(file: bytes) -> None:
    with pytest.raises(NotAReport):
        report_form.from_file(file)
    with pytest.raises(NotAReport):
        report_form.from_bytes(file, "rp_1")


# --- holds --------------------------------------------------------------------------------------------------


def test_an_auditors_hold_shows_as_being_checked_and_nothing_more(
    world: World, database: Database, clock: FixedClock
) -> None:
    an_auditor(database, now=clock.now())
    story = world.release()
    send(database, clock)
    with database.writing() as session:
        reports.hold(session, story, now=clock.now())
        body = session.scalars(select(JournalRow.body).order_by(JournalRow.number.desc())).first() or ""
    assert '"actor":"auditor:None"' in body
    assert "report" not in body
    assert world.reader.get(f"/stories/{story}").status_code == 404  # without a word
    for asker, whose in ((world.fishers, "system"), (world.editor, "auditor")):
        act = asker.get(f"/api/v1/stories/{story}/acts").json["items"][-1]
        assert (act["act"], act["state"], act["note"], act["reason"]) == ("hold", "held", "", "being_checked")
        assert act["actor"] == {"role": whose, "name": ""}
        assert asker.get(f"/api/v1/stories/{story}").json["state"] == "held"
    assert "rp_" not in world.editor.get(f"/api/v1/stories/{story}/acts").text
    assert schemas.vocabulary("hold_reasons").label("being_checked") == "Đang được kiểm tra"
    assert "Tạm dừng: xin chưa sử dụng bài này." in world.tv.get(outlet_page(world)).text


def outlet_page(world: World) -> str:
    entry = world.tv.get("/feeds/tv/segment.json").json["items"][0]["id"]
    return f"/feeds/tv/segment/{entry.removeprefix('urn:uuid:')}"


def test_the_desk_cannot_lift_what_the_auditors_hold(
    world: World, database: Database, clock: FixedClock, settings: Settings
) -> None:
    story = world.release()
    with database.writing() as session:
        reports.hold(session, story, now=clock.now())
    refused = world.editor.act(story, "lift")
    assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (409, "hold_not_yours")
    assert world.editor.act(story, "hold").status_code == 201  # for reasons of its own
    assert world.editor.act(story, "hold").status_code == 409
    with database.writing() as session:
        reports.lift(session, story, now=clock.now())
    assert world.reader.get(f"/stories/{story}").status_code == 404  # the desk's own goes on
    assert world.editor.act(story, "lift").json["state"] == "released"
    assert world.reader.get(f"/stories/{story}").status_code == 200
    store = MediaStore(settings.media_folder)
    assert list(verification.find_faults(database, store, settings.address, seen=lambda *_: None)) == []


def test_an_auditor_who_holds_by_the_api_leaves_no_name_and_no_word(
    world: World, database: Database, clock: FixedClock
) -> None:
    story = world.release()
    with database.writing() as session:
        user = users.add(session, name="Bà Nguyễn Thị Kiểm", email="kiem@example.org", now=clock.now())
        users.seat(session, user, users.Seat(role="auditor", organization="ldld"), on=local_day(clock.now()))
        auditor = Client(world.editor.app, keys.mint(session, "user", user=user, now=clock.now()).secret)
    assert auditor.act(story, "hold", note="Có tin báo rp_1.").status_code == 201
    assert auditor.act(story, "lift", note="Tin báo sai.").status_code == 201
    told = world.editor.get(f"/api/v1/stories/{story}/acts").json["items"][-2:]
    assert [(act["act"], act["actor"], act["note"], act["reason"]) for act in told] == [
        ("hold", {"role": "auditor", "name": ""}, "", "being_checked"),
        ("lift", {"role": "auditor", "name": ""}, "", ""),
    ]
    assert auditor.act(story, "withdraw", reason="legal").status_code == 409


def test_the_regulation_asks_the_desk_to_end_its_own_hold_only(
    world: World, database: Database, clock: FixedClock
) -> None:
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())
    clock.forward(timedelta(minutes=1))
    ours, theirs = (world.release(a_story(title=name), external_id=name) for name in ("ours", "theirs"))
    assert world.editor.act(ours, "hold").status_code == 201
    with database.writing() as session:
        reports.hold(session, theirs, now=clock.now())
    projector.catch_up(database)
    items = world.editor.get("/api/v1/duties?clause=24").json["items"]
    assert [(item["owner"]["kind"], item["story"]) for item in items] == [("desk", ours)]


def test_an_auditor_cannot_lift_the_desks_hold(world: World, database: Database, clock: FixedClock) -> None:
    story = world.release()
    assert world.editor.act(story, "hold").status_code == 201
    with database.writing() as session, pytest.raises(ActNotYours):
        reports.lift(session, story, now=clock.now())
    with database.writing() as session, pytest.raises(NotFound):
        reports.hold(session, "st_01m84hbr1tmqx3srsh20bz6yk6", now=clock.now())
    with database.reading() as session:
        assert [act.actor_kind for act in session.scalars(select(Act).where(Act.kind == "hold"))] == ["editor"]


def test_a_story_is_held_before_it_is_released(world: World, database: Database, clock: FixedClock) -> None:
    story = world.push()
    assert world.editor.act(story, "approve").status_code == 201
    with database.writing() as session:
        reports.hold(session, story, now=clock.now())
    for act in ("release", "approve", "return", "lift"):
        assert world.editor.act(story, act, note="x").status_code == 409, act
    assert world.fishers.act(story, "recall").status_code == 409
    assert world.fishers.put("one", a_story(title="Bản mới")).json["state"] == "held"
    with database.writing() as session:
        assert reports.lift(session, story, now=clock.now()).state_after == "submitted"
    assert world.editor.act(story, "release").status_code == 409  # the new version was approved by nobody
    assert world.editor.act(story, "approve").status_code == 201
    assert world.editor.act(story, "release").status_code == 201
    assert "Bản mới" in world.reader.get(f"/stories/{story}").text


def test_what_is_held_before_its_release_can_be_withdrawn(
    world: World, database: Database, clock: FixedClock, settings: Settings
) -> None:
    story = world.push()
    with database.writing() as session:
        reports.hold(session, story, now=clock.now())
    assert world.fishers.act(story, "request_withdrawal", reason="other").status_code == 201
    assert world.editor.act(story, "return", note="x").json["state"] == "held"
    assert world.editor.act(story, "withdraw", reason="legal").json["state"] == "withdrawn"
    store = MediaStore(settings.media_folder)
    assert list(verification.find_faults(database, store, settings.address, seen=lambda *_: None)) == []


def test_an_embargo_does_not_end_while_the_auditors_hold(
    world: World, database: Database, worker: Worker, clock: FixedClock
) -> None:
    ends = clock.now() + timedelta(hours=1)
    story = world.release(a_story(embargo_until=ends.isoformat()))
    with database.writing() as session:
        reports.hold(session, story, now=clock.now())
        with pytest.raises(ActForbidden):
            reports.hold(session, story, now=clock.now())
    clock.forward(timedelta(hours=2))
    worker.step()
    assert world.reader.get(f"/stories/{story}").status_code == 404


def test_the_application_shows_nothing_of_reports(
    app: Flask, world: World, database: Database, clock: FixedClock
) -> None:
    """Every page, feed, list and count that there is reads the same before and after a report."""
    an_auditor(database, now=clock.now())
    story = world.release()

    def shown() -> list[str]:
        paths = ["/", "/feeds/", "/feeds/public/all.atom", "/feeds/public/all.json", f"/stories/{story}", "/readyz"]
        found = [world.reader.get(path).text for path in paths]
        found += [world.editor.get(path).text for path in ("/api/v1/stories", f"/api/v1/stories/{story}/acts")]
        metrics = world.reader.get("/metrics").text
        return [*found, *(line for line in metrics.splitlines() if "report" in line or line.startswith("hub_stories"))]

    before = shown()
    send(database, clock)
    assert world.reader.ask("POST", "/api/v1/reports", body={"text": SAID}).status_code == 201
    assert shown() == before


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("INSERT INTO auditor_keys VALUES (9, 'x', '{print}', '{key}', '{at}', NULL)", "that it was added"),
        ("UPDATE auditor_keys SET retired_at = '{at}'", "on whether it is retired"),
        ("UPDATE auditor_keys SET public_key = '{key}'", "another key than its fingerprint says"),
        ("DELETE FROM auditor_keys", "the journal tells of it, but it is not there"),
    ],
)
def test_verify_finds_a_key_that_somebody_slipped_in_or_took_away(
    database: Database, clock: FixedClock, settings: Settings, damage: str, fault: str
) -> None:
    an_auditor(database, now=clock.now())
    other = sealing.make_key().public
    statement = damage.format(print=other.fingerprint, key=other, at="2026-11-23 05:00:00.000000")
    with database.engine.begin() as connection:
        connection.execute(text(statement))
    store = MediaStore(settings.media_folder)
    found = list(verification.find_faults(database, store, settings.address, seen=lambda *_: None))
    assert [fault in line for line in found] == [True]
