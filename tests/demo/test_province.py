"""The demo's province: everybody stands in it once, and what it tells could have happened."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

import schemas
from hub.accounts.credentials import Attempt, Gate, WrongSignIn
from hub.accounts.sessions import Device
from hub.config import Settings
from hub.db import Database, make_engine
from hub.demo import province
from hub.demo.stories import DemoStory, load_stories
from hub.records.secret import Secret
from tests.conftest import NOON

TODAY = date(2026, 11, 27)


def test_the_editor_is_one_person_with_one_key_however_often_the_demo_runs(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "demo", base_url="https://hub.example")
    first, second = (province.prepare(settings, now=NOON) for _ in range(2))
    for cast in (first, second):
        assert cast.editor == cast.people.by_role["editor"]
    assert first.editor != second.editor
    assert first.day == second.day


def test_every_role_has_a_login_whose_password_is_of_this_run(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "demo", base_url="https://hub.example")
    first, second = (province.prepare(settings, now=NOON) for _ in range(2))
    database = Database(make_engine(settings.database))
    gate, here = Gate(database, Secret.of(settings)), Attempt("", Device())
    assert {login.role for login in second.people.logins} == set(schemas.vocabulary("roles").codes)
    for old, login in zip(first.people.logins, second.people.logins, strict=True):
        assert gate.sign_in(login.email, login.password, here, now=NOON).row.state == "open"
        with pytest.raises(WrongSignIn):
            gate.sign_in(login.email, old.password, here, now=NOON)
    database.engine.dispose()


@pytest.mark.parametrize("story", load_stories(TODAY), ids=lambda story: story.id)
def test_consent_is_there_when_a_story_comes_in(story: DemoStory) -> None:
    consent, came = story.story["consent"], TODAY - timedelta(days=story.late_since_days)
    assert date.fromisoformat(consent["obtained_on"]) <= came
    if "clearance" in consent:
        assert date.fromisoformat(consent["clearance"]["date"]) <= came
