"""`hub user invite`, `password`, `sessions`, `second-factor-off`: a first administrator gets in without any mail."""

from __future__ import annotations

from base64 import b32decode

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from hub.accounts import sessions, totp, users
from hub.accounts.credentials import Attempt, Gate
from hub.accounts.sessions import Device
from hub.background import create_postman
from hub.cli import main
from hub.clock import FixedClock, SystemClock
from hub.config import Settings
from hub.db import Database
from hub.models import JournalRow, User
from hub.records import journal
from hub.records.secret import Secret
from tests.cli.test_operating import run
from tests.delivery.post_office import a_post_office

GOOD = "ghe ra khơi lúc bốn giờ"
HOA = "hoa@example.org"


@pytest.fixture
def hoa(database: Database, clock: FixedClock) -> User:
    with database.writing() as session:
        return users.add(session, name="Hoa", email=HOA, now=clock.now())


def typed(settings: Settings, text: str, *words: str, **changes: str) -> Result:
    env = {"HUB_DATA": str(settings.data), "HUB_DATABASE_URL": settings.database_url, **changes}
    return CliRunner().invoke(main, words, env=env, input=text)


def kinds(database: Database) -> list[str]:
    with database.reading() as session:
        return [
            journal.read_record(body)["kind"]
            for body in session.scalars(select(JournalRow.body).order_by(JournalRow.number))
        ]


def test_a_password_is_read_from_stdin_and_opens(hoa: User, settings: Settings, database: Database) -> None:
    done = typed(settings, f"{GOOD}\n", "user", "password", HOA)
    assert (done.exit_code, done.stdout) == (0, f"{HOA}\n"), done.output
    gate = Gate(database, Secret.of(settings))
    assert gate.sign_in(HOA, GOOD, Attempt("", Device()), now=SystemClock().now())
    assert kinds(database)[-1] == "password_set"


@pytest.mark.parametrize(("password", "said"), [("short", "10 ký tự"), ("matkhau123", "thử trước tiên"), ("", "10 ký")])
def test_a_weak_password_is_refused_in_words(hoa: User, settings: Settings, password: str, said: str) -> None:
    done = typed(settings, f"{password}\n", "user", "password", HOA, LANG="vi")
    assert (done.exit_code, done.stdout, said in done.stderr) == (1, "", True), done.output


@pytest.mark.parametrize("command", ["invite", "password", "sessions", "second-factor-off"])
def test_nobody_is_found_under_an_unknown_address(hoa: User, settings: Settings, command: str) -> None:
    done = typed(settings, f"{GOOD}\n", "user", command, "nobody@example.org")
    assert (done.exit_code, done.stdout) == (1, "")


def test_an_invitation_is_sent_by_the_next_postman(
    hoa: User, settings: Settings, database: Database, clock: FixedClock
) -> None:
    done = run(settings, "user", "invite", HOA, LANG="en")
    assert (done.exit_code, done.stdout) == (0, f"{HOA}\n")
    assert "HUB_SMTP" in done.stderr
    assert kinds(database)[-1] == "user_invited"
    with a_post_office() as office:
        from dataclasses import replace

        postman = create_postman(replace(settings, smtp=f"smtp://127.0.0.1:{office.port}"))
        postman.mail.round()
        postman.close()
        assert office.recipients == [HOA]
        assert "/welcome/" in office.mail[0].get_body(("plain",)).get_content()


def test_a_closed_account_is_neither_invited_nor_given_a_password(
    hoa: User, settings: Settings, database: Database, clock: FixedClock
) -> None:
    assert run(settings, "user", "close", HOA).exit_code == 0
    assert run(settings, "user", "invite", HOA).exit_code == 1
    assert typed(settings, f"{GOOD}\n", "user", "password", HOA).exit_code == 1


def test_sessions_are_listed_and_revoked(hoa: User, settings: Settings, database: Database) -> None:
    with database.writing() as session:
        device = Device(agent="Firefox, Android", place="203.0.113.…", shared=True)
        number = sessions.begin(session, hoa.id, device, now=SystemClock().now()).row.id
    listed = run(settings, "user", "sessions", HOA)
    cells = listed.stdout.strip().split("\t")
    assert (cells[0], cells[3:]) == (str(number), ["Firefox, Android", "203.0.113.…", "shared"])
    assert run(settings, "user", "sessions", HOA, "--revoke").stdout == "1\n"
    assert run(settings, "user", "sessions", HOA).stdout == ""
    assert kinds(database)[-1] == "sessions_ended"


def test_a_second_factor_is_switched_off_for_whoever_lost_the_device(
    hoa: User, settings: Settings, database: Database, clock: FixedClock
) -> None:
    box = Secret.of(settings)
    with database.writing() as session:
        secret = b32decode(totp.begin(session, hoa.id, box=box, now=clock.now()))
        totp.confirm(session, hoa.id, totp.code_at(secret, clock.now()), box=box, now=clock.now())
    assert run(settings, "user", "second-factor-off", HOA).stdout == "1\n"
    assert run(settings, "user", "second-factor-off", HOA).stdout == "0\n"
    with database.reading() as session:
        assert not totp.is_on(session, hoa.id)
    assert kinds(database)[-1] == "second_factor_off"
