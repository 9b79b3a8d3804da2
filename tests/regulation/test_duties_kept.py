"""How duties are kept: derived again they are the same, timers touch what is due, a clock that jumped harms nothing."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from typing import Any

import orjson
import pytest
from sqlalchemy import event, select, update

from hub.accounts import history, keys, organizations, users
from hub.accounts.organizations import NewOrganization
from hub.actors import SYSTEM, Actor, Grant, Role
from hub.background import create_worker
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.errors import Invalid, NotFound
from hub.models import Duty, Organization, OrganizationState, Setting
from hub.operation.verifying import duty_faults
from hub.records import clock_trust, journal
from hub.records.clock_trust import ClockNotBelieved
from hub.regulation.duties import instants, marks, projector, reading, rebuilding, timers, waiving
from hub.regulation.duties.reading import Question
from hub.regulation.duties.waiving import DutyEnded
from hub.regulation.edition import editions
from hub.worker import Worker
from tests.builders import Client, World, a_story
from tests.regulation.scenes import Scene, at

# --- derived again --------------------------------------------------------------------------------------------------


def a_busy_autumn(scene: Scene, *, resting: bool) -> None:
    """Stories in every state of their lives; with `resting`, the timers speak in between."""

    def rest(until: str) -> None:
        if resting:
            scene.time_passes(until)

    rest("2026-10-01 00:05")
    for number, unit in enumerate(("nghe-ca", "phu-nu", "bien-phong", "ldld")):
        story = f"st_{number}"
        scene.act("2026-10-12 10:00", "submit", story=story, by=unit)
        scene.act("2026-10-13 10:00", "confirm", story=story, by=unit, step="unit", actor="person:1")
        rest("2026-10-14 09:00")
        scene.act("2026-10-21 10:00", "confirm", story=story, by=unit, step="province", actor="person:9")
    rest("2026-11-02 00:00")
    scene.act("2026-11-03 10:00", "approve", story="st_0")
    scene.act("2026-11-03 10:00", "release", story="st_0", before="approved", channels=["newspaper/column"])
    scene.act("2026-11-04 10:00", "submit", story="st_9", urgency=2)
    scene.act("2026-11-04 11:00", "recall", story="st_9")
    scene.happened("2026-11-05 10:00", story="st_0", kind="pickup", outlet="newspaper", use="printed")
    scene.happened("2026-11-06 10:00", kind="idea", idea=1, organization="mttq")
    rest("2026-11-12 09:00")
    scene.happened("2026-11-15 10:00", story="st_0", kind="consent_withdrawn", channels=["newspaper/column"])
    waived = scene.duties("32")[0].id
    scene.happened("2026-11-16 10:00", kind="waived", duty=waived)
    scene.happened("2027-01-08 10:00", kind="report", organization="ldld", quarter="2026-Q4")
    rest("2027-01-20 09:00")


@pytest.mark.parametrize("resting", [True, False])
def test_derived_again_from_row_0_the_duties_are_the_same(scene: Scene, resting: bool) -> None:
    a_busy_autumn(scene, resting=resting)
    before = scene.table()
    assert len(before) > 25
    assert {row["state"] for row in before} >= {"open", "met", "met_late", "lapsed", "waived"}
    assert scene.rebuild() == len(before)
    assert scene.table() == before


def test_deriving_again_says_nothing_twice(scene: Scene) -> None:
    a_busy_autumn(scene, resting=True)
    scene.rebuild()
    assert scene.time_passes("2027-01-20 09:00") == []
    assert scene.time_passes("2027-03-31 09:00") != []


def test_page_by_page_the_duties_are_the_same_as_at_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    a_busy_autumn(scene, resting=True)
    before = scene.table()
    monkeypatch.setattr(projector, "PAGE", 3)
    monkeypatch.setattr(timers, "ROUND", 2)
    scene.rebuild()
    assert scene.table() == before


def test_rows_from_before_the_first_edition_open_nothing(database: Database, scene: Scene) -> None:
    with database.writing() as session:
        session.execute(update(editions.Edition).values(effective_at=at("2026-12-01 00:00")))
    scene.act("2026-11-30 10:00", "submit", story="st_before")
    scene.act("2026-12-01 10:00", "submit", story="st_after")
    scene.rebuild()
    assert {duty.story_id for duty in scene.duties("10")} == {"st_after"}


def at_once(jobs: Sequence[Callable[[], object]]) -> None:
    """Do them all at the same moment; whatever one raises is raised."""
    start = threading.Barrier(len(jobs))

    def do(job: Callable[[], object]) -> None:
        start.wait()
        job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(do, job) for job in jobs]:
            done.result()


@pytest.mark.parametrize("many", [4])
def test_several_who_catch_up_at_once_derive_each_duty_once(scene: Scene, many: int) -> None:
    with scene.database.writing() as session:
        for number in range(30):
            record = {"kind": "act", "act": "hold", "role": "editor", "organization": "nghe-ca"}
            journal.append(session, record, at=at("2026-11-16 10:00"), story_id=f"st_{number}")
    at_once([partial(projector.catch_up, scene.database)] * many)
    assert len(scene.duties("24")) == 30


def test_a_duty_is_waived_while_the_timers_speak(scene: Scene) -> None:
    for number in range(20):
        scene.act("2026-11-16 10:00", "submit", story=f"st_{number}")
    owed = scene.duties("10")
    waivers = [partial(waive, scene, duty) for duty in owed[::2]]
    at_once([*waivers, partial(timers.ring, scene.database, now=at("2026-11-20 00:00"))])
    found = Counter(duty.state for duty in scene.duties("10"))
    assert found == {"waived": 10, "late": 10}
    before = scene.table()
    scene.rebuild()
    assert scene.table() == before


# --- timers ---------------------------------------------------------------------------------------------------------


def test_a_tick_touches_only_the_duties_that_are_due(scene: Scene) -> None:
    for number in range(40):
        scene.act(f"2026-11-{16 + number % 4} 10:00", "submit", story=f"st_{number}")
    scene.time_passes("2026-11-19 23:00")
    written: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.startswith("UPDATE duties"):
            written.extend(["row"] * (len(parameters) if many else 1))

    event.listen(scene.database.engine, "before_cursor_execute", note)
    timers.ring(scene.database, now=at("2026-11-20 00:00"))
    event.remove(scene.database.engine, "before_cursor_execute", note)
    assert len(written) == 10  # those of Monday, of forty


@pytest.mark.parametrize("units", [25, 50])
def test_a_tick_asks_for_the_tree_once_however_many_are_late(scene: Scene, units: int) -> None:
    codes = [f"chi-hoi-{number}" for number in range(units)]
    with scene.database.writing() as session:
        for code in codes:
            new = NewOrganization(code=code, name=code, kind="hoi_phu_nu", level="grassroots", parent="phu-nu")
            organizations.add(session, new, now=at("2026-01-05 08:00"))
    for number, code in enumerate(codes):
        scene.act("2026-11-16 10:00", "submit", story=f"st_{number}", by=code)
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM organization" in statement:
            asked.append(statement)

    event.listen(scene.database.engine, "before_cursor_execute", note)
    told = scene.time_passes("2026-11-20 00:00")
    event.remove(scene.database.engine, "before_cursor_execute", note)
    assert {said["organization"] for said in told if said["clause"] == "10.1"} == set(codes)
    assert len(asked) == 2  # the organizations, and what they were


def test_one_query_lists_the_duties_of_one_organization(scene: Scene) -> None:
    a_busy_autumn(scene, resting=False)
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "SELECT" in statement:
            asked.append(statement)

    question = Question(organization="nghe-ca")
    with scene.database.reading() as session:
        session.connection()
        event.listen(scene.database.engine, "before_cursor_execute", note)
        grants = (Grant(Role.CONTRIBUTOR, 3, alone=True),)
        asker = Actor(name="", grants=grants, code="nghe-ca", organization_id=3)
        found = reading.list_duties(session, question, asker=asker, at=at("2027-01-20 09:00"), limit=50)
        event.remove(scene.database.engine, "before_cursor_execute", note)
    assert len(found) > 3
    assert len(asked) == 1


# --- clocks ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(database: Database, settings: Settings, clock: FixedClock, scene: Scene) -> Worker:
    """A worker that has looked at its clock on the Monday of the submission."""
    clock.at = at("2026-11-16 10:00")
    made = create_worker(settings, clock=clock)
    made.step()
    scene.act("2026-11-16 10:00", "submit")
    clock.forward(timedelta(seconds=5))
    made.step()
    return made


def states(scene: Scene) -> list[str]:
    return [duty.state for duty in scene.duties("10")]


def test_a_clock_that_jumped_makes_nobody_late(scene: Scene, kept: Worker, clock: FixedClock) -> None:
    clock.at += timedelta(days=60)  # the wall clock alone
    kept.step()
    assert states(scene) == ["open"]
    assert {duty.period for duty in scene.duties("30")} == {"2026-Q4"}  # nor does another quarter begin
    with scene.database.reading() as session:
        assert clock_trust.find_fault(session) is not None
    clock.at -= timedelta(days=60)
    for step in (timedelta(days=2), timedelta(hours=1)):  # setting it back is a jump, too
        with scene.database.writing() as session:
            clock_trust.accept(session, now=clock.now())
        clock.forward(step)
        kept.step()
        assert states(scene) == ["open"]
    clock.forward(timedelta(days=3))
    kept.step()
    assert states(scene) == ["late"]
    kept.database.engine.dispose()


def test_who_kept_the_term_has_kept_it_whatever_a_timer_said(scene: Scene) -> None:
    scene.act("2026-11-16 10:00", "submit")
    scene.time_passes("2026-12-24 10:00")  # a clock that an operator believed wrongly
    assert states(scene) == ["late"]
    scene.act("2026-11-17 10:00", "confirm", step="unit")
    assert states(scene) == ["met"]


JUMP = timedelta(days=60)


def accept(scene: Scene, clock: FixedClock) -> None:
    with scene.database.writing() as session:
        clock_trust.accept(session, now=clock.now())


def rebuilt_the_same(scene: Scene) -> bool:
    before = scene.table()
    scene.rebuild()
    return scene.table() == before


def test_duties_stand_as_they_were_until_the_clock_is_believed_again(
    scene: Scene, kept: Worker, clock: FixedClock
) -> None:
    before = scene.table()
    clock.at += JUMP  # and before the worker looks at it, somebody acts
    with scene.database.writing() as session:
        record = {"kind": "act", "act": "return", "organization": "nghe-ca"}
        journal.append(session, record, at=clock.now(), story_id="st_1")
    kept.step()
    scene.rebuild()
    assert scene.table() == before
    with pytest.raises(ClockNotBelieved):
        waive(scene, scene.duties("10")[0])
    kept.database.engine.dispose()


def test_who_acted_while_the_clock_was_wrong_is_late_by_no_jump(scene: Scene, kept: Worker, clock: FixedClock) -> None:
    clock.at += JUMP
    kept.step()
    scene.act("2027-01-15 11:00", "confirm", step="unit")  # so the clock says
    scene.act("2027-01-15 11:30", "submit", story="st_2")
    clock.at -= JUMP
    scene.act("2026-11-16 13:00", "submit", story="st_3")  # the clock is right again, and nobody has said so
    clock.forward(timedelta(hours=5))
    accept(scene, clock)
    kept.step()  # that it was set back is seen as a jump, too
    accept(scene, clock)
    kept.step()
    states = {duty.story_id: (duty.state, duty.opened_at, duty.ended_at) for duty in scene.duties("10")}
    right_again = at("2026-11-16 13:00")
    assert states["st_1"] == ("met", at("2026-11-16 10:00"), right_again)
    assert states["st_2"] == ("open", right_again, None)
    assert states["st_3"] == ("open", right_again, None)
    assert {duty.period for duty in scene.duties("30")} == {"2026-Q4"}  # nor has a quarter begun
    assert rebuilt_the_same(scene)
    scene.act("2026-11-17 10:00", "confirm", story="st_2", step="unit")
    assert [duty.state for duty in scene.duties("10", story="st_2")] == ["met"]
    kept.database.engine.dispose()


def test_what_is_journalled_by_a_wrong_clock_happened_at_the_latest_when_it_was_accepted(
    scene: Scene, kept: Worker, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.at += JUMP
    kept.step()
    for number in range(4):
        scene.act("2027-01-15 11:00", "submit", story=f"st_late_{number}")
    clock.at -= JUMP - timedelta(hours=1)
    accept(scene, clock)
    kept.step()
    accept(scene, clock)
    kept.step()
    opened = {duty.opened_at for duty in scene.duties("10") if (duty.story_id or "").startswith("st_late")}
    assert opened == {clock.now()}
    before = scene.table()
    monkeypatch.setattr(projector, "PAGE", 2)
    scene.rebuild()
    assert scene.table() == before
    kept.database.engine.dispose()


def test_a_clock_that_is_right_makes_late_what_is_late(scene: Scene, kept: Worker, clock: FixedClock) -> None:
    clock.at += timedelta(days=5)  # the machine had slept
    kept.step()
    scene.act("2026-11-21 11:00", "confirm", step="unit")
    clock.forward(timedelta(hours=2))
    accept(scene, clock)
    kept.step()
    assert states(scene) == ["met_late"]
    assert rebuilt_the_same(scene)
    kept.database.engine.dispose()


NOON, HOUR = at("2026-11-16 12:00"), timedelta(hours=1)


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ([1, 2, 3], [1, 2, 3]),  # nothing was wrong with them
        ([900, 901], [5, 5]),  # far ahead
        ([900, 2, 3], [2, 2, 3]),  # set right before it was accepted
        ([-900, 1], [0, 1]),  # far behind
        ([1, -900, 900, 4], [1, 1, 4, 4]),
        ([], []),
    ],
)
def test_doubtful_rows_happened_in_their_order_before_the_clock_was_accepted(said: list[int], taken: list[int]) -> None:
    found = instants.settle([NOON + hours * HOUR for hours in said], NOON, NOON + 5 * HOUR)
    assert list(found) == [NOON + hours * HOUR for hours in taken]


# --- waiving --------------------------------------------------------------------------------------------------------


def waive(scene: Scene, duty: Duty, *, note: str = "Bão số 9", when: str = "2026-11-17 10:00") -> Duty:
    editor = Actor(name="Biên tập viên", grants=(Grant(Role.EDITOR),), key_id=1)
    with scene.database.writing() as session:
        return waiving.waive(session, duty.id, note=note, actor=editor, now=at(when))


def test_a_waived_duty_ends_by_a_row_of_the_journal_that_hides_the_reason(scene: Scene) -> None:
    scene.act("2026-11-16 10:00", "submit")
    duty = waive(scene, scene.duties("10")[0])
    assert duty.state == "waived"
    with scene.database.reading() as session:
        row = session.get(projector.JournalRow, duty.evidence[0])
        assert row is not None
        assert '"kind":"waived"' in row.body
        assert '"clause":"44"' in row.body
        assert "Bão" not in row.body
        assert reading.notes_of(session, [duty]) == {duty.id: "Bão số 9"}
    assert duty.id not in {said["duty"] for said in scene.time_passes("2026-12-30 00:00")}


def test_only_what_is_still_owed_can_be_waived_and_only_with_a_reason(scene: Scene) -> None:
    scene.act("2026-11-16 10:00", "submit")
    (duty,) = scene.duties("10")
    with pytest.raises(Invalid):
        waive(scene, duty, note="")
    waive(scene, duty)
    with pytest.raises(DutyEnded):
        waive(scene, duty)
    duty.id = "du_nothing"
    with pytest.raises(NotFound):
        waive(scene, duty)


# --- who reads what -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "owners"),
    [("mttq", {"nghe-ca", "phu-nu"}), ("ldld", {"nghe-ca"}), ("nghe-ca", {"nghe-ca"}), ("phu-nu", {"phu-nu"})],
)
def test_an_organization_reads_what_it_and_all_below_it_owe(scene: Scene, code: str, owners: set[str]) -> None:
    scene.act("2026-11-16 10:00", "submit")
    scene.act("2026-11-16 10:00", "submit", story="st_2", by="phu-nu")
    with scene.database.reading() as session:
        row = session.query(Organization).filter_by(code=code).one()
        grants = (Grant(Role.CONFIRMER, row.id),)
        asker = Actor(name=code, grants=grants, code=code, organization_id=row.id)
        found = reading.list_duties(session, Question(clause="10"), asker=asker, at=at("2026-11-17 00:00"), limit=50)
        assert {duty.owner for duty in found} == owners
        foreign = Question(organization="bien-phong" if code == "ldld" else "ldld", clause="10")
        assert reading.list_duties(session, foreign, asker=asker, at=at("2026-11-17 00:00"), limit=50) == []


@pytest.mark.parametrize(("code", "owners"), [("ldld", set()), ("mttq", {"nghe-ca"}), ("phu-nu", {"nghe-ca"})])
def test_the_list_as_of_a_date_is_read_with_the_rights_of_today(scene: Scene, code: str, owners: set[str]) -> None:
    scene.act("2026-11-16 10:00", "submit")
    with scene.database.writing() as session:
        decision = history.Decision(date(2026, 11, 18), "13-QĐ/TU")
        history.move(session, "nghe-ca", "phu-nu", decision, now=at("2026-11-18 08:00"))
    now = at("2026-11-19 00:00")
    with scene.database.reading() as session:
        row = session.query(Organization).filter_by(code=code).one()
        asker = Actor(name=code, grants=(Grant(Role.CONFIRMER, row.id),), code=code, organization_id=row.id)
        for asked in (Question(clause="10"), Question(clause="10", organization="nghe-ca")):
            found = reading.list_duties(session, asked, asker=asker, at=at("2026-11-17 00:00"), now=now, limit=50)
            assert {(duty.owner, reading.state_at(duty, now)) for duty in found} == {(one, "open") for one in owners}


def test_the_list_can_be_asked_as_of_a_date(scene: Scene) -> None:
    scene.act("2026-11-16 10:00", "submit")
    scene.act("2026-11-23 10:00", "confirm", step="unit")
    stood = [scene.told_of("10", when=f"2026-11-{day} 12:00") for day in (15, 17, 20, 23)]
    due = "2026-11-19 24:00"
    assert stood == [[], *([("nghe-ca", due, state)] for state in ("open", "late", "met_late"))]
    for state, count in {"late": 1, "open": 0, "met_late": 0}.items():
        assert len(scene.duties("10", when="2026-11-20 12:00", state=state)) == count


# --- through the doors: real acts, a real worker --------------------------------------------------------------------


def test_what_people_do_through_the_api_opens_and_fulfils_duties(
    world: World, database: Database, worker: Worker, clock: FixedClock
) -> None:
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())
        session.execute(update(Organization).where(Organization.code == "nghe-ca").values(level="province"))
    clock.forward(timedelta(minutes=1))
    story_id = world.push(a_story(urgency=2))
    worker.step()
    with database.reading() as session:
        (review,) = reading.list_duties(session, Question(clause="12"), asker=SYSTEM, at=clock.now(), limit=9)
    assert (review.clause, review.owner_kind, review.story_id) == ("12.2", "desk", story_id)
    assert review.due_at == clock.now() + timedelta(hours=24)
    clock.forward(timedelta(hours=1))
    assert world.editor.act(story_id, "approve", channels=["newspaper/column", "public/all"]).status_code == 201
    worker.step()
    clock.forward(timedelta(hours=1))
    assert world.editor.act(story_id, "withdraw", reason="legal").status_code == 201
    worker.step()
    with database.reading() as session:
        found = reading.list_duties(session, Question(story=story_id), asker=SYSTEM, at=clock.now(), limit=9)
        told = {(duty.clause, duty.owner, duty.state) for duty in found}
    assert told == {("12.2", "", "met"), ("35.1", "newspaper", "lapsed"), ("25.3", "newspaper", "open")}


def test_the_duties_follow_a_story_up_its_chain(
    world: World, database: Database, worker: Worker, clock: FixedClock
) -> None:
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())
        for code, level in (("ldld", "province"), ("nghe-ca", "grassroots")):
            row = session.query(Organization).filter_by(code=code).one()
            row.level = level
            session.query(OrganizationState).filter_by(organization_id=row.id).one().level = level
    clock.forward(timedelta(seconds=1))
    unit, province = (_confirmer(world, database, clock, code) for code in ("nghe-ca", "ldld"))
    story_id = world.push()
    assert unit.act(story_id, "confirm").status_code == 201
    clock.forward(timedelta(days=12))
    assert province.act(story_id, "confirm").status_code == 201
    assert world.editor.act(story_id, "approve").status_code == 201
    worker.step()
    with database.reading() as session:
        found = reading.list_duties(session, Question(story=story_id), asker=SYSTEM, at=clock.now(), limit=9)
        told = [(duty.clause, duty.owner, duty.state) for duty in found]
        acts = [[row["act"] for row in reading.list_rows(session, duty)] for duty in found]
    assert told == [("10.1", "nghe-ca", "met"), ("11.1", "ldld", "met_late"), ("13.1", "", "met")]
    assert acts == [["submit", "confirm"], ["confirm", "confirm"], ["confirm", "approve"]]


def _confirmer(world: World, database: Database, clock: FixedClock, code: str) -> Client:
    with database.writing() as session:
        user = users.add(session, name=code, email=f"{code}@x.vn", now=clock.now())
        users.seat(session, user, users.Seat(role="confirmer", organization=code), on=date(2026, 1, 1))
        return Client(world.editor.app, keys.mint(session, "user", user=user, now=clock.now()).secret)


def test_an_outlet_has_its_days_from_the_end_of_the_embargo(
    world: World, database: Database, worker: Worker, clock: FixedClock
) -> None:
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())
    ends = clock.now() + timedelta(days=3)
    world.release(a_story(embargo_until=ends.isoformat()), channels=["newspaper/column"])
    worker.step()
    with database.reading() as session:
        (duty,) = reading.list_duties(session, Question(clause="35"), asker=SYSTEM, at=ends, limit=9)
    assert duty.opened_at == ends


@pytest.mark.parametrize(("said", "owed"), [("cosmetic", 0), ("minor", 1), ("", 1)])
@pytest.mark.parametrize("at_once", [True, False])
def test_an_outlet_owes_a_notice_of_what_a_correction_is_in_the_end(
    world: World, database: Database, worker: Worker, clock: FixedClock, said: str, owed: int, at_once: bool
) -> None:
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())
    clock.forward(timedelta(seconds=1))
    story_id = world.release(a_story(), channels=["newspaper/column"])
    clock.forward(timedelta(hours=1))
    told = {"changes": [{"pointer": "/lesson", "reason": "Nói lại cho đúng.", "severity": said or "substantive"}]}
    world.push(a_story(lesson="Phải có hai người trực trên bờ."))
    answer = world.fishers.act(story_id, "correct", **told)  # the desk says nothing of it
    assert answer.status_code == 201, answer.text
    if at_once:
        answer = world.editor.act(story_id, "approve", channels=["newspaper/column"])
    else:
        world.editor.act(story_id, "approve")
        answer = world.editor.act(story_id, "release")
    assert answer.status_code == 201, answer.text
    worker.step()
    with database.reading() as session:
        found = reading.list_duties(session, Question(clause="23.3"), asker=SYSTEM, at=clock.now(), limit=9)
    assert [(duty.owner, duty.state) for duty in found] == [("newspaper", "open")] * owed


@pytest.fixture
def ruled(world: World, database: Database, clock: FixedClock) -> World:
    """The small province, whose units are at the province's level, under the default regulation."""
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())
    clock.forward(timedelta(seconds=1))
    return world


def uses_owed(database: Database, clock: FixedClock) -> list[tuple[str, str, timedelta]]:
    """The duties to say what is used: owner, state, and how long from now they begin."""
    projector.catch_up(database)
    far = clock.now() + timedelta(days=366)
    with database.reading() as session:
        found = reading.list_duties(session, Question(clause="35"), asker=SYSTEM, at=far, limit=9)
        table = {duty.id: duty for duty in session.scalars(select(Duty).order_by(Duty.id))}
    rebuild(database)
    with database.reading() as session:
        assert [duty.state for duty in session.scalars(select(Duty).order_by(Duty.id))] == [
            duty.state for duty in table.values()
        ]
    found.sort(key=lambda duty: duty.id)
    return [(duty.owner, duty.state, duty.opened_at - clock.now()) for duty in found]


def rebuild(database: Database) -> None:
    with database.writing() as session:
        rebuilding.rebuild(session)


@pytest.mark.parametrize(("first", "then"), [(1, 30), (20, 1)])
def test_an_outlet_has_its_days_from_the_end_of_the_embargo_that_holds(
    ruled: World, database: Database, clock: FixedClock, worker: Worker, first: int, then: int
) -> None:
    both = {"channels": ["newspaper/column", "public/all"]}
    story_id = ruled.push()
    ruled.editor.act(story_id, "approve")
    for days in (first, then):
        clock.forward(timedelta(hours=1))
        until = clock.now() + timedelta(days=days)
        answer = ruled.editor.act(story_id, "release", embargo_until=until.isoformat(), **both)
        assert answer.status_code == 201, answer.text
    assert uses_owed(database, clock) == [
        ("newspaper", "lapsed", timedelta(days=first, hours=-1)),
        ("newspaper", "open", timedelta(days=then)),
    ]
    clock.forward(timedelta(days=then))
    worker.step()
    assert len(ruled.reader.get("/feeds/public/all.json").json["items"]) == 1


def test_an_outlet_owes_no_notice_of_a_correction_of_what_it_never_had(
    ruled: World, database: Database, clock: FixedClock
) -> None:
    story_id = ruled.push()
    until = (clock.now() + timedelta(days=3)).isoformat()
    ruled.editor.act(story_id, "approve", channels=["newspaper/column"], embargo_until=until)
    clock.forward(timedelta(hours=1))
    ruled.push(a_story(lesson="Phải có hai người trực trên bờ."))
    why = [{"pointer": "/lesson", "reason": "Nói lại cho đúng.", "severity": "grave"}]
    ruled.editor.act(story_id, "approve")
    later = (clock.now() + timedelta(days=5)).isoformat()
    answer = ruled.editor.act(story_id, "release", changes=why, embargo_until=later)
    assert answer.status_code == 201, answer.text
    assert uses_owed(database, clock) == [
        ("newspaper", "lapsed", timedelta(days=3, hours=-1)),
        ("newspaper", "open", timedelta(days=5)),
    ]
    with database.reading() as session:
        assert session.query(Duty).filter_by(clause="23.3").count() == 0


def test_an_outlet_says_nothing_of_what_consent_took_back_from_it(
    ruled: World, database: Database, clock: FixedClock
) -> None:
    story_id = ruled.release(a_story(), channels=["newspaper/column", "tv/segment", "public/all"])
    clock.forward(timedelta(hours=1))
    (person,) = ruled.editor.get(f"/api/v1/persons?story={story_id}").json["items"]
    order = {"act": "withdraw", "scopes": ["voice"], "story": story_id}
    assert ruled.editor.ask("POST", f"/api/v1/persons/{person['id']}/acts", body=order).status_code < 300
    states = {owner: state for owner, state, _ in uses_owed(database, clock)}
    assert states == {"newspaper": "open", "tv": "lapsed"}
    ruled.editor.act(story_id, "hold", reason="being_checked")
    clock.forward(timedelta(days=9))
    ruled.editor.act(story_id, "lift")
    found = [(owner, state) for owner, state, _ in uses_owed(database, clock)]
    assert sorted(found) == [("newspaper", "lapsed"), ("newspaper", "open"), ("tv", "lapsed")]


def test_without_an_edition_nothing_is_owed(world: World, database: Database, worker: Worker) -> None:
    world.release(a_story())
    worker.step()
    with database.reading() as session:
        assert session.query(Duty).count() == 0


def test_duties_of_an_earlier_version_are_derived_again_once(scene: Scene, database: Database) -> None:
    a_busy_autumn(scene, resting=True)
    before = scene.table()
    with database.writing() as session:
        mark = orjson.loads(session.scalars(select(Setting.value).where(Setting.name == marks.NAME)).one())
        del mark["rules"]  # as marks were
        session.execute(update(Setting).where(Setting.name == marks.NAME).values(value=orjson.dumps(mark).decode()))
        session.execute(update(Duty).values(clause="99.9"))
    with database.reading() as session:
        assert list(duty_faults.find(session, lambda _what, _many: None)) == []  # nobody doubts what will be renewed
    with database.writing() as session:
        projector.project(session)  # what is read on before that is of the old rules still
        assert rebuilding.renew(session) == len(before)
    assert scene.table() == before
    with database.writing() as session:
        assert rebuilding.renew(session) is None
