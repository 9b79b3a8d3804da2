"""A story's whole life by people at four desks, in a real browser: from a phone to the page that is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select

from hub import i18n
from hub.accounts import credentials, passwords
from hub.clock import FixedClock
from hub.db import Database
from hub.models import Organization, Story, User
from hub.regulation.edition import editions
from hub.worker import Worker
from tests.browser.desks import served
from tests.browser.visits import DESK, PHONE, Visit, Visits
from tests.builders import World, a_picture
from tests.web.desks import seat_user

GOOD = "ghe ra khơi lúc bốn giờ"
TITLE = "Người giữ bến Đá Lau"
LINE = "https://bao-hai-son.example/nguoi-giu-ben"
SEALED = "The paper is sealed. Whoever confirms or edits the story can open it; each opening is recorded."
CORRECTED = "137 lượt tàu được giúp, 14 thanh niên được truyền nghề."

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]


@dataclass
class Province:
    """The province at work, and the people of its desks, each in a browser of their own."""

    base: str
    visits: Visits
    emails: dict[str, str]
    worker: Worker
    clock: FixedClock
    language: str
    scripts: bool
    _open: dict[str, Page] = field(default_factory=dict)

    def say(self, text: str, **facts: object) -> str:
        """A text of the pages in the language of this run."""
        return i18n.sentence(text, self.language, **facts)

    def visit(self, *, phone: bool = False) -> Visit:
        locale = {"vi": "vi-VN", "en": "en-GB"}[self.language]
        size = PHONE if phone else DESK
        return self.visits(self.base, size=size, language=locale, java_script_enabled=self.scripts)

    def at(self, who: str, path: str) -> Page:
        """The page of somebody, who signs in by the form when they come for the first time."""
        if who in self._open:
            page = self._open[who]
            page.goto(self.base + path)
            return page
        page = self._open[who] = self.visit(phone=who == "contributor").go(path)
        page.get_by_label(self.say("E-mail address")).fill(self.emails[who])
        page.get_by_label(self.say("Password"), exact=True).fill(GOOD)
        page.get_by_role("button", name=self.say("Sign in"), exact=True).click()
        page.wait_for_url(f"**{path}")
        return page

    def press(self, page: Page, text: str) -> None:
        """Send a form by its button, and come to the page it leads to."""
        with page.expect_navigation():
            page.get_by_role("button", name=self.say(text), exact=True).click()

    def pass_time(self) -> None:
        """A minute goes by, in which the worker does what has come to be due."""
        self.clock.forward(timedelta(minutes=1))
        self.worker.step()


@pytest.fixture(params=[("vi", True), ("en", False)], ids=["with scripts", "without scripts"])
def province(
    request: pytest.FixtureRequest,
    app: Flask,
    world: World,
    database: Database,
    clock: FixedClock,
    worker: Worker,
    visits: Visits,
) -> Iterator[Province]:
    seats = {
        "contributor": {"role": "contributor", "organization": "nghe-ca"},
        "confirmer": {"role": "confirmer", "organization": "nghe-ca"},
        "superior": {"role": "confirmer", "organization": "ldld"},
        "editor": {"role": "editor", "organization": "ldld"},
        "newspaper": {"role": "outlet", "outlet": "newspaper"},
    }
    language, scripts = request.param
    hashed, emails = passwords.hash_of(GOOD), {}
    for who, seat in seats.items():
        user = seat_user(database, **seat, now=clock.now(), name=f"Nguyễn Thị {who.title()}", email=who)
        emails[who] = f"{who}-{seat.get('organization') or seat.get('outlet')}@hub.example"
        with database.writing() as session:
            credentials.set_password(session, user, hashed, by="operator", actor="system", now=clock.now())
            session.get_one(User, user).language = language
    with database.writing() as session:
        for code, level in (("ldld", "province"), ("nghe-ca", "grassroots")):
            session.scalars(select(Organization).where(Organization.code == code)).one().level = level
        editions.adopt(session, editions.default_text(), now=clock.now())
    clock.forward(timedelta(minutes=1))
    with served(app) as base:
        yield Province(base, visits, emails, worker, clock, language, scripts)


def test_a_story_lives_from_a_phone_to_the_page_that_is_gone(province: Province, database: Database) -> None:
    _tell(province)
    with database.reading() as session:
        story = session.scalars(select(Story.id)).one()
    for who in ("confirmer", "superior"):
        _confirm(province, who, story)
    _release(province, story)
    reader = province.visit().go(f"/stories/{story}")
    assert reader.locator("h1").inner_text() == TITLE
    assert reader.locator("main img").count() >= 1

    _print(province)
    page = province.at("contributor", f"/desk/unit/stories/{story}")
    assert page.locator(f'a[href="{LINE}"]').is_visible()
    reader.reload()
    assert reader.locator(f'a[href="{LINE}"]').is_visible()

    _correct(province, story)
    reader.reload()
    assert CORRECTED in reader.locator("main").inner_text()

    _withdraw(province, story)
    reader.close()
    visit = province.visit()
    visit.tolerate("status of 410")
    gone = visit.page.goto(f"{province.base}/stories/{story}")
    assert gone is not None
    assert gone.status == 410
    assert TITLE not in visit.page.content()
    with database.reading() as session:
        assert session.get_one(Story, story).state == "withdrawn"


def _tell(province: Province) -> None:
    """A contributor tells a story step by step on a phone, with a picture, and sends it."""
    page = province.at("contributor", "/desk/unit/new")
    page.select_option('[name="subject/type"]', "individual")
    page.fill('[name="subject/name"]', "Nguyễn Văn Biển")
    page.fill('[name="title"]', TITLE)
    page.fill('[name="summary"]', "Ông Biển lập trạm cứu hộ không thu tiền ở bến Đá Lau.")
    page.fill('[name="place/commune"]', "xã Bến Lau")
    page.fill('[name="place/province"]', "tỉnh Hải Sơn")
    picture = {"name": "ben.jpg", "mimeType": "image/jpeg", "buffer": a_picture()}
    page.set_input_files("#f-pictures", picture)
    if province.scripts:
        page.fill('[name="uploaded_alt"]', "Bến lúc bình minh")
    page.locator(".form-end .button").click()

    page.wait_for_url("**/people")
    for scope in ("name", "image", "work_story"):
        page.check(f'[name="consent/scopes"][value="{scope}"]')
    page.fill('[name="consent/obtained_on"]', "2026-11-01")
    province.press(page, "Keep it and go on")

    page.wait_for_url("**/text")
    page.select_option('[name="kind"]', "guong_nguoi_tot_viec_tot")
    page.check('[name="topics"][value="tuong_than_tuong_ai"]')
    page.select_option('[name="stage"]', "proven")
    if province.scripts:
        page.locator(".field", has=page.locator('[name="body/html"]')).locator(".editor-surface").click()
        page.keyboard.type("Bốn giờ sáng, bến Đá Lau còn đẫm hơi sương.")
    else:
        page.fill('[name="body/html"]', "<p>Bốn giờ sáng, bến Đá Lau còn đẫm hơi sương.</p>")
    province.press(page, "Keep it and go on")

    page.wait_for_url("**/results")
    page.fill('[name="method"]', "Ghi sổ giờ rời bến; trực bộ đàm theo ca.")
    page.fill('[name="result"]', "137 lượt tàu được giúp.")
    page.fill('[name="lesson"]', "Phải có người trực trên bờ.")
    page.locator('button[name="go"][value="pictures"]').first.click()

    page.wait_for_url("**/pictures")
    page.fill('[name="media/0/alt"]', "Bến lúc bình minh")
    page.fill('[name="media/0/caption"]', "Bến Đá Lau")
    page.locator('.form-end button[name="go"][value="check"]').click()

    page.wait_for_url("**/check")
    province.press(page, "Send the story")
    page.wait_for_url(re.compile("/desk/unit/stories/st_"))

    page.locator("summary", has_text=province.say("Hand in a consent paper")).click()
    page.set_input_files("#f-paper", picture)
    province.press(page, "Seal the paper")
    page.get_by_text(province.say(SEALED)).wait_for()


def _confirm(province: Province, who: str, story: str) -> None:
    page = province.at(who, "/desk/unit/confirm/")
    page.locator(f'a[href$="/confirm/{story}"]').first.click()
    with page.context.expect_page() as opening:
        page.locator(f'a[href*="/confirm/{story}/papers/"]').click()
    opening.value.locator("img").wait_for()  # the paper itself
    opening.value.close()
    province.press(page, "Confirm")
    page.wait_for_url(re.compile("/desk/unit/confirm/.*done="))


def _release(province: Province, story: str) -> None:
    """The editor reads it, looks at who gets what, approves and releases it to all channels it may enter."""
    page = province.at("editor", "/desk/editor/")
    page.locator(f'a[href*="/stories/{story}"]').first.click()
    page.locator(f'a[href$="{story}/acts/approve"]').click()
    page.check('[name="and_release"]')
    for channel in ("newspaper/column", "public/all"):
        page.check(f'[name="channels"][value="{channel}"]')
    page.locator('button[name="stage"][value="preview"]').click()
    page.locator("#foreseen").wait_for()
    assert "Báo Hải Sơn" in page.locator("section", has=page.locator("#foreseen")).inner_text()
    page.locator('button[name="stage"][value="do"]').click()
    page.wait_for_url(re.compile(f"/stories/{story}([?#].*)?$"))
    province.pass_time()


def _print(province: Province) -> None:
    """The newspaper finds it in its inbox, takes it, and says in one line where it stands."""
    page = province.at("newspaper", "/desk/outlet/newspaper/inbox/column/")
    page.get_by_role("link", name=TITLE).click()
    province.press(page, "Take it")
    page.fill("#one-line", LINE)
    province.press(page, "See what was understood")
    assert page.input_value('[name="url"]') == LINE
    province.press(page, "Send the report")
    province.pass_time()


def _correct(province: Province, story: str) -> None:
    """The unit corrects a figure; those above confirm, the editor approves and releases the correction."""
    page = province.at("contributor", f"/desk/unit/stories/{story}")
    province.press(page, "Correct it")
    page.locator('button[name="go"][value="results"]').first.click()
    page.fill('[name="result"]', CORRECTED)
    page.locator('.form-end button[name="go"][value="check"]').click()
    page.wait_for_url("**/check")
    page.fill('[name="reason"]', "Số liệu cập nhật theo sổ trực.")
    province.press(page, "Send the correction")
    page.wait_for_url(re.compile("/desk/unit/stories/st_"))
    editor = province.at("editor", f"/desk/editor/stories/{story}/acts/approve")
    editor.check('[name="and_release"]')
    editor.fill('[name="public_note"]', "Cải chính: thêm số thanh niên được truyền nghề.")
    editor.locator('button[name="stage"][value="preview"]').click()
    editor.locator('button[name="stage"][value="do"]').click()
    editor.wait_for_url(re.compile(f"/stories/{story}([?#].*)?$"))
    province.pass_time()


def _withdraw(province: Province, story: str) -> None:
    """The unit asks for it, the editor takes it back, the newspaper says what it did."""
    page = province.at("contributor", f"/desk/unit/stories/{story}")
    asking = page.locator("details", has=page.locator('select[name="reason"]'))
    asking.locator("summary").click()
    asking.locator("select").select_option("subject_request")
    province.press(page, "Ask for the withdrawal")
    editor = province.at("editor", "/desk/editor/withdrawals/")
    editor.locator(f'a[href$="{story}/acts/withdraw"]').click()
    editor.select_option('[name="reason"]', "subject_request")
    editor.locator('button[name="stage"][value="preview"]').click()
    editor.locator('button[name="stage"][value="do"]').click()
    editor.wait_for_url(re.compile(f"/stories/{story}([?#].*)?$"))
    province.pass_time()
