"""Signing in as people do it, without scripts: password, second factor, letters, and forms that outlive a session."""

from __future__ import annotations

import html
import re
from base64 import b32decode
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hub.accounts import credentials, invitations, passwords, sessions, totp
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import Outbox, SignedIn, User
from hub.records.secret import Secret
from tests.builders import World
from tests.web.desks import Person, seat_user

GOOD, OTHER = "ghe ra khơi lúc bốn giờ", "lưới về bến trước bão"
EMAIL = "editor-ldld@hub.example"
KEPT = re.compile(r'name="kept" value="([^"]+)"')
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def editor_id(world: World, database: Database, clock: FixedClock) -> int:
    user_id = seat_user(database, "editor", organization="ldld", now=clock.now())
    hashed = passwords.hash_of(GOOD)
    with database.writing() as session:
        credentials.set_password(session, user_id, hashed, by="operator", actor="system", now=clock.now())
    return user_id


@pytest.fixture
def person(app: Flask, editor_id: int) -> Person:
    return Person(app)


def sign_in(person: Person, password: str = GOOD, **fields: str):
    return person.post("/sign-in", {"email": EMAIL, "password": password, **fields})


def switch_on(database: Database, user_id: int, settings: Settings, clock: FixedClock) -> bytes:
    with database.writing() as session:
        box = Secret.of(settings)
        secret = b32decode(totp.begin(session, user_id, box=box, now=clock.now()))
        totp.confirm(session, user_id, totp.code_at(secret, clock.now()), box=box, now=clock.now())
    clock.forward(timedelta(minutes=2))
    return secret


def invited(database: Database, user_id: int, kind: str, clock: FixedClock) -> str:
    with database.writing() as session:
        row = invitations.prepare(session, session.get_one(User, user_id), kind, now=clock.now())
        return invitations.mint(session, row.id, now=clock.now()) or ""


def test_whoever_signs_in_goes_where_they_wanted(person: Person) -> None:
    answer = sign_in(person, next="/desk/account?lang=en")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/account?lang=en")
    assert person.get("/desk/account").status_code == 200


@pytest.mark.parametrize(
    "goal",
    [
        "https://evil.example/desk/",
        "//evil.example/desk/",
        "/\\evil.example",
        "/desk/\\..\\x",
        "/desk/../api/docs",
        "javascript:alert(1)",
        "/sign-out",
        "",
        "/desk/\nLocation: x",
        "/desk/..",
        "/desk/%2e%2e/x",
        "/desk/.%2E/x",
        "/desk/a/./..",
        "/desk/%5c..%5cx",
    ],
)
def test_nobody_is_led_away_from_the_desks(person: Person, goal: str) -> None:
    assert sign_in(person, next=goal).headers["Location"] == "/desk/"


def test_a_wrong_password_is_told_beside_what_was_typed(person: Person) -> None:
    answer = sign_in(person, "wrong")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert f'value="{EMAIL}"' in answer.text
    assert "wrong" not in answer.text
    nobody = person.post("/sign-in", {"email": "nobody@hub.example", "password": "wrong"})
    strip = re.compile(r'nonce="[^"]+"|value="[^"]+"')
    assert strip.sub("", nobody.text) == strip.sub("", answer.text)


def test_who_fails_often_is_told_how_long_to_wait(person: Person) -> None:
    for _ in range(6):
        sign_in(person, "wrong")
    answer = sign_in(person)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")


def test_the_cookie_is_for_this_host_and_no_script(person: Person, database: Database) -> None:
    cookie = sign_in(person).headers["Set-Cookie"]
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Expires=" in cookie
    assert "Domain" not in cookie


def test_on_a_shared_device_the_cookie_ends_with_the_browser(
    person: Person, database: Database, clock: FixedClock
) -> None:
    assert "Expires=" not in sign_in(person, shared="yes").headers["Set-Cookie"]
    assert re.search(r"<html [^>]*data-shared-device>", person.get("/desk/account").text)
    with database.reading() as session:
        assert session.scalars(select(SignedIn.shared_device)).all() == [True]
    clock.forward(timedelta(minutes=31))
    assert person.get("/desk/account").status_code == 302


def test_signing_in_gives_a_new_token_and_new_forms(person: Person, database: Database, clock: FixedClock) -> None:
    sign_in(person)
    old = person.cookie()
    sign_in(person)
    assert person.cookie() != old
    with database.reading() as session:
        assert len(set(session.scalars(select(SignedIn.sha256)))) == 2


def test_signing_out_ends_the_session_itself(person: Person) -> None:
    sign_in(person)
    stolen = person.cookie()
    assert person.post("/sign-out", form="/desk/account").status_code == 302
    person.set_cookie(stolen)
    assert person.get("/desk/account").status_code == 302


def test_a_second_factor_is_asked_for_before_anything_opens(
    person: Person, editor_id: int, database: Database, settings: Settings, clock: FixedClock
) -> None:
    secret = switch_on(database, editor_id, settings, clock)
    answer = sign_in(person, next="/desk/account")
    assert answer.headers["Location"] == "/sign-in/code"
    assert person.get("/desk/account").status_code == 302
    page = person.get("/sign-in/code")
    assert 'autocomplete="one-time-code"' in page.text
    wrong = person.post("/sign-in/code", {"code": "000000"})
    assert (wrong.status_code, "f-code-fault" in wrong.text) == (422, True)
    right = person.post("/sign-in/code", {"code": totp.code_at(secret, clock.now()), "next": "/desk/account"})
    assert (right.status_code, right.headers["Location"]) == (303, "/desk/account")
    assert person.get("/desk/account").status_code == 200
    assert person.get("/sign-in/code").headers["Location"] == "/sign-in"


def test_a_code_that_came_too_late_leads_back_to_the_password(
    person: Person, editor_id: int, database: Database, settings: Settings, clock: FixedClock
) -> None:
    switch_on(database, editor_id, settings, clock)
    sign_in(person)
    token = person.token_of("/sign-in/code")
    clock.forward(timedelta(minutes=11))
    answer = person.post_bare("/sign-in/code", {"csrf_token": token, "code": "123456"})
    assert (answer.status_code, 'name="password"' in answer.text) == (403, True)


@pytest.mark.parametrize("email", [EMAIL, "nobody@hub.example", "no address at all"])
def test_a_forgotten_password_is_answered_alike_for_everybody(person: Person, database: Database, email: str) -> None:
    answer = person.post("/forgotten", {"email": email})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/forgotten/sent")
    with database.reading() as session:
        assert [row["email"] for row in session.scalars(select(Outbox.payload)) if "about" in row] == [email]


@pytest.mark.parametrize("kind", ["invitation", "reset"])
def test_the_address_of_a_letter_leaves_the_address_bar_and_opens_once(
    person: Person, editor_id: int, database: Database, clock: FixedClock, kind: str
) -> None:
    token = invited(database, editor_id, kind, clock)
    answer = person.get(f"/welcome/{token}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/welcome")
    assert token not in answer.text
    page = person.get("/welcome")
    assert 'autocomplete="new-password"' in page.text
    assert token not in page.text
    weak = person.post("/welcome", {"new_password": "matkhau123"})
    assert (weak.status_code, "f-new_password-fault" in weak.text) == (422, True)
    done = person.post("/welcome", {"new_password": OTHER})
    assert (done.status_code, done.headers["Location"]) == (303, "/desk/")
    assert person.get("/desk/account").status_code == 200
    person.get(f"/welcome/{token}")
    assert person.get("/welcome").status_code == 410
    assert sign_in(person, OTHER).status_code == 303


def test_no_token_of_a_letter_reaches_the_log(
    person: Person, editor_id: int, database: Database, clock: FixedClock, capfd
) -> None:
    token = invited(database, editor_id, "reset", clock)
    person.get(f"/welcome/{token}")
    person.get(f"/welcome/{token}/x", Accept="application/json")
    said = capfd.readouterr()
    assert "/welcome" in said.err
    assert token not in said.err + said.out
    assert token not in person.get(f"/welcome/{token}/x").text


FORM = {"name": "Người có tên dài & “ngoặc”", "language": "en"}


def hidden_fields(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {html.unescape(name): html.unescape(value) for name, value in found}


def test_a_form_outlives_its_session_and_goes_on_after_signing_in(
    person: Person, editor_id: int, database: Database, clock: FixedClock
) -> None:
    sign_in(person)
    token = person.token_of("/desk/account")
    clock.forward(timedelta(hours=13))
    answer = person.post_bare("/desk/account/name", {"csrf_token": token, **FORM, "current_password": GOOD})
    assert answer.status_code == 403
    assert 'name="password"' in answer.text
    assert GOOD not in answer.text  # a password is never kept
    wrong = person.post_bare("/sign-in", {**hidden_fields(answer.text), "email": EMAIL, "password": "wrong"})
    assert hidden_fields(wrong.text)["kept"] == hidden_fields(answer.text)["kept"]
    back = person.post_bare("/sign-in", {**hidden_fields(wrong.text), "email": EMAIL, "password": GOOD})
    assert back.status_code == 200
    sent = hidden_fields(back.text)
    assert {name: sent[name] for name in FORM} == FORM
    assert 'action="/desk/account/name"' in back.text
    done = person.post_bare("/desk/account/name", sent)
    assert done.status_code == 303
    with database.reading() as session:
        assert session.get_one(User, editor_id).name == FORM["name"]


def test_a_form_of_any_size_that_is_taken_outlives_its_session(
    person: Person, editor_id: int, clock: FixedClock
) -> None:
    sign_in(person)
    token = person.token_of("/desk/account")
    clock.forward(timedelta(hours=13))
    large = {f"row{number}": "bến đò\n" * 260 for number in range(600)}
    asked = person.post_bare("/desk/account/name", {"csrf_token": token, **large, **FORM})
    sent = {**hidden_fields(asked.text), "email": EMAIL, "password": GOOD}
    back = person.post_bare("/sign-in", sent)
    assert back.status_code == 200
    assert hidden_fields(back.text)["row599"] == large["row599"]


def test_a_form_outlives_a_second_factor_too(
    person: Person, editor_id: int, database: Database, settings: Settings, clock: FixedClock
) -> None:
    secret = switch_on(database, editor_id, settings, clock)
    person.sign_in(editor_id)
    token = person.token_of("/desk/account")
    with database.writing() as session:
        sessions.end_all(session, editor_id)
    asked = person.post_bare("/desk/account/name", {"csrf_token": token, **FORM})
    code = person.post_bare("/sign-in", {**hidden_fields(asked.text), "email": EMAIL, "password": GOOD})
    assert 'autocomplete="one-time-code"' in code.text
    back = person.post_bare("/sign-in/code", {**hidden_fields(code.text), "code": totp.code_at(secret, clock.now())})
    assert person.post_bare("/desk/account/name", hidden_fields(back.text)).status_code == 303
    with database.reading() as session:
        assert session.get_one(User, editor_id).language == "en"


def test_a_stale_token_costs_nothing_that_was_typed(person: Person, editor_id: int, database: Database) -> None:
    sign_in(person)
    stale = person.token_of("/desk/account")
    sign_in(person)  # in another tab
    answer = person.post_bare("/desk/account/name", {"csrf_token": stale, **FORM}, **SAME_SITE)
    assert answer.status_code == 403
    with database.reading() as session:
        assert session.get_one(User, editor_id).language == "vi"
    assert person.post_bare("/desk/account/name", hidden_fields(answer.text)).status_code == 303


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
@pytest.mark.parametrize("signed_in", [True, False])
def test_what_a_foreign_page_sends_never_comes_to_life(
    person: Person, signed_in: bool, headers: dict[str, str]
) -> None:
    if signed_in:
        sign_in(person)
    answer = person.post_bare("/desk/account/name", {"csrf_token": "forged", **FORM}, **headers)
    assert answer.status_code == 403
    assert FORM["name"] not in html.unescape(answer.text)
    assert KEPT.search(answer.text) is None


def seated_with_password(database: Database, clock: FixedClock) -> None:
    """Somebody else at the same device."""
    other = seat_user(database, "admin", organization="ldld", now=clock.now())
    hashed = passwords.hash_of(OTHER)
    with database.writing() as session:
        credentials.set_password(session, other, hashed, by="operator", actor="system", now=clock.now())


def test_one_persons_text_is_not_sent_by_the_next_one_at_the_device(
    person: Person, editor_id: int, database: Database, clock: FixedClock
) -> None:
    seated_with_password(database, clock)
    sign_in(person)
    token = person.token_of("/desk/account")
    clock.forward(timedelta(hours=13))
    asked = person.post_bare("/desk/account/name", {"csrf_token": token, **FORM})
    answer = person.post_bare(
        "/sign-in", {**hidden_fields(asked.text), "email": "admin-ldld@hub.example", "password": OTHER}
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/")
    in_a_tab = person.post_bare("/sign-in/kept", hidden_fields(asked.text), **SAME_SITE)
    assert (in_a_tab.status_code, FORM["name"] in html.unescape(in_a_tab.text)) == (403, False)
    stale = person.post_bare("/desk/account/name", {"csrf_token": token, **FORM}, **SAME_SITE)
    assert (stale.status_code, FORM["name"] in html.unescape(stale.text)) == (403, False)


def test_what_was_typed_before_signing_out_is_nobody_elses(
    person: Person, editor_id: int, database: Database, clock: FixedClock
) -> None:
    seated_with_password(database, clock)
    sign_in(person)
    token = person.token_of("/desk/account")
    person.post("/sign-out", form="/desk/account")
    asked = person.post_bare("/desk/account/name", {"csrf_token": token, **FORM}, **SAME_SITE)
    sent = {**hidden_fields(asked.text), "email": "admin-ldld@hub.example", "password": OTHER}
    answer = person.post_bare("/sign-in", sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/")


def test_what_is_kept_only_goes_to_a_desk(person: Person, editor_id: int) -> None:
    of = f'{{"user":{editor_id},'
    kept = of + '"path":"https://evil.example/","fields":[["a","b"]],"files":false}'
    assert sign_in(person, kept=kept).status_code == 303
    assert sign_in(person, kept="{").status_code == 303
    sound = of + '"path":"/desk/account/name","fields":[["a","b"]],"files":true}'
    assert sign_in(person, kept=sound).status_code == 200
    assert sign_in(person, kept=sound.replace(of, "{")).status_code == 303  # nobody's


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/kept"])
@pytest.mark.parametrize(("site", "carried"), [("cross-site", False), ("same-origin", True)])
def test_nothing_that_a_foreign_page_calls_kept_is_carried_on(
    person: Person, path: str, site: str, carried: bool
) -> None:
    kept = '{"user":1,"path":"/desk/account/name","fields":[["name","Kẻ gian"]],"files":false}'
    fields = {"csrf_token": "forged", "kept": kept, "email": EMAIL, "password": GOOD}
    answer = person.post_bare(path, fields, **{"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert ("Kẻ gian" in answer.text) is carried


def test_whoever_signed_in_in_another_tab_goes_on_with_what_was_kept(
    person: Person, editor_id: int, database: Database, clock: FixedClock
) -> None:
    sign_in(person)
    token = person.token_of("/desk/account")
    clock.forward(timedelta(hours=13))
    asked = person.post_bare("/desk/account/name", {"csrf_token": token, **FORM})
    sign_in(person)
    back = person.post_bare("/sign-in/kept", hidden_fields(asked.text), **SAME_SITE)
    assert person.post_bare("/desk/account/name", hidden_fields(back.text)).status_code == 303
    with database.reading() as session:
        assert session.get_one(User, editor_id).name == FORM["name"]


@pytest.mark.parametrize("path", ["/sign-in", "/forgotten", "/forgotten/sent", "/welcome", "/sign-in/code"])
def test_pages_about_signing_in_are_kept_by_nobody(person: Person, path: str) -> None:
    answer = person.get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_whoever_has_no_role_today_sees_their_account_and_no_desk(
    app: Flask, world: World, database: Database, clock: FixedClock
) -> None:
    from hub.accounts import users

    with database.writing() as session:
        user = users.add(session, name="Mới", email="moi@hub.example", now=clock.now())
    person = Person(app).sign_in(user.id)
    assert "Hôm nay bạn không có vai trò nào" in person.get("/desk/account").text
    assert person.get("/desk/").headers["Location"] == "/desk/account"
