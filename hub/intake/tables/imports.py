"""Importing a table of stories: its rows are written down, and then become drafts, a portion at a time.

Good rows come in whatever becomes of the others; faulty ones are kept with what is wrong in which column. A portion is
one transaction, and the next one is queued in it: who is killed goes on where it stopped, and no row comes in twice. A
row is the same story when it comes again: by its own id, or by what it says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

import schemas
from hub import i18n, ids, tables
from hub.accounts import organizations, rights
from hub.actors import Actor
from hub.clock import Clock, local_day
from hub.db import Database
from hub.errors import Conflict, Forbidden, HubError, NotFound
from hub.i18n.plain import plain_sentence
from hub.intake import importing, submissions
from hub.intake.submissions import Prepared
from hub.intake.tables.columns import BY_CODE, column_at, document_of
from hub.intake.tables.reading import StoryTable
from hub.models import Import, ImportRow, Organization, Version
from hub.records import outbox
from hub.records.disclosures import reveal
from hub.regulation import reading

PORTION = 100  # rows of one transaction
RUNNING_AT_MOST = 5  # imports of an organization at the same time
KEPT = timedelta(days=30)  # faulty rows, to be mended
RUNNING, FINISHED, CLOSED, ENDED = "running", "finished", "closed", "ended"  # the last one by hand
WAITING, CREATED, CHANGED, SAME, FAULTY = "waiting", "created", "changed", "same", "faulty"
REASON = "Lý do (reason)"  # the column that faulty rows are given back with

log = structlog.get_logger(__name__)


class RowFailed(Conflict):
    """A row could not be taken, by a fault of the hub's; the log has its cause."""

    key = "error.row_failed"


class TooManyImports(Conflict):
    """Tables of this organization are being read already."""

    key = "error.imports_running"


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong in a row: the column's heading (empty for the whole row), and a sentence."""

    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class FaultyRow:
    """A row that did not become a draft."""

    line: int
    cells: Mapping[str, str]
    faults: tuple[RowFault, ...]


def begin(session: Session, table: StoryTable, *, name: str, actor: Actor, now: datetime) -> Import:
    """Write down a table's rows, for the worker to take. Raises TooManyImports, Closed."""
    organization = organizations.get_by_id(session, actor.organization_id)
    organizations.sender(session, organization, now=now)
    running = select(func.count()).where(Import.organization_id == organization.id, Import.state == RUNNING)
    if (session.scalar(running) or 0) >= RUNNING_AT_MOST:
        raise TooManyImports(limit=RUNNING_AT_MOST)
    row = Import(
        id=ids.new_import_id(),
        organization_id=organization.id,
        user_id=actor.user_id,
        name=name[-200:],
        state=RUNNING,
        unknown=list(table.unknown),
        total=len(table.rows),
        done=0,
        created=0,
        changed=0,
        same=0,
        faulty=0,
        created_at=now,
    )
    session.add(row)
    session.flush()
    session.execute(
        insert(ImportRow),
        [
            {"import_id": row.id, "line": each.line, "state": WAITING, "cells": dict(each.cells), "faults": []}
            for each in table.rows
        ],
    )
    outbox.add(session, outbox.IMPORT_ROWS, {"import": row.id}, at=now)
    return row


def work(database: Database, clock: Clock, import_id: str) -> bool:
    """Take the next portion of a table; says whether there are more rows, for which the next call is queued."""
    with database.reading() as session:
        found = session.get(Import, import_id)
        if found is None or found.state != RUNNING:
            return False
        unit = organizations.get_by_id(session, found.organization_id)
        waiting = select(ImportRow).where(ImportRow.import_id == import_id, ImportRow.state == WAITING)
        rows = list(session.scalars(waiting.order_by(ImportRow.line).limit(PORTION)))
    judged = {row.line: _judge(row.cells, unit=unit.name) for row in rows}  # before the transaction: others wait for it
    with database.writing() as session:
        return _write(session, import_id, judged, now=clock.now())


def may_end(found: Import, actor: Actor) -> bool:
    """Who sent a table ends it; one that was sent with a key anybody of its organization who sends stories."""
    return found.state == RUNNING and found.user_id in (None, actor.user_id)


def end(session: Session, import_id: str, *, actor: Actor, now: datetime) -> None:
    """Take no more rows of a table: what became a draft stays, what waits is let go. One that has ended stays as it is.

    Raises NotFound; Forbidden for a table that a colleague sent.
    """
    get(session, import_id, asker=actor, now=now)
    found = session.get_one(Import, import_id, with_for_update=True, populate_existing=True)
    if found.state != RUNNING:
        return
    if not may_end(found, actor):
        raise Forbidden()
    found.state, found.finished_at = ENDED, now
    session.execute(delete(ImportRow).where(ImportRow.import_id == import_id, ImportRow.state == WAITING))
    log.info("import_ended", import_id=import_id, by=actor.mark, done=found.done, total=found.total)


def get(session: Session, import_id: str, *, asker: Actor, now: datetime) -> Import:
    """An import of the asker's organization, with how far it has come. Raises NotFound."""
    own = rights.own(Import.organization_id, asker, on=local_day(now))
    found = session.scalar(select(Import).where(Import.id == import_id, own))
    if found is None:
        raise NotFound(what=import_id, kind="import")
    return found


def list_own(session: Session, *, asker: Actor, now: datetime, limit: int = 20) -> list[Import]:
    """The newest imports of the asker's organization."""
    own = rights.own(Import.organization_id, asker, on=local_day(now))
    return list(session.scalars(select(Import).where(own).order_by(Import.created_at.desc(), Import.id).limit(limit)))


def list_faulty(
    session: Session, found: Import, *, language: str, after: int = 0, limit: int | None = 100
) -> list[FaultyRow]:
    """The faulty rows of an import after a line, with what is wrong in words."""
    query = select(ImportRow).where(ImportRow.import_id == found.id, ImportRow.state == FAULTY, ImportRow.line > after)
    rows = session.scalars(query.order_by(ImportRow.line).limit(limit))
    return [FaultyRow(row.line, row.cells, tuple(_in_words(fault, language) for fault in row.faults)) for row in rows]


def faulty_table(session: Session, found: Import, *, language: str) -> bytes:
    """The faulty rows as a .csv to be mended and sent again, each with its reasons."""
    rows = list_faulty(session, found, language=language, limit=None)
    columns = [code for code in BY_CODE if any(code in row.cells for row in rows)]
    lines = [[*(BY_CODE[code].heading for code in columns), REASON]]
    for row in rows:
        reasons = " ".join(f"{each.column}: {each.sentence}" if each.column else each.sentence for each in row.faults)
        lines.append([*(row.cells.get(code, "") for code in columns), reasons])
    return tables.write_csv(lines)


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop what was imported a month ago; the stories stay."""
    session.execute(delete(Import).where(Import.created_at < now - KEPT, Import.state != RUNNING))


@dataclass(frozen=True, slots=True)
class _Judged:
    """A row that holds, under its external id; or what is wrong with it."""

    external_id: str
    prepared: Prepared | None
    faults: Sequence[Mapping[str, Any]] = ()


def _judge(cells: Mapping[str, str], *, unit: str) -> _Judged:
    document = document_of(cells, unit=unit)
    external_id = cells.get("id") or importing.derived_id(document)
    if not submissions.is_external_id(external_id):
        return _Judged(external_id, None, [_kept(importing.BadId(id=external_id[:140]), column="id")])
    try:
        return _Judged(external_id, submissions.prepare(document))
    except HubError as exc:
        faults = [_kept_fault(fault) for fault in exc.faults] or [_kept(exc)]
        return _Judged(external_id, None, faults)
    except Exception:
        log.exception("import_row_failed", external_id=external_id)
        return _Judged(external_id, None, [_kept(RowFailed())])


def _write(session: Session, import_id: str, judged: Mapping[int, _Judged], *, now: datetime) -> bool:
    found = session.get(Import, import_id, with_for_update=True, populate_existing=True)
    if found is None or found.state != RUNNING:
        return False
    try:
        actor = organizations.sender(session, _organization(session, found), now=now)
    except Conflict as exc:
        log.info("import_closed", import_id=import_id, reason=exc.key)
        found.state, found.finished_at = CLOSED, now
        return False
    still = select(ImportRow).where(
        ImportRow.import_id == import_id, ImportRow.state == WAITING, ImportRow.line.in_(judged)
    )
    counts: Counter[str] = Counter()
    for row in session.scalars(still.order_by(ImportRow.line)).all():
        counts[_take(session, row, judged[row.line], actor=actor, now=now)] += 1
    for state in (CREATED, CHANGED, SAME, FAULTY):
        setattr(found, state, getattr(found, state) + counts[state])
    found.done += counts.total()
    if found.done < found.total:
        outbox.add(session, outbox.IMPORT_ROWS, {"import": import_id}, at=now)
        return True
    found.state, found.finished_at = FINISHED, now
    return False


def _organization(session: Session, found: Import) -> Organization:
    return organizations.get_by_id(session, found.organization_id)


def _take(session: Session, row: ImportRow, judged: _Judged, *, actor: Actor, now: datetime) -> str:
    """What becomes of one row, written down with it."""
    state, story_id, faults = FAULTY, None, list(judged.faults)
    if judged.prepared is not None:
        try:
            with session.begin_nested():
                state, story_id = _submit(session, judged.external_id, judged.prepared, row, actor=actor, now=now)
        except HubError as exc:
            faults = [_kept_fault(fault) for fault in exc.faults] or [_kept(exc)]
        except OperationalError:  # the database itself: it will be back
            raise
        except Exception:  # else the table would be tried for ever, and no other of the unit be taken
            log.exception("import_row_failed", import_id=row.import_id, line=row.line)
            faults = [_kept(RowFailed())]
    changes: dict[str, Any] = {"state": state, "story_id": story_id, "faults": faults}
    if state != FAULTY:
        changes["cells"] = {}
    which = (ImportRow.import_id == row.import_id, ImportRow.line == row.line)
    session.execute(update(ImportRow).where(*which).values(**changes).execution_options(synchronize_session=False))
    return state


def _submit(
    session: Session, external_id: str, prepared: Prepared, row: ImportRow, *, actor: Actor, now: datetime
) -> tuple[str, str]:
    """A new draft; or its newest version, unless some version said the same already: people may have gone on since."""
    known = reading.find_own(session, actor, external_id, now=now)
    if known is not None:
        _check_repeated(session, row, known)
        said = session.scalars(select(Version.disclosures).where(Version.story_id == known))
        if any(reveal(disclosures) == prepared.content for disclosures in said):
            return SAME, known
    outcome = submissions.submit(session, prepared, actor=actor, external_id=external_id, now=now)
    return (CREATED if outcome.created else CHANGED if outcome.changed else SAME), outcome.story.id


def _check_repeated(session: Session, row: ImportRow, story_id: str) -> None:
    """Two rows of one table with one id cannot both stay what they say. Rows without an id may be the same."""
    if "id" not in row.cells:
        return
    earlier = select(ImportRow.line).where(
        ImportRow.import_id == row.import_id, ImportRow.story_id == story_id, ImportRow.line < row.line
    )
    if session.scalar(earlier.limit(1)) is not None:
        raise importing.RepeatedId(id=row.cells["id"])


def _kept_fault(fault: schemas.Fault) -> dict[str, Any]:
    column = column_at(fault.pointer)
    facts = {name: _plain(value) for name, value in fault.facts.items()}
    return {"column": column.code if column else "", "pointer": fault.pointer, "code": fault.code, "facts": facts}


def _kept(error: HubError, *, column: str = "") -> dict[str, Any]:
    facts = {name: _plain(value) for name, value in error.facts.items()}
    return {"column": column, "pointer": "", "code": error.key, "facts": facts}


def _plain(value: Any) -> Any:
    """A fact as JSON keeps it, and short."""
    if isinstance(value, str):
        return value[:300]
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)[:300]


def _in_words(fault: Mapping[str, Any], language: str) -> RowFault:
    facts = {name: tuple(value) if isinstance(value, list) else value for name, value in fault["facts"].items()}
    column = BY_CODE.get(fault["column"])
    heading = (column.vi if language == "vi" else column.en) if column else ""
    if fault["code"].startswith("error."):
        return RowFault(heading, i18n.sentence(fault["code"], language, **facts))
    return RowFault(heading, plain_sentence(schemas.Fault(fault["pointer"], fault["code"], facts), language))
