"""The portal: lists, search, its feed, frames for other sites; each of what stands in public channels now."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from lxml import html as lxml_html
from werkzeug.test import TestResponse

from feeds import parse
from hub.accounts import history
from hub.accounts.history import Decision
from hub.clock import FixedClock, local_day
from hub.db import Database
from hub.http import wording
from hub.public import listing, searching
from tests.builders import World, a_picture, a_story

BASE = "https://hub.example"
BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
LISTS = (
    "/stories",
    "/topics/tuong_than_tuong_ai",
    "/organizations/nghe-ca",
    "/places/tinh-hai-son",
    "/places/tinh-hai-son/xa-ben-lau",
    "/movements/lao-dong-gioi",
)
INDEXES = ("/topics/", "/organizations/", "/places/", "/movements/")
MOVEMENT = "Lao động giỏi"
MARKUP = "</script><b>Chợ</b> & “bến” 'Đá'"


def titles(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [e.text_content() for e in tree(answer).of_class("card-title", "result-title")]


class Tree:
    """A page, and what its readers look at."""

    def __init__(self, text: str) -> None:
        self.root = lxml_html.document_fromstring(text)

    def of_class(self, *classes: str) -> Iterator[lxml_html.HtmlElement]:
        return (
            e for e in self.root.iter() if isinstance(e.tag, str) and set(classes) & set((e.get("class") or "").split())
        )

    def links(self, **attributes: str) -> list[str]:
        found = [e for e in self.root.iter("a", "link") if all(e.get(n) == v for n, v in attributes.items())]
        return [e.get("href") or "" for e in found]


def tree(answer: TestResponse) -> Tree:
    return Tree(answer.text)


@pytest.mark.parametrize("path", LISTS)
def test_a_story_stands_in_its_lists_until_it_is_taken_back(world: World, path: str) -> None:
    story_id = world.release(a_story(movement=MOVEMENT))
    answer = world.reader.get(path)
    assert titles(answer) == ["Người giữ bến Đá Lau"]
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert world.reader.get(path, If_None_Match=answer.headers["ETag"]).status_code == 304
    assert world.editor.act(story_id, "withdraw", reason="other").status_code == 201
    after = world.reader.get(path)
    if path.startswith(("/stories", "/topics")):
        assert "Hiện chưa có câu chuyện nào ở đây." in after.text
    else:
        assert after.status_code == 404  # it told only what that story told


@pytest.mark.parametrize("path", ["/topics/none", "/organizations/phu-nu", "/places/x", "/places/x/y", "/movements/x"])
def test_there_is_no_list_of_what_no_public_story_tells(world: World, path: str) -> None:
    world.release(a_story(), channels=["newspaper/column"])
    assert world.reader.get(path).status_code == 404
    assert world.reader.get("/organizations/nghe-ca").status_code == 404


@pytest.mark.parametrize("path", INDEXES)
def test_indexes_name_the_lists_that_have_stories(world: World, path: str) -> None:
    assert "Hiện chưa có câu chuyện nào ở đây." in world.reader.get(path).text
    world.release(a_story(movement=MOVEMENT))
    (listed,) = tree(world.reader.get(path)).of_class("leaves")
    (link,) = [a.get("href") for a in listed.iter("a")]
    assert link in LISTS
    assert titles(world.reader.get(link or "")) == ["Người giữ bến Đá Lau"]


def test_lists_are_paged_and_each_story_stands_on_one_page(
    world: World, monkeypatch: pytest.MonkeyPatch, clock: FixedClock
) -> None:
    monkeypatch.setattr(listing, "PAGE_STORIES", 2)
    monkeypatch.setattr(searching, "PAGE_RESULTS", 2)
    for number in range(5):
        world.release(a_story(title=f"Chuyện {number}"), external_id=str(number))
        clock.forward(timedelta(minutes=1))
    for first in ("/topics/tuong_than_tuong_ai?lang=en", "/search?q=ch%C3%B9yen"):
        path, seen = first, []
        while path:
            answer = world.reader.get(path)
            assert len(titles(answer)) <= 2
            seen += titles(answer)
            following = tree(answer).links(rel="next")
            path = first.partition("?")[0] + following[0] if following else ""
            assert not path or ("lang=en" in path or "q=" in path)  # what was chosen stays chosen
        assert sorted(seen) == [f"Chuyện {number}" for number in range(5)]
    assert "noindex" in world.reader.get("/stories?after=1-1").text


def test_every_list_tells_of_a_feed_that_holds_its_stories(world: World) -> None:
    world.release(a_story(movement=MOVEMENT))
    for path in LISTS[1:]:
        (feed,) = [href for href in tree(world.reader.get(path)).links(rel="alternate") if "/search.rss?" in href]
        assert feed.startswith(BASE)
        assert feed in "".join(tree(world.reader.get(path)).root.itertext())
        parsed = parse.parse(world.reader.get(feed.removeprefix(BASE)).data)
        assert [entry.title for entry in parsed.entries] == ["Người giữ bến Đá Lau"], path


def test_the_address_of_an_organization_that_merged_leads_to_its_heir_with_its_stories(
    world: World, database: Database, clock: FixedClock
) -> None:
    world.release(a_story(title="Của nghề cá"))
    answer = world.women.put(
        "two", a_story(title="Của phụ nữ", unit={"name": "Hội Phụ nữ Gò Mận", "kind": "hoi_phu_nu"})
    )
    story_id = json.loads(answer.data)["id"]
    world.editor.act(story_id, "approve")
    world.editor.act(story_id, "release")
    with database.writing() as session:
        decision = Decision(number="12/QĐ", on=local_day(clock.now()))
        history.merge(session, ["nghe-ca"], "phu-nu", decision, now=clock.now())
    moved = world.reader.get("/organizations/nghe-ca?lang=en")
    assert (moved.status_code, moved.headers["Location"]) == (301, f"{BASE}/organizations/phu-nu?lang=en")
    assert sorted(titles(world.reader.get("/organizations/phu-nu"))) == ["Của nghề cá", "Của phụ nữ"]
    leaves = [a.get("href") for e in tree(world.reader.get("/organizations/")).of_class("leaves") for a in e.iter("a")]
    assert "/organizations/phu-nu" in leaves


# --- search -------------------------------------------------------------------------------------------------


def test_search_marks_what_answers_in_the_text_as_it_stands(world: World) -> None:
    world.release(a_story(title=f"Hoà ở {MARKUP}", summary="Bà Đặng Thị <Hòa> gác bến."))
    answer = world.reader.get(f"/search?q={quote('hòa dang')}")
    assert titles(answer) == [f"Hoà ở {MARKUP}"]
    assert [mark.text for mark in tree(answer).root.iter("mark")] == ["Hoà", "Đặng", "Hòa"]
    assert "<Hòa>" not in answer.text
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_what_was_typed_stands_in_the_box_again_and_harms_nobody(world: World) -> None:
    typed = '"><script>alert(1)</script>'
    answer = world.reader.get(f"/search?q={quote(typed)}&topic={quote(typed)}&year=%27&after={quote(typed)}")
    page = tree(answer)
    assert [e.get("value") for e in page.root.iter("input") if e.get("name") == "q"] == [typed]
    assert not [e for e in page.root.iter("script") if "alert" in (e.text or "")]
    assert "Không có câu chuyện nào khớp." in answer.text


def test_filters_of_the_address_narrow_and_can_be_taken_away(world: World) -> None:
    world.release(a_story(title="Rừng A", movement=MOVEMENT), external_id="a")
    world.release(a_story(title="Rừng B", topics=["bao_ve_moi_truong"]), external_id="b")
    assert titles(world.reader.get("/search?q=rung&topic=bao_ve_moi_truong")) == ["Rừng B"]
    assert titles(world.reader.get("/search?q=rung&movement=lao-dong-gioi&place=tinh-hai-son/xa-ben-lau")) == ["Rừng A"]
    assert sorted(titles(world.reader.get("/search?place=tinh-hai-son&year=2026"))) == ["Rừng A", "Rừng B"]
    assert titles(world.reader.get("/search?q=rung&organization=phu-nu")) == []
    page = tree(world.reader.get("/search?q=rung&topic=bao_ve_moi_truong&lang=vi"))
    (away,) = [a.get("href") for e in page.of_class("chips") for a in e.iter("a")]
    assert away == "?q=rung&lang=vi"
    chosen = [e for e in page.root.iter("option") if e.get("selected") is not None]
    assert [e.get("value") for e in chosen] == ["bao_ve_moi_truong"]


def test_what_is_taken_back_is_not_found_from_then_on(world: World) -> None:
    story_id = world.release()
    assert titles(world.reader.get("/search?q=ben+lau")) == ["Người giữ bến Đá Lau"]
    world.editor.act(story_id, "withdraw", reason="other")
    assert titles(world.reader.get("/search?q=ben+lau")) == []
    assert world.reader.get(f"/stories/{story_id}", Accept=BROWSER).status_code == 410


def test_a_search_is_a_feed_of_its_newest_stories(world: World, clock: FixedClock) -> None:
    for number in range(22):
        world.release(a_story(title=f"Bến {number}"), external_id=str(number))
        clock.forward(timedelta(minutes=1))
    while "Bến 0" not in titles(world.reader.get("/search?q=%22ben+0%22")):
        pass  # the first readers list what waits, in portions
    (address,) = [
        h for h in tree(world.reader.get("/search?q=b%E1%BA%BFn")).links(rel="alternate") if "search.rss" in h
    ]
    answer = world.reader.get(address.removeprefix(BASE))
    assert (answer.content_type, answer.headers["Cache-Control"]) == (
        "application/rss+xml; charset=utf-8",
        "public, max-age=60",
    )
    parsed = parse.parse(answer.data)
    assert [entry.title for entry in parsed.entries] == [f"Bến {number}" for number in range(21, 1, -1)]
    assert world.reader.get(address.removeprefix(BASE), If_None_Match=answer.headers["ETag"]).status_code == 304
    channel = ET.fromstring(answer.data).find("channel")
    assert channel is not None
    assert channel.findtext("title", "").startswith("“bến”")
    own = channel.find("{http://www.w3.org/2005/Atom}link[@rel='self']")
    assert own is not None
    assert own.get("href") == address


def test_a_feed_of_nothing_is_a_feed_too(world: World) -> None:
    for path in (
        "/search.rss",
        "/search.rss?q=zzz",
        "/search.rss?q=-x",
        "/search.rss?topic=none",
        "/search.rss?place=a/b",
    ):
        answer = world.reader.get(path)
        assert answer.status_code == 200, path
        assert list(parse.parse(answer.data).entries) == []
        assert world.reader.get(path).data == answer.data  # equal data gives equal bytes


def test_feeds_of_searches_have_a_limit_of_their_own(world: World) -> None:
    answers = [world.reader.get(f"/search.rss?q={number}").status_code for number in range(31)]
    assert answers == [200] * 30 + [429]
    assert world.reader.get("/search?q=x").status_code == 200


# --- a story ------------------------------------------------------------------------------------------------


def test_a_story_leads_to_its_lists_and_its_likes(world: World) -> None:
    story = world.release(a_story(movement=MOVEMENT), external_id="a")
    other = world.release(a_story(title="Chuyện khác"), external_id="b")
    world.reader.get("/stories")
    page = tree(world.reader.get(f"/stories/{story}"))
    for path in LISTS[1:]:
        assert path in page.links(), path
    assert [e.text_content() for e in page.of_class("card-title")] == ["Chuyện khác"]
    world.editor.act(other, "withdraw", reason="other")
    assert "Chuyện khác" not in world.reader.get(f"/stories/{story}").text


def test_a_story_tells_search_engines_what_it_shows(world: World) -> None:
    picture = json.loads(world.fishers.upload(a_picture()).data)["id"]
    media = [{"kind": "picture", "upload": picture, "alt": "Bến lúc sáng", "credit": "Báo"}]
    story = world.release(a_story(title=MARKUP, media=media))
    answer = world.reader.get(f"/stories/{story}")
    (data,) = [e.text for e in tree(answer).root.iter("script") if e.get("type") == "application/ld+json"]
    told = json.loads(data or "")
    assert (told["@type"], told["headline"], told["mainEntityOfPage"]) == (
        "NewsArticle",
        MARKUP,
        f"{BASE}/stories/{story}",
    )
    assert told["author"] == [{"@type": "Person", "name": "Phan Thị Hòa"}]
    assert told["contentLocation"]["name"] == "xã Bến Lau, tỉnh Hải Sơn"
    assert told["image"][0].startswith(f"{BASE}/media/")
    assert "</script><b>" not in answer.text
    properties = {e.get("property"): e.get("content") for e in tree(answer).root.iter("meta")}
    assert (properties["og:title"], properties["og:image"]) == (MARKUP, told["image"][0])


def test_what_an_outlet_alone_may_see_is_no_news_article(world: World) -> None:
    world.release(channels=["newspaper/column"])
    (item,) = json.loads(world.newspaper.get("/feeds/newspaper/column.json").data)["items"]
    page = world.newspaper.get(item["url"].removeprefix(BASE))
    assert page.status_code == 200
    assert "ld+json" not in page.text
    assert "data-share" not in page.text


# --- frames -------------------------------------------------------------------------------------------------


def test_a_frame_shows_a_list_on_other_sites_and_obeys_withdrawal(world: World) -> None:
    story = world.release(a_story(movement=MOVEMENT))
    for path in LISTS:
        answer = world.reader.get(f"/embed{path}?theme=dark")
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors *" in policy
        assert "script-src 'self'" in policy
        assert "X-Frame-Options" not in answer.headers
        page = tree(answer)
        assert f"{BASE}/stories/{story}" in page.links()
        assert page.root.get("data-theme") == "dark"
        assert ["embed.js" in str(e.get("src")) for e in page.root.iter("script")] == [True]
        assert page.root.get("data-reload") == "600"
        assert '<noscript><meta http-equiv="refresh" content="600"></noscript>' in answer.text
    world.editor.act(story, "withdraw", reason="other")
    assert story not in world.reader.get("/embed/stories").text
    assert world.reader.get("/embed/organizations/nghe-ca").status_code == 404


def test_no_other_page_may_be_framed(world: World) -> None:
    world.release()
    for path in ("/", "/stories", "/search?q=a", "/saved", "/embed/", "/feeds/", "/embed/none/x", "/embed/places/"):
        policy = world.reader.get(path, Accept=BROWSER).headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy, path


@pytest.mark.parametrize(("asked", "shown"), [("", 5), ("3", 3), ("99", 7), ("0", 1), ("x", 5), ("²", 5)])
def test_a_frame_shows_as_many_stories_as_asked_for(world: World, asked: str, shown: int) -> None:
    for number in range(7):
        world.release(a_story(title=f"Chuyện {number}"), external_id=str(number))
    page = tree(world.reader.get(f"/embed/stories?stories={quote(asked)}"))
    assert len([href for href in page.links() if "/stories/st_" in href]) == shown


def test_the_lines_for_a_frame_are_explained_with_the_list_in_them(world: World) -> None:
    world.release()
    answer = world.reader.get("/embed/?of=topics/tuong_than_tuong_ai&lang=en")
    (lines,) = [e.text_content() for e in tree(answer).root.iter("code") if e.get("id") == "frame-lines"]
    frame = lxml_html.fragment_fromstring(lines)
    assert frame.get("src") == f"{BASE}/embed/topics/tuong_than_tuong_ai?lang=en"
    assert frame.get("title") == "Mutual help"
    assert world.reader.get("/embed/?of=topics/none").status_code == 404


# --- budgets ------------------------------------------------------------------------------------------------


def test_the_first_page_costs_less_than_60_kb_without_pictures_and_fonts(world: World, app: Flask) -> None:
    long = "Đoàn viên, hội viên Nghiệp đoàn nghề cá Bến Lau " * 8
    for number in range(19):
        world.release(a_story(title=f"{number} {long[:180]}", summary=long[:390]), external_id=str(number))
    answer = world.reader.get("/")
    total = len(gzip.compress(answer.data))
    for element in tree(answer).root.iter("link", "script"):
        address = element.get("src") or (element.get("href") if element.get("rel") == "stylesheet" else None)
        if address:
            total += len(gzip.compress(world.reader.get(address).data))
    assert len(titles(answer)) == 19
    assert total < 60_000


def test_scripts_of_pages_that_are_kept_come_from_files(world: World) -> None:
    world.release()
    for path in ("/", "/stories", "/search?q=ben", "/saved"):
        answer = world.reader.get(path)
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "nonce" not in answer.text
        for script in tree(answer).root.iter("script"):
            name = (script.get("src") or "").partition("?")[0].removeprefix("/static/")
            assert (wording.STATIC / Path(name)).is_file()


def test_the_lines_to_copy_hold_no_markup_of_a_name_that_somebody_typed(world: World) -> None:
    world.release(a_story(movement='Lao động" onload="alert(1)"><b> & giỏi'))
    path = next(link for link in tree(world.reader.get("/movements/")).links() if link.startswith("/movements/lao"))
    page = tree(world.reader.get(f"/embed/?of={path[1:]}"))
    lines = page.root.get_element_by_id("frame-lines").text_content()
    frame = lxml_html.fragment_fromstring(lines)
    assert set(frame.attrib) == {"src", "title", "width", "height", "loading", "frameborder"}
    assert frame.get("title") == 'Lao động" onload="alert(1)"><b> & giỏi'
    assert len(frame) == 0


def test_the_index_of_places_names_the_communes_below_their_province(world: World) -> None:
    world.release(a_story())
    links = tree(world.reader.get("/places/")).links()
    province = links.index("/places/tinh-hai-son")
    assert links.index("/places/tinh-hai-son/xa-ben-lau") == province + 1


@pytest.mark.parametrize("path", ["/topics/", "/places/", "/movements/"])
def test_indexes_say_how_many_stories_stand_in_each_list(
    world: World, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        story = world.release(a_story(title=f"Chuyện {number}", movement=MOVEMENT), external_id=str(number))
    world.release(a_story(title="Riêng tòa soạn", movement=MOVEMENT), channels=["newspaper/column"], external_id="own")
    assert {e.text_content() for e in tree(world.reader.get(path)).of_class("count")} == {"3 bài"}
    world.editor.act(story, "withdraw", reason="other")
    assert {e.text_content() for e in tree(world.reader.get(path)).of_class("count")} == {"2 bài"}
    monkeypatch.setattr("hub.publishing.searching.COUNTED", 2)
    assert {e.text_content() for e in tree(world.reader.get(path)).of_class("count")} == {"từ 2 bài trở lên"}


def test_a_story_that_rests_says_so_to_whoever_kept_its_address_and_not_why(world: World) -> None:
    story, secret = world.release(), world.release(channels=["newspaper/column"], external_id="own")
    for held in (story, secret):
        world.editor.act(held, "hold", reason="being_checked", note="Có phản ánh")
    page = world.reader.get(f"/stories/{story}", Accept=BROWSER)
    assert page.status_code == 404
    assert "Bài này tạm thời không hiện" in page.text
    for told in ("Đá Lau", "phản ánh", "kiểm tra", "tạm dừng"):
        assert told not in page.text.partition("<footer")[0]
    assert world.reader.get(f"/stories/{story}").json["type"].endswith("problem/story_rests")
    unknown = world.reader.get(f"/stories/{secret}", Accept=BROWSER)
    assert "Không tìm thấy trang" in unknown.text  # the public never had that one
    world.editor.act(story, "withdraw", reason="other")
    assert world.reader.get(f"/stories/{story}", Accept=BROWSER).status_code == 410


def test_a_story_has_a_view_for_paper_with_its_address_and_the_day(world: World) -> None:
    story = world.release(external_id="a")
    world.release(a_story(title="Chuyện khác"), external_id="b")
    page = tree(world.reader.get(f"/stories/{story}"))
    (link,) = [a.get("href") for a in page.root.iter("a") if a.get("data-print") is not None]
    assert link == "?view=print"
    (imprint,) = page.of_class("imprint")
    assert f"{BASE}/stories/{story}" in imprint.text_content()
    assert "In ngày " in imprint.text_content()
    paper = world.reader.get(f"/stories/{story}{link}")
    assert "noindex" in paper.text
    for part in ("masthead", "footer", "story-tools", "related"):
        assert not list(tree(paper).of_class(part)), part
    assert [e.text_content() for e in tree(paper).of_class("imprint")] == [imprint.text_content()]
    assert f'<link rel="canonical" href="{BASE}/stories/{story}">' in paper.text


def test_the_page_of_feeds_gives_each_public_feed_an_address_to_copy_and_to_scan(world: World) -> None:
    page = tree(world.reader.get("/feeds/"))
    cards = list(page.of_class("channel"))
    assert cards
    for card in cards:
        (scanned,) = [e for e in card.iter("{*}svg") if "qr" in (e.get("class") or "")]
        copied = [e.text_content() for e in card.iter("code")]
        assert copied[0].endswith(".rss")  # the one for everybody comes first, others are folded away
        assert copied[0] in (scanned.get("aria-label") or "")
        assert {address.rpartition(".")[2] for address in copied} >= {"rss", "atom", "json", "ninjs"}


def test_a_hub_that_is_not_set_up_says_where_its_operator_finds_the_way(app: Flask) -> None:
    page = app.test_client().get("/")
    assert "trên màn hình máy chủ" in page.text
    assert "nguồn tin dưới đây" not in page.text
