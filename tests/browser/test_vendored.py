"""What was made elsewhere, run in a browser under the desks' policy."""

from __future__ import annotations

import pytest

from tests.browser.site import Reply, Site
from tests.browser.visits import Visits

pytestmark = pytest.mark.browser


def test_htmx_swaps_what_the_server_sends_and_runs_none_of_it(site: Site, visits: Visits) -> None:
    body = '<p id="part">phần <script>document.title = "run"</script><b hx-on:click="document.title = 1">mới</b></p>'
    site.answers["POST", "/part"] = lambda _: Reply(200, body.encode(), {"Content-Type": "text/html; charset=utf-8"})
    site.page(
        "/",
        '<form hx-post="/part" hx-target="#part" hx-swap="outerHTML" action="/part" method="post">'
        '<input type="hidden" name="csrf_token" value="dấu"><button>Tải</button></form><p id="part">cũ</p>',
        scripts=("vendor/htmx.min.js", "htmx-settings.js"),
    )
    visit = visits(site.base)
    page = visit.go()
    page.evaluate("document.querySelector('[name=csrf_token]').value = 'token'")
    page.click("button")
    page.locator("#part b").click()
    assert page.inner_text("#part") == "phần mới"
    assert page.title() == "Thử"
    assert site.asked[-1].headers["x-csrf-token"] == "token"
    visit.expect("htmx:evalDisallowedError")


def test_a_page_loads_the_parts_of_the_font_that_it_shows(site: Site, visits: Visits) -> None:
    sheet = '<link rel="stylesheet" href="/static/vendor/be-vietnam-pro.css">'
    site.answers["GET", "/look.css"] = lambda _: Reply(
        200, b'body { font-family: "Be Vietnam Pro" } h1 { font-weight: 400 }', {"Content-Type": "text/css"}
    )
    site.page("/", "<p>Bến Đá Lau</p>", head=sheet + '<link rel="stylesheet" href="/look.css">')
    visit = visits(site.base)
    page = visit.go()
    page.evaluate("document.fonts.ready.then(() => undefined)")
    fonts = {request.rpartition("/")[2].partition("?")[0] for request in visit.requests if ".woff2" in request}
    assert fonts == {"be-vietnam-pro-vietnamese-400-normal.woff2", "be-vietnam-pro-latin-400-normal.woff2"}
    assert page.evaluate('document.fonts.check(\'16px "Be Vietnam Pro"\', "Bến")')
