"""Corrections for people: each change with before, after, reason and severity, and ready words for print and air.

The chain and the desk see the whole; an outlet sees what its own channels showed, before and after.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

import schemas
from hub.actors import Actor, Role
from hub.api import bp, present
from hub.clock import local_day
from hub.errors import NotFound
from hub.http.asking import require
from hub.http.language import asked_language
from hub.http.services import services
from hub.intake.differences import Change, compare
from hub.intake.html import visible_text
from hub.models import Correction, Story
from hub.outlets import readership
from hub.outlets.readership import Had
from hub.publishing import showing
from hub.records.disclosures import Content, reveal
from hub.regulation import corrections, reading, wording
from hub.regulation.corrections import Told
from hub.regulation.wording import Corrected

FOR_MACHINES = frozenset({"kind", "shows", "upload"})  # members whose values nobody prints or reads aloud


@bp.get("/stories/<story_id>/corrections")
def list_corrections(story_id: str) -> Response:
    actor = require(*reading.READERS, Role.OUTLET)
    with services().database.reading() as session:
        items = list(_told(session, story_id, actor))
    return present.json_answer(present.page(items, None))


@bp.get("/stories/<story_id>/readers")
def list_readers(story_id: str) -> Response:
    actor = require(*reading.READERS)
    with services().database.reading() as session:
        story = reading.get_story(session, story_id, asker=actor, now=services().clock.now())
        items = [_reader(had) for had in readership.list_had(session, story.id)]
    return present.json_answer(present.page(items, None))


def _told(session: Session, story_id: str, actor: Actor) -> Iterator[dict[str, Any]]:
    outlets = {grant.outlet_id for grant in actor.reach({Role.OUTLET})}
    if outlets and actor.roles == {Role.OUTLET}:
        had = [one for one in readership.list_had(session, story_id) if one.outlet_id in outlets]
        if not had:
            raise NotFound(what=story_id, kind="story")
        known = corrections.list_corrections(session, story_id)
        told = [(each, one) for one in had for each in corrections.list_told(known, one.versions)]
        for each, one in sorted(told, key=lambda pair: pair[0].act_id):
            shown = [showing.of_version(session, one, number) for number in _numbers(each)]
            if None not in shown:
                yield from _one(session, each, shown, had=one)
        return
    now = services().clock.now()
    story = reading.get_story(session, story_id, asker=actor, now=now)
    view = reading.open_view(session, story, asker=actor, now=now)
    for correction in corrections.list_corrections(session, story.id):
        whole = [view.prune(_content(session, story, number)) for number in _numbers(correction)]
        yield from _one(session, correction, whole)


def _one(
    session: Session, correction: Correction | Told, contents: Sequence[Content | None], *, had: Had | None = None
) -> Iterator[dict[str, Any]]:
    old, new = contents[0] or {}, contents[1] or {}
    changes = compare(old, new)
    if not changes:
        return  # nothing that this channel showed
    shown = [_change(correction, change) for change in changes]
    language = asked_language()
    words = wording.word(
        str(old.get("title") or new.get("title", "")),
        local_day(readership.released_at(session, correction.story_id, correction.from_version) or correction.at),
        [
            _corrected(change, told, language)
            for change, told in zip(changes, shown, strict=True)
            if change.path.rpartition("/")[2] not in FOR_MACHINES
        ],
        language=language,
    )
    yield {
        "story": correction.story_id,
        "act": correction.act_id,
        "channel": had.address if had else "",
        "from": correction.from_version,
        "to": correction.to_version,
        "severity": correction.severity,
        "at": present.instant(correction.at),
        "public_note": corrections.public_note(session, correction, channel_id=had.channel_id if had else None),
        "changes": shown,
        "wording": {"print": words.print, "air": words.air},
    }


def _change(correction: Correction | Told, change: Change) -> dict[str, Any]:
    note = corrections.note_for(correction, change.path)
    return {
        "field": change.path,
        "label": schemas.title_of(change.path, asked_language()),
        "before": change.before,
        "after": change.after,
        "reason": note["reason"],
        "severity": note["severity"],
        "who": correction.actor_name,
    }


def _corrected(change: Change, told: Mapping[str, Any], language: str) -> Corrected:
    before, after = wording.differing(_text(change.before, language), _text(change.after, language))
    return Corrected(field=str(told["label"]), before=before, after=after, reason=str(told["reason"]))


def _text(value: Any, language: str) -> str:
    """A value as one reads it: HTML without its tags, an object as its members' texts but those for machines."""
    if value is None:
        return ""
    if isinstance(value, str):
        return visible_text(value) if "<" in value else value
    if isinstance(value, dict):
        return ", ".join(_text(member, language) for name, member in value.items() if name not in FOR_MACHINES)
    if isinstance(value, list):
        return "; ".join(_text(member, language) for member in value)
    return str(value)


def _numbers(correction: Correction | Told) -> tuple[int, int]:
    return correction.from_version, correction.to_version


def _content(session: Session, story: Story, number: int) -> Content:
    return reveal(reading.get_version(session, story.id, number).disclosures)


def _reader(had: Had) -> dict[str, Any]:
    return {
        "channel": had.address,
        "audience": had.audience,
        "first_at": present.instant(had.first_at),
        "last_at": present.instant(had.last_at),
        "versions": list(had.versions),
        "state": had.state,
    }
