"""What a reader of a channel may see of a version. Pure.

A field shows if the channel's audience reaches it, the channel's profile lists it, and consent allows it there; the
last is written on the release row by the regulation, so nothing that was not on it can ever show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any

import schemas


class Variant(StrEnum):
    """A channel for those who log in, and for unguessable addresses, which show no telephone numbers."""

    FULL = "full"
    NO_CONTACTS = "no_contacts"


def variant_for(*, by_address: bool, with_contacts: bool) -> Variant:
    """What an asker sees of a channel: an unguessable address shows no contacts unless its key allows them."""
    return Variant.NO_CONTACTS if by_address and not with_contacts else Variant.FULL


def visible_paths(
    release_fields: Sequence[str], channel_fields: Sequence[str], audience: str, variant: Variant
) -> frozenset[str]:
    """The dotted leaf paths that show."""
    return _visible_paths(tuple(release_fields), tuple(channel_fields), audience, variant)


def prune(content: Mapping[str, Any], paths: frozenset[str], audience: str) -> dict[str, Any]:
    """`content` with nothing in it but the leaves at `paths`; what is left empty goes, too.

    Pictures and footage share paths, so a member of `media` must also be of a kind that `audience` reaches.
    """
    reach = schemas.Audience.named(audience)
    media = [medium for medium in content.get("media", ()) if schemas.media_audience(medium["kind"]) <= reach]
    reached = {**content, "media": media}
    return {name: kept for name, member in reached.items() if (kept := _kept(member, name, paths)) is not None}


@lru_cache(maxsize=512)
def _visible_paths(
    release_fields: tuple[str, ...], channel_fields: tuple[str, ...], audience: str, variant: Variant
) -> frozenset[str]:
    reach, audiences = schemas.Audience.named(audience), schemas.fields()
    return frozenset(
        path
        for path in release_fields
        if path in audiences
        and audiences[path] <= reach
        and schemas.covers(channel_fields, path)
        and not (variant is Variant.NO_CONTACTS and "contact" in path.split("."))
    )


def _kept(value: Any, path: str, paths: frozenset[str]) -> Any:
    if isinstance(value, dict):
        kept = {name: _kept(member, f"{path}.{name}", paths) for name, member in value.items()}
        return {name: inner for name, inner in kept.items() if inner is not None} or None
    if isinstance(value, list) and value and isinstance(value[0], dict):
        members = [inner for member in value if (inner := _kept(member, path, paths)) is not None]
        return members or None
    return value if path in paths else None
