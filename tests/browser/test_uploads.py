"""Files that come in pieces: lines break, pages close, people pause, and no byte is sent for nothing."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Asked, Reply, Site
from tests.browser.visits import Visit, Visits, accessibility_faults

pytestmark = pytest.mark.browser

PIECE = 1_000
TEXTS = {
    "progress": "{name}: {percent} %", "pause": "Tạm dừng", "resume": "Tiếp tục", "waiting": "Chờ mạng",
    "signed_out": "Xin đăng nhập lại",
    "failed": "Không nhận: {reason}", "done": "{name} đã lên", "remove": "Bỏ", "caption": "Chú thích",
    "alt": "Mô tả", "alt_hint": "Cho người không xem được",
}  # fmt: skip


@dataclass
class Intake:
    """A server that takes one file in pieces."""

    site: Site
    kept: bytes = b""
    length: int = 0
    begun: int = 0
    offsets: list[int] = field(default_factory=list)
    faults: list[int] = field(default_factory=list)  # statuses that the next pieces get
    stall_after: int = 1_000_000_000  # bytes
    token: str = "dau"  # that the server takes by now

    def __post_init__(self) -> None:
        self.site.answers["POST", "/uploads"] = self.begin
        self.site.answers["HEAD", "/uploads/one"] = lambda _: Reply(200, headers={"Upload-Offset": str(len(self.kept))})
        self.site.answers["PATCH", "/uploads/one"] = self.take
        self.site.answers["POST", "/save"] = lambda _: Reply(200, b"ok", {"Content-Type": "text/plain"})
        self.site.answers["GET", "/preview"] = lambda _: Reply(
            200, b'<svg xmlns="http://www.w3.org/2000/svg"/>', {"Content-Type": "image/svg+xml"}
        )
        self.show_form("dau")

    def show_form(self, token: str) -> None:
        texts = html.escape(json.dumps(TEXTS))
        self.site.page(
            "/",
            '<form method="post" action="/save" enctype="multipart/form-data">'
            f'<input type="hidden" name="csrf_token" value="{token}"><label>Ảnh <input type="file" name="file" '
            f'data-upload data-upload-url="/uploads" data-piece="{PIECE}" data-texts="{texts}">'
            "</label><button>Lưu</button></form>",
            scripts=("uploads.js",),
            html='data-user="usr_1"',
        )

    def begin(self, asked: Asked) -> Reply:
        assert asked.headers["x-csrf-token"] in ("dau", "moi")
        said = json.loads(asked.body)
        if said["media_type"] == "application/x-msdownload":
            body = json.dumps({"detail": "tệp lạ"}).encode()
            return Reply(415, body, {"Content-Type": "application/problem+json"})
        self.begun += 1
        self.kept, self.length = b"", said["length"]
        return Reply(201, headers={"Location": "https://hub.example/uploads/one"})

    def take(self, asked: Asked) -> Reply:
        offset = int(asked.headers["upload-offset"])
        self.offsets.append(offset)
        if self.token != asked.headers["x-csrf-token"]:
            return Reply(403, b"{}", {"Content-Type": "application/json"})
        if self.faults:
            return Reply(self.faults.pop(0))
        if offset != len(self.kept):
            return Reply(409)
        if len(self.kept) >= self.stall_after:
            return Reply(503)
        self.kept += asked.body
        headers = {"Upload-Offset": str(len(self.kept)), "Content-Type": "application/json"}
        done = len(self.kept) == self.length
        return Reply(200, json.dumps({"media": "med_1", "preview": "/preview"} if done else {}).encode(), headers)


@pytest.fixture
def intake(site: Site) -> Intake:
    return Intake(site)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "bến.png"
    path.write_bytes(bytes(range(256)) * 20)  # 5,120 bytes: six pieces
    return path


def opened(intake: Intake, visits: Visits, **visit: Any) -> Visit:
    made = visits(intake.site.base, **visit)
    made.go("/")
    return made


def state(page: Page, name: str) -> None:
    expect(page.locator("li.upload")).to_have_attribute("data-state", name)


def test_a_file_comes_in_pieces_and_asks_for_its_words(intake: Intake, visits: Visits, film: Path) -> None:
    page = opened(intake, visits).page
    page.set_input_files("[type=file]", film)
    state(page, "done")
    assert intake.kept == film.read_bytes()
    assert intake.offsets == [0, 1_000, 2_000, 3_000, 4_000, 5_000]
    page.get_by_label("Chú thích").fill("Bến lúc rạng đông")
    page.get_by_label("Mô tả").fill("Thuyền vào bến")
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="Lưu").click()
    page.wait_for_url("**/save")
    sent = intake.site.asked[-1].body.decode()
    for words in ("med_1", "Bến lúc rạng đông", "Thuyền vào bến"):
        assert words in sent
    assert "IHDR" not in sent
    assert 'filename="bến.png"' not in sent  # it is not sent a second time


def test_a_fault_on_the_way_is_tried_again_from_where_it_was(intake: Intake, visits: Visits, film: Path) -> None:
    visit = opened(intake, visits)
    visit.expect("status of 503")
    intake.faults = [503]
    visit.page.set_input_files("[type=file]", film)
    state(visit.page, "done")
    assert intake.kept == film.read_bytes()
    assert (intake.begun, intake.offsets[:2]) == (1, [0, 0])


def test_a_session_that_ended_is_waited_for_and_the_file_goes_on(intake: Intake, visits: Visits, film: Path) -> None:
    visit = opened(intake, visits)
    page = visit.page
    visit.expect("status of 401")
    visit.expect("status of 403")
    intake.faults = [401] * 50
    with page.expect_response(f"{intake.site.base}/"):  # the page again, by which the token is still the old one
        page.set_input_files("[type=file]", film)
    state(page, "signed_out")
    assert page.evaluate("localStorage.length") == 1  # where it stood is remembered
    intake.token = "moi"  # signed in anew in another window
    intake.faults.clear()
    intake.show_form("moi")
    state(page, "done")
    assert intake.kept == film.read_bytes()
    assert intake.begun == 1


def test_a_lost_line_goes_on_when_it_is_back(intake: Intake, visits: Visits, film: Path) -> None:
    visit = opened(intake, visits)
    with visit.offline():
        visit.page.set_input_files("[type=file]", film)
        state(visit.page, "waiting")
    state(visit.page, "done")
    assert intake.kept == film.read_bytes()


def test_after_a_reload_the_same_file_goes_on_where_it_was(intake: Intake, visits: Visits, film: Path) -> None:
    visit = opened(intake, visits)
    page = visit.page
    visit.expect("status of 503")
    intake.stall_after = 3_000
    page.set_input_files("[type=file]", film)
    state(page, "waiting")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    intake.stall_after = 1_000_000_000
    intake.offsets.clear()
    page.set_input_files("[type=file]", film)
    state(page, "done")
    assert intake.kept == film.read_bytes()
    assert (intake.begun, intake.offsets[0]) == (1, 3_000)
    assert page.evaluate("localStorage.length") == 0


def test_what_the_server_knows_better_is_asked_of_it(intake: Intake, visits: Visits, film: Path) -> None:
    visit = opened(intake, visits)
    visit.expect("status of 409")
    intake.faults = [409]
    visit.page.set_input_files("[type=file]", film)
    state(visit.page, "done")
    assert intake.kept == film.read_bytes()


def test_a_pause_is_a_pause(intake: Intake, visits: Visits, film: Path) -> None:
    visit = opened(intake, visits)
    page = visit.page
    visit.expect("status of 503")
    intake.stall_after = 2_000
    page.set_input_files("[type=file]", film)
    state(page, "waiting")
    page.get_by_role("button", name="Tạm dừng").click()
    intake.stall_after = 1_000_000_000
    asked = len(intake.offsets)
    page.wait_for_timeout(1_100)  # longer than it waits before it tries again
    assert len(intake.offsets) == asked
    page.get_by_role("button", name="Tiếp tục").click()
    state(page, "done")


def test_a_refused_file_says_why(intake: Intake, visits: Visits, tmp_path: Path) -> None:
    visit = opened(intake, visits)
    visit.expect("status of 415")
    wrong = {"name": "x.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"}
    visit.page.set_input_files("[type=file]", files=[wrong])  # type: ignore[list-item]
    state(visit.page, "failed")
    assert visit.page.inner_text(".upload-words") == "Không nhận: tệp lạ"
    visit.page.get_by_role("button", name="Bỏ").click()
    expect(visit.page.locator("li.upload")).to_have_count(0)


def test_without_scripts_the_form_sends_the_file(intake: Intake, visits: Visits, film: Path) -> None:
    page = opened(intake, visits, java_script_enabled=False).page
    page.set_input_files("[type=file]", film)
    page.get_by_role("button", name="Lưu").click()
    page.wait_for_url("**/save")
    assert film.read_bytes() in intake.site.asked[-1].body
