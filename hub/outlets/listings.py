"""That the portal's listing of a story waits to be made anew: told in the transaction that changes an entry.

From then on the old listing is not shown; `hub.publishing.listing` makes the new one, after the commit.
"""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table, bindparam, exists, func, insert, literal, select, true, update
from sqlalchemy.orm import Session

from hub.models import Channel, Entry, Listing

_LISTINGS = cast("Table", Listing.__table__)
_WAIT = update(_LISTINGS).where(_LISTINGS.c.story_id == bindparam("story")).values(waiting=true())
_ADD = insert(_LISTINGS)


def wait(session: Session, story_id: str) -> None:
    """A public entry of this story changes; its channel is locked, so nobody else adds the story at this moment."""
    if not session.connection().execute(_WAIT, {"story": story_id}).rowcount:
        session.execute(_ADD, {"story_id": story_id, "revision": 0, "waiting": True})


def add_missing(session: Session) -> int:
    """Let every story of a public channel wait that has no listing, as after a restore; returns how many there were."""
    unlisted = (
        select(Entry.story_id, literal(0), true())
        .join(Channel, Channel.id == Entry.channel_id)
        .where(Channel.audience == "public", ~exists().where(Listing.story_id == Entry.story_id))
        .where(Entry.state != "withdrawn", Entry.listed.is_(True))
        .distinct()
    )
    count = session.scalar(select(func.count()).select_from(unlisted.subquery())) or 0
    if count:
        session.execute(_ADD.from_select(["story_id", "revision", "waiting"], unlisted))
    return count


def wait_in(session: Session, channel_id: int) -> None:
    """What a public channel shows of every story changes, or all of its stories leave it."""
    here = select(Entry.story_id).where(Entry.channel_id == channel_id)
    session.execute(update(_LISTINGS).where(_LISTINGS.c.story_id.in_(here)).values(waiting=true()))


def wait_all(session: Session) -> None:
    """Let every listing be made anew."""
    add_missing(session)
    session.execute(update(_LISTINGS).values(waiting=true()))
