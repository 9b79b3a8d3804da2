"""Pages for people: what they show to whom, in which language, and that nothing else gets in or out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from bleach._vendor.html5lib import HTMLParser
from bleach._vendor.html5lib.treebuilders import getTreeBuilder
from flask import Flask

from feeds.parse import parse
from hub.accounts import keys
from hub.app import create_app
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.http.wording import STATIC
from hub.outlets import catalog, terms
from hub.outlets.terms import Paper
from hub.regulation.filed import pickups
from tests.builders import INTERVIEW, OUTLETS, Client, World, a_channel, a_picture, a_story

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
MARKUP = '<b>x</b> & "y"'
BASE = "https://hub.example"
FORMATS = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}


def a_full_story(**changes: object) -> dict[str, object]:
    """A story with everything that only outlets may read, too."""
    return a_story(
        **{
            "claims": [{"text": "137 lượt tàu được giúp.", "source": "Sổ sự cố của trạm", "source_kind": "so_sach"}],
            "spokesperson": {"name": "Phan Thị Hòa", "role": "Chủ tịch", "contact": {"phone": "0200 000 0777"}},
            "interview": {
                **INTERVIEW,
                "title": "Giao lưu cùng người giữ bến",
                "off_limits": ["địa chỉ nhà"],
                "slots": [{"starts_at": "2026-12-02T22:00:00+07:00", "ends_at": "2026-12-03T01:00:00+07:00"}],
                "notes_for_crew": "Mặc áo phao.",
                "contact": {"name": "Phan Thị Hòa", "email": "hoa@example.org"},
            },
            "occurred_from": "2017-12-10",
            **changes,
        }
    )


def with_picture(world: World) -> dict[str, object]:
    """A full story with a picture, uploaded by the fishers."""
    upload = world.fishers.upload(a_picture()).json["id"]
    picture = {
        "kind": "picture",
        "upload": upload,
        "alt": "Bến lúc rạng đông",
        "caption": "Bến Đá Lau",
        "credit": "Hòa",
    }
    clip = {
        "kind": "footage",
        "url": "https://footage.example.org/ben.mp4",
        "caption": "Trực đêm",
        "duration_seconds": 48,
        "rights": "Phát không giới hạn",
    }
    return a_full_story(media=[picture, clip])


def entry_page(client: Client, channel: str) -> str:
    """The path of the newest entry's page, as the feed's page links it."""
    found = re.search(rf'href="(/feeds/{channel}/[0-9a-f-]{{36}})', client.get(f"/feeds/{channel}").text)
    assert found is not None
    return found[1]


def tree_of(html: str) -> Element:
    """The page as a tree; fails on every parse error that HTML knows."""
    return HTMLParser(strict=True, tree=getTreeBuilder("etree"), namespaceHTMLElements=False).parse(html)


def one_of_each(world: World) -> Iterator[tuple[str, str]]:
    """Every kind of page, by what it is."""
    yield "front, empty", world.reader.get("/").text
    story = world.release({**with_picture(world), "title": MARKUP})
    gone = world.release(external_id="gone", channels=["public/all"])
    world.editor.act(gone, "withdraw", reason="other")
    for language in ("vi", "en"):
        for path in (
            "/",
            "/feeds/",
            "/feeds/public/all",
            "/feeds/public/green",
            f"/stories/{story}",
            f"/stories/{gone}",
        ):
            yield f"{path} {language}", world.reader.get(f"{path}?lang={language}").text
        yield f"unknown {language}", world.reader.get(f"/no/such/page?lang={language}", Accept=BROWSER).text
        yield f"no key {language}", world.reader.get(f"/feeds/tv/segment?lang={language}", Accept=BROWSER).text
        for client, channel in ((world.newspaper, "newspaper/column"), (world.tv, "tv/segment")):
            yield f"{channel} {language}", client.get(f"/feeds/{channel}?lang={language}").text
            yield f"an entry of {channel} {language}", client.get(f"{entry_page(client, channel)}?lang={language}").text
    world.editor.act(story, "hold")
    yield "held", world.tv.get(entry_page(world.tv, "tv/segment")).text


def test_every_page_is_well_formed_and_keeps_to_itself(world: World) -> None:
    for name, html in one_of_each(world):
        assert html.startswith("<!doctype html>"), name
        tree = tree_of(html)
        elements = list(tree.iter())
        ids = [element.get("id") for element in elements if element.get("id")]
        assert len(ids) == len(set(ids)), name
        assert {e.get("aria-labelledby") for e in elements if e.get("aria-labelledby")} <= set(ids), name
        assert [e.tag for e in elements].count("h1") == 1, name
        assert "#content" in [e.get("href") for e in elements], name
        assert not [e.tag for e in elements if e.tag in ("style", "iframe", "object")], name
        assert all(e.get("method") == "get" for e in elements if e.tag == "form"), name
        scripts = [e for e in elements if e.tag == "script"]  # of ours, or data
        assert all(
            (e.get("src") or "").startswith("/static/") or e.get("type") == "application/ld+json" for e in scripts
        )
        assert not [e for e in elements for a in e.attrib if a == "style" or a.startswith("on")], name
        for element in elements:
            loaded = [
                element.get("src"),
                *(part.split()[0] for part in (element.get("srcset") or "").split(",") if part),
            ]
            if element.tag == "link" and element.get("rel") in ("stylesheet", "icon"):
                loaded.append(element.get("href"))
            assert all(address.startswith("/") and not address.startswith("//") for address in loaded if address), name
            if element.tag == "a" and "footage.example.org" not in (element.get("href") or ""):
                assert (element.get("href") or "").startswith(("/", "?lang=", "#", "tel:", "mailto:", BASE)), name
            if element.tag == "img":
                assert element.get("alt"), name
                assert element.get("width"), name


def test_every_page_tells_feed_readers_of_the_public_feeds(world: World) -> None:
    for name, html in one_of_each(world):
        links = [e for e in tree_of(html).iter("link") if e.get("rel") == "alternate" and not e.get("hreflang")]
        told = {(e.get("type"), e.get("href")) for e in links}
        for channel in ("all", "green"):
            assert {(kind, f"{BASE}/feeds/public/{channel}.{form}") for form, kind in FORMATS.items()} <= told, name
        own = [address for _, address in told if "/public/" not in (address or "")]
        assert len(own) == (3 if "newspaper" in name or "tv/" in name or name == "held" else 0), name


def test_the_front_page_shows_the_newest_public_stories(world: World) -> None:
    assert "Chưa có câu chuyện nào được công bố." in world.reader.get("/").text
    story = world.release(with_picture(world))
    page = world.reader.get("/")
    assert page.status_code == 200
    assert f'<a href="/stories/{story}">Người giữ bến Đá Lau</a>' in page.text
    assert "Ông Biển lập trạm cứu hộ không thu tiền ở bến Đá Lau." in page.text
    assert 'alt="Bến lúc rạng đông"' in page.text
    assert "xã Bến Lau" in page.text
    assert "Tương thân, tương ái" in page.text
    picture = re.search(r'src="(/media/[^"]+)"', page.text)
    assert picture is not None
    assert world.reader.get(picture[1]).mimetype == "image/jpeg"


def test_a_story_page_tells_all_that_the_public_may_know(world: World) -> None:
    story = world.release(with_picture(world))
    page = world.reader.get(f"/stories/{story}").text
    for text in (
        "<h2>Cách làm</h2><p>Ghi sổ giờ rời bến.</p>",  # the body, as it was sanitized
        "Phan Thị Hòa</strong>, Chủ tịch",
        "137 lượt tàu được giúp.",
        "Phải có người trực trên bờ.",
        'Bến Đá Lau <span class="credit">Hòa</span>',
        'Công bố <time datetime="2026-11-23T05:00:00+00:00">23/11/2026</time>',
        "từ 10/12/2017",
    ):
        assert text in page
    for text in (
        "0200 000",
        "Sổ sự cố",
        "footage.example.org",
        "Ông bắt đầu từ đâu?",
        "1970",
        "Phần dành cho tòa soạn",
    ):
        assert text not in page


def test_figures_stand_with_what_was_before(world: World) -> None:
    metrics = [
        {"label": "Lượt tàu", "value": 1370.5, "unit": "lượt", "before": 0, "period": "2017 – 2026"},
        {"label": "Thợ trẻ", "value": 14, "unit": "người"},
    ]
    page = world.reader.get(f"/stories/{world.release(a_story(metrics=metrics))}").text
    cells = [["".join(cell.itertext()) for cell in row] for row in next(tree_of(page).iter("tbody")).iter("tr")]
    assert cells == [["Lượt tàu2017 – 2026", "0 lượt", "1.370,5 lượt"], ["Thợ trẻ", "–", "14 người"]]


def test_an_outlet_reads_what_is_meant_for_it(world: World) -> None:
    world.release(with_picture(world))
    page = world.tv.get(entry_page(world.tv, "tv/segment"))
    assert page.status_code == 200
    for text in (
        "Phần dành cho tòa soạn",
        "Giao lưu cùng người giữ bến",
        "Nguyễn Văn Biển",
        '<a href="tel:02000000999">0200 000 0999</a>',
        '<a href="mailto:bien@example.org">bien@example.org</a>',
        'Thứ Ba, 1/12/2026, <span class="whole">08:00–11:00</span>',
        "22:00, Thứ Tư, 2/12/2026 – 01:00, Thứ Năm, 3/12/2026",
        "Ông bắt đầu từ đâu?",
        "địa chỉ nhà",
        "Mặc áo phao.",
        "48 giây",
    ):
        assert text in page.text
    column = world.newspaper.get(entry_page(world.newspaper, "newspaper/column")).text
    assert "Sổ sự cố của trạm" in column
    assert "0200 000 0777" in column
    assert "Ông bắt đầu từ đâu?" not in column


@pytest.mark.parametrize("path", ["/", "/feeds/", "/feeds/public/all"])
def test_public_pages_may_be_kept_for_a_minute(world: World, path: str) -> None:
    page = world.reader.get(path)
    assert page.headers["Cache-Control"] == "public, max-age=60"
    assert {"Accept-Language", "Authorization"} <= set(page.vary)
    assert "X-Robots-Tag" not in page.headers
    again = world.reader.get(path, If_None_Match=page.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")


def test_an_outlets_pages_are_its_own(world: World) -> None:
    world.release()
    for path in ("/feeds/tv/segment", entry_page(world.tv, "tv/segment")):
        page = world.tv.get(path)
        assert page.headers["Cache-Control"] == "private, no-cache"
        assert page.headers["X-Robots-Tag"] == "noindex"
        assert '<meta name="robots" content="noindex">' in page.text
        assert world.newspaper.get(path).status_code == 404
        assert world.reader.get(path).status_code == 401
    assert "/feeds/tv/segment" not in world.reader.get("/feeds/").text
    listed = world.tv.get("/feeds/")
    assert f"{BASE}/feeds/tv/segment.atom" in listed.text
    assert listed.headers["Cache-Control"] == "private, no-cache"


def test_without_a_key_an_outlets_address_asks_for_one_existing_or_not(world: World) -> None:
    for path in ("/feeds/tv/segment", "/feeds/tv/nothing", "/feeds/nobody/nothing"):
        page = world.reader.get(path, Accept=BROWSER)
        assert (page.status_code, page.mimetype) == (401, "text/html")
        assert page.headers["WWW-Authenticate"].startswith("Basic ")
        assert page.headers["Cache-Control"] == "no-store"
        assert "Trang này cần có khóa" in page.text
    assert world.reader.get("/feeds/public/nothing").status_code == 404


@pytest.mark.parametrize("path", ["/stories/st_01m84hbr1tmqx3srsh20bz6yk6", "/feeds/public/nothing", "/no/such/page"])
def test_refusals_are_pages_for_browsers_and_problems_for_programs(world: World, path: str) -> None:
    page = world.reader.get(path, Accept=BROWSER)
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "Không tìm thấy trang" in page.text
    assert "Nothing was found here" in world.reader.get(f"{path}?lang=en", Accept=BROWSER).text
    for asks in ("", "*/*", "application/json", "application/problem+json, text/html;q=0.5"):
        problem = world.reader.get(path, **({"Accept": asks} if asks else {}))
        assert (problem.status_code, problem.mimetype) == (404, "application/problem+json"), asks
        assert problem.json["status"] == 404


def test_a_database_that_does_not_answer_is_told_as_a_page_too(settings: Settings, tmp_path: Path) -> None:
    reader = Client(create_app(replace(settings, database_url=f"sqlite:///{tmp_path}/no/such/folder/hub.db")))
    page = reader.get("/", Accept=BROWSER)
    assert (page.status_code, page.mimetype) == (503, "text/html")
    assert page.headers["Retry-After"] == "5"
    assert "Có sự cố ở phía máy chủ" in page.text
    tree_of(page.text)
    assert reader.get("/").mimetype == "application/problem+json"


def test_the_api_answers_browsers_with_problems_too(world: World) -> None:
    assert world.reader.get("/api/v1/nothing", Accept=BROWSER).mimetype == "application/problem+json"


def test_a_withdrawn_story_says_only_that_it_was_withdrawn(world: World) -> None:
    story = world.release(a_story(title="Người thợ máy", summary="Trạm cứu hộ."))
    path = entry_page(world.tv, "tv/segment")
    etag = world.reader.get(f"/stories/{story}").headers["ETag"]
    world.editor.act(story, "withdraw", reason="consent_withdrawn", note="gia đình đề nghị")
    for client, where in ((world.reader, f"/stories/{story}"), (world.tv, path)):
        for headers in ({}, {"If-None-Match": etag}, {"If-None-Match": "*"}, {"Accept": "application/json"}):
            page = client.ask("GET", where, headers=headers)
            assert (page.status_code, page.mimetype) == (410, "text/html")
            assert page.headers["X-Robots-Tag"] == "noindex"
            assert "Câu chuyện này đã được rút" in page.text
            for told in ("Người thợ máy", "Trạm cứu hộ", "Biển", "Bến Lau", "consent", "đồng ý", "gia đình", "/media/"):
                assert told not in page.text
    assert "Người thợ máy" not in world.reader.get("/").text
    assert "Một bài đã rút" in world.reader.get("/feeds/public/all").text


def test_the_public_hears_nothing_of_a_hold_and_outlets_are_warned(world: World) -> None:
    story = world.release()
    path = entry_page(world.tv, "tv/segment")
    world.editor.act(story, "hold")
    assert world.reader.get(f"/stories/{story}").status_code == 404
    assert "Tạm dừng: xin chưa sử dụng bài này." in world.tv.get(path).text
    world.editor.act(story, "lift")
    assert world.reader.get(f"/stories/{story}").status_code == 200
    assert "Tạm dừng" not in world.tv.get(path).text
    world.fishers.act(story, "request_withdrawal", reason="other")
    assert "Đã có đề nghị rút bài này." in world.tv.get(path).text
    assert "rút" not in world.reader.get(f"/stories/{story}").text.partition("<footer")[0]


def test_a_correction_is_announced_to_outlets_and_explained_to_everybody(world: World) -> None:
    story = world.release()
    path = entry_page(world.tv, "tv/segment")
    world.fishers.put("one", a_story(lesson="Bài học đã sửa."))
    assert "Bài sắp được đính chính." in world.tv.get(path).text
    public = world.reader.get(f"/stories/{story}").text
    assert "Bài học đã sửa." not in public
    assert "đính chính" not in public.partition("<footer")[0]
    world.editor.act(story, "approve")
    world.editor.act(story, "release", public_note="Sửa bài học <i>cuối</i>.")
    for page in (world.reader.get(f"/stories/{story}").text, world.tv.get(path).text):
        assert "Bài học đã sửa." in page
        assert "Đính chính ngày 23/11/2026." in page
        assert "Sửa bài học &lt;i&gt;cuối&lt;/i&gt;." in page


def test_markup_in_texts_shows_as_it_was_written(world: World) -> None:
    changed = {
        name: f"{MARKUP} {name}" for name in ("title", "summary", "deed", "method", "result", "lesson", "movement")
    }
    place = {"commune": f"xã {MARKUP}", "province": "tỉnh Hải Sơn"}
    byline = {"name": MARKUP, "role": MARKUP}
    world.release(a_full_story(**changed, place=place, byline=byline, unit={"name": MARKUP, "kind": "cong_doan"}))
    path = entry_page(world.tv, "tv/segment")
    for page in (
        world.reader.get("/"),
        world.reader.get("/feeds/public/all"),
        world.tv.get(path),
        world.tv.get("/feeds/tv/segment"),
    ):
        assert "<b>x" not in page.text
        assert "&amp;lt;" not in page.text
        assert f"{MARKUP} title" in "".join(tree_of(page.text).itertext())
    tree = tree_of(world.tv.get(path).text)
    assert (next(tree.iter("title")).text or "").startswith(f"{MARKUP} title")
    assert {e.get("content") for e in tree.iter("meta") if e.get("name") == "description"} == {f"{MARKUP} summary"}


def test_pages_speak_vietnamese_unless_english_is_asked_for(world: World) -> None:
    story = world.release()
    asked = [
        ("", {}, "vi"),
        ("", {"Accept_Language": "en-GB,en;q=0.9"}, "en"),
        ("", {"Accept_Language": "fr"}, "vi"),
        ("?lang=vi", {"Accept_Language": "en"}, "vi"),
        ("?lang=en", {"Accept_Language": "vi"}, "en"),
        ("?lang=xx", {}, "vi"),
    ]
    for query, headers, language in asked:
        page = world.reader.get(f"/stories/{story}{query}", **headers)
        assert page.headers["Content-Language"] == language, query
        assert f'<html lang="{language}">' in page.text
        assert {"vi": "Cách làm", "en": "Method"}[language] in page.text
    assert len({world.reader.get(f"/?lang={language}").headers["ETag"] for language in ("vi", "en")}) == 2


def test_a_chosen_language_stays_chosen_and_stories_keep_their_own(world: World) -> None:
    story = world.release()
    page = world.reader.get("/?lang=en").text
    assert f'<a href="/stories/{story}?lang=en" lang="vi">Người giữ bến Đá Lau</a>' in page
    assert 'href="/feeds/?lang=en"' in page
    page = world.reader.get(f"/stories/{story}?lang=en").text
    assert '<h1 lang="vi">Người giữ bến Đá Lau</h1>' in page
    assert "23 November 2026" in page
    assert "Mutual help" in page
    assert f'<link rel="canonical" href="{BASE}/stories/{story}">' in page
    assert 'href="/feeds/"' in world.reader.get("/", Accept_Language="en").text  # preferred, not chosen


def test_a_feeds_page_explains_how_to_take_it(world: World) -> None:
    page = world.reader.get("/feeds/public/green").text
    for form in FORMATS:
        assert f"{BASE}/feeds/public/green.{form}" in page
    assert "Bảo vệ môi trường, xây dựng đô thị văn minh" in page  # what it selects
    assert "Dùng khóa như thế nào" not in page
    page = world.newspaper.get("/feeds/newspaper/column").text.replace("<wbr>", "")  # where an address may break
    page = re.sub(r'<span class="whole">([^<]*)</span>', r"\1", page)
    assert "Dùng khóa như thế nào" in page
    assert f"{BASE}/feeds/k/…/newspaper/column.atom" in page
    assert f"{BASE}/api/v1/outlets/newspaper/channels/column/changes?after=0" in page
    assert world.newspaper_address not in page


def tools(page: str) -> dict[str, str]:
    """What the section beside the feeds' addresses tells, by its terms."""
    section = next(e for e in tree_of(page).iter("section") if e.get("aria-labelledby") == "tools")
    rows = [[" ".join("".join(part.itertext()).split()) for part in row] for row in section.iter("div")]
    return dict(rows)


def test_the_page_of_an_outlets_feed_names_the_tools_of_its_desk(
    world: World, database: Database, clock: FixedClock
) -> None:
    page = world.newspaper.get("/feeds/newspaper/column?lang=en").text
    assert "For this outlet's desk" in page
    told = tools(page)
    assert {"Print pack", "Older entries", "Test channel"} < set(told)
    assert "POST /api/v1/pickups" in told["Report what you used"]
    assert f"{BASE}/feeds/k/…/newspaper/column.atom" in told["Pushed to you (WebSub)"]
    assert f"{BASE}/feeds/newspaper/column/manifest.jws" in told["Signed manifest"]
    assert "signed an embargo term" in told["What is coming"]
    docs = world.reader.get("/api/docs").text
    anchors = re.findall(r'href="/api/docs\?lang=en#(\w+)"', page)
    assert len(anchors) == 3
    assert all(f'id="{anchor}"' in docs for anchor in anchors)
    paper = Paper(number="1", signed_on=clock.now().date(), valid_from=clock.now().date())
    with database.writing() as session:
        terms.add(session, "newspaper", paper, actor="system", now=clock.now())
    (address,) = re.findall(
        rf"{BASE}(\S+planned\S+)", tools(world.newspaper.get("/feeds/newspaper/column?lang=en").text)["What is coming"]
    )
    assert world.newspaper.get(address).status_code == 200


def test_feeds_that_nobody_prints_from_have_no_packs_and_public_ones_no_desk(world: World) -> None:
    assert "Print pack" not in tools(world.tv.get("/feeds/tv/segment?lang=en").text)
    told = tools(world.reader.get("/feeds/public/all?lang=en").text)
    assert set(told) == {"Pushed to you (WebSub)", "Older entries", "Signed manifest", "Test channel"}
    assert f"{BASE}/feeds/public/all.atom" in told["Pushed to you (WebSub)"]


def test_an_entrys_page_links_the_print_pack_of_the_key_that_asks(world: World) -> None:
    world.release(a_full_story())
    page = world.newspaper.get(entry_page(world.newspaper, "newspaper/column")).text
    (pack,) = re.findall(r'href="(/packs/[^"]+)"', page)
    entry = world.newspaper.get(f"{entry_page(world.newspaper, 'newspaper/column')}.json").text
    assert pack in entry  # the very address that the feed names
    answer = world.reader.get(pack)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert "/packs/" not in world.tv.get(entry_page(world.tv, "tv/segment")).text


def test_a_part_for_the_newsroom_is_shown_where_there_is_something_in_it(
    world: World, database: Database, clock: FixedClock
) -> None:
    more = {"code": "radio", "kind": "radio", "name": "Đài Hải Sơn"}
    told = a_channel("news", "Tin ngắn", profile="bulletin", audience="outlet")
    with database.writing() as session:
        catalog.load(session, {**OUTLETS, "outlets": [{**more, "channels": [told]}]}, now=clock.now())
        outlet = catalog.get_outlet(session, "radio")
        secret = keys.mint(session, "outlet", outlet=outlet, now=clock.now()).secret
    radio = Client(world.reader.app, secret)
    world.release(a_story(), channels=["radio/news", "tv/segment"])
    for client, channel, shown in ((radio, "radio/news", False), (world.tv, "tv/segment", True)):
        assert ("Phần dành cho tòa soạn" in client.get(entry_page(client, channel)).text) is shown


def test_addresses_break_after_their_slashes_only(world: World) -> None:
    page = world.reader.get("/feeds/").text
    assert "https://hub.example/<wbr>feeds/<wbr>public/<wbr>all.rss" in page
    assert 'href="/api/docs"' in page  # of the footer, and for newsrooms


def test_lists_of_feeds_hold_what_the_asker_may_read(world: World) -> None:
    def addresses(client: Client, path: str) -> set[str]:
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (200, "text/x-opml")
        return set(re.findall(r'xmlUrl="([^"]+)"', answer.text))

    public = {f"{BASE}/feeds/public/{channel}.atom" for channel in ("all", "green")}  # each channel once
    own = {f"{BASE}/feeds/tv/segment.atom"}
    assert addresses(world.reader, "/feeds/index.opml") == public
    assert addresses(world.tv, "/feeds/index.opml") == public | own
    secret = world.tv_address
    unguessable = addresses(world.reader, f"/feeds/k/{secret}/index.opml")
    assert unguessable == {f"{BASE}/feeds/k/{secret}/tv/segment.atom"}
    for form in ("rss", "json"):
        assert addresses(world.reader, f"/feeds/k/{secret}/index.opml?format={form}") == {
            f"{BASE}/feeds/k/{secret}/tv/segment.{form}"
        }
    listed = world.reader.get("/feeds/index.opml?format=ninjs").text  # OPML knows no such feeds, and links to anything
    assert re.findall(r'type="link" [^>]*?url="([^"]+)"', listed) == [
        f"{BASE}/feeds/public/{channel}.ninjs" for channel in ("all", "green")
    ]
    assert addresses(world.reader, "/feeds/index.opml?format=pdf") == public
    for address in unguessable:
        assert parse(world.reader.get(address.removeprefix(BASE)).data).entries == ()
    assert world.reader.get("/feeds/k/adr_unknown/index.opml").status_code == 404


@pytest.fixture
def below_a_path(settings: Settings, clock: FixedClock) -> Iterator[Flask]:
    app = create_app(replace(settings, base_url="https://hai-son.example/hub"), clock=clock)
    yield app
    app.extensions["hub"].database.engine.dispose()


def test_links_fit_a_hub_below_a_path_and_reached_by_another_name(world: World, below_a_path: Flask) -> None:
    story = world.release(with_picture(world))
    page = Client(below_a_path).get("/", Host="inside.example").text
    assert f'href="/hub/stories/{story}"' in page
    assert re.search(r'href="/hub/static/tokens\.css\?v=[0-9a-f]{12}"', page)
    assert 'src="/hub/media/' in page
    assert "https://hai-son.example/hub/feeds/public/all.atom" in page
    assert "inside.example" not in page


def test_pages_answer_with_their_looks_from_the_same_host(world: World) -> None:
    for name, kind in (("tokens.css", "text/css"), ("portal.css", "text/css"), ("favicon.svg", "image/svg+xml")):
        answer = world.reader.get(f"/static/{name}")
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert "http" not in answer.text.replace("http://www.w3.org/2000/svg", "").replace('href^="http"', "")
        assert not re.search(r"url\(\W*(?:https?:|//|data:)|@import", answer.text)
    icon = world.reader.get("/favicon.ico")  # browsers look for it beside what is no page
    assert icon.data == world.reader.get("/static/favicon.svg").data


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(scheme: str) -> None:
    """WCAG 2.2 §1.4.3: a contrast of 4.5 at least."""
    looks = (STATIC / "tokens.css").read_text(encoding="utf-8")
    blocks = [block for block in looks.split("{\n")[1:] if "--paper" in block]
    light, chosen, wished = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in blocks)
    assert chosen == wished  # dark by choice is dark by the system's wish
    colours = light if scheme == "light" else light | chosen
    grounds = ("paper", "raised", "sunk")
    pairs = [(word, ground) for word in ("ink", "soft", "accent", "warm", "stop") for ground in grounds]
    pairs += [("on-accent", "accent"), ("ink", "accent-soft"), ("accent", "accent-soft"), ("stop", "stop-soft")]
    pairs += [("mind", "mind-soft"), ("ink", "mind-soft")]
    faint = {pair: round(contrast(*(colours[name] for name in pair)), 2) for pair in pairs}
    assert {pair: found for pair, found in faint.items() if found < 4.5} == {}


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _canonical(world: World, story: str) -> str:
    found = re.search(r'<link rel="canonical" href="([^"]+)">', world.reader.get(f"/stories/{story}").text)
    assert found is not None
    return found[1]


def test_a_story_page_names_who_carried_it_and_yields_to_the_outlets_own_page(world: World, database: Database) -> None:
    story = world.release()
    own = f"{BASE}/stories/{story}"
    told: list[int] = []
    for client, said in (
        (world.newspaper, {"use": "printed", "used_on": "2026-11-22", "place": "Số 3127, trang 5"}),
        (world.newspaper, {"use": "published", "used_on": "2026-11-23", "url": "https://bao.example/2"}),
        (world.tv, {"use": "published", "used_on": "2026-11-22", "url": "https://dai.example/1?a=1&b=2"}),
        (world.tv, {"use": "planned", "used_on": "2026-12-01", "place": "Tối thứ sáu"}),
    ):
        told.append(client.ask("POST", "/api/v1/pickups", body={"story": story, **said}).json["id"])
    assert _canonical(world, story) == "https://dai.example/1?a=1&amp;b=2"  # the earliest
    page = world.reader.get(f"/stories/{story}").text
    for words in (
        "Báo Hải Sơn: Đã in",
        "Số 3127, trang 5",
        '<a href="https://bao.example/2" rel="external">Báo Hải Sơn',
    ):
        assert words in page
    assert "Tối thứ sáu" not in page  # planned is not carried yet
    assert world.tv.ask("POST", f"/api/v1/pickups/{told[2]}/take-back").status_code == 201
    assert _canonical(world, story) == "https://bao.example/2"
    assert "dai.example" not in world.reader.get(f"/stories/{story}").text
    assert world.newspaper.ask("POST", f"/api/v1/pickups/{told[1]}/take-back").status_code == 201
    assert _canonical(world, story) == own
    assert own in world.reader.get("/feeds/public/all.atom").text
    with database.writing() as session:
        outlet = catalog.get_outlet(session, "newspaper")
        now = world.reader.app.extensions["hub"].clock.now()
        assert pickups.propose(session, outlet, story, 1, "https://bao.example/9", now, 0.9, now) is not None
    assert _canonical(world, story) == own  # nothing counts unconfirmed
    assert "bao.example/9" not in world.reader.get(f"/stories/{story}").text
