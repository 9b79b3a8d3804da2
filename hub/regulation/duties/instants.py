"""When a row of the journal happened, where the clock it was written by was not believed.

An acceptance of the clock names the first doubtful row. It and those after it, up to the acceptance, happened between
the last believed row and the moment the operator accepted, in the order of the journal. What a row says is taken as
far as that leaves room, so that a clock that jumped makes nobody late, and no period begin, before its time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from hub.models import JournalRow
from hub.records import clock_trust, journal

MARK = f'"kind":"{clock_trust.KIND}"'  # as canonical JSON has it; inside of a text the quotes would be escaped


class Instants:
    """The doubtful rows of the journal from a row on, as far as it was read; kept from page to page."""

    def __init__(self) -> None:
        self._read = 0
        self._found: dict[int, datetime] = {}

    def learn(self, session: Session, *, after: int, head: int) -> None:
        """Read which of the rows after `after` are doubtful, by the acceptances up to `head`."""
        self._found = {number: at for number, at in self._found.items() if number > after}
        start, self._read = max(self._read, after), max(self._read, head)
        accepted = select(JournalRow.number, JournalRow.at, JournalRow.body).where(
            JournalRow.number > start, JournalRow.number <= head, JournalRow.body.contains(MARK, autoescape=True)
        )
        for number, at, body in session.execute(accepted.order_by(JournalRow.number)).all():
            record = journal.read_record(body)
            if record.get("kind") == clock_trust.KIND:
                self._doubt(session, range(int(record["from"]), number), at)

    def of(self, number: int, said: datetime) -> datetime:
        """When a row happened that says `said` of itself."""
        return self._found.get(number, said)

    def doubted(self) -> ColumnElement[bool]:
        """The condition for a doubtful row."""
        return JournalRow.number.between(min(self._found, default=0), max(self._found, default=-1))

    def _doubt(self, session: Session, numbers: range, accepted: datetime) -> None:
        query = select(JournalRow.number, JournalRow.at).where(
            JournalRow.number >= numbers.start - 1, JournalRow.number < numbers.stop
        )
        rows = [(number, at) for number, at in session.execute(query.order_by(JournalRow.number))]
        believed = next((at for number, at in rows if number < numbers.start), None)
        rows = [row for row in rows if row[0] >= numbers.start]
        for (number, _), at in zip(rows, settle([at for _, at in rows], believed, accepted), strict=True):
            self._found[number] = min(at, self._found.get(number, at))  # two acceptances may doubt the same row


def settle(said: Sequence[datetime], believed: datetime | None, accepted: datetime) -> Iterator[datetime]:
    """The instants of doubtful rows in order: none after `accepted`, none before `believed` or the one before it."""
    latest, bounded = accepted, []
    for at in reversed(said):
        behind = believed is not None and at < believed
        if not behind:
            latest = min(latest, at)  # what came before it did not happen later than it
        bounded.append(believed if behind and believed is not None else latest)
    reached = None
    for at in reversed(bounded):
        reached = min(at if reached is None else max(reached, at), accepted)
        yield reached
