"""Which disclosures of a version tell of a person. Pure.

Of a version whose subject the person is, everything goes but what tells of nobody; of one where the person is a
guest, the guest's own part of the card, pictures and footage of people (who knows whether it is the guest) and
whatever tells the name. Where one member of a group tells it (a spokesperson, a byline), the group goes whole. What
says another party's own name stays theirs.

Names are compared with their diacritics: Hòa is not Hoa.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

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
    theirs = own | set(of_name(disclosures, names)) | (_of_people(disclosures) if gone else set())
    return sorted(theirs | _pieces_of(disclosures, uploads_in(disclosures, theirs)))


def uploads_in(disclosures: Mapping[str, str], digests: Collection[str]) -> set[str]:
    """The uploads whose pictures these disclosures show."""
    values = [read(disclosures[digest])[1] for digest in digests]
    return {value["upload"] for value in values if isinstance(value, dict) and "upload" in value}


def of_name(disclosures: Mapping[str, str], names: Collection[str]) -> list[str]:
    """The digests of what tells one of these names, and of the groups that do; of another's own name never."""
    leaves = {digest: read(encoded) for digest, encoded in disclosures.items()}
    telling = {
        digest
        for digest, (pointer, value) in leaves.items()
        if tells(value, names) and not _is_own_name(pointer, value)
    }
    groups = {group for digest in telling for group in GROUPS if _is_at(leaves[digest][0], group)}
    return sorted(
        telling | {digest for digest, (pointer, _) in leaves.items() if any(_is_at(pointer, group) for group in groups)}
    )


def tells(value: Any, names: Collection[str]) -> bool:
    """Does a value tell one of these names, in whatever capitals, spaces and form of Unicode?"""
    wanted = [re.compile(rf"\b{re.escape(plain)}\b") for name in names if (plain := _plain(name))]
    return any(pattern.search(_plain(text)) for text in _texts(value) for pattern in wanted)


def telling_part(value: Any, names: Collection[str]) -> Any:
    """Of a value that tells one of these names no more than tells it: members of lists and objects, one level deep."""
    if isinstance(value, list):
        return [each for each in value if tells(each, names)]
    if isinstance(value, dict):
        return {name: each for name, each in value.items() if tells(each, names)}
    return value


def spells(address: str, names: Collection[str]) -> bool:
    """Does an address or an id of plain letters spell one of these names, such as ``nguyen-van-bien``?"""
    said = _slug(unquote(address))
    for name in names:
        spelt = _slug(name)
        glued = spelt.replace("-", "")
        if spelt and (f"-{spelt}-" in f"-{said}-" or (glued != spelt and f"-{glued}-" in f"-{said}-")):
            return True
    return False


def closed_up(pointer: str, before: Collection[str], after: Collection[str]) -> str | None:
    """Where a member of a revealed list stands once others are gone; None for one that went itself.

    `before` and `after` are the pointers that the disclosures told then and tell now.
    """
    holder, _, place = pointer.rpartition("/")
    old, new = list_members(before).get(holder, []), list_members(after).get(holder, [])
    if int(place) >= len(old) or old[int(place)] not in new:
        return None
    return f"{holder}/{new.index(old[int(place)])}"


def _of_people(disclosures: Mapping[str, str]) -> set[str]:
    """The digests of pictures and footage that do not say they show work alone."""
    leaves = {digest: read(encoded) for digest, encoded in disclosures.items()}
    return {
        digest
        for digest, (pointer, value) in leaves.items()
        if _is_at(pointer, "/media") and isinstance(value, Mapping) and value.get("shows") != "work"
    }


def _pieces_of(disclosures: Mapping[str, str], uploads: Collection[str]) -> set[str]:
    """The digests of the pieces of a body that show these uploads."""
    leaves = {digest: read(encoded) for digest, encoded in disclosures.items()}
    return {
        digest
        for digest, (pointer, value) in leaves.items()
        if _is_at(pointer, "/body") and any(f"media:{upload}" in text for text in _texts(value) for upload in uploads)
    }


def _is_own_name(pointer: str, value: Any) -> bool:
    """Is this where the subject or a guest is named? A flat card of a guest is one disclosure with the name in it."""
    return pointer == "/subject/name" or (
        _is_at(pointer, "/interview/guests") and (pointer.endswith("/name") or isinstance(value, Mapping))
    )


def _slug(text: str) -> str:
    return "-".join(re.findall(r"[a-z]+|[0-9]+", fold(text)))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


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
