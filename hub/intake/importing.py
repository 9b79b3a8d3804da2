"""Import: JSON Lines go the way of a push, many to a transaction. Good rows come in, bad ones are told by line.

A row is a submission (`schemas/story.v1.json`) with two members beside its own: `organization`, the code of who
submits it, and `id`, the organization's own id for it. A row without `id` gets one from its content, so that the
same row is the same story when the file comes again; a changed one is another story.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import rfc8785
import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

import schemas
from hub.accounts import organizations
from hub.actors import Actor
from hub.clock import Clock
from hub.db import Database
from hub.errors import Conflict, HubError, Malformed, NotFound
from hub.intake import strict_json, submissions
from hub.intake.submissions import Outcome, Prepared

MAX_LINE_BYTES = strict_json.MAX_BYTES
BATCH_LINES = 100
BATCH_BYTES = 4 * 1024 * 1024  # of one batch as sent; what is prepared from it takes several times as much
CHUNK = 64 * 1024
OUR_PREFIX = "st_"
DERIVED_PREFIX = "sha256-"  # of the ids that rows without one get

log = structlog.get_logger(__name__)


class BadId(Malformed):
    """The row's id is neither ours nor one an organization may choose."""

    key = "error.bad_external_id"


class BadRow(Malformed):
    """The row is not one JSON object; its fault says why, as of a push."""

    key = "error.import_row_unreadable"


class NoOrganization(Malformed):
    """Neither the row nor the command names the organization that submits it."""

    key = "error.import_names_no_organization"


class RepeatedId(Conflict):
    """An earlier row of this import had the same id; both could not stay what they say."""

    key = "error.import_repeats_id"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file; numbers count from 1. One that is too long is cut, but stays too long."""

    file: str
    number: int
    body: bytes
    size: int  # bytes in the file, with its end


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that did not come in, and why."""

    line: Line
    error: HubError


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of some rows, once they are committed."""

    created: int
    changed: int
    unchanged: int
    rejected: tuple[Rejected, ...]  # by line
    named: int  # rows that got an id from their content
    size: int  # bytes read


@dataclass(frozen=True, slots=True)
class _Row:
    line: Line
    organization: str
    story_id: str | None
    external_id: str | None
    prepared: Prepared


@dataclass(slots=True)
class _Run:
    """What one import remembers from batch to batch."""

    organization: str | None
    actors: dict[str, Actor] = field(default_factory=dict)
    seen: set[bytes] = field(default_factory=set)


def read_lines(file: BinaryIO, name: str) -> Iterator[Line]:
    """The lines of `file`, which may be of any length, one at a time; empty ones are left out but counted."""
    number = 0
    while body := file.readline(MAX_LINE_BYTES + 2):
        number += 1
        size, end = len(body), body
        while not end.endswith(b"\n") and (end := file.readline(CHUNK)):
            size += len(end)
        body = body.rstrip(b"\r\n")
        if body.strip():
            yield Line(name, number, body, size)


def import_lines(
    database: Database, clock: Clock, lines: Iterable[Line], *, organization: str | None = None
) -> Iterator[Batch]:
    """Bring in all `lines`, each as a push of its organization (or of `organization`), and tell batch by batch.

    A batch is committed when it is told; whoever stops in between loses at most the rows after it, and may begin
    again from the start: rows that are in already change nothing.
    """
    run = _Run(organization)
    for batch in _batches(lines):
        yield _import_batch(database, clock, batch, run)


def derived_id(story: dict[str, Any]) -> str:
    """The id of a row that has none: the SHA-256 of its content as canonical JSON, whatever its `state`."""
    content = {name: value for name, value in story.items() if name != submissions.UNVERSIONED}
    return DERIVED_PREFIX + hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def _batches(lines: Iterable[Line]) -> Iterator[list[Line]]:
    batch: list[Line] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line.body)
        if len(batch) >= BATCH_LINES or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _import_batch(database: Database, clock: Clock, lines: list[Line], run: _Run) -> Batch:
    """Deciding comes before the transaction, so that others wait for the writing only."""
    rows: list[_Row] = []
    rejected: list[Rejected] = []
    for line in lines:
        try:
            rows.append(_read(line, run))
        except HubError as exc:
            rejected.append(Rejected(line, exc))
    try:
        outcomes, refused = _write(database, rows, clock, run)
    except OperationalError:  # PostgreSQL: somebody held a story and waited for the journal that this batch held
        log.info("batch_written_row_by_row", rows=len(rows))
        parts = [_write(database, [row], clock, run) for row in rows]
        outcomes = [outcome for part in parts for outcome in part[0]]
        refused = [rejection for part in parts for rejection in part[1]]
    rejected += refused
    order = {(line.file, line.number): place for place, line in enumerate(lines)}
    created = sum(outcome.created for outcome in outcomes)
    changed = sum(outcome.changed for outcome in outcomes) - created
    return Batch(
        created=created,
        changed=changed,
        unchanged=len(outcomes) - created - changed,
        rejected=tuple(sorted(rejected, key=lambda found: order[found.line.file, found.line.number])),
        named=sum((row.external_id or "").startswith(DERIVED_PREFIX) for row in rows),
        size=sum(line.size for line in lines),
    )


def _write(database: Database, rows: list[_Row], clock: Clock, run: _Run) -> tuple[list[Outcome], list[Rejected]]:
    """Write rows in one transaction; what a refused row has written goes with its savepoint, the rest stays."""
    outcomes: list[Outcome] = []
    refused: list[Rejected] = []
    with database.writing() as session:
        for row in rows:
            try:
                with session.begin_nested():
                    outcomes.append(_submit(session, row, clock, run))
            except HubError as exc:
                refused.append(Rejected(row.line, exc))
    return outcomes, refused


def _read(line: Line, run: _Run) -> _Row:
    try:
        document = strict_json.parse(line.body, max_bytes=MAX_LINE_BYTES)
    except strict_json.BadJson as exc:
        raise BadRow(faults=[schemas.Fault("", exc.code, dict(exc.facts))], code=exc.code) from exc
    if not isinstance(document, dict):
        raise BadRow()
    story = dict(document)
    code = story.pop("organization", None) or run.organization
    if not isinstance(code, str):
        raise NoOrganization()
    if not code.isprintable():  # PostgreSQL would not even look for it
        raise NotFound(what=code[:80], kind="organization")
    row_id = story.pop("id", None)
    chosen = row_id is not None
    row_id = row_id if chosen else derived_id(story)
    if not isinstance(row_id, str) or not (row_id.startswith(OUR_PREFIX) or submissions.is_external_id(row_id)):
        raise BadId(id=str(row_id)[:140])
    try:
        prepared = submissions.prepare(story)
    except HubError:
        raise
    except Exception as exc:  # one row's fault, whatever it is, must not keep the others out
        log.exception("row_not_prepared", file=line.file, line=line.number)
        raise HubError() from exc
    mark = hashlib.sha256(f"{code}\n{row_id}".encode()).digest()[:16]
    if chosen and mark in run.seen:
        raise RepeatedId(id=row_id)
    run.seen.add(mark)
    own = row_id.startswith(OUR_PREFIX)
    return _Row(line, code, row_id if own else None, None if own else row_id, prepared)


def _submit(session: Session, row: _Row, clock: Clock, run: _Run) -> Outcome:
    if row.organization not in run.actors:
        found = organizations.get(session, row.organization)
        run.actors[row.organization] = organizations.sender(session, found, now=clock.now())
    return submissions.submit(
        session,
        row.prepared,
        actor=run.actors[row.organization],
        story_id=row.story_id,
        external_id=row.external_id,
        now=clock.now(),
    )
