"""What the journal's rows leave out and a duty needs: who stands above whom, who had a story, what it says.

Everything is asked once for each page of rows and kept for the length of one run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from hub.clock import local_day
from hub.models import (
    Change,
    Channel,
    Entry,
    Organization,
    OrganizationState,
    Outlet,
    Receipt,
    RegisterEvent,
    Release,
    Story,
    Version,
)
from hub.records.disclosures import reveal
from hub.regulation.edition.clauses import Unit, Units
from hub.regulation.edition.working_days import start_of

OUTLET, ORGANIZATION = "outlet", "organization"  # the registers
WITHDRAW = "withdraw"  # the task of a receipt for a story that has to go altogether
ENDS = ("merge", "close")  # events after which an outlet is no more
ROW = (
    *(getattr(Organization, name) for name in ("id", "code", "created_at", "ended_on", "successor_id")),
)  # bare: many
STATE = (*(getattr(OrganizationState, name) for name in ("organization_id", "valid_from", "kind", "level", "system")),)
CHUNK = 500  # values in one IN
FEW = 20  # organizations asked for by their lines; more of them, and the whole tree is read


class Lookups:
    """Answers for one run. The tree is asked as of a row's instant, so that a later run gives the same answers.

    What an instant knows is what had been recorded by then and had taken effect: who is told today of a merger of last
    month has not answered for anybody's duties in between.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._lives: dict[str, _Life] = {}
        self._whole = False
        self._owners: dict[str, str] = {}
        self._outlets: dict[str, str] | None = None
        self._outlet_mergers: list[tuple[Any, ...]] | None = None  # when, which one, into which
        self._before: dict[str, list[tuple[str, _Since]]] | None = None  # by successor: who ended into it, and when
        self._recorded: dict[tuple[str, date], datetime] | None = None  # when the event of a day was, by code and day

    def prepare(self, organizations: Collection[str], stories: Collection[str]) -> None:
        """Ask at once for what a page of rows names."""
        unknown = sorted(set(stories) - self._owners.keys())
        for some in chunks(unknown):
            query = select(Story.id, Organization.code).join(Organization, Organization.id == Story.organization_id)
            self._owners.update({row[0]: row[1] for row in self.session.execute(query.where(Story.id.in_(some)))})
        wanted = {*organizations, *(self._owners[story] for story in unknown if story in self._owners)}
        if not self._whole and len(wanted - self._lives.keys()) > FEW:
            self._load_tree()

    def organization_of(self, story_id: str | None) -> str:
        """The code of the organization whose story it is; empty without one."""
        if story_id is None:
            return ""
        self.prepare((), [story_id])
        return self._owners.get(story_id, "")

    def lineage(self, code: str, at: datetime) -> tuple[Unit, ...]:
        """An organization and all above it as they stood at `at`, nearest first; none for an unknown code.

        Whoever had ended by then gives way to the successor; above the first, whoever was closed to the one above it.
        """
        if code not in self._lives and not self._whole:
            self._load_line(code)
        line: dict[str, Unit] = {}
        seen: set[str] = set()
        here: str | None = code
        while here is not None and here in self._lives and here not in seen:
            seen.add(here)
            life = self._lives[here]
            if life.has_ended(at) and life.successor is not None:
                here = life.successor
                continue
            state = life.at(at)
            if not line or not life.has_ended(at):
                line[here] = Unit(code=here, kind=state.kind, level=state.level, system=state.system)
            here = state.parent
        return tuple(line.values())

    def who_answers(self, code: str, at: datetime) -> tuple[str, ...]:
        """The codes of those who answer for an organization at `at`, nearest first: it, then all above it.

        A closed one answers no more; whoever stands above it does so for what it still owes.
        """
        line = self.lineage(code, at)
        closed = bool(line) and self._lives[line[0].code].has_ended(at)
        return tuple(unit.code for unit in line[closed:])

    def answers_for(self, code: str, at: datetime) -> tuple[str, ...]:
        """The codes whose duties a row of an organization answers for at `at`: its own, and of whoever it came after.

        What bears the name of one that had ended is its successor's doing.
        """
        if not code:
            return ()
        line = self.lineage(code, at)
        found = [line[0].code if line else code]
        before = self._ended()
        for each in found:  # grows while it is read: what was merged may have been merged into before
            found += [old for old, end in before.get(each, ()) if end.is_told(at) and old not in found]
        return tuple(found)

    def each(self, units: Units, at: datetime) -> Iterator[str]:
        """The codes of the organizations that fit and existed at `at`."""
        self._load_tree()
        for code, life in sorted(self._lives.items()):
            if life.has_begun(at) and not life.has_ended(at) and units.holds(self.lineage(code, at)):
                yield code

    def ends_before(self, code: str, due: datetime, at: datetime, *, with_heir: bool) -> bool:
        """Is it known at `at` that an organization will be no more by `due`? `with_heir`: also with a successor."""
        life = self._lives.get(code)
        if life is None or life.end is None or (life.successor is not None and not with_heir):
            return False
        return life.end.is_known(at) and start_of(life.end.day) < due

    def outlets_answered_for(self, code: str, at: datetime) -> tuple[str, ...]:
        """The codes of the outlets whose duties one does at `at`: its own, and those of what had merged into it."""
        if self._outlet_mergers is None:
            query = select(RegisterEvent.recorded_at, RegisterEvent.subject, RegisterEvent.successor).where(
                RegisterEvent.register == OUTLET, RegisterEvent.kind == "merge"
            )
            self._outlet_mergers = [tuple(row) for row in self.session.execute(query)]
        found = [code] if code else []
        for each in found:  # grows while it is read
            found += [old for then, old, new in self._outlet_mergers if new == each and then <= at and old not in found]
        return tuple(found)

    def outlets_lasting(self, at: datetime) -> Mapping[str, str]:
        """The kind of every outlet that had not ended by `at`, by code."""
        query = select(RegisterEvent.subject).where(RegisterEvent.register == OUTLET, RegisterEvent.kind.in_(ENDS))
        late = query.where(RegisterEvent.recorded_at > at)  # than this instant knows of
        gone = select(Outlet.code).where(Outlet.ended_on <= local_day(at), Outlet.code.not_in(late))
        ended = set(self.session.scalars(gone))
        return {code: kind for code, kind in self.outlets().items() if code not in ended}

    def outlets(self) -> Mapping[str, str]:
        """The kind of every outlet, by code."""
        if self._outlets is None:
            rows = self.session.execute(select(Outlet.code, Outlet.kind).order_by(Outlet.code))
            self._outlets = {row[0]: row[1] for row in rows}
        return self._outlets

    def outlets_with(self, story_id: str, at: datetime) -> list[str]:
        """The outlets in whose channels a story stood by `at`, without those that had ended."""
        ended = select(RegisterEvent.subject).where(
            RegisterEvent.register == OUTLET, RegisterEvent.kind.in_(ENDS), RegisterEvent.recorded_at <= at
        )
        query = (
            select(Outlet.code)
            .distinct()
            .join(Channel, Channel.outlet_id == Outlet.id)
            .join(Entry, Entry.channel_id == Channel.id)
            .join(Change, Change.entry_id == Entry.id)  # what a merger carried stood here only since
            .where(Entry.story_id == story_id, Entry.published <= at, Change.at <= at, Outlet.code.not_in(ended))
            .order_by(Outlet.code)
        )
        return list(self.session.scalars(query))

    def taken_back(self, story_id: str, outlet: str, at: datetime) -> set[str]:
        """The channels, as ``outlet/channel``, from which an outlet was asked by `at` to take a story down."""
        query = (
            select(Receipt.channels)
            .join(Outlet, Outlet.id == Receipt.outlet_id)
            .where(Receipt.story_id == story_id, Receipt.task == WITHDRAW)
            .where(Outlet.code == outlet, Receipt.asked_at <= at)
        )
        return {address for channels in self.session.scalars(query) for address in channels}

    def starts(self, act_id: int) -> dict[str, datetime]:
        """When the releases of an act may be seen first, by outlet: an embargo may hold them back."""
        query = (
            select(Outlet.code, Release.available_from)
            .join(Channel, Channel.id == Release.channel_id)
            .join(Outlet, Outlet.id == Channel.outlet_id)
            .where(Release.act_id == act_id, Release.carried_from_id.is_(None))
        )
        found: dict[str, datetime] = {}
        for code, starts in self.session.execute(query):
            found[code] = min(starts, found.get(code, starts))
        return found

    def content(self, story_id: str | None, version: Any) -> dict[str, Any]:
        """What a version says, as far as nobody was erased; nothing for a version that is not there."""
        if story_id is None or not isinstance(version, int):
            return {}
        query = select(Version.disclosures).where(Version.story_id == story_id, Version.number == version)
        disclosures = self.session.scalar(query)
        return reveal(disclosures) if disclosures else {}

    def _ended(self) -> dict[str, list[tuple[str, _Since]]]:
        if self._before is None:
            later = aliased(Organization)
            query = (
                select(later.code, Organization.code, Organization.ended_on)
                .join(later, later.id == Organization.successor_id)
                .order_by(Organization.code)
            )
            self._before = {}
            for successor, code, ended in self.session.execute(query):
                if ended is not None:
                    self._before.setdefault(successor, []).append((code, self._since(code, ended)))
        return self._before

    def _since(self, code: str, day: date) -> _Since:
        """Since when something is so that took effect on a day."""
        return _Since(day, self._recorded_at().get((code, day)))

    def _recorded_at(self) -> dict[tuple[str, date], datetime]:
        if self._recorded is None:
            query = select(RegisterEvent.subject, RegisterEvent.on, RegisterEvent.recorded_at)
            rows = self.session.execute(query.where(RegisterEvent.register == ORGANIZATION).order_by(RegisterEvent.id))
            self._recorded = {}
            for code, on, recorded in rows:
                self._recorded.setdefault((code, on), recorded)  # what is put right that day was begun by the first
        return self._recorded

    def _load_line(self, code: str) -> None:
        """One organization and whoever stood above it or came after it, at any time."""
        wanted = {code}
        while wanted:
            self._take(select(*ROW).where(Organization.code.in_(wanted)))
            known = [self._lives[one] for one in wanted if one in self._lives]
            beyond = {state.parent for life in known for _, state in life.states} | {life.successor for life in known}
            wanted = {one for one in beyond if one is not None and one not in self._lives}

    def _load_tree(self) -> None:
        if not self._whole:
            self._take(select(*ROW))
            self._whole = True

    def _take(self, query: Any) -> None:
        rows = self.session.execute(query).all()
        above = aliased(Organization)
        states: dict[int, list[_State]] = {}
        for some in chunks([row.id for row in rows]):
            told = (
                select(*STATE, above.code)
                .outerjoin(above, above.id == OrganizationState.parent_id)
                .where(OrganizationState.organization_id.in_(some))
                .order_by(OrganizationState.valid_from)
            )
            for row_id, *said in self.session.execute(told):
                states.setdefault(row_id, []).append(_State(*said))
        successors = {row.successor_id for row in rows if row.successor_id is not None}
        codes = {
            row_id: code
            for some in chunks(sorted(successors))
            for row_id, code in self.session.execute(
                select(Organization.id, Organization.code).where(Organization.id.in_(some))
            )
        }
        for row in rows:
            begun = [_Since(states[row.id][0].valid_from, row.created_at)]  # the founding is no event
            begun += [self._since(row.code, state.valid_from) for state in states[row.id][1:]]
            self._lives[row.code] = _Life(
                states=tuple(zip(begun, states[row.id], strict=True)),
                end=self._since(row.code, row.ended_on) if row.ended_on is not None else None,
                successor=codes.get(row.successor_id) if row.successor_id else None,
            )


@dataclass(frozen=True, slots=True)
class _Since:
    """The day something took effect, and the instant it was recorded; None where nobody wrote that down."""

    day: date
    recorded: datetime | None = None

    def is_told(self, at: datetime) -> bool:
        """Had it taken effect by `at`, and was it known?"""
        return self.day <= local_day(at) and self.is_known(at)

    def is_known(self, at: datetime) -> bool:
        """Was it known at `at`, whether it had taken effect or not?"""
        return self.recorded is None or self.recorded <= at


@dataclass(frozen=True, slots=True)
class _State:
    """What an organization was from a day on."""

    valid_from: date
    kind: str
    level: str
    system: str
    parent: str | None  # a code


@dataclass(frozen=True, slots=True, kw_only=True)
class _Life:
    """An organization through time."""

    states: tuple[tuple[_Since, _State], ...]  # oldest first
    end: _Since | None
    successor: str | None  # a code

    def has_begun(self, at: datetime) -> bool:
        """Was it there at an instant?"""
        return self.states[0][0].is_told(at)

    def has_ended(self, at: datetime) -> bool:
        """Was it no more at an instant, as far as was known?"""
        return self.end is not None and self.end.is_told(at)

    def at(self, at: datetime) -> _State:
        """What it was at an instant, as far as was known; before its first day what it was then."""
        return next((state for since, state in reversed(self.states) if since.is_told(at)), self.states[0][1])


def chunks(values: list[Any]) -> Iterator[list[Any]]:
    """A list in parts that one IN can take."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
