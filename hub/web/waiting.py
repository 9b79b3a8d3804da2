"""How much waits for whoever is at a desk, as the menu says it beside a section on every page.

A count reads what the stories' routes say, so one that was found is kept KEPT_FOR a person. Whoever confirms or
returns a story, and whoever opens the queue itself, counts anew (`forget`); what others do meanwhile shows a little
later.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from hub.actors import Actor
from hub.http.services import services
from hub.http.silence import without_values
from hub.regulation import confirm_queue
from hub.regulation.confirm_queue import Count

KEPT = "hub.waiting"  # of app.extensions: what was counted for users, by id, and when
KEPT_FOR = timedelta(seconds=20)
KEPT_AT_MOST = 1_000  # people
COUNTED_AT_MOST = 49  # beyond, and where the counting ended early: "49+"

Kept = dict[int, tuple[Count, datetime]]
log = structlog.get_logger("hub.desks")


def to_confirm(actor: Actor) -> str:
    """How many stories the actor can confirm: "7", "49+", or "" where none was found or no database answers."""
    count = _kept_or_counted(actor)
    if count is None or not count.number:
        return ""
    return f"{count.number}+" if count.is_more else str(count.number)


def forget(actor: Actor) -> None:
    """What waits for the actor has changed by what they did: the next page counts it."""
    if actor.user_id is not None:
        _kept().pop(actor.user_id, None)


def _kept_or_counted(actor: Actor) -> Count | None:
    now, kept = services().clock.now(), _kept()
    if actor.user_id is None:
        return None
    known = kept.get(actor.user_id)
    if known is not None and abs(now - known[1]) < KEPT_FOR:
        return known[0]
    try:
        with services().database.reading() as session:
            found = confirm_queue.count_waiting(session, asker=actor, most=COUNTED_AT_MOST, now=now)
    except SQLAlchemyError as exc:  # a page must not fail for a number in its menu
        log.error("waiting_unknown", error=without_values(exc))
        return known[0] if known is not None else None
    if len(kept) >= KEPT_AT_MOST:
        kept.clear()
    kept[actor.user_id] = found, now
    return found


def _kept() -> Kept:
    found: Kept = current_app.extensions.setdefault(KEPT, {})
    return found
