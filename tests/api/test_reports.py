"""The door for reports: what it answers, and that what was said leaves no trace but its seal."""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import Key, Outbox, Report
from hub.operation import logs
from hub.regulation.sealed import sealing
from hub.regulation.sealed.sealing import PrivateKey
from tests.auditors import an_auditor, opened
from tests.builders import Client, World, a_picture

SAID = "Giám đốc ép chị Lụa ký giấy đồng ý."
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
REPORTS, STATUS = "/api/v1/reports", "/api/v1/reports/status"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": BROWSER}


@pytest.fixture
def reporter(app: Flask) -> Client:
    return Client(app)


@pytest.fixture
def auditor(database: Database, clock: FixedClock) -> PrivateKey:
    return an_auditor(database, now=clock.now())


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
    """Everything that is logged, to be read."""
    logs.configure("json")
    return capsys


class Watch:
    """Files that Python opened for writing while it looked; audit hooks cannot be taken away, so there is one."""

    on = False
    written: list[str] = []  # noqa: RUF012

    @classmethod
    def hear(cls, event: str, args: tuple[Any, ...]) -> None:
        if cls.on and event == "open":
            path, mode, flags = args
            if (isinstance(mode, str) and set(mode) & set("wax+")) or (isinstance(flags, int) and flags & 3):
                cls.written.append(str(path))


sys.addaudithook(Watch.hear)


@pytest.fixture
def written() -> Iterator[list[str]]:
    """The files that were opened for writing since the test began."""
    Watch.written, Watch.on = [], True
    yield Watch.written
    Watch.on = False


def multipart(text: str, files: list[tuple[str, bytes]]) -> dict[str, Any]:
    """A form with files, as a browser sends it."""
    head = f'--edge\r\nContent-Disposition: form-data; name="text"\r\n\r\n{text}\r\n'.encode()
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        f"Content-Type: image/jpeg\r\n\r\n".encode()
        + data
        + b"\r\n"
        for name, data in files
    ]
    headers = {"Content-Type": "multipart/form-data; boundary=edge", "Accept": BROWSER}
    return {"body": head + b"".join(parts) + b"--edge--\r\n", "headers": headers}


def test_a_report_is_taken_for_a_receipt_and_its_status_told_for_it(
    reporter: Client, auditor: PrivateKey, database: Database
) -> None:
    data = b64encode(b"so tay").decode()
    sent = {"text": SAID, "story": "st_x", "contact": "0200 000 0444", "attachments": [{"name": "a.txt", "data": data}]}
    taken = reporter.ask("POST", REPORTS, body=sent)
    assert (taken.status_code, taken.headers["Cache-Control"]) == (201, "no-store")
    assert set(taken.json) == {"receipt", "status"}
    assert "Location" not in taken.headers
    (report,) = opened(database, auditor)
    assert (report.text, report.story, report.contact) == (SAID, "st_x", "0200 000 0444")
    assert [(file.name, file.data) for file in report.attachments] == [("a.txt", b"so tay")]
    told = reporter.ask("POST", STATUS, body={"receipt": taken.json["receipt"]})
    assert (told.status_code, told.headers["Cache-Control"]) == (200, "no-store")
    assert told.json == {
        "status": "received",
        "label": "Đã nhận, chưa xem",
        "outcome": "",
        "received_on": "2026-11-23",
        "answered_on": None,
    }


@pytest.mark.parametrize(
    ("path", "body", "status", "problem"),
    [
        (REPORTS, b"{", 400, "unreadable_json"),
        (REPORTS, b'{"text": "a", "text": "b"}', 400, "unreadable_json"),
        (REPORTS, {"text": ""}, 422, "invalid"),
        (REPORTS, {"text": "x", "from": "me"}, 422, "invalid"),
        (STATUS, {"receipt": "7k3d-9m2p-x4vq-0b8t-hc5w-2n6r-e1ya"}, 404, "no_such_receipt"),
        (STATUS, {"receipt": ""}, 422, "invalid"),
        (STATUS, {}, 422, "invalid"),
    ],
)
def test_what_cannot_be_taken_is_refused(
    reporter: Client, auditor: PrivateKey, path: str, body: Any, status: int, problem: str
) -> None:
    answer = reporter.ask("POST", path, body=body)
    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (status, problem)


def test_a_body_over_the_limit_is_not_even_read(reporter: Client, auditor: PrivateKey) -> None:
    assert reporter.ask("POST", REPORTS, body=b" " * 7_500_001).status_code == 413


def test_a_receipt_never_stands_in_an_address(reporter: Client, auditor: PrivateKey, app: Flask) -> None:
    receipt = reporter.ask("POST", REPORTS, body={"text": SAID}).json["receipt"]
    for path in (f"{STATUS}?receipt={receipt}", f"/report/status?receipt={receipt}"):
        assert "Đã nhận" not in reporter.get(path, Accept=BROWSER).text
    rules = [rule.rule for rule in app.url_map.iter_rules() if "report" in rule.rule]
    assert rules
    assert not [rule for rule in rules if "<" in rule]


def test_without_an_auditor_nothing_is_taken(reporter: Client, database: Database) -> None:
    refused = reporter.ask("POST", REPORTS, body={"text": SAID})
    assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (503, "no_auditor")
    assert "không được giữ lại" in refused.json["detail"]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == 0


def test_who_sends_a_report_with_a_key_is_not_noted(
    world: World, database: Database, auditor: PrivateKey, app: Flask
) -> None:
    assert world.fishers.ask("POST", REPORTS, body={"text": SAID}).status_code == 201
    assert Client(app, "org_unknown").ask("POST", REPORTS, body={"text": SAID}).status_code == 201
    app.extensions["hub"].marks.write()
    with database.reading() as session:
        assert session.scalars(select(Key).where(Key.last_used_at.is_not(None))).all() == []


def test_strangers_cannot_fill_the_disk(reporter: Client, auditor: PrivateKey) -> None:
    statuses = [reporter.ask("POST", REPORTS, body={"text": "x"}).status_code for _ in range(15)]
    statuses += [reporter.ask("POST", "/report", body=b"text=x", headers=FORM).status_code for _ in range(6)]
    assert statuses == [201] * 15 + [200] * 5 + [429]
    assert reporter.get("/").status_code == 200


# --- no trace -----------------------------------------------------------------------------------------------


def test_a_report_leaves_no_line_in_the_log_and_no_count(
    reporter: Client, auditor: PrivateKey, logged: pytest.CaptureFixture[str]
) -> None:
    reporter.get("/feeds/")
    assert "/feeds/" in logged.readouterr().err  # the log works
    before = reporter.get("/metrics").text
    logged.readouterr()
    receipt = reporter.ask("POST", REPORTS, body={"text": SAID}).json["receipt"]
    for ask in (
        lambda: reporter.ask("POST", STATUS, body={"receipt": receipt}),
        lambda: reporter.get("/report"),
        lambda: reporter.ask("POST", "/report", body=f"text={SAID}".encode(), headers=FORM),
        lambda: reporter.ask("POST", "/report/status", body=f"receipt={receipt}".encode(), headers=FORM),
        lambda: reporter.ask("POST", REPORTS, body={"text": SAID, "x": 1}),
        lambda: reporter.ask("POST", REPORTS, body=f'{{"{SAID}": 1, "{SAID}": 2}}'.encode()),
    ):
        assert ask().status_code < 500
    out = logged.readouterr()
    assert (out.out, out.err) == ("", "")
    after = reporter.get("/metrics").text
    counted = [line for line in after.splitlines() if line.startswith("hub_requests_total") and line not in before]
    assert [line for line in counted if "metrics" not in line] == []
    assert "report" not in after


def test_no_file_is_written_by_form_or_call_however_large(
    world: World, auditor: PrivateKey, database: Database, written: list[str], settings: Settings
) -> None:
    picture = a_picture(64, 64) + bytes(3 * 1024 * 1024)
    sent = multipart(SAID, [("one.jpg", picture), ("", b"")])
    assert world.reader.ask("POST", "/report", **sent).status_code == 200
    body = {"text": SAID, "attachments": [{"name": "a", "data": b64encode(picture).decode()}]}
    assert world.reader.ask("POST", REPORTS, body=body).status_code == 201
    assert written == []
    assert [len(report.attachments[0].data) for report in opened(database, auditor)] == [len(picture)] * 2
    upload = multipart("", [("one.jpg", picture)])
    world.fishers.ask(
        "POST",
        "/api/v1/media",
        body=upload["body"].replace(b'"files"', b'"file"'),
        headers={"Content-Type": "multipart/form-data; boundary=edge"},
    )
    assert written != []  # an ordinary upload is laid into a temporary file: the watch sees such things


def test_no_table_queue_or_file_of_the_hub_holds_the_text(
    reporter: Client, auditor: PrivateKey, database: Database, settings: Settings
) -> None:
    receipt = reporter.ask("POST", REPORTS, body={"text": SAID, "contact": "0200 000 0444"}).json["receipt"]
    reporter.ask("POST", "/report", body=f"text={SAID}".encode(), headers=FORM)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Outbox)) == 0
        assert session.scalar(select(func.count()).select_from(Report)) == 2
    files = [path.read_bytes() for path in settings.data.rglob("*") if path.is_file()]
    for secret in (SAID, SAID.split(",")[0][:12], "0200 000 0444", receipt):
        assert not [data for data in files if secret.encode() in data]


@pytest.mark.parametrize("door", ["call", "form"])
def test_a_database_that_fails_half_way_keeps_nothing_and_logs_nothing_of_it(
    reporter: Client,
    auditor: PrivateKey,
    database: Database,
    logged: pytest.CaptureFixture[str],
    written: list[str],
    door: str,
) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("DROP TABLE report_copies"))  # SQLite answers 503 to this, PostgreSQL 500
    if door == "call":
        answer = reporter.ask("POST", REPORTS, body={"text": SAID})
        assert SAID not in answer.text
    else:
        answer = reporter.ask("POST", "/report", body=f"text={SAID}".encode(), headers=FORM)
        assert f"{SAID}</textarea>" in answer.text  # only the reporter gets it back
        assert "Tin chưa được gửi đi." in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
    assert answer.status_code in (500, 503)
    out = logged.readouterr()
    assert "Error at" in out.err
    assert len(out.err.splitlines()) == 1
    for secret in (SAID, "Giám đốc", "report_copies", "api.post_report", "Traceback"):
        assert secret not in out.err + out.out
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == 0
    assert written == []


@pytest.mark.parametrize("door", ["call", "form"])
def test_an_error_that_quotes_the_text_is_logged_without_it(
    reporter: Client,
    auditor: PrivateKey,
    logged: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    door: str,
) -> None:
    def fail(plain: bytes, _keys: object) -> None:
        try:
            raise ValueError(plain.decode())
        except ValueError as exc:
            raise RuntimeError(f"cannot seal {plain.decode()}") from exc

    monkeypatch.setattr(sealing, "seal", fail)
    if door == "call":
        answer = reporter.ask("POST", REPORTS, body={"text": SAID})
    else:
        answer = reporter.ask("POST", "/report", body=f"text={SAID}".encode(), headers=FORM)
    assert answer.status_code == 500
    out = logged.readouterr()
    assert "RuntimeError at" in out.err
    assert SAID not in out.err + out.out


def test_a_form_that_cannot_be_read_is_refused_without_a_word_of_it(
    reporter: Client, auditor: PrivateKey, logged: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for headers, body in (
        ({"Content-Type": "text/plain"}, SAID.encode()),
        ({"Content-Type": "multipart/form-data"}, SAID.encode()),
        ({"Content-Type": "multipart/form-data; boundary=edge"}, b"--edge\r\n" + SAID.encode()),
        ({"Content-Type": "multipart/form-data; boundary=edge"}, b"--edge\r\nContent-Disposition: x\r\n\r\n" + b"--e"),
    ):
        assert reporter.ask("POST", "/report", body=body, headers=headers).status_code in (400, 422)
    assert reporter.ask("POST", "/report", body=b"text=" + b"x" * 7_500_000, headers=FORM).status_code == 413
    out = logged.readouterr()
    assert out.err + out.out == ""
