"""What happens to organizations: rename, move, merge, split and close, each by a decision of a day.

Histories only grow at their end: what was is never rewritten, and an event that would lie before what is already
known is refused, naming the rows in the way. An event of the very day on which the last state began says what holds
from that day on: one decision may rename and move, and whoever was added today can be put right today. Every event is
a row of the register and of the journal, so what was said first stays there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from feeds.text import clean_text
from hub.accounts import organizations, registers
from hub.accounts.organizations import FACTS, holds
from hub.clock import local_day
from hub.errors import Conflict, Invalid
from hub.models import Organization, OrganizationState, RegisterEvent
from hub.records import journal
from schemas.faults import fault_at

ORGANIZATION = "organization"


class Cycle(Conflict):
    """The organization would stand below itself."""

    key = "error.cycle"


class OverlappingValidity(Conflict):
    """Something is known already of a later day."""

    key = "error.overlapping_validity"


class HasEnded(Conflict):
    """What has ended takes part in nothing more."""

    key = "error.has_ended"


class HasThoseBelow(Conflict):
    """Organizations stand below the one that is to be closed."""

    key = "error.has_those_below"


class MergesIntoItself(Conflict):
    """Nobody comes after oneself."""

    key = "error.merges_into_itself"


class SplitsIntoItself(Conflict):
    """Nobody comes out of oneself."""

    key = "error.splits_into_itself"


@dataclass(frozen=True, slots=True)
class Decision:
    """On which day something takes effect, and the number of the decision, as printed.

    Raises Invalid for an empty number: nobody could look up later why the register says so.
    """

    on: date
    number: str

    def __post_init__(self) -> None:
        if not clean_text(self.number).strip():
            raise Invalid(faults=[fault_at("organization-event.v1", ("decision",), "blank")])


def rename(session: Session, code: str, name: str, decision: Decision, *, now: datetime) -> Organization:
    """Give an organization another name. Raises OverlappingValidity, HasEnded or NoName."""
    return change(session, code, {"name": name}, "rename", decision, now=now)


def move(session: Session, code: str, parent: str, decision: Decision, *, now: datetime) -> Organization:
    """Put an organization under another one, or under none (``""``).

    Raises Cycle, OverlappingValidity, HasEnded, or what `organizations.check_there` raises of the one above.
    """
    above = organizations.get(session, parent) if parent else None
    return change(session, code, {"parent_id": above.id if above else None}, "move", decision, now=now)


def change(
    session: Session, code: str, facts: Mapping[str, Any], kind: str, decision: Decision, *, now: datetime
) -> Organization:
    """Begin a new state with `facts` that differ from the one before; `kind` names the event."""
    row = _lasting(session, code, decision)
    organizations.check_name(code, facts.get("name", row.name))
    _check_line(session, row, facts, decision)
    _begin_state(session, row, facts, decision, now=now)
    refresh(session, on=local_day(now), codes=[code])
    _record(session, kind, [(code, "", False)], decision, now=now)
    return row


def merge(
    session: Session, codes: Sequence[str], into: str, decision: Decision, *, now: datetime
) -> list[Organization]:
    """End organizations and let `into` inherit them; those below them stand below it.

    Raises MergesIntoItself when nobody else is named, HasEnded, or Cycle.
    """
    heir = _lasting(session, into, decision)
    ending = [_lasting(session, code, decision) for code in dict.fromkeys(codes) if code != into]
    if not ending:
        raise MergesIntoItself(code=into)
    below = {each.code for each in organizations.list_line(session, heir.id, on=decision.on)[1:]}
    if under := sorted(below & {row.code for row in ending}):
        raise Cycle(code=into, line=", ".join(under))
    for row in ending:
        _end(session, row, heir, decision)
    _record(session, "merge", [(row.code, into, True) for row in ending], decision, now=now)
    return ending


def split(
    session: Session, code: str, into: Sequence[str], decision: Decision, *, goes_on: bool = False, now: datetime
) -> Organization:
    """Let others come out of an organization. Unless it goes on, it ends, and the first of `into` inherits it.

    Raises SplitsIntoItself or HasEnded.
    """
    row = _lasting(session, code, decision)
    if code in into or not into:
        raise SplitsIntoItself(code=code)
    heirs = [_lasting(session, name, decision) for name in dict.fromkeys(into)]
    if not goes_on:
        _end(session, row, heirs[0], decision)
    _record(
        session,
        "split",
        [(code, heir.code, heir is heirs[0] and not goes_on) for heir in heirs],
        decision,
        now=now,
    )
    return row


def close(session: Session, code: str, decision: Decision, *, children_up: bool = False, now: datetime) -> Organization:
    """End an organization; whoever stands above it answers for what it still owes.

    With `children_up` those below it go under the one above it on that day. Raises HasThoseBelow, HasEnded.
    """
    row = _lasting(session, code, decision)
    below = _list_below(session, row, decision)
    if below and not children_up:
        raise HasThoseBelow(code=code, on=decision.on.isoformat(), below=", ".join(below))
    above = organizations.find_above(session, row.id, on=decision.on) if below else None
    for child in below:
        change(session, child, {"parent_id": above}, "move", decision, now=now)
    _end(session, row, None, decision)
    _record(session, "close", [(code, "", False)], decision, now=now)
    return row


def list_events(session: Session, code: str, *, register: str = ORGANIZATION) -> list[RegisterEvent]:
    """What happened to somebody, as giver or as taker, oldest first."""
    query = select(RegisterEvent).where(
        RegisterEvent.register == register, (RegisterEvent.subject == code) | (RegisterEvent.successor == code)
    )
    return list(session.scalars(query.order_by(RegisterEvent.on, RegisterEvent.id)))


def refresh(session: Session, *, on: date, codes: Sequence[str] | None = None) -> int:
    """Let the rows of organizations say what holds on this day; returns how many changed. Cheap when nothing began."""
    state = OrganizationState
    differs = [getattr(Organization, name).is_distinct_from(getattr(state, name)) for name in FACTS]
    query = select(Organization, state).join(state, state.organization_id == Organization.id).where(holds(state, on))
    query = query.where(differs[0] | differs[1] | differs[2] | differs[3] | differs[4] | differs[5] | differs[6])
    if codes is not None:
        query = query.where(Organization.code.in_(codes))
    changed = session.execute(query).all()
    for row, now_so in changed:
        for name in FACTS:
            setattr(row, name, getattr(now_so, name))
    session.flush()
    return len(changed)


def _lasting(session: Session, code: str, decision: Decision) -> Organization:
    """The organization with this code, which must not have an end. Raises NotFound, HasEnded."""
    row = organizations.get(session, code)
    if row.ended_on is not None:
        raise HasEnded(code=code, ended_on=row.ended_on.isoformat(), decision=decision.number)
    return row


def _list_below(session: Session, row: Organization, decision: Decision) -> list[str]:
    """The codes of those below an organization, or below one that it came after, on a day or on any later one."""
    on, state = decision.on, OrganizationState
    family = organizations.family(row.id, on=on)
    query = (
        select(Organization.code)
        .join(state, state.organization_id == Organization.id)
        .where(state.parent_id.in_(select(family.c.id)), or_(state.valid_to.is_(None), state.valid_to > on))
        .where(or_(Organization.ended_on.is_(None), Organization.ended_on > on))
    )
    return list(session.scalars(query.distinct().order_by(Organization.code)))


def _check_line(session: Session, row: Organization, facts: Mapping[str, Any], decision: Decision) -> None:
    parent_id = facts.get("parent_id")
    if parent_id is None:
        return
    organizations.check_there(session, session.get_one(Organization, parent_id), on=decision.on)
    later = select(OrganizationState.valid_from).where(OrganizationState.valid_from > decision.on).distinct()
    for day in [decision.on, *sorted(session.scalars(later))]:  # what is planned already counts, too
        line = [each.code for each in organizations.list_line(session, parent_id, on=day)]
        if row.code in line:
            raise Cycle(code=row.code, line=" < ".join([row.code, *line[: line.index(row.code) + 1]]))


def _begin_state(
    session: Session, row: Organization, facts: Mapping[str, Any], decision: Decision, *, now: datetime
) -> None:
    """Begin another state, or put right the one that was written down today for this very day.

    What was known yesterday is never written over: duties were judged by it, and stories carry its names.
    """
    last = _last_state(session, row, decision)
    if last.valid_from == decision.on:
        if not _is_of_today(session, row, last, now=now):
            raise _overlapping(row, last, decision)
        for name, value in facts.items():
            setattr(last, name, value)
        session.flush()
        return
    last.valid_to = decision.on
    kept = {name: getattr(last, name) for name in FACTS}
    session.add(OrganizationState(organization_id=row.id, valid_from=decision.on, **{**kept, **facts}))
    session.flush()


def _last_state(session: Session, row: Organization, decision: Decision) -> OrganizationState:
    """What is known last, which must not begin after the decision's day. Raises OverlappingValidity."""
    *_, last = organizations.list_states(session, row.id)
    if last.valid_from > decision.on:
        raise _overlapping(row, last, decision)
    return last


def _overlapping(row: Organization, last: OrganizationState, decision: Decision) -> OverlappingValidity:
    return OverlappingValidity(
        code=row.code, on=decision.on.isoformat(), known=last.valid_from.isoformat(), name=last.name
    )


def _is_of_today(session: Session, row: Organization, last: OrganizationState, *, now: datetime) -> bool:
    """Was a state written down today? Of a founding nothing says when, so that must be of today itself."""
    query = select(RegisterEvent.recorded_at).where(
        RegisterEvent.register == ORGANIZATION, RegisterEvent.subject == row.code, RegisterEvent.on == last.valid_from
    )
    recorded = session.scalar(query.order_by(RegisterEvent.id).limit(1))
    return local_day(recorded) == local_day(now) if recorded is not None else last.valid_from == local_day(now)


def _end(session: Session, row: Organization, heir: Organization | None, decision: Decision) -> None:
    _last_state(session, row, decision)
    row.ended_on = decision.on
    row.successor_id = heir.id if heir else None
    session.flush()


def _record(
    session: Session, kind: str, parties: Sequence[tuple[str, str, bool]], decision: Decision, *, now: datetime
) -> None:
    record(session, ORGANIZATION, kind, parties, decision, now=now)


def record(
    session: Session,
    register: str,
    kind: str,
    parties: Sequence[tuple[str, str, bool]],
    decision: Decision,
    *,
    now: datetime,
) -> None:
    """Write an event into its register and the journal; `parties` are (subject, successor, whether it inherits)."""
    said = {"kind": f"{register}_event", "event": kind, "on": decision.on.isoformat(), "decision": decision.number}
    for subject, successor, heir in parties:
        session.add(
            RegisterEvent(
                register=register,
                kind=kind,
                on=decision.on,
                decision=decision.number,
                subject=subject,
                successor=successor,
                heir=heir,
                recorded_at=now,
            )
        )
    journal.append_all(
        session,
        [{**said, "subject": subject, "successor": successor, "heir": heir} for subject, successor, heir in parties],
        at=now,
    )
    registers.tell_codes(session, register, {subject for subject, _, _ in parties}, at=now)
