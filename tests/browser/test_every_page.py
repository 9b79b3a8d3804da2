"""Every page by everybody who reaches it: in both languages, on a phone and a wide screen, in light and dark."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hub import migrations
from hub.app import create_app
from hub.db import make_engine
from hub.http.services import EXTENSION
from tests.browser import looks
from tests.browser.crawling import Walk, routes_of
from tests.browser.desks import served
from tests.browser.province import ROLES, Province, settings_in, sign_in_as
from tests.browser.visits import DESK, PHONE, Visit, Visits, accessibility_faults, sideways_scroll
from tests.web.desks import Person

pytestmark = pytest.mark.browser
SIZES = {"phone": PHONE, "desk": DESK}
LOOKS = [("phone", "vi"), ("desk", "en")]  # looked at closely
OTHER_LOOKS = [pytest.param(*look, marks=pytest.mark.slow) for look in (("phone", "en"), ("desk", "vi"))]
in_every_look = pytest.mark.parametrize(("size", "language"), [*LOOKS, *OTHER_LOOKS])
ON_A_PHONE = frozenset({"visitor", "contributor", "confirmer", "new unit", "editor"})  # where the first look is theirs
BY_EVERYBODY = [  # each role in one look; in the other three with -m slow
    pytest.param(role, *look, marks=() if look == LOOKS[role not in ON_A_PHONE] else pytest.mark.slow)
    for role in ROLES
    for look in ((size, language) for size in SIZES for language in ("vi", "en"))
]
MOST_REQUESTS, MOST_SHIFT = 30, 0.1
ROUTES_WITHOUT_PAGES = {  # they answer with files, feeds, data or a way to another page
    *("admin_regulation.download", "admin_tables.template", "archives.get_archive"),
    *("archives.get_archive_by_address", "assets.send_icon", "assets.static", "calendars.get_calendar"),
    *("calendars.get_calendar_by_address", "calendars.get_calendar_of_unit", "conformance.get_test_calendar"),
    *("conformance.get_test_calendar_by_address", "conformance.get_test_feed"),
    *("conformance.get_test_feed_by_address", "desk_outlet.get_event", "desk_outlet.get_pack"),
    *("desk_outlet.get_proof", "desk_outlet.get_rundown", "desk_outlet.get_straps", "desk_outlet.open_inbox"),
    *("desk_outlet.tell_now", "docs.openapi_document", "docs.static", "editor_review.open_paper"),
    *("editor_review.show_picture", "elsewhere.come_back", "feeds.get_feed", "feeds.get_feed_by_address"),
    *("health.healthz", "health.metrics", "health.readyz", "media.get_film", "media.get_picture", "packs.get_pack"),
    *("pages.feeds_as_opml", "pages.feeds_of_address_as_opml", "planned.get_planned"),
    *("planned.get_planned_by_address", "proofs.get_entry", "proofs.get_jwks", "proofs.get_manifest"),
    *("proofs.get_manifest_by_address", "proofs.get_manifest_of_day", "proofs.get_public_entry"),
    *("searching.search_feed", "signing_in.take_invitation", "sitemaps.get_file", "sitemaps.get_index"),
    *("sitemaps.get_lists", "sitemaps.get_news", "sitemaps.get_robots", "unit.ask", "unit.open_draft"),
    *("unit.open_paper", "unit.send_faulty", "unit.send_template", "unit.show_picture"),
}
WALKED_OTHERWISE = {
    "desk_outlet.edit_guest": "walked while the demo's guest can still be changed, which hangs on the hour",
    "editor_review.show_presence": "a part of the page of a story, which asks for it",
    "unit.show_import_progress": "a part of the page of a table, which asks for it",
    "unit.show_word_progress": "a part of the page of a Word file, which asks for it",
    "first_start.show_questions": "test_a_hub_without_stories_holds_in_every_look",
    "pages.outlet_entry_page": "test_pages_behind_a_key_hold_in_every_look",
    "signing_in.code_page": "test_signing_in",
}


@pytest.fixture(autouse=True)
def some_looks_wait(request: pytest.FixtureRequest) -> None:
    """Most looks have their turn with -m slow: all of them take a machine of two cores some ten minutes."""
    if request.node.get_closest_marker("slow") and request.config.option.markexpr != "slow":
        pytest.skip("this look is had with -m slow")


@dataclass
class Look:
    """A page in a visit's browser, and what is wrong with it in the looks that it has had so far."""

    visit: Visit
    address: str
    faults: list[str] = field(default_factory=list)
    is_dark: bool = False

    def turn(self, *, dark: bool) -> None:
        self.is_dark = dark
        self.visit.page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")

    def hold(self, *faults: object) -> None:
        scheme = "dark" if self.is_dark else "light"
        self.faults += [f"{self.address} ({scheme}): {fault}" for fault in faults if fault]

    def hold_to_its_window(self) -> None:
        wider = sideways_scroll(self.visit.page)
        self.hold(wider > 0 and f"wider than its window by {wider} px")

    def load(self) -> None:
        """Load the page; what it costs and how it behaves is held against it."""
        before = len(self.visit.troubles)
        answer = self.visit.page.goto(self.visit.base + self.address)
        looks.prepare(self.visit.page)
        shift, cost = looks.layout_shift(self.visit.page), looks.cost_of(self.visit.page)
        self.hold(shift >= MOST_SHIFT and f"its parts moved by {shift:.3f}")
        self.hold(cost.requests > MOST_REQUESTS and f"{cost.requests} requests")
        troubles, self.visit.troubles[before:] = self.visit.troubles[before:], []
        status = answer.status if answer else 0
        self.hold(*(told for told in troubles if f"status of {status}" not in told or self.address not in told))

    def look_closely(self) -> None:
        """Whatever somebody who sees little, or uses keys, or a thumb, would trip over."""
        page = self.visit.page
        self.hold(*(f"small target, {fault}" for fault in looks.small_targets(page)))
        self.hold(*(f"focus not seen on {fault}" for fault in looks.unmarked_focus(page)))
        looks.thin_out(page)
        self.hold(*(f"axe {fault}" for fault in accessibility_faults(page)))


def _faults_of(visit: Visit, address: str, *, closely: bool) -> list[str]:
    """Load a page once, look at it in light and in dark, folded and unfolded; what is wrong with it."""
    look = Look(visit, address)
    look.turn(dark=False)
    look.load()
    look.hold_to_its_window()
    looks.open_folds(visit.page)
    look.hold_to_its_window()
    if closely:
        look.look_closely()
    look.turn(dark=True)
    look.hold_to_its_window()
    if closely:
        look.hold(*(f"axe {fault}" for fault in looks.contrast_faults(visit.page)))
    return look.faults


def _walk(visit: Visit, paths: Iterable[str], look: tuple[str, str]) -> None:
    """Look at every page in a language. Fails with everything that is wrong with any."""
    faults = []
    for path in paths:
        address = f"{path}{'&' if '?' in path else '?'}lang={look[1]}"
        faults += _faults_of(visit, address, closely=look in LOOKS)
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)


@pytest.mark.parametrize(("role", "size", "language"), BY_EVERYBODY)
def test_every_page_holds_in_every_look(
    province: Province, visits: Visits, role: str, size: str, language: str
) -> None:
    visit = visits(province.base, size=SIZES[size])
    sign_in_as(visit, province, role)
    _walk(visit, province.pages[role], (size, language))


@in_every_look
def test_pages_behind_a_key_hold_in_every_look(province: Province, visits: Visits, size: str, language: str) -> None:
    entries = [path for path, name in province.pages["newspaper"].items() if name == "desk_outlet.show_entry"]
    entry = entries[0].rpartition("/")[2]
    bearer = {"Authorization": f"Bearer {province.newspaper}"}
    visit = visits(province.base, size=SIZES[size], extra_http_headers=bearer)
    _walk(visit, [f"/feeds/newspaper/column/{entry}", "/feeds/newspaper/column", "/feeds/"], (size, language))


@in_every_look
def test_a_hub_without_stories_holds_in_every_look(tmp_path: Path, visits: Visits, size: str, language: str) -> None:
    app = create_app(settings_in(tmp_path))
    engine = make_engine(settings_in(tmp_path).database)
    migrations.upgrade(engine)
    engine.dispose()
    pages = Walk(app).of(Person(app))
    assert "first_start.show_questions" in pages.values()
    with served(app) as base:
        paths = (path for path in pages if not path.startswith("/api"))
        _walk(visits(base, size=SIZES[size]), paths, (size, language))
    app.extensions[EXTENSION].database.engine.dispose()


def test_every_route_that_shows_a_page_is_walked(province: Province) -> None:
    names = {rule.endpoint for rule in routes_of(province.app)} - ROUTES_WITHOUT_PAGES - set(WALKED_OTHERWISE)
    walked = {name for pages in province.pages.values() for name in pages.values()}
    missed = sorted(name for name in names - walked if not name.startswith("api."))
    assert missed == [], "no link leads to them for anybody: link them, or say why not in this file"
    assert walked.isdisjoint(ROUTES_WITHOUT_PAGES)
