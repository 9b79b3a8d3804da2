"""Small comforts of reading: copy, share, save, the size of text, light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.site import Reply, Site
from tests.browser.visits import Visits, accessibility_faults

pytestmark = pytest.mark.browser

THEMES = "".join(
    f'<button type="button" data-theme-choice="{name}" hidden>{name}</button>' for name in ("light", "dark", "auto")
)
SIZES = "".join(
    f'<button type="button" data-text-size="{name}" hidden>{name}</button>' for name in ("normal", "large", "larger")
)
SAVE = (
    '<button type="button" data-save="str_{0}" data-title="Bài {0} &lt;b&gt;" data-url="/stories/{0}" '
    'data-saved-text="Đã lưu" hidden>Lưu</button>'
)


def test_an_address_is_copied_and_the_button_says_so(site: Site, visits: Visits) -> None:
    site.page(
        "/",
        '<label>Địa chỉ <input id="url" readonly value="https://hub.example/feeds/k/x"></label>'
        '<button type="button" data-copy="#url" data-copied="Đã chép" hidden>Chép</button>',
        scripts=("copy.js",),
    )
    visit = visits(site.base, permissions=["clipboard-read", "clipboard-write"])
    page = visit.go()
    page.get_by_role("button", name="Chép").click()
    page.get_by_role("button", name="Đã chép").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "https://hub.example/feeds/k/x"
    assert page.get_by_role("status").inner_text() == "Đã chép"


def test_sharing_is_offered_where_the_browser_can(site: Site, visits: Visits) -> None:
    site.page(
        "/",
        '<script nonce="%NONCE%">if (location.search) navigator.share = async (what) => { window.shared = what; };'
        "else delete Navigator.prototype.share;</script>"
        '<button type="button" data-share data-title="Bến" data-url="/stories/1" hidden>Chia sẻ</button>',
        scripts=("copy.js",),
    )
    visit = visits(site.base)
    assert not visit.go("/").get_by_text("Chia sẻ").is_visible()
    page = visit.go("/?can")
    page.get_by_role("button", name="Chia sẻ").click()
    assert page.evaluate("window.shared") == {"title": "Bến", "url": f"{site.base}/stories/1"}


def test_a_story_is_saved_without_an_account_and_listed(site: Site, visits: Visits) -> None:
    site.page("/stories", SAVE.format(1) + SAVE.format(2), scripts=("copy.js",))
    site.page(
        "/saved",
        '<ul data-saved data-remove-text="Bỏ"></ul><p data-saved-empty hidden>Chưa có bài nào.</p>',
        scripts=("copy.js",),
    )
    visit = visits(site.base)
    page = visit.go("/saved")
    assert page.get_by_text("Chưa có bài nào.").is_visible()
    visit.go("/stories")
    for number in (0, 1):
        page.locator("[data-save]").nth(number).click()
    assert page.locator("[aria-pressed=true]").all_inner_texts() == ["Đã lưu", "Đã lưu"]
    forged = [{"id": url, "title": url, "url": url} for url in ("javascript:alert(1)", "//foreign.example")]
    page.evaluate(
        "forged => localStorage.setItem('hub-saved',"
        " JSON.stringify([...JSON.parse(localStorage.getItem('hub-saved')), ...forged]))",
        forged,
    )
    for number in (1, 2):
        site.page(f"/stories/{number}", "<p>Bài</p>")
    visit.go("/saved")
    links = page.locator("[data-saved] a")
    links.first.wait_for()
    assert links.all_inner_texts() == ["Bài 2 <b>", "Bài 1 <b>"]
    assert links.first.get_attribute("href") == "/stories/2"
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="Bỏ: Bài 2").click()
    expect(links).to_have_text(["Bài 1 <b>"])
    visit.go("/stories")
    page.locator("[aria-pressed=true]").click()
    assert page.locator("[aria-pressed=true]").count() == 0


def test_the_title_of_a_withdrawn_story_is_forgotten(site: Site, visits: Visits) -> None:
    site.page("/saved", '<ul data-saved data-remove-text="Bỏ"></ul>', scripts=("copy.js",))
    site.page("/stories/1", "<p>Bài</p>")
    site.answers["HEAD", "/stories/2"] = lambda _asked: Reply(410)
    visit = visits(site.base)
    visit.expect("status of 4")
    page = visit.go("/saved")
    page.evaluate(
        "localStorage.setItem('hub-saved', JSON.stringify([1, 2].map("
        "n => ({id: `str_${n}`, title: `Bài ${n}`, url: `/stories/${n}`}))))"
    )
    visit.go("/saved")
    page.locator("[data-saved] a").first.wait_for()
    assert page.locator("[data-saved] a").all_inner_texts() == ["Bài 1"]
    assert "Bài 2" not in page.evaluate("localStorage.getItem('hub-saved')")


def test_on_a_shared_device_nothing_can_be_saved(site: Site, visits: Visits) -> None:
    site.page("/", SAVE.format(1), scripts=("copy.js",), html="data-shared-device")
    assert not visits(site.base).go().locator("[data-save]").is_visible()


def test_a_theme_and_a_size_are_chosen_and_stay(site: Site, visits: Visits) -> None:
    seen = '<script nonce="%NONCE%">window.early = document.documentElement.dataset.theme ?? "";</script>'
    site.page("/", THEMES + SIZES + seen, head='<script nonce="%NONCE%" src="/static/theme.js"></script>'
              '<link rel="stylesheet" href="/static/widgets.css">')  # fmt: skip
    visit = visits(site.base)
    page = visit.go()
    assert page.get_by_role("button", name="auto").get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="dark").click()
    page.get_by_role("button", name="larger").click()
    page.reload()
    assert page.evaluate("window.early") == "dark"  # before the page showed
    assert page.get_by_role("button", name="dark").get_attribute("aria-pressed") == "true"
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "21px"
    page.get_by_role("button", name="auto").click()
    page.get_by_role("button", name="normal").click()
    assert page.evaluate("[localStorage.length, document.documentElement.dataset.theme ?? null]") == [0, None]
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "16px"


def test_without_scripts_no_button_stands_there_that_does_nothing(site: Site, visits: Visits) -> None:
    site.answers["GET", "/x"] = lambda _: Reply(200)
    site.page("/", THEMES + SIZES + SAVE.format(1), scripts=("copy.js", "theme.js"))
    page = visits(site.base, java_script_enabled=False).go()
    assert page.get_by_role("button").count() == 0


def test_a_story_is_printed_at_once_and_without_scripts_its_view_for_paper_is_shown(site: Site, visits: Visits) -> None:
    site.page("/", '<a href="?view=print" data-print>In bài</a>', scripts=("copy.js",))
    visit = visits(site.base)
    page = visit.go()
    page.evaluate("window.print = () => { document.title = 'printed'; }")
    page.get_by_text("In bài").click()
    assert (page.title(), page.url.rpartition("?")[2]) == ("printed", f"{site.base}/")
