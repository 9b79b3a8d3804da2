"""What JSON Schema cannot say about a story and its consent: order in time, and text of nothing but white space."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from schemas.faults import Fault, fault_at, titles
from schemas.formats import find_day, find_instant

SCHEMA = "story.v1"

ENTRIES_AT_MOST = 30  # no list of slots or guests may be longer; the schema says so when one is

# Texts without which a story says nothing.
NOT_BLANK = (
    ("title",),
    ("summary",),
    ("standfirst",),
    ("body", "html"),
    ("body", "markdown"),
    ("body", "text"),
    ("subject", "name"),
    ("unit", "name"),
    ("place", "commune"),
    ("place", "province"),
)


def faults(document: Any) -> Iterator[Fault]:
    """The faults between fields; what has the wrong type or format is left to the schema."""
    yield from _blank(document)
    yield from _order(document, (), "occurred_from", "occurred_to", find_day, same_allowed=True)
    yield from _order(_get(document, "consent"), ("consent",), "obtained_on", "expires_on", find_day)
    interview = _get(document, "interview")
    yield from _slots(_get(interview, "slots"), ("interview", "slots"))
    for at, guest in enumerate(_list(_get(interview, "guests"))):
        yield from _slots(_get(guest, "availability"), ("interview", "guests", at, "availability"))


def consent_act_faults(document: Any) -> Iterator[Fault]:
    """The faults between fields of an act on the consent ledger, whose consent is a story's without the story."""
    yield from _order(document, (), "obtained_on", "expires_on", find_day, schema="consent-act.v1")


def _blank(document: Any) -> Iterator[Fault]:
    for path in NOT_BLANK:
        value = document
        for name in path:
            value = _get(value, name)
        if isinstance(value, str) and value and _shows_nothing(value):
            yield fault_at(SCHEMA, path, "blank")


def _shows_nothing(text: str) -> bool:
    """White space, controls and zero-width characters only; the first visible character ends the search."""
    return all(unicodedata.category(char) in ("Zs", "Zl", "Zp", "Cc", "Cf") for char in text)


def _slots(slots: Any, path: tuple[str | int, ...]) -> Iterator[Fault]:
    for at, slot in enumerate(_list(slots)):
        yield from _order(slot, (*path, at), "starts_at", "ends_at", find_instant)


def _order(
    node: Any,
    path: tuple[str | int, ...],
    first: str,
    last: str,
    find: Callable[[object], Any],
    *,
    same_allowed: bool = False,
    schema: str = SCHEMA,
) -> Iterator[Fault]:
    earlier, later = find(_get(node, first)), find(_get(node, last))
    if earlier is None or later is None or later > earlier or (same_allowed and later == earlier):
        return
    yield fault_at(
        schema,
        (*path, last),
        "order",
        other=titles(schema, (*path, first)),
        earlier=node[first],
        later=node[last],
        **({"variant": "not_before"} if same_allowed else {}),
    )


def _get(node: Any, name: str) -> Any:
    return node.get(name) if isinstance(node, Mapping) else None


def _list(value: Any) -> list[Any]:
    return value[:ENTRIES_AT_MOST] if isinstance(value, list) else []
