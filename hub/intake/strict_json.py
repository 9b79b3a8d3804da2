"""JSON as RFC 8259 means it and I-JSON (RFC 7493) narrows it: one text, one meaning, no surprise later on.

Parsers differ in what they let pass: NaN, the last or the first of two equal keys, integers a double cannot
hold, halves of surrogate pairs. Two parties that read one document differently are a hole, so all of it is refused.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from hub.errors import Malformed

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1  # RFC 7493 §2.2: what every double holds exactly
MAX_DIGITS = 400  # of a number as written; a double shows at most 309 before its point

_BOM = b"\xef\xbb\xbf"
_NOT_BRACKETS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[^"\[\]{}]++', re.DOTALL)  # also a string without end
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class BadJson(Malformed, ValueError):
    """Not the JSON we take. `code`: not_utf8, not_json, duplicate_key, not_a_number, number_too_large,
    lone_surrogate, too_deep, too_large; `facts` hold what is known of `offset`, `key`, `number`, `limit`."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code=code, **facts)
        self.code = code


def parse(body: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> object:
    """The value in `body`: UTF-8, at most `max_bytes`, arrays and objects at most `max_depth` deep.

    A byte order mark in front is passed over (RFC 8259 §8.1 allows that); anywhere else it is an error.
    Offsets in errors count bytes for `not_utf8` and `too_deep`, otherwise characters. Raises BadJson.
    """
    if len(body) > max_bytes:
        raise BadJson("too_large", size=len(body), limit=max_bytes)
    body = body.removeprefix(_BOM)
    _check_depth(body, max_depth)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise BadJson("not_utf8", offset=exc.start) from exc
    try:
        value: object = _DECODER.decode(text)
    except json.JSONDecodeError as exc:
        raise BadJson("not_json", offset=exc.pos, reason=exc.msg) from exc
    if _SURROGATE_ESCAPE.search(text) is not None:
        _check_surrogates(value)
    return value


def _check_depth(body: bytes, limit: int) -> None:
    if body.count(b"[") + body.count(b"{") <= limit:
        return
    depth = 0
    for bracket in _NOT_BRACKETS.sub(b"", body):
        if bracket in b"[{":
            depth += 1
            if depth > limit:
                raise BadJson("too_deep", limit=limit)
        else:
            depth -= 1


def _check_surrogates(value: object) -> None:
    if isinstance(value, str):
        if (lone := _SURROGATE.search(value)) is not None:
            raise BadJson("lone_surrogate", character=f"U+{ord(lone.group()):04X}")
    elif isinstance(value, dict):
        for key, member in value.items():
            _check_surrogates(key)
            _check_surrogates(member)
    elif isinstance(value, list):
        for member in value:
            _check_surrogates(member)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise BadJson("duplicate_key", key=key)
            seen.add(key)
    return members


def _integer(digits: str) -> int:
    if len(digits) <= 17 and abs(number := int(digits)) <= MAX_INTEGER:
        return number
    raise BadJson("number_too_large", number=digits[:40], limit=MAX_INTEGER)


def _float(digits: str) -> float:
    number = float(digits) if len(digits) <= MAX_DIGITS else float("inf")
    if abs(number) > MAX_INTEGER:
        raise BadJson("number_too_large", number=digits[:40], limit=MAX_INTEGER)
    return number


def _no_constant(name: str) -> NoReturn:
    raise BadJson("not_a_number", number=name)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_no_constant
)
