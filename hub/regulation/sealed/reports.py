"""Sealed reports: taken in, kept, answered; and the hold an auditor may put on a story after reading one.

What is said lives in memory only until it is sealed: no row, queue or log holds it. Nothing is journalled when a
report comes in, is answered, or given to a new auditor: the journal is read by many, and a row would count reports and
time them to the microsecond. Auditors' keys are journalled when they come and go (by fingerprint), since whoever
slipped in a key of their own could read along.

Which story a report is about stands under the seal only. The door does not hold it: any passer-by could then freeze
any story, and the hold's second would tell the desk when the report came. An auditor reads, judges, and holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

import schemas
from feeds.text import clean_text
from hub import ids
from hub.actors import SYSTEM
from hub.clock import local_day
from hub.errors import Conflict, Invalid, NotFound, Unavailable
from hub.models import Act, AuditorKey, JournalRow, Report, ReportCopy, ReportPart
from hub.records import journal
from hub.regulation import acts, holds
from hub.regulation.releasing import Order
from hub.regulation.sealed import report_form, sealing
from hub.regulation.sealed.report_form import NotAReport, SealedReport
from hub.regulation.workflow import ActKind

ADDED, RETIRED = "auditor_key_added", "auditor_key_retired"  # kinds of journal rows
RECEIVED = "received"
PART_BYTES = 256 * 1024


class NoAuditor(Unavailable):
    """There is nobody to seal a report to, so none can be taken."""

    key = "error.no_auditor"


class NoSuchReceipt(NotFound):
    """No report has this receipt."""

    key = "error.no_such_receipt"


class AuditorKeyKnown(Conflict):
    """This key was added before."""

    key = "error.auditor_key_known"


class KeysNotInUse(Conflict):
    """A report was sealed to keys that were never added, or are retired."""

    key = "error.auditor_keys_not_in_use"


@dataclass(frozen=True, slots=True)
class Told:
    """What a reporter is told."""

    status: str
    outcome: str
    received_on: str
    answered_on: str | None


# --- whom reports are sealed to -----------------------------------------------------------------------------


def add_key(session: Session, name: str, public_key: str, *, now: datetime) -> AuditorKey:
    """Seal new reports to this key, too. Raises BadAuditorKey or AuditorKeyKnown."""
    key = sealing.read_public(public_key)
    if session.scalar(select(AuditorKey.id).where(AuditorKey.fingerprint == key.fingerprint)) is not None:
        raise AuditorKeyKnown(fingerprint=key.fingerprint)
    row = AuditorKey(name=name, fingerprint=key.fingerprint, public_key=str(key), added_at=now)
    session.add(row)
    _journal_key(session, ADDED, key.fingerprint, now=now)
    return row


def retire_key(session: Session, fingerprint: str, *, now: datetime) -> AuditorKey:
    """Seal nothing new to this key; what was sealed to it stays so. Raises NotFound for no live key."""
    query = select(AuditorKey).where(AuditorKey.fingerprint == fingerprint, AuditorKey.retired_at.is_(None))
    row = session.scalar(query.with_for_update())
    if row is None:
        raise NotFound(what=fingerprint, kind="auditor_key")
    row.retired_at = now
    _journal_key(session, RETIRED, fingerprint, now=now)
    return row


def list_keys(session: Session) -> list[AuditorKey]:
    """Every auditor's key, oldest first, retired ones too."""
    return list(session.scalars(select(AuditorKey).order_by(AuditorKey.id)))


def list_live_keys(session: Session) -> list[AuditorKey]:
    """The keys that a report would be sealed to now, oldest first."""
    return [row for row in list_keys(session) if row.retired_at is None]


def list_key_faults(session: Session) -> Iterator[str]:
    """Every key that came or went without the journal's telling of it: whoever slips one in could read along."""
    rows = session.scalars(select(JournalRow.body).where(JournalRow.body.contains('"kind":"auditor_key_')))
    told = {(record["kind"], record["fingerprint"]) for record in map(orjson.loads, rows)}
    known = set()
    for row in list_keys(session):
        known.add(row.fingerprint)
        name = f"auditor key {row.fingerprint}"
        if sealing.read_public(row.public_key).fingerprint != row.fingerprint:
            yield f"{name}: is another key than its fingerprint says"
        if (ADDED, row.fingerprint) not in told:
            yield f"{name}: the journal does not tell that it was added"
        if ((RETIRED, row.fingerprint) in told) != (row.retired_at is not None):
            yield f"{name}: the journal does not agree on whether it is retired"
    for fingerprint in sorted({fingerprint for _, fingerprint in told} - known):
        yield f"auditor key {fingerprint}: the journal tells of it, but it is not there"


# --- for reporters ------------------------------------------------------------------------------------------


def receive(session: Session, report: report_form.Report, *, now: datetime) -> str:
    """Seal a report and keep it; returns the receipt, of which only a hash is kept. Raises NoAuditor."""
    keys = [sealing.read_public(row.public_key) for row in list_live_keys(session)]
    if not keys:
        raise NoAuditor()
    report_id, receipt = ids.new_report_id(), ids.new_receipt()
    sealed = sealing.seal(report_form.to_bytes(report, report_id), keys)
    row = Report(
        id=report_id,
        receipt_sha256=_fingerprint(receipt),
        received_on=local_day(now).isoformat(),
        status=RECEIVED,
        outcome="",
        parts=[
            ReportPart(number=number, body=sealed.box[start : start + PART_BYTES])
            for number, start in enumerate(range(0, len(sealed.box), PART_BYTES))
        ],
        copies=[ReportCopy(fingerprint=name, body=body) for name, body in sealed.copies.items()],
    )
    session.add(row)
    session.flush()
    return receipt


def tell(session: Session, receipt: str) -> Told:
    """What became of the report with this receipt. Raises NoSuchReceipt."""
    sha256 = _fingerprint(receipt)
    row = session.scalar(select(Report).where(Report.receipt_sha256 == sha256)) if sha256 else None
    if row is None:
        raise NoSuchReceipt()
    return Told(row.status, row.outcome, row.received_on, row.answered_on)


# --- for auditors, at the server ----------------------------------------------------------------------------


def list_reports(session: Session) -> list[Report]:
    """Every report with its copies, by day; nothing of what they say can be known here."""
    return list(
        session.scalars(select(Report).options(selectinload(Report.copies)).order_by(Report.received_on, Report.id))
    )


def export(session: Session, report_id: str) -> SealedReport:
    """A report as it goes to an auditor. Raises NotFound."""
    row = _get(session, report_id)
    sealed = sealing.Sealed(
        b"".join(part.body for part in row.parts), {copy.fingerprint: copy.body for copy in row.copies}
    )
    return SealedReport(row.id, row.received_on, sealed)


def take_back(session: Session, report: SealedReport) -> list[str]:
    """Keep the copies that an auditor sealed to newer keys; returns the fingerprints that are new here.

    Raises NotFound for no such report, NotAReport when the box is not ours: nobody changes a report by it; and
    KeysNotInUse for a copy that somebody could read along with whom the hub does not know.
    """
    known = export(session, report.id)
    if report.sealed.box != known.sealed.box:
        raise NotAReport()
    fingerprints = {row.fingerprint for row in list_live_keys(session)}
    new = sorted(report.sealed.copies.keys() - known.sealed.copies.keys())
    if strange := [name for name in new if name not in fingerprints]:
        raise KeysNotInUse(fingerprints=", ".join(strange))
    session.add_all(ReportCopy(report_id=report.id, fingerprint=name, body=report.sealed.copies[name]) for name in new)
    return new


def answer(session: Session, report_id: str, *, status: str, outcome: str | None, now: datetime) -> Report:
    """Let the reporter know what became of it; `outcome` None leaves its words alone. Raises NotFound or Invalid."""
    if status not in schemas.vocabulary("report_statuses"):
        allowed = ", ".join(schemas.vocabulary("report_statuses").codes)
        raise Invalid(
            faults=[schemas.Fault("/status", "enum", {"field": "status", "value": status, "allowed": allowed})]
        )
    row = _get(session, report_id)
    row.status, row.answered_on = status, local_day(now).isoformat()
    if outcome is not None:
        row.outcome = clean_text(outcome, multiline=True).strip()
    return row


def hold(session: Session, story_id: str, *, now: datetime) -> Act:
    """Stop a story for a check, without a word why. Raises NotFound, ActForbidden."""
    return _act(session, story_id, ActKind.HOLD, now=now)


def lift(session: Session, story_id: str, *, now: datetime) -> Act:
    """End the auditors' hold; the desk's own, if there is one, goes on. Raises NotFound, ActForbidden, ActNotYours."""
    return _act(session, story_id, ActKind.LIFT, now=now)


def _act(session: Session, story_id: str, kind: ActKind, *, now: datetime) -> Act:
    story = acts.get_locked(session, story_id)
    return acts.perform(session, story, Order(kind=kind), actor=holds.AUDITORS, now=now).acts[-1]


def _get(session: Session, report_id: str) -> Report:
    query = select(Report).where(Report.id == report_id)
    row = session.scalar(query.options(selectinload(Report.parts), selectinload(Report.copies)))
    if row is None:
        raise NotFound(what=report_id, kind="report")
    return row


def _fingerprint(receipt: str) -> str:
    """SHA-256 of a receipt however it was written; empty for what is none. It has 140 random bits: no slow hash."""
    code = ids.find_receipt(receipt)
    return hashlib.sha256(code.encode()).hexdigest() if code else ""


def _journal_key(session: Session, kind: str, fingerprint: str, *, now: datetime) -> None:
    journal.append(session, {"kind": kind, "fingerprint": fingerprint, "actor": SYSTEM.name}, at=now)
