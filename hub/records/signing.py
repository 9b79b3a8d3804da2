"""Signatures as others can check them: Ed25519 keys as JWK, signed statements as compact JWS. Pure.

RFC 7515 (JWS), RFC 7517 and 7638 (JWK, thumbprints), RFC 8037 (Ed25519 in both). Reading is strict: one text has one
meaning, so that no byte of a signed text can be changed without being noticed.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALGORITHM = "EdDSA"
MAX_BYTES = 64 * 1024 * 1024  # of a signed text
Jwk = Mapping[str, Any]
Claims = dict[str, Any]


class BadSignature(ValueError):
    """A signed text that does not hold; `reason` is one of the words below."""

    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown_key"
    BROKEN = "broken"
    OTHER_KIND = "other_kind"

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A signing key: its thumbprint, what everybody may know, and 32 bytes that nobody may."""

    kid: str
    public: Jwk
    private: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed text that was read and holds."""

    kid: str
    claims: Claims


def new_key() -> KeyPair:
    """A fresh Ed25519 key; `kid` is its RFC 7638 thumbprint."""
    key = Ed25519PrivateKey.generate()
    point = encode(key.public_key().public_bytes_raw())
    public = {"kty": "OKP", "crv": "Ed25519", "x": point}
    return KeyPair(thumbprint(public), public, key.private_bytes_raw())


def thumbprint(public: Jwk) -> str:
    """RFC 7638 with RFC 8037 §2: base64url SHA-256 of the members that make an OKP key."""
    members = {name: public.get(name) for name in ("crv", "kty", "x")}
    return encode(hashlib.sha256(rfc8785.dumps(members)).digest())


def sign(key: KeyPair, claims: Claims, *, kind: str) -> str:
    """`claims` as compact JWS; `kind` is the header's ``typ``, which keeps one kind from passing for another."""
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": kind}
    content = f"{encode(rfc8785.dumps(header))}.{encode(rfc8785.dumps(claims))}"
    signature = Ed25519PrivateKey.from_private_bytes(key.private).sign(content.encode())
    return f"{content}.{encode(signature)}"


def verify(signed: str, keys: Mapping[str, Jwk], *, kind: str) -> Signed:
    """The claims of `signed`, after its signature was found to be one of `keys` (by kid). Raises BadSignature."""
    parts = signed.split(".")
    if len(parts) != 3 or len(signed) > MAX_BYTES:
        raise BadSignature(BadSignature.MALFORMED, "not three parts")
    header, claims = (_object(part) for part in parts[:2])
    if header.get("alg") != ALGORITHM or "crit" in header:
        raise BadSignature(BadSignature.OTHER_KIND, f"alg {header.get('alg')}")
    if header.get("typ") != kind:
        raise BadSignature(BadSignature.OTHER_KIND, f"typ {header.get('typ')}")
    kid = header.get("kid")
    if not isinstance(kid, str) or kid not in keys:
        raise BadSignature(BadSignature.UNKNOWN_KEY, str(kid)[:100])
    try:
        _public(keys[kid]).verify(decode(parts[2]), f"{parts[0]}.{parts[1]}".encode())
    except InvalidSignature as exc:
        raise BadSignature(BadSignature.BROKEN) from exc
    return Signed(kid, claims)


def keys_of(jwks: Any) -> dict[str, Jwk]:
    """The Ed25519 keys of a JWK Set by kid; others are skipped (RFC 7517 §5). Raises BadSignature for no JWK Set."""
    listed = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(listed, list):
        raise BadSignature(BadSignature.MALFORMED, "no JWK Set")
    found = {}
    for key in listed:
        if isinstance(key, Mapping) and key.get("kty") == "OKP" and key.get("crv") == "Ed25519":
            found[str(key.get("kid") or thumbprint(key))] = key
    return found


def is_public_key(public: Jwk) -> bool:
    """Can signatures be checked with it?"""
    try:
        _public(public)
    except BadSignature:
        return False
    return True


def encode(data: bytes) -> str:
    """RFC 7515 §2: base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """What `encode` made; raises BadSignature for any other spelling of the same bytes."""
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as exc:
        raise BadSignature(BadSignature.MALFORMED, "not base64url") from exc
    if encode(data) != text:
        raise BadSignature(BadSignature.MALFORMED, "not base64url")
    return data


def _public(key: Jwk) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(decode(str(key.get("x", ""))))
    except ValueError as exc:
        raise BadSignature(BadSignature.MALFORMED, "the key is no Ed25519 key") from exc


def _object(part: str) -> Claims:
    try:
        value = orjson.loads(decode(part))
    except orjson.JSONDecodeError as exc:
        raise BadSignature(BadSignature.MALFORMED, "not JSON") from exc
    if not isinstance(value, dict):
        raise BadSignature(BadSignature.MALFORMED, "no JSON object")
    return value
