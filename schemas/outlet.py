"""What JSON Schema cannot say about an outlet file: codes that occur once, and paths that a story has."""

import difflib
from collections.abc import Iterator
from typing import Any

from schemas.faults import Fault, fault_at
from schemas.fields import node_paths

SCHEMA = "outlet.v1"


def faults(document: Any) -> Iterator[Fault]:
    """The faults between entries; what has the wrong type is left to the schema."""
    outlets = _list(document, "outlets")
    yield from _repeated_codes(outlets, ("outlets",))
    for at, outlet in enumerate(outlets):
        channels = _list(outlet, "channels")
        yield from _repeated_codes(channels, ("outlets", at, "channels"))
        for number, channel in enumerate(channels):
            yield from _unknown_paths(_list(channel, "fields"), ("outlets", at, "channels", number, "fields"))


def _repeated_codes(entries: list[Any], path: tuple[str | int, ...]) -> Iterator[Fault]:
    seen = set()
    for at, entry in enumerate(entries):
        code = entry.get("code") if isinstance(entry, dict) else None
        if not isinstance(code, str):
            continue
        if code in seen:
            yield fault_at(SCHEMA, (*path, at, "code"), "not_unique", value=code)
        seen.add(code)


def _unknown_paths(listed: list[Any], path: tuple[str | int, ...]) -> Iterator[Fault]:
    known = node_paths()
    for at, name in enumerate(listed):
        if isinstance(name, str) and 0 < len(name) <= 100 and name not in known:
            guesses = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
            suggestion = {"suggestion": guesses[0]} if guesses else {}
            yield fault_at(SCHEMA, (*path, at), "enum", value=name, allowed=tuple(known), **suggestion)


def _list(node: Any, name: str) -> list[Any]:
    value = node.get(name) if isinstance(node, dict) else None
    return value if isinstance(value, list) else []
