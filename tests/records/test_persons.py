"""Whom a story is about is found again, and nobody is taken for somebody else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from hub.db import Database
from hub.models import Person, StoryPerson
from hub.records import persons
from hub.records.persons import said_in
from tests.builders import INTERVIEW, World, a_story

BIEN = {"type": "individual", "name": "Nguyễn Văn Biển", "birth_year": 1970}


def _subjects(database: Database) -> list[str]:
    """The subject's person of every version, oldest first."""
    with database.reading() as session:
        query = select(StoryPerson.person_id).where(StoryPerson.part == "subject")
        return list(session.scalars(query.order_by(StoryPerson.story_id, StoryPerson.version)))


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({}, True),
        ({"name": "nguyễn  văn biển"}, True),
        ({"name": "Nguyễn Văn Biên"}, False),  # accents count between stories
        ({"birth_year": 1971}, False),
        ({"birth_year": None}, False),  # who knows
        ({"unit": "Tổ 2"}, False),
        ({"type": "household"}, False),
    ],
)
def test_across_stories_only_the_same_name_year_and_unit_is_the_same_person(
    world: World, database: Database, other: dict[str, Any], same: bool
) -> None:
    world.push(a_story(subject=BIEN))
    said = {name: value for name, value in {**BIEN, **other}.items() if value is not None}
    world.push(a_story(subject=said, interview=None), external_id="two")
    first, second = _subjects(database)
    assert (first == second) is same


@pytest.mark.parametrize(
    ("mended", "same"),
    [
        ({"name": "Nguyễn Văn Biên"}, True),
        ({"name": "Nguyễn Văn Biểm"}, True),
        ({"birth_year": None}, True),
        ({"unit": "Tổ 2"}, True),
        ({"birth_year": 1971}, False),
        ({"name": "Lê Thị Hồng", "birth_year": 1970}, False),
    ],
)
def test_within_a_story_a_mended_name_is_the_same_person_and_another_name_is_not(
    world: World, database: Database, mended: dict[str, Any], same: bool
) -> None:
    world.push(a_story(subject=BIEN, interview=None))
    said = {name: value for name, value in {**BIEN, **mended}.items() if value is not None}
    world.push(a_story(subject=said, interview=None))
    first, second = _subjects(database)
    assert (first == second) is same


def test_a_collective_is_found_by_its_name_and_two_organizations_share_nobody(world: World, database: Database) -> None:
    group = {"type": "collective", "name": "Câu lạc bộ Bánh Xe Xanh"}
    world.push(a_story(subject=group, interview=None))
    world.push(a_story(subject=group, interview=None), external_id="two")
    assert world.women.put("one", a_story(subject=group, interview=None)).status_code == 201
    first, second, third = _subjects(database)
    assert first == second != third


def test_a_guest_of_the_subjects_name_is_the_subject_and_others_are_rows_of_their_own(
    world: World, database: Database
) -> None:
    card = {**INTERVIEW, "guests": [*INTERVIEW["guests"], {"name": "Võ Hữu Lành"}]}  # type: ignore[misc]
    world.push(a_story(interview=card))
    world.push(a_story(interview=card, title="Bản hai"))
    with database.reading() as session:
        assert {row.name for row in session.scalars(select(Person))} == {"Nguyễn Văn Biển", "Võ Hữu Lành"}
        places = [(row.version, row.part, row.place) for row in session.scalars(select(StoryPerson))]
    parts = (("guest", 0), ("guest", 1), ("subject", 0))
    assert sorted(places) == [(version, *part) for version in (1, 2) for part in parts]


def test_another_person_in_a_correction_brings_no_consent_along(world: World) -> None:
    story_id = world.release(a_story(interview=None), channels=["public/all"])
    other = {"type": "individual", "name": "Lê Thị Hồng", "birth_year": 1985}
    world.push(a_story(subject=other, interview=None))
    refused = world.editor.act(story_id, "approve", channels=["public/all"])
    assert "no_consent" in {error["code"] for error in refused.json["errors"]}
    (row,) = [row for row in world.editor.get("/api/v1/persons").json["items"] if row["name"] == "Lê Thị Hồng"]
    record = {"act": "record", "story": story_id, "scopes": ["name", "work_story"], "obtained_on": "2026-11-20"}
    assert world.fishers.ask("POST", f"/api/v1/persons/{row['id']}/acts", body=record).status_code == 201
    assert world.editor.act(story_id, "approve", channels=["public/all"]).status_code == 201


def test_before_the_first_release_the_ledger_says_what_the_newest_push_says(world: World) -> None:
    world.push(a_story(interview=None))
    scopes = ["name", "work_story", "archive"]
    story_id = world.push(a_story(interview=None, consent={"scopes": scopes, "obtained_on": "2026-11-20"}))
    (row,) = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"]
    ledger = world.editor.get(f"/api/v1/persons/{row['id']}").json["consents"]
    assert sorted(entry["scope"] for entry in ledger if entry["ended_at"] is None) == sorted(scopes)
    assert {entry["end_reason"] for entry in ledger if entry["ended_at"]} == {"replaced"}


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ("ended_at IS NULL AND expires_at <= '2026-01-01'", "ix_consents_ended_at_expires_at"),
        ("person_id IN ('per_1') AND end_reason IN ('withdrawn', 'erased')", "ix_consents_person_id_end_reason"),
        ("person_id = 'per_1' AND ended_at IS NULL", "ix_consents_person_id_end_reason"),
    ],
)
def test_what_is_due_taken_back_or_open_is_found_by_an_index(database: Database, asked: str, index: str) -> None:
    with database.reading() as session:
        if session.get_bind().dialect.name != "sqlite":
            pytest.skip("PostgreSQL plans by the size of the table")
        plan = session.execute(text(f"EXPLAIN QUERY PLAN SELECT id FROM consents WHERE {asked}")).all()
    assert any(index in str(row) for row in plan), plan


def test_nobody_is_said_where_nothing_is_left() -> None:
    assert said_in({"subject": {"type": "individual"}, "interview": {"guests": [{}]}}) == []
    assert persons.key_of("  Nguyễn   Văn\tBiển ") == "nguyễn văn biển"


def test_namesakes_of_two_units_are_two_persons(world: World) -> None:
    subject = {"type": "individual", "name": "Nguyễn Văn Hùng", "birth_year": 1960}
    ids = set()
    for unit in ("Tổ 1", "Tổ 2", "Tổ 1"):
        told = a_story(subject=subject, unit={"name": unit, "kind": "cong_doan"}, interview=None)
        story_id = world.push(told, external_id=f"{unit}-{len(ids)}".replace(" ", "-").replace("ổ", "o"))
        (person,) = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"]
        ids.add(person["id"])
    assert len(ids) == 2
