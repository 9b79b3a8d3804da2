"""Passwords: what may be one, and that nobody learns from an answer whether there is one."""

from __future__ import annotations

import time

import pytest

from hub.accounts import passwords

GOOD = "ghe ra khoi luc bon gio"


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("chín chữ!", "short"),
        ("a" * 201, "long"),
        ("Password123", "common"),
        ("Mật khẩu 123", "common"),
        ("Việt Nam 2026", "common"),
        ("Mặt trận Tổ quốc", "common"),
        ("aaaaaaaaaaaa", "common"),
        ("2345678901", "common"),
        ("jihgfedcba", "common"),
        ("hoa.tran@example.org", "own"),
        ("Hoa Trần Thị 1", "own"),
        ("hoatran2026", "own"),
        ("narthoanart", None),
        (GOOD, None),
        ("Ghe ra khơi lúc 4 giờ", None),
        ("漁船は朝の四時に出る", None),
        ("0987123654", None),
    ],
)
def test_a_password_is_long_and_not_one_that_is_tried_first(password: str, reason: str | None) -> None:
    if reason is None:
        passwords.check(password, email="hoa.tran@example.org", name="Trần Thị Hoa")
        return
    with pytest.raises(passwords.WeakPassword) as refused:
        passwords.check(password, email="hoa.tran@example.org", name="Hoa Trần Thị")
    assert refused.value.reason == reason


def test_a_password_is_right_however_the_keyboard_composes_it() -> None:
    kept = passwords.hash_of("Ghe ra khơi lúc 4 giờ")
    assert kept.startswith("$argon2id$")
    assert passwords.is_right(kept, "Ghe ra khơi lúc 4 giờ")
    assert not passwords.is_right(kept, "Ghe ra khoi luc 4 gio")
    assert not passwords.is_right(kept, "")
    assert not passwords.is_right("no hash at all", GOOD)


def test_two_hashes_of_one_password_differ() -> None:
    assert passwords.hash_of(GOOD) != passwords.hash_of(GOOD)


@pytest.mark.parametrize("password", ["", GOOD])
def test_nobody_has_no_password(password: str) -> None:
    assert not passwords.is_right(None, password)


def test_an_account_that_is_not_there_costs_as_much_as_one_that_is() -> None:
    kept = passwords.hash_of(GOOD)
    passwords.is_right(None, "warm")

    def seconds(hash_kept: str | None) -> float:
        began = time.process_time()
        for _ in range(5):
            passwords.is_right(hash_kept, "something else")
        return time.process_time() - began

    known, unknown = min(seconds(kept) for _ in range(3)), min(seconds(None) for _ in range(3))
    assert 0.6 < known / unknown < 1.6


def test_a_hash_of_earlier_parameters_is_outdated() -> None:
    assert not passwords.is_outdated(passwords.hash_of(GOOD))
    weak = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21l$3CX6cCJ4Gx6hn4dAPOXiJTZ0w7Uo5FkZGyJHxsMeDA8"
    assert passwords.is_outdated(weak)
    assert passwords.is_outdated("nonsense")
