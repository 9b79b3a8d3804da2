"""The hub's secret: what its database keeps for itself alone is encrypted under it (signing keys, for one).

HUB_SECRET, or else the file `secret` in the data directory, made for its owner only when it is first needed. A backup
holds neither: whoever finds one can sign nothing. AES-256-GCM (NIST SP 800-38D) under a key per purpose (RFC 5869).
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.config import Settings

FILE = "secret"
NONCE_BYTES = 12
SALT = b"story hub, secret, version 1"


class WrongSecret(ValueError):
    """What was sealed was sealed under another secret, or for another purpose."""


@dataclass(frozen=True)
class Secret:
    """Seals texts for later; nothing is read or made until it is used."""

    folder: Path
    given: str = field(default="", repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Secret:
        """The secret of a hub with these settings."""
        return cls(settings.data, settings.secret)

    def make(self) -> None:
        """Make the file now, when there is none and it is needed."""
        _ = self._root

    def seal(self, plain: bytes, *, purpose: str) -> str:
        """`plain` encrypted, as text; only `open` with the same `purpose` gives it back."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return b64encode(nonce + AESGCM(self._key(purpose)).encrypt(nonce, plain, purpose.encode())).decode()

    def open(self, sealed: str, *, purpose: str) -> bytes:
        """What was sealed. Raises WrongSecret."""
        try:
            data = b64decode(sealed, validate=True)
            return AESGCM(self._key(purpose)).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], purpose.encode())
        except (InvalidTag, ValueError) as exc:
            raise WrongSecret(purpose) from exc

    def mac(self, message: bytes, *, purpose: str) -> str:
        """HMAC-SHA256 of `message` in hex, under a key that only this `purpose` has (RFC 2104)."""
        return hmac.new(self._key(f"mac: {purpose}"), message, hashlib.sha256).hexdigest()

    def _key(self, purpose: str) -> bytes:
        """HKDF-SHA256 of the secret, one block long (RFC 5869)."""
        return hmac.new(self._root, purpose.encode() + b"\x01", hashlib.sha256).digest()

    @cached_property
    def _root(self) -> bytes:
        text = self.given or _read_or_make(self.folder / FILE)
        return hmac.new(SALT, text.encode(), hashlib.sha256).digest()


def _read_or_make(path: Path) -> str:
    with contextlib.suppress(FileNotFoundError):
        return _read(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{FILE}-")  # mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # somebody else was first: theirs it is
            path.hardlink_to(name)
        _sync(path.parent)
    finally:
        Path(name).unlink()
    return _read(path)


def _read(path: Path) -> str:
    text = path.read_text(encoding="utf-8").strip()
    if not text:
        raise OSError(f"{path} is empty: put the secret back, or remove the file to have a new one")
    return text


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
