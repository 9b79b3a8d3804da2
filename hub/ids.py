"""Identifiers: sortable ones for rows people name, unguessable ones for keys and tokens."""

from __future__ import annotations

import secrets
import time
import uuid

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case
RECEIPT_LENGTH = 28
ENTRY_NAMESPACE = uuid.UUID("4b0404d1-4201-5404-8b10-2014f4d5ab1e")  # fixed for ever: entry ids hang on it
_MISREAD = str.maketrans("oil", "011")


def new_story_id() -> str:
    """A new ``st_…``: 48 bits of milliseconds and 80 random bits, 26 characters, sorted by time (ULID)."""
    return "st_" + _base32(time.time_ns() // 1_000_000, 10) + _base32(secrets.randbits(80), 16)


def new_person_id() -> str:
    """A new ``per_…``, sorted by time like a story's."""
    return "per_" + _base32(time.time_ns() // 1_000_000, 10) + _base32(secrets.randbits(80), 16)


def new_draft_id() -> str:
    """A new ``dr_…`` of the desk's form, sorted by time like a story's."""
    return "dr_" + _base32(time.time_ns() // 1_000_000, 10) + _base32(secrets.randbits(80), 16)


def new_segment_code() -> str:
    """A new ``seg_…``, sorted by time like a story's."""
    return "seg_" + _base32(time.time_ns() // 1_000_000, 10) + _base32(secrets.randbits(80), 16)


def new_programme_code() -> str:
    """A new ``prg_…``, sorted by time like a story's."""
    return "prg_" + _base32(time.time_ns() // 1_000_000, 10) + _base32(secrets.randbits(80), 16)


def event_uid(code: str) -> str:
    """The permanent UID of what calendars show of a segment or a programme (RFC 7986 §5.3)."""
    return str(uuid.uuid5(ENTRY_NAMESPACE, code))


def new_consent_id() -> str:
    """A new ``con_…`` with 128 random bits."""
    return "con_" + secrets.token_urlsafe(16)


def new_proof_id() -> str:
    """A new ``prf_…`` with 128 random bits."""
    return "prf_" + secrets.token_urlsafe(16)


def new_import_id() -> str:
    """A new ``imp_…`` with 128 random bits."""
    return "imp_" + secrets.token_urlsafe(16)


def new_reading_id() -> str:
    """A new ``wrd_…`` with 128 random bits."""
    return "wrd_" + secrets.token_urlsafe(16)


def new_partial_id() -> str:
    """A new ``upl_…`` with 128 random bits."""
    return "upl_" + secrets.token_urlsafe(16)


def new_upload_id() -> str:
    """A new ``med_…`` with 128 random bits."""
    return "med_" + secrets.token_urlsafe(16)


def new_token() -> str:
    """An address nobody can guess: 128 random bits, 22 characters."""
    return secrets.token_urlsafe(16)


def new_report_id() -> str:
    """A new ``rp_…`` with 60 random bits: it tells neither order nor time."""
    return "rp_" + _base32(secrets.randbits(60), 12)


def new_receipt() -> str:
    """A receipt that people write down: 140 random bits in seven groups of four, see `find_receipt`."""
    code = _base32(secrets.randbits(140), RECEIPT_LENGTH)
    return "-".join(code[start : start + 4] for start in range(0, RECEIPT_LENGTH, 4))


def find_receipt(written: str) -> str | None:
    """The bare code of a receipt however it was written; None for what is none.

    Case, spaces and hyphens do not matter, and o, i, l stand for 0, 1, 1 (Crockford's base 32).
    """
    code = "".join(written.lower().split()).replace("-", "").translate(_MISREAD)
    return code if len(code) == RECEIPT_LENGTH and set(code) <= set(ALPHABET) else None


def entry_uid(story_id: str, place: str) -> str:
    """The permanent id of a story's entry at ``place`` (an outlet's channel, or ``public`` for all public ones)."""
    return f"urn:uuid:{uuid.uuid5(ENTRY_NAMESPACE, f'{story_id}/{place}')}"


def _base32(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, rest = divmod(number, 32)
        digits.append(ALPHABET[rest])
    return "".join(reversed(digits))
