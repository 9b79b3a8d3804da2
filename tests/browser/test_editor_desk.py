"""The editor's desk in a real browser: by keys alone, on a phone and a wide screen, for everybody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from hub.clock import FixedClock
from hub.db import Database
from hub.models import Story
from hub.web.protection import COOKIE
from tests.browser.desks import served as serving
from tests.browser.visits import DESK, PHONE, Visit, Visits, accessibility_faults, sideways_scroll
from tests.builders import World, a_story
from tests.web.desks import Person
from tests.web.editor.people import seat

pytestmark = pytest.mark.browser
LONG = "Hội Liên hiệp Phụ nữ và Nghiệp đoàn nghề cá liên xã Bến Lau, Gò Mận, Đồi Cát cùng giữ bến " * 2


@pytest.fixture
def served(app: Flask, world: World, database: Database, clock: FixedClock) -> Iterator[tuple[str, str, str]]:
    """The address of the desk, the cookie of an editor, and a story that waits."""
    user = seat(database, "editor", "Lê Thị Biên", now=clock.now())
    claims = [{"text": "137 lượt tàu", "source": "Sổ trực bến"}]
    world.release(a_story(title="Bài đã phát hành"), external_id="old", channels=["public/all"])
    world.push(a_story(title="Bài đã phát hành", result="139 lượt tàu được giúp."), external_id="old")
    story = world.push(a_story(title=LONG[:190].strip(), claims=claims))
    with serving(app) as base:
        yield base, Person(app).sign_in(user).cookie(), story


def signed_in(visits: Visits, served: tuple[str, str, str], **visit: object) -> Visit:
    made = visits(served[0], **visit)  # type: ignore[arg-type]
    made.context.add_cookies([{"name": COOKIE, "value": served[1], "url": served[0]}])
    return made


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_story_is_approved_by_keys_alone(served: tuple[str, str, str], visits: Visits, database: Database) -> None:
    page = signed_in(visits, served).go("/desk/editor/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/stories/*")
    while served[2] not in (before := page.url):
        page.keyboard.press("j")
        page.wait_for_url(lambda url, before=before: url != before)
    page.keyboard.press("a")
    page.wait_for_url("**/acts/approve")
    page.keyboard.press("p")
    page.locator("#foreseen").wait_for()
    page.wait_for_load_state()  # keys are heard from then on
    page.keyboard.press("y")
    page.wait_for_url(f"**/stories/{served[2]}")
    with database.reading() as session:
        assert session.get_one(Story, served[2]).state == "approved"


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("size", "dark", "language"), [(PHONE, False, "vi"), (DESK, True, "en")])
def test_every_page_fits_its_screen_and_everybody(
    served: tuple[str, str, str], visits: Visits, size: tuple[int, int], dark: bool, language: str
) -> None:
    visit = signed_in(visits, served, size=size, dark=dark)
    story = f"stories/{served[2]}"
    paths = ["", "?show=all&topic=tuong_than_tuong_ai", story, f"{story}?channel=everything"]
    paths += [f"{story}/acts/approve", f"{story}/acts/return", f"{story}/acts/withdraw"]
    paths += ["corrections/", "withdrawals/", f"withdrawals/{served[2]}"]
    paths += ["embargoes/", "duties/", "duties/silent", "charts/", "stories/st_00000000000000000000000000"]
    visit.expect("status of 404")
    for path in paths:
        page = visit.go(f"/desk/editor/{path}{'&' if '?' in path else '?'}lang={language}")
        assert sideways_scroll(page) == 0, path
        assert accessibility_faults(page) == [], path
