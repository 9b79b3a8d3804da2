"""`hub verify` finds a changed paper of a consent: form, proof, guardian, clearance, and who opened or ended it."""

from __future__ import annotations

import re

import pytest

from hub.actors import SYSTEM
from hub.config import Settings
from hub.db import Database
from hub.models import Consent
from hub.records import persons
from hub.records.signing_keys import Signer
from hub.regulation.consent import erasing
from tests.builders import ALL_SCOPES, World, a_story
from tests.operation.conftest import Hub, Made
from tests.operation.verifying.test_verification import execute

GUARDIAN = {"name": "Trần Thị Ngoan", "relation": "mẹ", "obtained_on": "2026-11-01"}
WORD = {"by": "Trung tá Lê Văn Tám", "role": "Chính trị viên", "date": "2026-11-02"}
PAPER = {"scopes": ALL_SCOPES, "obtained_on": "2026-11-01", "form": "giấy có chữ ký"}
PDF = b"%PDF-1.7\n%x\n"


def make_papers(world: World, database: Database, settings: Settings) -> None:
    """A ledger whose entries a version brought, an act recorded, a unit cleared, and others ended."""
    child = {"type": "individual", "name": "Người Một", "minor": True}
    paper = {**PAPER, "guardian": GUARDIAN, "clearance": WORD, "child_assent": {"obtained_on": "2026-11-01"}}
    one = world.push(a_story(subject=child, interview=None, consent=paper))
    (person,) = world.editor.get(f"/api/v1/persons?story={one}").json["items"]
    assert world.editor.ask("POST", f"/api/v1/persons/{person['id']}/proofs", body=PDF + b"%y").status_code == 201
    proof = world.editor.ask("POST", f"/api/v1/persons/{person['id']}/proofs", body=PDF).json["id"]
    world.push(a_story(subject={"type": "individual", "name": "Người Hai"}, consent=PAPER), external_id="two")
    world.push(a_story(subject={"type": "individual", "name": "Người Hai"}), external_id="two")  # another paper
    acts = [
        {"act": "record", "scopes": ["archive"], "form": "đơn", "proof": proof, "guardian": GUARDIAN},
        {"act": "record", "scopes": ["live_appearance"], "story": one, "clearance": WORD},
        {"act": "withdraw", "scopes": ["image"], "story": one},
    ]
    for act in acts:
        answer = world.editor.ask("POST", f"/api/v1/persons/{person['id']}/acts", body=act)
        assert answer.status_code == 201, answer.json
    people = world.editor.get(f"/api/v1/persons?story={world.push(external_id='two')}").json["items"]
    (other,) = (each["id"] for each in people if each["name"] != "Người Hai")  # a guest since version 2
    clear = {"act": "clear", "clearance": {**WORD, "by": "Thượng tá Võ Văn Chín"}}
    assert world.editor.ask("POST", f"/api/v1/persons/{other}/acts", body=clear).status_code == 201


@pytest.fixture
def papers(made: Made) -> Hub:
    return made(make_papers)


def erase(papers: Hub) -> None:
    with Database(papers.database.engine, info=Signer.of(papers.settings).info).writing() as session:
        person = session.query(Consent).where(Consent.scope == "archive", Consent.version == 0).one().person_id
        now = max(row.opened_at for row in session.query(Consent))
        erasing.erase(session, persons.get(session, person), actor=SYSTEM, now=now)


def test_sound_papers_have_no_faults(papers: Hub) -> None:
    assert papers.find_faults() == []


def test_papers_whose_person_was_erased_have_no_faults_and_no_salt(papers: Hub) -> None:
    erase(papers)
    assert papers.find_faults() == []
    with papers.database.reading() as session:
        rows = session.query(Consent).where(Consent.end_reason == "erased").all()
    assert rows
    assert not any({*row.guardian, *row.clearance} - {"obtained_on", "date"} for row in rows)


BY_ACT, BY_VERSION, CLEARED = "version = 0 AND scope = 'archive'", "version = 1 AND scope = 'name'", "version = 2"
SPARE = "id NOT IN (SELECT proof_id FROM consents WHERE proof_id IS NOT NULL)"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (f"UPDATE consents SET form = 'lời nói' WHERE {BY_ACT}", "has another form, proof or guardian"),
        (f"UPDATE consents SET proof_id = NULL WHERE {BY_ACT}", "has another form, proof or guardian"),
        (f"UPDATE consents SET guardian = replace(guardian, 'Tr', 'B') WHERE {BY_ACT}", "has another form, proof"),
        (f"UPDATE consents SET guardian = replace(guardian, 'salt', 'salz') WHERE {BY_ACT}", "has another form, proof"),
        ("UPDATE consents SET clearance = replace(clearance, 'Trung', 'X') WHERE version = 0", "by somebody else than"),
        (f"UPDATE consents SET clearance = replace(clearance, 'Th', 'X') WHERE {CLEARED}", "cleared by somebody else"),
        (f"UPDATE consents SET form = 'lời nói' WHERE {BY_VERSION}", "says otherwise of its form"),
        (f"UPDATE consents SET guardian = replace(guardian, 'Tr', 'B') WHERE {BY_VERSION}", "of its guardian"),
        (f"UPDATE consents SET clearance = replace(clearance, 'Tr', 'B') WHERE {BY_VERSION}", "of its clearance"),
        (f"UPDATE consents SET proof_id = (SELECT min(id) FROM proofs) WHERE {BY_VERSION}", "otherwise of its proof"),
        (f"UPDATE consents SET opened_by = 'editor:77' WHERE {BY_ACT}", "was opened by somebody else"),
        (f"UPDATE consents SET opened_by = 'organization:1' WHERE {BY_VERSION}", "was opened by somebody else"),
        ("UPDATE consents SET ended_by = 'editor:99' WHERE end_reason = 'withdrawn'", "was ended by somebody else"),
        ("UPDATE consents SET ended_by = 'editor:99' WHERE end_reason = 'replaced'", "was ended by somebody else"),
        (f"UPDATE consents SET ended_by = 'editor:99' WHERE {CLEARED}", "was ended by somebody else"),
        ("UPDATE proofs SET sha256 = 'x'", "proof .*: is not the one that the journal tells of"),
        ("UPDATE proofs SET created_by = 'editor:99'", "proof .*: is not the one that the journal tells of"),
        ("UPDATE proofs SET story_id = (SELECT min(id) FROM stories)", "proof .*: is not the one that"),
        (f"UPDATE proofs SET id = 'prf_0' WHERE {SPARE}", "proof prf_0: the journal does not tell of it"),
        (f"DELETE FROM proofs WHERE {SPARE}", "proof prf_.*: the journal tells of it, but it is not there"),
    ],
)  # fmt: skip
def test_a_changed_paper_is_found(papers: Hub, statement: str, expected: str) -> None:
    if papers.database.engine.dialect.name == "postgresql":
        as_text = r"CAST(replace(CAST(\1 AS TEXT), \2, \3) AS JSON)"
        statement = re.sub(r"replace\((\w+), ('.*?'), ('.*?')\)", as_text, statement)
    execute(papers.database, statement)
    faults = papers.find_faults()
    assert any(re.search(expected, fault) for fault in faults), faults
    assert not any(name in fault for fault in faults for name in ("Người", "Ngoan", "Chín"))


def test_who_ended_what_an_erasure_ended_is_asked_too(papers: Hub) -> None:
    erase(papers)
    execute(papers.database, "UPDATE consents SET ended_by = 'editor:99' WHERE end_reason = 'erased'")
    assert any("was ended by somebody else" in fault for fault in papers.find_faults())
