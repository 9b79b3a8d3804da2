"""What an answer's body is once it is unpacked: one layer of gzip or deflate, never more than so many bytes. Pure."""

from __future__ import annotations

import zlib

CODINGS = {"gzip": 47, "x-gzip": 47, "deflate": 47}  # window bits: gzip's and zlib's header are both read
PLAIN = frozenset({"", "identity"})
GZIP_MAGIC = b"\x1f\x8b"
RAW = -15  # deflate as some servers send it, without the header that it should have
ASKED_FOR = "gzip, deflate"


class BadBody(ValueError):
    """A body that is not unpacked; the message is one of `faults.FAULTS`."""


def unpack(body: bytes, coding: str, *, max_bytes: int) -> bytes:
    """The body under its Content-Encoding.

    Raises BadBody: "too_large", "packed_twice", "encoding" for a coding that nobody asked for, "broken".
    """
    codings = [part.strip().lower() for part in coding.split(",") if part.strip().lower() not in PLAIN]
    if len(codings) > 1:
        raise BadBody("packed_twice")
    if codings and codings[0] not in CODINGS:
        raise BadBody("encoding")
    plain = _inflate(body, CODINGS[codings[0]], max_bytes) if codings else body
    if len(plain) > max_bytes:
        raise BadBody("too_large")
    if plain.startswith(GZIP_MAGIC):
        raise BadBody("packed_twice" if codings else "encoding")
    return plain


def _inflate(body: bytes, window: int, max_bytes: int) -> bytes:
    unpacker = zlib.decompressobj(window)
    try:
        plain = unpacker.decompress(body, max_bytes + 1)
    except zlib.error as exc:
        if window == RAW or body.startswith(GZIP_MAGIC):
            raise BadBody("broken") from exc
        return _inflate(body, RAW, max_bytes)
    if len(plain) > max_bytes:
        raise BadBody("too_large")
    if not unpacker.eof:
        raise BadBody("broken")
    return plain
