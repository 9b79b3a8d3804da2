"""Embargoes that end: what waited for its instant enters its channels, as nobody held or withdrew it meanwhile."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from hub.actors import SYSTEM
from hub.outlets import ledgers, releases
from hub.records import journal
from hub.regulation import acts, telling, unbooking


def release_due(session: Session, *, now: datetime) -> int:
    """End every embargo that `now` has passed; returns how many releases entered their channels."""
    due = releases.list_due(session, now=now)
    locked = {story_id: acts.get_locked(session, story_id) for story_id in sorted({row.story_id for row in due})}
    # once more, now that nobody can hold or withdraw them; what came in between is for the next round
    due = [release for release in releases.list_due(session, now=now) if release.story_id in locked]
    channels = ledgers.lock(session, {release.channel_id for release in due})
    told = []
    for release in due:
        story = locked[release.story_id]
        status = acts.status_of(story.state, held=story.held)
        if releases.stand(session, release, channels[release.channel_id], status=status, now=now):
            told.append(release)
        story.revision += 1
    telling.of_releases(session, told, now=now)
    if due:
        unbooking.append(session, locked.keys(), now=now)
        record = {"kind": "embargo_ended", "releases": [release.id for release in due], "actor": SYSTEM.name}
        journal.append(session, record, at=now)
    return len(due)
