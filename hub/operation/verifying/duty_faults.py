"""What `hub verify` finds in duties: each against what journal, editions and calendar give when they are read again.

The derivation runs as the worker's does, into temporary tables that stand before the hub's own for one transaction and
go with it: nothing is written, and memory stays bounded. It reads as far as the worker has read, and no further. Of
stories from which something was erased the regulation cannot ask again what it asked then, so duties that they opened
may be more or fewer; those that are there both times are compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from sqlalchemy import Column, Index, MetaData, Table, Text, func, insert, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from hub.models import Duty, JournalHead, JournalRow, Setting
from hub.operation.verifying.proof_faults import Seen
from hub.records import erasing, journal
from hub.regulation.duties import marks, rebuilding

DUTIES, HEAD, SETTINGS = (cast("Table", model.__table__) for model in (Duty, JournalHead, Setting))
FOUND_BY = ("key", "next_due_at")  # by which the derivation finds duties again
ROWS = 1000


def find(session: Session, seen: Seen) -> Iterator[str]:
    """Every fault of duties, as a sentence; none where an earlier version derived them, until `hub init` does anew."""
    if marks.read(session).rules != marks.RULES:
        return
    mark = session.execute(select(SETTINGS).where(SETTINGS.c.name == marks.NAME)).mappings().first()
    head = session.execute(select(HEAD)).mappings().first()
    own = _own(session)
    _stand_before(session, DUTIES)
    settings, heads = _stand_before(session, SETTINGS), _stand_before(session, HEAD)
    if mark is not None:
        session.execute(insert(settings).values(**mark))
    if head is not None:
        read = min(marks.read(session).row, head["number"])
        session.execute(insert(heads).values(**{**head, "number": read}))
    rebuilding.derive(session)
    session.expunge_all()
    yield from _differences(session, own)
    seen("duties", session.scalar(select(func.count()).select_from(own)) or 0)


def _own(session: Session) -> Table:
    """The hub's own table of duties, by a name that nothing stands before."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    schema = session.scalar(select(func.current_schema())) if postgresql else "main"
    return Table(DUTIES.name, MetaData(), *_columns(DUTIES), schema=schema)


def _stand_before(session: Session, table: Table) -> Table:
    """An empty temporary table of the same name and columns: both databases look there first."""
    copy = Table(table.name, MetaData(), *_columns(table), prefixes=["TEMPORARY"])
    for name in FOUND_BY if table is DUTIES else ():
        Index(f"ix_again_{name}", copy.c[name])
    copy.create(session.connection(), checkfirst=False)
    return copy


def _columns(table: Table) -> list[Column[Any]]:
    return [
        Column(c.name, c.type, primary_key=c.primary_key, nullable=c.nullable, autoincrement=False) for c in table.c
    ]


def _differences(session: Session, table: Table) -> Iterator[str]:
    erased = _erased(session)
    own, again = table.alias("own"), DUTIES.alias("again")  # without a schema, the name is the temporary table's now
    for here, there, fault in (
        (own, again, "the journal does not give it"),
        (again, own, "the journal gives it, but it is not there"),
    ):
        missing = ~select(there.c.id).where(there.c.id == here.c.id).exists()
        opener = select(here.c.id, JournalRow.story_id).outerjoin(JournalRow, JournalRow.number == here.c.opened_by)
        for duty_id, story_id in session.execute(opener.where(missing).execution_options(yield_per=ROWS)):
            if story_id not in erased:
                yield f"duty {duty_id}: {fault}"
    differs = [_as_text(own.c[column.name]).is_distinct_from(_as_text(column)) for column in again.c]
    both = select(own.c.id, *differs).join(again, again.c.id == own.c.id)
    for duty_id, *said in session.execute(both.execution_options(yield_per=ROWS)):
        if names := [column.name for column, is_other in zip(again.c, said, strict=True) if is_other]:
            yield f"duty {duty_id}: differs from what the journal gives in {', '.join(names)}"


def _as_text(column: Any) -> Any:
    return sql_cast(column, Text) if column.name in ("evidence", "counted") else column


def _erased(session: Session) -> set[str]:
    """The stories from which something was erased."""
    query = select(JournalRow.story_id, JournalRow.body).where(
        JournalRow.body.contains(f'"kind":"{erasing.RECORD}"', autoescape=True)
    )
    rows = session.execute(query.execution_options(yield_per=ROWS))
    return {story_id or "" for story_id, body in rows if journal.read_record(body).get("kind") == erasing.RECORD}
