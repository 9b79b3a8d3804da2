"""The words that desks find a story by: of its newest version's heading, people and places, folded.

Beside the words stand facts that lists are narrowed to, such as ``topic:…``. All of it is derived from the newest
version, and is written anew with it and when somebody is erased. (Readers find what was released, never this.)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert
from sqlalchemy.orm import Session

from feeds.query import folded_words
from hub.models import StoryWord
from hub.records.disclosures import Content

KIND, TOPIC, REPLACES = "kind:", "topic:", "replaces:"
HEADING = ("title", "standfirst", "summary", "deed", "movement")
MEMBERS = (
    ("subject", ("name", "role", "unit")),
    ("unit", ("name",)),
    ("byline", ("name",)),
    ("spokesperson", ("name",)),
    ("interview", ("title",)),
)
_WORDS = cast("Table", StoryWord.__table__)
_ADD = insert(_WORDS)
_CLEAR = delete(_WORDS).where(_WORDS.c.story_id == bindparam("of_story"))


def write(session: Session, story_id: str, content: Content, *, external_id: str | None, is_new: bool = False) -> None:
    """Let the story be found by this content alone."""
    if not is_new:
        session.execute(_CLEAR, {"of_story": story_id})
    words = sorted({*facts_of(content), *words_of(content, external_id or "")})
    if words:
        rows = [{"word": word, "story_id": story_id} for word in words]
        session.connection().execute(_ADD, rows)  # past the unit of work: every version brings it


def words_of(content: Content, external_id: str = "") -> set[str]:
    """The folded words that this content is found by."""
    return set(folded_words("\n".join([external_id, *_texts(content)])).split())


def facts_of(content: Content) -> set[str]:
    """The facts that lists are narrowed to."""
    facts = {TOPIC + code for code in content.get("topics", ())}
    facts |= {KIND + content["kind"]} if "kind" in content else set()
    return facts | ({REPLACES + content["replaces"]} if "replaces" in content else set())


def _texts(content: Content) -> Iterator[str]:
    yield from (_said(content.get(name)) for name in HEADING)
    for name, members in MEMBERS:
        held = content.get(name) or {}
        yield from (_said(held.get(member)) for member in members)
    yield from map(_said, (content.get("place") or {}).values())
    yield from (_said(guest.get("name")) for guest in (content.get("interview") or {}).get("guests", ()))


def _said(value: Any) -> str:
    return value if isinstance(value, str) else ""
