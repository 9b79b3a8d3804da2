"""The unit's desk in a real browser: a form that loses nothing offline, a Word file, and pages that fit a phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from hub.clock import FixedClock
from hub.db import Database
from hub.models import FormDraft, Organization, Story
from hub.regulation.edition import editions
from hub.worker import Worker
from tests.browser.desks import served, sign_in
from tests.browser.visits import DESK, PHONE, Visit, Visits, accessibility_faults, sideways_scroll
from tests.builders import World, a_picture, a_story
from tests.intake.office import docx, paragraph, run
from tests.web.desks import seat_user

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]


@dataclass
class AtDesk:
    """The application served to browsers, and people who sign in to it."""

    app: Flask
    base: str
    visits: Visits

    def sign_in(self, user: int, *, size: tuple[int, int] = PHONE) -> Visit:
        return sign_in(self.visits(self.base, size=size), self.app, self.base, user)


@pytest.fixture
def desk(app: Flask, world: World, visits: Visits) -> Iterator[AtDesk]:
    with served(app) as base:
        yield AtDesk(app, base, visits)


@pytest.fixture
def contributor(world: World, database: Database, clock: FixedClock) -> int:
    return seat_user(database, "contributor", organization="nghe-ca", now=clock.now())


def status_of(page: Page, state: str) -> None:
    """Wait until the form says so."""
    page.wait_for_selector(f'[data-draft-status][data-state="{state}"]')


def test_a_form_goes_on_offline_and_on_another_device(desk: AtDesk, contributor: int, database: Database) -> None:
    phone = desk.sign_in(contributor)
    page = phone.go("/desk/unit/new")
    page.fill('[name="subject/name"]', "Nguyễn Văn Biển")
    status_of(page, "saved")
    with phone.offline():
        page.fill('[name="title"]', "Người giữ bến Đá Lau")
        status_of(page, "offline")
    status_of(page, "saved")
    with database.reading() as session:
        draft = session.scalars(select(FormDraft)).one()
    assert (draft.document["title"], draft.document["subject"]["name"]) == ("Người giữ bến Đá Lau", "Nguyễn Văn Biển")
    computer = desk.sign_in(contributor, size=DESK)
    other = computer.go(f"/desk/unit/drafts/{draft.id}/start")
    assert other.input_value('[name="title"]') == "Người giữ bến Đá Lau"
    other.fill('[name="title"]', "Người giữ bến")
    status_of(other, "saved")
    phone.expect("409")
    page.fill('[name="title"]', "Người giữ bến, viết lại")
    status_of(page, "conflict")
    page.click("[data-draft-offer] button >> nth=1")
    page.wait_for_function("document.querySelector('[name=title]').value === 'Người giữ bến'")


def test_a_word_file_and_a_picture_become_a_draft_whose_text_the_editor_shows(
    desk: AtDesk, contributor: int, database: Database
) -> None:
    page = desk.sign_in(contributor).go("/desk/unit/files/")
    data = docx(paragraph(run("Người giữ bến")), paragraph(run("Bốn giờ sáng, bến còn đẫm sương.")))
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    page.set_input_files("#f-word", {"name": "bai.docx", "mimeType": kind, "buffer": data})
    page.click('form[action$="/files/word"] button')
    page.click('form[action*="/files/word/wrd_"] .button')
    page.wait_for_selector(".editor-surface >> text=Bốn giờ sáng")
    page.click('.steps button[value="pictures"]')
    page.set_input_files("#f-pictures", {"name": "ben.jpg", "mimeType": "image/jpeg", "buffer": a_picture()})
    page.fill('[name="uploaded_alt"]', "Bến lúc bình minh")
    page.click('.form-end button[value="stay"]')
    page.wait_for_selector('[name="media/0/upload"]', state="attached")
    with database.reading() as session:
        document = session.scalars(select(FormDraft.document)).one()
    assert [medium["alt"] for medium in document["media"]] == ["Bến lúc bình minh"]


def test_a_copy_that_was_never_sent_brings_back_the_picture_that_had_arrived_with_its_words(
    desk: AtDesk, contributor: int, database: Database
) -> None:
    phone = desk.sign_in(contributor)
    page = phone.go("/desk/unit/new")
    page.fill('[name="title"]', "Người giữ bến")
    status_of(page, "saved")
    page.click('.steps button[value="pictures"]')
    page.wait_for_url("**/pictures")
    phone.expect("net::ERR_FAILED")
    page.route("**/pictures/kept", lambda route: route.abort())
    page.set_input_files("#f-pictures", {"name": "ben.jpg", "mimeType": "image/jpeg", "buffer": a_picture()})
    page.fill('[name="uploaded_alt"]', "Bến lúc bình minh")
    page.fill('[name="uploaded_caption"]', "Bến sớm")
    status_of(page, "kept")
    page.reload()
    assert page.locator('[name="uploaded"]').count() == 0
    page.unroute("**/pictures/kept")
    page.click("[data-draft-offer] button >> nth=0")
    page.wait_for_selector("li.upload img.upload-preview")
    expect(page.locator('[name="uploaded_alt"]')).to_have_value("Bến lúc bình minh")
    assert accessibility_faults(page) == []
    status_of(page, "saved")
    with database.reading() as session:
        media = session.scalars(select(FormDraft)).one().document["media"]
    assert [(each["caption"], each["alt"]) for each in media] == [("Bến sớm", "Bến lúc bình minh")]


def test_pages_fit_a_phone_and_a_desk_in_both_languages(
    desk: AtDesk, world: World, contributor: int, database: Database
) -> None:
    world.release(a_story(title="Người thợ máy giữ lửa cho trạm cứu hộ không đồng ở bến Đá Lau suốt mười năm qua"))
    second = world.push(external_id="two")
    fault = {"pointer": "/metrics/0/value", "code": "no_source", "note": "Sổ nào?"}
    world.editor.act(second, "return", note="Con số cần có nguồn", faults=[fault])
    phone, screen = desk.sign_in(contributor), desk.sign_in(contributor, size=DESK)
    phone.go(f"/desk/unit/stories/{second}").click("text=Sửa theo yêu cầu")
    phone.page.wait_for_url("**/desk/unit/drafts/**")
    mended = urlsplit(phone.page.url).path.rpartition("/")[0]
    phone.go("/desk/unit/new").fill('[name="title"]', "Một bài mới")
    status_of(phone.page, "saved")
    with database.reading() as session:
        draft = session.scalars(select(FormDraft.id).where(FormDraft.story_id.is_(None))).one()
        story = session.scalars(select(Story.id)).first()
    steps = ("start", "people", "text", "results", "evidence", "pictures", "interview", "names", "timing", "check")
    paths = [*(f"/desk/unit/drafts/{draft}/{step}" for step in steps), f"/desk/unit/stories/{story}", "/desk/unit/"]
    paths += [f"{mended}/results", f"{mended}/check"]
    for path in (*paths, "/desk/unit/files/", "/desk/unit/requests/", "/desk/unit/bookings/"):
        for visit, language in ((phone, "vi"), (phone, "en"), (screen, "vi")):
            page = visit.go(f"{path}?lang={language}")
            assert sideways_scroll(page) <= 0, (path, language)
            assert page.locator("h1").count() == 1, path
        assert accessibility_faults(phone.page) == [], path


def test_a_decision_fits_a_phone_and_is_made_there(
    desk: AtDesk, world: World, database: Database, clock: FixedClock, worker: Worker
) -> None:
    with database.writing() as session:
        for code, level in (("ldld", "province"), ("nghe-ca", "grassroots")):
            session.scalars(select(Organization).where(Organization.code == code)).one().level = level
        editions.adopt(session, editions.default_text(), now=clock.now())
    clock.forward(timedelta(seconds=1))
    world.push(a_story(title="Chuyện cũ ở bến"), external_id="old")
    story_id = world.push(external_id="new")
    worker.step()
    user = seat_user(database, "confirmer", organization="nghe-ca", now=clock.now())
    for visit in (desk.sign_in(user, size=DESK), desk.sign_in(user)):
        for path in ("/desk/unit/confirm/", f"/desk/unit/confirm/{story_id}"):
            page = visit.go(path)
            assert sideways_scroll(page) <= 0, path
            assert accessibility_faults(page) == [], path
    page.click("text=Trả lại để sửa")
    page.select_option("#p-0", "/metrics/0/value")
    page.select_option("#c-0", "no_source")
    page.fill("#m-0", "Sổ nào?")
    page.press("#m-0", "Enter")  # decides nothing
    page.wait_for_url(f"**/desk/unit/confirm/{story_id}/return")
    assert page.input_value("#m-0") == "Sổ nào?"
    page.click('form[action$="/return"] button:has-text("Trả lại bài")')
    page.wait_for_url("**/desk/unit/confirm/?done=return")
    with database.reading() as session:
        assert session.get_one(Story, story_id).state == "returned"
