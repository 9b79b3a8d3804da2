"""A rundown that is put in order by drag, by buttons and by keys, and whose clock follows."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Asked, Reply, Site
from tests.browser.visits import PHONE, Visit, Visits, accessibility_faults, until

pytestmark = pytest.mark.browser

TEXTS = {
    "moved": "{name}: {place} / {total}", "saved": "Đã lưu", "conflict": "Người khác vừa xếp", "reload": "Tải lại",
    "failed": "Không lưu được",
}  # fmt: skip
SECONDS = {"a": 90, "b": 3_600, "c": 45}


@dataclass
class Programme:
    """A server that keeps an order."""

    site: Site
    status: int = 200
    posted: list[tuple[str, list[str]]] = field(default_factory=list)  # revision and order

    def __post_init__(self) -> None:
        self.site.answers["POST", "/order"] = self.keep
        self.site.answers["POST", "/move"] = lambda asked: Reply(200, asked.body, {"Content-Type": "text/plain"})
        items = "".join(
            f'<li data-item="{name}" data-seconds="{seconds}" data-name="Mục {name}">'
            f'<span data-handle aria-hidden="true">=</span><a href="#{name}">Mục {name}</a> <time data-clock></time>'
            f'<form method="post" action="/move"><input type="hidden" name="csrf_token" value="dau">'
            f'<input type="hidden" name="item" value="{name}">'
            f'<button name="move" value="up" data-move="up" aria-label="Lên: {name}">↑</button>'
            f'<button name="move" value="down" data-move="down" aria-label="Xuống: {name}">↓</button></form></li>'
            for name, seconds in SECONDS.items()
        )
        self.site.page(
            "/",
            f'<ol id="list" data-sortable data-order-url="/order" data-revision="3" '
            f'data-starts-at="2026-11-28T18:30:00+07:00" data-texts="{html.escape(json.dumps(TEXTS))}">{items}</ol>'
            '<p>Tổng <output data-total="#list"></output></p>',
            scripts=("rundown.js",),
            head='<link rel="stylesheet" href="/static/widgets.css">',
        )

    def keep(self, asked: Asked) -> Reply:
        fields = re.findall(r'name="(\w+)"\r\n\r\n(.*?)\r\n', asked.body.decode())
        assert ("csrf_token", "dau") in fields
        (revision,) = [value for name, value in fields if name == "revision"]
        self.posted.append((revision, [value for name, value in fields if name == "order"]))
        body = json.dumps({"revision": int(revision) + 1}).encode()
        return Reply(self.status, body, {"Content-Type": "application/json"})


@pytest.fixture
def programme(site: Site) -> Programme:
    return Programme(site)


def opened(programme: Programme, visits: Visits, **visit: Any) -> Visit:
    made = visits(programme.site.base, **visit)
    made.go("/")
    return made


def order(page: Page) -> str:
    found: str = page.evaluate("[...document.querySelectorAll('[data-item]')].map(item => item.dataset.item).join('')")
    return found


def clocks(page: Page) -> list[str]:
    return page.locator("[data-clock]").all_inner_texts()


def told(page: Page, state: str) -> None:
    expect(page.locator(".sortable-status")).to_have_attribute("data-state", state)


def test_keys_put_the_list_in_order_and_it_is_posted_once(programme: Programme, visits: Visits) -> None:
    page = opened(programme, visits).page
    assert clocks(page) == ["18:30:00", "18:31:30", "19:31:30"]
    assert page.inner_text("[data-total]") == "1:02:15"
    page.get_by_role("link", name="Mục a").focus()
    page.keyboard.press("Alt+ArrowDown")
    assert page.inner_text(".sortable-status") == "Mục a: 2 / 3"
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("Alt+ArrowDown")  # it is the last already
    assert order(page) == "bca"
    assert page.evaluate("document.activeElement.textContent") == "Mục a"
    assert clocks(page) == ["18:30:00", "19:30:00", "19:30:45"]
    told(page, "saved")
    assert programme.posted == [("3", ["b", "c", "a"])]
    with page.expect_response("**/order"):
        page.keyboard.press("Alt+ArrowUp")
    told(page, "saved")
    assert programme.posted[1:] == [("4", ["b", "a", "c"])]
    assert accessibility_faults(page) == []


def test_buttons_move_and_keep_the_focus(programme: Programme, visits: Visits) -> None:
    page = opened(programme, visits).page
    page.get_by_role("button", name="Lên: c").press("Enter")
    assert order(page) == "acb"
    page.keyboard.press("Enter")
    assert order(page) == "cab"
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Lên: c"
    assert page.get_by_role("button", name="Lên: c").get_attribute("aria-disabled") == "true"
    told(page, "saved")
    assert programme.posted == [("3", ["c", "a", "b"])]


def test_a_mouse_drags(programme: Programme, visits: Visits) -> None:
    page = opened(programme, visits).page
    handle = page.locator("[data-item=a] [data-handle]").bounding_box()
    last = page.locator("[data-item=c]").bounding_box()
    assert handle is not None
    assert last is not None
    page.mouse.move(handle["x"] + 5, handle["y"] + 5)
    page.mouse.down()
    page.mouse.move(handle["x"] + 5, last["y"] + last["height"] - 2, steps=8)
    page.mouse.up()
    assert order(page) == "bca"
    told(page, "saved")
    assert programme.posted == [("3", ["b", "c", "a"])]


def test_a_finger_drags_and_escape_puts_it_back(programme: Programme, visits: Visits) -> None:
    visit = opened(programme, visits, size=PHONE, has_touch=True, is_mobile=True)
    page = visit.page
    handle = page.locator("[data-item=c] [data-handle]").bounding_box()
    first = page.locator("[data-item=a]").bounding_box()
    assert handle is not None
    assert first is not None
    devtools = visit.context.new_cdp_session(page)

    def touch(kind: str, y: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": handle["x"] + 20, "y": y}]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", handle["y"] + 20)
    for step in range(1, 9):
        touch("touchMove", handle["y"] + (first["y"] - handle["y"]) * step / 8)
    assert order(page) == "cab"
    page.keyboard.press("Escape")
    assert order(page) == "abc"
    touch("touchEnd", 0)
    touch("touchStart", handle["y"] + 20)
    for step in range(1, 9):
        touch("touchMove", handle["y"] + (first["y"] - handle["y"]) * step / 8)
    touch("touchEnd", 0)
    assert order(page) == "cab"
    told(page, "saved")


def test_an_order_that_came_second_says_so(programme: Programme, visits: Visits) -> None:
    visit = opened(programme, visits)
    visit.expect("status of 409")
    programme.status = 409
    visit.page.get_by_role("button", name="Xuống: a").click()
    told(visit.page, "conflict")
    assert visit.page.get_by_role("link", name="Tải lại").is_visible()


def test_an_order_that_was_not_kept_goes_back(programme: Programme, visits: Visits) -> None:
    visit = opened(programme, visits)
    visit.expect("status of 500")
    programme.status = 500
    visit.page.get_by_role("button", name="Xuống: a").click()
    told(visit.page, "failed")
    assert order(visit.page) == "abc"
    assert clocks(visit.page) == ["18:30:00", "18:31:30", "19:31:30"]


def test_a_move_just_before_leaving_is_posted(programme: Programme, visits: Visits) -> None:
    programme.site.page("/next", "<p>Xong</p>")
    visit = opened(programme, visits)
    visit.page.get_by_role("button", name="Xuống: a").click()
    visit.go("/next")
    until(visit.page, lambda: len(programme.posted) > 0)
    assert programme.posted == [("3", ["b", "a", "c"])]


def test_without_scripts_the_buttons_post(programme: Programme, visits: Visits) -> None:
    page = opened(programme, visits, java_script_enabled=False).page
    page.get_by_role("button", name="Lên: b").click()
    page.wait_for_url("**/move")
    assert programme.site.asked[-1].body == b"csrf_token=dau&item=b&move=up"
