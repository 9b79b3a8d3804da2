"""What feedparser, and our own parser, read out of what we write."""

import html
import io
import shutil
import sqlite3
import subprocess
import unicodedata
from datetime import UTC, datetime

import feedparser
import pytest
from feed_documents import MINUTE, NOON, a_feed, a_full_entry, a_picture, an_entry
from hypothesis import given
from hypothesis import strategies as st

from feeds import atom, jsonfeed, parse, rss

FORMATS = {"rss": rss, "atom": atom, "json": jsonfeed}
XML_FORMATS = {"rss": rss, "atom": atom}
PLAIN_TITLES = [
    "Người thợ máy giữ lửa",
    "Tom & Jerry",
    "Hỏi & Đáp: Q&A, R&D",
    "1 < 2 và 3 > 2",
    "I <3 you",
    "“Trích dẫn” \"thẳng\" và 'đơn'",
    "Chào 👩‍🌾🇻🇳 em",
    "100% đạt %s",
]
MARKUP_TITLES = [
    "Thẻ <b>đậm</b> trong tên",
    "<script>alert(1)</script>",
    "Viết &amp; thế nào",
    "5 &lt; 6 &#38; 7",
    "<!-- chú thích --> a",
    "a<b thì sao",
    "&copy 2025",
]


def read(form: str, items: list) -> feedparser.FeedParserDict:
    found = feedparser.parse(io.BytesIO(XML_FORMATS[form].render(a_feed(form), items)))
    assert not found.bozo
    return found


@pytest.mark.parametrize("form", XML_FORMATS)
@pytest.mark.parametrize("normal", ["NFC", "NFD"])
@pytest.mark.parametrize("title", PLAIN_TITLES)
def test_feedparser_reads_a_title_as_it_was_written(title, normal, form):
    title = unicodedata.normalize(normal, title)
    assert read(form, [an_entry(title=title)]).entries[0].title == title


@pytest.mark.parametrize("form", XML_FORMATS)
@pytest.mark.parametrize("normal", ["NFC", "NFD"])
@pytest.mark.parametrize("title", MARKUP_TITLES)
def test_feedparser_reads_a_title_that_holds_markup_once_escaped(title, normal, form):
    title = unicodedata.normalize(normal, title)
    body = FORMATS[form].render(a_feed(form), [an_entry(title=title)])
    assert feedparser.parse(io.BytesIO(body)).entries[0].title == html.escape(title, quote=False)
    assert b"&#x26;" in body
    assert b"&amp;" not in body


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("title", PLAIN_TITLES + MARKUP_TITLES)
def test_our_parser_reads_every_title_and_summary_as_written(title, form):
    entry = parse.parse(
        FORMATS[form].render(a_feed(form, title=title), [an_entry(title=title, summary=title)])
    ).entries[0]
    assert (entry.title, entry.summary) == (title, title)


@pytest.mark.parametrize("form", FORMATS)
@given(title=st.text(alphabet="abB<>/&;#x26'\"!-ltampđế😀 ", min_size=1).filter(lambda text: text.strip() == text))
def test_our_parser_reads_any_title(title, form):
    body = FORMATS[form].render(a_feed(form), [an_entry(title=title)])
    assert parse.parse(body).entries[0].title == title


@pytest.mark.parametrize("form", XML_FORMATS)
def test_ids_dates_and_pages_come_back(form):
    entries = [a_full_entry(2), an_entry(1)]
    for entry, found in zip(entries, read(form, entries).entries, strict=True):
        assert found.id == entry.id
        assert found.link == entry.url
        assert datetime(*found.published_parsed[:6], tzinfo=UTC) == entry.published.replace(microsecond=0)
        assert datetime(*found.updated_parsed[:6], tzinfo=UTC) == entry.updated.replace(microsecond=0)
        assert found.summary == entry.summary
        assert found.content[0].value == entry.content.strip()
        assert found.content[0].type == "text/html"
        assert [author.name for author in found.authors] == [person.name for person in entry.authors]


def test_all_enclosures_come_back_from_atom_with_type_length_and_title():
    entry = an_entry(pictures=(a_picture(1), a_picture(2), a_picture(3, sizes=(640,))))
    found = read("atom", [entry]).entries[0]
    largest = [(picture.renditions[0], picture.alt) for picture in entry.pictures]
    assert [(link.href, link.type, link.length, link.title) for link in found.links if link.rel == "enclosure"] == [
        (size.url, size.media_type, str(size.length), alt) for size, alt in largest
    ]
    page = [link for link in found.links if link.rel == "alternate"]
    assert [(link.href, link.type) for link in page] == [(entry.url, "text/html")]


def test_rss_has_one_enclosure_and_all_pictures_in_media_rss():
    entry = an_entry(pictures=(a_picture(1), a_picture(2, sizes=(640,))))
    found = read("rss", [entry]).entries[0]
    largest = entry.pictures[0].renditions[0]
    assert [(e.href, e.type, e.length) for e in found.enclosures] == [(largest.url, "image/jpeg", str(largest.length))]
    sizes = [size for picture in entry.pictures for size in picture.renditions]
    assert [(m["url"], m["filesize"], m["width"]) for m in found.media_content] == [
        (size.url, str(size.length), str(size.width)) for size in sizes
    ]
    assert [credit["content"] for credit in found.media_credit] == [picture.credit for picture in entry.pictures]


@pytest.mark.parametrize("form", XML_FORMATS)
def test_the_feeds_own_links_come_back(form):
    feed = a_feed(form)
    found = read(form, [an_entry()]).feed
    links = {(link.rel, link.get("type")): link.href for link in found.links}
    assert links["self", FORMATS[form].MEDIA_TYPE.partition(";")[0]] == feed.self_url
    for link in feed.alternates:
        assert links["alternate", link.media_type] == link.href
    assert feed.links[0].href in {link.href for link in found.links if link.rel == "hub"}
    assert found.link == feed.home_url
    assert found.language == "vi-VN"
    assert found.id == feed.id


@pytest.mark.parametrize("form", XML_FORMATS)
def test_categories_come_back_with_their_scheme(form):
    entry = a_full_entry()
    tags = read(form, [entry]).entries[0].tags
    assert [tag.scheme for tag in tags] == [category.scheme for category in entry.categories]
    assert [tag.label or tag.term for tag in tags] == [category.label for category in entry.categories]


@pytest.mark.parametrize("form", FORMATS)
def test_our_parser_reads_every_format_alike(form):
    feed, entries = a_feed(form), [a_full_entry(2), an_entry(1)]
    found = parse.parse(FORMATS[form].render(feed, entries))
    assert (found.format, found.id, found.title) == (form, feed.id, feed.title)
    assert (found.self_url, found.home_url, found.language) == (feed.self_url, feed.home_url, feed.language)
    assert found.updated == NOON
    for entry, read_entry in zip(entries, found.entries, strict=True):
        assert (read_entry.id, read_entry.url, read_entry.updated) == (entry.id, entry.url, entry.updated)
        assert abs(read_entry.published - entry.published) < MINUTE / 60
        assert read_entry.content.strip() == entry.content.strip()
        assert read_entry.authors == tuple(person.name for person in entry.authors)
        assert not read_entry.withdrawn
    size = entries[0].pictures[0].renditions[0]
    first = found.entries[0].enclosures[0]
    assert (first.href, first.media_type, first.length) == (size.url, size.media_type, size.length)


@pytest.mark.browser
@pytest.mark.parametrize("form", XML_FORMATS)
def test_newsboat_shows_titles_without_taking_them_for_markup(form, tmp_path):
    newsboat = shutil.which("newsboat")
    if newsboat is None:
        pytest.skip("newsboat is not on PATH")
    titles = PLAIN_TITLES + MARKUP_TITLES
    document = tmp_path / f"feed.{form}"
    document.write_bytes(FORMATS[form].render(a_feed(form), [an_entry(n, title=t) for n, t in enumerate(titles)]))
    (tmp_path / "urls").write_text(f"file://{document}\n", encoding="utf-8")
    (tmp_path / "config").touch()
    paths = ["-u", tmp_path / "urls", "-c", tmp_path / "cache.db", "-C", tmp_path / "config"]
    subprocess.run(
        [newsboat, "-q", *paths, "-x", "reload"], check=True, env={"HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    )
    rows = sqlite3.connect(tmp_path / "cache.db").execute("SELECT guid, title FROM rss_item").fetchall()
    shown = dict(rows)
    for number, title in enumerate(titles):
        found = shown[an_entry(number).id]
        # RSS has no word for "this is text": newsboat shows what is escaped twice once escaped, Atom as it is.
        assert found == (html.escape(title, quote=False) if form == "rss" and title in MARKUP_TITLES else title)
