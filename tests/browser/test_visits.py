"""The visits themselves: a page's complaint must reach its test, or every other browser test means little."""

from __future__ import annotations

import asyncio

import pytest

from tests.browser.site import Reply, Site
from tests.browser.visits import PHONE, Visits, accessibility_faults, aside, sideways_scroll

pytestmark = pytest.mark.browser


def test_a_clean_page_passes(site: Site, visits: Visits) -> None:
    site.page("/", "<p>Bến Đá Lau</p>")
    page = visits(site.base).go("/")
    assert page.inner_text("p") == "Bến Đá Lau"
    assert accessibility_faults(page) == []
    assert sideways_scroll(page) == 0


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ('<p style="color: red">x</p>', "Content Security Policy"),
        ('<script nonce="%NONCE%">console.error("lỗi")</script>', "lỗi"),
        ('<script nonce="%NONCE%">throw new Error("vỡ")</script>', "vỡ"),
        ('<a href="/" ping="/x">x</a><img alt="" src="http://127.0.0.1:9/p.png">', "127.0.0.1:9"),
        ('<img alt="" src="/missing.png">', "404"),
    ],
)
def test_what_a_page_does_wrong_fails_its_test(site: Site, visits: Visits, body: str, word: str) -> None:
    site.page("/", body)
    visit = visits(site.base)
    visit.go("/").wait_for_load_state("networkidle")
    with pytest.raises(AssertionError, match=word):
        visit.assert_clean()
    visit.expect(".")


def test_a_complaint_that_was_announced_must_come(site: Site, visits: Visits) -> None:
    site.answers["GET", "/gone"] = lambda _: Reply(410, b"gone")
    visit = visits(site.base)
    visit.expect("status of 410")
    with pytest.raises(AssertionError, match="never seen"):
        visit.assert_clean(0.1)
    visit.go("/gone")


def test_faults_of_access_and_of_width_are_found(site: Site, visits: Visits) -> None:
    site.page("/", '<input type="text"><table><tr><td>' + "Đ" * 400 + "</td></tr></table>")
    page = visits(site.base, size=PHONE).go("/")
    assert any(fault.startswith("label:") for fault in accessibility_faults(page))
    assert sideways_scroll(page) > 0


def test_code_of_ours_may_run_a_loop_beside_the_browser(site: Site, visits: Visits) -> None:
    site.page("/", "<p>một</p>")
    page = visits(site.base).go("/")
    with aside():
        assert asyncio.run(asyncio.sleep(0, "ran")) == "ran"
    assert page.inner_text("p") == "một"


def test_after_a_browser_test_no_loop_is_left_running() -> None:
    assert asyncio._get_running_loop() is None
