"""Does a channel's selection propose this story? Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a selection looks at. `lineage` is the organization's code and the codes of all above it."""

    kind: str
    stage: str
    topics: Collection[str]
    priority_groups: Collection[str]
    organization: str
    lineage: Collection[str]
    commune: str
    province: str


def facts_of(content: Mapping[str, Any], *, organization: str, lineage: Collection[str]) -> Facts:
    """The facts of a version's content, sent by `organization`."""
    return Facts(
        kind=content["kind"],
        stage=content.get("stage", ""),
        topics=content["topics"],
        priority_groups=content["subject"].get("priority_groups", ()),
        organization=organization,
        lineage=lineage,
        commune=content["place"]["commune"],
        province=content["place"]["province"],
    )


DIMENSIONS: Mapping[str, Callable[[Collection[Any], Facts], bool]] = {
    "kinds": lambda wanted, facts: facts.kind in wanted,
    "stages": lambda wanted, facts: facts.stage in wanted,
    "topics": lambda wanted, facts: any(topic in wanted for topic in facts.topics),
    "priority_groups": lambda wanted, facts: any(group in wanted for group in facts.priority_groups),
    "organizations": lambda wanted, facts: facts.organization in wanted,
    "subtrees": lambda wanted, facts: any(code in wanted for code in facts.lineage),
    "places": lambda wanted, facts: any(_is_at(place, facts) for place in wanted),
}


def find_mismatch(selection: Mapping[str, Collection[Any]], facts: Facts) -> str | None:
    """The first dimension that keeps the story out; None when the selection proposes it. An empty one lets all in."""
    for dimension, wanted in selection.items():
        if wanted and not DIMENSIONS[dimension](wanted, facts):
            return dimension
    return None


def list_matches(selection: Mapping[str, Collection[Any]], facts: Facts) -> dict[str, list[str]]:
    """By which of its values each dimension of a selection lets a story in; of a place its commune and province."""
    own: Mapping[str, Collection[str]] = {
        "kinds": [facts.kind],
        "stages": [facts.stage],
        "topics": facts.topics,
        "priority_groups": facts.priority_groups,
        "organizations": [facts.organization],
        "subtrees": facts.lineage,
    }
    found: dict[str, list[str]] = {}
    for dimension, wanted in selection.items():
        if dimension == "places":
            at = [", ".join(place.values()) for place in wanted if _is_at(place, facts)]
            found |= {dimension: at} if at else {}
        elif matching := [value for value in wanted if value in own[dimension]]:
            found[dimension] = matching
    return found


def _is_at(place: Mapping[str, str], facts: Facts) -> bool:
    commune, province = place.get("commune", facts.commune), place.get("province", facts.province)
    return (commune, province) == (facts.commune, facts.province)
