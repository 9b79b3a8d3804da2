"""Foreign and broken bytes."""

import contextlib
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.parse import parse
from feeds.parsed import NotAFeed

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Báo</title><link>https://a.example/</link><description>d</description>
<item><title>Một</title><guid>https://a.example/1</guid><pubDate>Wed, 14 Oct 2026 09:20:00 +0700</pubDate>
<description>&lt;p&gt;Tóm &amp;amp; tắt&lt;/p&gt;</description>
<enclosure url="https://a.example/1.jpg" length="x" type="image/jpeg"/></item>
<item><title>Hai</title><guid>https://a.example/2</guid></item></channel></rss>"""


def test_a_foreign_rss_feed_is_read():
    feed = parse(RSS.encode())
    first, second = feed.entries
    assert (feed.format, feed.title, feed.home_url, feed.self_url) == ("rss", "Báo", "https://a.example/", "")
    assert (first.id, first.title, first.summary) == ("https://a.example/1", "Một", "Tóm & tắt")
    assert first.published == datetime(2026, 10, 14, 2, 20, tzinfo=UTC)
    assert first.enclosures[0].length is None
    assert (second.summary, second.content, second.published, second.updated) == ("", "", None, None)


@pytest.mark.parametrize("body", [b"\xef\xbb\xbf" + RSS.encode(), RSS.replace("UTF-8", "utf-16").encode("utf-16")])
def test_byte_order_marks_and_utf_16_are_read(body):
    assert parse(body).entries[0].title == "Một"


def test_one_bad_byte_costs_one_character_not_the_feed():
    body = RSS.encode().replace(b"Hai", b"Ha\xffi")
    assert [entry.title for entry in parse(body).entries] == ["Một", "Ha�i"]
    assert parse(body).title == "Báo"


def test_a_feed_that_breaks_off_is_read_as_far_as_it_goes():
    assert parse(RSS.encode()[:-60]).entries[0].title == "Một"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<html><body>404</body></html>",
        b"https://a.example/feed",
        b"/etc/hostname",
        b"{}",
        b"[]",
        b'{"version": "https://jsonfeed.org/version/1.1"',
        b'{"version": 1}',
        b'{"version": "2.0", "items": []}',
        b"{" * 100_000,
        b"\x00\xff\xfe",
        "<p>tin".encode("utf-16"),
        b"<?xml version='1.0' encoding='x'?><a/>",
    ],
)
def test_what_is_no_feed_is_named_so(body):
    with pytest.raises(NotAFeed):
        parse(body)


def test_every_tombstone_is_found_and_entities_are_refused():
    deleted = "".join(f'<at:deleted-entry ref="urn:x:{n}" when="2026-01-01T00:00:00Z"/>' for n in range(5))
    feed = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"><title>t</title>'
        f"{deleted}</feed>"
    )
    assert parse(feed.encode()).deleted == tuple(f"urn:x:{n}" for n in range(5))
    other_prefix = feed.replace("xmlns:at", "xmlns:gone").replace("<at:", "<gone:")
    assert len(parse(other_prefix.encode()).deleted) == 5
    with pytest.raises(NotAFeed):
        parse(b'<!DOCTYPE x [<!ENTITY a "b">]>' + feed.encode())


def test_a_json_feed_of_any_shape_is_read_without_trust():
    body = {
        "version": "https://jsonfeed.org/version/1",
        "title": ["?"],
        "items": [
            {"id": 7, "content_text": "a < b", "author": {"name": "A"}, "tags": ["x", 1], "date_published": "soon"},
            {"id": "8", "attachments": [{"url": "https://a.example/1", "size_in_bytes": 5.0}, "?"], "_hub": "?"},
            "?",
        ],
        "hubs": [{"type": "WebSub", "url": "https://hub.example/websub"}],
    }
    feed = parse(orjson.dumps(body))
    first, second = feed.entries
    assert (feed.title, feed.links[0].rel) == ("", "hub")
    assert (first.id, first.content, first.authors, first.published) == ("7", "a &lt; b", ("A",), None)
    assert [tag.term for tag in first.categories] == ["x"]
    assert (second.id, second.enclosures[0].length, second.withdrawn) == ("8", 5, False)


@given(st.binary(max_size=300) | st.text(alphabet="<>/?!rssfedchanlitm =\"'&;{}[]:,\n\0é").map(str.encode))
def test_whatever_comes_is_a_feed_or_named_none(body):
    with contextlib.suppress(NotAFeed):
        parse(body)


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("<ttl>90</ttl>", 90),
        ("<ttl>soon</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 360),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", 60),
        ("", None),
    ],
)
def test_a_feed_says_how_long_to_leave_it_alone(said: str, minutes: int | None) -> None:
    namespace = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    body = f"<rss version='2.0' {namespace}><channel><title>T</title>{said}</channel></rss>"
    assert parse(body.encode()).ttl_minutes == minutes


def test_relative_addresses_are_read_from_where_the_feed_lies() -> None:
    body = (
        b"<rss version='2.0'><channel><title>T</title><item><link>/bai/1</link>"
        b"<description>&lt;p&gt;&lt;img src='anh.jpg'/&gt;m\xe1\xbb\x99t&lt;/p&gt;</description></item></channel></rss>"
    )
    (entry,) = parse(body, location="https://site.example/tin/rss.xml").entries
    assert entry.url == "https://site.example/bai/1"
    assert 'src="https://site.example/tin/anh.jpg"' in entry.summary_html
    assert entry.summary == "một"
