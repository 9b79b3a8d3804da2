"""What all desks share: nobody enters without signing in, every form has its token, no cache keeps a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from hub.clock import FixedClock
from hub.db import Database
from hub.web import assets, desks
from hub.web.assets import A_WHILE, FOR_EVER
from tests.builders import World
from tests.web.desks import Person, seat_user


@pytest.fixture
def editor(app: Flask, world: World, database: Database, clock: FixedClock) -> Person:
    return Person(app).sign_in(seat_user(database, "admin", organization="ldld", now=clock.now()))


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page_and_back(app: Flask, world: World) -> None:
    answer = Person(app).get("/desk/?lang=en")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/sign-in?next=/desk/%3Flang%3Den"


def test_whoever_has_several_desks_chooses_one_and_reads_what_is_done_there(
    app: Flask, world: World, database: Database, clock: FixedClock
) -> None:
    auditor = Person(app).sign_in(seat_user(database, "auditor", organization="ldld", now=clock.now()))
    choice = auditor.get("/desk/?lang=en")
    assert choice.status_code == 200
    assert re.findall(r'<a class="tile" href="([^"]+)">([^<]+)<span class="meta">', choice.text) == [
        ("/desk/editor/", "Editing "),
        ("/desk/admin/", "Administration "),
    ]


def test_a_desk_page_is_kept_by_nobody_and_runs_no_foreign_script(editor: Person) -> None:
    answer = editor.get("/sign-in")
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
    assert nonce is not None
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert nonce[1] not in editor.get("/sign-in").headers["Content-Security-Policy"]


def test_a_form_without_its_token_does_nothing(editor: Person) -> None:
    assert editor.post_bare("/sign-out", {}).status_code == 403
    assert editor.post_bare("/sign-out", {"csrf_token": "forged"}).status_code == 403
    assert editor.post("/sign-out", form="/sign-in").status_code == 302
    assert editor.get("/desk/").status_code == 302  # signed out


def test_a_form_with_a_zero_byte_is_refused_at_every_desk(editor: Person) -> None:
    answer = editor.post("/desk/account/name", {"name": "Lan\0", "language": "vi"}, form="/desk/account")
    assert answer.status_code == 400
    assert "Lan" not in editor.get("/desk/account").text


def test_a_zero_byte_in_an_address_is_nothing_also_behind_another_value(editor: Person) -> None:
    for path in ("organizations/a%00", "people/?organization=a%00", "outbox/?tab=letters&tab=%00"):
        assert editor.get(f"/desk/admin/{path}").status_code == 404


def test_a_form_with_a_zero_byte_is_refused_also_of_whoever_is_not_signed_in(app: Flask, world: World) -> None:
    sent = {"email": "a\0@hub.example", "password": "x"}
    assert Person(app).post("/sign-in", sent, form="/sign-in").status_code == 400


def test_a_page_speaks_the_language_of_whoever_signed_in_unless_another_is_asked_for(editor: Person) -> None:
    assert 'lang="vi"' in editor.get("/sign-in", **{"Accept-Language": "en"}).text[:40]
    assert 'lang="en"' in editor.get("/sign-in?lang=en").text[:40]


def test_what_browsers_load_is_kept_for_ever_under_an_address_that_says_what_it_holds(app: Flask, world: World) -> None:
    person = Person(app)
    looks = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', person.get("/sign-in").text + world.reader.get("/").text))
    fonts = re.findall(r'url\("([^"]+\.woff2\?v=[^"]+)"\)', person.get("/static/vendor/be-vietnam-pro.css").text)
    assert len(looks) >= 5
    assert len(fonts) == 12
    for address in sorted(looks) + [f"/static/vendor/{font}" for font in fonts]:
        answer = person.get(address)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, FOR_EVER), address
    assert person.get("/static/tokens.css?v=another").headers["Cache-Control"] == A_WHILE


def test_the_bar_of_the_desks_bears_the_name_of_the_portal(editor: Person, world: World) -> None:
    (name,) = re.findall(r'class="brand".*?<span[^>]*>([^<]+)</span>', world.reader.get("/").text, re.DOTALL)
    page = editor.get("/desk/account?lang=en").text
    assert re.findall(r'class="bar-site" lang="vi[^"]*">([^<]+)<', page) == [name]
    assert '<span class="bar-what">Desks</span>' in page


def test_before_there_is_a_portal_the_bar_says_that_these_are_the_desks(app: Flask) -> None:
    page = Person(app).get("/sign-in").text
    assert "bar-site" not in page
    assert '<span class="bar-what">Bàn làm việc</span>' in page


@pytest.mark.parametrize(
    ("desk", "path", "section"),
    [
        (desks.UNIT, "/desk/unit/", "/desk/unit/"),
        (desks.UNIT, "/desk/unit/stories/st_1", "/desk/unit/"),
        (desks.UNIT, "/desk/unit/drafts/1/text", "/desk/unit/"),
        (desks.UNIT, "/desk/unit/files/imports/1", "/desk/unit/files/"),
        (desks.UNIT, "/desk/unit/confirm/st_1", "/desk/unit/confirm/"),
        (desks.EDITOR, "/desk/editor/stories/st_1/acts/approve", "/desk/editor/"),
        (desks.EDITOR, "/desk/editor/duties/silent", "/desk/editor/duties/"),
        (desks.EDITOR, "/desk/editor/nowhere", None),
        (desks.ADMIN, "/desk/admin/", "/desk/admin/"),
        (desks.ADMIN, "/desk/admin/agencies/bao/", "/desk/admin/outlets/"),
    ],
)
def test_every_page_belongs_to_one_entry_of_the_menu(desk: desks.Desk, path: str, section: str | None) -> None:
    found = desks.place_of(path, desk.sections, home=desk.place.path)
    assert (found.path if found else None) == section


def test_the_menu_marks_the_entry_that_a_page_belongs_to(editor: Person) -> None:
    current = re.compile(r'<a href="([^"]+)" aria-current="(\w+)">')

    def marked(path: str) -> list[tuple[str, str]]:
        (menu,) = re.findall(r'<nav class="sections".*?</nav>', editor.get(path).text, re.DOTALL)
        return current.findall(menu)

    assert marked("/desk/admin/") == [("/desk/admin/", "page")]
    assert marked("/desk/admin/people/new") == [("/desk/admin/people/", "true")]


def test_what_is_only_read_aloud_is_hidden_by_one_rule_for_all_pages() -> None:
    looks = Path(assets.__file__).parent / "static"
    rules = [path.name for path in looks.glob("*.css") for _ in re.findall(r"\.unseen\b", path.read_text("utf-8"))]
    assert rules == ["ground.css"]
