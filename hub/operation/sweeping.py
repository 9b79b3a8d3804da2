"""What time takes away: drafts nobody goes on with, uploads without a story, old answers, tombstones, letters and more.

And what it brings: names and places in the tree that were decided to hold from today on.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice

from hub.accounts import history, invitations, sessions
from hub.clock import local_day
from hub.db import Database
from hub.delivery import letters, webhooks
from hub.intake import form_drafts, idempotency, uploads, word_readings
from hub.intake.media_store import MediaStore
from hub.intake.tables import imports
from hub.outlets import releases, states

JUST_PUT = timedelta(hours=1)
FILES_AT_A_TIME = 500


def sweep(database: Database, store: MediaStore, *, now: datetime) -> None:
    """Do all of it, each in its own transaction; files go after the rows that named them."""
    with database.writing() as session:
        form_drafts.end_untouched(session, now=now)
    with database.writing() as session:
        hashes = uploads.remove_unreferenced(session, now=now)
    for digest in hashes:
        if store.is_older(digest, now - JUST_PUT):  # the same picture may be coming in again at this moment
            store.remove(digest)
    _remove_unnamed(database, store, before=now - uploads.UNREFERENCED)
    with database.writing() as session:
        idempotency.forget_old(session, now=now)
        imports.forget_old(session, now=now)
        word_readings.forget_old(session, now=now)
    with database.writing() as session:
        releases.unlist_old_tombstones(session, now=now)
    with database.writing() as session:
        history.refresh(session, on=local_day(now))
        states.refresh(session, now=now)
    with database.writing() as session:
        letters.sweep(session, now=now)
        webhooks.sweep(session, now=now)
    with database.writing() as session:
        sessions.sweep(session, now=now)
        invitations.sweep(session, now=now)


def _remove_unnamed(database: Database, store: MediaStore, *, before: datetime) -> None:
    """Files whose row was never written: the disk was full, the database locked, the server killed."""
    files = store.list_older(before)
    while paths := list(islice(files, FILES_AT_A_TIME)):
        with database.reading() as session:
            named = uploads.list_named(session, [path.name for path in paths])
        for path in paths:
            if path.name not in named:
                path.unlink(missing_ok=True)
