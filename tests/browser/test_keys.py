"""Keys for those who work at a desk all day: they help, and never get in the way of words."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest

from tests.browser.site import Site
from tests.browser.visits import Visit, Visits, accessibility_faults

pytestmark = pytest.mark.browser

TEXTS = {
    "title": "Phím tắt", "close": "Đóng", "use": "Dùng phím tắt", "next": "Mục sau", "previous": "Mục trước",
    "open": "Mở", "help": "Danh sách này",
}  # fmt: skip


def opened(site: Site, visits: Visits, **visit: Any) -> Visit:
    site.page(
        "/",
        f'<div data-keys-texts="{html.escape(json.dumps(TEXTS))}"></div>'
        '<label>Tìm <input type="search" data-key="/" data-key-label="Tìm bài"></label>'
        '<p><a href="#moi" data-key="c">Bài mới</a> <button data-key="x" hidden>Ẩn</button></p>'
        '<ul data-keys-list><li data-keys-item><a href="#mot">Một</a></li>'
        '<li data-keys-item><a href="#hai">Hai</a></li></ul>'
        '<label>Ghi <textarea></textarea></label><p><button type="button" data-keys-open hidden>Phím</button></p>',
        scripts=("keys.js",),
    )
    made = visits(site.base, **visit)
    made.go("/")
    return made


def test_keys_walk_a_list_open_it_and_find_the_search(site: Site, visits: Visits) -> None:
    page = opened(site, visits).page
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")  # the last stays the last
    page.keyboard.press("Enter")
    page.wait_for_url("**/#hai")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == "Một"
    page.keyboard.press("c")
    page.wait_for_url("**/#moi")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    assert page.input_value("[type=search]") == ""


def test_a_question_mark_lists_what_there_is_to_press(site: Site, visits: Visits) -> None:
    page = opened(site, visits).page
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Phím tắt")
    assert dialog.locator("dt").all_inner_texts() == ["?", "j", "k", "Enter", "/", "c"]
    assert "Tìm bài" in dialog.inner_text()
    assert accessibility_faults(page) == []
    page.keyboard.press("c")  # not behind the dialog
    assert page.evaluate("location.hash") == ""
    page.keyboard.press("Escape")
    assert dialog.count() == 0


def test_nothing_happens_while_somebody_writes_or_composes(site: Site, visits: Visits) -> None:
    visit = opened(site, visits)
    page = visit.page
    page.get_by_label("Ghi").press_sequentially("cj?/")
    assert page.input_value("textarea") == "cj?/"
    assert page.evaluate("location.hash") == ""
    page.get_by_label("Ghi").blur()
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'c', isComposing: true, bubbles: true}))"
    )
    page.keyboard.press("Control+c")
    page.keyboard.press("Alt+c")
    assert page.evaluate("location.hash") == ""
    assert page.get_by_role("dialog").count() == 0


def test_keys_can_be_switched_off_and_stay_off(site: Site, visits: Visits) -> None:
    page = opened(site, visits).page
    page.get_by_role("button", name="Phím").click()
    page.get_by_label("Dùng phím tắt").uncheck()
    page.get_by_role("button", name="Đóng").click()
    page.reload()
    page.keyboard.press("c")
    page.keyboard.press("?")
    assert page.evaluate("location.hash") == ""
    assert page.get_by_role("dialog").count() == 0
    page.get_by_role("button", name="Phím").click()  # the way back is a button
    page.get_by_label("Dùng phím tắt").check()
    page.get_by_role("button", name="Đóng").click()
    page.keyboard.press("c")
    page.wait_for_url("**/#moi")
