"""Whole numbers in addresses and forms, as large as a column holds and no larger."""

from __future__ import annotations

from flask import request

DIGITS = 9  # fewer than a column of 32 bits holds: what is longer names no row


def number_in(said: str, *, digits: int = DIGITS) -> int | None:
    """The number that was said, 0 or more; None where it is none, or has too many digits."""
    return int(said) if said.isascii() and said.isdigit() and len(said) <= digits else None


def asked_number(name: str) -> int | None:
    """The number that the address says under a name; None where it says none."""
    return number_in(request.args.get(name, ""))


def sent_number(name: str) -> int | None:
    """The number that the form says under a name; None where it says none."""
    return number_in(request.form.get(name, ""))
