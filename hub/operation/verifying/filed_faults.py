"""What `hub verify` finds in what was told beside stories: pick-ups, filings, requests, receipts, waivers, terms.

Each is compared with the record that its service would write of it today; where a person was erased from its texts,
with all but their commitment, and the texts have to be gone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from hub.models import CoverageRequest, EmbargoTerm, Filing, JournalRow, Pickup, Receipt, RequestAnswer, Waiver
from hub.operation.verifying.proof_faults import Seen
from hub.outlets import receipts, terms
from hub.records import journal
from hub.records.journal import Record
from hub.regulation.consent.clearing import NOTES_ERASED, PICKUP_TEXTS
from hub.regulation.duties import waiving
from hub.regulation.filed import filings, pickups, requests

PAGE = 1000
TEXTS = ("note", "text")  # members that are commitments of texts
LATER = ("due", "channels", "fields")  # members that older records do not have
Key = tuple[str, Any]  # the kind of a journal record, and the number of what it tells of
NAMED_BY = {  # kind of record: the member with the number
    "pickup": "pickup",
    "pickup_taken_back": "pickup",
    "report": "filing",
    "idea": "idea",
    "idea_answered": "filing",
    "receipt_asked": "receipt",
    "receipt": "receipt",
    "waived": "duty",
    "coverage_request": "request",
    "request_answered": "answer",
    "embargo_term": "term",
    "embargo_term_end": "term",
}


class _Told:
    """What the journal tells, by kind and number, and of which the texts were erased."""

    def __init__(self, session: Session) -> None:
        self.records: dict[Key, dict[str, Any]] = {}
        self.erased: dict[str, set[int]] = defaultdict(set)  # by table
        number = 0
        query = select(JournalRow.number, JournalRow.body).order_by(JournalRow.number).limit(PAGE)
        while rows := session.execute(query.where(JournalRow.number > number)).all():
            for row in rows:
                self._read(journal.read_record(row.body))
            number = rows[-1].number

    def _read(self, said: dict[str, Any]) -> None:
        kind = said.get("kind", "")
        if kind in NAMED_BY:
            self.records[kind, said.get(NAMED_BY[kind])] = said
        elif kind in (NOTES_ERASED, "person_erased"):
            for table in ("pickups", "receipts", "waivers", "filings", "requests", "request_answers"):
                self.erased[table].update(said.get(table, ()))

    def faults(self, fresh: Mapping[str, Any], *, erased: bool) -> Iterator[str]:
        """How a record that would be written today differs from the one that was."""
        said = self.records.pop((fresh["kind"], fresh[NAMED_BY[fresh["kind"]]]), None)
        if said is None:
            yield "the journal does not tell of it"
            return
        differing = [
            name
            for name, value in fresh.items()
            if said.get(name) != value
            and not (name in TEXTS and erased)
            and not (name in (*TEXTS, *LATER) and name not in said)
        ]
        if differing:
            yield f"differs from the journal in {', '.join(differing)}"


def find(session: Session, seen: Seen) -> Iterator[str]:
    """Every fault of them, as a sentence without a name or a text."""
    told = _Told(session)
    for table, query, emptied, records_of in _TABLES:
        count = 0
        for row in session.scalars(query.execution_options(yield_per=PAGE)):
            erased = row.id in told.erased[table]
            for fresh in records_of(row):
                name = f"{fresh['kind']} {fresh[NAMED_BY[fresh['kind']]]}"
                yield from (f"{name}: {fault}" for fault in told.faults(fresh, erased=erased))
            if erased and (back := [column for column in emptied if getattr(row, column)]):
                yield f"{name}: was emptied by an erasure, and {', '.join(back)} is there again"
            count += 1
        seen(table, count)
    for request in session.scalars(select(CoverageRequest).order_by(CoverageRequest.id)):
        if request.state != requests.reckon_state(session, request):
            yield f"coverage_request {request.id}: what was said to it leads to another state"
    for kind, number in told.records:
        yield f"{kind} {number}: the journal tells of it, but it is not there"


def _of_receipt(row: Receipt) -> Iterator[Record]:
    asked = receipts.record_of(row, organization="", reason="")
    del asked["organization"], asked["reason"]  # the journal's alone
    yield {**asked, "at": row.asked_at.isoformat()}
    if row.answer:
        at = row.answered_at.isoformat() if row.answered_at else ""
        yield {**receipts.answer_record_of(row), "at": at}


def _of_term(row: EmbargoTerm) -> Iterator[Record]:
    for record, at in zip(terms.records_of(row), (row.recorded_at, row.ended_at), strict=True):
        yield {**record, "at": at.isoformat()}


# A table's name, its rows, the columns that an erasure empties, and what the journal has to say of a row.
_TABLES: tuple[tuple[str, Select[Any], tuple[str, ...], Callable[[Any], Iterable[Record]]], ...] = (
    (
        "pickups",
        select(Pickup).where(Pickup.state.in_(pickups.TOLD)).options(joinedload(Pickup.outlet)),
        PICKUP_TEXTS,
        lambda row: [{**pickups.record_of(row), "at": row.at.isoformat()}],
    ),
    (
        "filings",
        select(Filing).options(joinedload(Filing.organization), joinedload(Filing.recipient)),
        ("text", "salt"),
        lambda row: [{**filings.record_of(row), "at": row.at.isoformat()}],
    ),
    (
        "requests",
        select(CoverageRequest).options(joinedload(CoverageRequest.outlet), joinedload(CoverageRequest.organization)),
        ("title", "text", "place", "person", "salt"),
        lambda row: [{**requests.record_of(row), "at": row.at.isoformat()}],
    ),
    (
        "request_answers",
        select(RequestAnswer).options(joinedload(RequestAnswer.organization)),
        ("text", "salt"),
        lambda row: [{**requests.answer_record_of(row), "at": row.at.isoformat()}],
    ),
    ("receipts", select(Receipt).options(joinedload(Receipt.outlet)), ("note", "salt"), _of_receipt),
    ("embargo terms", select(EmbargoTerm).options(joinedload(EmbargoTerm.outlet)), (), _of_term),
    (
        "waivers",
        select(Waiver),
        ("note", "salt"),
        lambda row: [{**waiving.record_of(row), "at": row.at.isoformat()}],
    ),
)
