"""What would make a submission better without being a fault: told with the answer, and refused by nobody. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feeds.prose import count_words

STANDFIRST_WORDS = (30, 60)  # least and most, of what stands under a newspaper's headline


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to make better: where, what, and its numbers."""

    pointer: str
    code: str
    facts: Mapping[str, Any]


def advise(content: Mapping[str, Any]) -> list[Advice]:
    """Advice on a clean submission: the standfirst, or the summary that serves where there is none, in print."""
    least, most = STANDFIRST_WORDS
    name = "standfirst" if content.get("standfirst") else "summary"
    count = count_words(content.get(name, ""))
    if least <= count <= most:
        return []
    return [Advice(f"/{name}", "standfirst_words", {"count": count, "least": least, "most": most})]
