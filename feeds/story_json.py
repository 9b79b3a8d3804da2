"""The JSON twin of the hub's XML namespace: what stands in ``_hub`` (``schemas/feed-entry.v1.json``).

Keys are the field names of ``feeds.document``; a field that is None or empty is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Any

from feeds.dates import rfc3339
from feeds.document import Entry, Status, Tombstone

ABOUT = "https://hub.example/schemas/feed-entry.v1.json"
_AS_IT_IS = frozenset({str, int, float, bool})
_WRITTEN: dict[Any, Callable[[Any], str]] = {datetime: rfc3339, date: date.isoformat}


def entry_fields(entry: Entry) -> dict[str, Any]:
    """The ``_hub`` object of an entry."""
    twin: dict[str, Any] = {
        "about": ABOUT,
        "story": entry.story_id,
        "version": entry.version,
        "number": entry.number,
        "status": entry.status.value,
    }
    if entry.is_test:
        twin["test"] = True
    if entry.correction:
        twin["correction"] = entry.correction
    if entry.corrected:
        twin["corrected"] = present(entry.corrected)
    if entry.authors:
        twin["byline"] = [present(person) for person in entry.authors]
    if entry.suppliers:
        twin["suppliers"] = [present(supplier) for supplier in entry.suppliers]
    if entry.usages:
        twin["usages"] = list(entry.usages)
    if entry.categories:
        twin["categories"] = [present(category) for category in entry.categories]
    if entry.pictures:
        twin["pictures"] = [present(picture) for picture in entry.pictures]
    if entry.words.body or entry.words.standfirst or entry.words.short:
        twin["words"] = {name: count for name, count in present(entry.words).items() if count}
    if entry.pack is not None:
        twin["pack"] = present(entry.pack)
    twin.update(present(entry.story))
    if entry.proof:
        twin["proof"] = entry.proof
    return twin


def tombstone_fields(tombstone: Tombstone) -> dict[str, Any]:
    """The ``_hub`` object of what is left of a withdrawn entry."""
    return {
        "about": ABOUT,
        "story": tombstone.story_id,
        "number": tombstone.number,
        "status": Status.WITHDRAWN.value,
        **({"test": True} if tombstone.is_test else {}),
    }


def present(document: Any) -> dict[str, Any]:
    kind: Any = type(document)
    names, values = _reader(kind)
    present = {}
    for name, value in zip(names, values(document)):  # noqa: B905 (equally many; here the word costs a sixth of it all)
        kind = type(value)
        if kind is str:  # most of them: first
            if value:
                present[name] = value
        elif kind is tuple:
            if value:
                present[name] = [part if type(part) in _AS_IT_IS else _plain(part) for part in value]
        elif value is not None:
            present[name] = value if kind in _AS_IT_IS else _plain(value)
    return present


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in _WRITTEN:
        return _WRITTEN[kind](value)
    return value if issubclass(kind, str) else present(value)  # a word of an enumeration, or a document


@cache
def _reader(kind: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """A document's fields by name, and what reads them all at once."""
    names = tuple(field.name for field in fields(kind))
    return names, attrgetter(*names) if len(names) > 1 else lambda document: (getattr(document, names[0]),)
