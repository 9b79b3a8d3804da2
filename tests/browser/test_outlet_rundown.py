"""The rundown at an outlet's desk, served as it is: put in order by drag and by keys, and kept so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect

from hub.clock import FixedClock
from hub.db import Database
from tests.browser.desks import served, sign_in
from tests.browser.visits import Visit, Visits, accessibility_faults
from tests.builders import World
from tests.outlets.planning.scenes import Station
from tests.outlets.planning.test_week import ITEMS
from tests.web.desks import seat_user

pytestmark = pytest.mark.browser


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    """The application on 127.0.0.1."""
    with served(app) as found:
        yield found


@pytest.fixture
def visit(base: str, visits: Visits, app: Flask, world: World, database: Database, clock: FixedClock) -> Visit:
    """A producer of the station, signed in."""
    return sign_in(visits(base), app, base, seat_user(database, "outlet", outlet="tv", now=clock.now()))


def test_a_rundown_is_put_in_order_by_keys_and_by_drag_and_stays_so(visit: Visit, world: World) -> None:
    station = Station(world.tv)
    segment = station.plan()
    station.done(station.change(segment, "/rundown", "PUT", items=ITEMS))
    titles = [item["title"] for item in ITEMS]

    def kept() -> list[str]:
        return [item["title"] for item in station.read(segment)["rundown"]["items"]]

    page = visit.go(f"/desk/outlet/tv/segments/{segment['code']}/rundown")
    rows = page.locator("[data-item]")
    expect(rows).to_have_count(len(ITEMS))
    assert accessibility_faults(page) == []
    page.keyboard.press("?")
    keys = page.get_by_role("dialog")
    expect(keys.locator("div", has_text="Alt + ↑ ↓").locator("dd")).to_have_text("Chuyển một mục lên hoặc xuống")
    page.keyboard.press("Escape")
    page.locator("[data-move=down]").first.focus()
    with page.expect_response("**/rundown/order") as told:
        page.keyboard.press("Alt+ArrowDown")
    assert told.value.status == 200
    moved = [titles[1], titles[0], *titles[2:]]
    assert kept() == moved

    handle, goal = rows.nth(0).locator("[data-handle]"), rows.nth(1)
    handle.scroll_into_view_if_needed()
    start, box = handle.bounding_box(), goal.bounding_box()
    assert start is not None
    assert box is not None
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(start["x"] + 5, box["y"] + box["height"] * 0.9, steps=6)
    with page.expect_response("**/rundown/order") as told:
        page.mouse.up()
    assert told.value.status == 200  # with the revision that the answer before it told
    assert kept() == titles
    page.reload()
    assert [row.get_attribute("data-name") for row in rows.all()] == titles


def test_whoever_is_second_is_told_and_overwrites_nothing(visit: Visit, world: World) -> None:
    station = Station(world.tv)
    segment = station.plan()
    station.done(station.change(segment, "/rundown", "PUT", items=ITEMS))
    page = visit.go(f"/desk/outlet/tv/segments/{segment['code']}/rundown")
    station.done(station.change(segment, "/rundown", "PUT", items=ITEMS[:2]))  # a colleague, meanwhile
    visit.expect("409")
    page.locator("[data-move=down]").first.focus()
    with page.expect_response("**/rundown/order"):
        page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".sortable-status")).to_contain_text("Người khác vừa sửa kịch bản.")
    assert [item["title"] for item in station.read(segment)["rundown"]["items"]] == [
        each["title"] for each in ITEMS[:2]
    ]


def test_while_it_is_on_the_clock_runs_by_the_servers_time_and_tells_only_a_change_of_item(
    visit: Visit, world: World, clock: FixedClock
) -> None:
    station = Station(world.tv)
    segment = station.plan(starts_at=(clock.now() - timedelta(seconds=82)).isoformat())  # the film takes 90 s
    station.done(station.change(segment, "/rundown", "PUT", items=ITEMS))
    path = f"/desk/outlet/tv/segments/{segment['code']}/rundown"
    page = visit.go(path)
    told, left = page.locator("[data-air-told]"), page.locator("[data-air-item-left]")
    expect(page.locator("[data-air-still]")).to_be_hidden()  # nobody has to look again
    expect(page.locator("#rundown [aria-current=true]")).to_have_attribute("data-name", ITEMS[0]["title"])
    expect(left).to_have_text(re.compile("^0:0[0-8]$"))
    assert told.text_content() == ""
    expect(page.locator("#rundown [aria-current=true]")).to_have_attribute(
        "data-name", ITEMS[1]["title"]
    )  # seconds later
    expect(told).to_have_text(f"Đang đến mục: {ITEMS[1]['title']}")
    assert page.locator(".is-on").count() == 1
    seen = left.text_content()
    expect(left).not_to_have_text(seen or "")
    expect(page.locator("[data-air-over]")).to_have_text("ngắn hơn 8:00")
    assert accessibility_faults(page) == []

    with page.expect_navigation():
        page.get_by_role("button", name="Xong mục này").click()  # the talk, as the script has it
    items = station.read(segment)["rundown"]["items"]
    assert [item.get("real_seconds") for item in items] == [None, 0, None, None]  # the server's clock stood still
    expect(page.locator("#rundown [aria-current=true]")).to_have_attribute("data-name", ITEMS[2]["title"])

    station.done(station.change(segment, "/rundown", "PUT", items=ITEMS[:3]))  # a colleague, meanwhile
    with page.expect_response("**/rundown/now"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-air-changed]")).to_contain_text("Người khác vừa sửa kịch bản.")


def test_after_a_drag_the_other_forms_of_the_page_know_the_rundown_as_it_is(visit: Visit, world: World) -> None:
    station = Station(world.tv)
    segment = station.plan()
    station.done(station.change(segment, "/rundown", "PUT", items=ITEMS))
    page = visit.go(f"/desk/outlet/tv/segments/{segment['code']}/rundown")
    page.locator("[data-move=down]").first.focus()
    with page.expect_response("**/rundown/order"):
        page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".sortable-status")).to_have_text("Đã lưu thứ tự.")
    page.locator("#planned-new").fill("1")
    page.locator("#title-new").fill("Lời kết")
    with page.expect_navigation() as moved:
        page.get_by_role("button", name="Thêm", exact=True).click()
    assert moved.value.status == 200
    assert [item["title"] for item in station.read(segment)["rundown"]["items"]][-1] == "Lời kết"
