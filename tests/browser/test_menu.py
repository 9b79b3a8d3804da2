"""The row of sections above a desk's pages: on a phone it begins where one is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Route, expect

from hub.clock import FixedClock
from hub.db import Database
from tests.browser.desks import served, sign_in
from tests.browser.visits import DESK, PHONE, Visits
from tests.builders import World
from tests.web.desks import seat_user

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    """The application on 127.0.0.1."""
    with served(app) as found:
        yield found


def without_target(route: Route) -> None:
    """The desks' looks as a browser reads them that does not know `scroll-initial-target`."""
    looks = route.fetch().text()
    assert "scroll-initial-target: nearest;" in looks
    route.fulfill(body=looks.replace("scroll-initial-target: nearest;", ""), content_type="text/css")


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize(
    ("role", "organization", "outlet", "path"),
    [
        ("confirmer", "nghe-ca", "", "/desk/unit/bookings/"),
        ("editor", "ldld", "", "/desk/editor/charts/"),
        ("admin", "ldld", "", "/desk/admin/health/"),
        ("outlet", "", "tv", "/desk/outlet/tv/keys/"),
    ],
)
def test_on_a_phone_the_menu_of_every_desk_begins_where_one_is(
    base: str,
    visits: Visits,
    app: Flask,
    world: World,
    database: Database,
    clock: FixedClock,
    role: str,
    organization: str,
    outlet: str,
    path: str,
    is_known: bool,
) -> None:
    user = seat_user(database, role, organization=organization, outlet=outlet, now=clock.now())
    visit = sign_in(visits(base, size=PHONE), app, base, user)
    if not is_known:
        visit.context.route("**/desk.css*", without_target)
    page = visit.go(path)
    here = page.locator(".sections [aria-current]")
    expect(here).to_have_count(1)
    page.wait_for_function("document.querySelector('.sections').scrollLeft > 0")
    box = here.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE[0]


def test_a_long_page_begins_at_its_top_where_the_menu_stands_beside_it(
    base: str, visits: Visits, app: Flask, world: World, database: Database, clock: FixedClock
) -> None:
    user = seat_user(database, "editor", organization="ldld", now=clock.now())
    page = sign_in(visits(base, size=(DESK[0], 300)), app, base, user).go("/desk/editor/duties/")
    assert page.evaluate("document.documentElement.scrollHeight > innerHeight + 100")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("scrollY") == 0
