"""Waiting: whoever a story waits for is told so, with clause and deadline, and no longer once it waits no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from hub.accounts import keys, users
from hub.clock import FixedClock
from hub.db import Database
from hub.delivery import notices
from hub.delivery.postman import Postman
from hub.delivery.recipients import Kind
from hub.i18n.words import format_day
from hub.models import Duty, Letter, Organization, OrganizationState, Outbox
from hub.records import outbox
from hub.regulation.duties import projector
from hub.regulation.edition import editions
from hub.worker import Worker
from tests.builders import Client, World, a_story
from tests.delivery.people import SEATS, email_of, seat_people
from tests.delivery.post_office import Office
from tests.delivery.reading import TITLE, Choose, parts, subjects, told

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
WAITING = f"Bài chờ xử lý: {TITLE}"
Speak = Callable[[str], Client]


@pytest.fixture
def people(world: World, database: Database, clock: FixedClock) -> World:
    """Everybody has a seat, and has chosen nothing yet."""
    seat_people(database, clock)
    return world


@pytest.fixture
def ruled(people: World, database: Database, clock: FixedClock, choose: Choose) -> World:
    """A grassroots union below a provincial federation, under the default regulation; only waiting is told, at once."""
    with database.writing() as session:
        for code, level in (("ldld", "province"), ("nghe-ca", "grassroots")):
            row = session.scalars(select(Organization).where(Organization.code == code)).one()
            row.level = level
            session.execute(
                update(OrganizationState).where(OrganizationState.organization_id == row.id).values(level=level)
            )
        editions.adopt(session, editions.default_text(), now=clock.now())
    clock.forward(SECOND)
    for name in SEATS:
        choose(name, kinds={kind.value: "at_once" if kind is Kind.WAITING else "none" for kind in Kind})
    return people


@pytest.fixture
def speak(people: World, database: Database, clock: FixedClock) -> Speak:
    """Somebody speaking with a key of their own."""

    def speak(name: str) -> Client:
        with database.writing() as session:
            secret = keys.mint(session, "user", user=users.get(session, email_of(name)), now=clock.now()).secret
        return Client(people.editor.app, secret)

    return speak


def test_each_step_is_told_to_those_who_have_to_take_it_with_clause_and_deadline(
    ruled: World, postman: Postman, office: Office, database: Database, speak: Speak
) -> None:
    story_id = ruled.push()
    steps: list[tuple[str, str, str]] = [("lan", "10.1", "xác nhận"), ("minh", "11.1", "xác nhận")]
    steps.append(("tam", "13.1", "biên tập viên thẩm định"))
    for name, clause, waits_for in steps:
        postman.round()
        assert told(office) == {name: WAITING}
        due = _deadline(database, clause)
        for part in parts(office.mail[0]):
            for said in (TITLE, f"Điều khoản: {clause}", f"Thời hạn: {due}", f"Chờ: {waits_for}"):
                assert said in part
        office.raw.clear()
        if name != "tam":
            assert speak(name).act(story_id, "confirm").status_code == 201
    assert ruled.editor.act(story_id, "approve", channels=["public/all"]).status_code == 201
    assert postman.round() == 0  # released: it waits for nobody


def _deadline(database: Database, clause: str) -> str:
    """As the duty has it, which is derived from the journal: 08:00 24/11/2026."""
    projector.catch_up(database)
    with database.reading() as session:
        due = session.scalars(select(Duty.due_at).where(Duty.clause == clause)).one()
    return f"hết ngày {format_day(due - timedelta(minutes=1), 'vi')}"  # deadlines end with a day


def test_the_desk_hears_of_corrections_and_of_what_is_to_be_withdrawn(
    ruled: World, postman: Postman, office: Office, speak: Speak
) -> None:
    story_id = ruled.push(a_story(urgency=1))
    speak("lan").act(story_id, "confirm")
    assert ruled.editor.act(story_id, "approve", channels=["public/all"]).status_code == 201
    postman.round()
    office.raw.clear()
    ruled.push(a_story(urgency=1, title="Bản sửa"))
    postman.round()
    assert told(office) == {"tam": "Bài chờ xử lý: Bản sửa"}
    assert "bản đính chính" in parts(office.mail[0])[0]
    office.raw.clear()
    assert ruled.fishers.act(story_id, "request_withdrawal", reason="supplier_wish").status_code == 201
    postman.round()
    assert set(told(office)) == {"tam"}
    assert "đề nghị rút bài" in parts(office.mail[0])[0]


def test_without_a_regulation_the_editor_hears_what_came_in(
    people: World, postman: Postman, office: Office, choose: Choose
) -> None:
    choose("tam", kinds={"waiting": "at_once"})
    people.push()
    assert postman.round() == 1
    assert told(office) == {"tam": WAITING}
    assert "Điều khoản" not in parts(office.mail[0])[0]


def test_what_waits_comes_once_a_day_unless_chosen_otherwise_and_only_what_still_waits(
    people: World, worker: Worker, postman: Postman, office: Office, clock: FixedClock
) -> None:
    done, waits = people.push(external_id="1"), people.push(a_story(title="Bài còn chờ"), external_id="2")
    people.push(a_story(title="Bài còn chờ, sửa lần nữa"), external_id="2")
    assert postman.round() == 0
    assert people.editor.act(done, "approve", channels=["public/all"]).status_code == 201
    worker.step()
    clock.forward(DAY)
    postman.round()
    (digest,) = [message for message in office.mail if str(message["To"]).startswith("Tam")]
    assert digest["Subject"] == "Tin báo ngày 24/11/2026 (1 việc)"
    for part in parts(digest):
        assert part.count("Bài còn chờ, sửa lần nữa") == 1
        assert TITLE not in part
    assert people.editor.act(waits, "hold").status_code == 201
    assert people.editor.act(waits, "lift").status_code == 201
    clock.forward(DAY)
    postman.round()
    assert len(subjects(office, "tam")) == 1  # the lift was noted after the hour: it comes with the next mail
    clock.forward(DAY)
    postman.round()
    assert len(subjects(office, "tam")) == 2


def test_during_a_hold_nothing_waits(people: World, postman: Postman, office: Office, clock: FixedClock) -> None:
    story_id = people.push()
    postman.round()
    assert people.editor.act(story_id, "hold").status_code == 201
    clock.forward(DAY)
    assert postman.round() == 0
    assert office.raw == []


def test_a_great_many_are_counted_and_not_all_told(
    people: World, postman: Postman, office: Office, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "WAITING_SHOWN", 2)
    for number in range(5):
        people.push(a_story(title=f"Bài số {number}"), external_id=str(number))
    returned = people.push(a_story(title="Bài bị trả"), external_id="returned")
    people.editor.act(returned, "return", note="Thiếu số liệu.")
    postman.round()
    clock.forward(DAY)
    postman.round()
    (digest,) = [message for message in office.mail if str(message["To"]).startswith("Tam")]
    assert digest["Subject"] == "Tin báo ngày 24/11/2026 (5 việc)"
    for part in parts(digest):
        assert [f"Bài số {number}" in part for number in range(5)] == [True, True, False, False, False]
        assert "Còn 3 bài khác chờ xử lý." in part


def test_what_waits_lets_other_events_go_first(
    people: World, postman: Postman, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an import a hundred thousand stories wait; a return is told meanwhile."""
    first = people.push()
    for number in range(5):
        people.push(a_story(title=f"Bài số {number}"), external_id=str(number))
    people.editor.act(first, "return", note="Thiếu số liệu.")
    order: list[str] = []
    tell = notices.tell

    def note(session: Any, facts: Any, **more: Any) -> int:
        order.append(facts["kind"])
        return tell(session, facts, **more)

    monkeypatch.setattr(notices, "tell", note)
    postman.clerk.round()
    assert order == ["returned", *["waiting"] * 6]
    with database.reading() as session:
        assert session.scalar(select(func.count(Outbox.id)).where(Outbox.kind.in_(outbox.TOLD))) == 0
        assert session.scalar(select(func.count(Letter.id)).where(Letter.key.startswith("digest:"))) == 1


def test_a_draft_waits_for_nobody(people: World, database: Database) -> None:
    people.push(a_story(state="draft"))
    with database.reading() as session:
        assert session.scalar(select(func.count(Outbox.id)).where(Outbox.kind == outbox.WAITING)) == 0
