"""Which disclosures of a version tell of a person. Pure.

Of a version whose subject the person is, everything goes but what tells of nobody; of one where the person is a
guest, the guest's own part of the card and whatever tells the name. Where one member of a group tells it (a
spokesperson, a byline), the group goes whole.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from feeds.text import fold
from hub.records.disclosures import list_members, read

OF_NOBODY = (  # what a version may keep to say of a subject that was erased
    *("/kind", "/stage", "/language", "/topics", "/movement", "/urgency", "/embargo_until", "/replaces"),
    *("/subject/type", "/unit", "/place/commune", "/place/province", "/consent/scopes"),
)
GROUPS = (
    *("/spokesperson", "/byline", "/interview/contact", "/consent/guardian", "/consent/clearance"),
    *("/body/html", "/body/short"),  # in pieces where there are pictures
)


def of_subject(disclosures: Mapping[str, str], names: Collection[str]) -> list[str]:
    """The digests that go when the subject is erased, sorted."""
    naming = set(of_name(disclosures, names))
    return sorted(
        digest
        for digest, encoded in disclosures.items()
        if digest in naming or not any(_is_at(read(encoded)[0], kept) for kept in OF_NOBODY)
    )


def of_guests(disclosures: Mapping[str, str], places: Collection[int], names: Collection[str]) -> list[str]:
    """The digests that go when the guests at these places of the revealed card are erased, sorted."""
    members = list_members(read(encoded)[0] for encoded in disclosures.values()).get("/interview/guests", [])
    gone = [f"/interview/guests/{members[place]}" for place in places if place < len(members)]
    own = {
        digest for digest, encoded in disclosures.items() if any(_is_at(read(encoded)[0], member) for member in gone)
    }
    return sorted(own | set(of_name(disclosures, names)))


def of_name(disclosures: Mapping[str, str], names: Collection[str]) -> list[str]:
    """The digests of what tells one of these names, and of the groups that do."""
    telling = {digest for digest, encoded in disclosures.items() if tells(read(encoded)[1], names)}
    groups = {group for digest in telling for group in GROUPS if _is_at(read(disclosures[digest])[0], group)}
    for digest, encoded in disclosures.items():
        if any(_is_at(read(encoded)[0], group) for group in groups):
            telling.add(digest)
    return sorted(telling)


def tells(value: Any, names: Collection[str]) -> bool:
    """Does a value tell one of these names, however it is written?"""
    wanted = [re.compile(rf"\b{re.escape(folded)}\b") for name in names if (folded := fold(name).strip())]
    return any(pattern.search(fold(text)) for text in _texts(value) for pattern in wanted)


def closed_up(pointer: str, before: Collection[str], after: Collection[str]) -> str | None:
    """Where a member of a revealed list stands once others are gone; None for one that went itself.

    `before` and `after` are the pointers that the disclosures told then and tell now.
    """
    holder, _, place = pointer.rpartition("/")
    old, new = list_members(before).get(holder, []), list_members(after).get(holder, [])
    if int(place) >= len(old) or old[int(place)] not in new:
        return None
    return f"{holder}/{new.index(old[int(place)])}"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)


def _is_at(pointer: str, place: str) -> bool:
    return pointer == place or pointer.startswith(place + "/")
