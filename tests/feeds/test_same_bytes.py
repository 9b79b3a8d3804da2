"""Equal documents give equal bytes, in whatever thread and under whatever locale; fragments join to the whole."""

import locale
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from feed_documents import a_feed, a_full_entry, a_tombstone, an_entry

from feeds import atom, jsonfeed, rss

FORMATS = {"rss": rss, "atom": atom, "json": jsonfeed}
ITEMS = [a_tombstone(), a_full_entry(3), a_full_entry(2), an_entry(1)]


@pytest.fixture(params=FORMATS)
def form(request):
    return request.param


def whole(form: str) -> bytes:
    return FORMATS[form].render(a_feed(form), [a_tombstone(), a_full_entry(3), a_full_entry(2), an_entry(1)])


def test_equal_documents_give_equal_bytes(form):
    assert whole(form) == whole(form)


def test_threads_do_not_disturb_each_other(form):
    expected = whole(form)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: whole(form), range(64))) == {expected}


@pytest.mark.parametrize("name", ["vi_VN.UTF-8", "de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8"])
def test_the_locale_makes_no_difference(form, name):
    expected, before = whole(form), locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, name)
    except locale.Error:
        pytest.skip(f"this machine has no locale {name}")
    try:
        assert whole(form) == expected
    finally:
        locale.setlocale(locale.LC_ALL, before)


def test_nobody_touches_the_locale_or_asks_the_clock(form, monkeypatch):
    expected = whole(form)
    monkeypatch.setattr(locale, "setlocale", lambda *_: pytest.fail("the locale was touched"))
    assert whole(form) == expected
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert whole(form) == expected


def test_another_zone_of_the_same_instant_makes_no_difference(form):
    hanoi = timezone(timedelta(hours=7))
    there = replace(
        an_entry(), published=an_entry().published.astimezone(hanoi), updated=an_entry().updated.astimezone(hanoi)
    )
    assert FORMATS[form].render_entry(there) == FORMATS[form].render_entry(an_entry())


def test_kept_fragments_join_to_the_whole(form):
    fragments = [FORMATS[form].render_entry(item) for item in ITEMS]
    assert FORMATS[form].assemble(a_feed(form), fragments) == FORMATS[form].render(a_feed(form), ITEMS)


def test_a_fragment_knows_neither_address_nor_namespaces(form):
    elsewhere = a_feed(form, self_url="https://hub.example/feeds/k/secret/newspaper/column", links=())
    for item in ITEMS:
        fragment = FORMATS[form].render_entry(item)
        assert b"xmlns" not in fragment
        assert fragment in FORMATS[form].assemble(elsewhere, [fragment])


def test_the_order_given_is_the_order_shown(form):
    body = whole(form)
    places = [body.index(item.id.encode()) for item in ITEMS]
    assert places == sorted(places)


def test_an_instant_without_microseconds_is_written_like_the_others(form):
    entry = an_entry(updated=datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert b"2025-01-02T03:04:05.000000Z" in FORMATS[form].render_entry(entry)
