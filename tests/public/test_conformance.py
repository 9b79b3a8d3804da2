"""The channel that outlets test their readers with: each case at its minute, in every format, and never a story."""

from __future__ import annotations

import html
import os
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema_rs
import orjson
import pytest

from feeds import atom, rss
from feeds.document import Entry, Status, Tombstone
from feeds.parse import parse
from hub.clock import FixedClock
from hub.db import Database
from hub.outlets import catalog
from hub.publishing import conformance, conformance_calendar
from hub.publishing.conformance import PERIOD, Outlet
from tests.builders import OUTLETS, Client, World, a_channel
from tests.feeds import rfc5545, w3c_rules

TEN = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # 10:00 in Việt Nam, a Monday
SECOND = timedelta(seconds=1)
TESTED = Outlet(
    code="tv",
    name="Đài Hải Sơn",
    page_url="https://hub.example/feeds/tv/test",
    picture_base="https://hub.example/static",
    picture_bytes=(6039, 2061),
)
FORMATS = ("rss", "atom", "json", "ninjs", "ninjs?profile=hub")
SCHEMAS = Path(__file__).parents[2] / "schemas"


def items_at(moment: datetime) -> dict[str, Entry | Tombstone]:
    return {item.id: item for item in conformance.list_items(TESTED, now=moment)}


# --- what is in it, and when ------------------------------------------------------------------------------------------


def test_an_item_appears_at_its_announced_minute_is_corrected_and_withdrawn() -> None:
    before, at = items_at(TEN - timedelta(microseconds=1)), items_at(TEN)
    (new,) = [item for item in at.values() if item.id not in before and isinstance(item, Entry)]
    assert (new.published, new.status, new.version) == (TEN, Status.RELEASED, 1)
    announced = next(item for item in before.values() if isinstance(item, Entry) and "Sắp có tin" in item.title)
    assert "10:00" in announced.title
    assert items_at(TEN + PERIOD - SECOND)[new.id] == new  # and then does not move
    corrected = items_at(TEN + PERIOD)[new.id]
    assert isinstance(corrected, Entry)
    assert (corrected.status, corrected.version, corrected.published) == (Status.CORRECTED, 2, TEN)
    assert corrected.updated > new.updated
    gone = items_at(TEN + 2 * PERIOD)[new.id]
    assert isinstance(gone, Tombstone)
    assert (gone.url, gone.updated > corrected.updated) == (new.url, True)
    assert new.id not in items_at(TEN + 3 * PERIOD)


@pytest.mark.parametrize("step", range(12))
def test_at_any_minute_there_is_one_of_each_case_and_none_from_the_future(step: int) -> None:
    now = TEN + step * timedelta(minutes=7, seconds=13)
    items = conformance.list_items(TESTED, now=now)
    entries = [item for item in items if isinstance(item, Entry)]
    assert [type(item) for item in items].count(Tombstone) == 1
    assert sorted(item.status for item in entries) == ["corrected", *["released"] * 6]
    assert sum(len(item.content) > 80_000 for item in entries) == 1
    assert sum(not item.pictures for item in entries) == 1
    assert all(item.updated <= now and item.title.startswith("[THỬ NGHIỆM]") and item.is_test for item in entries)
    moments = [item.updated for item in items]
    assert moments == sorted(moments, reverse=True)
    numbers = [item.number for item in items]
    assert numbers == sorted(set(numbers), reverse=True)
    assert len({item.id for item in items}) == len(items)


def test_the_hard_text_holds_what_gets_lost_and_is_well_formed_itself() -> None:
    (hard,) = [item for item in items_at(TEN).values() if isinstance(item, Entry) and "Đắk" in item.title]
    text = html.unescape(hard.content)
    for trap in ("ẫ ặ ể ỗ", "đ Đ", "ð Ð", "m̀", "&amp;", "<script>", "🌾", "₫", "“kép”"):
        assert trap in text
    assert "<script>" not in hard.content
    assert unicodedata.is_normalized("NFC", hard.title + hard.content)


def test_every_outlet_has_entries_of_its_own() -> None:
    other = Outlet(code="radio", name="Đài", page_url="x", picture_base="x", picture_bytes=(1, 1))
    assert items_at(TEN).keys().isdisjoint(item.id for item in conformance.list_items(other, now=TEN))


# --- how it is served -------------------------------------------------------------------------------------------------


def test_every_format_shows_every_case_and_says_that_it_is_a_test(world: World) -> None:
    world.release()
    ids: set[frozenset[str]] = set()
    for form in FORMATS:
        answer = world.newspaper.get(f"/feeds/newspaper/test.{form}")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-cache")
        found = parse(answer.data)
        assert found.title == "THỬ NGHIỆM – Báo Hải Sơn"
        assert (len(found.deleted), {entry.title for entry in found.entries if entry.withdrawn}) in (
            (1, set()),
            (1, {"Tin đã được rút"}),
        )
        told = [entry for entry in found.entries if not entry.withdrawn]
        assert all(entry.title.startswith("[THỬ NGHIỆM]") for entry in told)
        (hard,) = [entry for entry in told if "Đắk" in entry.title]
        shown = html.unescape(hard.title) if form in ("rss",) else hard.title
        assert conformance.HARD_TITLE in (shown, hard.title.removeprefix("[THỬ NGHIỆM] "))
        ids.add(frozenset([*found.deleted, *(entry.id for entry in found.entries)]))
        marks = answer.text.count("<hub:test>true</hub:test>") + answer.text.count('"test":true')
        assert marks + answer.text.count("test: not for publication") >= 7
        etag = answer.headers["ETag"]
        assert world.newspaper.get(f"/feeds/newspaper/test.{form}", If_None_Match=etag).status_code == 304
    assert len(ids) == 1


@pytest.mark.parametrize(("form", "problems"), [(rss, w3c_rules.rss_problems), (atom, w3c_rules.atom_problems)])
def test_it_keeps_the_rules_of_the_validator(form, problems) -> None:  # type: ignore[no-untyped-def]
    address = "https://hub.example/feeds/tv/test"
    head = conformance.feed_of(TESTED, self_url=address, alternates=(), now=TEN)
    assert problems(form.render(head, conformance.list_items(TESTED, now=TEN)), self_url=address) == []


def test_it_fits_the_published_schemas(world: World) -> None:
    folder = os.environ.get("HUB_TEST_STANDARDS")
    if not folder:
        pytest.skip("HUB_TEST_STANDARDS does not name the folder of the published schemas")
    for form, name in (("json", "jsonfeed-schema-1.1.json"), ("ninjs", "ninjs-schema-3.1.json")):
        schema = orjson.loads((Path(folder) / name).read_bytes())
        validator = jsonschema_rs.validator_for(schema, validate_formats=True, retriever=lambda _uri: {})
        body = world.newspaper.get(f"/feeds/newspaper/test.{form}").json
        assert [str(error) for error in validator.iter_errors(body)] == []
    ours = orjson.loads((SCHEMAS / "feed-entry.v1.json").read_bytes())
    validator = jsonschema_rs.validator_for(ours, validate_formats=True)
    for item in world.newspaper.get("/feeds/newspaper/test.json").json["items"]:
        assert [str(error) for error in validator.iter_errors(item["_hub"])] == []


def test_it_is_for_whoever_reads_the_outlets_feeds(world: World) -> None:
    statuses = [client.get("/feeds/tv/test.atom").status_code for client in (world.tv, world.reader, world.newspaper)]
    assert statuses == [200, 401, 404]
    assert [client.get("/feeds/none/test.atom").status_code for client in (world.tv, world.reader)] == [404, 401]
    public = world.reader.get("/feeds/public/test.json")
    assert (public.status_code, public.headers["Cache-Control"]) == (200, "public, max-age=60")
    own = f"/feeds/k/{world.tv_address}"
    private = world.reader.get(f"{own}/tv/test.rss")
    assert f'href="https://hub.example{own}/tv/test.atom"' in private.text
    assert [world.reader.get(f"{own}/{code}/test.rss").status_code for code in ("newspaper", "none")] == [404, 404]
    assert world.reader.get("/feeds/k/adr_unknown/tv/test.rss").status_code == 404


def test_nothing_of_it_is_listed_anywhere(world: World) -> None:
    world.tv.get("/feeds/tv/test.atom")
    for path in ("/feeds/index.opml", "/feeds/", "/sitemap.xml", "/"):
        assert "/test" not in world.tv.get(path).text
    assert world.tv.get("/feeds/tv/segment.json").json["items"] == []


def test_a_channel_that_has_the_name_already_keeps_it(world: World, database: Database, clock: FixedClock) -> None:
    outlet = {**OUTLETS["outlets"][2], "channels": [a_channel("test", "Kênh tên là test")]}  # type: ignore[index]
    with database.writing() as session:
        catalog.load(session, {"outlets": [outlet]}, now=clock.now())
    assert "Kênh tên là test" in world.reader.get("/feeds/public/test.json").json["title"]
    assert "Kênh tên là test" in world.reader.get("/feeds/public/test").text


def test_its_calendar_adds_moves_and_cancels_an_event_under_one_uid() -> None:
    def changing(now: datetime) -> dict[str, tuple[int, datetime, str]]:
        events = conformance_calendar.list_events(TESTED, now=now)
        return {event.uid: (event.sequence, event.starts_at, event.state) for event in events}

    new = (changing(TEN).keys() - changing(TEN - SECOND).keys()).pop()
    tomorrow = TEN + timedelta(days=1)
    assert changing(TEN)[new] == (0, tomorrow, "confirmed")
    assert changing(TEN + PERIOD)[new] == (1, tomorrow + timedelta(minutes=45), "confirmed")
    assert changing(TEN + 2 * PERIOD)[new] == (2, tomorrow, "cancelled")
    assert new not in changing(TEN + 3 * PERIOD)


def test_its_calendar_keeps_the_rules_and_is_for_the_same_readers(world: World) -> None:
    answer = world.newspaper.get("/feeds/newspaper/test.ics")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert rfc5545.list_faults(answer.data) == []
    assert answer.text.count("BEGIN:VEVENT") == 7
    assert [answer.text.count(word) for word in ("STATUS:CANCELLED", "STATUS:TENTATIVE", "EXDATE")] == [1, 1, 1]
    etag = answer.headers["ETag"]
    assert world.newspaper.get("/feeds/newspaper/test.ics", If_None_Match=etag).status_code == 304
    assert [client.get("/feeds/newspaper/test.ics").status_code for client in (world.reader, world.tv)] == [401, 404]
    own = f"/feeds/k/{world.tv_address}"
    assert f"{own}/tv/test.ics" in world.reader.get(f"{own}/tv/test.ics").text.replace("\r\n ", "")
    assert world.reader.get(f"{own}/newspaper/test.ics").status_code == 404


@pytest.mark.parametrize(("language", "words"), [("vi", "Phải thấy gì"), ("en", "What should be seen")])
def test_the_page_lists_the_cases_and_what_should_be_seen(world: World, language: str, words: str) -> None:
    answer = world.newspaper.get("/feeds/newspaper/test", Accept_Language=language)
    text = html.unescape(answer.text).replace("<wbr>", "")  # where an address may break
    assert (answer.status_code, words in text) == (200, True)
    for case in ("announcement", "appears", "new", "long", "no-picture", "vietnamese", "calendar"):
        assert f'id="{case}"' in answer.text
    assert all(trap in text for trap in (*conformance.TRAPS, conformance.HARD_TITLE, conformance.LAST_WORDS))
    for form in ("rss", "atom", "json", "ninjs", "ics"):
        assert f"https://hub.example/feeds/newspaper/test.{form}" in text
    assert Client(world.reader.app).get("/feeds/newspaper/test").status_code == 401
    assert "/feeds/newspaper/test" in world.newspaper.get("/feeds/newspaper/column").text
    pictures = {url for item in items_at(TEN).values() if isinstance(item, Entry) for url in _pictures(item)}
    for url in pictures:
        picture = world.reader.get(url.removeprefix("https://hub.example"))
        assert (picture.status_code, picture.mimetype) == (200, "image/png")


def _pictures(item: Entry) -> list[str]:
    return [rendition.url for picture in item.pictures for rendition in picture.renditions]
