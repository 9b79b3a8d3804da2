"""Sitemaps of the public stories: what stands in them, what leaves them, and what is news."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from hub.clock import FixedClock
from hub.public import sitemaps
from tests.builders import World, a_story

NAMES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
}


def locations(world: World, path: str) -> list[str]:
    answer = world.reader.get(path)
    assert (answer.status_code, answer.content_type) == (200, "application/xml; charset=utf-8")
    return [each.text or "" for each in ET.fromstring(answer.data).iterfind("*/s:loc", NAMES)]


def test_the_index_names_a_file_for_each_public_channel_and_the_news(world: World) -> None:
    files = [url.removeprefix("https://hub.example") for url in locations(world, "/sitemap.xml")]
    assert files == [
        "/sitemaps/news.xml",
        "/sitemaps/lists.xml",
        "/sitemaps/public/all/0.xml",
        "/sitemaps/public/green/0.xml",
    ]
    assert "Sitemap: https://hub.example/sitemap.xml" in world.reader.get("/robots.txt").text


def test_a_story_stands_in_it_while_it_is_public(world: World, clock: FixedClock) -> None:
    story_id = world.release(channels=["newspaper/column", "public/all"])
    page = f"https://hub.example/stories/{story_id}"
    for path in ("/sitemaps/public/all/0.xml", "/sitemaps/news.xml"):
        assert locations(world, path) == [page]
    assert world.editor.act(story_id, "hold", reason="being_checked").status_code == 201
    for path in ("/sitemaps/public/all/0.xml", "/sitemaps/news.xml"):
        assert locations(world, path) == []
    assert world.editor.act(story_id, "lift").status_code == 201
    assert locations(world, "/sitemaps/public/all/0.xml") == [page]
    assert world.editor.act(story_id, "withdraw", reason="other").status_code == 201
    for path in ("/sitemaps/public/all/0.xml", "/sitemaps/news.xml"):
        assert locations(world, path) == []


def test_news_are_two_days_old_at_most(world: World, clock: FixedClock) -> None:
    world.release(a_story(title="Hôm kia"), external_id="one", channels=["public/all"])
    clock.forward(timedelta(days=2, seconds=1))
    newer = world.release(a_story(title="Hôm nay"), external_id="two", channels=["public/all"])
    assert locations(world, "/sitemaps/news.xml") == [f"https://hub.example/stories/{newer}"]
    assert len(locations(world, "/sitemaps/public/all/0.xml")) == 2
    (told,) = ET.fromstring(world.reader.get("/sitemaps/news.xml").data).iterfind(".//news:title", NAMES)
    assert told.text == "Hôm nay"


def test_a_long_ledger_is_cut_in_ranges_and_a_changed_story_moves_on(
    world: World, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemaps, "RANGE", 2)
    ids = [world.release(a_story(title=name), external_id=name, channels=["public/all"]) for name in ("a", "b", "c")]
    pages = [f"https://hub.example/stories/{story_id}" for story_id in ids]
    assert locations(world, "/sitemaps/public/all/0.xml") == pages[1::-1]
    assert locations(world, "/sitemaps/public/all/1.xml") == [pages[2]]
    world.push(a_story(title="a, sửa"), external_id="a")
    world.editor.act(ids[0], "approve")
    assert world.editor.act(ids[0], "release").status_code == 201
    assert locations(world, "/sitemaps/public/all/0.xml") == [pages[1]]
    assert locations(world, "/sitemaps/public/all/1.xml") == [pages[0], pages[2]]
    files = str(locations(world, "/sitemap.xml"))
    assert ["/all/0.xml" in files, "/all/1.xml" in files, "/all/2.xml" in files] == [True, True, False]


@pytest.mark.parametrize("path", ["newspaper/column/0", "public/all/1", "public/none/0", "none/all/0", "public/all/x"])
def test_there_is_no_file_of_what_the_world_may_not_know(world: World, path: str) -> None:
    world.release()
    assert world.reader.get(f"/sitemaps/{path}.xml").status_code == 404
    assert world.newspaper.get(f"/sitemaps/{path}.xml").status_code == 404


def test_an_unchanged_file_is_not_sent_again(world: World) -> None:
    world.release()
    first = world.reader.get("/sitemaps/public/all/0.xml")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    again = world.reader.get("/sitemaps/public/all/0.xml", If_None_Match=first.headers["ETag"])
    assert again.status_code == 304


def test_lists_stand_in_it_as_long_as_they_have_stories(world: World) -> None:
    world.release(a_story(movement="Lao động giỏi"))
    world.reader.get("/stories")  # the first reader lists what waits
    listed = set(locations(world, "/sitemaps/lists.xml"))
    found = ("topics/tuong_than_tuong_ai", "organizations/nghe-ca", "places/tinh-hai-son/xa-ben-lau")
    assert {f"https://hub.example/{path}" for path in (*found, "movements/lao-dong-gioi", "stories", "")} <= listed
    for url in listed:
        assert world.reader.get(url.removeprefix("https://hub.example")).status_code == 200, url
    story_id = world.push(a_story(movement="Lao động giỏi"))
    assert world.editor.act(story_id, "withdraw", reason="other").status_code == 201
    assert not [url for url in locations(world, "/sitemaps/lists.xml") if "/nghe-ca" in url or "/topics/t" in url]
