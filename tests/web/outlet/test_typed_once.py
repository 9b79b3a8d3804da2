"""Nobody types a form of an outlet's desk twice: not after a refusal, not after the session has ended meanwhile."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

import pytest
from flask import Flask

from hub.accounts import sessions
from hub.clock import FixedClock
from hub.db import Database
from tests.builders import World
from tests.outlets.planning.scenes import Station
from tests.web.desks import Person, seat_user

DESK = "/desk/outlet/tv/"
SAME_SITE = {"Sec_Fetch_Site": "same-origin"}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@dataclass(frozen=True)
class Typed:
    """A form: the page it stands on, where it goes, what is typed, what makes it refused, where it is seen after."""

    page: str
    path: str
    fields: dict[str, str]
    wrong: dict[str, str]
    seen: str  # a text among the fields that a page shows once it was done
    at: str = ""  # that page; the one that the answer leads to where there is none
    known: dict[str, str] = field(default_factory=dict)  # what the page says beside


FORMS = {
    "a use": Typed(
        page="pickups/new",
        path="pickups/",
        fields={"use": "declined", "reason": "Trùng với số tuần trước.", "note": "Lần sau gửi sớm hơn."},
        wrong={"reason": ""},
        seen="Trùng với số tuần trước.",
        at="pickups/",
    ),
    "a request": Typed(
        page="requests/new",
        path="requests/",
        fields={"title": "Chuyện ở bến đò", "text": "Cần người kể.", "place": "xã Bến Lau", "reach": "all"},
        wrong={"title": ""},
        seen="Chuyện ở bến đò",
    ),
    "a broadcast": Typed(
        page="segments/new",
        path="segments/",
        fields={"title": "Người giữ bến", "theme": "Giữ nghề", "day": "2026-12-01", "hour": "08:30", "minutes": "30"},
        wrong={"minutes": "ba mươi"},
        seen="Giữ nghề",
    ),
    "a programme": Typed(
        page="programmes/new",
        path="programmes/",
        fields={"title": "Gương sáng", "theme": "Hằng tuần", "day": "2026-12-01", "hour": "19:30", "minutes": "25"},
        wrong={"minutes": "lâu"},
        seen="Gương sáng",
    ),
    "a change of a broadcast": Typed(
        page="segments/{code}/edit",
        path="segments/{code}/edit",
        fields={"title": "Tên mới", "theme": "Ghi chú dài", "day": "2026-12-01", "hour": "08:30", "minutes": "30"},
        wrong={"minutes": "x"},
        seen="Ghi chú dài",
    ),
    "a guest": Typed(
        page="segments/{code}/guests/new",
        path="segments/{code}/guests",
        fields={"name": "Lò Thị Hạnh", "role": "người giữ bến đò", "phone": "0200 000 0111"},
        wrong={"name": ""},
        seen="người giữ bến đò",
    ),
    "an item": Typed(
        page="segments/{code}/rundown",
        path="segments/{code}/rundown/steps",
        fields={"do": "insert", "kind": "talk", "title": "Trò chuyện", "planned": "3:20", "note": "Chuẩn bị hai ghế"},
        wrong={"planned": "lâu lâu"},
        seen="Chuẩn bị hai ghế",
    ),
}


@pytest.fixture
def user_id(world: World, database: Database, clock: FixedClock) -> int:
    return seat_user(database, "outlet", outlet="tv", now=clock.now())


@pytest.fixture
def somebody(app: Flask, user_id: int) -> Person:
    """A producer, signed in."""
    return Person(app).sign_in(user_id)


@pytest.fixture(params=FORMS.values(), ids=FORMS)
def typed(request: pytest.FixtureRequest, world: World, somebody: Person) -> Typed:
    """A form that may be sent, with the story or broadcast that it is about."""
    asked: Typed = request.param
    code, fields = Station(world.tv).plan()["code"], dict(asked.fields)
    if asked.path == "pickups/":
        fields["story"] = world.release()
    page = DESK + asked.page.format(code=code)
    known = dict(HIDDEN.findall(somebody.get(page).text))
    kept = {name: html.unescape(known[name]) for name in ("revision",) if name in known}
    rule = re.search(r'<input[^>]*name="rule"|<select[^>]*name="frequency"', somebody.get(page).text)
    days = {"days": "TU", "frequency": "WEEKLY"} if rule else {}
    return Typed(page, DESK + asked.path.format(code=code), {**days, **fields}, asked.wrong, asked.seen, asked.at, kept)


def test_a_refusal_keeps_what_was_typed(typed: Typed, somebody: Person) -> None:
    sent = {**typed.known, **typed.fields, **typed.wrong}
    refused = somebody.post(typed.path, sent, form=typed.page)
    assert 400 <= refused.status_code < 500
    shown = html.unescape(refused.text)
    free = [value for name, value in sent.items() if value and " " in value and name not in typed.wrong]
    assert free
    for value in free:
        assert value in shown
    assert "fault" in shown or 'role="alert"' in shown  # and says why


def test_a_form_outlives_its_session_and_is_sent_without_typing(
    typed: Typed, somebody: Person, user_id: int, database: Database
) -> None:
    token = somebody.token_of(typed.page)
    with database.writing() as session:
        sessions.end_all(session, user_id)
    asked = somebody.post_bare(typed.path, {"csrf_token": token, **typed.known, **typed.fields}, **SAME_SITE)
    assert asked.status_code == 403
    somebody.come_back()  # in another tab
    back = somebody.post_bare("/sign-in/kept", hidden_in(asked.text), **SAME_SITE)
    done = somebody.post_bare(typed.path, hidden_in(back.text))
    assert done.status_code == 303, done.text
    goal = DESK + typed.at if typed.at else done.headers["Location"]
    assert typed.seen in html.unescape(somebody.get(goal).text)


def hidden_in(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    return {html.unescape(name): html.unescape(value) for name, value in HIDDEN.findall(page)}
