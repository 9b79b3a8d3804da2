"""Signatures: the RFCs' own examples, and strictness: no byte of a signed text can be another."""

from __future__ import annotations

import string

import pytest

from hub.records import signing
from hub.records.signing import BadSignature, KeyPair

URL_SAFE = string.ascii_letters + string.digits + "-_"
# RFC 8037, appendix A
PUBLIC = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
PRIVATE = signing.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
KID = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
KEY = KeyPair(KID, PUBLIC, PRIVATE)
KIND = "example+jwt"
SIGNED = signing.sign(KEY, {"iss": "https://hub.example", "n": 1}, kind=KIND)


def with_header(header: bytes, signature: str) -> str:
    return f"{signing.encode(header)}.e30.{signature}"


def reason_of(signed: str, *, kind: str = KIND, keys: dict[str, signing.Jwk] | None = None) -> str:
    with pytest.raises(BadSignature) as caught:
        signing.verify(signed, {KID: PUBLIC} if keys is None else keys, kind=kind)
    return caught.value.reason


def test_the_thumbprint_is_that_of_rfc_8037() -> None:
    assert signing.thumbprint(PUBLIC) == KID


def test_what_is_signed_can_be_verified() -> None:
    assert signing.verify(SIGNED, {KID: PUBLIC}, kind=KIND).claims == {"iss": "https://hub.example", "n": 1}


def test_equal_claims_have_equal_signatures() -> None:
    assert signing.sign(KEY, {"n": 1, "iss": "https://hub.example"}, kind=KIND) == SIGNED  # Ed25519, RFC 8785


def test_every_other_letter_in_every_place_is_found() -> None:
    for place, letter in enumerate(SIGNED):
        for other in (URL_SAFE[(URL_SAFE.find(letter) + 1) % 64], URL_SAFE[URL_SAFE.find(letter) - 16], "="):
            changed = SIGNED[:place] + other + SIGNED[place + 1 :]
            assert changed == SIGNED or reason_of(changed), place


@pytest.mark.parametrize(
    ("signed", "reason"),
    [
        ("", "malformed"),
        ("a.b", "malformed"),
        ("a.b.c.d", "malformed"),
        (f"{SIGNED}=", "malformed"),
        (SIGNED.replace(".", ". ", 1), "malformed"),
        (with_header(b'[]', "AA"), "malformed"),
        (with_header(b'{', "AA"), "malformed"),
        (with_header(b'{"alg":"none","typ":"example+jwt"}', ""), "other_kind"),
        (with_header(b'{"alg":"HS256","typ":"example+jwt"}', "AA"), "other_kind"),
        (with_header(b'{"alg":"EdDSA","typ":"example+jwt","crit":["b64"],"b64":false}', "AA"), "other_kind"),
        (with_header(b'{"alg":"EdDSA","typ":"example+jwt"}', "AA"), "unknown_key"),
        (with_header(b'{"alg":"EdDSA","typ":"example+jwt","kid":7}', "AA"), "unknown_key"),
    ],
)  # fmt: skip
def test_what_is_no_signature_of_ours_is_told_apart(signed: str, reason: str) -> None:
    assert reason_of(signed) == reason


def test_one_kind_does_not_pass_for_another() -> None:
    assert reason_of(SIGNED, kind="other+jwt") == "other_kind"


def test_an_unknown_key_and_a_wrong_one_are_told_apart() -> None:
    assert reason_of(SIGNED, keys={}) == "unknown_key"
    assert reason_of(SIGNED, keys={KID: signing.new_key().public}) == "broken"
    assert reason_of(SIGNED, keys={KID: {**PUBLIC, "x": "AAAA"}}) == "malformed"


def test_a_jwk_set_gives_its_ed25519_keys() -> None:
    others = [{"kty": "RSA", "kid": "r"}, {"kty": "OKP", "crv": "X25519", "kid": "x"}, 7]
    assert signing.keys_of({"keys": [*others, {**PUBLIC, "kid": KID}]}) == {KID: {**PUBLIC, "kid": KID}}
    assert signing.keys_of({"keys": [PUBLIC]}) == {KID: PUBLIC}
    for no_set in ({}, [], {"keys": {}}, None):
        with pytest.raises(BadSignature):
            signing.keys_of(no_set)
