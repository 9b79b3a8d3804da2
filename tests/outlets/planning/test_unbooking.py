"""What is taken back leaves rundowns that are still ahead, at once; and nothing stays of a person who was erased."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hub.actors import SYSTEM
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import Booking, Consent, JournalRow, Outbox, Segment
from hub.records import persons
from hub.records.secret import Secret
from hub.records.signing_keys import Signer
from hub.regulation.consent import erasing, exporting
from hub.worker import Worker
from tests.builders import World, a_story
from tests.operation.conftest import Hub
from tests.outlets.planning.scenes import AIR, GUEST, SEGMENTS, Station, a_card, answer, at
from tests.outlets.planning.test_bookings import the_paper

OTHER = "Lò Thị Hạnh"


def person_of(world: World, story: str, name: str) -> str:
    people = world.editor.get(f"/api/v1/persons?story={story}").json["items"]
    found: str = next(person["id"] for person in people if person["name"] == name)
    return found


def is_bare(guest: dict[str, Any]) -> bool:
    """Is nothing left of a guest but the name?"""
    emptied = ("role", "name_strap", "pronunciation", "availability", "travel", "access_needs", "off_limits", "note")
    return "contact" not in guest and not any(guest[name] for name in (*emptied, "consented_topics"))


def calendar_of(world: World) -> str:
    return world.tv.get("/feeds/tv/segment.ics").get_data(as_text=True).replace("\r\n ", "")


def by_withdrawal(world: World, story: str) -> None:
    assert world.editor.act(story, "withdraw", reason="subject_request").status_code == 201


def by_a_hold(world: World, story: str) -> None:
    assert world.editor.act(story, "hold", reason="being_checked").status_code == 201


def by_consent(world: World, story: str) -> None:
    order = {"act": "withdraw", "scopes": ["voice"], "story": story}
    path = f"/api/v1/persons/{person_of(world, story, OTHER)}/acts"
    assert world.editor.ask("POST", path, body=order).status_code == 201


def by_a_correction(world: World, story: str) -> None:
    told = a_story(interview=a_card(GUEST), consent=CONSENT)
    assert world.fishers.put("one", told).status_code == 200
    world.editor.act(story, "approve")
    assert world.editor.act(story, "release").status_code == 201


CONSENT = {"scopes": ["name", "image", "voice", "work_story"], "obtained_on": "2026-11-01"}
WAYS: list[tuple[Callable[[World, str], None], str]] = [
    (by_withdrawal, "bài đã rút"),
    (by_a_hold, "bài đang bị tạm giữ"),
    (by_consent, "không còn sự đồng ý"),
    (by_a_correction, "thẻ giao lưu không còn nêu khách mời này"),
]


@pytest.mark.parametrize(("take_back", "why"), WAYS, ids=[way.__name__ for way, _ in WAYS])
def test_a_guest_who_cannot_come_any_more_is_off_the_rundown_and_the_crew_is_told(
    world: World,
    database: Database,
    settings: Settings,
    clock: FixedClock,
    take_back: Callable[[World, str], None],
    why: str,
) -> None:
    tv = Station(world.tv)
    story = world.release(a_story(interview=a_card(GUEST, OTHER), consent=CONSENT))
    ahead, aired = tv.plan(), tv.plan(starts_at=at(-6))
    booking = tv.book(ahead, story, OTHER)
    past = tv.book(aired, story, OTHER)
    for each in (booking, past):
        answer(world.fishers, each)
    item = {"kind": "talk", "title": "Trò chuyện", "planned_seconds": 600, "guests": [booking["id"]], "story": story}
    tv.done(tv.change(ahead, "/rundown", "PUT", items=[{**item, "questions": [{"text": "Ông Biển ơi?"}]}]))
    before = tv.read(ahead)
    clock.at = AIR - timedelta(days=5)  # the earlier one has been on air
    take_back(world, story)
    after = tv.read(ahead)
    assert after["guests"][0]["booking_state"] == "released"
    assert is_bare(after["guests"][0])
    assert (OTHER in after["notice"], why in after["notice"]) == (True, True)
    assert after["rundown"]["items"][0]["guests"] == []
    assert ("questions" in after["rundown"]["items"][0]) is (take_back is not by_withdrawal)
    assert after["sequence"] == before["sequence"] + 1
    earlier = tv.read(aired)["guests"][0]
    assert (earlier["booking_state"], earlier["role"]) == ("confirmed", "khách mời")  # what was, was
    assert ("contact" in earlier, earlier["off_limits"]) == (False, [])  # and nobody is reachable by it
    with database.reading() as session:
        told = [
            row.payload for row in session.scalars(select(Outbox)) if row.payload.get("kind") in ("pulled", "freed")
        ]
    assert [(row["kind"], row["outlet"], row["segment"]) for row in told] == [
        ("pulled", "tv", ahead["code"]),
        ("freed", "tv", ahead["code"]),
    ]
    assert Hub(settings, database).find_faults() == []
    seen = tv.done(tv.change(ahead, notice_seen=True))["guests"][0]
    assert seen["name"] == (OTHER if take_back is by_a_hold else "")  # a hold may be lifted
    if take_back is by_a_hold:
        by_withdrawal(world, story)
        assert tv.read(ahead)["guests"][0]["name"] == ""
    assert Hub(settings, database).find_faults() == []


def by_handing_back(tv: Station, segment: dict[str, Any], booking: dict[str, Any], clock: FixedClock) -> None:
    path = f"/api/v1/segments/{segment['code']}/guests/{booking['id']}"
    assert tv.client.ask("DELETE", path).status_code == 200
    tv.done(tv.change(segment, notice_seen=True))


def by_calling_it_off(tv: Station, segment: dict[str, Any], booking: dict[str, Any], clock: FixedClock) -> None:
    tv.done(tv.bring(segment, "cancelled"))


def by_airing_it(tv: Station, segment: dict[str, Any], booking: dict[str, Any], clock: FixedClock) -> None:
    tv.done(tv.bring(segment, "confirmed"))
    clock.at = AIR + timedelta(hours=1)
    tv.done(tv.bring(segment, "aired"))


@pytest.mark.parametrize("react", [by_handing_back, by_calling_it_off, by_airing_it])
def test_whatever_the_desk_does_then_no_name_of_a_story_taken_back_is_left(
    world: World, clock: FixedClock, react: Callable[[Station, dict[str, Any], dict[str, Any], FixedClock], None]
) -> None:
    tv = Station(world.tv)
    story = world.release(a_story(interview=a_card(GUEST), consent=CONSENT))
    segment = tv.plan()
    booking = tv.book(segment, story)
    answer(world.fishers, booking)
    by_withdrawal(world, story)
    assert tv.read(segment)["guests"][0]["name"] == GUEST  # until the crew has seen it
    react(tv, segment, booking, clock)
    assert [guest["name"] for guest in tv.read(segment)["guests"]] == [""]


def test_a_postponed_broadcast_is_still_ahead_once_its_old_time_has_passed(world: World, clock: FixedClock) -> None:
    tv = Station(world.tv)
    story = world.release(a_story(interview=a_card(GUEST), consent=CONSENT))
    segment = tv.plan()
    answer(world.fishers, tv.book(segment, story))
    tv.done(tv.bring(segment, "postponed"))
    clock.at = AIR + timedelta(days=1)
    by_withdrawal(world, story)
    told = tv.read(segment)
    assert (told["guests"][0]["booking_state"], GUEST in told["notice"]) == ("released", True)


def test_nobody_is_asked_while_the_story_is_being_taken_back(world: World, database: Database) -> None:
    tv = Station(world.tv)
    story = world.release(a_story(consent=CONSENT))
    wanted = [tv.plan(starts_at=at(day)) for day in range(6)]
    start = threading.Barrier(len(wanted) + 1)
    statuses: list[int] = []

    def ask(segment: dict[str, Any]) -> None:
        start.wait()
        statuses.append(tv.ask(segment, story).status_code)

    threads = [threading.Thread(target=ask, args=(segment,)) for segment in wanted]
    for thread in threads:
        thread.start()
    start.wait()
    by_withdrawal(world, story)
    for thread in threads:
        thread.join()
    assert set(statuses) <= {201, 404, 409}
    with database.reading() as session:
        assert {row.state for row in session.scalars(select(Booking))} <= {"released"}


def test_consent_that_ends_by_its_day_takes_its_guest_with_it(
    world: World, database: Database, worker: Worker, clock: FixedClock
) -> None:
    tv = Station(world.tv)
    story = world.release(a_story(consent=CONSENT))
    order = {"act": "record", "scopes": ["live_appearance"], "story": story, "obtained_on": "2026-11-20"}
    path = f"/api/v1/persons/{person_of(world, story, GUEST)}/acts"
    assert world.editor.ask("POST", path, body={**order, "expires_on": "2026-12-01"}).status_code == 201
    world.editor.ask("POST", path, body={"act": "withdraw", "scopes": ["voice"], "story": story})
    early, late = tv.plan(), tv.plan(starts_at=at(10))
    booking = tv.book(early, story)
    refused = tv.ask(late, story)
    assert refused.json["type"].endswith("guest_consent_ends")
    assert answer(world.fishers, booking).status_code == 200
    assert tv.change(early, starts_at=at(2)).json["type"].endswith("guest_consent_ends")
    with database.writing() as session:  # the day that was booked upon turns out to be an earlier one
        for row in session.scalars(select(Consent).where(Consent.scope == "live_appearance")):
            row.expires_at = AIR - timedelta(hours=2)
    clock.forward(AIR - timedelta(hours=1) - clock.now())
    worker.step()
    after = tv.read(early)
    assert after["guests"][0]["booking_state"] == "released"
    assert after["notice"] == f"{GUEST} đã được rút khỏi kịch bản: không còn sự đồng ý cho việc này."
    assert is_bare(after["guests"][0])
    with database.reading() as session:
        told = [row.payload for row in session.scalars(select(Outbox)) if row.payload.get("kind") == "pulled"]
    assert [(row["outlet"], row["segment"]) for row in told] == [("tv", early["code"])]


def by_the_unit(world: World, segment: dict[str, Any], booking: dict[str, Any]) -> None:
    assert answer(world.fishers, booking, "decline", note="Chị Hạnh bận.").status_code == 200


def by_the_outlet(world: World, segment: dict[str, Any], booking: dict[str, Any]) -> None:
    assert world.tv.ask("DELETE", f"{SEGMENTS}/{segment['code']}/guests/{booking['id']}").status_code == 200


def by_cancelling(world: World, segment: dict[str, Any], booking: dict[str, Any]) -> None:
    assert Station(world.tv).bring(segment, "cancelled").status_code == 200


@pytest.mark.parametrize("how", [by_the_unit, by_the_outlet, by_cancelling])
def test_nobody_is_reachable_by_a_booking_that_has_ended_and_least_of_all_once_the_story_is_taken_back(
    world: World,
    database: Database,
    settings: Settings,
    how: Callable[[World, dict[str, Any], dict[str, Any]], None],
) -> None:
    tv = Station(world.tv)
    story = world.release(a_story(interview=a_card(GUEST, OTHER), consent=CONSENT))
    segment = tv.plan()
    booking = tv.book(segment, story, OTHER, travel="xe của đài", access_needs="xe lăn")
    assert booking["contact"] == {"phone": "0200 000 0111"}
    how(world, segment, booking)
    ended = tv.read(segment)["guests"][0]
    assert ("contact" in ended, ended["availability"]) == (False, [])
    assert "0200 000 0111" not in calendar_of(world)
    by_withdrawal(world, story)
    assert is_bare(tv.read(segment)["guests"][0])
    with database.reading() as session:
        row = session.scalars(select(Booking)).one()
    assert (row.contact, row.availability, row.name, row.name_key) == ({}, [], "", "")
    assert OTHER not in calendar_of(world)
    assert Hub(settings, database).find_faults() == []


def test_of_whom_was_on_air_stays_what_viewers_saw_once_the_story_is_taken_back(
    world: World, database: Database, clock: FixedClock
) -> None:
    tv = Station(world.tv)
    story = world.release(a_story(interview=a_card(GUEST, OTHER), consent=CONSENT))
    segment = tv.plan()
    booking = tv.book(segment, story, OTHER, name_strap="Chị Hạnh", access_needs="xe lăn")
    assert answer(world.fishers, booking).status_code == 200
    tv.done(tv.bring(segment, "confirmed"))
    clock.at = AIR + timedelta(hours=1)
    tv.done(tv.bring(segment, "aired"))
    assert "0200 000 0111" in calendar_of(world)
    by_withdrawal(world, story)
    guest = tv.read(segment)["guests"][0]
    assert (guest["name"], guest["name_strap"], guest["booking_state"]) == (OTHER, "Chị Hạnh", "confirmed")
    assert ("contact" in guest, guest["access_needs"], guest["off_limits"]) == (False, "", [])
    assert "0200 000 0111" not in calendar_of(world)


def test_a_rundown_keeps_no_question_of_a_story_that_is_being_taken_back(world: World, database: Database) -> None:
    tv = Station(world.tv)
    story = world.release(a_story(consent=CONSENT))
    item = {"kind": "talk", "title": "Trò chuyện", "planned_seconds": 600, "story": story}
    wanted = [tv.plan(starts_at=at(day)) for day in range(6)]
    start = threading.Barrier(len(wanted) + 1)
    statuses: list[int] = []

    def put(segment: dict[str, Any]) -> None:
        order = {"items": [{**item, "questions": [{"text": "Ông Biển ơi?"}]}]}
        path = f"{SEGMENTS}/{segment['code']}/rundown"
        start.wait()
        statuses.append(world.tv.ask("PUT", path, body=order, headers={"If-Match": segment["etag"]}).status_code)

    threads = [threading.Thread(target=put, args=(segment,)) for segment in wanted]
    for thread in threads:
        thread.start()
    start.wait()
    by_withdrawal(world, story)
    for thread in threads:
        thread.join()
    assert set(statuses) <= {200, 422}
    assert len(statuses) == len(wanted)
    with database.reading() as session:
        kept = [item for row in session.scalars(select(Segment)) for item in row.items]
    assert [item for item in kept if "questions" in item or "story" in item] == []


def test_two_rows_that_are_one_person_hold_one_time(world: World, database: Database, clock: FixedClock) -> None:
    tv, paper = Station(world.tv), the_paper(world, database, clock)
    one = world.release(a_story(interview=a_card(OTHER)), external_id="one")
    two = world.release(a_story(title="Hai", interview=a_card(OTHER)), external_id="two")
    tv.book(tv.plan(), one, OTHER)
    wanted = paper.plan()
    booking = paper.book(wanted, two, OTHER)  # who else is called so at another outlet nobody can know
    path = f"{SEGMENTS}/{wanted['code']}/guests/{booking['id']}"
    assert world.newspaper.ask("DELETE", path).status_code == 200
    kept, double = (person_of(world, story, OTHER) for story in (one, two))
    order = {"act": "merge", "double": double}
    assert world.editor.ask("POST", f"/api/v1/persons/{kept}/acts", body=order).status_code == 201
    assert paper.ask(wanted, two, OTHER).json["type"].endswith("booked_elsewhere")


def test_whoever_bears_one_name_is_one_guest_within_an_outlet(world: World) -> None:
    tv = Station(world.tv)
    one = world.release(a_story(interview=a_card(OTHER)), external_id="one")
    two = world.release(a_story(title="Hai", interview=a_card(OTHER)), external_id="two")
    assert person_of(world, one, OTHER) != person_of(world, two, OTHER)
    first = tv.plan(title="Sáng thứ Ba")
    tv.book(first, one, OTHER)
    refused = tv.ask(tv.plan(), two, OTHER)
    assert (refused.status_code, refused.json["segment"]) == (409, first["code"])
    assert tv.ask(tv.plan(starts_at=at(1)), two, OTHER).status_code == 201


def test_an_erased_person_is_nowhere_in_what_is_planned(
    world: World, database: Database, settings: Settings, clock: FixedClock
) -> None:
    tv = Station(world.tv)
    story = world.release(a_story(interview=a_card(GUEST, OTHER), consent=CONSENT))
    segment = tv.plan(title=f"Chuyện của {OTHER}", theme=f"Chị {OTHER} kể")
    booking = tv.book(segment, story, OTHER, pronunciation="lò thị hạnh", travel="xe của đài")
    kept = tv.book(segment, story, travel=f"đi cùng {OTHER}")
    item = {
        "kind": "talk",
        "title": f"Gặp {OTHER}",
        "planned_seconds": 600,
        "guests": [booking["id"], kept["id"]],
        "note": f"mời chị {OTHER} ngồi trái",
        "questions": [{"text": f"Thưa chị {OTHER}, …"}, {"text": "Bến có gì?"}],
    }
    tv.done(tv.change(segment, "/rundown", "PUT", items=[item]))
    hub = Hub(settings, database)
    with Database(database.engine, info=Signer.of(settings).info).writing() as session:
        person = persons.get(session, person_of(world, story, OTHER))
        held = exporting.export(session, person, secret=Secret.of(settings), now=clock.now())["bookings"]
        erasing.erase(session, person, actor=SYSTEM, now=clock.now())
    assert [(row["broadcast"], row["pronunciation"], row["contact"]) for row in held] == [
        (f"Chuyện của {OTHER}", "lò thị hạnh", {"phone": "0200 000 0111"})
    ]
    after = tv.read(segment)
    assert (after["title"], after["theme"]) == ("…", "")
    assert after["guests"][1]["travel"] == ""
    assert after["guests"][1]["name"] == GUEST
    (talk,) = after["rundown"]["items"]
    assert (talk["title"], talk["guests"], talk["questions"]) == ("…", [kept["id"]], [{"text": "Bến có gì?"}])
    assert hub.find_faults() == []
    with database.reading() as session:
        rows: list[Any] = [*session.scalars(select(Booking)), *session.scalars(select(Segment))]
        said = " ".join(str(vars(row)) for row in rows).casefold()
        bodies = " ".join(session.scalars(select(JournalRow.body))).casefold()
    assert OTHER.casefold() not in said
    assert OTHER.casefold() not in bodies
    with database.writing() as session:  # and somebody who writes it back is found
        session.scalars(select(Booking).where(Booking.id == booking["id"])).one().name = OTHER
    assert [fault for fault in hub.find_faults() if segment["code"] in fault and "text" in fault]
