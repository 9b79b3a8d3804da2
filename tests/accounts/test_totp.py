"""Second factors: codes hold for their time and once, secrets are sealed, recovery codes open once."""

from __future__ import annotations

from base64 import b32decode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from sqlalchemy import select

from hub.accounts import totp, users
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import RecoveryCode, SecondFactor, User
from hub.records.secret import Secret

STEP = timedelta(seconds=30)


@pytest.fixture
def box(settings: Settings) -> Secret:
    return Secret.of(settings)


@pytest.fixture
def hoa(database: Database, clock: FixedClock) -> User:
    with database.writing() as session:
        return users.add(session, name="Hoa", email="hoa@example.org", now=clock.now())


def switch_on(database: Database, user: User, box: Secret, clock: FixedClock) -> tuple[bytes, list[str]]:
    with database.writing() as session:
        secret = b32decode(totp.begin(session, user.id, box=box, now=clock.now()))
        codes = totp.confirm(session, user.id, totp.code_at(secret, clock.now()), box=box, now=clock.now())
    assert codes
    clock.forward(STEP * 4)
    return secret, codes


def accepts(database: Database, user: User, code: str, box: Secret, clock: FixedClock) -> bool:
    with database.writing() as session:
        return totp.accept(session, user.id, code, box=box, now=clock.now())


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    """RFC 6238, appendix B; its eight digits end in these six."""
    assert totp.code_at(b"12345678901234567890", datetime.fromtimestamp(seconds, UTC)) == code


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_device_may_be_a_step_early_or_late(
    database: Database, hoa: User, box: Secret, clock: FixedClock, steps: int, taken: bool
) -> None:
    secret, _ = switch_on(database, hoa, box, clock)
    assert accepts(database, hoa, totp.code_at(secret, clock.now() + steps * STEP), box, clock) is taken


def test_no_step_is_taken_twice_nor_one_before_it(
    database: Database, hoa: User, box: Secret, clock: FixedClock
) -> None:
    secret, _ = switch_on(database, hoa, box, clock)
    now, before = totp.code_at(secret, clock.now()), totp.code_at(secret, clock.now() - STEP)
    assert accepts(database, hoa, f" {now[:3]} {now[3:]} ", box, clock)
    assert not accepts(database, hoa, now, box, clock)
    assert not accepts(database, hoa, before, box, clock)
    assert accepts(database, hoa, totp.code_at(secret, clock.now() + STEP), box, clock)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345"])
def test_what_is_no_code_is_not_taken(database: Database, hoa: User, box: Secret, clock: FixedClock, code: str) -> None:
    switch_on(database, hoa, box, clock)
    assert not accepts(database, hoa, code, box, clock)


def test_a_secret_without_its_first_code_counts_for_nothing(
    database: Database, hoa: User, box: Secret, clock: FixedClock
) -> None:
    with database.writing() as session:
        text = totp.begin(session, hoa.id, box=box, now=clock.now())
        assert totp.find_pending(session, hoa.id, box=box, now=clock.now()) == text
        assert not totp.is_on(session, hoa.id)
        assert not totp.accept(session, hoa.id, totp.code_at(b32decode(text), clock.now()), box=box, now=clock.now())
        assert totp.confirm(session, hoa.id, "000000", box=box, now=clock.now()) is None
        assert not totp.is_on(session, hoa.id)


def test_a_second_factor_that_counts_is_not_replaced(
    database: Database, hoa: User, box: Secret, clock: FixedClock
) -> None:
    switch_on(database, hoa, box, clock)
    with database.writing() as session:
        with pytest.raises(totp.AlreadyOn):
            totp.begin(session, hoa.id, box=box, now=clock.now())
        assert totp.find_pending(session, hoa.id, box=box, now=clock.now()) is None
        assert totp.switch_off(session, hoa.id)
        assert not totp.switch_off(session, hoa.id)
        assert totp.begin(session, hoa.id, box=box, now=clock.now())


def test_a_recovery_code_opens_once_however_it_is_typed(
    database: Database, hoa: User, box: Secret, clock: FixedClock
) -> None:
    _, codes = switch_on(database, hoa, box, clock)
    assert len(set(codes)) == totp.RECOVERY_CODES == 10
    assert accepts(database, hoa, f" {codes[0].upper().replace('-', ' ')} ", box, clock)
    assert not accepts(database, hoa, codes[0], box, clock)
    assert accepts(database, hoa, codes[1], box, clock)
    with database.writing() as session:
        assert totp.count_recovery_codes(session, hoa.id) == 8
        fresh = totp.renew_recovery_codes(session, hoa.id, box=box, now=clock.now())
    assert not accepts(database, hoa, codes[2], box, clock)
    assert accepts(database, hoa, fresh[2], box, clock)


def test_nothing_in_the_database_opens_anything(database: Database, hoa: User, box: Secret, clock: FixedClock) -> None:
    secret, codes = switch_on(database, hoa, box, clock)
    with database.reading() as session:
        row = session.get_one(SecondFactor, hoa.id)
        kept = [row.secret, *session.scalars(select(RecoveryCode.mac))]
    assert not any(secret.hex() in text or code in text for text in kept for code in codes)
    with database.writing() as session:  # moved to somebody else, it cannot even be read
        other = users.add(session, name="Lan", email="lan@example.org", now=clock.now())
        session.add(SecondFactor(user_id=other.id, secret=row.secret, last_step=0, created_at=clock.now()))
        session.flush()
        assert totp.find_pending(session, other.id, box=box, now=clock.now()) is None


def test_an_app_reads_whose_code_it_is(database: Database, hoa: User) -> None:
    said = urlsplit(totp.key_uri("JBSWY3DPEHPK3PXP", hoa, issuer="Cổng bài: Đồng Nai"))
    assert (said.scheme, said.netloc) == ("otpauth", "totp")
    assert unquote(said.path) == "/Cổng bài: Đồng Nai:hoa@example.org"
    asked = parse_qs(said.query)
    assert asked["secret"] == ["JBSWY3DPEHPK3PXP"]
    assert asked["issuer"] == ["Cổng bài: Đồng Nai"]
    assert "+" not in said.query  # apps do not read it as a space


def test_under_another_secret_of_the_hub_no_code_is_right(
    database: Database, hoa: User, box: Secret, clock: FixedClock, settings: Settings
) -> None:
    secret, codes = switch_on(database, hoa, box, clock)
    other = Secret(settings.data, "another secret of thirty-two letters")
    assert not accepts(database, hoa, totp.code_at(secret, clock.now()), other, clock)
    assert not accepts(database, hoa, codes[0], other, clock)


def test_a_new_secret_waits_a_quarter_of_an_hour_for_its_first_code(
    database: Database, hoa: User, box: Secret, clock: FixedClock
) -> None:
    with database.writing() as session:
        secret = b32decode(totp.begin(session, hoa.id, box=box, now=clock.now()))
    clock.forward(timedelta(minutes=15))
    with database.reading() as session:
        assert totp.find_pending(session, hoa.id, box=box, now=clock.now())
    clock.forward(timedelta(seconds=1))
    with database.writing() as session:
        assert totp.find_pending(session, hoa.id, box=box, now=clock.now()) is None
        code = totp.code_at(secret, clock.now())
        assert totp.confirm(session, hoa.id, code, box=box, now=clock.now()) is None
        assert totp.begin(session, hoa.id, box=box, now=clock.now())
