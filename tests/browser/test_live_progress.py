"""Pages that show by themselves how a file is read: they ask, say once what changes, disturb nobody, and end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import delete

from hub.clock import FixedClock
from hub.db import Database
from hub.intake import word_readings
from hub.intake.tables import imports
from hub.intake.word_reader import WordReader
from hub.intake.word_readings import Order
from hub.models import WordReading
from hub.worker import Worker
from tests.browser.desks import served, sign_in
from tests.browser.visits import Visit, Visits, accessibility_faults
from tests.builders import World
from tests.intake.office import docx, paragraph, run
from tests.web.desks import seat_user

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
POLLED = "**/progress?said=*"
COUNT = """() => {
  window.said = 0;
  const count = (changes) => { window.said += changes.filter((each) => each.addedNodes.length).length; };
  new MutationObserver(count).observe(document.querySelector('[role="status"][id]'), { childList: true });
}"""


@dataclass
class AtDesk:
    """A contributor in a browser, and what works beside the web."""

    visit: Visit
    page: Page
    database: Database
    clock: FixedClock

    def send(self, field: str, name: str, kind: str, data: bytes) -> None:
        """Send a file by its form, and come to its page."""
        self.visit.go("/desk/unit/files/")
        self.page.set_input_files(f"#f-{field}", {"name": name, "mimeType": kind, "buffer": data})
        self.page.click(f'form[action$="/files/{field}"] button')

    def polls(self, times: int = 1) -> None:
        """Wait until the page has asked so many times more."""
        for _ in range(times):
            with self.page.expect_response(POLLED):
                pass

    def has_asked(self) -> int:
        return sum("/progress?said=" in each for each in self.visit.requests)

    def begin(self) -> Order:
        """Somebody begins to read the file that waits."""
        with self.database.writing() as session:
            order = word_readings.claim(session, now=self.clock.now())
        assert order is not None
        return order

    def come_to(self, order: Order, step: str) -> None:
        with self.database.writing() as session:
            word_readings.hold(session, order, {"step": step, "paragraphs": 12}, now=self.clock.now())


@pytest.fixture
def desk(app: Flask, world: World, visits: Visits, database: Database, clock: FixedClock) -> Iterator[AtDesk]:
    user = seat_user(database, "contributor", organization="nghe-ca", now=clock.now())
    with served(app) as base:
        visit = sign_in(visits(base), app, base, user)
        yield AtDesk(visit, visit.page, database, clock)


@pytest.fixture
def waiting(desk: AtDesk, monkeypatch: pytest.MonkeyPatch) -> AtDesk:
    """A Word file waits to be read, as a large one does."""
    monkeypatch.setattr("hub.web.unit.word_files.AT_ONCE_BYTES", 0)
    desk.send("word", "bai.docx", WORD, docx(paragraph(run("Bến Đá Lau còn đẫm hơi sương."))))
    desk.page.wait_for_selector("#reading >> text=Tệp đã đến nơi")
    return desk


def test_the_page_of_a_word_file_shows_each_step_by_itself_and_then_what_was_found(
    waiting: AtDesk, word_reader: WordReader
) -> None:
    page = waiting.page
    order = waiting.begin()
    page.wait_for_selector("#reading >> text=Bước 1/4")
    waiting.come_to(order, "read")
    page.wait_for_selector("#reading >> text=Bước 3/4")
    page.wait_for_selector("#reading >> text=12 đoạn văn")
    assert accessibility_faults(page) == []
    with waiting.database.writing() as session:
        word_readings.put_back(session, order)
    word_reader.read_waiting()
    page.wait_for_selector("article.paper >> text=Bến Đá Lau")  # nobody has reloaded it
    asked = waiting.has_asked()
    assert page.locator("[hx-get]").count() == 0
    page.wait_for_timeout(1500)  # longer than between two polls: what is to be seen is that none comes
    assert waiting.has_asked() == asked


def test_what_is_read_out_is_said_once_for_each_step_and_seconds_are_not(waiting: AtDesk) -> None:
    page = waiting.page
    page.evaluate(COUNT)
    page.locator("a >> text=Xem lại").focus()
    waiting.polls(2)
    assert page.evaluate("window.said") == 0  # the page itself says how it begins
    order = waiting.begin()
    page.wait_for_selector("#reading-said >> text=Bước 1/4", state="attached")
    for seconds in (10, 20):
        waiting.clock.forward(timedelta(seconds=10))
        page.wait_for_selector(f"#reading >> text={seconds} giây")
    assert page.evaluate("window.said") == 1
    waiting.come_to(order, "convert")
    page.wait_for_selector("#reading-said >> text=Bước 4/4", state="attached")
    assert page.evaluate("window.said") == 2
    assert page.locator("#reading-said[role=status]").count() == 1
    assert page.evaluate("document.activeElement.textContent").startswith("Xem lại")


def test_a_table_is_taken_in_while_its_page_of_faults_and_the_button_stay_where_they_are(
    desk: AtDesk, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "PORTION", 60)
    rows = "".join(f"Bài số {number},khong_co\n" for number in range(70))
    desk.send("table", "bang.csv", "text/csv", f"Tiêu đề,Loại bài\n{rows}".encode())
    page = desk.page
    page.wait_for_url("**/files/imports/*")
    worker.step()
    page.wait_for_selector("#import >> text=60 trên 70 dòng")
    page.reload()
    page.click("a[href*='?after=']")
    page.wait_for_url("**?after=*")
    there = page.url
    assert page.locator("td >> text=Bài số 55").count() == 1
    button = page.get_by_role("button", name="Dừng nhập")
    button.focus()
    desk.polls(2)
    assert page.evaluate("document.activeElement.textContent").startswith("Dừng nhập")
    assert page.url == there
    assert page.locator("td >> text=Bài số 55").count() == 1
    worker.step()
    button.wait_for(state="detached")  # the page has come anew, and there is nothing to end
    assert page.url == there
    assert page.locator("[hx-get]").count() == 0


def test_who_is_signed_out_while_a_page_asks_gets_to_the_sign_in_page_and_back(waiting: AtDesk) -> None:
    here = waiting.page.url.removeprefix(waiting.visit.base)
    waiting.visit.expect("401")
    waiting.visit.context.clear_cookies()
    waiting.page.wait_for_url("**/sign-in?next=**")
    assert waiting.page.url.endswith(f"?next={here}")


def test_a_page_whose_file_is_gone_says_so_and_asks_no_more(waiting: AtDesk) -> None:
    waiting.visit.expect("404")
    with waiting.database.writing() as session:
        session.execute(delete(WordReading))
    waiting.page.locator("#reading").wait_for(state="detached")
    assert waiting.page.locator("[hx-get]").count() == 0
