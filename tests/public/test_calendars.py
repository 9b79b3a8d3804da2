"""Calendars at their doors: who may read them, what changes and cancellations look like, and a unit's own."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from typing import Any

import icalendar
import pytest

from hub.clock import FixedClock
from hub.db import Database
from hub.worker import Worker
from tests.api.test_pickups import rows_of
from tests.builders import Client, World, a_story
from tests.feeds.rfc5545 import list_faults
from tests.outlets.planning.scenes import AIR, GUEST, Station, a_card, a_told_story, answer, at

PATH = "/feeds/tv/segment.ics"
ADDRESS = "/api/v1/calendar-address"
WEEKLY = {"title": "Giao lưu cuối tuần", "rule": "FREQ=WEEKLY", "starts_at": at(4), "planned_seconds": 1500}
DAY = timedelta(days=1)
SEN, PHONE = "Phạm Thị Sen", "0200 000 0111"


@pytest.fixture
def segment(world: World) -> dict[str, Any]:
    """A broadcast with a guest of the fishers and one of the women, and a programme."""
    tv, story = Station(world.tv), a_told_story(world, GUEST)
    theirs = world.women.put("sen", a_story(title="Tổ đan lưới Gò Mận", interview=a_card(SEN))).json["id"]
    for act in ("approve", "release"):
        assert world.editor.act(theirs, act).status_code == 201
    tv.done(world.tv.ask("POST", "/api/v1/programmes", body=WEEKLY), 201)
    planned = tv.plan(title="Người giữ bến")
    booking = tv.book(planned, story)
    tv.book(planned, theirs, SEN)
    assert answer(world.fishers, booking).status_code == 200
    return tv.done(tv.bring(planned, "confirmed"))


def events(body: bytes) -> dict[str, icalendar.Event]:
    assert list_faults(body) == []
    return {str(event["SUMMARY"]): event for event in icalendar.Calendar.from_ical(body).walk("VEVENT")}


def test_an_outlet_reads_its_calendar_and_nobody_else_does(world: World, segment: dict[str, Any]) -> None:
    by_address = f"/feeds/k/{world.tv_address}/tv/segment.ics"
    answer = world.tv.get(PATH)
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert {"Accept-Encoding", "Authorization"} == set(answer.headers["Vary"].split(", "))
    found = events(answer.data)
    assert set(found) == {"Người giữ bến", "Giao lưu cuối tuần"}
    assert found["Giao lưu cuối tuần"].rrules[0]["FREQ"] == ["WEEKLY"]
    assert GUEST in found["Người giữ bến"]["DESCRIPTION"]
    assert PHONE in found["Người giữ bến"]["DESCRIPTION"]
    assert PHONE not in world.reader.get(by_address).get_data(as_text=True)
    assert world.tv_address in world.reader.get(by_address).get_data(as_text=True).replace("\r\n ", "")
    refusals = {
        "no key": (world.reader, PATH, 401),
        "no such channel, no key": (world.reader, "/feeds/tv/none.ics", 401),
        "another outlet's key": (world.newspaper, PATH, 404),
        "another outlet's address": (world.reader, f"/feeds/k/{world.newspaper_address}/tv/segment.ics", 404),
        "no such address": (world.reader, "/feeds/k/adr_none/tv/segment.ics", 404),
        "a channel of another profile": (world.newspaper, "/feeds/newspaper/column.ics", 404),
        "a public channel": (world.reader, "/feeds/public/all.ics", 404),
        "an alarm of no number": (world.tv, f"{PATH}?alarms=soon", 400),
        "an alarm of a month": (world.tv, f"{PATH}?alarms=43200", 400),
    }
    assert {why: client.get(path).status_code for why, (client, path, _) in refusals.items()} == {
        why: status for why, (_, _, status) in refusals.items()
    }


def test_a_reader_that_has_it_hears_304_and_gzip_has_a_tag_of_its_own(world: World, segment: dict[str, Any]) -> None:
    plain, packed = world.tv.get(PATH), world.tv.get(PATH, Accept_Encoding="gzip")
    assert (packed.headers["Content-Encoding"], gzip.decompress(packed.data)) == ("gzip", plain.data)
    assert plain.headers["ETag"] != packed.headers["ETag"]
    for had, coding in ((plain, "identity"), (packed, "gzip")):
        again = world.tv.get(PATH, If_None_Match=had.headers["ETag"], Accept_Encoding=coding)
        assert (again.status_code, again.data) == (304, b"")
    alarms = world.tv.get(f"{PATH}?alarms=30", If_None_Match=plain.headers["ETag"])
    assert (alarms.status_code, alarms.data.count(b"TRIGGER:-PT30M")) == (200, 2)


def test_a_change_grows_the_sequence_and_what_is_cancelled_stays_for_a_month(
    world: World, segment: dict[str, Any], clock: FixedClock
) -> None:
    tv = Station(world.tv)
    first = events(world.tv.get(PATH).data)["Người giữ bến"]
    clock.forward(DAY / 24)
    tv.done(tv.change(segment, starts_at=at(minutes=30)))
    moved = events(world.tv.get(PATH).data)["Người giữ bến"]
    assert (moved["UID"], moved.start - first.start) == (first["UID"], timedelta(minutes=30))
    clock.forward(DAY / 24)
    tv.done(tv.bring(segment, "cancelled"))
    cancelled = events(world.tv.get(PATH).data)["[hủy] Người giữ bến"]
    assert (cancelled["UID"], cancelled["STATUS"]) == (first["UID"], "CANCELLED")
    assert first["SEQUENCE"] < moved["SEQUENCE"] < cancelled["SEQUENCE"]
    assert first.DTSTAMP < moved.DTSTAMP < cancelled.DTSTAMP
    clock.at = AIR + 30 * DAY
    assert "[hủy] Người giữ bến" in events(world.tv.get(PATH).data)
    clock.forward(2 * DAY)
    assert "[hủy] Người giữ bến" not in events(world.tv.get(PATH).data)


def test_pages_of_the_channel_offer_the_calendar_and_opml_does_not(world: World, segment: dict[str, Any]) -> None:
    page = world.tv.get("/feeds/tv/segment").text.replace("<wbr>", "")  # where an address may break
    assert f"https://hub.example{PATH}" in page
    assert f"webcal://hub.example{PATH}" in page
    assert f"https://hub.example{PATH}" in world.tv.get("/feeds/").text.replace("<wbr>", "")
    assert ".ics" not in world.tv.get("/feeds/index.opml").get_data(as_text=True)
    assert "webcal" not in world.newspaper.get("/feeds/newspaper/column").get_data(as_text=True)


def test_a_unit_has_a_calendar_of_its_own_guests_at_an_address_that_it_can_change(
    world: World, segment: dict[str, Any], database: Database, clock: FixedClock
) -> None:
    assert world.fishers.get(ADDRESS).status_code == 404
    made = world.fishers.ask("POST", ADDRESS)
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    secret = re.fullmatch(r"https://hub\.example/calendars/(cal_[\w-]{43})\.ics", made.json["url"])
    assert secret is not None
    path = f"/calendars/{secret[1]}.ics"
    (event,) = events(world.reader.get(path).data).values()
    assert GUEST in event["DESCRIPTION"]
    assert SEN not in world.reader.get(path).get_data(as_text=True).replace("\r\n ", "")
    assert "0200" not in event["DESCRIPTION"]
    known = world.fishers.get(ADDRESS).json
    assert (known["prefix"], "url" in known) == (made.json["prefix"], False)
    assert world.women.get(ADDRESS).status_code == 404

    for client, asked in (  # it opens nothing else
        (Client(world.fishers.app, secret[1]), "/api/v1/stories"),
        (Client(world.fishers.app, secret[1]), PATH),
        (world.reader, f"/feeds/k/{secret[1]}/tv/segment.ics"),
        (world.reader, f"/feeds/k/{secret[1]}/tv/segment.rss"),
        (world.reader, f"/feeds/k/{secret[1]}/index.opml"),
        (world.reader, f"/calendars/{world.tv_address}.ics"),
    ):
        assert client.get(asked).status_code in (401, 404), asked

    again = world.fishers.ask("POST", ADDRESS)
    refused = world.reader.get(path)
    assert (refused.status_code, refused.json["instance"]) == (404, "/calendars/")
    assert world.reader.get(again.json["url"].removeprefix("https://hub.example")).status_code == 200
    assert world.fishers.ask("DELETE", ADDRESS).status_code == 204
    assert world.reader.get(again.json["url"].removeprefix("https://hub.example")).status_code == 404
    assert world.fishers.ask("DELETE", ADDRESS).status_code == 404
    told = rows_of(database, "calendar_address")
    assert [(row["organization"], bool(row["made"]), len(row["ended"])) for row in told] == [
        ("nghe-ca", True, 0), ("nghe-ca", True, 1), ("nghe-ca", False, 1)
    ]  # fmt: skip
    assert secret[1] not in str(told)
    for client, status in ((world.tv, 403), (world.reader, 401), (world.editor, 403)):
        assert client.ask("POST", ADDRESS).status_code == status


def test_an_option_that_ends_is_cancelled_with_a_change_of_the_segment(
    world: World, worker: Worker, clock: FixedClock
) -> None:
    tv, story = Station(world.tv), a_told_story(world, GUEST)
    tv.book(tv.plan(title="Người giữ bến"), story, option_until=(clock.now() + DAY).isoformat())
    path = world.fishers.ask("POST", ADDRESS).json["url"].removeprefix("https://hub.example")

    def read() -> tuple[str, int, object]:
        (event,) = events(world.reader.get(path).data).values()
        return str(event["STATUS"]), int(event["SEQUENCE"]), event.DTSTAMP

    worker.step()
    before = read()
    clock.forward(DAY)
    assert read() == before
    worker.step()  # not its first one, so that it does not sweep
    status, sequence, stamp = read()
    assert (before[0], status, sequence) == ("TENTATIVE", "CANCELLED", before[1] + 1)
    assert stamp == clock.now()
    assert PHONE not in world.tv.get(PATH).get_data(as_text=True).replace("\r\n ", "")
