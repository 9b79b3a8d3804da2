"""A first start: from an empty folder to a readable feed with a released story, and closed to strangers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select

from hub.accounts import keys, organizations, users, whole_hub
from hub.accounts.administration import ADMINS
from hub.app import create_app
from hub.cli import main
from hub.clock import SystemClock
from hub.config import Settings
from hub.db import Database, make_engine
from hub.models import Organization
from hub.regulation.edition import editions
from tests.builders import Client, a_story
from tests.web.desks import Person

PASSWORD = "sóng biển đêm trăng rằm"
ANSWERS = {
    "province": "tỉnh Hải Sơn",
    "site": "Gương sáng Hải Sơn",
    "organization": "Ủy ban Mặt trận tỉnh Hải Sơn",
    "kind": "mat_tran",
    "beneath": ["lien_doan_lao_dong", "hoi_phu_nu"],
    "name": "Châu Nguyệt Minh",
    "email": "minh@hub.example",
    "newspaper": "Báo Hải Sơn",
    "television": "",
}


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path / "data", base_url="https://hub.example", reads_per_minute=9999, pushes_per_minute=9999
    )


def init(settings: Settings, *options: str, said: str = "") -> Result:
    env = {"HUB_DATA": str(settings.data), "HUB_BASE_URL": settings.base_url, "LANG": "en_US.UTF-8"}
    return CliRunner().invoke(main, ["init", *options], env=env, input=said, catch_exceptions=False)


def code_of(result: Result) -> str:
    found = re.search(r"with the code ([a-z0-9-]{24})", result.stderr)
    assert found is not None, result.stderr
    return found[1]


@pytest.fixture
def fresh(empty: Settings) -> Iterator[tuple[Flask, str]]:
    """An application over an empty folder that `hub init` has made, and the code that it printed."""
    code = code_of(init(empty))
    app = create_app(empty)
    yield app, code
    app.extensions["hub"].database.engine.dispose()


def test_a_hub_is_walked_from_an_empty_folder_to_a_feed_with_a_released_story(fresh: tuple[Flask, str]) -> None:
    app, code = fresh
    person, database = Person(app), app.extensions["hub"].database
    done = person.post("/first-start?lang=en", {**ANSWERS, "code": code, "password": PASSWORD, "regulation": "yes"})
    assert done.status_code == 200, done.text
    assert "The hub is running" in done.text
    assert "/feeds/public/all.rss" in done.text
    assert person.get("/first-start").status_code == 404
    signed_in = person.post("/sign-in", {"email": ANSWERS["email"], "password": PASSWORD})
    assert signed_in.status_code == 303
    assert person.get("/desk/admin/organizations/").status_code == 200
    with database.writing() as session:
        union = organizations.get(session, "lien-doan-lao-dong-tinh-hai-son")
        own = users.get(session, str(ANSWERS["email"]))
        sender = keys.mint(session, "organization", organization=union, now=SystemClock().now()).secret
    page = f"/desk/admin/people/{own.id}/"
    minted = person.post(f"{page}keys", {"once": "a"}, form=page).text
    secret = re.search(r"usr_[\w-]{20,}", minted)
    assert secret is not None
    editor = Client(app, secret[0])
    story = json.loads(Client(app, sender).put("one", a_story()).data)["id"]
    for act in ("approve", "release"):
        answer = editor.act(story, act)
        assert answer.status_code == 201, answer.text
    feed = Client(app).get("/feeds/public/all.rss")
    assert feed.status_code == 200
    assert "Người giữ bến Đá Lau" in feed.text
    assert "Gương sáng Hải Sơn" in feed.text


def test_a_fresh_hub_shows_nothing_of_its_first_start(fresh: tuple[Flask, str]) -> None:
    app, code = fresh
    person = Person(app)
    for path in ("/", "/sign-in"):
        assert "first-start" not in person.get(path).text
    assert person.get("/desk/").headers["Location"].startswith("/sign-in")
    assert code not in person.get("/first-start").text


@pytest.mark.parametrize("wrong", ["", "aaaa-aaaa-aaaa-aaaa-aaaa"])
def test_a_stranger_without_the_code_takes_nothing(fresh: tuple[Flask, str], wrong: str) -> None:
    app, _code = fresh
    answer = Person(app).post("/first-start?lang=en", {**ANSWERS, "code": wrong, "password": PASSWORD})
    assert answer.status_code == 403
    assert 'id="f-code-fault"' in answer.text
    with app.extensions["hub"].database.reading() as session:
        assert session.scalar(select(Organization.id)) is None


def test_an_answer_that_will_not_do_is_told_beside_it_and_nothing_else_is_lost(fresh: tuple[Flask, str]) -> None:
    app, code = fresh
    for name, value in (
        ("password", "12345"),
        ("email", "nobody"),
        ("organization", " "),
        ("newspaper", "B" * 300),
        ("organization", "???"),
        ("television", "!!!"),
        ("organization", "Liên đoàn Lao động tỉnh Hải Sơn"),
    ):
        fields = {**ANSWERS, "code": code, "password": PASSWORD, name: value}
        answer = Person(app).post("/first-start", fields)
        assert answer.status_code == 422
        assert f'id="f-{name}-fault"' in answer.text
        assert 'value="Gương sáng Hải Sơn"' in answer.text
        assert PASSWORD not in answer.text


def test_a_new_code_closes_the_one_before_and_none_is_made_once_the_hub_has_begun(
    empty: Settings, tmp_path: Path
) -> None:
    first, second = code_of(init(empty)), code_of(init(empty))
    app = create_app(empty)
    fields = {**ANSWERS, "password": PASSWORD}
    assert Person(app).post("/first-start", {**fields, "code": first}).status_code == 403
    assert Person(app).post("/first-start", {**fields, "code": second.upper()}).status_code == 200
    assert "with the code" not in init(empty).stderr
    app.extensions["hub"].database.engine.dispose()


def read(settings: Settings) -> Database:
    return Database(make_engine(settings.database))


def test_init_takes_the_answers_from_a_file(empty: Settings, tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps({**ANSWERS, "password": PASSWORD}), encoding="utf-8")
    done = init(empty, "--answers", str(file))
    assert done.exit_code == 0, done.output
    assert done.stdout == "https://hub.example/feeds/newspaper/column.rss\nhttps://hub.example/feeds/public/all.rss\n"
    with read(empty).reading() as session:
        user = users.get(session, str(ANSWERS["email"]))
        actor = users.find_actor(session, user, now=SystemClock().now())
        assert actor is not None
        assert whole_hub.reaches(session, actor, ADMINS, now=SystemClock().now())
        assert editions.is_any(session)
    again = init(empty, "--answers", str(file))
    assert (again.exit_code, "its first start is over" in again.stderr) == (1, True)


def test_init_asks_the_five_questions(empty: Settings) -> None:
    lines = ["y", "tỉnh Hải Sơn", "Gương sáng", "Mặt trận tỉnh", "", "y", "Minh", "minh@hub.example"]
    lines += [PASSWORD, PASSWORD, "Báo Hải Sơn", "Đài Hải Sơn", "n"]
    done = init(empty, "--ask", said="\n".join([*lines, ""]))
    assert done.exit_code == 0, done.output
    assert "5 of 5" in done.stderr
    assert PASSWORD not in done.output
    with read(empty).reading() as session:
        assert len(session.scalars(select(Organization.id)).all()) == 6
        assert not editions.is_any(session)


@pytest.mark.parametrize("text", ["[]", "{", '{"colour": "red"}', "{}"])
def test_answers_that_cannot_be_read_change_nothing(empty: Settings, tmp_path: Path, text: str) -> None:
    file = tmp_path / "answers.json"
    file.write_text(text, encoding="utf-8")
    done = init(empty, "--answers", str(file))
    assert done.exit_code == 1
    with read(empty).reading() as session:
        assert session.scalar(select(Organization.id)) is None


def test_init_says_at_once_what_will_not_do_and_asks_again(empty: Settings) -> None:
    lines = ["maybe", "y", "", "tỉnh Hải Sơn", "", ANSWERS["organization"], "", "n"]
    lines += ["minh@hub.example", "Châu Nguyệt Minh", "Trần Minh", "minh@hub.example", "", "", "abc", "abc"]
    lines += [PASSWORD, PASSWORD + "x", PASSWORD, PASSWORD, "", "", ""]
    done = init(empty, "--ask", said="\n".join([*lines, ""]))
    assert done.exit_code == 0, done.stderr
    for told in (
        "Answer y for yes or n for no.", "This has to be answered.", "Type the name.", "“Trần Minh” is not",
        "The two are not alike.", "Gương sáng tỉnh Hải Sơn",
    ):  # fmt: skip
        assert told in done.stderr, told
    assert done.stderr.count("Type the name.") == done.stderr.count("This has to be answered.") == 1
    assert "as minh@hub.example" in done.stderr
