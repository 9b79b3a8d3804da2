"""What of a version is a person's own to be told: theirs, and what everybody or an outlet was shown. Pure.

Of others who stand in the same version nothing is told but what was published, and no address or number at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from hub.records.disclosures import Content, grow, list_members, read

GUESTS = "/interview/guests"
OF_OTHERS = (  # in a version about somebody, what tells of others
    *(GUESTS, "/interview/contact", "/spokesperson", "/byline"),
    *("/consent/guardian", "/consent/clearance"),
)
GUARDIAN = "/consent/guardian"


def own_part(
    disclosures: Mapping[str, str],
    *,
    subject: bool,
    guests: Collection[int] = (),
    child: bool = False,
    published: Mapping[str, Collection[str]],
) -> Content:
    """What a version tells the person it is about, or who is a guest at these places of its revealed card.

    `published` says of each disclosure which paths of fields were shown anywhere; the guardian is told to the child.
    """
    members = list_members(read(encoded)[0] for encoded in disclosures.values()).get(GUESTS, [])
    own = [f"{GUESTS}/{members[place]}" for place in guests if place < len(members)]
    leaves = []
    for digest, encoded in disclosures.items():
        pointer, value = read(encoded)
        if any(_is_at(pointer, card) for card in own) or (subject and _is_of_subject(pointer, child=child)):
            leaves.append((pointer, value))
        else:
            leaves += [(pointer, shown) for shown in _shown(pointer, value, published.get(digest, ()))]
    return grow(leaves)


def _is_of_subject(pointer: str, *, child: bool) -> bool:
    if child and _is_at(pointer, GUARDIAN):
        return True
    return not any(_is_at(pointer, place) for place in OF_OTHERS)


def _shown(pointer: str, value: Any, paths: Collection[str]) -> Iterator[Any]:
    """What of a leaf was shown: a flat object in part, anything else whole or not."""
    path = ".".join(step for step in pointer.split("/")[1:] if not step.isdigit())
    if "contact" in path.split("."):
        return
    if isinstance(value, Mapping):
        kept = {name: member for name, member in value.items() if f"{path}.{name}" in paths}
        yield from [kept] if kept else []
    elif path in paths:
        yield value


def _is_at(pointer: str, place: str) -> bool:
    return pointer == place or pointer.startswith(place + "/")
