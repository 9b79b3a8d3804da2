"""Saved as you type, on the device too: lines break, sessions end, others use the device, and nothing is lost."""

from __future__ import annotations

import html
import json
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hub.intake.editor_schema import editor_schema
from tests.browser.site import Asked, Reply, Site
from tests.browser.visits import Visit, Visits

pytestmark = pytest.mark.browser

TEXTS = {
    "saving": "Đang lưu", "saved": "Đã lưu lúc {time}", "kept": "Đã giữ trên máy",
    "wait": "Gửi quá nhiều, sẽ gửi lại",
    "offline": "Mất mạng, đã giữ trên máy",
    "signed_out": "Phiên đã hết, không mất gì", "sign_in": "Đăng nhập lại", "conflict": "Máy khác có bản mới hơn",
    "take_theirs": "Lấy bản kia", "keep_mine": "Giữ bản này", "found": "Có bản chưa gửi lúc {time}",
    "restore": "Lấy lại", "discard": "Bỏ", "refused": "Không lưu được", "unkept": "Chưa lưu được ở đâu",
}  # fmt: skip
KEPT = "Object.keys(localStorage).filter(key => key.startsWith('hub-draft:'))"


def fields_of(asked: Asked) -> dict[str, str]:
    """What a multipart form sent."""
    head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
    found = {}
    for part in message_from_bytes(head + asked.body).get_payload():
        body: bytes = part.get_payload(decode=True)  # type: ignore[union-attr]
        name = re.search(r'name="([^"]*)"', str(part["Content-Disposition"]))  # type: ignore[index]
        assert name is not None
        found[name[1]] = body.decode()
    return found


@dataclass
class Desk:
    """A server that keeps one draft."""

    site: Site
    status: int = 200
    retry_after: str = ""
    revision: int = 3
    token: str = "first"
    user: str = "usr_1"
    saved: list[dict[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)  # of each, in seconds of the monotonic clock
    answered: list[int] = field(default_factory=list)  # the status that each got
    html: str = ""

    def __post_init__(self) -> None:
        self.site.answers["POST", "/draft"] = self.keep
        self.site.answers["POST", "/submit"] = lambda _: Reply(303, headers={"Location": "/done"})
        self.site.answers["POST", "/sign-out"] = lambda _: Reply(303, headers={"Location": "/done"})
        self.site.page("/done", "<p>Xong</p>", scripts=("device.js",), html='data-user="usr_1"')
        self.site.page("/sign-in", "<p>Đăng nhập</p>", scripts=("device.js",))
        self.show()

    def show(self, title: str = "", shared: bool = False) -> None:
        marks = f'data-user="{self.user}"' if self.user else ""
        self.site.page(
            "/",
            f'<form method="post" action="/submit" data-once data-draft="story-7" data-draft-url="/draft" '
            f'data-revision="{self.revision}" data-texts="{html.escape(json.dumps(TEXTS))}">'
            f'<input type="hidden" name="csrf_token" value="{self.token}">'
            f'<label>Tựa <input name="title" value="{title}"></label><label>Nội dung <textarea name="body"></textarea>'
            '</label><label>Biển <input type="checkbox" name="topics" value="sea"></label>'
            '<label>Bờ <input type="checkbox" name="topics" value="land"></label>'
            '<label>Mật khẩu <input type="password" name="secret"></label><p data-draft-status></p><button>Gửi</button>'
            '</form><form method="post" action="/sign-out" data-sign-out><button>Ra</button></form>',
            scripts=("device.js", "drafts.js"),
            html=marks + (" data-shared-device" if shared else ""),
        )

    def keep(self, asked: Asked) -> Reply:
        fields = fields_of(asked)
        self.saved.append(fields)
        self.times.append(time.monotonic())
        said: dict[str, Any] = {"saved": datetime.now(UTC).isoformat(), "revision": self.revision + 1}
        if self.status == 409:
            said = {
                "revision": 9,
                "saved": "2026-11-27T03:00:00Z",
                "fields": {"title": "Của máy kia", "topics": ["land"]},
            }
        elif fields["csrf_token"] != self.token:
            return Reply(403)
        elif self.status == 200:
            self.revision += 1
        asked_to_wait = {"Retry-After": self.retry_after} if self.retry_after else {}
        self.answered.append(self.status)
        return Reply(self.status, json.dumps(said).encode(), {"Content-Type": "application/json", **asked_to_wait})


@pytest.fixture
def desk(site: Site) -> Desk:
    return Desk(site)


def opened(desk: Desk, visits: Visits, **visit: Any) -> Visit:
    made = visits(desk.site.base, **visit)
    made.go("/")
    return made


def state(page: Page, name: str) -> None:
    """Wait until the status line says so."""
    expect(page.locator("[data-draft-status]")).to_have_attribute("data-state", name)


def test_what_is_typed_is_on_the_device_at_once_and_at_the_server_a_second_later(desk: Desk, visits: Visits) -> None:
    page = opened(desk, visits).page
    page.get_by_label("Tựa").press_sequentially("Bến")
    page.get_by_label("Biển").check()
    page.get_by_label("Mật khẩu").fill("bí mật")
    kept = page.evaluate("JSON.parse(localStorage.getItem('hub-draft:usr_1:story-7'))")
    assert kept["fields"] == {"title": ["Bến"], "body": [""], "topics": ["sea"]}
    assert desk.saved == []
    state(page, "saved")
    assert re.fullmatch(r"Đã lưu lúc \d\d:\d\d", page.inner_text("[data-draft-status]"))
    assert page.locator("[data-draft-status]").get_attribute("aria-live") == "polite"
    assert [(each["title"], each["revision"], each["csrf_token"]) for each in desk.saved] == [("Bến", "3", "first")]
    assert page.evaluate(KEPT) == []  # the server has it
    with page.expect_response("**/draft"):
        page.get_by_label("Tựa").press_sequentially("!")
    assert [each["revision"] for each in desk.saved] == ["3", "4"]


def test_a_lost_line_loses_nothing_and_the_rest_goes_when_it_is_back(desk: Desk, visits: Visits) -> None:
    visit = opened(desk, visits)
    page = visit.page
    with visit.offline():
        page.get_by_label("Tựa").fill("Ngoài khơi")
        state(page, "offline")
        page.get_by_role("button", name="Gửi").click()  # the form stays where it is
        assert page.get_by_label("Tựa").input_value() == "Ngoài khơi"
        assert len(page.evaluate(KEPT)) == 1
        assert desk.saved == []
    state(page, "saved")
    assert desk.saved[-1]["title"] == "Ngoài khơi"


def test_a_server_out_of_order_is_asked_again(desk: Desk, visits: Visits) -> None:
    visit = opened(desk, visits)
    visit.expect("status of 503")
    desk.status = 503
    visit.page.get_by_label("Tựa").fill("Bến")
    state(visit.page, "kept")
    desk.status = 200
    state(visit.page, "saved")
    assert (desk.answered[-1], set(desk.answered[:-1])) == (200, {503})  # once it is in order, it is asked once
    assert all(later - earlier > 0.9 for earlier, later in pairwise(desk.times))  # nor is it pressed meanwhile


def test_a_server_that_takes_no_more_for_now_is_asked_again_when_it_said(desk: Desk, visits: Visits) -> None:
    visit = opened(desk, visits)
    visit.expect("status of 429")
    desk.status, desk.retry_after = 429, "4"
    visit.page.get_by_label("Tựa").fill("Bến")
    state(visit.page, "wait")
    desk.status = 200
    visit.page.get_by_label("Tựa").fill("Bến cảng")  # who writes on does not ask before
    state(visit.page, "saved")
    assert desk.times[1] - desk.times[0] > 3.9
    assert [fields["title"] for fields in desk.saved][-1] == "Bến cảng"
    assert len(desk.saved) == 2


def test_a_copy_that_was_never_sent_is_offered_when_the_page_opens_again(desk: Desk, visits: Visits) -> None:
    visit = opened(desk, visits)
    page = visit.page
    with visit.offline():
        page.get_by_label("Tựa").fill("Chưa gửi")
        page.get_by_label("Bờ").check()
        desk.status = 503
    visit.expect("status of 503")
    state(page, "kept")
    page.reload()
    assert page.get_by_label("Tựa").input_value() == ""
    restore = page.get_by_role("button", name="Lấy lại")
    page.get_by_label("Nội dung").fill("x")  # who writes on without choosing loses neither
    expect(restore).to_be_visible()
    kept = page.evaluate("Object.values(localStorage).sort().map(JSON.parse).map(kept => kept.fields.title[0])")
    assert sorted(kept) == ["", "Chưa gửi"]
    desk.status = 200
    restore.click()
    expect(page.get_by_label("Tựa")).to_have_value("Chưa gửi")
    expect(page.get_by_label("Bờ")).to_be_checked()
    state(page, "saved")


def test_another_user_of_the_device_never_sees_the_copy(desk: Desk, visits: Visits) -> None:
    visit = opened(desk, visits)
    with visit.offline():
        visit.page.get_by_label("Tựa").fill("Riêng tư")
        desk.status = 401
    visit.expect("status of 401")
    state(visit.page, "signed_out")
    assert len(visit.page.evaluate(KEPT)) == 1
    desk.user = "usr_2"
    desk.show()
    visit.page.reload()
    visit.page.wait_for_function("() => document.forms[0].draft.looked")
    assert len(visit.page.evaluate(KEPT)) == 1  # it is there, and whoever comes back finds it
    assert visit.page.get_by_role("alert").count() == 0
    assert visit.page.get_by_label("Tựa").input_value() == ""


def test_an_ended_session_says_so_and_sending_goes_on_after_signing_in(desk: Desk, visits: Visits) -> None:
    visit = opened(desk, visits)
    page = visit.page
    visit.expect("status of 401")
    desk.status = 401
    page.get_by_label("Tựa").fill("Dở dang")
    state(page, "signed_out")
    link = page.get_by_role("link", name="Đăng nhập lại")
    with visit.context.expect_page() as opening:
        link.click()
    window = opening.value
    window.wait_for_load_state()
    assert window.url.endswith("/sign-in")
    assert len(window.evaluate(KEPT)) == 1  # the page for signing in leaves it
    desk.status, desk.token = 200, "second"
    desk.show()
    window.close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    state(page, "saved")
    assert (desk.saved[-1]["title"], desk.saved[-1]["csrf_token"]) == ("Dở dang", "second")
    assert page.locator("form[data-draft] [name=csrf_token]").input_value() == "second"
    visit.expect("status of 40")


def test_an_old_token_of_the_same_user_is_renewed_without_asking(desk: Desk, visits: Visits) -> None:
    visit = opened(desk, visits)
    visit.expect("status of 403")
    desk.token = "second"
    desk.show()
    visit.page.get_by_label("Tựa").fill("Bến")
    state(visit.page, "saved")
    assert [each["csrf_token"] for each in desk.saved] == ["first", "second"]


def test_a_rich_text_is_saved_and_restored_in_its_editor(desk: Desk, visits: Visits) -> None:
    allowed = html.escape(json.dumps(editor_schema()))
    area = f'<textarea name="body" data-editor data-allowed="{allowed}">'
    plain = desk.site.pages["/"].replace('<textarea name="body">', area)
    editor = ("vendor/tiptap.min.js", "editor-schema.js", "editor-acts.js", "editor.js")
    loaded = "".join(f'<script nonce="%NONCE%" defer src="/static/{script}"></script>' for script in editor)
    sheet = '<link rel="stylesheet" href="/static/editor.css">'
    desk.site.pages["/"] = plain.replace("</head>", f"{sheet}{loaded}</head>")
    visit = opened(desk, visits)
    page = visit.page
    visit.expect("status of 503")
    desk.status = 503
    page.locator(".editor-text").click()
    page.keyboard.type("Giữ bến")
    state(page, "kept")
    page.reload()
    assert page.inner_text(".editor-text").strip() == ""
    desk.status = 200
    page.get_by_role("button", name="Lấy lại").click()
    expect(page.locator(".editor-text")).to_have_text("Giữ bến")
    state(page, "saved")
    assert desk.saved[-1]["body"] == "<p>Giữ bến</p>"


@pytest.mark.parametrize(
    ("choice", "title", "sent"), [("Giữ bản này", "Của tôi", "9"), ("Lấy bản kia", "Của máy kia", "")]
)
def test_a_newer_draft_from_another_device_is_a_choice(
    desk: Desk, visits: Visits, choice: str, title: str, sent: str
) -> None:
    visit = opened(desk, visits)
    page = visit.page
    visit.expect("status of 409")
    desk.status = 409
    page.get_by_label("Tựa").fill("Của tôi")
    state(page, "conflict")
    desk.status = 200
    asked = len(desk.saved)
    page.get_by_role("button", name=choice).click()
    state(page, "saved")
    assert page.get_by_label("Tựa").input_value() == title
    assert [each["revision"] for each in desk.saved[asked:]] == ([sent] if sent else [])
    assert page.get_by_label("Bờ").is_checked() == (title == "Của máy kia")


def test_on_a_shared_device_nothing_is_ever_kept(desk: Desk, visits: Visits) -> None:
    visit = opened(desk, visits)
    with visit.offline():
        visit.page.get_by_label("Tựa").fill("Trước")
        assert len(visit.page.evaluate(KEPT)) == 1
    desk.show(shared=True)
    visit.page.reload()
    visit.page.wait_for_function("() => localStorage.length === 0")  # also what lay there
    with visit.offline():
        visit.page.get_by_label("Tựa").fill("Máy chung")
        state(visit.page, "unkept")
        assert visit.page.evaluate("localStorage.length + sessionStorage.length") == 0
    state(visit.page, "saved")


def test_signing_out_clears_the_device(desk: Desk, visits: Visits) -> None:
    visit = opened(desk, visits)
    page = visit.page
    with visit.offline():
        page.get_by_label("Tựa").fill("Riêng tư")
        page.evaluate("localStorage.setItem('hub-saved', '[]'); localStorage.setItem('hub-draft:usr_2:x', '{broken');"
                      "localStorage.setItem('hub-theme', 'dark')")  # fmt: skip
        desk.status = 401
    visit.expect("status of 401")
    state(page, "signed_out")
    page.get_by_role("button", name="Ra").click()
    page.wait_for_url("**/done")
    assert sorted(page.evaluate("Object.keys(localStorage)")) == ["hub-saved", "hub-theme"]  # a reader's own
    assert page.evaluate("new Promise(r => { const o = indexedDB.open('hub-drafts', 1); o.onsuccess = () => { const g ="
                         " o.result.transaction('drafts').objectStore('drafts').getAllKeys();"
                         " g.onsuccess = () => r(g.result); }; })") == []  # fmt: skip


@pytest.mark.parametrize(("shared", "left"), [(False, ["hub-saved"]), (True, [])])
def test_what_a_reader_saved_stays_on_a_device_of_their_own(
    desk: Desk, visits: Visits, shared: bool, left: list[str]
) -> None:
    page = visits(desk.site.base).go("/sign-in")
    page.evaluate("localStorage.setItem('hub-saved', '[]'); localStorage.setItem('hub-draft:usr_2:x', '{}')")
    if shared:
        desk.show(shared=True)
    page.goto(f"{desk.site.base}{'/' if shared else '/sign-in'}")
    page.wait_for_function("() => !localStorage.getItem('hub-draft:usr_2:x')")
    assert page.evaluate("Object.keys(localStorage)") == left


def test_what_is_too_large_for_one_shelf_lies_on_the_other(desk: Desk, visits: Visits) -> None:
    visit = opened(desk, visits)
    page = visit.page
    page.evaluate("localStorage.setItem('other', 'x'.repeat(5_200_000))")
    with visit.offline():
        page.evaluate("text => { document.querySelector('[name=body]').value = text;"
                      " document.querySelector('[name=body]').dispatchEvent(new Event('input', {bubbles: true})); }",
                      "ế" * 100_000)  # fmt: skip
        state(page, "offline")
        desk.status = 503
    visit.expect("status of 503")
    state(page, "kept")
    page.reload()
    page.get_by_role("button", name="Lấy lại").click()
    assert len(page.input_value("[name=body]")) == 100_000


def test_a_form_that_arrived_leaves_no_copy_behind(desk: Desk, visits: Visits) -> None:
    page = opened(desk, visits).page
    page.get_by_label("Tựa").fill("Xong")
    assert len(page.evaluate(KEPT)) == 1
    page.get_by_role("button", name="Gửi").click()
    page.wait_for_url("**/done")
    page.wait_for_function("() => " + KEPT + ".length === 0")


def test_a_form_that_failed_leaves_its_copy(desk: Desk, visits: Visits) -> None:
    visit = opened(desk, visits)
    page = visit.page
    visit.expect("status of 500")
    desk.site.answers["POST", "/submit"] = lambda _: Reply(500, b"<p>broken</p>", {"Content-Type": "text/html"})
    page.get_by_label("Tựa").fill("Chưa xong")
    page.get_by_role("button", name="Gửi").click()
    page.wait_for_url("**/submit")
    page.goto(desk.site.base + "/")
    expect(page.get_by_role("button", name="Lấy lại")).to_be_visible()


def test_a_double_click_sends_one_form(desk: Desk, visits: Visits) -> None:
    page = opened(desk, visits).page
    page.get_by_label("Tựa").fill("Một lần")
    page.evaluate(
        "const b = document.querySelector('form button'); b.click(); b.click(); document.forms[0].requestSubmit()"
    )
    page.wait_for_url("**/done")
    assert [asked.path for asked in desk.site.asked if asked.path == "/submit"] == ["/submit"]
    page.go_back()
    expect(page.get_by_role("button", name="Gửi")).to_be_enabled()
