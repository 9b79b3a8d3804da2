"""What is asked of a unit: coverage, guests, and the calendar of both; answered once, and by nobody else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hub.clock import FixedClock
from hub.db import Database
from hub.models import Booking, CoverageRequest, RequestAnswer
from tests.builders import World
from tests.planned import HOUR, a_guest, a_segment
from tests.web.desks import Person, seat_user

ONCE = re.compile(r'name="once" value="([^"]+)"')


@pytest.fixture
def contributor(app: Flask, world: World, database: Database, clock: FixedClock) -> Person:
    return Person(app).sign_in(seat_user(database, "contributor", organization="nghe-ca", now=clock.now()))


@pytest.fixture
def woman(app: Flask, world: World, database: Database, clock: FixedClock) -> Person:
    return Person(app).sign_in(seat_user(database, "contributor", organization="phu-nu", now=clock.now()))


def test_a_request_is_answered_with_a_story_once_and_a_fault_keeps_what_was_typed(
    world: World, contributor: Person, woman: Person, database: Database
) -> None:
    story_id = world.push()
    asked = {"title": "Chuyện giữ rừng ngập mặn", "text": "Ai đang giữ rừng?", "to": "nghe-ca"}
    assert world.newspaper.ask("POST", "/api/v1/requests", body=asked).status_code == 201
    with database.reading() as session:
        number = session.scalars(select(CoverageRequest.id)).one()
    here = f"/desk/unit/requests/{number}"
    assert "Chuyện giữ rừng ngập mặn" in contributor.get("/desk/unit/requests/").text
    assert "Chuyện giữ rừng ngập mặn" not in woman.get("/desk/unit/requests/").text
    assert woman.get(here).status_code == 404
    token = ONCE.findall(contributor.get(here).text)[0]
    refused = contributor.post(here, {"answer": "question", "text": "", "once": token}, form=here)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    nameless = contributor.post(f"{here}?lang=en", {"answer": "accepted", "story": story_id}, form=here)
    assert nameless.status_code == 403
    assert "Nothing was sent" in nameless.text
    assert 'name="kept"' not in nameless.text  # sent again it would lack its token once more
    fields = {"answer": "accepted", "story": story_id, "once": token}
    for _ in range(2):
        assert contributor.post(here, fields, form=here).status_code == 303
    with database.reading() as session:
        said = session.scalars(select(RequestAnswer)).all()
    assert [(each.answer, each.story_id) for each in said] == [("accepted", story_id)]
    assert "đã có đơn vị nhận viết" in contributor.get(here).text


def test_a_unit_confirms_its_guests_and_nobody_elses(
    world: World, contributor: Person, woman: Person, database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    with database.writing() as session:
        segment = a_segment(session, at=now + timedelta(days=3), now=now)
        option = {"state": "optioned", "option_expires_at": now + 20 * HOUR}
        ours = a_guest(session, segment, "Nguyễn Văn Biển", "nghe-ca", now=now, **option).id
        theirs = a_guest(session, segment, "Lê Thị Mận", "phu-nu", now=now, **option).id
    page = contributor.get("/desk/unit/bookings/").text
    assert "Nguyễn Văn Biển" in page
    assert "Lê Thị Mận" not in page
    token = next(each for each in ONCE.findall(page) if each.endswith(f"-{ours}"))
    answer = {"once": token, "note": "Ông đến sớm"}
    for _ in range(2):
        assert contributor.post(f"/desk/unit/bookings/{ours}/confirm", answer, form="/desk/unit/new").status_code == 303
    foreign = {"once": "x", "note": ""}
    refused = contributor.post(f"/desk/unit/bookings/{theirs}/decline", foreign, form="/desk/unit/new")
    assert refused.status_code == 404
    with database.reading() as session:
        assert session.get_one(Booking, ours).state == "confirmed"
        assert session.get_one(Booking, theirs).state == "optioned"
    late = contributor.post(f"/desk/unit/bookings/{ours}/decline", {"once": "y"}, form="/desk/unit/new")
    assert late.status_code == 409
    assert "<html" in late.text


def test_the_calendar_address_is_shown_once_and_ends_when_the_unit_says_so(world: World, contributor: Person) -> None:
    made = contributor.post("/desk/unit/calendar", form="/desk/unit/bookings/")
    address = re.findall(r"https://hub\.example(/calendars/[^<\s]+\.ics)", made.text)[0]
    assert world.reader.get(address).status_code == 200
    assert "/calendars/" not in contributor.get("/desk/unit/bookings/").text
    for _ in range(2):
        assert contributor.post("/desk/unit/calendar/revoke", form="/desk/unit/bookings/").status_code == 303
    assert world.reader.get(address).status_code == 404
