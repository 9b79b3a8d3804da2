"""Signing in: right and wrong, waiting, second factors, letters, and what the journal tells of it."""

from __future__ import annotations

import threading
import time
from base64 import b32decode
from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.accounts import credentials, invitations, passwords, sessions, throttle, totp, users
from hub.accounts.credentials import (
    Attempt,
    Gate,
    NothingToCheck,
    TooManyFailures,
    WrongCode,
    WrongPassword,
    WrongSignIn,
)
from hub.accounts.invitations import LinkOver
from hub.accounts.sessions import Device
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import Invitation, JournalRow, Outbox, Password, SignedIn, User
from hub.records import journal
from hub.records.secret import Secret

GOOD, OTHER = "ghe ra khơi lúc bốn giờ", "lưới về bến trước bão"
HERE = Attempt("203.0.113.7", Device(agent="Firefox, Android", place="203.0.113.…"))
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture
def box(settings: Settings) -> Secret:
    return Secret.of(settings)


@pytest.fixture
def gate(database: Database, box: Secret) -> Gate:
    return Gate(database, box)


@pytest.fixture
def hoa(database: Database, clock: FixedClock) -> User:
    hashed = passwords.hash_of(GOOD)
    with database.writing() as session:
        user = users.add(session, name="Hoa", email="hoa@example.org", now=clock.now())
        credentials.set_password(session, user.id, hashed, by="operator", actor="system", now=clock.now())
    return user


def told(database: Database) -> list[dict]:
    with database.reading() as session:
        rows = [
            journal.read_record(body) for body in session.scalars(select(JournalRow.body).order_by(JournalRow.number))
        ]
        assert list(journal.list_breaks(session)) == []
    return [{n: v for n, v in row.items() if n not in ("at", "number", "story")} for row in rows if "user" in row]


def queued(database: Database) -> list[str]:
    with database.reading() as session:
        rows = session.scalars(select(Outbox.payload).where(Outbox.kind == "account_letter").order_by(Outbox.id))
        return [f"{row['about']} {row['email']}" for row in rows]


def owner_of(database: Database, token: str, clock: FixedClock) -> str | None:
    with database.reading() as session:
        row = sessions.find(session, token, now=clock.now())
        return f"{row.user.email} {row.state}" if row else None


def test_the_right_password_opens_a_session_of_its_own(
    gate: Gate, database: Database, hoa: User, clock: FixedClock
) -> None:
    one, two = (gate.sign_in(" HOA@example.org", GOOD, HERE, now=clock.now()) for _ in range(2))
    assert one.token != two.token
    assert owner_of(database, one.token, clock) == owner_of(database, two.token, clock) == "hoa@example.org open"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("hoa@example.org", OTHER),
        ("hoa@example.org", ""),
        ("lan@example.org", GOOD),
        ("", GOOD),
        ("new@example.org", ""),
    ],
)
def test_whatever_is_wrong_the_answer_is_the_same(
    gate: Gate, database: Database, hoa: User, clock: FixedClock, email: str, password: str
) -> None:
    with database.writing() as session:
        users.add(session, name="Mới", email="new@example.org", now=clock.now())  # without a password
    with pytest.raises(WrongSignIn) as refused:
        gate.sign_in(email, password, HERE, now=clock.now())
    assert (refused.value.key, refused.value.facts) == ("error.wrong_sign_in", {})
    with database.reading() as session:
        assert session.scalars(select(SignedIn)).all() == []


def test_a_closed_account_opens_to_nobody(gate: Gate, database: Database, hoa: User, clock: FixedClock) -> None:
    with database.writing() as session:
        users.close(session, session.get_one(User, hoa.id), now=clock.now())
    with pytest.raises(WrongSignIn):
        gate.sign_in(hoa.email, GOOD, HERE, now=clock.now())


def test_who_is_not_known_waits_as_long_as_who_is(gate: Gate, database: Database, hoa: User, clock: FixedClock) -> None:
    def seconds(email: str) -> float:
        began = time.process_time()
        with pytest.raises(WrongSignIn):
            gate.sign_in(email, OTHER, HERE, now=clock.now())
        return time.process_time() - began

    seconds("warm@example.org")
    known, unknown = (min(seconds(email) for _ in range(5)) for email in (hoa.email, "nobody@example.org"))
    assert 0.5 < known / unknown < 2


@pytest.mark.parametrize("email", ["hoa@example.org", "nobody@example.org"])
def test_failures_make_an_account_wait_longer_and_longer_known_or_not(
    gate: Gate, hoa: User, clock: FixedClock, email: str
) -> None:
    for seconds in (0, 0, 0, 0, 0, 2, 4, 8, 16, 32):
        with pytest.raises(WrongSignIn):
            gate.sign_in(email, OTHER, HERE, now=clock.now())
        if seconds:
            with pytest.raises(TooManyFailures) as refused:
                gate.sign_in(email, GOOD, HERE, now=clock.now())  # not even looked at
            assert refused.value.facts == {"seconds": seconds}
            clock.forward(timedelta(seconds=seconds))


def test_the_right_password_ends_the_waiting(gate: Gate, hoa: User, clock: FixedClock) -> None:
    for _ in range(2):
        for _ in range(5):
            with pytest.raises(WrongSignIn):
                gate.sign_in(hoa.email, OTHER, HERE, now=clock.now())
        assert gate.sign_in(hoa.email, GOOD, HERE, now=clock.now())


def test_an_address_that_tries_many_accounts_waits_too(gate: Gate, hoa: User, clock: FixedClock) -> None:
    for number in range(31):
        with pytest.raises(WrongSignIn):
            gate.sign_in(f"a{number}@example.org", OTHER, HERE, now=clock.now())
    with pytest.raises(TooManyFailures):
        gate.sign_in(hoa.email, GOOD, HERE, now=clock.now())
    elsewhere = Attempt("198.51.100.1", HERE.device)
    assert gate.sign_in(hoa.email, GOOD, elsewhere, now=clock.now())


@pytest.mark.parametrize(("failures", "owner_is_told"), [(9, False), (10, True), (11, False), (99, False), (100, True)])
def test_the_owner_is_told_seldom(failures: int, owner_is_told: bool) -> None:
    assert throttle.is_owner_told(failures) is owner_is_told


@pytest.mark.parametrize(("failures", "seconds"), [(0, 0), (5, 0), (6, 2), (7, 4), (14, 512), (15, 900), (4000, 900)])
def test_nobody_waits_longer_than_a_quarter_of_an_hour(failures: int, seconds: int) -> None:
    assert throttle.wait_after(failures, rule=throttle.ACCOUNT).total_seconds() == seconds


def test_ten_failures_are_told_whether_there_is_an_account_or_not(
    gate: Gate, database: Database, hoa: User, clock: FixedClock
) -> None:
    for email in (hoa.email, "nobody@example.org"):
        for _ in range(10):
            with pytest.raises(WrongSignIn):
                gate.sign_in(email, OTHER, HERE, now=clock.now())
            clock.forward(timedelta(minutes=20))
    assert queued(database) == ["locked hoa@example.org", "locked nobody@example.org"]


def switch_on(database: Database, user: User, box: Secret, clock: FixedClock) -> bytes:
    with database.writing() as session:
        secret = b32decode(totp.begin(session, user.id, box=box, now=clock.now()))
        code = totp.code_at(secret, clock.now())
        credentials.confirm_second_factor(session, user.id, code, box=box, now=clock.now())
    clock.forward(timedelta(minutes=2))
    return secret


def test_with_a_second_factor_a_password_opens_nothing(
    gate: Gate, database: Database, hoa: User, box: Secret, clock: FixedClock
) -> None:
    secret = switch_on(database, hoa, box, clock)
    begun = gate.sign_in(hoa.email, GOOD, HERE, now=clock.now())
    assert owner_of(database, begun.token, clock) == "hoa@example.org code"
    with database.reading() as session:
        waiting = sessions.find(session, begun.token, now=clock.now())
    with pytest.raises(WrongCode):
        gate.enter_code(waiting, "000000", now=clock.now())
    done = gate.enter_code(waiting, totp.code_at(secret, clock.now()), now=clock.now())
    assert owner_of(database, done.token, clock) == "hoa@example.org open"
    assert owner_of(database, begun.token, clock) is None


def test_codes_are_not_guessed(gate: Gate, database: Database, hoa: User, box: Secret, clock: FixedClock) -> None:
    secret = switch_on(database, hoa, box, clock)
    begun = gate.sign_in(hoa.email, GOOD, HERE, now=clock.now())
    with database.reading() as session:
        waiting = sessions.find(session, begun.token, now=clock.now())
    for _ in range(6):
        with pytest.raises(WrongCode):
            gate.enter_code(waiting, "000000", now=clock.now())
    with pytest.raises(TooManyFailures):
        gate.enter_code(waiting, totp.code_at(secret, clock.now()), now=clock.now())


def test_a_changed_password_ends_every_other_session(
    gate: Gate, database: Database, hoa: User, clock: FixedClock
) -> None:
    here, there = (gate.sign_in(hoa.email, GOOD, HERE, now=clock.now()).token for _ in range(2))
    with database.reading() as session:
        own = sessions.find(session, here, now=clock.now())
    with pytest.raises(WrongPassword):
        gate.change_password(own, OTHER, "tôm hùm Bình Ba", now=clock.now())
    with pytest.raises(passwords.WeakPassword):
        gate.change_password(own, GOOD, "short", now=clock.now())
    assert owner_of(database, there, clock)
    fresh = gate.change_password(own, GOOD, OTHER, now=clock.now())
    assert [owner_of(database, token, clock) for token in (here, there)] == [None, None]
    assert owner_of(database, fresh, clock) == "hoa@example.org open"
    with pytest.raises(WrongSignIn):
        gate.sign_in(hoa.email, GOOD, HERE, now=clock.now())
    assert gate.sign_in(hoa.email, OTHER, HERE, now=clock.now())
    assert queued(database) == ["password_set hoa@example.org"]


def invited(database: Database, user: User, kind: str, clock: FixedClock) -> str:
    with database.writing() as session:
        row = invitations.prepare(session, user, kind, now=clock.now())
        token = invitations.mint(session, row.id, now=clock.now())
    assert token
    return token


@pytest.mark.parametrize(("kind", "holds"), [("invitation", 72 * HOUR), ("reset", HOUR)])
def test_a_letter_opens_for_its_time(
    gate: Gate, database: Database, hoa: User, clock: FixedClock, kind: str, holds: timedelta
) -> None:
    token = invited(database, hoa, kind, clock)
    clock.forward(holds - SECOND)
    with database.reading() as session:
        assert invitations.get(session, token, now=clock.now()).user.email == hoa.email
    clock.forward(SECOND)
    with pytest.raises(LinkOver):
        gate.accept_invitation(token, OTHER, HERE.device, now=clock.now())


def test_a_letter_opens_once_and_ends_what_was_before(
    gate: Gate, database: Database, hoa: User, clock: FixedClock
) -> None:
    old = gate.sign_in(hoa.email, GOOD, HERE, now=clock.now())
    first, other = invited(database, hoa, "reset", clock), invited(database, hoa, "invitation", clock)
    token = invited(database, hoa, "reset", clock)
    with pytest.raises(LinkOver):
        gate.accept_invitation(first, OTHER, HERE.device, now=clock.now())  # a later letter came
    with pytest.raises(passwords.WeakPassword):
        gate.accept_invitation(token, "short", HERE.device, now=clock.now())
    begun = gate.accept_invitation(token, OTHER, HERE.device, now=clock.now())
    assert owner_of(database, begun.token, clock) == "hoa@example.org open"
    assert owner_of(database, old.token, clock) is None
    for dead in (token, other):
        with pytest.raises(LinkOver):
            gate.accept_invitation(dead, "cá thu nướng lá chuối", HERE.device, now=clock.now())
    assert gate.sign_in(hoa.email, OTHER, HERE, now=clock.now())


def test_a_letter_does_not_get_around_the_second_factor(
    gate: Gate, database: Database, hoa: User, box: Secret, clock: FixedClock
) -> None:
    switch_on(database, hoa, box, clock)
    begun = gate.accept_invitation(invited(database, hoa, "reset", clock), OTHER, HERE.device, now=clock.now())
    assert owner_of(database, begun.token, clock) == "hoa@example.org code"


def test_a_letter_ends_the_waiting_that_others_made(
    gate: Gate, database: Database, hoa: User, clock: FixedClock
) -> None:
    for _ in range(6):
        with pytest.raises(WrongSignIn):
            gate.sign_in(hoa.email, OTHER, HERE, now=clock.now())
    with pytest.raises(TooManyFailures):
        gate.sign_in(hoa.email, GOOD, HERE, now=clock.now())
    gate.accept_invitation(invited(database, hoa, "reset", clock), OTHER, HERE.device, now=clock.now())
    assert gate.sign_in(hoa.email, OTHER, HERE, now=clock.now())


def test_no_token_stands_in_the_database(database: Database, hoa: User, clock: FixedClock) -> None:
    token = invited(database, hoa, "reset", clock)
    with database.reading() as session:
        assert session.scalars(select(Invitation.sha256)).all() == [sessions.digest(token)]


def test_a_password_of_yesterdays_parameters_is_hashed_anew(
    gate: Gate, database: Database, hoa: User, clock: FixedClock
) -> None:
    from argon2 import PasswordHasher

    with database.writing() as session:
        session.get_one(Password, hoa.id).hash = PasswordHasher(memory_cost=8, time_cost=1, parallelism=1).hash(GOOD)
    assert gate.sign_in(hoa.email, GOOD, HERE, now=clock.now())
    with database.reading() as session:
        assert not passwords.is_outdated(session.get_one(Password, hoa.id).hash)
    assert gate.sign_in(hoa.email, GOOD, HERE, now=clock.now())


def test_the_journal_tells_by_number_and_no_secret(
    gate: Gate, database: Database, hoa: User, box: Secret, clock: FixedClock
) -> None:
    switch_on(database, hoa, box, clock)
    with database.writing() as session:
        begun = sessions.begin(session, hoa.id, HERE.device, now=clock.now())
        assert credentials.end_session(session, hoa.id, begun.row.id, actor="admin:9", now=clock.now())
        assert not credentials.end_session(session, hoa.id, begun.row.id, actor="admin:9", now=clock.now())
        sessions.begin(session, hoa.id, HERE.device, now=clock.now())
        assert credentials.end_sessions(session, hoa.id, actor="admin:9", now=clock.now()) == 1
        user = session.get_one(User, hoa.id)
        assert credentials.drop_second_factor(session, user, actor="system", now=clock.now())
        assert not credentials.drop_second_factor(session, user, actor="system", now=clock.now())
    by = f"user:{hoa.id}"
    assert told(database) == [
        {"kind": "password_set", "user": hoa.id, "by": "operator", "actor": "system"},
        {"kind": "second_factor_on", "user": hoa.id, "actor": by},
        {"kind": "session_ended", "user": hoa.id, "session": begun.row.id, "actor": "admin:9"},
        {"kind": "sessions_ended", "user": hoa.id, "count": 1, "actor": "admin:9"},
        {"kind": "second_factor_off", "user": hoa.id, "actor": "system"},
    ]


def test_an_office_with_a_few_typos_a_day_never_waits(gate: Gate, hoa: User, clock: FixedClock) -> None:
    for number in range(80):
        with pytest.raises(WrongSignIn):
            gate.sign_in(f"a{number}@example.org", OTHER, HERE, now=clock.now())
        clock.forward(timedelta(hours=8))


def test_whoever_gets_in_takes_their_failures_from_the_address(gate: Gate, hoa: User, clock: FixedClock) -> None:
    for _ in range(10):
        for _ in range(4):
            with pytest.raises(WrongSignIn):
                gate.sign_in(hoa.email, OTHER, HERE, now=clock.now())
        assert gate.sign_in(hoa.email, GOOD, HERE, now=clock.now())


def test_an_account_of_ones_own_buys_no_guesses_at_others(gate: Gate, hoa: User, clock: FixedClock) -> None:
    for number in range(31):
        with pytest.raises(WrongSignIn):
            gate.sign_in(f"a{number}@example.org", OTHER, HERE, now=clock.now())
        if number < 30:
            assert gate.sign_in(hoa.email, GOOD, HERE, now=clock.now())
    with pytest.raises(TooManyFailures):
        gate.sign_in(hoa.email, GOOD, HERE, now=clock.now())


def test_many_guesses_at_once_are_no_more_than_one_after_the_other(
    gate: Gate, hoa: User, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at, hold = [], threading.Event()

    def slow(_kept: str | None, password: str) -> bool:
        looked_at.append(password)
        assert hold.wait(30)
        return False

    monkeypatch.setattr(passwords, "is_right", slow)
    waited = []

    def guess(number: int) -> None:
        try:
            gate.sign_in(hoa.email, f"guess {number}", HERE, now=clock.now())
        except TooManyFailures:
            waited.append(number)
            if len(waited) == 14:
                hold.set()
        except WrongSignIn:
            pass

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(looked_at), len(waited)) == (6, 14)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("", "", True),
    ],
)
def test_an_address_of_version_6_counts_as_its_site(one: str, other: str, is_same: bool) -> None:
    assert (throttle.site_of(one) == throttle.site_of(other)) is is_same


def test_a_code_opens_nothing_once_all_sessions_were_ended(
    gate: Gate, database: Database, hoa: User, box: Secret, clock: FixedClock
) -> None:
    secret = switch_on(database, hoa, box, clock)
    begun = gate.sign_in(hoa.email, GOOD, HERE, now=clock.now())
    with database.reading() as session:
        waiting = sessions.find(session, begun.token, now=clock.now())
    with database.writing() as session:
        credentials.end_sessions(session, hoa.id, actor="admin:9", now=clock.now())
    with pytest.raises(NothingToCheck):
        gate.enter_code(waiting, totp.code_at(secret, clock.now()), now=clock.now())
    with database.reading() as session:
        assert session.scalars(select(SignedIn)).all() == []


def test_the_first_code_of_a_device_is_not_guessed_either(
    gate: Gate, database: Database, hoa: User, box: Secret, clock: FixedClock
) -> None:
    with database.writing() as session:
        secret = b32decode(totp.begin(session, hoa.id, box=box, now=clock.now()))
        begun = sessions.begin(session, hoa.id, HERE.device, now=clock.now())
    for _ in range(6):
        with pytest.raises(WrongCode):
            gate.confirm_second_factor(begun.row, "000000", now=clock.now())
    with pytest.raises(TooManyFailures):
        gate.confirm_second_factor(begun.row, totp.code_at(secret, clock.now()), now=clock.now())
    clock.forward(timedelta(seconds=2))
    assert gate.confirm_second_factor(begun.row, totp.code_at(secret, clock.now()), now=clock.now())
