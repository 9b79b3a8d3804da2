"""That what an entry is found by at its outlet's desk waits to be made anew: told in the transaction that changes it.

From then on the old line is not used; `hub.publishing.inbox_index` makes the new one, after the commit.
"""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table, bindparam, exists, insert, literal, select, true, update
from sqlalchemy.orm import Session

from hub.models import Entry, InboxLine

_LINES = cast("Table", InboxLine.__table__)
_WAIT = update(_LINES).where(_LINES.c.entry_id == bindparam("entry")).values(waiting=true())
_ADD = insert(_LINES)


def wait(session: Session, entry: Entry) -> None:
    """This entry changes; its channel is locked, so nobody else adds its line at this moment."""
    if not session.connection().execute(_WAIT, {"entry": entry.id}).rowcount:
        line = {"entry_id": entry.id, "channel_id": entry.channel_id, "revision": 0, "words": "", "waiting": True}
        session.connection().execute(_ADD, line)


def wait_in(session: Session, channel_id: int) -> None:
    """What a channel shows of every entry changes."""
    session.execute(update(_LINES).where(_LINES.c.channel_id == channel_id).values(waiting=true()))


def add_missing(session: Session) -> None:
    """Let every listed entry wait that has no line, as after a restore."""
    missing = select(Entry.id, Entry.channel_id, literal(0), literal(""), true()).where(
        Entry.listed.is_(True), Entry.state != "withdrawn", ~exists().where(InboxLine.entry_id == Entry.id)
    )
    session.execute(_ADD.from_select(["entry_id", "channel_id", "revision", "words", "waiting"], missing))
