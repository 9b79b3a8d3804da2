"""`hub verify` finds consents and persons that are not those that versions and acts brought."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from hub.actors import SYSTEM
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.intake import submissions
from hub.records import persons
from hub.records.signing_keys import Signer
from hub.regulation.consent import erasing
from hub.worker import Worker
from tests.builders import ALL_SCOPES, INTERVIEW, World, a_story
from tests.operation.conftest import Hub, Made
from tests.operation.verifying.test_verification import PAST, execute

OLD = {"scopes": [*ALL_SCOPES, "live_appearance"], "obtained_on": "2026-11-01"}
NEW = {"scopes": sorted({*ALL_SCOPES, "archive", "reuse"}), "obtained_on": "2026-11-02"}
LESS = {**NEW, "scopes": [scope for scope in NEW["scopes"] if scope not in ("archive", "reuse")]}
NAME = "Nguyễn Văn Biển"
BIEN, OTHER = f"(SELECT id FROM persons WHERE name = '{NAME}')", "(SELECT id FROM persons WHERE name = 'Lê Thị Gió')"
GUEST = "(SELECT person_id FROM story_persons WHERE part = 'guest' LIMIT 1)"
DOUBLE = "(SELECT max(id) FROM persons WHERE merged_into_id IS NOT NULL)"
OPEN = "ended_at IS NULL AND version > 0"


def _subject(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "individual", "name": name, **more}


def _person(world: World, story_id: str, name: str) -> str:
    items = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"]
    return next(item["id"] for item in items if item["name"] == name)


def make_told(world: World, worker: Worker, settings: Settings, database: Database, clock: FixedClock) -> None:
    """A hub where versions replaced and narrowed consents, and persons were mended, merged and erased."""
    guests = [{**INTERVIEW["guests"][0], "name": "Đào Thị Mười"}]
    one = {"subject": _subject(NAME, birth_year=1961), "interview": {**INTERVIEW, "guests": guests}}
    story_id = world.push(a_story(**one, consent=OLD))
    clock.forward(timedelta(minutes=1))
    world.push(a_story(**one, consent=NEW))
    body = {"act": "record", "scopes": ["archive"], "story": story_id}
    person = _person(world, story_id, NAME)
    assert world.editor.ask("POST", f"/api/v1/persons/{person}/acts", body=body).status_code == 201
    released = world.release(a_story(subject=_subject("Trần Văn Sóng"), interview=None, consent=NEW), external_id="two")
    clock.forward(timedelta(minutes=1))
    world.push(a_story(title="Hẹp", subject=_subject("Trần Văn Sống"), interview=None, consent=LESS), external_id="two")
    assert world.editor.act(released, "approve").status_code == 201
    answer = world.editor.act(released, "release")
    assert answer.status_code == 201, answer.json
    world.push(a_story(subject=_subject("Lê Thị Gió"), interview=None), external_id="three")
    kept, double = (
        _person(world, world.push(a_story(subject=_subject("Hai Lần"), interview=None), external_id=name), "Hai Lần")
        for name in ("four", "five")
    )
    gone = _person(world, world.push(a_story(subject=_subject("Bỏ Đi"), interview=None), external_id="six"), "Bỏ Đi")
    merged = world.editor.ask("POST", f"/api/v1/persons/{kept}/acts", body={"act": "merge", "double": double})
    assert merged.status_code == 201, merged.json
    with Database(database.engine, info=Signer.of(settings).info).writing() as session:
        erasing.erase(session, persons.get(session, gone), actor=SYSTEM, now=clock.now())
    worker.step()


@pytest.fixture
def told(made: Made) -> Hub:
    return made(make_told)


def test_sound_persons_have_no_faults(told: Hub) -> None:
    assert told.find_faults() == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            f"UPDATE consents SET ended_at = opened_at, end_reason = 'replaced' WHERE {OPEN}",
            "consent .*: has ended .replaced., and the journal does not tell of it",
        ),
        (
            f"UPDATE consents SET ended_at = opened_at, end_reason = 'narrowed' WHERE {OPEN}",
            "consent .*: has ended .narrowed., and the journal does not tell of it",
        ),
        (
            "UPDATE consents SET ended_at = opened_at, end_reason = 'replaced' WHERE version = 0",
            "consent .*: has ended .replaced., and the journal does not tell of it",
        ),
        (
            "UPDATE consents SET ended_at = NULL, end_reason = '' WHERE end_reason = 'replaced'",
            "consent .*: was replaced by a newer version, and is not so any more",
        ),
        (
            "UPDATE consents SET ended_at = NULL, end_reason = '' WHERE end_reason = 'narrowed'",
            "consent .*: was narrowed by a correction, and is not so any more",
        ),
        (f"UPDATE consents SET ended_at = {PAST} WHERE end_reason = 'replaced'", "has not ended when the journal"),
        (f"UPDATE consents SET ended_at = {PAST} WHERE end_reason = 'narrowed'", "has not ended when the journal"),
        ("UPDATE consents SET story_id = NULL WHERE version = 0", "is of another story than the journal tells"),
        ("UPDATE consents SET story_id = NULL WHERE version > 0", "not those that the journal tells were opened"),
        (f"UPDATE consents SET person_id = {OTHER} WHERE version > 0", "is of another person than the journal and"),
        (f"UPDATE consents SET person_id = {OTHER} WHERE version = 0", "is of another person than the journal and"),
        (f"UPDATE consents SET person_id = {BIEN} WHERE person_id = {GUEST}", "somebody has another one's"),
        (f"UPDATE story_persons SET person_id = {OTHER}", "is about others than it and the journal tell"),
        ("UPDATE story_persons SET place = 7 WHERE part = 'guest'", "is about others than it and the journal tell"),
        ("DELETE FROM story_persons WHERE part = 'guest'", "is about others than it and the journal tell"),
        (f"UPDATE persons SET minor = (1=1) WHERE id = {OTHER}", "is a minor, and its versions say otherwise"),
        (f"UPDATE persons SET birth_year = 2020 WHERE id = {BIEN}", "another year of birth than its versions say"),
        (f"UPDATE persons SET birth_year = NULL WHERE id = {BIEN}", "another year of birth than its versions say"),
        (f"UPDATE persons SET name = 'Ai đó' WHERE id = {OTHER}", "is not found by the name it has"),
        (
            f"UPDATE persons SET name = 'Ai đó', name_key = 'ai đó' WHERE id = {OTHER}",
            "has a name, kind or unit that no version gives it",
        ),
        (f"UPDATE persons SET unit = 'Đội khác' WHERE id = {OTHER}", "has a name, kind or unit that no version"),
        (f"UPDATE persons SET merged_into_id = NULL WHERE id = {DOUBLE}", "was not merged as the journal tells"),
        (f"UPDATE persons SET merged_into_id = {BIEN} WHERE id = {OTHER}", "was not merged as the journal tells"),
    ],
)
def test_what_was_changed_of_them_is_found(told: Hub, statement: str, expected: str) -> None:
    execute(told.database, statement)
    faults = told.find_faults()
    assert any(re.search(expected, fault) for fault in faults), faults


def test_versions_of_before_the_journal_told_of_persons_stay_sound(
    world: World, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = submissions._told

    def before(*args: Any) -> dict[str, Any]:
        said = record(*args)
        return {name: value for name, value in said.items() if name not in ("about", "replaced", "removed")}

    monkeypatch.setattr(submissions, "_told", before)
    world.push(a_story(consent=OLD))
    monkeypatch.undo()
    world.push(a_story(consent=NEW))
    assert Hub(settings, database).find_faults() == []
