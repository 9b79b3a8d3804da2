"""The outbox: what has to be done after a commit, written in the transaction that causes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.orm import Session

from hub.models import Outbox

CHANNEL_CHANGED = "channel_changed"
CHECK_LIKENESS = "check_likeness"
RESIGN_STORIES = "resign_stories"
LIST_STORIES = "list_stories"
TIDY_WORDS = "tidy_words"  # what was erased goes from the files of the full-text index, too
IMPORT_ROWS = "import_rows"  # the next portion of a table
FIRST = "first"  # a notice to whoever has used what changes: before all others
NOTICE = "notice"
WAITING = "waiting"  # a notice that lets others go first: an import makes a hundred thousand of them
ACCOUNT_LETTER = "account_letter"  # to whoever has an address, if anybody
TOLD = (FIRST, NOTICE, WAITING)  # in the order in which the clerk takes them
_ADD = insert(cast("Table", Outbox.__table__))  # built once: every new version adds a row


def add(session: Session, kind: str, payload: dict[str, Any], *, at: datetime) -> None:
    """Queue one piece of work; a handler of the same name does it after the commit."""
    session.connection().execute(_ADD, {"kind": kind, "payload": payload, "created_at": at})


def list_waiting(session: Session, *, kinds: Sequence[str], limit: int = 200) -> list[Outbox]:
    """The oldest waiting rows of these kinds, in order; what nobody can do yet waits without holding others up."""
    return list(session.scalars(select(Outbox).where(Outbox.kind.in_(kinds)).order_by(Outbox.id).limit(limit)))


def add_notice(session: Session, kind: str, *, at: datetime, first: bool = False, **facts: Any) -> None:
    """Queue what people and machines are told: drafted, returned, confirmed, released, used, proposed, corrected,
    reduced, withdrawn, waiting, due_soon or late; of guests: booked, freed, replied or pulled; of requests for coverage
    requested, answered, closed.

    `facts` (JSON values): story, act, duty, receipt, pickup, booking (ids), organization, outlet and segment (codes),
    outlets (a list of codes), clause, due_at (ISO 8601), role (only those who have it), by (the id of the user who did
    it, and is not told); of what waits also the state and step in which the story does, of a guest the change of the
    segment; of requests their id, the `asker` (an outlet's code), and who is `asked`: codes of organizations, within
    `reach`.
    `first` lets those hear of it before all others who have used the story.
    What happened to a story is one event for equal facts but `outlets` and `by`; each word of a timer is one.
    """
    place = WAITING if kind == WAITING else FIRST if first else NOTICE
    add(session, place, {"kind": kind, **facts}, at=at)


def add_account_letter(session: Session, about: str, email: str, *, at: datetime) -> None:
    """Queue a letter about an account: reset, locked, password_set or second_factor_off. No secret is part of it."""
    add(session, ACCOUNT_LETTER, {"about": about, "email": email}, at=at)


def remove(session: Session, ids: list[int]) -> None:
    """Forget rows whose work is done."""
    session.execute(delete(Outbox).where(Outbox.id.in_(ids)))
