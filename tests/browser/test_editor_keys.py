"""Every act of the editor's desk by keys alone, and the list that names every key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Page

from hub.clock import FixedClock
from hub.db import Database
from hub.models import Story
from hub.web.protection import COOKIE
from hub.worker import Worker
from tests.browser.desks import served as serving
from tests.browser.visits import Visits
from tests.builders import World, a_story
from tests.web.desks import Person
from tests.web.editor.people import seat

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]
AT = "/desk/editor/stories/"


@dataclass
class Seated:
    """An editor in front of a browser."""

    page: Page
    base: str
    world: World
    database: Database

    def open(self, path: str) -> None:
        self.page.goto(self.base + path)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, selector: str) -> None:
        """Tab on until that has the focus; a page without an end of its stops fails the test."""
        for _ in range(120):
            if self.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
                return
            self.press("Tab")
        raise AssertionError(f"no way to {selector} by Tab")

    def do(self) -> None:
        """Preview what is typed, then do it."""
        self.page.evaluate("document.activeElement.blur()")
        self.press("p")
        self.page.locator("#foreseen").wait_for()
        self.page.wait_for_load_state()  # keys are heard from then on
        self.press("y")
        self.page.wait_for_url(lambda url: "/acts/" not in url)

    def state_of(self, story: str) -> str:
        with self.database.reading() as session:
            return session.get_one(Story, story).state


@pytest.fixture
def seated(app: Flask, world: World, database: Database, clock: FixedClock, visits: Visits) -> Iterator[Seated]:
    user = seat(database, "editor", "Lê Thị Biên", now=clock.now())
    with serving(app) as base:
        visit = visits(base)
        visit.context.add_cookies([{"name": COOKIE, "value": Person(app).sign_in(user).cookie(), "url": base}])
        yield Seated(visit.page, base, world, database)


def test_a_story_is_released_held_lifted_and_taken_back_by_keys(seated: Seated) -> None:
    story = seated.world.push()
    seated.open(AT + story)
    seated.press("a")
    seated.page.wait_for_url("**/acts/approve")
    seated.tab_to("[name=and_release]")
    seated.press("Space")
    seated.tab_to("[name=channels]")  # shown once it is released as well
    seated.do()
    assert seated.state_of(story) == "released"
    seated.press("h")
    seated.page.wait_for_url("**/acts/hold")
    seated.do()
    assert seated.state_of(story) == "held"
    seated.press("l")
    seated.page.wait_for_url("**/acts/lift")
    seated.do()
    assert seated.state_of(story) == "released"
    seated.press("w")
    seated.page.wait_for_url("**/acts/withdraw")
    seated.tab_to("[name=reason]")
    seated.press("ArrowDown")
    seated.do()
    assert seated.state_of(story) == "withdrawn"


def test_a_story_is_returned_with_a_fault_by_keys(seated: Seated) -> None:
    story = seated.world.push()
    seated.open(AT + story)
    seated.press("r")
    seated.page.wait_for_url("**/acts/return")
    seated.tab_to("[name=fault-0-code]")
    seated.press("ArrowDown")
    seated.tab_to("[name=note]")
    seated.page.keyboard.type("Xin bổ sung: ai trực, giờ nào?")  # letters are letters here
    seated.do()
    assert seated.state_of(story) == "returned"


def test_claims_are_verified_by_keys(seated: Seated) -> None:
    story = seated.world.push(a_story(claims=[{"text": "137 lượt tàu", "source": "Sổ trực bến"}]))
    seated.open(AT + story)
    seated.press("c")  # to the claims, from which Tab goes on
    seated.press("Tab")
    assert seated.page.evaluate("document.activeElement.name") == "claim"
    seated.press("Space")
    seated.page.evaluate("document.activeElement.blur()")
    seated.press("v")
    seated.page.locator(".verified").first.wait_for()
    assert "137 lượt tàu" in seated.page.locator("#claims + form").inner_text()
    assert seated.page.locator("[name=claim]").count() == 0


def test_channels_and_versions_are_looked_through_by_keys(seated: Seated) -> None:
    seated.world.push(a_story(lesson="Phải có người trực trên bờ."))
    seated.world.push(a_story(lesson="Phải có hai người trực trên bờ."))
    story = seated.world.push(a_story(lesson="Phải có hai người trực ở bờ."))
    seated.open(AT + story)
    seen = []
    while "channel=everything" not in seated.page.url:
        seen.append(seated.page.locator("#texts + nav [aria-current]").inner_text())
        before = seated.page.url
        seated.press("t")
        seated.page.wait_for_url(lambda url, before=before: url != before)
    assert len(seen) == len(set(seen)) == 4
    seated.press("f")
    seated.press("ArrowDown")  # from the version before to the first
    seated.press("Tab", "Tab", "Enter")
    seated.page.wait_for_url("**from=1**")
    assert seated.page.locator("ins").all_inner_texts() == ["hai ", "ở "]


@pytest.mark.parametrize(("key", "state"), [("x", "submitted"), ("m", "joined")])
def test_two_like_stories_are_decided_by_keys(seated: Seated, worker: Worker, key: str, state: str) -> None:
    seated.world.push(a_story(title="Bến Đá Lau có người trực"), external_id="a")
    story = seated.world.push(a_story(title="Người giữ bến Đá Lau"), external_id="b")
    worker.step()
    seated.open(AT + story)
    seated.press("d")
    seated.page.wait_for_url("**/like/*")
    seated.press(key)
    seated.page.wait_for_url(lambda url: "/like/" not in url)
    assert seated.state_of(story) == state


def test_lists_boards_and_the_calendar_are_walked_by_keys(seated: Seated) -> None:
    world = seated.world
    world.release(external_id="e", channels=["public/all"], embargo_until="2026-12-01T08:30:00+07:00")
    asked = world.release(external_id="w", channels=["public/all"])
    assert world.fishers.act(asked, "request_withdrawal", reason="legal").status_code == 201
    seated.open("/desk/editor/embargoes/")
    month = seated.page.locator(".month").inner_text()
    seated.press(".")
    seated.page.wait_for_url("**month=2026-12")
    assert seated.page.locator(".month").inner_text() != month
    seated.press("j", "Enter")
    seated.page.wait_for_url("**/stories/*")
    seated.open("/desk/editor/embargoes/?month=2026-12")
    seated.press(",")
    seated.page.wait_for_url("**month=2026-11")
    seated.open("/desk/editor/withdrawals/")
    seated.press("j", "Tab", "Enter")
    seated.page.wait_for_url(f"**/stories/{asked}/acts/withdraw")
    seated.press("u")
    seated.page.wait_for_url(f"**/stories/{asked}")
    seated.open("/desk/editor/withdrawals/")
    seated.press("2")
    seated.page.wait_for_url("**show=all")
    seated.open("/desk/editor/duties/")
    seated.press("s")
    seated.page.wait_for_url("**/duties/silent")
    seated.press("u")
    seated.page.wait_for_url("**/duties/")


def test_the_list_of_keys_names_each_key_of_each_page(seated: Seated, worker: Worker) -> None:
    world = seated.world
    first = world.push(a_story(title="Bến Đá Lau có người trực"), external_id="a")
    claims = [{"text": "137 lượt tàu", "source": "Sổ trực bến"}]
    world.push(a_story(title="Người giữ bến Đá Lau", claims=claims), external_id="b")
    story = world.push(a_story(title="Người giữ bến Đá Lau ơi", claims=claims), external_id="b")
    worker.step()
    paths = ["", "corrections/", "withdrawals/", "embargoes/", "duties/", "duties/silent", "charts/"]
    paths += [f"stories/{story}{rest}" for rest in ("", "/acts/approve", "/acts/return", f"/like/{first}")]
    for path in paths:
        seated.open(f"/desk/editor/{path}")
        wanted = seated.page.evaluate(
            "[...document.querySelectorAll('[data-key]')].filter((one) => one.checkVisibility())"
            ".map((one) => one.dataset.key)"
        )
        assert len(wanted) == len(set(wanted)), (path, wanted)
        seated.press("?")
        named = dict(
            zip(
                seated.page.locator("dialog dt").all_inner_texts(),
                seated.page.locator("dialog dd").all_inner_texts(),
                strict=True,
            )
        )
        assert set(wanted) <= named.keys(), path
        assert all(len(said) > 1 for said in named.values()), (path, named)
        seated.press("Escape")
