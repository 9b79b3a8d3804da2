"""Tables of organizations that somebody sent and looks at before agreeing: what was shown is what is done.

The file is kept as it came. Whoever agrees names it; its plan is made anew, and where the register has changed since,
so that another plan would follow, nothing is done.
"""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePath

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.accounts import guarding, rights, tables, whole_hub
from hub.accounts.administration import ADMINS
from hub.accounts.history import Decision
from hub.accounts.tables import Plan, Row
from hub.actors import Actor
from hub.clock import local_day
from hub.errors import Conflict, NotFound
from hub.models import Organization, TableDraft
from hub.records import journal

KEPT = timedelta(days=1)
SUFFIXES = frozenset({".csv", ".xlsx", ".xlsm"})


class PlanChanged(Conflict):
    """The register has changed since the plan was shown."""

    key = "error.plan_changed_since"


class PlanReachesTooFar(Conflict):
    """A table would change organizations that lie outside of the actor's reach."""

    key = "error.plan_reaches_too_far"


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it came, and by which decision its changes are made."""

    name: str
    content: bytes
    decision: Decision
    children_up: bool = False


def keep(session: Session, sent: Sent, *, actor: Actor, now: datetime) -> TableDraft:
    """Keep a file whose plan holds, to be agreed to within a day.

    Raises what reading, planning and rehearsing it raise, or PlanReachesTooFar.
    """
    session.execute(delete(TableDraft).where(TableDraft.created_at < now - KEPT))
    planned = _plan(session, sent, actor=actor, now=now)
    trial = session.begin_nested()  # whatever would refuse it does so before anybody agrees to it
    _carry_out(session, planned, children_up=sent.children_up, now=now)
    trial.rollback()
    row = TableDraft(
        id=secrets.token_hex(16),
        user_id=actor.user_id,
        name=sent.name[:200],
        content=sent.content,
        sha256=hashlib.sha256(sent.content).hexdigest(),
        plan_sha256=_digest(planned),
        decision=sent.decision.number,
        on=sent.decision.on,
        children_up=sent.children_up,
        created_at=now,
        steps=len(planned.steps),
    )
    session.add(row)
    session.flush()
    return row


def get(session: Session, draft_id: str, *, actor: Actor, now: datetime, locked: bool = False) -> TableDraft:
    """A draft of the actor's own that is not too old. Raises NotFound."""
    query = select(TableDraft).where(
        TableDraft.id == draft_id, TableDraft.user_id == actor.user_id, TableDraft.created_at >= now - KEPT
    )
    row = session.scalar(query.with_for_update() if locked else query)
    if row is None:
        raise NotFound(what=draft_id, kind="page")
    return row


def plan_of(session: Session, row: TableDraft, *, actor: Actor, now: datetime) -> Plan:
    """The plan that was shown. Raises PlanChanged where another one follows from the file by now."""
    planned = _plan(session, _sent(row), actor=actor, now=now)
    if _digest(planned) != row.plan_sha256:
        raise PlanChanged(file=row.name)
    return planned


def carry_out(session: Session, draft_id: str, *, actor: Actor, now: datetime) -> TableDraft:
    """Do what was agreed to, once; whoever asks again changes nothing. Raises NotFound or PlanChanged."""
    row = get(session, draft_id, actor=actor, now=now, locked=True)
    if row.done_at is not None:
        return row
    planned = plan_of(session, row, actor=actor, now=now)
    _carry_out(session, planned, children_up=row.children_up, now=now)
    row.done_at = now
    record = {
        "kind": "register_table",
        "sha256": row.sha256,
        "steps": len(planned.steps),
        "decision": row.decision,
        "actor": actor.mark,
    }
    journal.append(session, record, at=now)
    return row


def _carry_out(session: Session, planned: Plan, *, children_up: bool, now: datetime) -> None:
    """Do what is planned. Raises LastAdministrator where it would hand the hub to others on one of its days."""
    days = sorted({step.on for step in planned.steps if step.kind == "end" or "parent" in step.said})
    had = {on: guarding.list_administrators(session, on=on, now=now) for on in days}
    tables.carry_out(session, planned, children_up=children_up, now=now)
    for on in days:
        guarding.check_kept(session, had[on], on=on, now=now)


def _sent(row: TableDraft) -> Sent:
    return Sent(row.name, row.content, Decision(row.on, row.decision), row.children_up)


def _plan(session: Session, sent: Sent, *, actor: Actor, now: datetime) -> Plan:
    planned = tables.plan(session, _read(sent), sent.decision)
    _check_reach(session, planned, actor=actor, now=now)
    return planned


def _read(sent: Sent) -> list[Row]:
    """The rows of a file: readers of tables want one on disk."""
    suffix = PurePath(sent.name).suffix.lower()
    with tempfile.TemporaryDirectory(prefix="hub-table-") as folder:
        path = Path(folder) / f"table{suffix if suffix in SUFFIXES else '.csv'}"
        path.write_bytes(sent.content)
        return tables.read_rows(path)


def _check_reach(session: Session, planned: Plan, *, actor: Actor, now: datetime) -> None:
    """Raise PlanReachesTooFar where a step touches what lies outside: the unit, the one above it, or the top."""
    if whole_hub.reaches(session, actor, ADMINS, now=now):
        return
    within = rights.within_reach(Organization.id, actor, ADMINS, on=local_day(now))
    reached = set(session.scalars(select(Organization.code).where(within)))
    outside = []
    for step in planned.steps:
        parent = step.said.get("parent")
        inside = (
            parent in reached if step.kind == "add" else step.code in reached and (parent is None or parent in reached)
        )
        if inside:
            reached.add(step.code)
        else:
            outside.append(step.code)
    if outside:
        raise PlanReachesTooFar(codes=", ".join(outside[:10]), count=len(outside))


def _digest(planned: Plan) -> str:
    return hashlib.sha256("\n".join(planned.lines()).encode()).hexdigest()
