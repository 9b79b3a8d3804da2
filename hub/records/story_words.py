"""The words that desks find a story by: of its newest version's heading, people and places, folded.

Beside the words stand facts that lists are narrowed to, such as ``topic:…``. All of it is derived from the newest
version: the worker writes it a moment after that has come in (`renew`), so that nobody who sends waits for it, and
whoever erases a person does so at once (`write`). (Readers find what was released, never this.)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, cast

import structlog
from sqlalchemy import Table, bindparam, delete, insert, select, tuple_
from sqlalchemy.orm import Session

from feeds.query import folded_words
from hub.models import Story, StoryWord, Version
from hub.records.disclosures import Content, reveal

KIND, TOPIC, REPLACES = "kind:", "topic:", "replaces:"
HEADING = ("title", "standfirst", "summary", "deed", "movement")
MEMBERS = (
    ("subject", ("name", "role", "unit")),
    ("unit", ("name",)),
    ("byline", ("name",)),
    ("spokesperson", ("name",)),
    ("interview", ("title",)),
)
log = structlog.get_logger(__name__)
_WORDS = cast("Table", StoryWord.__table__)
_ADD = insert(_WORDS)
_CLEAR = delete(_WORDS).where(_WORDS.c.story_id == bindparam("of_story"))


def write(session: Session, story_id: str, content: Content, *, external_id: str | None) -> None:
    """Let the story be found by this content alone."""
    session.execute(_CLEAR, {"of_story": story_id})
    words = sorted({*facts_of(content), *words_of(content, external_id or "")})
    if words:
        rows = [{"word": word, "story_id": story_id} for word in words]
        session.connection().execute(_ADD, rows)  # past the unit of work: there are many


def renew(session: Session, story_ids: Collection[str]) -> None:
    """Let each of these stories be found by what its newest version says now; to do it twice changes nothing.

    Their rows are locked first, as whoever erases has them: what is erased meanwhile is not written again. A damaged
    version says nothing; `hub verify` names it.
    """
    wanted = select(Story).where(Story.id.in_(story_ids)).order_by(Story.id).with_for_update()
    stories = {story.id: story for story in session.scalars(wanted)}
    newest = [(story.id, story.latest) for story in stories.values()]
    versions = select(Version.story_id, Version.disclosures).where(tuple_(Version.story_id, Version.number).in_(newest))
    for story_id, disclosures in session.execute(versions).all() if newest else ():
        write(session, story_id, _read(story_id, disclosures), external_id=stories[story_id].external_id)


def _read(story_id: str, disclosures: Mapping[str, str]) -> Content:
    try:
        return reveal(disclosures)
    except (ValueError, TypeError, AttributeError) as exc:
        log.warning("version_not_read", story=story_id, error=str(exc))
        return {}


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
