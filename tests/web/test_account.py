"""One's own account: name, password, sessions, keys, and a second step that its owner alone switches."""

from __future__ import annotations

import re
from base64 import b32decode
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hub.accounts import credentials, keys, passwords, sessions, totp
from hub.accounts.sessions import Device
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import Key, SignedIn, User
from hub.records.secret import Secret
from tests.builders import World
from tests.web.desks import Person, seat_user

GOOD, OTHER = "ghe ra khơi lúc bốn giờ", "lưới về bến trước bão"
SECOND = "/desk/account/second-factor"


@pytest.fixture
def user_id(world: World, database: Database, clock: FixedClock) -> int:
    user_id = seat_user(database, "editor", organization="ldld", now=clock.now())
    hashed = passwords.hash_of(GOOD)
    with database.writing() as session:
        credentials.set_password(session, user_id, hashed, by="operator", actor="system", now=clock.now())
    return user_id


@pytest.fixture
def editor(app: Flask, user_id: int) -> Person:
    return Person(app).sign_in(user_id)


def other_device(database: Database, user_id: int, clock: FixedClock) -> int:
    with database.writing() as session:
        device = Device(agent="Safari, iPhone", place="203.0.113.…")
        return sessions.begin(session, user_id, device, now=clock.now()).row.id


def open_sessions(database: Database) -> int:
    with database.reading() as session:
        return len(session.scalars(select(SignedIn.id)).all())


def test_a_name_and_a_language_are_changed_at_once(editor: Person, database: Database, user_id: int) -> None:
    done = editor.post("/desk/account/name", {"name": "  Lê  Thị Tâm ", "language": "en"}, form="/desk/account")
    assert (done.status_code, done.headers["Location"]) == (303, "/desk/account?done=name")
    page = editor.get("/desk/account?done=name").text
    assert '<html lang="en"' in page
    assert "Name and language are saved." in page
    assert 'value="Lê Thị Tâm"' in page


@pytest.mark.parametrize("name", ["", " \u200b ", "x" * 201])
def test_a_name_that_is_none_is_refused_beside_its_field(editor: Person, name: str) -> None:
    answer = editor.post("/desk/account/name", {"name": name, "language": "vi"}, form="/desk/account")
    assert answer.status_code == 422
    assert 'aria-describedby="f-name-fault" aria-invalid="true"' in answer.text


def test_a_changed_password_signs_out_everywhere_else(
    editor: Person, database: Database, user_id: int, clock: FixedClock
) -> None:
    other_device(database, user_id, clock)
    old = editor.cookie()
    place = "/desk/account/password"
    wrong = editor.post(place, {"current_password": OTHER, "new_password": OTHER}, form="/desk/account")
    assert (wrong.status_code, "f-current_password-fault" in wrong.text) == (422, True)
    weak = editor.post(place, {"current_password": GOOD, "new_password": "0123456789"}, form="/desk/account")
    assert (weak.status_code, "f-new_password-fault" in weak.text) == (422, True)
    assert open_sessions(database) == 2
    done = editor.post(place, {"current_password": GOOD, "new_password": OTHER}, form="/desk/account")
    assert done.headers["Location"] == "/desk/account?done=password"
    assert open_sessions(database) == 1
    assert editor.get("/desk/account").status_code == 200
    editor.set_cookie(old)
    assert editor.get("/desk/account").status_code == 302


def test_sessions_are_listed_and_ended_one_by_one_or_together(
    editor: Person, database: Database, user_id: int, clock: FixedClock
) -> None:
    first = other_device(database, user_id, clock)
    for _ in range(2):
        other_device(database, user_id, clock)
    page = editor.get("/desk/account").text
    assert page.count("Safari, iPhone · ") + page.count("203.0.113.… · ") == 3
    assert "Firefox, Linux" in page
    assert editor.post(f"/desk/account/sessions/{first}/end", form="/desk/account").status_code == 303
    assert editor.post(f"/desk/account/sessions/{first}/end", form="/desk/account").status_code == 404
    assert open_sessions(database) == 3
    editor.post("/desk/account/sessions/end-others", form="/desk/account")
    assert open_sessions(database) == 1
    assert editor.get("/desk/account").status_code == 200


def test_nobody_ends_the_sessions_of_others(app: Flask, editor: Person, database: Database, clock: FixedClock) -> None:
    stranger = seat_user(database, "admin", organization="ldld", now=clock.now())
    theirs = other_device(database, stranger, clock)
    assert editor.post(f"/desk/account/sessions/{theirs}/end", form="/desk/account").status_code == 404
    assert open_sessions(database) == 2


def test_a_key_of_ones_own_is_revoked_and_nobody_elses(
    app: Flask, editor: Person, database: Database, user_id: int, world: World, clock: FixedClock
) -> None:
    with database.writing() as session:
        user = session.get_one(User, user_id)
        mine = keys.mint(session, "user", user=user, label="máy soạn tin", now=clock.now())
        theirs = session.scalar(select(Key.id).where(Key.user_id.is_(None)))
    page = editor.get("/desk/account").text
    assert "máy soạn tin" in page
    assert mine.row.prefix in page
    assert mine.secret not in page
    assert editor.post(f"/desk/account/keys/{theirs}/revoke", form="/desk/account").status_code == 404
    assert editor.post(f"/desk/account/keys/{mine.row.id}/revoke", form="/desk/account").status_code == 303
    with database.reading() as session:
        assert keys.find_actor(session, mine.secret, now=clock.now()) is None
    assert "máy soạn tin" not in editor.get("/desk/account").text


def test_a_second_step_is_set_up_with_a_picture_or_a_typed_key(
    editor: Person, database: Database, user_id: int, clock: FixedClock
) -> None:
    wrong = editor.post(f"{SECOND}/begin", {"current_password": OTHER}, form=SECOND)
    assert (wrong.status_code, "f-current_password-fault" in wrong.text) == (422, True)
    assert editor.post(f"{SECOND}/begin", {"current_password": GOOD}, form=SECOND).status_code == 303
    page = editor.get(SECOND).text
    assert '<svg class="qr"' in page
    key = re.search(r'<code class="typed-key">([A-Z2-7 ]+)</code>', page)
    assert key is not None
    bad = editor.post(f"{SECOND}/confirm", {"code": "000000"}, form=SECOND)
    assert (bad.status_code, "f-code-fault" in bad.text, key[1] in bad.text) == (422, True, True)
    code = totp.code_at(b32decode(key[1].replace(" ", "")), clock.now())
    done = editor.post(f"{SECOND}/confirm", {"code": code}, form=SECOND)
    codes = re.findall(r"<li>([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})</li>", done.text)
    assert len(set(codes)) == 10
    assert codes[0] not in editor.get(SECOND).text
    assert key[1] not in editor.get(SECOND).text
    with database.reading() as session:
        assert totp.is_on(session, user_id)


def test_a_second_step_is_switched_off_and_its_codes_made_anew_with_the_password(
    editor: Person, database: Database, user_id: int, settings: Settings, clock: FixedClock
) -> None:
    box = Secret.of(settings)
    with database.writing() as session:
        secret = b32decode(totp.begin(session, user_id, box=box, now=clock.now()))
        old = totp.confirm(session, user_id, totp.code_at(secret, clock.now()), box=box, now=clock.now())
    clock.forward(timedelta(minutes=2))
    assert editor.post(f"{SECOND}/codes", {"current_password": "x"}, form=SECOND).status_code == 422
    fresh = editor.post(f"{SECOND}/codes", {"current_password": GOOD}, form=SECOND)
    assert fresh.text.count("</li>") >= 10
    assert old
    assert old[0] not in fresh.text
    with database.writing() as session:
        assert not totp.accept(session, user_id, old[0], box=box, now=clock.now())
    assert editor.post(f"{SECOND}/off", {"current_password": "x"}, form=SECOND).status_code == 422
    assert editor.post(f"{SECOND}/off", {"current_password": GOOD}, form=SECOND).status_code == 303
    with database.reading() as session:
        assert not totp.is_on(session, user_id)


@pytest.mark.parametrize("path", ["name", "password", "sessions/1/end", "sessions/end-others", "keys/1/revoke"])
def test_every_change_needs_its_token_and_a_session(app: Flask, editor: Person, path: str) -> None:
    assert editor.post_bare(f"/desk/account/{path}", {}).status_code == 403
    assert Person(app).post_bare(f"/desk/account/{path}", {}).status_code == 403


@pytest.mark.parametrize("path", ["begin", "confirm", "codes", "off"])
def test_the_second_step_is_changed_by_forms_of_ours_alone(editor: Person, path: str) -> None:
    assert editor.post_bare(f"{SECOND}/{path}", {"current_password": GOOD}).status_code == 403


def test_use_of_a_session_is_noted_now_and_then(
    app: Flask, editor: Person, database: Database, clock: FixedClock
) -> None:
    clock.forward(timedelta(minutes=5))
    editor.get("/desk/account")
    app.extensions["hub"].marks.write()
    with database.reading() as session:
        assert session.scalars(select(SignedIn.seen_at)).all() == [clock.now()]
