"""What time takes away: uploads without a story, old idempotency answers, public tombstones after 30 days."""

from __future__ import annotations

from datetime import datetime, timedelta

from hub.db import Database
from hub.intake import idempotency, uploads
from hub.intake.media_store import MediaStore
from hub.outlets import releases

JUST_PUT = timedelta(hours=1)


def sweep(database: Database, store: MediaStore, *, now: datetime) -> None:
    """Do all of it, each in its own transaction; files go after the rows that named them."""
    with database.writing() as session:
        hashes = uploads.remove_unreferenced(session, now=now)
    for digest in hashes:
        if store.is_older(digest, now - JUST_PUT):  # the same picture may be coming in again at this moment
            store.remove(digest)
    with database.writing() as session:
        idempotency.forget_old(session, now=now)
    with database.writing() as session:
        releases.unlist_old_tombstones(session, now=now)
