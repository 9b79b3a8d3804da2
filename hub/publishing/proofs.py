"""Which disclosures of a version go with what a reader sees: exactly those of the fields that show. Pure.

`visibility.prune` is the truth: a disclosure goes along when everything it tells would be shown. A picture that the
release may not show keeps all of its disclosures, and the pieces of the body that hold it, to itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

import schemas
from hub.records.disclosures import Leaf

MEDIA = "media"
UPLOAD = re.compile(r'src="media:(med_[A-Za-z0-9_-]+)"')


def shown_disclosures(
    leaves: Mapping[str, Leaf], paths: frozenset[str], audience: str, pictures: Collection[str]
) -> Iterator[str]:
    """Those of the disclosures that tell what shows: `paths` are visible, `pictures` the uploads that may be seen."""
    for encoded, (pointer, value) in leaves.items():
        path = _path(pointer)
        if isinstance(value, dict):
            if _shows_whole(value, path, paths) and (path != MEDIA or _may_be_seen(value, audience, pictures)):
                yield encoded
        elif path in paths and not (
            isinstance(value, str) and "media:" in value and any(u not in pictures for u in UPLOAD.findall(value))
        ):
            yield encoded


@lru_cache(maxsize=4096)
def _path(pointer: str) -> str:
    """The dotted path of a pointer: arrays are transparent."""
    return ".".join(step for step in pointer[1:].split("/") if not step.isdigit())


def _shows_whole(value: Any, path: str, paths: frozenset[str]) -> bool:
    """Would `visibility.prune` leave all of this?"""
    if isinstance(value, dict):
        return bool(value) and all(_shows_whole(member, f"{path}.{name}", paths) for name, member in value.items())
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return all(_shows_whole(member, path, paths) for member in value)
    return path in paths


def _may_be_seen(medium: Mapping[str, Any], audience: str, pictures: Collection[str]) -> bool:
    kind = medium["kind"]
    reached = schemas.media_audience(kind) <= schemas.Audience.named(audience)
    return reached and (kind == "footage" or medium.get("upload") in pictures)
