"""Which disclosures of a version go with what a reader sees: exactly those of the fields that show. Pure.

`visibility.prune` is the truth: a disclosure goes along when everything it tells would be shown. A picture that the
release may not show keeps all of its disclosures, and the pieces of the body that hold it, to itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

from hub.publishing.visibility import prune
from hub.records.disclosures import Leaf, grow

UPLOAD = re.compile(r'src="media:(med_[A-Za-z0-9_-]+)"')


def shown_disclosures(
    leaves: Mapping[str, Leaf], paths: frozenset[str], audience: str, pictures: Collection[str]
) -> Iterator[str]:
    """Those of the disclosures that tell what shows: `paths` are visible, `pictures` the uploads that may be seen."""
    for encoded, (pointer, value) in leaves.items():
        if _is_shown(pointer, value, paths, audience, pictures):
            yield encoded


def _is_shown(pointer: str, value: Any, paths: frozenset[str], audience: str, pictures: Collection[str]) -> bool:
    path = _path(pointer)
    if isinstance(value, str):
        return path in paths and ("media:" not in value or all(u in pictures for u in UPLOAD.findall(value)))
    if not isinstance(value, dict):
        return path in paths
    told = grow([(pointer, value)])
    return prune(told, paths, audience) == told and _may_be_seen(path, value, pictures)


@lru_cache(maxsize=4096)
def _path(pointer: str) -> str:
    """The dotted path of a pointer: arrays are transparent."""
    return ".".join(step for step in pointer[1:].split("/") if not step.isdigit())


def _may_be_seen(path: str, value: Mapping[str, Any], pictures: Collection[str]) -> bool:
    return path != "media" or value.get("kind") != "picture" or value.get("upload") in pictures
