"""Confirming: the queue is one's own, by deadline; one screen per decision; a decision is made once and says why."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from hub.accounts import users
from hub.clock import FixedClock, local_day
from hub.db import Database
from hub.errors import Invalid
from hub.http.services import EXTENSION
from hub.intake import submissions
from hub.models import Act, Consent, Organization, Story, User
from hub.records import proofs
from hub.records.secret import Secret
from hub.regulation import confirm_queue
from hub.regulation.duties import projector
from hub.regulation.edition import editions
from hub.web import waiting
from hub.web.unit import confirming
from hub.web.unit.refusing import fault_sentences
from hub.worker import Worker
from schemas import Fault
from tests.builders import World, a_story
from tests.web.desks import Person, seat_user

ONCE = re.compile(r'name="once" value="([^"]+)"')
NUMBER = re.compile(r'Chờ xác nhận <span class="badge badge-mind">([^<]+)<')
Seated = Callable[..., Person]


@pytest.fixture
def seated(app: Flask, world: World, database: Database, clock: FixedClock) -> Seated:
    """A confirmer or contributor of an organization, at a desk, under the default regulation."""
    with database.writing() as session:
        for code, level in (("ldld", "province"), ("nghe-ca", "grassroots")):
            session.scalars(select(Organization).where(Organization.code == code)).one().level = level
        editions.adopt(session, editions.default_text(), now=clock.now())
    clock.forward(timedelta(seconds=1))

    def seat(role: str, organization: str) -> Person:
        return Person(app).sign_in(seat_user(database, role, organization=organization, now=clock.now()))

    return seat


def test_a_queue_holds_ones_own_steps_the_earliest_deadline_first(
    world: World, seated: Seated, clock: FixedClock
) -> None:
    first = world.push(a_story(title="Gửi trước"), external_id="a")
    clock.forward(timedelta(hours=3))
    world.push(a_story(title="Gửi sau"), external_id="b")
    unit, province = seated("confirmer", "nghe-ca"), seated("confirmer", "ldld")
    page = unit.get("/desk/unit/confirm/").text
    assert page.index("Gửi trước") < page.index("Gửi sau")
    assert "Điều 10" in page
    assert "Gửi trước" not in province.get("/desk/unit/confirm/").text
    token = ONCE.findall(unit.get(f"/desk/unit/confirm/{first}").text)[0]
    fields = {"once": token, "version": "1", "note": "Đúng sự thật"}
    for _ in range(2):
        answer = unit.post(f"/desk/unit/confirm/{first}/confirm", fields, form="/desk/unit/confirm/" + first)
        assert answer.status_code == 303
    assert "Gửi trước" in province.get("/desk/unit/confirm/").text
    assert "Gửi trước" not in unit.get("/desk/unit/confirm/").text


def test_the_menu_says_how_much_waits_and_the_latest_stands_first(
    world: World, seated: Seated, clock: FixedClock, database: Database
) -> None:
    world.push(a_story(title="Gửi đầu tuần"), external_id="a")
    clock.forward(timedelta(hours=30))
    world.push(a_story(title="Khẩn", urgency=2), external_id="b")
    projector.catch_up(database)  # the duties with their terms
    unit = seated("confirmer", "nghe-ca")
    page = unit.get("/desk/unit/confirm/").text
    assert re.search(r'aria-current="page">Chờ xác nhận <span class="badge badge-mind">2<', page)
    assert page.index("Khẩn") < page.index("Gửi đầu tuần")  # 24 hours, though it came later
    assert "badge-mind" not in seated("confirmer", "ldld").get("/desk/unit/confirm/").text


def hand_in(database: Database, user_id: int, number: int, *, clock: FixedClock) -> None:
    """A user's own stories, as many as asked for."""
    with database.writing() as session:
        actor = users.find_actor(session, session.get_one(User, user_id), now=clock.now())
        assert actor is not None
        for each in range(number):
            story = a_story(title=f"Bài của {user_id}, số {each}")
            submissions.submit(session, submissions.prepare(story), actor=actor, now=clock.now())


def both_seats(app: Flask, database: Database, clock: FixedClock) -> tuple[Person, int]:
    """Somebody who sends stories of the fishers and confirms them, and their id."""
    user_id = seat_user(database, "contributor", organization="nghe-ca", now=clock.now(), email="ca-hai")
    with database.writing() as session:
        seat = users.Seat(role="confirmer", organization="nghe-ca")
        users.seat(session, session.get_one(User, user_id), seat, on=local_day(clock.now()))
    return Person(app).sign_in(user_id), user_id


def numbers_in(person: Person, path: str = "/desk/unit/bookings/") -> list[str]:
    """What the menu says waits, on a page."""
    return NUMBER.findall(person.get(path).text)


def test_the_number_in_the_menu_goes_on_past_ones_own_stories(
    app: Flask, world: World, seated: Seated, database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirm_queue, "BATCH", 2)
    both, user_id = both_seats(app, database, clock)
    hand_in(database, user_id, 3, clock=clock)
    clock.forward(timedelta(hours=1))
    for number in range(2):
        world.push(a_story(title=f"Bài của người khác {number}"), external_id=f"n{number}")
    assert numbers_in(both) == ["2"]


def test_the_number_in_the_menu_says_that_there_may_be_more(
    app: Flask, world: World, seated: Seated, database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirm_queue, "BATCH", 2)
    monkeypatch.setattr(confirm_queue, "BATCHES", 2)
    for number in range(3):
        world.push(a_story(title=f"Bài {number}"), external_id=f"n{number}")
    unit = seated("confirmer", "nghe-ca")
    assert numbers_in(unit) == ["3"]
    monkeypatch.setattr(waiting, "COUNTED_AT_MOST", 2)
    clock.forward(waiting.KEPT_FOR)
    assert numbers_in(unit) == ["2+"]  # there are more than one counts
    both, user_id = both_seats(app, database, clock)
    monkeypatch.setattr(waiting, "COUNTED_AT_MOST", 49)
    hand_in(database, user_id, 2, clock=clock)
    assert numbers_in(both) == ["3+"]  # one's own stood last, and behind them nobody looked


def test_the_number_in_the_menu_is_counted_once_in_a_while_and_after_ones_own_act(
    app: Flask, world: World, seated: Seated, clock: FixedClock
) -> None:
    first = world.push(a_story(title="Bài đầu"), external_id="a")
    world.push(a_story(title="Bài sau"), external_id="b")
    unit = seated("confirmer", "nghe-ca")
    assert numbers_in(unit) == ["2"]
    with statements(app) as asked:
        assert numbers_in(unit) == ["2"]
    assert [each for each in asked if "FROM versions" in each or ("WITH RECURSIVE" in each and "stories" in each)] == []
    here = f"/desk/unit/confirm/{first}"
    confirmed = {"once": ONCE.findall(unit.get(here).text)[0], "version": "1"}
    assert unit.post(f"{here}/confirm", confirmed, form=here).status_code == 303
    assert numbers_in(unit) == ["1"]
    world.push(a_story(title="Bài mới"), external_id="c")
    assert numbers_in(unit) == ["1"]  # kept
    assert numbers_in(unit, "/desk/unit/confirm/") == ["2"]  # as the list says beside it
    world.push(a_story(title="Bài mới nữa"), external_id="d")
    clock.forward(waiting.KEPT_FOR)
    assert numbers_in(unit) == ["3"]


def test_a_database_that_fails_is_told_in_the_frame_of_the_desk_and_asked_no_more(
    app: Flask, world: World, seated: Seated, clock: FixedClock
) -> None:
    world.push()
    unit = seated("confirmer", "nghe-ca")
    database, asked = app.extensions[EXTENSION].database, []

    def refuse(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)
        raise OperationalError("no connection", None, OSError())

    def fail() -> None:
        event.listen(database.engine, "before_cursor_execute", refuse)
        with database.reading() as session:
            session.scalar(select(Story.id))

    unit.get("/desk/unit/bookings/")  # reads the name of the portal
    app.view_functions["unit.list_queue"] = fail
    clock.forward(timedelta(hours=1))  # nothing that was kept is fresh
    try:
        answer = unit.come_back().get("/desk/unit/confirm/", Accept="text/html")
    finally:
        event.remove(database.engine, "before_cursor_execute", refuse)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert 'class="at-desk"' in answer.text
    assert 'class="bar-site"' in answer.text
    assert "Chờ xác nhận" in answer.text
    assert len(asked) == 1  # what failed; nothing after it


def test_a_number_that_cannot_be_counted_takes_no_page_along(
    app: Flask, world: World, seated: Seated, clock: FixedClock
) -> None:
    world.push()
    unit = seated("confirmer", "nghe-ca")
    engine = app.extensions[EXTENSION].database.engine

    def refuse(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "min(duties.due_at)" in statement:
            raise OperationalError("too slow", None, TimeoutError())

    event.listen(engine, "before_cursor_execute", refuse)
    try:
        answer = unit.get("/desk/unit/bookings/")
    finally:
        event.remove(engine, "before_cursor_execute", refuse)
    assert answer.status_code == 200
    assert NUMBER.findall(answer.text) == []
    assert numbers_in(unit) == ["1"]


def test_only_what_is_said_beside_its_field_is_left_out_of_a_refusal(app: Flask) -> None:
    missing = Fault("/note", "required", {"field": "note"})
    refused = Invalid(faults=[missing, Fault("/faults/0/pointer", "required", {"field": "pointer"})])
    with app.test_request_context("/?lang=en"):
        assert len(fault_sentences(refused)) == 2
        (left,) = fault_sentences(refused, but="/note")
        assert left == fault_sentences(refused)[1]
        assert fault_sentences(Invalid(faults=[missing]), but="/note") == []


def test_a_queue_asks_as_often_for_four_stories_of_a_deputy_as_for_one(
    app: Flask, world: World, seated: Seated, database: Database, clock: FixedClock
) -> None:
    unit = seated("confirmer", "nghe-ca")
    away = seat_user(database, "contributor", organization="nghe-ca", now=clock.now(), email="vang")
    deputy = seat_user(database, "confirmer", organization="phu-nu", now=clock.now(), email="thay")
    with database.writing() as session:
        on = local_day(clock.now())
        people = session.get_one(User, away), session.get_one(User, deputy)
        users.delegate(session, *people, on=on, until=on + timedelta(days=3), note="", now=clock.now())

    def count(stories: int) -> int:
        hand_in(database, deputy, 1, clock=clock)
        clock.forward(waiting.KEPT_FOR)
        with statements(app) as asked:
            assert unit.get("/desk/unit/confirm/").text.count('class="list-title"') == stories
        return len(asked)

    count(1)  # what is kept for the next time
    two = count(2)
    assert count(3) == two


def test_a_queue_goes_on_past_what_waits_for_others_below(
    world: World, seated: Seated, database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirm_queue, "BATCH", 1)
    monkeypatch.setattr(confirm_queue, "BATCHES", 2)
    for number in range(4):
        world.push(a_story(title=f"Chờ ở dưới {number}"), external_id=f"low{number}")
    mine = world.push(a_story(title="Chờ ở tỉnh"), external_id="high")
    unit, province = seated("confirmer", "nghe-ca"), seated("confirmer", "ldld")
    here = f"/desk/unit/confirm/{mine}"
    confirmed = {"once": ONCE.findall(unit.get(here).text)[0], "version": "1"}
    assert unit.post(f"{here}/confirm", confirmed, form=here).status_code == 303
    clock.forward(timedelta(seconds=1))
    text = json.loads(editions.default_text())
    with database.writing() as session:  # whose the steps are by another edition their names do not tell
        editions.adopt(session, json.dumps({**text, "number": "09-QC/TU"}), now=clock.now())
    clock.forward(timedelta(seconds=1))
    path, pages = "/desk/unit/confirm/", 0
    page = province.get(path).text
    while "Chờ ở tỉnh" not in page:
        assert "Không có bài nào chờ xác nhận" not in page
        assert "Chờ ở dưới" not in page
        following = re.search(r'rel="next" href="(\?after=[^"]+)"', page)
        assert following is not None
        assert (pages := pages + 1) < 9
        page = province.get(path + html.unescape(following[1])).text
    assert pages > 0


def test_a_queue_goes_on_from_a_story_that_was_decided_meanwhile(
    world: World, seated: Seated, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirming, "PAGE", 1)
    ids = []
    for number in range(3):
        ids.append(world.push(a_story(title=f"Bài {number}"), external_id=f"n{number}"))
        clock.forward(timedelta(hours=1))
    unit = seated("confirmer", "nghe-ca")
    first = unit.get("/desk/unit/confirm/").text
    assert "Bài 0" in first
    following = re.search(r'rel="next" href="(\?after=[^"]+)"', first)
    assert following is not None
    here = f"/desk/unit/confirm/{ids[0]}"
    confirmed = {"once": ONCE.findall(unit.get(here).text)[0], "version": "1"}
    assert unit.post(f"{here}/confirm", confirmed, form=here).status_code == 303
    second = unit.get("/desk/unit/confirm/" + html.unescape(following[1])).text
    assert "Bài 1" in second
    assert unit.get("/desk/unit/confirm/?after=nonsense~x").status_code == 200


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The statements that the database is asked inside."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    engine = app.extensions[EXTENSION].database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_lists_ask_for_titles_and_returns_once_however_many_stand_there(
    app: Flask, world: World, seated: Seated
) -> None:
    for number in range(6):
        world.push(a_story(title=f"Bài {number}"), external_id=f"n{number}")
    unit, contributor = seated("confirmer", "nghe-ca"), seated("contributor", "nghe-ca")
    assert unit.get("/desk/unit/confirm/").text.count('class="list-title"') == 6
    ids = re.findall(r'href="/desk/unit/confirm/(st_\w+)"', unit.get("/desk/unit/confirm/").text)
    for story_id in ids[:5]:
        here = f"/desk/unit/confirm/{story_id}"
        fields = {"once": ONCE.findall(unit.get(here).text)[0], "version": "1", "note": f"Xem lại {story_id}"}
        assert unit.post(f"{here}/return", fields, form=here).status_code == 303
    contributor.get("/desk/unit/")
    with statements(app) as asked:
        page = contributor.get("/desk/unit/").text
    assert all(f"Xem lại {story_id}" in page for story_id in ids[:5])
    of_acts = [each for each in asked if "FROM acts" in each and "acts.faults" in each]
    assert len(of_acts) == 1


def test_a_queue_asks_the_database_as_often_for_ten_stories_as_for_one(
    app: Flask, world: World, seated: Seated, clock: FixedClock
) -> None:
    unit = seated("confirmer", "nghe-ca")

    def count(stories: int) -> int:
        clock.forward(waiting.KEPT_FOR)
        with statements(app) as asked:
            assert unit.get("/desk/unit/confirm/").text.count('class="list-title"') == stories
        return len(asked)

    world.push(a_story(title="Bài đầu"), external_id="n0")
    count(1)  # what is kept for the next time
    one = count(1)
    for number in range(1, 10):
        world.push(a_story(title=f"Bài {number}"), external_id=f"n{number}")
    assert count(10) == one


def test_what_waits_for_others_below_does_not_leave_the_database(
    app: Flask, world: World, seated: Seated, clock: FixedClock, database: Database
) -> None:
    clock.forward(timedelta(days=2))  # what changed the tree lies behind
    below = world.push(a_story(title="Chờ ở dưới"), external_id="low")
    mine = world.push(a_story(title="Chờ ở tỉnh"), external_id="high")
    unit, province = seated("confirmer", "nghe-ca"), seated("confirmer", "ldld")
    here = f"/desk/unit/confirm/{mine}"
    confirmed = {"once": ONCE.findall(unit.get(here).text)[0], "version": "1"}
    assert unit.post(f"{here}/confirm", confirmed, form=here).status_code == 303

    def possible() -> set[str]:
        """The stories that the query lets through for the confirmer of the province."""
        with database.reading() as session:
            user = session.scalars(select(User).where(User.email == "confirmer-ldld@hub.example")).one()
            asker = users.find_actor(session, user, now=clock.now())
            assert asker is not None
            theirs = confirm_queue._may_be_theirs(session, asker, now=clock.now())
            found = confirm_queue._list_next(session, asker, theirs, "", now=clock.now())
        return {story.id for story, _ in found}

    assert possible() == {mine}
    assert "Chờ ở dưới" not in province.get("/desk/unit/confirm/").text
    clock.forward(timedelta(days=30))  # the level below sleeps past its clause
    province.come_back()
    assert possible() == {mine, below}
    assert "Chờ ở dưới" in province.get("/desk/unit/confirm/").text


def test_who_only_confirms_lands_on_what_waits_for_them(seated: Seated) -> None:
    assert seated("confirmer", "nghe-ca").get("/desk/").headers["Location"] == "/desk/unit/confirm/"
    assert seated("contributor", "nghe-ca").get("/desk/").headers["Location"] == "/desk/unit/"


def test_one_screen_has_the_story_what_is_like_it_and_what_was_agreed_to(
    app: Flask, world: World, seated: Seated, worker: Worker
) -> None:
    world.push(a_story(title="Chuyện cũ ở bến"), external_id="old")
    story_id = world.push(external_id="new")
    worker.step()
    page = seated("confirmer", "nghe-ca").get(f"/desk/unit/confirm/{story_id}").text
    assert "Bốn giờ sáng, bến Đá Lau còn đẫm hơi sương." in page
    assert "Chuyện cũ ở bến" in page
    assert re.search(r"giống nhau [89]\d% câu chữ", page)
    assert "Nêu họ tên" in page
    assert page.count('class="paper"') == 3  # itself, and the two side by side


def test_what_a_withdrawn_story_said_is_closed_beside_the_one_like_it(
    world: World, seated: Seated, worker: Worker, database: Database
) -> None:
    old = world.push(a_story(title="Chuyện đã rút"), external_id="old")
    new = world.push(a_story(title="Chuyện mới"), external_id="new")
    worker.step()
    with database.writing() as session:
        session.get_one(Story, old).state = "withdrawn"
    page = seated("confirmer", "nghe-ca").get(f"/desk/unit/confirm/{new}").text
    assert "Nội dung bài đã rút không còn xem được." in page
    assert re.search(r"giống nhau [89]\d% câu chữ", page)  # that there is one is told
    assert "Chuyện đã rút" not in page
    assert page.count('class="paper"') == 1


def test_the_list_has_no_title_of_a_withdrawn_story(world: World, seated: Seated, database: Database) -> None:
    gone, stays = world.push(a_story(title="Chuyện đã rút"), external_id="a"), world.push(external_id="b")
    with database.writing() as session:
        session.get_one(Story, gone).state = "withdrawn"
    for role in ("contributor", "confirmer"):
        page = seated(role, "nghe-ca").get("/desk/unit/").text
        assert gone in page
        assert stays in page
        assert "Chuyện đã rút" not in page
        assert "Người giữ bến Đá Lau" in page


def test_a_sealed_paper_is_told_of_with_who_may_open_it(
    app: Flask, world: World, seated: Seated, database: Database, clock: FixedClock
) -> None:
    story_id, unit = world.push(), seated("confirmer", "nghe-ca")
    here, sentence = (
        f"/desk/unit/confirm/{story_id}",
        "chỉ người xác nhận và biên tập viên của bài, cùng bên giám sát, được mở",
    )
    plain = unit.get(here).text
    assert '<a href="#consent">' in plain
    assert sentence not in plain
    secret = Secret.of(app.extensions[EXTENSION].settings)
    with database.writing() as session:
        row = session.scalars(select(Consent).where(Consent.story_id == story_id)).first()
        assert row is not None
        paper = proofs.seal(session, row.person_id, b"%PDF-1.7", secret=secret, by="Hòa", at=clock.now())
        row.proof_id = paper.id
    assert sentence in unit.get(here).text


def test_a_return_names_fields_and_faults_and_keeps_what_was_typed_when_it_is_refused(
    world: World, seated: Seated, database: Database
) -> None:
    story_id, unit = world.push(), seated("confirmer", "nghe-ca")
    here = f"/desk/unit/confirm/{story_id}"
    page = unit.get(here).text
    assert '<option value="/metrics/0/value"' in page
    token = ONCE.findall(page)[0]
    empty = unit.post(f"{here}/return", {"once": token, "version": "1"}, form=here)
    assert empty.status_code == 422
    more = {"once": token, "version": "1", "more": "yes", "code": ["no_source"], "pointer": ["/metrics/0"]}
    grown = unit.post(f"{here}/return", {**more, "fault_note": ["Sổ nào?"]}, form=here)
    assert grown.text.count('name="code"') == 2
    assert 'value="Sổ nào?"' in grown.text
    fields = {
        "once": token,
        "version": "1",
        "pointer": ["/metrics/0", "/title"],
        "code": ["no_source", ""],
        "fault_note": ["Sổ nào?", ""],
    }
    assert unit.post(f"{here}/return", fields, form=here).status_code == 303
    with database.reading() as session:
        act = session.scalars(select(Act).order_by(Act.id.desc())).first()
        assert act is not None
        assert (act.kind, act.faults) == (
            "return",
            [{"pointer": "/metrics/0", "code": "no_source", "note": "Sổ nào?"}],
        )


def test_enter_in_a_fault_decides_nothing(world: World, seated: Seated, database: Database) -> None:
    story_id, unit = world.push(), seated("confirmer", "nghe-ca")
    here = f"/desk/unit/confirm/{story_id}"
    forms = re.findall(r'<form[^>]* action="([^"]+)".*?</form>', page := unit.get(here).text, re.DOTALL)
    assert [f"{here}/confirm", f"{here}/return"] == [each for each in forms if each.startswith(here)]
    whole = re.search(rf'<form[^>]* action="{here}/return".*?</form>', page, re.DOTALL)
    assert whole is not None
    assert 'name="fault_note"' in whole[0]
    first = re.search(r"<button([^>]*)>", whole[0])  # what a browser presses for Enter
    assert first is not None
    pressed = dict(re.findall(r'(name|value)="([^"]*)"', first[1]))
    fields = {"once": ONCE.findall(page)[0], "version": "1", "code": ["no_source"], "pointer": ["/metrics/0"]}
    fields |= {"fault_note": ["Sổ nào?"], "note": "Xem lại", pressed["name"]: pressed["value"]}
    shown = unit.post(f"{here}/return", fields, form=here)
    assert shown.status_code == 200
    assert 'value="Sổ nào?"' in shown.text
    assert "Xem lại</textarea>" in shown.text
    with database.reading() as session:
        assert session.get_one(Story, story_id).state == "confirming"


def test_nothing_is_confirmed_with_faults(world: World, seated: Seated, database: Database) -> None:
    story_id, unit = world.push(), seated("confirmer", "nghe-ca")
    here = f"/desk/unit/confirm/{story_id}"
    fields = {
        "once": ONCE.findall(unit.get(here).text)[0],
        "version": "1",
        "code": ["no_source"],
        "pointer": ["/title"],
    }
    refused = unit.post(f"{here}/confirm", {**fields, "fault_note": ["Sổ nào?"]}, form=here)
    assert refused.status_code == 422
    assert "không xác nhận được" in refused.text
    assert 'value="Sổ nào?"' in refused.text
    with database.reading() as session:
        assert session.scalars(select(Act).where(Act.kind == "confirm")).all() == []


def test_a_version_that_came_meanwhile_is_not_confirmed_unseen(world: World, seated: Seated) -> None:
    story_id, unit = world.push(), seated("confirmer", "nghe-ca")
    here = f"/desk/unit/confirm/{story_id}"
    token = ONCE.findall(unit.get(here).text)[0]
    world.push(a_story(title="Bản mới"))
    refused = unit.post(f"{here}/confirm", {"once": token, "version": "1", "note": "Tốt"}, form=here)
    assert refused.status_code == 409
    assert "Bản mới" in refused.text
    assert "Tốt</textarea>" in refused.text


def test_nobody_confirms_their_own_story_and_the_page_says_why(
    seated: Seated, database: Database, clock: FixedClock
) -> None:
    both, now = seated("contributor", "nghe-ca"), clock.now()
    with database.writing() as session:
        user = session.scalars(select(User)).one()
        users.seat(session, user, users.Seat(role="confirmer", organization="nghe-ca"), on=local_day(now))
        actor = users.find_actor(session, user, now=now)
        assert actor is not None
        story_id = submissions.submit(session, submissions.prepare(a_story()), actor=actor, now=now).story.id
    assert "Người giữ bến Đá Lau" in both.get("/desk/unit/confirm/").text
    page = both.get(f"/desk/unit/confirm/{story_id}").text
    assert "Không ai tự xác nhận bài của mình" in page
    assert ">Xác nhận</button>" not in page


def test_a_deputy_sees_for_whom_they_stand_in_and_confirms(
    app: Flask, world: World, seated: Seated, database: Database, clock: FixedClock
) -> None:
    seated("confirmer", "nghe-ca")
    deputy = seat_user(database, "contributor", organization="phu-nu", now=clock.now(), email="thay")
    with database.writing() as session:
        away = session.scalars(select(User).where(User.email.startswith("confirmer-nghe-ca"))).one()
        on = local_day(clock.now())
        users.delegate(
            session, away, session.get_one(User, deputy), on=on, until=on + timedelta(days=3), note="", now=clock.now()
        )
    story_id = world.push()
    person = Person(app).sign_in(deputy)
    page = person.get("/desk/unit/confirm/").text
    assert "confirmer nghe-ca" in page
    assert f'href="/desk/unit/confirm/{story_id}"' in page


def test_whoever_confirms_nothing_finds_no_queue(world: World, seated: Seated) -> None:
    story_id = world.push()
    contributor, stranger = seated("contributor", "nghe-ca"), seated("confirmer", "phu-nu")
    assert contributor.get("/desk/unit/confirm/").status_code == 404
    assert contributor.get(f"/desk/unit/confirm/{story_id}").status_code == 404
    assert stranger.get(f"/desk/unit/confirm/{story_id}").status_code == 404
