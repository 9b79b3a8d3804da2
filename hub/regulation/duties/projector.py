"""From the journal to the duties: reads the rows after its mark, and writes what they open, fulfil and end.

Nothing else writes duties but the timers, which only move `next_due_at` and tell who is late. So the table can be
thrown away at any time and derived again, row for row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any, cast

import orjson
from sqlalchemy import Table, and_, bindparam, delete, insert, or_, select, true, update
from sqlalchemy.orm import Session

from hub.db import Database
from hub.models import Duty, JournalHead, JournalRow
from hub.records import clock_trust
from hub.regulation.duties import ending, marks, opening, reckoning
from hub.regulation.duties.instants import Instants
from hub.regulation.duties.lookups import Lookups, chunks
from hub.regulation.duties.marks import Mark
from hub.regulation.duties.opening import Live, Row
from hub.regulation.edition import editions
from hub.regulation.edition.clauses import Rule
from hub.regulation.edition.editions import Adopted
from hub.regulation.edition.working_days import start_of

PAGE = 1000
NOTICE = "correction_notice"  # the answer that only who had the older version owes
DUTIES = cast("Table", Duty.__table__)
NAMES = [column.name for column in fields(Live)]
COLUMNS = [DUTIES.c[name] for name in NAMES]
MOVING = ("next_due_at", "state", "evidence", "counted", "ended_at")  # what rows and timers change
_ADD = insert(DUTIES)
_MOVE = (
    update(DUTIES)
    .where(DUTIES.c.id == bindparam("this"))
    .values({name: bindparam(f"new_{name}", type_=DUTIES.c[name].type) for name in MOVING})
)


def catch_up(database: Database) -> int:
    """Read whatever the journal has that the duties do not know; returns how many rows."""
    read, instants = 0, Instants()
    while _is_behind(database):
        with database.writing() as session:
            read += project(session, instants=instants)
    return read


def project(session: Session, lookups: Lookups | None = None, *, instants: Instants | None = None) -> int:
    """Read one page of rows after the mark; returns how many. What was looked up may be kept from page to page.

    While the clock is not believed nothing is read that was journalled since.
    """
    mark = marks.lock(session)
    page = _Page(session, editions.timeline(session), mark, lookups or Lookups(session))
    count = page.read(instants or Instants())
    page.write()
    return count


def open_periods(session: Session, *, until: datetime) -> None:
    """Open what the calendar brings up to an instant that the clocks have passed."""
    mark = marks.lock(session)
    page = _Page(session, editions.timeline(session), mark, Lookups(session))
    page.open_periods(until)
    page.write()


def forget(session: Session) -> Mark:
    """Throw every duty away and go back to before the first row; returns the mark as it was."""
    mark = marks.lock(session)
    session.execute(delete(DUTIES))
    marks.write(session, Mark())
    return mark


def is_behind(session: Session) -> bool:
    """Has the journal rows that may be read and were not?"""
    return marks.read(session).row < _head(session) and editions.is_any(session)


def _is_behind(database: Database) -> bool:
    with database.reading() as session:
        return is_behind(session)


def _head(session: Session) -> int:
    """The last row that may be read. The fault is asked first: its acceptance is a row that the head then counts."""
    believed = clock_trust.find_believed(session)
    head = session.scalar(select(JournalHead.number)) or 0
    return head if believed is None else min(head, believed)


class _Page:
    """One page of the journal, and the duties that its rows may touch."""

    def __init__(self, session: Session, timeline: Sequence[Adopted], mark: Mark, lookups: Lookups) -> None:
        self.session = session
        self.timeline = timeline
        self.mark = mark
        self.row = mark.row
        first = timeline[0].effective_at if timeline else None
        self.calendar: datetime | None = None
        self._pass(mark.calendar or (first - reckoning.INSTANT if first else None))
        self.lookups = lookups
        by_edition = ((edition.id, edition.regulation.rules.values()) for edition in timeline)
        self.rules = {(edition_id, rule.number): rule for edition_id, rules in by_edition for rule in rules}
        triggers = [rule.trigger for rule in self.rules.values() if rule.trigger is not None]
        self.members = sorted({trigger.same for trigger in triggers if trigger.same})
        self.eaches = sorted({trigger.each for trigger in triggers if trigger.each})
        self.live: dict[str, list[Live]] = {}  # by key
        self.by_id: dict[str, Live] = {}
        self.new: list[Live] = []
        self.moved: dict[str, Live] = {}
        self.told: dict[int, dict[str, Any]] = {}  # rows that opened duties, where they were asked for

    def read(self, instants: Instants) -> int:
        """Read the next rows; returns how many."""
        head = _head(self.session)
        instants.learn(self.session, after=self.row, head=head)
        rows = list(self._rows(head, instants))
        self._load(rows)
        for row in rows:
            self.open_periods(row.at)
            self._take(row)
        self.row = rows[-1].number if len(rows) == PAGE else max(self.row, head)
        return len(rows)

    def open_periods(self, until: datetime) -> None:
        """Open every period that has begun."""
        if self.calendar is None or until < self.following:
            return
        for at, each, period in reckoning.periods_between(self.calendar, until):
            edition = editions.at_instant(self.timeline, at)
            self._add(opening.by_calendar(edition, at, each, period, self.lookups))
        self._pass(until)

    def write(self) -> None:
        """Write what was opened and what moved, and the mark."""
        if self.new:
            self.session.execute(_ADD, [{name: getattr(duty, name) for name in NAMES} for duty in self.new])
        fresh = {duty.id for duty in self.new}
        moved = [
            {"this": duty.id, **{f"new_{name}": getattr(duty, name) for name in MOVING}}
            for duty in self.moved.values()
            if duty.id not in fresh
        ]
        if moved:
            self.session.connection().execute(_MOVE, moved)
        marks.write(self.session, replace(self.mark, row=self.row, calendar=self.calendar))

    def _pass(self, until: datetime | None) -> None:
        """Every period that began by `until` is open."""
        self.calendar = until
        if until is not None:
            self.following = reckoning.next_period(until)

    def _rows(self, head: int, instants: Instants) -> Iterator[Row]:
        if not self.timeline:
            return
        query = (
            select(JournalRow.number, JournalRow.at, JournalRow.story_id, JournalRow.body)
            .where(JournalRow.number > self.row, JournalRow.number <= head)
            .where(or_(JournalRow.at >= self.timeline[0].effective_at, instants.doubted()))
            .order_by(JournalRow.number)
            .limit(PAGE)
        )
        found = [
            (number, instants.of(number, at), story, orjson.loads(body))
            for number, at, story, body in self.session.execute(query)
        ]
        self.lookups.prepare(
            {record["organization"] for _, _, _, record in found if record.get("organization")},
            {story for _, _, story, record in found if story and not record.get("organization")},
        )
        for number, at, story, record in found:
            organization = record.get("organization") or self.lookups.organization_of(story)
            units = self.lookups.answers_for(organization, at)
            outlets = self.lookups.outlets_answered_for(record.get(opening.OUTLET, ""), at)
            yield Row(number, at, story, record, organization, units, outlets)

    def _load(self, rows: Iterable[Row]) -> None:
        """Find the open duties that these rows may touch, and those of before that the end of a hold may bring anew."""
        keys: set[str] = set()
        waived: set[str] = set()
        lifted: set[str] = set()
        ended: set[str] = set()
        for row in rows:
            ended.update(ending.ended_by(row, self.lookups))
            keys.update(opening.keys_of(row, self.members, self.eaches))
            if row.record.get("kind") == "waived":
                waived.add(str(row.record.get("duty")))
            elif row.record.get("act") == "lift":
                lifted.add(f"s:{row.story}")
        running = DUTIES.c.ended_at.is_(None)
        for column, wanted, condition in (
            (DUTIES.c.key, lifted, true()),
            (DUTIES.c.key, keys - lifted, running),
            (DUTIES.c.id, waived, running),
            (DUTIES.c.owner, ended, and_(DUTIES.c.owner_kind == opening.ORGANIZATION, running)),
        ):
            for some in chunks(sorted(wanted)):
                query = select(*COLUMNS).where(column.in_(some), condition).order_by(DUTIES.c.id)
                for found in self.session.execute(query):
                    if found.id not in self.by_id:
                        self._know(Live(**found._mapping))

    def _know(self, duty: Live) -> None:
        self.by_id[duty.id] = duty
        self.live.setdefault(duty.key, []).append(duty)

    def _add(self, opened: Iterable[Live]) -> None:
        for duty in opened:
            if duty.id not in self.by_id:
                self._know(duty)
                self.new.append(duty)

    def _take(self, row: Row) -> None:
        """What one row fulfils and ends, and then what it opens."""
        record = row.record
        waived = self.by_id.get(str(record.get("duty"))) if record.get("kind") == "waived" else None
        if waived is not None and waived.ended_at is None:
            self._end(waived, row, "waived", evidence=True)
        act = record.get("act") if record.get("kind") == "act" else None
        self._let_ended_go(row)
        replaced: list[Live] = []
        passed = self._fulfil(row, replaced)
        edition = editions.at_instant(self.timeline, row.at)
        if not edition.id:
            return
        had = {duty.owner for duty in replaced}  # nothing of the story: what they were to get has another beginning
        self._add(
            duty
            for duty in opening.by_row(edition, row, self.lookups)
            if duty.owner not in had or self.rules[duty.edition_id, duty.clause].what.answer != NOTICE
        )
        for duty in replaced:
            known, rule = self._judged(duty)
            if not self._is_owed(duty.key, rule, duty.owner):
                self._add(opening.again(known, rule, row, self.lookups, duty))
        if act == "submit":
            self._add(opening.by_chain(edition, row, self.lookups, after=None))
        elif act == "confirm" and passed:
            self._add(opening.by_chain(edition, row, self.lookups, after=str(record.get("step", ""))))
        elif act == "lift" and record.get("after") != opening.HELD:
            for duty in self._stopped(row):
                self._add(opening.anew(*self._judged(duty), row, duty))
            for rule, duty in opening.by_lift(edition, row, self.lookups):
                if not self._is_owed(duty.key, rule, duty.owner):
                    self._carry(duty, rule, row)
                    self._add([duty])

    def _let_ended_go(self, row: Row) -> None:
        """End what nobody can do any more for an organization that is closed, and what its heir would do twice.

        Where it ends after a deadline it still has to keep it.
        """
        codes = ending.ended_by(row, self.lookups)
        if not codes:
            return
        ends = max(row.at, start_of(date.fromisoformat(row.record["on"])))
        for duty in [duty for duty in self.by_id.values() if duty.owner in codes and duty.ended_at is None]:
            rule = self.rules[duty.edition_id, duty.clause]
            if duty.owner_kind != opening.ORGANIZATION or row.at < duty.due_at <= ends:
                continue
            if row.record.get("heir"):
                gone = duty.key.startswith("p:") and rule.what.of_stories and duty.due_at > ends
            else:
                gone = duty.key.startswith(("p:", f"k:{opening.ORGANIZATION}:"))
            if gone:
                state = reckoning.ended_state(duty.due_at, row.at, fulfilled=False)
                self._end(duty, row, state, evidence=True)

    def _judged(self, duty: Live) -> tuple[Adopted, Rule]:
        """The edition and the rule that a duty was opened by."""
        edition = next(each for each in self.timeline if each.id == duty.edition_id)
        return edition, self.rules[duty.edition_id, duty.clause]

    def _stopped(self, row: Row) -> list[Live]:
        """What outlets owed of a story until it was held, and have neither done nor lost since."""
        last: dict[tuple[str, str], Live] = {}
        for duty in self.live.get(f"s:{row.story}", ()):
            if duty.owner_kind == opening.OUTLET:
                last[duty.clause, duty.owner] = duty
        return [
            duty
            for duty in last.values()
            if duty.ended_at is not None
            and duty.state in ("lapsed", "late")
            and self.rules[duty.edition_id, duty.clause].stops_on_hold
            and not self._has_lost(duty, row, ())
        ]

    def _is_let_go(self, duty: Live, row: Row) -> bool:
        """Does a row that ends such duties end this one? One that speaks of outlets or channels may mean others."""
        if duty.owner_kind != opening.OUTLET:
            return True
        if row.record.get(opening.OUTLET):
            return duty.owner in row.outlets and self._has_lost(duty, row, row.record.get("channels") or ())
        if row.record.get("act") == "release":
            return duty.opened_at > row.at and self._channels_of(duty) <= set(row.record.get("channels") or ())
        return True

    def _has_lost(self, duty: Live, row: Row, channels: Collection[str]) -> bool:
        """Was all that a release gave to an outlet taken back from it, with these channels?"""
        if row.record.get(opening.OUTLET) not in (None, duty.owner):
            return True  # asked of whoever came after it, by another name
        given = self._channels_of(duty)
        lost = self.lookups.taken_back(duty.story_id or "", duty.owner, row.at)
        return given <= {*lost, *channels} if given or channels else False

    def _channels_of(self, duty: Live) -> set[str]:
        """The channels of an outlet that the row which opened its duty names."""
        named = self._told_by(duty.opened_by).get("channels") or ()
        return {address for address in named if address.partition("/")[0] == duty.owner}

    def _is_owed(self, key: str, rule: Rule, owner: str) -> bool:
        """Is the same still asked for? An edition whose terms go on during a hold has not let go of it."""
        running = (duty for duty in self.live.get(key, ()) if duty.ended_at is None and duty.owner == owner)
        return any(self.rules[duty.edition_id, duty.clause].what == rule.what for duty in running)

    def _carry(self, duty: Live, rule: Rule, row: Row) -> None:
        """Let what a hold interrupted go on from there: who had confirmed this version has not to do it again."""
        before = [
            each for each in self.live.get(duty.key, ()) if each.clause == duty.clause and each.owner == duty.owner
        ]
        numbers = before[-1].evidence if rule.two_people and before else ()
        for body in self.session.scalars(select(JournalRow.body).where(JournalRow.number.in_(numbers))):
            said = orjson.loads(body)
            if said.get("act") == rule.what.act and said.get("version") == row.record.get("version"):
                duty.evidence, duty.counted = [*duty.evidence, said["number"]], [*duty.counted, said["actor"]]

    def _fulfil(self, row: Row, replaced: list[Live]) -> bool:
        """Count the row where it is evidence, end what lapses by it; has a confirmation passed its step?

        To `replaced` come the duties of releases that the row puts others in the place of.
        """
        waiting = False
        edition = editions.at_instant(self.timeline, row.at)
        for key in opening.keys_of(row, self.members, self.eaches):
            for duty in self.live.get(key, ()):
                if duty.ended_at is not None:
                    continue
                if duty.story_id is not None and row.story not in (None, duty.story_id):
                    continue  # the same person's, in another story
                rule = self.rules[duty.edition_id, duty.clause]
                if self._is_evidence(duty, rule, row):
                    waiting |= not self._count(duty, rule, row) and rule.what.act == "confirm"
                elif any(pattern.matches(row.record) for pattern in rule.lapses):
                    if self._is_let_go(duty, row):
                        self._lapse(duty, row)
                        replaced += [duty] if row.record.get("act") == "release" else []
                elif row.record.get("act") == "confirm" and ending.is_step_of_before(rule, edition):
                    self._end(duty, row, reckoning.ended_state(duty.due_at, row.at, fulfilled=True), evidence=True)
        return not waiting

    def _is_evidence(self, duty: Live, rule: Rule, row: Row) -> bool:
        """Is the row one that the rule asks for, by whoever owes it, and of no older version than it has to be?"""
        if duty.owner_kind == opening.OUTLET and duty.owner not in row.outlets:
            return False
        fitting = [pattern for pattern in rule.evidence if pattern.matches(row.record)]
        if any(not pattern.not_older for pattern in fitting):
            return True
        return bool(fitting) and (row.record.get("version") or 0) >= self._told_by(duty.opened_by).get("version", 0)

    def _told_by(self, number: int) -> dict[str, Any]:
        """What the row that opened a duty says."""
        if number not in self.told:
            body = self.session.scalar(select(JournalRow.body).where(JournalRow.number == number))
            self.told[number] = orjson.loads(body) if body is not None else {}
        return self.told[number]

    def _count(self, duty: Live, rule: Rule, row: Row) -> bool:
        """Take a row as evidence; is the duty fulfilled by it?"""
        needed, value = ending.needed(rule, row)
        if needed > 1:
            if value in duty.counted:
                return False
            duty.counted = [*duty.counted, value]
            if len(duty.counted) < needed:
                duty.evidence = [*duty.evidence, row.number]
                self._move(duty)
                return False
        self._end(duty, row, reckoning.ended_state(duty.due_at, row.at, fulfilled=True), evidence=True)
        return True

    def _lapse(self, duty: Live, row: Row) -> None:
        self._end(duty, row, reckoning.ended_state(duty.due_at, row.at, fulfilled=False), evidence=False)

    def _end(self, duty: Live, row: Row, state: str, *, evidence: bool) -> None:
        duty.state, duty.ended_at, duty.next_due_at = state, row.at, None
        if evidence:
            duty.evidence = [*duty.evidence, row.number]
        self._move(duty)

    def _move(self, duty: Live) -> None:
        self.moved[duty.id] = duty
