"""What pages may cost those who open them: requests, bytes, things that move, and a browser that does not answer."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Response

from hub.web.protection import COOKIE
from tests.browser import looks
from tests.browser.looks import Cost
from tests.browser.province import Province, sign_in_as
from tests.browser.visits import PHONE, Visits

pytestmark = pytest.mark.browser
KB = 1024
FIRST_PAGE = 60 * KB  # compressed, pictures and fonts apart
MOST_SHIFT = 0.1  # "good" of Core Web Vitals
MOST_BUSY_MS = 200  # of blocking, as Lighthouse counts it: what tasks take past their first 50 ms
LOADS = 2  # of which the best counts: a machine that was busy says nothing of a page


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a page may cost; bytes before compression, as the browser unpacks them."""

    requests: int
    html: int
    css: int
    scripts: int
    fonts: int = 160 * KB

    def overrun(self, cost: Cost) -> dict[str, tuple[int, int]]:
        """What costs more than it may: what it costs, and what it may."""
        names = ("requests", "html", "css", "scripts", "fonts")
        both = {name: (getattr(cost, name), getattr(self, name)) for name in names}
        return {name: (found, most) for name, (found, most) in both.items() if found > most}


PORTAL = Budget(requests=24, html=96 * KB, css=64 * KB, scripts=24 * KB)
DESK = Budget(requests=24, html=128 * KB, css=80 * KB, scripts=128 * KB)
FORM = Budget(requests=30, html=128 * KB, css=80 * KB, scripts=640 * KB)  # with the editor of rich text
PAGES = [  # who opens a page of which route, and what it may cost
    ("visitor", "pages.front_page", PORTAL),
    ("visitor", "pages.story_page", PORTAL),
    ("visitor", "listing.list_stories", PORTAL),
    ("visitor", "searching.search", PORTAL),
    ("visitor", "signing_in.sign_in_page", DESK),
    ("contributor", "unit.list_stories", DESK),
    ("contributor", "unit.begin_story", FORM),
    ("confirmer", "unit.show_decision", DESK),
    ("editor", "editor_queue.show_queue", DESK),
    ("editor", "editor_review.review", DESK),
    ("newspaper", "desk_outlet.show_inbox", DESK),
    ("television", "desk_outlet.show_rundown", DESK),
    ("admin", "admin_people.show_people", DESK),
]


@pytest.mark.parametrize(("role", "endpoint", "budget"), PAGES, ids=[name for _, name, _ in PAGES])
def test_a_page_keeps_to_its_budget(
    province: Province, visits: Visits, role: str, endpoint: str, budget: Budget
) -> None:
    address = _address_of(province, role, endpoint)
    shifts, busy = [], []
    for _ in range(LOADS):  # each with an empty cache
        visit = visits(province.base, size=PHONE)
        sign_in_as(visit, province, role)
        visit.context.add_init_script(looks.WATCH)
        page = visit.go(address)
        page.wait_for_load_state("networkidle")
        looks.prepare(page)
        shifts.append(looks.layout_shift(page))
        busy.append(looks.blocking_ms(page))
        assert budget.overrun(looks.cost_of(page)) == {}
    assert min(shifts) < MOST_SHIFT
    assert min(busy) < MOST_BUSY_MS


def test_the_first_page_of_the_portal_is_light(province: Province, visits: Visits) -> None:
    visit = visits(province.base, size=PHONE)
    answers: list[Response] = []
    visit.context.on("response", lambda answer: answers.append(answer))
    visit.go("/").wait_for_load_state("networkidle")
    light = [each for each in answers if not _is_apart(each)]
    sent = {urlsplit(each.url).path: len(gzip.compress(each.body(), 6)) for each in light}
    assert "/" in sent
    assert any(path.endswith(".css") for path in sent)
    assert sum(sent.values()) < FIRST_PAGE, sent


def _address_of(province: Province, role: str, endpoint: str) -> str:
    """The first page of a route that is there: a story that was withdrawn is not."""
    client = province.app.test_client()
    if role in province.cookies:
        client.set_cookie(COOKIE, province.cookies[role])
    paths = (path for path, name in province.pages[role].items() if name == endpoint)
    return next(path for path in paths if client.get(path).status_code == HTTPStatus.OK)


def _is_apart(answer: Response) -> bool:
    """Is it a picture or a font?"""
    return answer.headers.get("content-type", "").startswith(("image/", "font/"))
