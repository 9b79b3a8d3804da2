"""Corrections for people: each change with before, after, reason and severity, and ready words for print and air.

The chain and the desk see the whole; an outlet sees what its own channels showed, before and after.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from hub.actors import Actor, Role
from hub.api import bp, present
from hub.errors import NotFound
from hub.http import corrected
from hub.http.asking import require
from hub.http.corrected import ToldChange, ToldCorrection
from hub.http.services import services
from hub.models import Correction, Story
from hub.outlets import readership
from hub.outlets.readership import Had
from hub.records.disclosures import Content, reveal
from hub.regulation import corrections, reading


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
    outlets = {grant.outlet_id for grant in actor.reach({Role.OUTLET}) if grant.outlet_id is not None}
    if outlets and actor.roles == {Role.OUTLET}:
        told = corrected.to_outlets(session, story_id, outlets)
        if told is None:
            raise NotFound(what=story_id, kind="story")
        yield from map(_one, told)
        return
    now = services().clock.now()
    story = reading.get_story(session, story_id, asker=actor, now=now)
    view = reading.open_view(session, story, asker=actor, now=now)
    for correction in corrections.list_corrections(session, story.id):
        whole = [view.prune(_content(session, story, number)) for number in _numbers(correction)]
        found = corrected.find_told(session, correction, whole)
        if found is not None:
            yield _one(found)


def _one(told: ToldCorrection) -> dict[str, Any]:
    return {
        "story": told.story,
        "act": told.act,
        "channel": told.channel,
        "from": told.from_version,
        "to": told.to_version,
        "severity": told.severity,
        "at": present.instant(told.at),
        "public_note": told.public_note,
        "changes": [_change(change) for change in told.changes],
        "wording": {"print": told.wording.print, "air": told.wording.air},
    }


def _change(change: ToldChange) -> dict[str, Any]:
    return {
        "field": change.field,
        "label": change.label,
        "before": change.before,
        "after": change.after,
        "reason": change.reason,
        "severity": change.severity,
        "who": change.who,
    }


def _numbers(correction: Correction) -> tuple[int, int]:
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
