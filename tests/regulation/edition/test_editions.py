"""Editions: each from its day on, none backwards; a refused file leaves the old one in force."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, select, update

import schemas
from hub.accounts import organizations
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.errors import NotFound
from hub.intake.media_store import MediaStore
from hub.models import Edition, JournalRow
from hub.operation.verifying import verification
from hub.records import journal
from hub.regulation import ruling
from hub.regulation.edition import clause_faults, clauses, differences, editions, positions
from hub.regulation.edition.clauses import EMPTY
from hub.regulation.edition.drafting import RegulationRefused
from hub.regulation.edition.editions import EditionAwaits, EditionInThePast
from tests.builders import World, a_story
from tests.regulation.provinces import changed, clause, text
from tests.regulation.scenes import ADOPTED, Scene, at


def edition(**changes: Any) -> str:
    return json.dumps(changed(lambda document: document.update(changes)), ensure_ascii=False, indent=1)


def adopt(database: Database, said: str, when: str, *, on: date | None = None, instead_of: int | None = None) -> None:
    with database.writing() as session:
        editions.adopt(session, said, effective_on=on, instead_of=instead_of, now=at(when))


def number_at(database: Database, when: str) -> str:
    with database.reading() as session:
        return editions.in_force(session, at(when)).number


def test_an_edition_takes_effect_on_its_date(database: Database) -> None:
    adopt(database, edition(number="one"), "2026-06-20 09:00")
    adopt(database, edition(number="two"), "2026-07-20 09:00", on=date(2027, 1, 1))
    adopt(database, edition(number="three"), "2026-08-01 09:00", on=date(2026, 9, 1))
    instants = ["2026-06-20 08:59", "2026-06-20 09:00", "2026-08-31 23:59", "2026-09-01 00:00", "2027-01-01 00:00"]
    assert [number_at(database, instant) for instant in instants] == ["", "one", "one", "three", "two"]


def test_a_second_edition_of_a_day_names_the_one_it_replaces(database: Database) -> None:
    day = date(2027, 1, 1)
    adopt(database, edition(number="one"), "2026-06-20 09:00")
    adopt(database, edition(number="two"), "2026-07-20 09:00", on=day)
    with pytest.raises(EditionAwaits) as refused:
        adopt(database, edition(number="three"), "2026-07-21 09:00", on=day)
    assert refused.value.facts == {"edition": 2, "number": "two", "day": "2027-01-01"}
    with pytest.raises(EditionAwaits):
        adopt(database, edition(number="three"), "2026-07-21 09:00", on=day, instead_of=1)
    with pytest.raises(NotFound):
        adopt(database, edition(number="three"), "2026-07-21 09:00", on=date(2027, 1, 2), instead_of=2)
    adopt(database, edition(number="three"), "2026-07-21 09:00", on=day, instead_of=2)
    adopt(database, edition(number="one"), "2026-07-22 09:00", on=day, instead_of=3)  # the way back
    assert [number_at(database, instant) for instant in ("2026-12-31 23:59", "2027-01-01 00:00")] == ["one", "one"]
    with database.reading() as session:
        assert editions.list_replaced(editions.list_all(session)) == {2, 3}
        assert list(editions.list_breaks(session)) == []
        adopted = session.scalars(select(JournalRow.body).where(JournalRow.body.contains("edition_adopted")))
        told = [(row["edition"], row.get("instead_of")) for row in map(json.loads, adopted)]
    assert told == [(1, None), (2, None), (3, 2), (4, 3)]


def test_where_none_was_adopted_the_empty_regulation_rules(database: Database) -> None:
    with database.reading() as session:
        assert editions.in_force(session, at("2026-06-20 09:00")) is EMPTY
        assert editions.timeline(session) == ()
        with pytest.raises(NotFound):
            editions.get_in_force(session, at("2026-06-20 09:00"))


def test_an_edition_of_today_does_not_judge_this_morning(database: Database) -> None:
    adopt(database, edition(number="one"), "2026-06-20 09:00", on=date(2026, 6, 20))
    assert [number_at(database, f"2026-06-20 {clock}") for clock in ("08:59", "09:00")] == ["", "one"]


def test_an_edition_cannot_begin_in_the_past(database: Database) -> None:
    with pytest.raises(EditionInThePast):
        adopt(database, edition(), "2026-06-20 00:00", on=date(2026, 6, 19))


def test_a_refused_file_leaves_the_old_one_in_force(database: Database) -> None:
    adopt(database, edition(number="one"), "2026-06-20 09:00")
    broken = changed(lambda d: clause(d, "10")["rules"][0].update(deadline={"working_days": 0}))
    for said in (json.dumps(broken), "{", ""):
        with pytest.raises(RegulationRefused):
            adopt(database, said, "2026-06-21 09:00")
    assert number_at(database, "2026-06-22 09:00") == "one"
    with database.reading() as session:
        assert len(editions.list_all(session)) == 1


def test_a_refusal_names_line_and_pointer(database: Database) -> None:
    said = text().replace('"working_days": 3', '"working_days": 0', 1)
    with pytest.raises(RegulationRefused) as refused:
        editions.read(said)
    (fault,) = refused.value.faults
    assert fault.code == "impossible_deadline"
    assert fault.pointer == "/chapters/1/clauses/3/rules/0/deadline/working_days"
    assert '"working_days": 0' in said.splitlines()[fault.facts["line"] - 1]


def test_adopting_is_journalled_with_the_digest_of_the_text(database: Database) -> None:
    adopt(database, edition(number="one"), "2026-06-20 09:00", on=date(2026, 7, 1))
    with database.reading() as session:
        row = session.scalars(select(Edition)).one()
        record = json.loads(session.scalars(select(JournalRow)).one().body)
        assert record["kind"] == "edition_adopted"
        assert (record["edition"], record["digest"]) == (row.id, row.digest)
        assert record["effective_at"] == row.effective_at.isoformat()
        assert list(journal.list_breaks(session)) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, None),
        ({"document": "{}"}, "does not match its digest"),
        ({"digest": "0" * 64}, "does not say that it was adopted so"),
        ({"effective_at": at("2026-06-21 09:00")}, "does not say that it was adopted so"),
        ({"adopted_at": at("2026-06-19 09:00")}, "does not say that it was adopted so"),
        ({"number": "9/QĐ"}, "has another number or title than its text"),
        ({"title": "Quy chế khác"}, "has another number or title than its text"),
    ],
)
def test_verify_finds_an_edition_that_was_tampered_with(
    database: Database, settings: Settings, changes: dict[str, Any], fault: str | None
) -> None:
    adopt(database, text(), "2026-06-20 09:00")
    with database.writing() as session:
        if changes:
            session.execute(update(Edition).values(**changes))
    store = MediaStore(settings.media_folder)
    faults = list(verification.find_faults(database, store, settings.address, seen=lambda *_: None))
    if fault is None:
        assert faults == []
    else:
        assert any(fault in each for each in faults), faults


def test_verify_finds_an_edition_that_was_taken_away_before_its_day(database: Database) -> None:
    adopt(database, edition(number="one"), "2026-06-20 09:00")
    adopt(database, edition(number="two"), "2026-06-20 09:00", on=date(2027, 1, 1))
    with database.writing() as session:
        assert list(editions.list_breaks(session)) == []
        session.execute(delete(Edition).where(Edition.number == "two"))
        assert [*editions.list_breaks(session)] == [
            "edition 2: the journal says that it was adopted, but it is not there"
        ]


def test_a_byte_order_mark_is_no_part_of_a_regulation(database: Database) -> None:
    adopt(database, "\ufeff" + text(), "2026-06-20 09:00")
    with database.reading() as session:
        assert session.scalars(select(Edition.document)).one() == text()


def test_the_difference_of_two_editions_is_told_clause_by_clause() -> None:
    def change(document: dict[str, Any]) -> None:
        clause(document, "10")["rules"][0]["deadline"] = {"working_days": 2}
        clause(document, "11")["paragraphs"][1]["text"] = "Khác."
        clause(document, "12").update(dated="2027-01-01")  # a new date alone changes nothing
        clause(document, "49").update(number="50")

    found = differences.diff(positions.read(text()).document, changed(change))
    assert [(each.kind, each.place) for each in found] == [
        ("rules", "10"),
        ("text", "11"),
        ("added", "50"),
        ("removed", "49"),
    ]


def test_of_changed_rules_each_value_is_told() -> None:
    def change(document: dict[str, Any]) -> None:
        rule = clause(document, "10")["rules"][0]
        rule["deadline"] = {"days": 2}
        rule["who"] = {**rule["who"], "role": "editor"}
        clause(document, "13")["rules"].append({"paragraph": 3, "what": {"act": "return"}})

    found = [each.rule for each in differences.diff(positions.read(text()).document, changed(change)) if each.rule]
    assert [(each.paragraph, each.path, each.before, each.after) for each in found[:2]] == [
        (1, ("who", "role"), "confirmer", "editor"),
        (1, ("deadline",), {"working_days": 3}, {"days": 2}),
    ]
    assert (found[-1].paragraph, found[-1].path, found[-1].before) == (3, (), None)


def test_the_difference_tells_what_stands_around_the_clauses_too() -> None:
    def change(document: dict[str, Any]) -> None:
        document.update(number="09-QC/TU", limits={"assent_age": 9, "minor_age": 16})
        document["calendar"] = {"off": ["2027-02-01"], "working": []}
        document["legal_bases"][0].update(title="Khác")
        document["legal_bases"].append({**document["legal_bases"][0], "id": "moi", "title": "Mới"})
        document["chapters"][0].update(title="Mở đầu")
        document["chapters"][1]["clauses"].insert(0, document["chapters"][0]["clauses"].pop())
        document["forms"][0].update(title="Phiếu khác")

    moved = positions.read(text()).document["chapters"][0]["clauses"][-1]
    gone = changed(lambda document: document["forms"].pop())
    found = differences.diff(positions.read(text()).document, changed(change))
    assert [(each.kind, each.place, each.title) for each in found] == [
        ("changed", "number", "08-QC/TU → 09-QC/TU"),
        ("changed", "limits/assent_age", "7 → 9"),
        ("added", "calendar/off", "2027-02-01"),
        ("changed", "legal_bases/thong-bao-404", "Khác"),
        ("added", "legal_bases/moi", "Mới"),
        ("changed", "chapters/1", "Mở đầu"),
        ("moved", moved["number"], moved["title"]),
        ("changed", "forms/01", "Phiếu khác"),
    ]
    assert [each.kind for each in differences.diff(positions.read(text()).document, gone)] == ["removed"]


def test_an_edition_once_adopted_stays_in_force_whatever_a_later_hub_refuses(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    adopt(database, text(), "2026-06-20 09:00")
    later = schemas.Fault("/number", "unknown_duty", {"duty": "x"})
    monkeypatch.setattr(editions, "_known", {})
    monkeypatch.setattr(clause_faults, "find", lambda _: [later])
    with database.reading() as session:
        assert editions.in_force(session, at("2026-07-20 09:00")).number == "08-QC/TU"


# --- what other rules make of it ------------------------------------------------------------------------------------


def test_a_refused_release_names_its_clause(world: World, database: Database, clock: FixedClock) -> None:
    story_id = world.push(a_story(interview=None))
    why = f"/api/v1/stories/{story_id}/why?channel=tv/segment"
    assert [each["clause"] for each in world.editor.get(why).json["refusals"]] == [""]  # without a regulation
    with database.writing() as session:
        editions.adopt(session, text(), now=clock.now())
    (refusal,) = world.editor.get(why).json["refusals"]
    assert (refusal["code"], refusal["clause"]) == ("no_guest", "21")
    refused = world.editor.act(story_id, "approve", channels=["tv/segment"])
    assert refused.status_code == 409
    assert [(error["code"], error["clause"]) for error in refused.json["errors"]] == [("no_guest", "21")]
    kept_out = world.editor.act(story_id, "approve", channels=["newspaper/column"])
    assert kept_out.status_code == 201


def test_the_route_of_a_story_follows_from_its_organization_and_what_it_says(scene: Scene) -> None:
    with scene.database.reading() as session:
        sender = organizations.get(session, "nghe-ca").id
        regulation, day = editions.in_force(session, at(ADOPTED)), at(ADOPTED).date()
        lineage = ruling.list_units(session, sender, on=day)
        facts = clauses.facts_of(a_story(urgency=1), lineage, regulation, today=day)
        assert [unit.code for unit in facts.lineage] == ["nghe-ca", "ldld", "mttq"]
        assert [step.clause.number for step in clauses.route_of(regulation, facts)] == ["12"]
