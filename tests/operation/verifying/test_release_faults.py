"""`hub verify` finds releases that show something else than an act let them show, or stand where none put them."""

from __future__ import annotations

import re

import pytest

from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.outlets import shown
from tests.builders import World, a_story
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


def test_releases_of_before_they_were_told_are_told_once_and_missed_from_then_on(
    world: World, database: Database, settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = Hub(settings, database)
    with monkeypatch.context() as before:
        before.setattr(shown, "tell", lambda *_, **__: None)
        world.release()
    assert hub.find_faults() == []
    with database.writing() as session:
        assert [shown.tell_earlier(session, at=clock.now()) for _ in range(2)] == [1, 0]
    assert hub.find_faults() == []
    execute(database, "UPDATE releases SET severity = 'cosmetic'")
    assert any("show something else" in fault for fault in hub.find_faults())
    execute(database, "UPDATE releases SET severity = ''")
    with monkeypatch.context() as forgetful:
        forgetful.setattr(shown, "tell", lambda *_, **__: None)
        world.release(a_story(title="Hai"), external_id="two")
    assert any("the journal does not tell of them" in fault for fault in hub.find_faults())
