"""Letters about accounts: they come to whom they are for, hold a token that is nowhere else, and tell nobody more."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import inspect, select, text

from hub.accounts import credentials, invitations, sessions, users
from hub.accounts.invitations import LinkOver
from hub.clock import FixedClock
from hub.db import Database
from hub.delivery import account_letters, letters
from hub.delivery.postman import Postman
from hub.models import Letter, User
from hub.records import outbox
from hub.worker import Worker
from tests.builders import World
from tests.delivery.people import email_of, get_user
from tests.delivery.post_office import Office

LINK = re.compile(r"https://hub\.example/welcome/(\S+)")
HOUR = timedelta(hours=1)


def invite(database: Database, clock: FixedClock, name: str) -> None:
    with database.writing() as session:
        user = users.get(session, email_of(name))
        account_letters.invite(session, user, actor="admin:1", now=clock.now())


def ask(database: Database, clock: FixedClock, *emails: str) -> None:
    with database.writing() as session:
        for email in emails:
            credentials.ask_reset(session, email, now=clock.now())


def token_in(office: Office, number: int = -1) -> str:
    found = LINK.search(office.mail[number].get_body(("plain",)).get_content())
    assert found
    return found[1]


def user_of(database: Database, token: str, clock: FixedClock) -> User:
    with database.reading() as session:
        return invitations.get(session, token, now=clock.now()).user


@pytest.mark.parametrize(
    ("name", "subject", "account"),
    [
        ("hoa", "Mời bạn vào hệ thống tin bài", "Tài khoản: hoa@example.org"),
        ("bao", "You are invited to the story hub", "Account: bao@example.org"),
    ],
)
def test_an_invitation_comes_in_its_readers_language_and_opens(
    people: World,
    database: Database,
    clock: FixedClock,
    postman: Postman,
    office: Office,
    name: str,
    subject: str,
    account: str,
) -> None:
    invite(database, clock, name)
    assert postman.mail.round() == 1
    (mail,) = office.mail
    assert (mail["Subject"], office.recipients) == (subject, [email_of(name)])
    assert account in mail.get_body(("plain",)).get_content()
    assert token_in(office) in mail.get_body(("html",)).get_content()
    assert user_of(database, token_in(office), clock).email == email_of(name)


def test_the_token_is_in_the_letter_alone(
    people: World, database: Database, clock: FixedClock, postman: Postman, office: Office, caplog
) -> None:
    invite(database, clock, "hoa")
    postman.mail.round()
    token = token_in(office)
    with database.reading() as session:
        for table in inspect(database.engine).get_table_names():
            for row in session.execute(text(f'SELECT * FROM "{table}"')):
                assert token not in repr(row), table
    assert token not in caplog.text


def test_a_reset_is_sent_to_who_is_known_and_asked_for_alike_by_who_is_not(
    people: World, database: Database, clock: FixedClock, worker: Worker, postman: Postman, office: Office
) -> None:
    with database.writing() as session:
        users.close(session, users.get(session, email_of("nga")), now=clock.now())
    ask(database, clock, "  HOA@example.org ", "nobody@example.org", email_of("nga"))
    with database.reading() as session:
        rows = outbox.list_waiting(session, kinds=[outbox.ACCOUNT_LETTER])
        assert [row.payload["about"] for row in rows] == ["reset"] * 3
    worker.step()
    postman.round()
    assert office.recipients == [email_of("hoa")]
    assert user_of(database, token_in(office), clock).email == email_of("hoa")
    with database.reading() as session:
        assert outbox.list_waiting(session, kinds=[outbox.ACCOUNT_LETTER]) == []


def test_nobody_is_sent_more_than_three_resets_within_an_hour(
    people: World, database: Database, clock: FixedClock, worker: Worker, postman: Postman, office: Office
) -> None:
    ask(database, clock, *[email_of("hoa")] * 5)
    worker.step()
    postman.round()
    assert len(office.mail) == 1  # each took the place of the one before, which had not left
    clock.forward(HOUR + timedelta(seconds=1))
    ask(database, clock, email_of("hoa"))
    worker.step()
    postman.round()
    assert len(office.mail) == 2


def test_a_letter_that_waited_for_the_mail_server_holds_from_then_on(
    people: World, database: Database, clock: FixedClock, postman: Postman, office: Office
) -> None:
    invite(database, clock, "hoa")
    office.of_recipient = lambda _: "450 later"
    postman.mail.round()
    clock.forward(timedelta(hours=100))
    office.of_recipient = lambda _: "250 fine"
    assert postman.mail.round() == 1
    clock.forward(timedelta(hours=71))
    assert user_of(database, token_in(office), clock).email == email_of("hoa")
    clock.forward(HOUR)
    with pytest.raises(LinkOver):
        user_of(database, token_in(office), clock)


def test_what_was_used_or_replaced_is_not_sent(
    people: World, database: Database, clock: FixedClock, postman: Postman, office: Office
) -> None:
    invite(database, clock, "hoa")
    invite(database, clock, "hoa")
    invite(database, clock, "lan")
    with database.writing() as session:
        invitations.revoke(session, get_user(database, "lan").id, now=clock.now())
    postman.mail.round()
    assert office.recipients == [email_of("hoa")]
    with database.reading() as session:
        assert letters.count_by_state(session) == {"overtaken": 2, "sent": 1}


@pytest.mark.parametrize("about", ["locked", "password_set", "second_factor_off"])
def test_an_owner_hears_what_happened_to_the_account(
    people: World, database: Database, clock: FixedClock, worker: Worker, postman: Postman, office: Office, about: str
) -> None:
    with database.writing() as session:
        outbox.add_account_letter(session, about, email_of("bao"), at=clock.now())
        outbox.add_account_letter(session, about, "nobody@example.org", at=clock.now())
    worker.step()
    postman.round()
    (mail,) = office.mail
    said = mail.get_body(("plain",)).get_content()
    assert "https://hub.example/forgotten" in said
    assert "12:00" in said  # when, in Việt Nam
    assert office.recipients == [email_of("bao")]


def test_closing_an_account_ends_its_letters(
    people: World, database: Database, clock: FixedClock, postman: Postman, office: Office
) -> None:
    invite(database, clock, "hoa")
    with database.writing() as session:
        users.close(session, users.get(session, email_of("hoa")), now=clock.now())
    postman.mail.round()
    assert office.mail == []
    with database.reading() as session:
        assert session.scalars(select(Letter.state)).all() == ["dead"]
        assert sessions.list_of(session, get_user(database, "hoa").id, now=clock.now()) == []
