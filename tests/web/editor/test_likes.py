"""Near-duplicates at the desk: seen side by side, and decided."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from hub.accounts import users
from hub.accounts.users import Seat
from hub.clock import FixedClock
from hub.db import Database
from hub.models import Story, User
from hub.worker import Worker
from tests.builders import FOUNDED, World, a_story
from tests.web.desks import Person
from tests.web.editor.people import seat

AT = "/desk/editor/stories/"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
def pair(world: World, worker: Worker, clock: FixedClock) -> tuple[str, str]:
    """Two stories of one deed, which the worker has found."""
    first = world.push(a_story(title="Bến Đá Lau có người trực"), external_id="a")
    second = world.push(a_story(title="Người giữ bến Đá Lau"), external_id="b")
    worker.step()
    return first, second


def test_two_stories_stand_side_by_side(pair: tuple[str, str], editor: Person) -> None:
    first, second = pair
    assert f"{AT}{second}/like/{first}" in editor.get(AT + second).text
    page = editor.get(f"{AT}{second}/like/{first}").text
    assert "Bến Đá Lau có người trực" in page
    assert "Người giữ bến Đá Lau" in page
    assert "0200 000 0999" not in page


def test_who_edits_elsewhere_alone_decides_nothing_here(
    pair: tuple[str, str], editor: Person, app: Flask, database: Database, clock: FixedClock
) -> None:
    first, second = pair
    user = seat(database, "auditor", "Ngô Xem Xét", now=clock.now())
    with database.writing() as session:
        users.seat(session, session.get_one(User, user), Seat(role="editor", organization="phu-nu"), on=FOUNDED)
    path = f"{AT}{second}/like/{first}"
    assert f"{path}/dismiss" in editor.get(path).text
    reading = Person(app).sign_in(user).get(path)
    assert reading.status_code == 200
    assert f"{path}/dismiss" not in reading.text


def test_they_are_two_deeds_however_often_it_is_said(pair: tuple[str, str], editor: Person) -> None:
    first, second = pair
    path = f"{AT}{second}/like/{first}"
    for _ in range(2):
        assert editor.post(f"{path}/dismiss", form=path).status_code == 303
    assert "Lê Thị Biên" in editor.get(path).text


def test_one_becomes_a_part_of_the_other(pair: tuple[str, str], editor: Person, database: Database) -> None:
    first, second = pair
    path = f"{AT}{second}/like/{first}"
    page = editor.get(path).text
    form = dict(HIDDEN.findall(page[page.index("/join") :]))
    assert editor.post_bare(f"{path}/join", form).status_code == 303
    with database.reading() as session:
        assert session.get_one(Story, second).state == "joined"
        assert session.get_one(Story, first).state == "submitted"
    assert f"{AT}{first}" in editor.get(AT + second).text


def test_what_is_like_no_other_story_is_not_there(world: World, editor: Person, pair: tuple[str, str]) -> None:
    alone = world.push(a_story(title="Khác", body={"html": "<p>Chuyện khác hẳn, ở nơi khác hẳn.</p>"}), external_id="c")
    assert editor.get(f"{AT}{alone}/like/{pair[0]}").status_code == 404


@pytest.mark.parametrize("said", ["dismiss", "join"])
def test_what_a_withdrawn_story_said_shows_at_no_door_to_whoever_may_not_read_it(
    pair: tuple[str, str], world: World, editor: Person, auditor: Person, said: str
) -> None:
    first, second = pair  # joined, the second becomes a part of the first
    path = f"{AT}{second}/like/{first}"
    form = dict(HIDDEN.findall(editor.get(path).text)) if said == "join" else {}
    token = {"csrf_token": editor.token_of(path)}
    assert editor.post_bare(f"{path}/{said}", {**form, **token}).status_code == 303
    asked = f"/api/v1/stories/{second}/likenesses"
    words = "Bến Đá Lau có người trực"
    assert words in editor.get(AT + second).text
    assert world.editor.get(asked).json["items"][0]["story"]["title"] == words
    for act, order in (("approve", {}), ("release", {"channels": ["public/all"]}), ("withdraw", {"reason": "legal"})):
        assert world.editor.act(first, act, **order).status_code == 201
    for page in (AT + second, path, f"{AT}{first}/like/{second}"):
        assert words not in editor.get(page).text, page
        assert editor.get(page).status_code == 200
    assert [one["story"]["title"] for one in world.editor.get(asked).json["items"]] == [""]
    assert words in auditor.get(AT + second).text
    assert words in auditor.get(path).text


def test_a_likeness_to_a_story_beyond_reach_is_not_there(
    pair: tuple[str, str], world: World, editor: Person, app: Flask, database: Database, clock: FixedClock
) -> None:
    first, second = pair
    women = Person(app).sign_in(seat(database, "editor", "Hồ Thị Sen", organization="phu-nu", now=clock.now()))
    assert women.get(f"{AT}{second}/like/{first}").status_code == 404
