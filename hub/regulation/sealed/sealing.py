"""Sealing: what only the holder of an auditor's private key can read again. Pure, and the only importer of `nacl`.

A text is padded and closed once, with a content key of its own (XSalsa20-Poly1305); the content key is then sealed to
each auditor (X25519 sealed boxes: not even the sender can open them). One box instead of one per auditor, because a
report with photographs would otherwise be kept as often as there are auditors, and because a new auditor can be given
an old report by sealing 32 bytes to them (`reseal`), without anybody seeing the text.

Length tells little: texts are padded to the next power of two, and never to less than LEAST_BYTES.
Source: https://doc.libsodium.org/public-key_cryptography/sealed_boxes, https://doc.libsodium.org/padding.
"""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from nacl import pwhash
from nacl.bindings import sodium_pad, sodium_unpad
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey as Curve25519Key
from nacl.public import PublicKey as Curve25519Point
from nacl.public import SealedBox
from nacl.secret import SecretBox
from nacl.utils import random

from hub.errors import Forbidden, Malformed

LEAST_BYTES = 16 * 1024  # nearly every report without pictures is as long as every other
PREFIX = "aud_"
KEY_BYTES = 32
CHECK_BYTES = 4
KEY_FORM = "hub-auditor-key/1"
# argon2id as libsodium advises for keys that are seldom used ("moderate": 256 MiB, under a second)
OPERATIONS, MEMORY = pwhash.argon2id.OPSLIMIT_MODERATE, pwhash.argon2id.MEMLIMIT_MODERATE


class BadAuditorKey(Malformed):
    """This is no key of an auditor, or it was copied with a mistake."""

    key = "error.bad_auditor_key"


class WrongPassphrase(Forbidden):
    """The private key does not open with this passphrase."""

    key = "error.wrong_passphrase"


class NotSealedToYou(Forbidden):
    """The private key is none of those this was sealed to, or what was sealed has been changed."""

    key = "error.not_sealed_to_you"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What anybody may seal to."""

    raw: bytes

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that people can compare."""
        return hashlib.sha256(self.raw).hexdigest()[:16]

    def __str__(self) -> str:
        check = hashlib.sha256(self.raw).digest()[:CHECK_BYTES]
        return PREFIX + urlsafe_b64encode(self.raw + check).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """What an auditor keeps, away from the hub."""

    raw: bytes = field(repr=False)

    @property
    def public(self) -> PublicKey:
        return PublicKey(bytes(Curve25519Key(self.raw).public_key))


@dataclass(frozen=True, slots=True)
class Sealed:
    """A padded text in its box, and the box's key sealed to each auditor, by the fingerprint of theirs."""

    box: bytes = field(repr=False)
    copies: Mapping[str, bytes]


def make_key() -> PrivateKey:
    """A new pair of keys."""
    return PrivateKey(bytes(Curve25519Key.generate()))


def read_public(text: str) -> PublicKey:
    """A public key as it is written: ``aud_…``. Raises BadAuditorKey, also for a slip of the pen.

    A wrong character would make every later report unreadable for ever, so the text carries a checksum, and a key
    that libsodium would not seal to (a point of small order) is refused here.
    """
    body = text.strip().removeprefix(PREFIX)
    try:
        raw = urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError) as exc:
        raise BadAuditorKey() from exc
    key = PublicKey(raw[:KEY_BYTES])
    if len(raw) != KEY_BYTES + CHECK_BYTES or str(key) != text.strip():
        raise BadAuditorKey()
    try:
        SealedBox(Curve25519Point(key.raw)).encrypt(b"")
    except (CryptoError, ValueError) as exc:
        raise BadAuditorKey() from exc
    return key


def seal(plain: bytes, keys: Sequence[PublicKey]) -> Sealed:
    """Close `plain` so that each holder of one of `keys`, of which there must be some, can open it."""
    if not keys:
        raise ValueError("nobody to seal to")
    content_key = random(SecretBox.KEY_SIZE)
    box = bytes(SecretBox(content_key).encrypt(sodium_pad(plain, _padded_length(len(plain)))))
    return Sealed(box, _copies(content_key, keys))


def open_sealed(sealed: Sealed, key: PrivateKey) -> bytes:
    """The text again. Raises NotSealedToYou."""
    content_key = _content_key(sealed, key)
    try:
        padded = SecretBox(content_key).decrypt(sealed.box)
        return bytes(sodium_unpad(padded, len(padded)))
    except (CryptoError, ValueError) as exc:
        raise NotSealedToYou() from exc


def reseal(sealed: Sealed, key: PrivateKey, to: Sequence[PublicKey]) -> Sealed:
    """The same box with copies of its key for `to` besides; the text is not opened. Raises NotSealedToYou."""
    return Sealed(sealed.box, {**sealed.copies, **_copies(_content_key(sealed, key), to)})


def write_key(key: PrivateKey, passphrase: str = "") -> bytes:
    """The file an auditor keeps: JSON, the private part closed under `passphrase` (argon2id) where there is one."""
    kept: dict[str, object] = {"form": KEY_FORM, "public": str(key.public)}
    if not passphrase:
        return orjson.dumps({**kept, "private": _text(key.raw)}, option=orjson.OPT_INDENT_2)
    salt = random(pwhash.argon2id.SALTBYTES)
    closed = SecretBox(_stretched(passphrase, salt, OPERATIONS, MEMORY)).encrypt(key.raw)
    stretching = {"salt": _text(salt), "operations": OPERATIONS, "memory": MEMORY}
    return orjson.dumps({**kept, "argon2id": stretching, "closed": _text(bytes(closed))}, option=orjson.OPT_INDENT_2)


def needs_passphrase(file: bytes) -> bool:
    """Is the private part of this key file closed? Raises BadAuditorKey."""
    return "closed" in _key_file(file)


def read_key(file: bytes, passphrase: str = "") -> PrivateKey:
    """The private key in a key file. Raises BadAuditorKey or WrongPassphrase."""
    kept = _key_file(file)
    try:
        key = PrivateKey(_opened(kept, passphrase) if "closed" in kept else b64decode(kept["private"], validate=True))
        public = str(key.public)
    except (CryptoError, KeyError, TypeError, ValueError) as exc:
        raise BadAuditorKey() from exc
    if public != kept.get("public"):
        raise BadAuditorKey()
    return key


def _padded_length(length: int) -> int:
    """The least power of two over `length` (padding adds a byte at least), and LEAST_BYTES at least."""
    return max(LEAST_BYTES, 1 << length.bit_length())


def _copies(content_key: bytes, keys: Sequence[PublicKey]) -> dict[str, bytes]:
    return {key.fingerprint: bytes(SealedBox(Curve25519Point(key.raw)).encrypt(content_key)) for key in keys}


def _content_key(sealed: Sealed, key: PrivateKey) -> bytes:
    copy = sealed.copies.get(key.public.fingerprint)
    if copy is None:
        raise NotSealedToYou()
    try:
        content_key = bytes(SealedBox(Curve25519Key(key.raw)).decrypt(copy))
    except (CryptoError, ValueError) as exc:
        raise NotSealedToYou() from exc
    if len(content_key) != SecretBox.KEY_SIZE:
        raise NotSealedToYou()
    return content_key


def _opened(kept: Mapping[str, Any], passphrase: str) -> bytes:
    told = kept["argon2id"]
    operations, memory = (min(int(told[name]), most) for name, most in (("operations", OPERATIONS), ("memory", MEMORY)))
    stretched = _stretched(passphrase, b64decode(told["salt"], validate=True), operations, memory)
    closed = b64decode(kept["closed"], validate=True)
    try:
        return bytes(SecretBox(stretched).decrypt(closed))
    except CryptoError as exc:
        raise WrongPassphrase() from exc


def _stretched(passphrase: str, salt: bytes, operations: int, memory: int) -> bytes:
    secret = passphrase.encode("utf-8", "surrogatepass")
    return bytes(pwhash.argon2id.kdf(SecretBox.KEY_SIZE, secret, salt, opslimit=operations, memlimit=memory))


def _key_file(file: bytes) -> dict[str, Any]:
    try:
        kept = orjson.loads(file)
    except ValueError as exc:
        raise BadAuditorKey() from exc
    if not isinstance(kept, dict) or kept.get("form") != KEY_FORM:
        raise BadAuditorKey()
    return kept


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
