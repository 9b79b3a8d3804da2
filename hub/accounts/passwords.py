"""Passwords: argon2id, and what may be one; the only importer of argon2.

To hash or verify takes a good part of a tenth of a second and tens of megabytes, on purpose: do it outside of any
transaction. So that a crowd of guesses cannot take the machine's memory, only a few are looked at at the same time.
Nobody is asked for capitals or digits: length counts, and that the password is not one that everybody tries first.
Source: RFC 9106; NIST SP 800-63B-4 §3.1.1.2 (length, blocklist, no rules of composition, NFKC).
"""

from __future__ import annotations

import threading
import unicodedata
from functools import cache
from importlib.resources import files
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from feeds.text import fold
from hub.errors import Invalid

LEAST, MOST = 10, 200  # characters
AT_ONCE = 4
MEMORY_KIB, ROUNDS, LANES = 19 * 1024, 2, 1  # OWASP's first choice for machines that also do other work
NAME_PARTS = 4  # characters from which a part of a name or an address is too telling by itself
# What is tried first, here and elsewhere: folded, without spaces and dots; shorter ones are refused for their length.
COMMONEST = frozenset(files("hub.accounts").joinpath("common_passwords.txt").read_text(encoding="utf-8").split())


REASONS = {
    "short": "error.password_short",
    "long": "error.password_long",
    "common": "error.password_common",
    "own": "error.password_own",
}


class WeakPassword(Invalid):
    """The password may not be used; `reason` is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason, least=LEAST, most=MOST)
        self.key = REASONS[reason]
        self.reason = reason


_HASHER = PasswordHasher(time_cost=ROUNDS, memory_cost=MEMORY_KIB, parallelism=LANES)
_turns = threading.BoundedSemaphore(AT_ONCE)


def hash_of(password: str) -> str:
    """The password's argon2id text, with a salt of its own. Slow."""
    with _turns:
        return _HASHER.hash(_normal(password))


def is_right(kept: str | None, password: str) -> bool:
    """Is this the password whose hash was kept? Slow, and as slow where there is none (None): then it never is."""
    if len(password) > MOST:
        password = ""
    with _turns:
        try:
            _HASHER.verify(kept or _nobodys(), _normal(password))
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None and password != ""


def is_outdated(kept: str) -> bool:
    """Was this hash made with other parameters than those of today?"""
    try:
        return _HASHER.check_needs_rehash(kept)
    except InvalidHashError:
        return True


def check(password: str, *, email: str, name: str) -> None:
    """May somebody with this address and name have this password? Raises WeakPassword."""
    text = _normal(password)
    if len(text) < LEAST:
        raise WeakPassword("short")
    if len(password) > MOST:
        raise WeakPassword("long")
    plain = _plain(text)
    if plain in COMMONEST or len(set(text)) <= 2 or _is_run(text):
        raise WeakPassword("common")
    if _tells_of(plain, email=email, name=name):
        raise WeakPassword("own")


@cache
def _nobodys() -> str:
    """A hash that nobody's password has, to compare with where there is none."""
    return _HASHER.hash("")


def _normal(password: str) -> str:
    """One text however a keyboard composes it: Vietnamese ones do it in several ways."""
    return unicodedata.normalize("NFKC", password)


def _plain(text: str) -> str:
    return "".join(fold(text).split()).replace(".", "").replace("-", "").replace("_", "")


def _is_run(text: str) -> bool:
    """Characters that follow one another, as 23456789012 or jihgfedcba."""
    steps = {(ord(after) - ord(before)) for before, after in pairwise(text)}
    return steps <= {1, -9} or steps <= {-1, 9}


def _tells_of(plain: str, *, email: str, name: str) -> bool:
    """Is it the name or the address, or one of their parts with little besides?"""
    local, _, domain = email.partition("@")
    own = [_plain(email), _plain(local), _plain(name), _plain(domain.partition(".")[0])]
    own += [_plain(part) for part in (*local.replace("-", ".").replace("_", ".").split("."), *name.split())]
    reversed_too = [word for word in own if len(word) >= NAME_PARTS] + [w[::-1] for w in own if len(w) >= NAME_PARTS]
    return any(word in plain and len(plain) - len(word) <= max(4, len(word) // 3) for word in reversed_too)
