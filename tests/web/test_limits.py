"""Limits at desks: each session has its own, and whoever reaches one sees words and loses nothing."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from hub.app import create_app
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.http import limits
from hub.http.asking import COOKIE
from hub.ids import new_draft_id
from tests.builders import World
from tests.web.desks import Person, seat_user

WRITES = 4


@pytest.fixture
def strict(settings: Settings, world: World, clock: FixedClock) -> Iterator[Flask]:
    """The hub of `world` where few writes are allowed."""
    app = create_app(replace(settings, pushes_per_minute=WRITES), clock=clock)
    yield app
    app.extensions["hub"].database.engine.dispose()


@pytest.fixture
def office(strict: Flask, database: Database, clock: FixedClock) -> list[Person]:
    """Two people of a unit, behind one address; the hub has seen that both are signed in."""
    people = [
        Person(strict).sign_in(
            seat_user(database, "contributor", organization="nghe-ca", now=clock.now(), email=f"an-{number}")
        )
        for number in range(2)
    ]
    for person in people:
        assert person.get("/desk/unit/new").status_code == 200  # gives the cookie the key of forms
        assert person.get("/desk/unit/new").status_code == 200
    return people


def spend(person: Person, times: int) -> list[int]:
    """Writes that change nothing: a draft that is not there is thrown away."""
    token = person.token_of("/desk/unit/new")
    path = f"/desk/unit/drafts/{new_draft_id()}/remove"
    return [person.post_bare(path, {"csrf_token": token}).status_code for _ in range(times)]


def test_people_behind_one_address_do_not_use_up_each_others_limit(office: list[Person], strict: Flask) -> None:
    first, second = office
    assert spend(first, WRITES + 2) == [303] * WRITES + [429] * 2
    assert spend(second, WRITES) == [303] * WRITES
    assert Person(strict).post_bare("/desk/unit/drafts/one/remove", {}).status_code == 403


def test_a_forged_cookie_has_no_counter_of_its_own(office: list[Person], strict: Flask) -> None:
    cookie = office[0].cookie()
    statuses = []
    for number in range(WRITES + 1):
        stranger = Person(strict)
        stranger.set_cookie(f"{cookie[:-3]}{number:03}")
        assert stranger.get("/desk/unit/new").status_code == 302
        statuses.append(stranger.post_bare("/desk/unit/new", {}).status_code)
    assert statuses[-1] == 429
    assert 429 not in statuses[:-1]
    assert spend(office[0], 1) == [303]


def test_a_session_that_has_ended_has_no_counter_any_more(office: list[Person], strict: Flask) -> None:
    person, cookie = office[0], office[0].cookie()
    assert limits.known_browsers.find(cookie) is not None
    assert person.post("/sign-out", form="/desk/unit/new").status_code in (302, 303)
    stolen = Person(strict)
    stolen.set_cookie(cookie)
    assert stolen.get("/desk/unit/new").status_code == 302
    assert limits.known_browsers.find(cookie) is None


def test_what_is_saved_as_one_types_leaves_other_writes_alone(office: list[Person]) -> None:
    person = office[0]
    token, draft = person.token_of("/desk/unit/new"), new_draft_id()
    fields = {"csrf_token": token, "title": "Một", "revision": "0"}
    headers = {"Accept": "application/json"}
    path = f"/desk/unit/drafts/{draft}/text/kept"
    statuses = [person.post_bare(path, fields, **headers).status_code for _ in range(limits.TYPED.amount)]
    assert set(statuses) <= {200, 409}  # the same draft, begun once
    assert spend(person, WRITES) == [303] * WRITES
    over = person.post_bare(path, fields, **headers)
    assert (over.status_code, over.content_type) == (429, "application/problem+json")
    assert 0 < int(over.headers["Retry-After"]) <= 60


def test_pieces_of_films_count_by_their_bytes(
    office: list[Person], monkeypatch: pytest.MonkeyPatch, strict: Flask
) -> None:
    few = limits.RateLimitItemPerMinute(12 * limits.MIB, namespace="FEW_PIECES")
    monkeypatch.setattr(limits, "SENT", few)
    monkeypatch.setattr(limits, "BY_THEMSELVES", {"unit.take_piece": few})
    client = strict.test_client()
    client.set_cookie(COOKIE, office[0].cookie())
    token = office[0].token_of("/desk/unit/new")
    client.set_cookie(COOKIE, office[0].cookie())

    def send(size: int) -> int:
        head = {"X-CSRF-Token": token, "Upload-Offset": "0", "Accept": "application/json"}
        return client.patch("/desk/unit/uploads/none", data=b"x" * size, headers=head).status_code

    assert [send(4 * limits.MIB) for _ in range(2)] == [404, 404]
    assert [send(10) for _ in range(4)] == [404] * 4  # each a MiB: asking is work, too
    assert send(10) == 429
    assert spend(office[0], WRITES) == [303] * WRITES


def test_whoever_reaches_a_limit_in_a_form_sees_words_and_what_was_typed(office: list[Person]) -> None:
    person = office[0]
    token, path = person.token_of("/desk/unit/new"), f"/desk/unit/drafts/{new_draft_id()}/text"
    spend(person, WRITES)
    answer = person.post_bare(f"{path}?lang=en", {"csrf_token": token, "title": "Người giữ <bến>"}, Accept="text/html")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert f"Please wait {answer.headers['Retry-After']} seconds" in answer.text
    form = answer.text.split('id="content"')[1]
    assert re.search(rf'action="[^"]*{re.escape(path)}', form)
    held = {name: html.unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form)}
    assert held["title"] == "Người giữ <bến>"
    assert held["csrf_token"]
