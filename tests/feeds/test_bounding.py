"""Feeds are cut down before they are parsed: the newest entries, and no abyss of tags."""

from __future__ import annotations

import pytest

from feeds.bounding import bound
from feeds.parsed import NotAFeed


def rss(*items: str) -> str:
    return f"<rss><channel><title>T</title>{''.join(items)}</channel></rss>"


def item(number: int, day: int | None = None) -> str:
    dated = f"<pubDate>{day:02} Nov 2026 05:00:00 GMT</pubDate>" if day else ""
    return f"<item><guid>{number}</guid>{dated}</item>"


def test_a_feed_within_bounds_stays_as_it_is() -> None:
    text = rss(item(1), item(2))
    assert bound(text, max_entries=2, max_depth=10) == bound(text, max_entries=9, max_depth=10)
    assert bound(text, max_entries=2, max_depth=10).text == text


@pytest.mark.parametrize(
    ("items", "kept"),
    [
        ([item(1), item(2), item(3)], [1, 2]),  # without dates the first ones
        ([item(1, 3), item(2, 1), item(3, 2)], [1, 3]),  # the newest ones, in their order
        ([item(1, 1), item(2, 2), item(3, 3)], [2, 3]),
        ([item(1, 1), item(2, 2), item(3)], [1, 2]),
        (["<item/>", item(2), "<item><guid>3<b></item>", item(4)], [2]),  # never closed: it ends with its item
    ],
)
def test_of_many_entries_the_newest_are_kept(items: list[str], kept: list[int]) -> None:
    found = bound(rss(*items), max_entries=2, max_depth=10)
    assert [number for number in range(1, 9) if f"<guid>{number}<" in found.text] == kept
    assert found.entries == len(items)
    assert found.text.startswith("<rss><channel><title>T</title>")
    assert found.text.endswith("</channel></rss>")


def test_what_looks_like_an_entry_inside_text_is_none() -> None:
    text = rss("<item><description><![CDATA[<item>a</item><item>b</item>]]></description><!-- <item> --></item>")
    assert bound(text, max_entries=1, max_depth=10).entries == 1


@pytest.mark.parametrize("tags", ["<a>" * 200, "<item>" + "<a>" * 200, "<entry>" * 200])
def test_an_abyss_of_tags_is_refused(tags: str) -> None:
    with pytest.raises(NotAFeed, match="too_deep"):
        bound(rss(tags), max_entries=10, max_depth=100)


def test_what_entries_leave_open_does_not_add_up() -> None:
    items = [f"<item><guid>{number}</guid><p><br><br></item>" for number in range(200)]
    assert bound(rss(*items), max_entries=500, max_depth=10).entries == 200


@pytest.mark.parametrize("text", ["<", "<![CDATA[", "<!--", "<a", "", "<" * 1000, "</item></item>"])
def test_what_is_broken_off_ends_the_search(text: str) -> None:
    assert bound(text, max_entries=10, max_depth=100).text == text
