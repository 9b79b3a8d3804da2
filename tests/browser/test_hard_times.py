"""What goes wrong on people's phones: a session that ends, a button pressed twice, a story that lies in a Word file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import func, select

from hub.accounts import credentials, passwords, sessions
from hub.clock import FixedClock
from hub.db import Database
from hub.models import Act, FormDraft, Story, Version
from tests.browser.desks import served, sign_in
from tests.browser.visits import PHONE, Visit, Visits
from tests.builders import World
from tests.intake.office import docx, paragraph, run
from tests.web.desks import seat_user

GOOD = "ghe ra khơi lúc bốn giờ"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LONG = "Ông Biển lập trạm cứu hộ không thu tiền ở bến Đá Lau, ngày mưa bão cũng như ngày nắng."

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]


@dataclass
class Unit:
    """A contributor with a phone, and what the database holds of theirs."""

    visit: Visit
    user: int
    database: Database

    def drafts(self) -> list[dict[str, object]]:
        with self.database.reading() as session:
            return [dict(document) for document in session.scalars(select(FormDraft.document))]

    def stories(self) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Story)) or 0

    def end_sessions(self) -> None:
        with self.database.writing() as session:
            sessions.end_all(session, self.user)


@pytest.fixture
def unit(app: Flask, world: World, database: Database, clock: FixedClock, visits: Visits) -> Iterator[Unit]:
    user = seat_user(database, "contributor", organization="nghe-ca", now=clock.now(), name="Phan Thị Hòa")
    hashed = passwords.hash_of(GOOD)
    with database.writing() as session:
        credentials.set_password(session, user, hashed, by="operator", actor="system", now=clock.now())
    with served(app) as base:
        yield Unit(sign_in(visits(base, size=PHONE), app, base, user), user, database)


def status_of(page: Page, state: str) -> None:
    """Wait until the form says so."""
    page.wait_for_selector(f'[data-draft-status][data-state="{state}"]')


def keep(page: Page) -> None:
    page.locator(".form-end .button").click()


def start(page: Page) -> None:
    """Answer the first questions."""
    page.select_option('[name="subject/type"]', "individual")
    page.fill('[name="subject/name"]', "Nguyễn Văn Biển")
    page.fill('[name="title"]', "Người giữ bến Đá Lau")
    page.fill('[name="summary"]', LONG)
    page.fill('[name="place/commune"]', "xã Bến Lau")
    page.fill('[name="place/province"]', "tỉnh Hải Sơn")


def agree(page: Page) -> None:
    """Say what the person agreed to, on the page of it."""
    page.wait_for_url("**/people")
    page.check('[name="consent/scopes"][value="name"]')
    page.check('[name="consent/scopes"][value="work_story"]')
    page.fill('[name="consent/obtained_on"]', "2026-11-01")
    keep(page)
    page.wait_for_url("**/text")


def sort_in(page: Page) -> None:
    """Say what kind of story it is, on the page of its text."""
    page.select_option('[name="kind"]', "guong_nguoi_tot_viec_tot")
    page.check('[name="topics"][value="tuong_than_tuong_ai"]')


def test_a_session_that_ends_in_a_long_form_loses_nothing(unit: Unit) -> None:
    page = unit.visit.go("/desk/unit/new")
    start(page)
    keep(page)
    page.wait_for_url("**/people")
    unit.end_sessions()
    unit.visit.expect("status of 40[13]")
    page.fill('[name="subject/role"]', "thợ máy")
    page.fill('[name="subject/birth_year"]', "1970")
    keep(page)
    page.get_by_label("Địa chỉ thư điện tử").fill("contributor-nghe-ca@hub.example")
    page.get_by_label("Mật khẩu", exact=True).fill(GOOD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.get_by_role("button", name="Gửi ngay").click()
    page.wait_for_url("**/text")
    (draft,) = unit.drafts()
    assert draft["summary"] == LONG
    subject = draft["subject"]
    assert isinstance(subject, dict)
    assert (subject["name"], subject["role"], subject["birth_year"]) == ("Nguyễn Văn Biển", "thợ máy", 1970)


def test_a_button_pressed_twice_sends_one_story(unit: Unit) -> None:
    page = unit.visit.go("/desk/unit/new")
    start(page)
    keep(page)
    agree(page)
    sort_in(page)
    page.locator(".field", has=page.locator('[name="body/html"]')).locator(".editor-surface").click()
    page.keyboard.type("Bốn giờ sáng, bến Đá Lau còn đẫm hơi sương.")
    page.locator('.form-end button[value="check"]').click()
    page.wait_for_url("**/check")
    page.get_by_role("button", name="Gửi bài", exact=True).dblclick()
    page.wait_for_url("**/desk/unit/stories/st_*")
    page.go_back()  # leads on to the story, not to the form that was sent
    page.wait_for_url("**/desk/unit/stories/st_*")
    assert unit.stories() == 1
    with unit.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Version)) == 1
        assert session.scalar(select(func.count()).select_from(Act).where(Act.kind == "submit")) == 1


def test_a_word_file_becomes_a_story_that_was_sent(unit: Unit) -> None:
    page = unit.visit.go("/desk/unit/files/")
    style = '<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style>'
    heading = paragraph(run("Người giữ bến"), style="Heading1")
    data = docx(heading, paragraph(run("Bốn giờ sáng, bến còn đẫm sương.")), styles=style)
    page.set_input_files("#f-word", {"name": "bai.docx", "mimeType": WORD, "buffer": data})
    page.click('form[action$="/files/word"] button')
    page.click('form[action*="/files/word/wrd_"] .button')
    page.wait_for_selector(".editor-surface >> text=Bốn giờ sáng")
    sort_in(page)
    page.fill('[name="summary"]', LONG)
    page.locator('.steps button[value="start"]').click()
    page.wait_for_url("**/start")
    assert page.input_value('[name="title"]') == "Người giữ bến"
    start(page)
    page.locator('.steps button[value="people"]').click()
    agree(page)
    page.locator('.form-end button[value="check"]').click()
    page.wait_for_url("**/check")
    page.get_by_role("button", name="Gửi bài", exact=True).click()
    page.wait_for_url("**/desk/unit/stories/st_*")
    with unit.database.reading() as session:
        assert session.scalars(select(Story)).one().state == "submitted"
    assert "bến còn đẫm sương" in page.locator("main").inner_text()
