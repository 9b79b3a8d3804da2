"""What is taken back in a story that was joined into another is taken back in the one that went on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import JournalRow
from hub.records import journal
from hub.regulation.edition import editions
from hub.worker import Worker
from tests.builders import ALL_SCOPES, Client, World, a_story
from tests.intake.test_likeness_checks import RETOLD, _push
from tests.operation.conftest import Hub

CHANNELS = ["newspaper/column", "public/all"]
HOUR = timedelta(hours=1)
LAST_DAY = "2026-11-30"
ANOTHER_MAN = {"type": "individual", "name": "Trần Quốc Hùng", "birth_year": 1988}


def _person(world: World, story_id: str) -> str:
    (person,) = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"]
    found: str = person["id"]
    return found


def _take_back(client: Client, person: str, *scopes: str, **order: str) -> dict[str, Any]:
    body = {"act": "withdraw", "scopes": list(scopes), **order}
    answer = client.ask("POST", f"/api/v1/persons/{person}/acts", body=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def _open(world: World, story_id: str) -> set[str]:
    ledger = world.editor.get(f"/api/v1/persons/{_person(world, story_id)}").json["consents"]
    return {row["scope"] for row in ledger if row["story"] == story_id and row["ended_at"] is None}


def _items(world: World) -> list[Any]:
    """What the public reads; not the marks of what was taken back."""
    items = world.reader.get("/feeds/public/all.json").json["items"]
    return [item for item in items if item["_hub"]["status"] != "withdrawn"]


def _alone(**changes: Any) -> dict[str, Any]:
    """A telling whose only person is its subject."""
    return {**RETOLD, "interview": None, **changes}


@pytest.fixture
def joined(world: World, clock: FixedClock) -> tuple[str, str]:
    """A released story of the fishers, and the women's telling that was joined into it."""
    first, second = _push(world.fishers), _push(world.women, **RETOLD)
    assert world.editor.act(second, "join", into=first).status_code == 201
    assert world.editor.act(first, "approve", channels=CHANNELS).status_code == 201
    clock.forward(HOUR)
    return first, second


@pytest.mark.parametrize("everywhere", [True, False])
def test_whoever_takes_it_back_where_it_was_told_first_is_obeyed_where_it_stands(
    world: World,
    joined: tuple[str, str],
    database: Database,
    settings: Settings,
    everywhere: bool,
) -> None:
    first, second = joined
    person = _person(world, second)
    assert person != _person(world, first)  # two units know of him, and no desk has said that it is one man
    done = _take_back(world.women, person, **({} if everywhere else {"story": second}))
    assert {(loss["story"], loss["channel"], loss["task"]) for loss in done["losses"]} == {
        (first, channel, "withdraw") for channel in CHANNELS
    }
    assert _items(world) == []
    assert world.editor.get(f"/api/v1/stories/{first}").json["state"] == "withdrawn"
    (asked,) = world.newspaper.get("/api/v1/receipts").json["items"]
    assert done["receipts"] == [asked["id"]]
    assert Hub(settings, database).find_faults() == []


def test_a_scope_taken_back_in_the_joined_story_leaves_the_rest_standing(
    world: World, joined: tuple[str, str], database: Database, settings: Settings
) -> None:
    first, second = joined
    _take_back(world.women, _person(world, second), "voice", story=second)
    assert _open(world, first) == set(ALL_SCOPES) - {"voice"}
    assert len(_items(world)) == 1
    assert Hub(settings, database).find_faults() == []


def test_somebody_else_of_the_joined_story_takes_back_nothing_of_the_other_ones(
    world: World, clock: FixedClock
) -> None:
    first, second = _push(world.fishers), _push(world.women, **_alone(subject=ANOTHER_MAN))
    assert world.editor.act(second, "join", into=first).status_code == 201
    assert world.editor.act(first, "approve", channels=CHANNELS).status_code == 201
    clock.forward(HOUR)
    assert _take_back(world.women, _person(world, second))["losses"] == []
    assert len(_items(world)) == 1


def test_what_was_taken_back_before_the_join_ends_with_it(
    world: World, clock: FixedClock, database: Database, settings: Settings
) -> None:
    first, second = _push(world.fishers), _push(world.women, **RETOLD)
    assert world.editor.act(first, "approve", channels=CHANNELS).status_code == 201
    clock.forward(HOUR)
    _take_back(world.women, _person(world, second), "name", "work_story", story=second)
    assert len(_items(world)) == 1
    clock.forward(HOUR)
    assert world.editor.act(second, "join", into=first).status_code == 201
    assert _open(world, first) == {"image", "voice"}
    assert _items(world) == []
    assert len(world.newspaper.get("/api/v1/receipts").json["items"]) == 1
    with database.reading() as session:
        told = [
            journal.read_record(body) for body in session.scalars(select(JournalRow.body).order_by(JournalRow.number))
        ]
    (ended,) = [said for said in told if said["kind"] == "consent_withdrawn" and said["story"] == first]
    assert (ended["scopes"], ended["channels"]) == (["name", "work_story"], sorted(CHANNELS))
    assert Hub(settings, database).find_faults() == []


def test_a_newer_paper_of_the_story_that_goes_on_outlasts_the_withdrawal(world: World, clock: FixedClock) -> None:
    second = _push(world.women, **RETOLD)
    _take_back(world.women, _person(world, second), story=second)
    clock.forward(timedelta(days=2))
    first = _push(world.fishers, consent={"scopes": ALL_SCOPES, "obtained_on": "2026-11-25"})
    assert world.editor.act(second, "join", into=first).status_code == 201
    assert _open(world, first) == set(ALL_SCOPES)


def test_no_later_version_opens_what_was_taken_back_in_the_joined_story(world: World, clock: FixedClock) -> None:
    few = {"scopes": ["name", "work_story"], "obtained_on": "2026-11-01"}
    first, second = _push(world.fishers, consent=few), _push(world.women, **RETOLD)
    assert world.editor.act(second, "join", into=first).status_code == 201
    clock.forward(HOUR)
    _take_back(world.women, _person(world, second), "image", story=second)
    assert world.fishers.put("one", a_story()).status_code == 200
    assert _open(world, first) == set(ALL_SCOPES) - {"image"}


def test_what_expires_in_the_joined_story_ends_in_the_one_that_went_on(
    world: World, worker: Worker, clock: FixedClock, database: Database, settings: Settings
) -> None:
    until = {"scopes": ALL_SCOPES, "obtained_on": "2026-11-01", "expires_on": LAST_DAY}
    first, second = _push(world.fishers), _push(world.women, **RETOLD, consent=until)
    assert world.editor.act(second, "join", into=first).status_code == 201
    assert world.editor.act(first, "approve", channels=CHANNELS).status_code == 201
    worker.step()
    assert len(_items(world)) == 1
    clock.forward(timedelta(days=8))
    worker.step()
    assert _open(world, first) == set()
    assert _items(world) == []
    assert Hub(settings, database).find_faults() == []


def test_what_expired_before_the_join_ends_with_it(
    world: World, worker: Worker, clock: FixedClock, database: Database, settings: Settings
) -> None:
    until = {"scopes": ALL_SCOPES, "obtained_on": "2026-11-01", "expires_on": LAST_DAY}
    first, second = _push(world.fishers), _push(world.women, **RETOLD, consent=until)
    assert world.editor.act(first, "approve", channels=CHANNELS).status_code == 201
    clock.forward(timedelta(days=8))
    worker.step()
    assert len(_items(world)) == 1
    assert world.editor.act(second, "join", into=first).status_code == 201
    assert _open(world, first) == set()
    assert _items(world) == []
    assert Hub(settings, database).find_faults() == []


def test_one_report_tells_of_both_stories(
    world: World, worker: Worker, joined: tuple[str, str], database: Database, clock: FixedClock
) -> None:
    first, second = joined
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())
    clock.forward(HOUR)
    person = _person(world, second)
    _take_back(world.women, person, story=second)
    clock.forward(HOUR)
    report = {"act": "report", "story": second}
    assert world.editor.ask("POST", f"/api/v1/persons/{person}/acts", body=report).status_code == 201
    worker.step()
    duties = world.editor.get("/api/v1/duties?limit=200").json["items"]
    owed = [(row["story"], row["state"]) for row in duties if row["clause"]["number"] == "22.3"]
    assert sorted(owed) == sorted([(first, "met"), (second, "met")])


def test_a_supplier_credited_by_a_join_reads_where_its_story_went_and_asks_for_its_withdrawal(
    world: World, joined: tuple[str, str], database: Database, settings: Settings
) -> None:
    first, second = joined
    told = world.women.get(f"/api/v1/stories/{second}/acts").json["items"]
    assert told[-1]["into"] == first
    assert world.women.get(f"/api/v1/stories/{first}").status_code == 404  # what the others sent stays theirs
    for act in ("recall", "correct", "withdraw", "hold"):
        assert world.women.act(first, act, reason="safety").status_code == 404
    asked = world.women.act(first, "request_withdrawal", reason="subject_request")
    assert (asked.status_code, asked.json["state"]) == (201, "withdrawal_requested")
    assert world.editor.act(first, "withdraw", reason="subject_request").status_code == 201
    assert _items(world) == []
    assert Hub(settings, database).find_faults() == []


def test_a_supplier_asks_nothing_of_a_story_that_is_not_released_or_credits_it_not(world: World) -> None:
    first, second = _push(world.fishers), _push(world.women, **RETOLD)
    other = world.release(a_story(title="Chuyện khác"), external_id="two", channels=CHANNELS)
    assert world.editor.act(second, "join", into=first).status_code == 201
    for story_id in (first, other):
        assert world.women.act(story_id, "request_withdrawal", reason="safety").status_code == 404
