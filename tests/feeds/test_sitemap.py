"""Sitemaps: pages, files, and what is news."""

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from feeds import sitemap
from feeds.dates import rfc3339
from feeds.sitemap import Location, News

NOON = datetime(2026, 11, 27, 5, 0, tzinfo=UTC)
NAMES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
}


def test_a_file_lists_pages_and_when_they_changed() -> None:
    pages = [Location(url="https://h.example/a?b=1&c=2", modified=NOON), Location(url="x")]
    root = ET.fromstring(sitemap.render(pages))
    assert root.tag == f"{{{NAMES['s']}}}urlset"
    assert [each.text for each in root.iterfind("s:url/s:loc", NAMES)] == ["https://h.example/a?b=1&c=2", "x"]
    assert [each.text for each in root.iterfind("s:url/s:lastmod", NAMES)] == [rfc3339(NOON)]


def test_an_index_lists_files() -> None:
    root = ET.fromstring(sitemap.render_index([Location(url="https://h.example/1.xml")]))
    assert root.tag == f"{{{NAMES['s']}}}sitemapindex"
    assert [each.text for each in root.iterfind("s:sitemap/s:loc", NAMES)] == ["https://h.example/1.xml"]


def test_news_name_publication_language_date_and_title() -> None:
    told = News(url="u", publication="Cổng A & B", language="vi", published=NOON, title="Thẻ <b>\x08đậm</b>")
    (news,) = ET.fromstring(sitemap.render_news([told])).iterfind("s:url/news:news", NAMES)
    assert news.findtext("news:publication/news:name", namespaces=NAMES) == "Cổng A & B"
    assert news.findtext("news:publication/news:language", namespaces=NAMES) == "vi"
    assert news.findtext("news:publication_date", namespaces=NAMES) == rfc3339(NOON)
    assert news.findtext("news:title", namespaces=NAMES) == "Thẻ <b>đậm</b>"


def test_of_nothing_the_files_are_empty_and_well_formed() -> None:
    for body in (sitemap.render([]), sitemap.render_index([]), sitemap.render_news([])):
        assert list(ET.fromstring(body)) == []
