"""Every row that tells of consent taken back, of receipts and of erasure names its clause; so do the refusals."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hub.actors import SYSTEM
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import JournalRow
from hub.records import persons
from hub.records.signing_keys import Signer
from hub.regulation.consent import erasing
from hub.regulation.edition import editions
from tests.builders import World
from tests.operation.conftest import Hub

CHANNELS = ["newspaper/column", "public/all"]
HOUR = timedelta(hours=1)


@pytest.fixture
def story(world: World, database: Database, clock: FixedClock) -> str:
    """A story that was released under the default regulation."""
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())
    clock.forward(HOUR)
    story_id = world.release(channels=CHANNELS)
    clock.forward(HOUR)
    return story_id


def _act(world: World, story_id: str, **order: Any) -> Any:
    (person,) = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"]
    return world.editor.ask("POST", f"/api/v1/persons/{person['id']}/acts", body={"story": story_id, **order})


def _named(database: Database, *kinds: str) -> list[tuple[str, str | None]]:
    with database.reading() as session:
        told = [json.loads(body) for body in session.scalars(select(JournalRow.body).order_by(JournalRow.number))]
    return [(said["kind"], said.get("clause")) for said in told if said["kind"] in kinds]


def test_consent_taken_back_and_its_receipts_name_the_clause_of_withdrawn_consent(
    world: World, story: str, database: Database, settings: Settings
) -> None:
    assert _act(world, story, act="withdraw", scopes=["image"]).status_code == 201
    refused = _act(world, story, act="withdraw", scopes=["archive"])
    assert (refused.status_code, refused.json["clause"]) == (409, "22")
    (asked,) = world.newspaper.get("/api/v1/receipts").json["items"]
    path, body = f"/api/v1/receipts/{asked['id']}", {"answer": "done"}
    assert world.newspaper.ask("POST", path, body=body).status_code == 201
    again = world.newspaper.ask("POST", path, body=body)
    assert (again.status_code, again.json["clause"]) == (409, "22")
    assert _named(database, "consent_withdrawn", "receipt_asked", "receipt") == [
        ("consent_withdrawn", "22"),
        ("receipt_asked", "22"),
        ("receipt", "22"),
    ]
    assert Hub(settings, database).find_faults() == []


@pytest.mark.parametrize(("reason", "clause"), [("factual_error", "25"), ("consent_withdrawn", "22")])
def test_receipts_of_a_withdrawn_story_name_the_clause_of_its_reason(
    world: World, story: str, database: Database, settings: Settings, reason: str, clause: str
) -> None:
    assert world.editor.act(story, "withdraw", reason=reason).status_code == 201
    (asked,) = world.newspaper.get("/api/v1/receipts").json["items"]
    path, body = f"/api/v1/receipts/{asked['id']}", {"answer": "done"}
    assert world.newspaper.ask("POST", path, body=body).status_code == 201
    assert world.newspaper.ask("POST", path, body=body).json["clause"] == clause
    assert _named(database, "receipt_asked", "receipt") == [("receipt_asked", clause), ("receipt", clause)]
    assert Hub(settings, database).find_faults() == []


def test_an_erasure_names_the_clause_of_erasures(
    world: World, story: str, database: Database, settings: Settings, clock: FixedClock
) -> None:
    (person,) = world.editor.get(f"/api/v1/persons?story={story}").json["items"]
    with database.writing() as session:
        session.info.update(Signer.of(settings).info)
        erasing.erase(session, persons.get(session, person["id"]), actor=SYSTEM, now=clock.now())
    acts = world.editor.get(f"/api/v1/stories/{story}/acts").json["items"]
    assert [act["clause"] for act in acts if act["act"] == "erase"] == ["26"]
    assert _named(database, "consent_withdrawn", "receipt_asked") == [
        ("consent_withdrawn", "22"),
        ("receipt_asked", "22"),
    ]
    assert Hub(settings, database).find_faults() == []


def test_without_a_regulation_no_clause_is_named(world: World, database: Database, clock: FixedClock) -> None:
    story_id = world.release(channels=CHANNELS)
    clock.forward(HOUR)
    assert _act(world, story_id, act="withdraw").status_code == 201
    assert {clause for _, clause in _named(database, "consent_withdrawn", "receipt_asked")} == {None}
