"""Sealing: who can open what, what a changed byte does, and what a length tells."""

from __future__ import annotations

import orjson
import pytest

from hub.regulation.sealed import sealing
from hub.regulation.sealed.sealing import BadAuditorKey, NotSealedToYou, PublicKey, Sealed, WrongPassphrase

TEXT = "Trưởng thôn khai khống số giờ.".encode()
ONE, TWO, THREE = sealing.make_key(), sealing.make_key(), sealing.make_key()


def test_each_auditor_can_open_it_and_nobody_else() -> None:
    sealed = sealing.seal(TEXT, [ONE.public, TWO.public])
    assert [sealing.open_sealed(sealed, key) for key in (ONE, TWO)] == [TEXT, TEXT]
    with pytest.raises(NotSealedToYou):
        sealing.open_sealed(sealed, THREE)
    assert TEXT not in sealed.box
    assert set(sealed.copies) == {ONE.public.fingerprint, TWO.public.fingerprint}


def test_nothing_is_sealed_to_nobody() -> None:
    with pytest.raises(ValueError, match="nobody"):
        sealing.seal(TEXT, [])


def test_the_same_text_never_gives_the_same_box() -> None:
    one, other = (sealing.seal(TEXT, [ONE.public]) for _ in range(2))
    assert one.box != other.box
    assert one.copies != other.copies


@pytest.mark.parametrize(
    ("one", "other"), [(0, 16_383), (1, 9_000), (16_384, 32_767), (32_768, 65_535), (5_000_000, 8_000_000)]
)
def test_lengths_between_two_powers_of_two_look_alike(one: int, other: int) -> None:
    boxes = [sealing.seal(b"\x80" * length, [ONE.public]) for length in (one, other)]
    assert len(boxes[0].box) == len(boxes[1].box)
    assert [len(sealing.open_sealed(box, ONE)) for box in boxes] == [one, other]


@pytest.mark.parametrize("place", [0, 23, 24, 40, 16_000, -1])
def test_a_changed_byte_of_the_box_is_noticed(place: int) -> None:
    sealed = sealing.seal(TEXT, [ONE.public])
    box = bytearray(sealed.box)
    box[place] ^= 1
    with pytest.raises(NotSealedToYou):
        sealing.open_sealed(Sealed(bytes(box), sealed.copies), ONE)


@pytest.mark.parametrize("copy", [b"", b"short", bytes(80)])
def test_a_changed_copy_is_noticed(copy: bytes) -> None:
    sealed = sealing.seal(TEXT, [ONE.public])
    with pytest.raises(NotSealedToYou):
        sealing.open_sealed(Sealed(sealed.box, {ONE.public.fingerprint: copy}), ONE)


def test_a_copy_of_another_report_opens_nothing() -> None:
    one, other = (sealing.seal(TEXT, [ONE.public]) for _ in range(2))
    with pytest.raises(NotSealedToYou):
        sealing.open_sealed(Sealed(one.box, other.copies), ONE)


def test_an_old_report_is_sealed_to_a_new_auditor_without_a_new_box() -> None:
    sealed = sealing.seal(TEXT, [ONE.public])
    again = sealing.reseal(sealed, ONE, [THREE.public])
    assert again.box == sealed.box
    assert again.copies.items() > sealed.copies.items()
    assert sealing.open_sealed(again, THREE) == TEXT
    with pytest.raises(NotSealedToYou):
        sealing.reseal(sealed, TWO, [TWO.public])


def test_a_public_key_is_read_as_it_was_written() -> None:
    assert sealing.read_public(f" {ONE.public}\n") == ONE.public
    assert str(ONE.public).startswith("aud_")


@pytest.mark.parametrize("place", range(4, 52))
def test_one_wrong_character_in_a_public_key_is_noticed(place: int) -> None:
    text = str(ONE.public)
    wrong = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
    with pytest.raises(BadAuditorKey):
        sealing.read_public(wrong)


@pytest.mark.parametrize(
    "text",
    ["", "aud_", "edt_x", str(ONE.public)[:-1], str(ONE.public)[4:], "aud_é", str(PublicKey(bytes(32)))],
    ids=["nothing", "only-its-beginning", "another-kind", "cut", "without-beginning", "beyond-ascii", "no-point"],
)
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(BadAuditorKey):
        sealing.read_public(text)


def test_a_key_file_gives_the_key_back() -> None:
    file = sealing.write_key(ONE)
    assert not sealing.needs_passphrase(file)
    assert sealing.read_key(file) == ONE
    assert repr(ONE) == "PrivateKey()"


def test_a_key_file_under_a_passphrase_opens_with_it_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "OPERATIONS", 1)
    monkeypatch.setattr(sealing, "MEMORY", 8 * 1024 * 1024)
    file = sealing.write_key(ONE, "một hai ba")
    assert sealing.needs_passphrase(file)
    assert sealing.read_key(file, "một hai ba") == ONE
    for wrong in ("", "một hai"):
        with pytest.raises(WrongPassphrase):
            sealing.read_key(file, wrong)
    assert orjson.loads(file).keys() == {"form", "public", "argon2id", "closed"}


@pytest.mark.parametrize(
    "changes",
    [{"form": "x"}, {"private": "x"}, {"private": ""}, {"public": str(TWO.public)}, {"closed": "x"}, {"private": None}],
)
def test_what_is_no_key_file_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(BadAuditorKey):
        sealing.read_key(orjson.dumps({**orjson.loads(sealing.write_key(ONE)), **changes}))
    for file in (b"", b"[]", b"{"):
        with pytest.raises(BadAuditorKey):
            sealing.read_key(file)
