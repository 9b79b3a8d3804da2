"""The list of the journal's kinds leaves none out that is ever written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import select

import hub
from hub.accounts import users
from hub.db import Database
from hub.models import JournalRow
from hub.records import journal, journal_reading, kinds
from hub.records.journal_reading import Question
from hub.records.kinds import KINDS
from hub.regulation.workflow import ActKind
from tests.builders import World
from tests.conftest import NOON

HERE = Path(hub.__file__).parent
_CONTENT = "text address pattern mat_tran organization_kinds"
_PLANS = "film footage lead_in talk close viewer_question picture"
OTHERS = frozenset(f"{_CONTENT} {_PLANS}".split())  # kinds of other things
SAID = re.compile(r'"kind": "([a-z_]+)"(?: if .* else "([a-z_]+)")?')


def test_every_kind_that_the_code_writes_is_listed() -> None:
    texts = [path.read_text(encoding="utf-8") for path in HERE.rglob("*.py")]
    written = {kind for text in texts for found in SAID.finditer(text) for kind in found.groups() if kind}
    assert len(written) > 50
    assert sorted(written - OTHERS - set(KINDS)) == []


def test_every_kind_that_a_working_hub_writes_is_listed(world: World, database: Database) -> None:
    world.release()
    with database.reading() as session:
        kinds = {str(journal.read_record(body)["kind"]) for body in session.scalars(select(JournalRow.body))}
    assert {"act", "version", "releases", "register_told"} <= kinds <= set(KINDS)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_kind_has_a_sentence_without_a_code_in_it(language: str) -> None:
    said = {kind: kinds.title_of(kind, language) for kind in KINDS}
    acts = {act: kinds.sentence_of({"kind": "act", "act": act}, language) for act in ActKind}
    for code, sentence in [*said.items(), *acts.items()]:
        assert sentence.endswith("."), code
        assert "_" not in sentence, code
        assert "%(" not in sentence, code
    assert len({*said.values(), *acts.values()}) == len(said) + len(acts)
    assert kinds.sentence_of({"kind": "act", "act": "unheard of"}, language) == said["act"]


def test_a_sentence_names_people_and_organizations_not_their_rows(world: World, database: Database) -> None:
    world.release()
    with database.writing() as session:
        user = users.add(session, name="Trần Thị Mai", email="mai@hub.example", now=NOON)
        record = {"kind": "role_given", "user": user.id, "role": "admin", "actor": f"user:{user.id}"}
        journal.append(session, record, at=NOON)
        journal.append(session, {"kind": "user_closed", "user": 10**12, "actor": "admin:7"}, at=NOON)
    with database.reading() as session:
        strange, given, *older = journal_reading.list_lines(session, Question(), limit=20)
    assert kinds.sentence_of({**given.named, "kind": given.kind}, "en") == "Trần Thị Mai was given a role."
    assert (given.who, strange.who) == ("Trần Thị Mai", "")
    assert kinds.sentence_of({**strange.named, "kind": strange.kind}, "en") == "1000000000000 may not sign in any more."
    version = next(line for line in older if line.kind == "version")
    assert version.named["organization"] == "Nghiệp đoàn nghề cá Bến Lau"
    assert version.facts["organization"] == "nghe-ca"


def test_the_list_is_in_order_and_each_stands_once() -> None:
    assert sorted(set(KINDS)) == list(KINDS)
