"""Guests: who may be asked, who holds whose time, and who answers."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hub.clock import FixedClock
from hub.db import Database
from hub.models import Booking, JournalRow
from hub.outlets import catalog
from hub.outlets.planning import lapsing
from hub.records import journal
from tests.builders import OUTLETS, World, a_channel, a_story
from tests.outlets.planning.scenes import GUEST, SEGMENTS, Station, a_card, a_told_story, answer, at

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
BOOKINGS = "/api/v1/bookings"
A_SEGMENT = {"title": "X", "starts_at": at(), "planned_seconds": 60}
STUDIO = a_channel("studio", "Trường quay", profile="segment", audience="outlet")


def the_paper(world: World, database: Database, clock: FixedClock) -> Station:
    """The newspaper with a channel to broadcast on, as a second station."""
    newspaper = {"code": "newspaper", "kind": "newspaper", "name": "Báo Hải Sơn", "channels": [STUDIO]}
    with database.writing() as session:
        catalog.load(session, {"agency": OUTLETS["agency"], "outlets": [newspaper]}, now=clock.now())
    return Station(world.newspaper)


# --- consent ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("consent", "kind"),
    [
        ({"scopes": ["name", "work_story", "voice"]}, ""),
        ({"scopes": ["name", "work_story", "live_appearance"]}, ""),
        ({"scopes": ["name", "work_story", "testimony"]}, "guest_no_consent"),
        ({"scopes": ["name", "work_story", "voice"], "expires_on": "2026-11-30"}, "guest_consent_ends"),
        ({"scopes": ["name", "work_story", "voice"], "expires_on": "2026-12-01"}, ""),
    ],
)
def test_a_guest_is_asked_only_where_the_ledger_says_yes_until_the_end(
    world: World, consent: Mapping[str, Any], kind: str
) -> None:
    tv = Station(world.tv)
    story = world.release(a_story(consent={"obtained_on": "2026-11-01", **consent}), channels=["tv/segment"])
    asked = tv.ask(tv.plan(), story)
    assert asked.status_code == (409 if kind else 201), asked.text
    if kind:
        assert asked.json["type"].endswith(f"/{kind}")
        assert GUEST in asked.json["detail"]


def test_a_guest_comes_from_a_card_that_the_outlet_reads_and_by_the_name_it_has(world: World) -> None:
    tv = Station(world.tv)
    segment = tv.plan()
    elsewhere = world.release(external_id="paper", channels=["newspaper/column"])
    assert tv.ask(segment, elsewhere).status_code == 404
    story = world.release(a_story(interview=a_card(GUEST, "Lò Thị Hạnh")), external_id="tv", channels=["tv/segment"])
    unknown = tv.ask(segment, story, "Lò Thị Hành")
    assert (unknown.status_code, unknown.json["errors"][0]["code"]) == (422, "not_on_the_card")
    booking = tv.book(segment, story, "lò thị  HẠNH", off_limits=["tiền bạc"], contact={"phone": "1"})
    assert (booking["name"], booking["unit"]) == ("Lò Thị Hạnh", "nghe-ca")
    assert booking["contact"] == {"phone": "0200 000 0111"}  # the card's, whatever is sent
    assert booking["off_limits"] == ["chuyện riêng", "tiền bạc"]
    assert "Phát giọng nói, tham gia giao lưu" in booking["consented_topics"]


# --- whose time ------------------------------------------------------------------------------------------------------


def test_nobody_is_asked_to_two_places_at_once(world: World, database: Database, clock: FixedClock) -> None:
    tv, paper = Station(world.tv), the_paper(world, database, clock)
    story = a_told_story(world)
    first = tv.plan(title="Sáng thứ Ba")
    tv.book(first, story)
    overlapping, after = tv.plan(starts_at=at(minutes=29)), tv.plan(starts_at=at(minutes=30))
    refused = tv.ask(overlapping, story)
    assert (refused.status_code, refused.json["segment"], refused.json["broadcast"]) == (
        409,
        first["code"],
        "Sáng thứ Ba",
    )
    assert GUEST in refused.json["detail"]
    tv.book(after, story)
    theirs = paper.ask(paper.plan(), story)
    assert (theirs.status_code, theirs.json["outlet"]) == (409, "Truyền hình Hải Sơn")
    assert {"segment", "broadcast"}.isdisjoint(theirs.json)  # of another outlet's plans nobody hears more
    assert first["title"] not in theirs.json["detail"]
    moved = tv.change(after, starts_at=at(minutes=10))
    assert (moved.status_code, moved.json["segment"]) == (409, first["code"])
    tv.done(tv.bring(first, "postponed"))
    tv.done(tv.change(after, starts_at=at(minutes=10)))
    back = tv.bring(first, "planned")
    assert (back.status_code, back.json["segment"]) == (409, after["code"])


def test_a_recording_holds_people_when_it_is_made_and_not_on_air(world: World) -> None:
    tv, story = Station(world.tv), a_told_story(world)
    recording = {"starts_at": at(-3), "ends_at": at(-3, minutes=120)}
    tv.book(tv.plan(transmission="recorded", recording=recording), story)
    tv.book(tv.plan(), story)
    at_once = tv.ask(tv.plan(starts_at=at(-3, minutes=90)), story)
    assert at_once.status_code == 409
    own = {"starts_at": at(minutes=-60), "ends_at": at(minutes=-30)}
    assert tv.book(tv.plan(), story, slot=own)["slot"]["ends_at"] == "2026-12-01T01:00:00Z"


def test_the_crew_works_in_one_place_at_a_time(world: World, database: Database, clock: FixedClock) -> None:
    tv, paper = Station(world.tv), the_paper(world, database, clock)
    crew = [{"name": "Mai Thị Lụa", "role": "host"}, {"name": "Vi Văn Sơn", "role": "camera"}]
    first = tv.plan(crew=crew)
    again = tv.client.ask(
        "POST",
        SEGMENTS,
        body={
            "title": "B",
            "starts_at": at(),
            "planned_seconds": 60,
            "crew": [{"name": "VI VĂN SƠN", "role": "sound"}],
        },
    )
    assert (again.status_code, again.json["segment"], again.json["name"]) == (409, first["code"], "VI VĂN SƠN")
    paper.plan(crew=crew)  # another outlet's people of the same names are others
    later = tv.plan(starts_at=at(1), crew=crew)
    assert tv.change(later, starts_at=at()).status_code == 409
    tv.done(tv.change(first, crew=[]))
    tv.done(tv.change(later, starts_at=at()))


def test_whom_an_outlet_knows_by_itself_needs_no_unit_and_is_free_elsewhere(
    world: World, database: Database, clock: FixedClock
) -> None:
    tv, paper = Station(world.tv), the_paper(world, database, clock)
    segment = tv.plan()
    booking = tv.book(segment, name="Bà Thao", contact={"phone": "0200 000 0222"}, pronunciation="tha-o")
    assert (booking["booking_state"], booking["unit"], booking["contact"]) == (
        "confirmed",
        None,
        {"phone": "0200 000 0222"},
    )
    assert tv.ask(tv.plan(), name="bà thao").status_code == 409
    paper.book(paper.plan(), name="Bà Thao")  # nobody can know that it is she
    assert world.fishers.get(BOOKINGS).json["items"] == []


def test_of_two_who_ask_at_the_same_moment_one_gets_the_time(
    world: World, database: Database, clock: FixedClock
) -> None:
    tv, paper = Station(world.tv), the_paper(world, database, clock)
    story = a_told_story(world)
    wanted = [(station, station.plan(starts_at=at(minutes=n))) for n in range(3) for station in (tv, paper)]
    statuses: list[int] = []
    start = threading.Barrier(len(wanted))

    def ask(station: Station, segment: Mapping[str, Any]) -> None:
        start.wait()
        statuses.append(station.ask(segment, story).status_code)

    threads = [threading.Thread(target=ask, args=each) for each in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, *[409] * 5]
    with database.reading() as session:
        assert len(session.scalars(select(Booking)).all()) == 1


def test_an_option_that_ends_frees_the_time_at_its_very_instant(
    world: World, database: Database, clock: FixedClock
) -> None:
    tv, story = Station(world.tv), a_told_story(world)
    segment, other = tv.plan(), tv.plan()
    booking = tv.book(segment, story, option_until=(clock.now() + DAY).isoformat())
    clock.forward(DAY - SECOND)
    assert tv.ask(other, story).status_code == 409
    assert tv.read(segment)["guests"][0]["booking_state"] == "optioned"
    clock.forward(SECOND)
    assert tv.read(segment)["guests"][0]["booking_state"] == "expired"
    late = answer(world.fishers, booking)
    assert (late.status_code, late.json["booking_state"]) == (409, "expired")
    tv.book(other, story)
    with database.writing() as session:
        assert lapsing.lapse_due(session, now=clock.now()) == 1
    with database.writing() as session:
        assert lapsing.lapse_due(session, now=clock.now()) == 0
    assert tv.read(segment)["notice"] == f"Đã hết hạn giữ chỗ với {GUEST} mà đơn vị chưa trả lời."
    assert (tv.read(segment)["sequence"], tv.read(segment)["guests"][0]["booking_state"]) == (2, "expired")
    for until in (clock.now(), clock.now() - DAY):
        assert tv.ask(tv.plan(starts_at=at(1)), story, option_until=until.isoformat()).status_code == 422


# --- who answers -----------------------------------------------------------------------------------------------------


def test_only_the_unit_itself_sees_a_booking_and_answers_once(world: World) -> None:
    tv, story = Station(world.tv), a_told_story(world)
    segment = tv.plan(crew=[{"name": "Mai Thị Lụa", "role": "host"}], theme="Biển")
    booking = tv.book(segment, story, access_needs="xe lăn")
    tv.book(segment, name="Người Khác", contact={"phone": "0200 000 0333"})
    (seen,) = world.fishers.get(BOOKINGS).json["items"]
    assert (seen["id"], seen["segment"]["theme"], seen["access_needs"]) == (booking["id"], "Biển", "xe lăn")
    text = world.fishers.get(BOOKINGS).text
    assert not any(secret in text for secret in ("Người Khác", "Mai Thị Lụa", "0200 000", "rundown"))
    for client, status in ((world.women, 404), (world.tv, 403), (world.editor, 403), (world.reader, 401)):
        assert answer(client, booking).status_code == status
    assert world.women.get(BOOKINGS).json["items"] == []
    assert answer(world.fishers, booking, note="Đến trước 30 phút.").json["note"] == "Đến trước 30 phút."
    assert answer(world.fishers, booking, "decline").status_code == 409
    assert tv.read(segment)["guests"][0]["answered_by"] == "Nghiệp đoàn nghề cá Bến Lau"


def test_another_outlets_plans_are_not_there(world: World, database: Database, clock: FixedClock) -> None:
    tv, paper = Station(world.tv), the_paper(world, database, clock)
    segment = tv.plan()
    path = f"{SEGMENTS}/{segment['code']}"
    known = {"If-Match": segment["etag"]}
    calls = [
        ("GET", path, None),
        ("PATCH", path, {"title": "X"}),
        ("POST", f"{path}/state", {"state": "cancelled"}),
        ("PUT", f"{path}/rundown", {"items": []}),
        ("POST", f"{path}/guests", {"name": "X"}),
        ("DELETE", f"{path}/guests/1", None),
    ]
    for method, where, body in calls:
        assert paper.client.ask(method, where, body=body, headers=known).status_code == 404, (method, where)
        assert world.fishers.ask(method, where, body=body, headers=known).status_code == 403, (method, where)
    assert paper.client.get(SEGMENTS).json["items"] == []
    assert paper.ask(segment, name="X").status_code == 404
    assert paper.client.ask("POST", SEGMENTS, body={**A_SEGMENT, "channel": "tv/segment"}).status_code == 404


def test_two_producers_do_not_overwrite_each_other(world: World) -> None:
    tv = Station(world.tv)
    segment = tv.plan()
    path, known = f"{SEGMENTS}/{segment['code']}", {"If-Match": segment["etag"]}
    for method, where, body in (("PATCH", path, {"title": "A"}), ("PUT", f"{path}/rundown", {"items": []})):
        assert world.tv.ask(method, where, body=body).status_code == 428
    one = world.tv.ask("PATCH", path, body={"title": "A"}, headers=known)
    two = world.tv.ask("PATCH", path, body={"title": "B"}, headers=known)
    assert (one.status_code, two.status_code) == (200, 412)
    assert one.headers["ETag"] == two.json["etag"] != segment["etag"]
    assert tv.read(segment)["title"] == "A"


def test_whoever_reads_a_guests_number_is_journalled(world: World, database: Database) -> None:
    tv, story = Station(world.tv), a_told_story(world)
    segment = tv.plan()

    def reads() -> list[dict[str, Any]]:
        with database.reading() as session:
            rows = (
                journal.read_record(body)
                for body in session.scalars(select(JournalRow.body).order_by(JournalRow.number))
            )
            return [row for row in rows if row["kind"] == "contacts_read"]

    tv.read(segment)
    assert reads() == []
    tv.book(segment, story)
    tv.read(segment)
    assert [(row["segment"], row["actor"].split(":")[0]) for row in reads()] == [(segment["code"], "outlet")] * 2


@pytest.mark.parametrize(
    ("order", "pointer", "code"),
    [
        ({"title": "X"}, "/starts_at", "required"),
        ({"programme": "prg_00000000000000000000000000"}, "/recurrence_id", "required"),
        (
            {"title": "X", "starts_at": at(), "planned_seconds": 60, "time_zone": "Mars/Base"},
            "/time_zone",
            "unknown_zone",
        ),
        ({"title": " ", "starts_at": at(), "planned_seconds": 60}, "/title", "blank"),
        (
            {"title": "X", "starts_at": at(), "planned_seconds": 60, "recording": {"starts_at": at(), "ends_at": at()}},
            "/recording",
            "window_ends_first",
        ),
        ({"title": "X", "starts_at": at(), "planned_seconds": 60, "channel": "public/all"}, "", "not_found"),
    ],
)
def test_what_cannot_be_planned_is_refused_with_its_place(
    world: World, order: Mapping[str, Any], pointer: str, code: str
) -> None:
    refused = world.tv.ask("POST", SEGMENTS, body=order)
    if not pointer:
        assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (404, code)
        return
    assert refused.status_code == 422
    assert (pointer, code) in {(fault["pointer"], fault["code"]) for fault in refused.json["errors"]}
