"""Sessions: they end by rest, by age and by hand; their tokens are nowhere but with their owner."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.accounts import devices, sessions, users
from hub.accounts.sessions import Device
from hub.clock import FixedClock
from hub.db import Database
from hub.models import SignedIn, User

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
PHONE = Device(agent="Firefox, Android", place="203.0.113.…")


@pytest.fixture
def hoa(database: Database, clock: FixedClock) -> User:
    with database.writing() as session:
        return users.add(session, name="Hoa", email="hoa@example.org", now=clock.now())


def begin(database: Database, user: User, clock: FixedClock, *, shared: bool = False, code: bool = False) -> str:
    device = Device(agent=PHONE.agent, place=PHONE.place, shared=shared)
    with database.writing() as session:
        return sessions.begin(session, user.id, device, waits_for_code=code, now=clock.now()).token


def lives(database: Database, token: str, clock: FixedClock) -> bool:
    with database.reading() as session:
        return sessions.find(session, token, now=clock.now()) is not None


def use(database: Database, clock: FixedClock) -> None:
    with database.writing() as session:
        sessions.mark_seen(session, dict.fromkeys(session.scalars(select(SignedIn.id)), clock.now()))


@pytest.mark.parametrize(
    ("shared", "code", "rest", "over"),
    [
        (False, False, 12 * HOUR - SECOND, False),
        (False, False, 12 * HOUR, True),
        (True, False, 30 * MINUTE - SECOND, False),
        (True, False, 30 * MINUTE, True),
        (False, True, 10 * MINUTE - SECOND, False),
        (False, True, 10 * MINUTE, True),
    ],
)
def test_a_session_that_rests_ends(
    database: Database, hoa: User, clock: FixedClock, shared: bool, code: bool, rest: timedelta, over: bool
) -> None:
    token = begin(database, hoa, clock, shared=shared, code=code)
    clock.forward(rest)
    assert lives(database, token, clock) is not over


def test_a_session_in_use_ends_after_thirty_days(database: Database, hoa: User, clock: FixedClock) -> None:
    token = begin(database, hoa, clock)
    for _ in range(30 * 24 // 8 - 1):
        clock.forward(8 * HOUR)
        use(database, clock)
    clock.forward(8 * HOUR - SECOND)
    assert lives(database, token, clock)
    clock.forward(SECOND)
    assert not lives(database, token, clock)


def test_only_the_digest_of_a_token_is_kept(database: Database, hoa: User, clock: FixedClock) -> None:
    token = begin(database, hoa, clock)
    assert len(token) >= 43  # 256 bits in base64
    with database.reading() as session:
        row = session.scalars(select(SignedIn)).one()
        assert token not in " ".join(str(getattr(row, column.key)) for column in SignedIn.__table__.columns)
        assert sessions.find(session, row.sha256, now=clock.now()) is None
    assert not lives(database, "", clock)
    assert not lives(database, token[:-1], clock)
    assert not lives(database, "x" * 10_000, clock)


def test_one_session_ends_or_all_others_and_nobody_elses(database: Database, hoa: User, clock: FixedClock) -> None:
    tokens = [begin(database, hoa, clock) for _ in range(3)]
    with database.writing() as session:
        lan = users.add(session, name="Lan", email="lan@example.org", now=clock.now())
    theirs = begin(database, lan, clock)
    with database.writing() as session:
        rows = [sessions.find(session, token, now=clock.now()) for token in tokens]
        assert len(sessions.list_of(session, hoa.id, now=clock.now())) == 3
        assert not sessions.end(session, lan.id, rows[0].id)
        assert sessions.end(session, hoa.id, rows[0].id)
        assert not sessions.end(session, hoa.id, rows[0].id)
        assert sessions.end_all(session, hoa.id, but=rows[2].id) == 1
    assert [lives(database, token, clock) for token in (*tokens, theirs)] == [False, False, True, True]


def test_a_session_that_waits_for_a_code_is_replaced_by_the_one_it_opens(
    database: Database, hoa: User, clock: FixedClock
) -> None:
    token = begin(database, hoa, clock, shared=True, code=True)
    with database.writing() as session:
        assert sessions.list_of(session, hoa.id, now=clock.now()) == []
        begun = sessions.admit(session, sessions.find(session, token, now=clock.now()), now=clock.now())
    assert (begun.row.state, begun.row.shared_device, begun.row.agent) == ("open", True, PHONE.agent)
    assert not lives(database, token, clock)
    assert lives(database, begun.token, clock)


def test_a_renewed_token_is_the_only_one(database: Database, hoa: User, clock: FixedClock) -> None:
    token = begin(database, hoa, clock)
    with database.writing() as session:
        fresh = sessions.renew(session, sessions.find(session, token, now=clock.now()))
    assert (lives(database, token, clock), lives(database, fresh, clock)) == (False, True)


def test_who_is_closed_is_signed_out_everywhere(database: Database, hoa: User, clock: FixedClock) -> None:
    token = begin(database, hoa, clock)
    with database.writing() as session:
        users.close(session, session.get_one(User, hoa.id), now=clock.now())
    assert not lives(database, token, clock)
    with database.reading() as session:
        assert session.scalars(select(SignedIn)).all() == []


def test_use_is_written_down_once_a_minute_and_never_backwards(
    database: Database, hoa: User, clock: FixedClock
) -> None:
    token = begin(database, hoa, clock)
    began = clock.now()
    with database.reading() as session:
        row = sessions.find(session, token, now=began)
    assert not sessions.is_to_be_noted(row, now=began + 59 * SECOND)
    assert sessions.is_to_be_noted(row, now=began + MINUTE)
    with database.writing() as session:
        sessions.mark_seen(session, {row.id: began + MINUTE, row.id + 99: began})
        sessions.mark_seen(session, {row.id: began})
    with database.reading() as session:
        assert session.scalar(select(SignedIn.seen_at)) == began + MINUTE


def test_what_has_ended_is_swept_away(database: Database, hoa: User, clock: FixedClock) -> None:
    begin(database, hoa, clock)
    clock.forward(6 * HOUR)
    token = begin(database, hoa, clock)
    clock.forward(6 * HOUR)
    with database.writing() as session:
        sessions.sweep(session, now=clock.now())
        assert session.scalars(select(SignedIn.sha256)).all() == [sessions.digest(token)]


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0", "Firefox, Android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605 Version/17.5 Safari/604",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge, Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) coc_coc_browser/120.0 Chrome/114.0 Safari/537.36", "Cốc Cốc, Windows"),
        ("Mozilla/5.0 (Linux; Android 13) Chrome/120.0 Mobile Safari/537.36 Zalo android/1230", "Zalo, Android"),
        ("curl/8.5.0", ""),
        ("", ""),
    ],
)
def test_a_device_is_told_in_words_its_owner_knows(agent: str, words: str) -> None:
    assert devices.device_words(agent) == words


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.77", "203.0.113.…"),
        ("::ffff:203.0.113.77", "203.0.113.…"),
        ("2001:db8:12:7::1", "2001:db8:12::…"),
        ("fe80::1%eth0", "fe80:0:0::…"),
        ("nonsense", ""),
        (None, ""),
    ],
)
def test_of_an_address_only_the_network_is_kept(address: str | None, place: str) -> None:
    assert devices.shorten_address(address) == place
