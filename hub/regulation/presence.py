"""Who has a story open at the desk just now, so that two do not work on it unawares.

Rows, since several processes may serve the desk; short-lived ones, written at most once in EVERY.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from hub.actors import Actor
from hub.db import Database
from hub.models import Presence, User

EVERY = timedelta(seconds=20)
LASTS = timedelta(seconds=70)  # a page that is still open has told so three times meanwhile
FORGOTTEN = timedelta(minutes=10)


def look(database: Database, story_id: str, *, actor: Actor, now: datetime) -> None:
    """Note that `actor` has this story open. It can be left undone, and is where somebody else is writing."""
    if actor.user_id is None:
        return
    with database.reading() as session:
        row = session.get(Presence, (story_id, actor.user_id))
        if row is not None and now - row.seen_at < EVERY:
            return
    try:
        with database.writing_if_free() as session:
            session.execute(delete(Presence).where(Presence.seen_at < now - FORGOTTEN))
            session.merge(Presence(story_id=story_id, user_id=actor.user_id, seen_at=now))
    except OperationalError:  # the database is busy
        return


def leave(session: Session, story_id: str, *, actor: Actor) -> None:
    """Note that `actor` has gone on to something else."""
    session.execute(delete(Presence).where(Presence.story_id == story_id, Presence.user_id == actor.user_id))


def list_looking(session: Session, story_ids: Sequence[str], *, but: Actor, now: datetime) -> dict[str, list[str]]:
    """The names of the others who have these stories open, by the story's id."""
    query = (
        select(Presence.story_id, User.name)
        .join(User, User.id == Presence.user_id)
        .where(Presence.story_id.in_(story_ids), Presence.seen_at > now - LASTS, Presence.user_id != (but.user_id or 0))
        .order_by(User.name)
    )
    found: dict[str, list[str]] = {}
    for story_id, name in session.execute(query):
        found.setdefault(story_id, []).append(name)
    return found
