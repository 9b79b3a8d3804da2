"""The secret: made once, for its owner only; what it seals opens under it and for its purpose alone."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from hub.config import Settings
from hub.records.secret import Secret, WrongSecret


def test_the_file_is_made_when_it_is_needed_and_for_its_owner_only(tmp_path: Path) -> None:
    secret = Secret(tmp_path)
    assert list(tmp_path.iterdir()) == []
    sealed = secret.seal(b"key", purpose="a")
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert len((tmp_path / "secret").read_text().strip()) >= 43  # 256 random bits
    assert Secret(tmp_path).open(sealed, purpose="a") == b"key"


def test_a_setting_takes_the_place_of_the_file(tmp_path: Path) -> None:
    given = Secret.of(Settings(data=tmp_path, secret="s" * 32))
    sealed = given.seal(b"key", purpose="a")
    assert list(tmp_path.iterdir()) == []
    assert given.open(sealed, purpose="a") == b"key"
    with pytest.raises(WrongSecret):
        Secret(tmp_path, "t" * 32).open(sealed, purpose="a")


@pytest.mark.parametrize(
    "change", [lambda s: s[:-4], lambda s: ("B" if s[0] == "A" else "A") + s[1:], lambda s: "", lambda s: "?" + s[1:]]
)
def test_what_was_changed_does_not_open(tmp_path: Path, change: object) -> None:
    secret = Secret(tmp_path)
    sealed = secret.seal(b"\x00" * 32, purpose="a")
    with pytest.raises(WrongSecret):
        secret.open(change(sealed), purpose="a")  # type: ignore[operator]
    with pytest.raises(WrongSecret):
        secret.open(sealed, purpose="b")


def test_many_who_need_it_first_get_the_same(tmp_path: Path) -> None:
    sealed: list[str] = []
    threads = [
        threading.Thread(target=lambda: sealed.append(Secret(tmp_path).seal(b"k", purpose="a"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {Secret(tmp_path).open(text, purpose="a") for text in sealed} == {b"k"}
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_an_empty_file_is_said_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()
    with pytest.raises(OSError, match="is empty"):
        Secret(tmp_path).make()


def test_a_short_setting_is_refused_and_none_is_ever_shown(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="HUB_SECRET must have 32 characters") as caught:
        Settings(secret="geheim")
    assert "geheim" not in str(caught.value)
    assert "sss" not in repr(Settings(secret="s" * 32)) + repr(Secret(tmp_path, "s" * 32))
