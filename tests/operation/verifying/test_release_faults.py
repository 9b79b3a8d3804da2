"""`hub verify` finds releases that show something else than an act let them show, or stand where none put them."""

from __future__ import annotations

import re

import pytest

from tests.operation.conftest import Hub
from tests.operation.verifying.test_verification import execute

SHOWS_OTHER = "releases of st_.*: show something else than the journal tells"
ONE = "(SELECT min(id) FROM releases WHERE state = 'standing')"
PICTURED = "(SELECT min(release_id) FROM media_tokens)"
WITHDRAWN = "(SELECT min(id) FROM releases WHERE state = 'withdrawn')"
WAITING = "(SELECT min(id) FROM releases WHERE state = 'scheduled')"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (f"""UPDATE releases SET fields = '["title"]' WHERE id = {ONE}""", SHOWS_OTHER),
        (f"""UPDATE releases SET hidden = '["/media/0"]' WHERE id = {ONE}""", SHOWS_OTHER),
        (f"""UPDATE releases SET suppliers = '["Đội khác"]' WHERE id = {ONE}""", SHOWS_OTHER),
        (f"UPDATE releases SET severity = 'cosmetic' WHERE id = {ONE}", SHOWS_OTHER),
        (f"UPDATE releases SET available_from = created_at WHERE id = {WAITING}", SHOWS_OTHER),
        ("UPDATE media_tokens SET lost_at = (SELECT max(at) FROM journal)", SHOWS_OTHER),
        ("DELETE FROM media_tokens", SHOWS_OTHER),
        (f"DELETE FROM releases WHERE id = {WAITING}", SHOWS_OTHER),
        (
            f"UPDATE releases SET state = 'standing' WHERE id = {WITHDRAWN}",
            "stands or waits, and the story was withdrawn",
        ),
        (f"UPDATE releases SET state = 'scheduled' WHERE id = {WITHDRAWN}", "in a channel that it was taken back from"),
        (f"UPDATE releases SET state = 'standing' WHERE id = {WAITING}", "stands, and its channel does not show it"),
        (
            f"UPDATE releases SET act_id = (SELECT min(id) FROM acts WHERE kind = 'submit') WHERE id = {ONE}",
            "no act of the story released it",
        ),
    ],
)
def test_what_was_changed_in_a_release_is_found(hub: Hub, statement: str, expected: str) -> None:
    execute(hub.database, statement)
    faults = hub.find_faults()
    assert any(re.search(expected, fault) for fault in faults), faults
