"""Which acts people are told of: events for the outbox, which `hub.delivery.notices` turns into mail and webhooks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from hub.actors import Actor, Role
from hub.models import Act, Change, Channel, Entry, Outlet, Release, Story
from hub.outlets import uses
from hub.outlets.ledgers import ChangeKind
from hub.records import outbox
from hub.regulation import chain
from hub.regulation.duties import reckoning
from hub.regulation.edition.clauses import Step
from hub.regulation.ruling import Ruling
from hub.regulation.workflow import ActKind, State

OF_ACTS: Mapping[str, str] = {ActKind.RETURN: "returned", ActKind.CONFIRM: "confirmed"}
WITHDRAWN = "withdrawn"
WAITING: Mapping[str, str] = {  # the states in which a story waits for somebody, and for whom
    State.CONFIRMING: Role.CONFIRMER,
    State.SUBMITTED: Role.EDITOR,
    State.CORRECTING: Role.EDITOR,
    State.WITHDRAWAL_REQUESTED: Role.EDITOR,
}
HANDED_IN = frozenset({ActKind.SUBMIT, ActKind.CORRECT})  # the whole term begins again
OF_CHANGES: Mapping[str, str] = {ChangeKind.RELEASED: "released", ChangeKind.CORRECTED: "corrected"}


def of_acts(session: Session, acts: Sequence[Act], *, actor: Actor, now: datetime) -> None:
    """Queue what these acts, just written, tell."""
    for act in acts:
        kind = _kind_of(act)
        if kind is not None:
            outbox.add_notice(
                session, kind, at=now, story=act.story_id, act=act.id, clause=act.clause, by=actor.user_id
            )


def of_waiting(
    session: Session, story: Story, act: Act, ruling: Ruling, *, actor: Actor, record: Mapping[str, Any], now: datetime
) -> None:
    """Queue for whom the story waits since this act: the confirmers of the open step's unit, or the desk's editors.

    `record` is the act's journal row, by which clauses are triggered.
    """
    goes_on = act.kind == ActKind.CONFIRM and act.step != story.step
    if story.state not in WAITING or not (act.state_before != act.state_after or act.kind in HANDED_IN or goes_on):
        return
    step = next((each for each in ruling.route if each.name == story.step), None)
    unit = step.unit_of(ruling.facts) if step is not None else None
    if unit is None and story.state == State.CONFIRMING:
        return  # the edition in force asks for no more: it is nobody's in particular
    owed = _owed_step(story, step, ruling, now=now) if step is not None else _owed_by_desk(story, record, ruling, now)
    outbox.add_notice(
        session,
        outbox.WAITING,
        at=now,
        story=story.id,
        act=act.id,
        state=story.state,
        step=story.step,
        organization=unit.code if unit is not None else "",
        role=WAITING[story.state],
        clause=owed.clause,
        due_at=owed.due_at.isoformat() if owed.due_at is not None else None,
        by=actor.user_id,
    )


def of_releases(session: Session, rows: Sequence[Release], *, now: datetime, by: int | None = None) -> None:
    """Queue what releases tell that have just entered their channels: one event for each act, and never before."""
    if not rows:
        return
    session.flush()
    query = (
        select(Release.story_id, Release.act_id, Change.kind, Outlet.code)
        .join(Channel, Channel.id == Release.channel_id)
        .join(Outlet, Outlet.id == Channel.outlet_id)
        .join(Entry, Entry.release_id == Release.id)
        .join(Change, and_(Change.channel_id == Entry.channel_id, Change.number == Entry.number))
        .where(Release.id.in_([row.id for row in rows]))
    )
    outlets: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    for story_id, act_id, change, code in session.execute(query):
        if change in OF_CHANGES:
            outlets[OF_CHANGES[change], story_id, act_id].add(code)
    for (kind, story_id, act_id), codes in sorted(outlets.items()):
        told: dict[str, Any] = {"story": story_id, "act": act_id, "by": by}
        if used := _who_used(session, story_id, codes, now=now):  # to them the same event, and before the others
            outbox.add_notice(session, kind, at=now, first=True, outlets=used, **told)
        outbox.add_notice(session, kind, at=now, outlets=sorted(codes), **told)


def _who_used(session: Session, story_id: str, codes: set[str], *, now: datetime) -> list[str]:
    ids = uses.who_used(session, story_id, now=now).keys()
    return sorted(codes & set(session.scalars(select(Outlet.code).where(Outlet.id.in_(ids))))) if ids else []


@dataclass(frozen=True, slots=True)
class _Owed:
    """The clause by which somebody has to act, and until when; nothing where no clause says so."""

    clause: str = ""
    due_at: datetime | None = None


def _owed_step(story: Story, step: Step, ruling: Ruling, *, now: datetime) -> _Owed:
    return _Owed(step.rule.number, chain.due_at(ruling.regulation, step, since=story.step_since or now))


def _owed_by_desk(story: Story, record: Mapping[str, Any], ruling: Ruling, now: datetime) -> _Owed:
    """The earliest term that begins for the desk with this act; none after a hold, during which an older one ran on."""
    rules = ruling.regulation.triggered_by(record)
    if story.state == State.SUBMITTED and record["act"] in (ActKind.SUBMIT, ActKind.CONFIRM):
        rules += [
            rule for rule in ruling.regulation.rules.values() if rule.trigger and rule.trigger.chain == "complete"
        ]
    found = [
        _Owed(rule.number, reckoning.due_at(rule.deadline, ruling.regulation.calendar, now))
        for rule in rules
        if rule.who and rule.who.of == "desk" and rule.deadline and rule.applies_to.holds(ruling.facts)
    ]
    return min(found, key=lambda owed: owed.due_at or now, default=_Owed())


def _kind_of(act: Act) -> str | None:
    """What an act tells those who sent the story; outlets hear of a withdrawal with the receipt they are asked for."""
    if act.state_after == State.WITHDRAWN:  # whichever act did it
        return WITHDRAWN if act.state_before != State.WITHDRAWN else None
    if act.state_before == State.WITHDRAWAL_REQUESTED:
        return None  # there a return refuses the request
    return OF_ACTS.get(act.kind)
