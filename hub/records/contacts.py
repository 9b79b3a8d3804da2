"""Reading a person's contact data is itself recorded; where it cannot be, the data is not shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError

from hub.db import Database
from hub.records import journal
from hub.records.disclosures import Content

CONTACT = "contact"

log = structlog.get_logger(__name__)


def read(
    database: Database, content: Content, *, reader: str, now: datetime, story_id: str | None = None, **about: str
) -> Content:
    """`content`, once the journal knows that `reader` (an actor's mark) read its contacts; without them when not.

    They are of a story, or of what `about` names, such as the segment that guests are booked for.
    """
    if not _holds(content) or may_read(database, reader=reader, now=now, story_id=story_id, **about):
        return content
    return without(content)


def without(content: Content) -> Content:
    """`content` without anybody's contacts."""
    cleared: Content = _without(content)
    return cleared


def may_read(database: Database, *, reader: str, now: datetime, story_id: str | None = None, **about: str) -> bool:
    """Tell the journal that `reader` reads contacts of a story, or of what `about` names; False when it cannot be."""
    record = {"kind": "contacts_read", **about, "actor": reader}
    try:
        with database.writing() as session:
            journal.append(session, record, at=now, story_id=story_id)
    except DBAPIError as exc:  # a read-only disk: reads go on, unrecorded ones do not
        log.warning("contacts_not_shown", story=story_id, **about, error=str(exc.orig))
        return False
    return True


def _holds(value: Any) -> bool:
    if isinstance(value, dict):
        return CONTACT in value or any(_holds(member) for member in value.values())
    return isinstance(value, list) and any(_holds(member) for member in value)


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without(member) for name, member in value.items() if name != CONTACT}
    return [_without(member) for member in value] if isinstance(value, list) else value
