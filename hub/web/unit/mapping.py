"""Fields of a form and a submission (`schemas/story.v1.json`), each made of the other. Pure; the schema says how.

A field is called by the pointer of its value without the first slash: ``subject/name``, ``metrics/0/label``. What a
list of codes or lines holds comes under one name, several times. An empty text stands for nothing, but for a list or
an object that is there and empty (its own name, alone). An instant is shown as the clock in Việt Nam has it, to the
minute; what it was comes back beside it under ``<name>@was``, so that a form that changes nothing changes nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import schemas
from hub.clock import LOCAL
from schemas import tree

Document = dict[str, Any]
Fields = Mapping[str, Sequence[str]]

SCHEMA = "story.v1"
WAS = "@was"
PLACES_AT_MOST = 1000  # of a list; what a form names beyond belongs to nobody's form
LENGTH_OF_MINUTE = len("2026-12-01T08:00")
BOOLEANS = {"true": True, "false": False}

_ROOT: tree.Node = schemas.load(SCHEMA)


def to_fields(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """Every field of a form that shows `document`, with its values."""
    found: dict[str, list[str]] = {}
    for name, value in _leaves(_ROOT, "", document):
        found.setdefault(name, []).append(value)
    return found


def to_document(fields: Fields) -> Document:
    """The submission that a form's fields say; fields that no story has are passed over.

    A value that cannot be read as its field wants it stays as it was typed, so that the check can name it.
    """
    said: dict[str, Any] = {}
    for name, values in fields.items():
        _put(said, name.split("/"), [value.replace("\r\n", "\n") for value in values])
    found = _object(_ROOT, said)
    return found if found is not None else {}


def merge(document: Mapping[str, Any], sent: Mapping[str, Any], paths: Collection[str]) -> Document:
    """`document` with what `sent` says at these paths (dotted, of objects only), and nothing else of it."""
    merged = copy.deepcopy(dict(document))
    for path in paths:
        names = path.split(".")
        value = _at(sent, names)
        if value is None:
            _remove(merged, names)
        else:
            holder = merged
            for name in names[:-1]:
                holder = holder.setdefault(name, {})
            holder[names[-1]] = copy.deepcopy(value)
    return merged


def differing(one: Mapping[str, Any], other: Mapping[str, Any], paths: Collection[str]) -> list[str]:
    """The fields below these paths that two submissions do not say alike, by name."""
    mine, theirs = to_fields(merge({}, one, paths)), to_fields(merge({}, other, paths))
    return [name for name in {**mine, **theirs} if mine.get(name) != theirs.get(name)]


def local_minute(instant: str) -> str:
    """An instant as a form shows it: the minute on the clock in Việt Nam; as it is where it cannot be read."""
    try:
        at = datetime.fromisoformat(instant)
    except ValueError:
        return instant
    return at.astimezone(LOCAL).isoformat()[:LENGTH_OF_MINUTE] if at.tzinfo is not None else instant


def _leaves(node: tree.Node, name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        if not value and name:
            yield name, ""
        for member, held in value.items():
            child = tree.member(_ROOT, node, member)
            if child is not None:
                yield from _leaves(child, f"{name}/{member}" if name else member, held)
    elif isinstance(value, list):
        inner = tree.element(_ROOT, node) or {}
        if not value:
            yield name, ""
        for place, each in enumerate(value):
            simple = not isinstance(each, Mapping | list)
            yield from _leaves(inner, name if simple else f"{name}/{place}", each)
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    elif isinstance(value, str) and _says(node, "format") == "date-time" and local_minute(value) != value:
        yield name, local_minute(value)
        yield name + WAS, value
    else:
        yield name, value if isinstance(value, str) else str(value)


def _put(said: dict[str, Any], steps: Sequence[str], values: list[str]) -> None:
    """Lay values into a tree by the steps of their name; the values of a node itself stand under ""."""
    node = said
    for step in steps:
        node = node.setdefault(step, {})
    node[""] = values


def _value(node: tree.Node, said: Mapping[str, Any], was: Sequence[str]) -> Any:
    """What was said of a node of the schema; None for nothing."""
    own: Sequence[str] = said.get("", ())
    if tree.element(_ROOT, node) is not None:
        return _list(node, said, own)
    if any(True for _ in tree.members(_ROOT, node)):
        found = _object(node, said)
        return {} if found is None and own else found
    texts = [text for text in own if text.strip()]
    return _read(node, texts[0], was) if texts else None


def _object(node: tree.Node, said: Mapping[str, Any]) -> Document | None:
    found: Document = {}
    for name, child, _ in tree.members(_ROOT, node):
        if name in said and name not in found:
            was: Sequence[str] = said.get(name + WAS, {}).get("", ())
            value = _value(child, said[name], was)
            if value is not None:
                found[name] = value
    return found or None


def _list(node: tree.Node, said: Mapping[str, Any], own: Sequence[str]) -> list[Any] | None:
    inner = tree.element(_ROOT, node)
    if inner is None:
        return None
    found = [_read(inner, text, ()) for text in own if text.strip()]
    places = sorted(int(name) for name in said if name.isascii() and name.isdigit() and len(name) < 5)
    members = [_value(inner, said[str(place)], ()) for place in places[:PLACES_AT_MOST] if str(place) in said]
    found += [member for member in members if member is not None]
    return found if found or own else None


def _read(node: tree.Node, text: str, was: Sequence[str]) -> Any:
    kind = _says(node, "type")
    if kind == "boolean":
        return BOOLEANS.get(text, text)
    if kind in ("integer", "number"):
        return _number(text.strip(), whole=kind == "integer")
    if _says(node, "format") == "date-time":
        return _instant(text.strip(), was)
    return text


def _number(text: str, *, whole: bool) -> int | float | str:
    """A figure; a comma before decimals, as in Vietnamese, is read as such where that is the only comma."""
    plain = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        number = float(plain)
    except ValueError:
        return text
    if number != number or number in (float("inf"), float("-inf")):
        return text
    return int(number) if whole and number.is_integer() else number


def _instant(text: str, was: Sequence[str]) -> str:
    if was and local_minute(was[0]) == text:
        return was[0]
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return at.replace(tzinfo=LOCAL).isoformat() if at.tzinfo is None else text


def _says(node: tree.Node, keyword: str) -> Any:
    return tree.value_of(_ROOT, node, keyword)


def _at(value: Any, names: Sequence[str]) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _remove(document: Document, names: Sequence[str]) -> None:
    """Take a value out, and every object that is left with nothing by it."""
    holders: list[Document] = [document]
    for name in names[:-1]:
        inner = holders[-1].get(name)
        if not isinstance(inner, dict):
            return
        holders.append(inner)
    for holder, name in zip(reversed(holders), reversed(names), strict=True):
        if (name == names[-1] and holder is holders[-1]) or not holder.get(name):
            holder.pop(name, None)
