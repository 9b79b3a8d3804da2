"""The pages for reports: they work without scripts, speak both languages, and keep what they show to themselves."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select, text

from hub.clock import FixedClock
from hub.db import Database
from hub.models import Report
from hub.regulation.sealed import reports
from tests.auditors import an_auditor, opened
from tests.builders import Client, World
from tests.public.test_pages import BROWSER, tree_of

RECEIPT = re.compile(r"([0-9a-z]{4}-){6}[0-9a-z]{4}")


def post(client: Client, path: str, **fields: str) -> tuple[int, str, dict[str, str]]:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": BROWSER}
    answer = client.ask("POST", path, body=urlencode(fields).encode(), headers=headers)
    return answer.status_code, answer.text, dict(answer.headers)


def test_somebody_reports_and_asks_without_scripts(world: World, database: Database, clock: FixedClock) -> None:
    key = an_auditor(database, now=clock.now())
    form = world.reader.get("/report", Accept=BROWSER)
    assert form.status_code == 200
    assert key.public.fingerprint in form.text
    assert "Ủy ban Kiểm tra" in form.text
    status, page, _ = post(world.reader, "/report", text="Ép ký giấy.\r\nỞ Bến Lau.", story="Bến", contact="")
    assert status == 200
    found = RECEIPT.search(page)
    assert found is not None
    assert "Ép ký" not in page
    (report,) = opened(database, key)
    assert (report.text, report.story, report.attachments) == ("Ép ký giấy.\nỞ Bến Lau.", "Bến", ())
    status, page, _ = post(world.reader, "/report/status", receipt=found[0].upper().replace("-", " "))
    assert status == 200
    assert "Đã nhận, chưa xem" in page
    assert found[0] not in page
    with database.writing() as session:
        only = session.scalars(select(Report.id)).one()
        reports.answer(session, only, status="checking", outcome="Xin cho biết <b>ngày</b>.", now=clock.now())
    _, page, _ = post(world.reader, "/report/status?lang=en", receipt=found[0])
    assert "Being looked into" in page
    assert "Xin cho biết &lt;b&gt;ngày&lt;/b&gt;." in page
    assert "23 November 2026" in page


def test_a_wrong_receipt_is_told_on_the_page(world: World, database: Database) -> None:
    status, page, _ = post(world.reader, "/report/status", receipt="no-such")
    assert status == 404
    assert "Không có tin báo nào mang mã này." in page
    assert "no-such" not in page


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(world: World, database: Database, clock: FixedClock) -> None:
    an_auditor(database, now=clock.now())
    status, page, _ = post(world.reader, "/report", text="  ", story="<Bến>", contact="0200")
    assert status == 422
    assert "“Sự việc” " in page
    assert 'value="&lt;Bến&gt;"' in page
    assert 'value="0200"' in page
    _, page, _ = post(world.reader, "/report", text="</textarea><b>" + "x" * 20_000)
    assert "&lt;/textarea&gt;&lt;b&gt;xxx" in page


def test_without_an_auditor_the_page_says_so_before_anybody_writes(world: World) -> None:
    page = world.reader.get("/report", Accept=BROWSER)
    assert page.status_code == 503
    assert "Hiện chưa nhận được tin báo." in page.text
    assert "<form" not in page.text
    status, page_text, _ = post(world.reader, "/report", text="Ép ký giấy.")
    assert status == 503
    assert "Nội dung vừa gửi không được giữ lại." in page_text
    assert "Ép ký giấy.</textarea>" in page_text


def test_every_page_of_the_door_keeps_to_itself(world: World, database: Database, clock: FixedClock) -> None:
    an_auditor(database, now=clock.now())
    for language in ("vi", "en"):
        pages = [world.reader.get(f"{path}?lang={language}", Accept=BROWSER) for path in ("/report", "/report/status")]
        found = [(page.status_code, page.text, dict(page.headers)) for page in pages]
        found.append(post(world.reader, f"/report?lang={language}", text="x"))
        found.append(post(world.reader, f"/report?lang={language}", text=""))
        for _, html, headers in found:
            tree = tree_of(html)
            elements = list(tree.iter())
            assert not [e.tag for e in elements if e.tag in ("script", "style", "iframe", "img", "object")]
            assert not [e for e in elements for name in e.attrib if name == "style" or name.startswith("on")]
            assert [e.tag for e in elements].count("h1") == 1
            ids = {e.get("id") for e in elements if e.get("id")}
            assert {e.get("for") for e in elements if e.tag == "label"} <= ids
            assert {e.get("aria-describedby") for e in elements if e.get("aria-describedby")} <= ids
            assert all((e.get("action") or "").endswith(f"?lang={language}") for e in elements if e.tag == "form")
            assert headers["Cache-Control"] == "no-store"
            assert headers["Referrer-Policy"] == "no-referrer"
            assert headers["X-Robots-Tag"] == "noindex"
            assert headers["Content-Language"] == language
            assert "form-action 'self'" in headers["Content-Security-Policy"]
            assert "default-src 'none'" in headers["Content-Security-Policy"]
            assert not {"Set-Cookie", "ETag", "Location"} & set(headers)


def test_the_receipt_page_offers_no_link_that_would_lose_the_code(
    world: World, database: Database, clock: FixedClock
) -> None:
    an_auditor(database, now=clock.now())
    _, page, _ = post(world.reader, "/report", text="x")
    assert "?lang=" not in page


def test_stories_and_footers_lead_to_the_form_without_naming_the_story(world: World) -> None:
    story = world.release()
    page = world.reader.get(f"/stories/{story}").text
    assert "Báo cho người giám sát, có niêm phong</a>" in page
    links = re.findall(r'href="([^"]*report[^"]*)"', page)
    assert set(links) == {"/report"}
    assert 'href="/report"' in world.reader.get("/").text.partition("<footer")[2]


@pytest.mark.parametrize("path", ["/report", "/report/status"])
def test_the_door_answers_with_a_database_that_does_not(app: Flask, path: str, database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("DROP TABLE report_copies"))
        connection.execute(text("DROP TABLE report_parts"))
        connection.execute(text("DROP TABLE reports"))
    status, page, _ = post(Client(app), path, text="Ép ký giấy.", receipt="7k3d" * 7)
    assert status in (500, 503)
    tree_of(page)
