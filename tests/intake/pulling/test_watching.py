"""Outlets' public feeds: what looks like a use is asked about, once, and counts for nothing before the answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from hub.clock import FixedClock
from hub.db import Database
from hub.intake.pulling.watching import Watched
from hub.models import Outlet, Pickup
from tests.builders import World, a_story
from tests.delivery.sinks import a_sink
from tests.intake.pulling.sites import Site, a_reply, an_item

USE = (
    "Người thợ máy giữ bến. Ông Nguyễn Văn Biển, xã Bến Lau, lập trạm cứu hộ không thu tiền; bốn giờ sáng bến Đá Lau "
    "còn đẫm hơi sương, ông đã ghi sổ giờ rời bến của từng tàu."
)
NAME = "Vận động viên Nguyễn Văn Biển giành giải nhất cờ tướng mở rộng tổ chức tại nhà văn hóa huyện sáng chủ nhật."


def of(report: Any) -> dict[str, int]:
    assert isinstance(report.came, Watched), report
    return {word.value: count for word, count in report.came.counts.items() if count}


def test_a_likely_use_is_put_to_the_outlet_and_counts_only_when_it_says_yes(
    world: World, database: Database, clock: FixedClock
) -> None:
    story_id = world.release(channels=["newspaper/column"])
    unread = world.release(a_story(title="Chỉ cho đài"), external_id="two", channels=["tv/segment"])
    clock.forward(timedelta(hours=2))
    after = {"pubDate": "Mon, 23 Nov 2026 06:00:00 GMT"}
    items = [
        an_item(1, text=USE, link="https://bao.example/giu-ben", **after),
        an_item(2, text=NAME, **after),
        an_item(3, text=USE, link="https://bao.example/cu", pubDate="Sun, 01 Nov 2026 06:00:00 GMT"),  # before it
    ]
    with a_sink(a_reply(*items)) as sink:
        site = Site(database, clock, [sink])
        site.add(sink, outlet="newspaper")
        (report,) = site.pull()
        assert (of(report), report.fault) == ({"proposed": 1, "none": 2}, "")
        (again,) = site.pull()
        assert of(again) == {"same": 3}
    with database.reading() as session:
        (row,) = session.scalars(select(Pickup))
        assert session.get_one(Outlet, row.outlet_id).code == "newspaper"
    assert (row.story_id, row.url, row.state) == (story_id, "https://bao.example/giu-ben", "proposed")
    assert unread != story_id
    found = world.newspaper.get("/api/v1/pickups?state=proposed").json["items"]
    assert [(each["story"], each["state"]) for each in found] == [(story_id, "proposed")]
    assert world.fishers.get("/api/v1/pickups").json["items"] == []
    assert world.newspaper.ask("POST", f"/api/v1/pickups/{found[0]['id']}/confirm").status_code < 300
    assert [each["story"] for each in world.fishers.get("/api/v1/pickups").json["items"]] == [story_id]


def test_an_outlet_that_ended_is_watched_no_more(world: World, database: Database, clock: FixedClock) -> None:
    with a_sink(a_reply(an_item())) as sink:
        site = Site(database, clock, [sink])
        number = site.add(sink, outlet="newspaper")
        with database.writing() as session:
            outlet = session.scalars(select(Outlet).where(Outlet.code == "newspaper")).one()
            outlet.ended_on = clock.now().date()
        (report,) = site.pull()
        assert (report.fault, site.row(number).state) == ("owner_closed", "paused")
