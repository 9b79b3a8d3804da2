"""What `hub verify` finds in the registers: organizations, agencies, outlets, users, seats and delegations.

Each row, with all that hangs on it, against the last digest that the journal tells of it; what happened to whom, and
who ended by it, against the rows of events; and what a row says of today against its states. Rows of a hub that never
told of them all are compared as far as the journal goes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.accounts import registers
from hub.accounts.registers import FACTS, Register
from hub.clock import local_day
from hub.models import Delegation, JournalRow, Membership, Organization, RegisterEvent
from hub.operation.verifying.consent_told import records
from hub.operation.verifying.proof_faults import Seen
from hub.records import journal

PAGE = 500
WITH_EVENTS = (registers.ORGANIZATIONS, registers.AGENCIES, registers.OUTLETS)
STATES = {"organization": FACTS, "agency": ("name",), "outlet": ("name", "agency_id")}  # what a row says of today
ENDING = ("merge", "close")
EVENT = ("register", "kind", "on", "decision", "subject", "successor", "heir", "recorded_at")
End = tuple[str, str]  # the day, and the code of the successor


@dataclass(slots=True)
class _Told:
    """What happened, by the journal: events, who ended by them, roles given and delegations made."""

    events: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    ends: dict[tuple[str, str], End] = field(default_factory=dict)  # by register and code
    roles: set[tuple[Any, ...]] = field(default_factory=set)
    delegations: set[tuple[Any, ...]] = field(default_factory=set)

    def read(self, said: Mapping[str, Any]) -> None:
        """Take in a record."""
        match said["kind"]:
            case "role_given":
                self.roles.add(tuple(said[name] for name in ("user", "role", "organization", "on")))
            case "delegated":
                self.delegations.add(tuple(said[name] for name in ("user", "deputy", "on", "until")))
            case kind if kind.endswith("_event"):
                register, subject = kind.removesuffix("_event"), said["subject"]
                names = ("event", "on", "decision", "subject", "successor", "heir", "at")
                self.events[(register, *(said[name] for name in names))] += 1
                if said["event"] in ENDING or said["heir"]:
                    self.ends[register, subject] = (said["on"], said["successor"])


def find(session: Session, seen: Seen) -> Iterator[str]:
    """Every fault of the registers, as a sentence with codes and numbers."""
    told = _read(session)
    yield from _digest_faults(session, seen)
    yield from _event_faults(session, told)
    today = local_day(at) if (at := journal.newest(session)) is not None else date.max
    for register in WITH_EVENTS:
        yield from _end_faults(session, register, told)
        yield from _today_faults(session, register, today)
    yield from _given_faults(session, told)


def _read(session: Session) -> _Told:
    told = _Told()
    kinds = ('_event"', '"kind":"role_given"', '"kind":"delegated"')
    for page in records(session, or_(*(JournalRow.body.contains(kind, autoescape=True) for kind in kinds))):
        for said in page:
            told.read(said)
    return told


def _digest_faults(session: Session, seen: Seen) -> Iterator[str]:
    told = registers.told_last(session)
    for register in registers.ALL:
        for page in registers.pages(session, register):
            for row_id, digest in registers.digests_of(session, register, page).items():
                before = told.digests.pop((register.name, row_id), None)
                if before is None and told.complete:
                    yield f"{register.name} {row_id}: the journal does not tell of it"
                elif before is not None and before != digest:
                    yield f"{register.name} {row_id}: is not what the journal tells"
            seen("register rows", len(page))
    for name, row_id in told.digests:
        yield f"{name} {row_id}: the journal tells of it, but it is not there"


def _event_faults(session: Session, told: _Told) -> Iterator[str]:
    """Events are rows of the register and of the journal, one each."""
    left, columns = told.events.copy(), [getattr(RegisterEvent, name) for name in EVENT]
    for register, kind, on, *said, recorded_at in session.execute(select(*columns).order_by(RegisterEvent.id)):
        event = (register, kind, on.isoformat(), *said, recorded_at.isoformat())
        left[event] -= 1
        if left[event] < 0:
            yield f"register event ({kind} of {register} {said[1]}): the journal does not tell of it"
    for (register, kind, _, _, subject, *_), many in left.items():
        if many > 0:
            yield f"register event ({kind} of {register} {subject}): the journal tells of it, but it is not there"


def _end_faults(session: Session, register: Register, told: _Told) -> Iterator[str]:
    """Who has ended, and who came after, by the events that ended them."""
    table = register.table
    codes: dict[int | None, str] = dict(session.execute(select(table.id, table.code)).all())
    ended = select(table.code, table.ended_on, table.successor_id).where(
        or_(table.ended_on.is_not(None), table.successor_id.is_not(None))
    )
    left = {code: end for (name, code), end in told.ends.items() if name == register.name}
    for code, on, successor_id in session.execute(ended):
        if left.pop(code, None) != (on.isoformat() if on else "", codes.get(successor_id, "")):
            yield f"{register.name} {code}: has not ended as the journal tells"
    for code in left:
        yield f"{register.name} {code}: has ended by the journal, and goes on"


def _today_faults(session: Session, register: Register, today: date) -> Iterator[str]:
    """What a row says is what its state of today does; or a later one, or the one before where no worker ran since."""
    names, part = STATES[register.name], register.parts[0]
    table, state = register.table, part.table
    owner = getattr(state, part.owner)
    for page in registers.pages(session, register):
        query = select(owner, state.valid_from, *(getattr(state, name) for name in names))
        states: dict[int, list[tuple[date, list[Any]]]] = {row_id: [] for row_id in page}
        for row_id, begins, *said in session.execute(query.where(owner.in_(page)).order_by(owner, state.valid_from)):
            states[row_id].append((begins, said))
        now = select(table.id, table.code, *(getattr(table, name) for name in names)).where(table.id.in_(page))
        for row_id, code, *said in session.execute(now.order_by(table.id)):
            if said not in _possible(states[row_id], today):
                yield f"{register.name} {code}: says something else than its states"


def _possible(states: Sequence[tuple[date, list[Any]]], today: date) -> list[list[Any]]:
    begun = sum(begins <= today for begins, _ in states)
    return [said for _, said in states[max(begun - 2, 0) :]]


def _given_faults(session: Session, told: _Told) -> Iterator[str]:
    """Seats and delegations that an act gave: from before the registers were told, too. A seat may have ended since."""
    columns = (Membership.user_id, Membership.role, Organization.code, Membership.valid_from)
    query = select(*columns).join(Organization, Organization.id == Membership.organization_id)
    seats = {(*said, on.isoformat()) for *said, on in session.execute(query)}
    for user_id, role, code, on in sorted(told.roles - seats):
        yield f"seat of user {user_id} ({role} of {code} from {on}): the journal tells of it, but it is not there"
    spans = select(Delegation.user_id, Delegation.deputy_id, Delegation.valid_from, Delegation.valid_to)
    made = {(*said, on.isoformat(), until.isoformat()) for *said, on, until in session.execute(spans)}
    for user_id, deputy_id, *_ in sorted(told.delegations - made):
        yield f"delegation of user {user_id} to {deputy_id}: the journal tells of it, but it is not there"
