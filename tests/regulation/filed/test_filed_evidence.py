"""What outlets and organizations file fulfils duties: clauses 23, 25, 31, 32, 35 and 42, through the real doors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from hub.accounts.users import Seat
from hub.actors import SYSTEM
from hub.clock import FixedClock
from hub.db import Database
from hub.models import Duty, Organization, OrganizationState
from hub.regulation.duties import reading, rebuilding
from hub.regulation.duties.reading import Question
from hub.regulation.edition import editions
from hub.worker import Worker
from tests.api.test_filings import IDEA, answer, file
from tests.api.test_pickups import PRINTED, key_of, tell
from tests.builders import ALL_SCOPES, Client, World, a_story
from tests.regulation.scenes import at, local

COLUMN = ["newspaper/column"]
CONSENT = {"scopes": ALL_SCOPES, "obtained_on": "2026-06-01"}


@dataclass
class Autumn:
    """The small province from the summer of 2026 on, under the default regulation."""

    world: World
    database: Database
    worker: Worker
    clock: FixedClock

    def wait(self, until: str) -> None:
        """Time passes, day by day; the worker works on."""
        while self.clock.now() < at(until):
            self.clock.forward(min(timedelta(days=1), at(until) - self.clock.now()))
            self.worker.step()

    def duties(self, clause: str, **asked: Any) -> list[Duty]:
        self.worker.step()
        with self.database.reading() as session:
            question = Question(clause=clause, **asked)
            return reading.list_duties(session, question, asker=SYSTEM, at=self.clock.now(), limit=99)

    def told(self, clause: str, **asked: Any) -> list[tuple[str, str, str]]:
        """The duties of a clause: owner, deadline, state."""
        return [(duty.owner, local(duty.due_at), duty.state) for duty in self.duties(clause, **asked)]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(at("2026-06-29 08:00"))


@pytest.fixture
def autumn(world: World, database: Database, worker: Worker, clock: FixedClock) -> Iterator[Autumn]:
    """The union stands at the province's level; releases need no confirmation of a grassroots unit without one."""
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())
        union = session.query(Organization).filter_by(code="ldld").one()
        for table, column in ((Organization, Organization.id), (OrganizationState, OrganizationState.organization_id)):
            session.execute(update(table).where(column == union.id).values(level="province"))
    made = Autumn(world, database, worker, clock)
    worker.step()
    yield made
    worker.step()
    before = _table(database)
    with database.writing() as session:
        rebuilding.rebuild(session)
    assert _table(database) == before  # whatever was filed, the duties follow from the journal alone


def _table(database: Database) -> list[tuple[Any, ...]]:
    with database.reading() as session:
        rows = session.query(Duty).order_by(Duty.id).all()
        return [(row.id, row.state, row.evidence, row.ended_at) for row in rows]


# --- clause 35: use or not use --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "said", "state"),
    [
        ("2026-07-08 10:00", {"use": "planned"}, "met"),
        ("2026-07-13 23:59", PRINTED, "met"),
        ("2026-07-14 08:00", {"use": "declined"}, "met_late"),
    ],
)
def test_clause_35_an_outlet_says_within_7_days_whether_it_uses_a_story(
    autumn: Autumn, when: str, said: dict[str, str], state: str
) -> None:
    autumn.wait("2026-07-06 10:00")
    story = autumn.world.release(a_story(consent=CONSENT), channels=COLUMN)
    due = "2026-07-13 24:00"
    assert autumn.told("35") == [("newspaper", due, "open")]
    autumn.wait(when)
    said = {**said, "used_on": "2026-07-08"} if "used_on" in said else said
    assert tell(autumn.world.newspaper, story, **said).status_code == 201
    assert autumn.told("35") == [("newspaper", due, state)]
    (duty,) = autumn.duties("35")
    assert len(duty.evidence) == 1


def test_clause_35_one_outlet_does_not_answer_for_another(autumn: Autumn) -> None:
    story = autumn.world.release(a_story(consent=CONSENT), channels=[*COLUMN, "tv/segment"])
    assert tell(autumn.world.tv, story).status_code == 201
    assert {(owner, state) for owner, _, state in autumn.told("35")} == {("newspaper", "open"), ("tv", "met")}


def test_clause_35_of_a_withdrawn_story_no_use_is_owed(autumn: Autumn) -> None:
    story = autumn.world.release(a_story(consent=CONSENT), channels=COLUMN)
    assert autumn.world.editor.act(story, "withdraw", reason="legal").status_code == 201
    ((_, _, state),) = autumn.told("35")
    assert state == "lapsed"


# --- clause 23: correction notices ----------------------------------------------------------------------------------


def test_clause_23_an_outlet_that_had_the_older_version_speaks_within_24_hours(autumn: Autumn) -> None:
    world = autumn.world
    story = world.release(a_story(consent=CONSENT), channels=COLUMN)
    tell(world.newspaper, story, use="printed", used_on="2026-06-29", place="Trang 5")
    world.push(a_story(consent=CONSENT, result="139 lượt tàu được giúp."))
    world.editor.act(story, "approve")
    why = [{"pointer": "/result", "reason": "Đếm lại sổ trực.", "severity": "minor"}]
    assert world.editor.act(story, "release", channels=COLUMN, changes=why).status_code == 201
    assert autumn.told("23.3") == [("newspaper", "2026-06-30 08:00", "open")]
    autumn.wait("2026-06-30 07:00")
    said = {"use": "printed", "used_on": "2026-06-30", "place": "Trang 2, mục đính chính"}
    assert tell(world.newspaper, story, **said).json["version"] == 2
    assert autumn.told("23.3") == [("newspaper", "2026-06-30 08:00", "met")]


# --- clause 31: no long silence -------------------------------------------------------------------------------------


@pytest.mark.parametrize("ends_by", ["submit", "report"])
def test_clause_31_sixty_days_of_silence_are_late_until_a_story_or_a_report_comes(autumn: Autumn, ends_by: str) -> None:
    autumn.wait("2026-07-06 10:00")
    autumn.world.push(a_story(consent=CONSENT))
    assert autumn.told("31") == [("nghe-ca", "2026-09-04 24:00", "open")]
    autumn.wait("2026-09-06 10:00")
    assert autumn.told("31") == [("nghe-ca", "2026-09-04 24:00", "late")]
    if ends_by == "submit":
        autumn.world.push(a_story(title="Bài mới", consent=CONSENT), external_id="two")
        assert [state for _, _, state in autumn.told("31")] == ["met_late", "open"]
    else:
        said = {"kind": "report", "quarter": "2026-Q2", "text": "Đơn vị đi biển dài ngày."}
        assert file(autumn.world.fishers, said).status_code == 201
        assert [state for _, _, state in autumn.told("31")] == ["met_late"]


# --- clause 32: answering ideas -------------------------------------------------------------------------------------


@pytest.fixture
def lan(world: World, database: Database, clock: FixedClock) -> Client:
    return key_of(database, world.reader, "Lan", Seat(role="confirmer", organization="nghe-ca"), clock)


@pytest.mark.parametrize("desk", [False, True])
@pytest.mark.parametrize(("when", "state"), [("2026-07-16 23:59", "met"), ("2026-07-17 08:00", "met_late")])
def test_clause_32_whom_an_idea_was_sent_to_answers_within_10_days(
    autumn: Autumn, lan: Client, desk: bool, when: str, state: str
) -> None:
    autumn.wait("2026-07-06 10:00")
    sender = autumn.world.editor if desk else autumn.world.women
    idea = file(sender, IDEA, to="nghe-ca").json["id"]
    due = "2026-07-16 24:00"
    assert autumn.told("32") == [("nghe-ca", due, "open")]
    autumn.wait(when)
    assert answer(lan, idea).status_code == 201
    assert autumn.told("32") == [("nghe-ca", due, state)]


def test_clause_32_each_idea_is_answered_by_itself(autumn: Autumn, lan: Client) -> None:
    first, second = (file(autumn.world.women, IDEA, to="nghe-ca").json["id"] for _ in range(2))
    assert answer(lan, second).status_code == 201
    opened = {duty.key: duty.state for duty in autumn.duties("32")}
    assert opened == {f"k:idea:{first}": "open", f"k:idea:{second}": "met"}


# --- clause 42: quarter reports -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "state"), [("2026-10-01 00:00", "met"), ("2026-10-12 23:59", "met"), ("2026-10-13 00:01", "met_late")]
)
def test_clause_42_the_report_of_a_quarter_comes_by_the_10th_of_the_next(
    autumn: Autumn, database: Database, clock: FixedClock, when: str, state: str
) -> None:
    hung = key_of(database, autumn.world.reader, "Hung", Seat(role="contributor", organization="ldld"), clock)
    report = {"kind": "report", "quarter": "2026-Q3", "text": "Gửi 9 tin, bài."}
    autumn.wait("2026-09-30 23:59")
    due = "2026-10-12 24:00"  # the 10th is a Saturday
    assert autumn.told("42", organization="ldld")[:1] == [("ldld", due, "open")]
    assert file(hung, report).status_code == 422  # the quarter is not over
    autumn.wait(when)
    assert file(hung, {**report, "quarter": "2026-Q2"}).status_code == 201  # of another quarter
    assert file(autumn.world.fishers, report).status_code == 201  # of another organization
    assert autumn.told("42", organization="ldld")[0][2] in ("open", "late")
    assert file(hung, report).status_code == 201
    assert autumn.told("42", organization="ldld")[0] == ("ldld", due, state)


# --- clause 25: receipts of a withdrawal ----------------------------------------------------------------------------


def test_clause_25_every_outlet_that_had_a_withdrawn_story_gives_a_receipt_within_24_hours(autumn: Autumn) -> None:
    world = autumn.world
    story = world.release(a_story(consent=CONSENT), channels=[*COLUMN, "tv/segment", "public/all"])
    autumn.wait("2026-06-29 09:00")
    assert world.editor.act(story, "withdraw", reason="factual_error").status_code == 201
    due = "2026-06-30 09:00"
    assert sorted(autumn.told("25.3")) == [("newspaper", due, "open"), ("tv", due, "open")]
    (asked,) = world.newspaper.get("/api/v1/receipts?state=open").json["items"]
    assert (asked["story"], asked["channels"], local(datetime.fromisoformat(asked["due_at"]))) == (story, COLUMN, due)
    done = world.newspaper.ask("POST", f"/api/v1/receipts/{asked['id']}", body={"answer": "done"})
    assert done.status_code == 201
    assert sorted(autumn.told("25.3")) == [("newspaper", due, "met"), ("tv", due, "open")]
    assert len(world.editor.get("/api/v1/receipts").json["items"]) == 2  # the public's outlet is this hub
