"""What requests bring: JSON read strictly, once, at the edge."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request

import schemas
from hub.errors import Invalid, Malformed, TooLarge
from hub.intake import strict_json
from hub.regulation import orders
from hub.regulation.releasing import Order

MAX_JSON_BYTES = 1_048_576  # a body of 256 KiB, escaped, and all the other fields
MAX_PAGE = 200
MAX_NUMBER = 2**31 - 1  # of a version or a ledger row


class BadQuery(Malformed):
    """A query parameter cannot be read."""

    key = "error.bad_query"


class UnreadableJson(Malformed):
    """The body is not strict JSON."""

    key = "error.unreadable_json"


class BadIdempotencyKey(Malformed):
    """An Idempotency-Key has 1 to 255 characters."""

    key = "error.bad_idempotency_key"


def read_idempotency_key() -> str | None:
    """The request's Idempotency-Key; None without one. Raises BadIdempotencyKey."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 1 <= len(key) <= 255:
        raise BadIdempotencyKey()
    return key


def read_json(*, max_bytes: int = MAX_JSON_BYTES) -> tuple[Any, bytes]:
    """The request's body as a JSON value, and its bytes. Raises UnreadableJson with the reason's code, or TooLarge."""
    if (request.content_length or 0) > max_bytes:
        raise TooLarge(max_bytes=max_bytes)
    body = request.get_data(cache=False)
    try:
        return strict_json.parse(body, max_bytes=max_bytes), body
    except strict_json.BadJson as exc:
        if exc.code == "too_large":
            raise TooLarge(max_bytes=max_bytes) from exc
        fault = schemas.Fault("", exc.code, dict(exc.facts))
        raise UnreadableJson(code=exc.code, faults=[fault]) from exc


def read_order() -> Order:
    """An act, by `schemas/act.v1.json`. Raises Invalid with every fault."""
    said, _ = read_json()
    if faults := schemas.check("act.v1", said):
        raise Invalid(faults=faults)
    return orders.from_document(said)


def read_checked(schema: str) -> dict[str, Any]:
    """The request's body by one of our schemas. Raises Invalid with every fault."""
    said, _ = read_json()
    if faults := schemas.check(schema, said):
        raise Invalid(faults=faults)
    checked: dict[str, Any] = said
    return checked


def read_day(name: str, default: date) -> date:
    """A day from the query. Raises BadQuery."""
    sent = request.args.get(name)
    if sent is None:
        return default
    try:
        if len(sent) != len("2026-11-20"):
            raise ValueError(sent)
        return date.fromisoformat(sent)
    except ValueError as exc:
        raise BadQuery(parameter=name, sent=sent[:40]) from exc


def read_number(name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    """A whole number from the query. Raises BadQuery; a number over `most` is brought down to it."""
    sent = request.args.get(name)
    if sent is None:
        return default
    if not (sent.isascii() and sent.isdigit()) or len(sent) > 10 or not least <= int(sent) <= MAX_NUMBER:
        raise BadQuery(parameter=name, sent=sent[:40])
    return min(int(sent), most) if most is not None else int(sent)
