"""The journal: append-only and chained, so that nobody can quietly rewrite what happened.

A row's digest is SHA-256 over the digest before it and the row's canonical JSON (RFC 8785). Rows chain
commitments: a note stands in them as a salted hash, never as text, so that it can be erased.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, cast

import orjson
import rfc8785
from sqlalchemy import Table, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.models import JournalHead, JournalRow

Record = dict[str, Any]
START = "0" * 64
PAGE = 1000
FOUND_BY = {"kind": 40, "actor": 120}  # members of a record by which rows are found, and how much of them
ROWS, HEAD = cast("Table", JournalRow.__table__), cast("Table", JournalHead.__table__)
_HEAD_LOCKED = select(HEAD.c.number, HEAD.c.digest, HEAD.c.at).with_for_update()  # built once: every act asks it
_ADD_ROWS, _MOVE_HEAD = insert(ROWS), update(HEAD)


def append(session: Session, record: Record, *, at: datetime, story_id: str | None = None) -> None:
    """Append `record` (JSON values only) as the chain's next row. Locks the head: call it last in a transaction."""
    append_all(session, [record], at=at, story_id=story_id)


def append_all(session: Session, records: Sequence[Record], *, at: datetime, story_id: str | None = None) -> None:
    """Append several records of one transaction, in this order; of none there is nothing to write."""
    if not records:
        return
    session.flush()
    at = at.astimezone(UTC)  # as it is read back: the row and its body tell the same instant
    number, digest, newest = _lock_head(session, at)
    rows = []
    for record in records:
        number += 1
        body = rfc8785.dumps({**record, "at": at.isoformat(), "number": number, "story": story_id}).decode()
        digest = chain(digest, body)
        said = {name: found_by(record, name) for name in FOUND_BY}
        rows.append({"number": number, "at": at, "story_id": story_id, **said, "body": body, "digest": digest})
    session.connection().execute(_ADD_ROWS, rows)
    session.connection().execute(_MOVE_HEAD, {"number": number, "digest": digest, "at": max(newest, at)})


def lock(session: Session, *, at: datetime) -> None:
    """Lock the head for the rest of the transaction, as any append does."""
    _lock_head(session, at)


def _lock_head(session: Session, at: datetime) -> tuple[int, str, datetime]:
    row = session.connection().execute(_HEAD_LOCKED).first()
    if row is None:
        _begin_chain(session, at)
        row = session.connection().execute(_HEAD_LOCKED).one()
    return row[0], row[1], row[2]


def _begin_chain(session: Session, at: datetime) -> None:
    """Make the head; two first transactions may meet here, and the second waits for the first."""
    with suppress(IntegrityError), session.begin_nested():  # the other one's is as good
        session.execute(insert(HEAD), {"id": 1, "number": 0, "digest": START, "at": at})


def chain(previous: str, body: str) -> str:
    """The digest of a row: hex SHA-256 of the digest before it, a line feed, and the row's body."""
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


def commitment(salt: str, text: str) -> str:
    """What the journal keeps of a text: hex SHA-256 of salt and text."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def found_by(record: Record, name: str) -> str:
    """What a row is found by, of the members in FOUND_BY; nothing where the record does not say it."""
    return str(record.get(name) or "")[: FOUND_BY[name]]


def read_record(body: str) -> dict[str, Any]:
    """A journal row's record; nothing where the body is damaged, which its digest tells."""
    try:
        record = orjson.loads(body)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def newest(session: Session) -> datetime | None:
    """The latest instant any row was written at; None for an empty journal."""
    return session.scalar(select(JournalHead.at).where(JournalHead.id == 1))


def list_breaks(session: Session) -> Iterator[str]:
    """Every place where the chain does not hold, as a sentence; nothing when it does."""
    number, digest = 0, START
    while rows := session.scalars(
        select(JournalRow).where(JournalRow.number > number).order_by(JournalRow.number).limit(PAGE)
    ).all():
        for row in rows:
            if row.number != number + 1:
                yield f"journal: row {number + 1} is missing (the next one is {row.number})"
            if row.digest != chain(digest, row.body):
                yield f"journal: row {row.number} does not match its digest"
            number, digest = row.number, row.digest
        session.expunge_all()
    head = session.get(JournalHead, 1)
    if (head.number, head.digest) != (number, digest) if head else number:
        yield f"journal: the head does not name row {number}"
