"""Signatures of webhooks, made and checked as Standard Webhooks says. Pure.

``webhook-signature`` holds one ``v1,…`` per live secret, with a space between; during a rotation there are two, so a
receiver may change its secret at any moment of it. A receiver checks one secret against all of them.
Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

PREFIX = "whsec_"
VERSION = "v1"
SECRET_BYTES = 32  # the specification asks for 24 to 64
TOLERANCE = timedelta(minutes=5)
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


class BadSignature(ValueError):
    """The message is not what the holder of the secret signed, or not now."""


def new_secret() -> str:
    """A new ``whsec_…``, at random."""
    return PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers_for(body: bytes, *, message_id: str, at: datetime, keys: Iterable[str]) -> dict[str, str]:
    """The three headers of one attempt; `keys` are the live secrets, the newest first."""
    stamp = str(int(at.timestamp()))
    signed = [f"{VERSION},{_sign(key, message_id, stamp, body)}" for key in keys]
    return {ID: message_id, TIMESTAMP: stamp, SIGNATURE: " ".join(signed)}


def verify(body: bytes, headers: Mapping[str, str], *, key: str, now: datetime) -> None:
    """What a receiver does, with header names in lower case. Raises BadSignature."""
    try:
        message_id, stamp, said = headers[ID], headers[TIMESTAMP], headers[SIGNATURE]
        at = datetime.fromtimestamp(int(stamp), UTC)
    except (KeyError, ValueError, OverflowError, OSError) as exc:
        raise BadSignature("a header is missing or cannot be read") from exc
    if abs(now - at) > TOLERANCE:
        raise BadSignature("the message is too old, or from the future")
    expected = _sign(key, message_id, stamp, body).encode()
    for one in said.split(" "):
        version, _, signature = one.partition(",")
        if version == VERSION and hmac.compare_digest(signature.encode(), expected):
            return
    raise BadSignature("no signature fits")


def _sign(key: str, message_id: str, stamp: str, body: bytes) -> str:
    secret = b64decode(key.removeprefix(PREFIX))
    signed = f"{message_id}.{stamp}.".encode() + body
    return b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
