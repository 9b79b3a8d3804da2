"""The list of the journal's kinds leaves none out that is ever written."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import select

import hub
from hub.db import Database
from hub.models import JournalRow
from hub.records import journal
from hub.records.kinds import KINDS
from tests.builders import World

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


def test_the_list_is_in_order_and_each_stands_once() -> None:
    assert sorted(set(KINDS)) == list(KINDS)
