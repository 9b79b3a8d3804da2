"""Acts: one step of the regulation on a version, written into the chained journal with all that follows from it.

Order inside a transaction: the story's row is locked, the table and the rules decide, channels are locked in the
order of their ids, rows are written, and the journal's head comes last.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from feeds.document import Status
from hub.accounts import rights
from hub.actors import SYSTEM, Actor, Role
from hub.clock import local_day
from hub.db import add_at_once, change_at_once
from hub.errors import NotFound
from hub.models import Act, Receipt, Release, Story
from hub.outlets import ledgers, receipts, releases, shown
from hub.outlets.receipts import Loss
from hub.records import journal, likenesses
from hub.records.journal import Record
from hub.regulation import (
    act_records,
    claims,
    confirming,
    corrections,
    crediting,
    holds,
    joining,
    orders,
    releasing,
    telling,
    unbooking,
    winning,
    workflow,
)
from hub.regulation.confirming import Progress
from hub.regulation.consent import following, reducing
from hub.regulation.consent.reducing import Outcome, Settled
from hub.regulation.edition import clauses, editions
from hub.regulation.edition.clauses import Step
from hub.regulation.release_rules import Refusal
from hub.regulation.releasing import Order
from hub.regulation.ruling import Ruling, with_clause
from hub.regulation.ruling import of_story as ruling_of
from hub.regulation.workflow import ActKind, Standing, State

STATUS: Mapping[State, Status] = {
    State.HELD: Status.HELD,
    State.WITHDRAWAL_REQUESTED: Status.WITHDRAWAL_REQUESTED,
    **dict.fromkeys(workflow.CORRECTIONS, Status.CORRECTION_PENDING),
}
CANCELLED = "correction_cancelled"  # the kind of the record: of a correction that waited nothing may be shown
JUDGES = frozenset({ActKind.VERIFY_CLAIM, ActKind.APPROVE})  # beside CONFIRM, which the chain checks


@dataclass(frozen=True, slots=True)
class Done:
    """The acts that happened, the proposed channels that the rules kept the story out of, and receipts asked.

    `settled` is what became of the stories in which an act made consent go, `told` the releases that readers see from
    now on, `severity` that of the correction that was released.
    """

    acts: tuple[Act, ...]
    kept_out: tuple[tuple[str, Refusal], ...] = ()
    asked: tuple[Receipt, ...] = ()
    settled: Settled | None = None
    told: tuple[Release, ...] = ()
    severity: str = ""


def get_locked(session: Session, story_id: str) -> Story:
    """The story, locked until the transaction ends. Raises NotFound."""
    story = find_locked(session, Story.id == story_id)
    if story is None:
        raise NotFound(what=story_id, kind="story")
    return story


def find_locked(session: Session, *conditions: ColumnElement[bool]) -> Story | None:
    """The one story that meets `conditions`, locked until the transaction ends."""
    query = (
        select(Story)
        .where(*conditions)
        .options(joinedload(Story.organization, innerjoin=True))
        .with_for_update(of=Story)
        .execution_options(populate_existing=True)
    )
    return session.scalar(query)


def perform(
    session: Session,
    story: Story,
    order: Order,
    *,
    actor: Actor,
    now: datetime,
    preceding: Sequence[dict[str, Any]] = (),
) -> Done:
    """Do what `order` says to a locked story.

    `approve` with channels approves and releases. `preceding` are journal records of the same transaction that come
    before the act's. Raises ActForbidden, ActNotYours, VersionConflict or ReleaseRefused (Conflict), or Invalid when
    the order lacks what the act needs.
    """
    if not preceding:
        orders.check_complete(session, story, order)
    if order.kind is ActKind.APPROVE and order.channels is not None:
        approved = _do(session, story, replace(order, channels=None, embargo_until=None), actor=actor, now=now)
        released = _do(session, story, replace(order, kind=ActKind.RELEASE), actor=actor, now=now)
        done = replace(released, acts=approved.acts + released.acts)
    else:
        done = _do(session, story, order, actor=actor, now=now)
    telling.of_acts(session, done.acts, actor=actor, now=now)
    telling.of_releases(session, done.told, now=now, by=actor.user_id)
    records = [
        *preceding,
        *_records_of(session, story, done, now=now),
        *unbooking.after_acts(session, done.acts, now=now),
    ]
    journal.append_all(session, records, at=now, story_id=story.id)
    told = _shown_anew(done.acts)
    if done.settled is not None:
        reducing.append(session, done.settled, now=now)
        told -= {settled.id for settled in done.settled.stories}
    shown.tell(session, told, at=now)
    crediting.tell(session, {act.into_id for act in done.acts if act.into_id}, at=now)
    return done


def _records_of(session: Session, story: Story, done: Done, *, now: datetime) -> list[Record]:
    """What the journal is told of acts, and of the receipts that outlets are asked for them."""
    for_consent = done.acts[-1].reason == reducing.REASON  # the desk may write down what a person said to it
    reason = receipts.CONSENT if for_consent else receipts.WITHDRAWAL
    asked = [receipts.record_of(row, organization=story.organization.code, reason=reason) for row in done.asked]
    said = {ActKind.RELEASE.value: {"severity": done.severity}} if done.severity else {}
    acted = [act_records.record_of(act, story) | said.get(act.kind, {}) for act in done.acts]
    return acted + [with_clause(session, row, now=now) for row in asked]


def _shown_anew(acts: Sequence[Act]) -> set[str]:
    """The stories whose releases these acts made or changed."""
    released = {act.story_id for act in acts if act.kind == ActKind.RELEASE}
    return released | {act.into_id for act in acts if act.into_id}


def settle(
    session: Session, stories: Sequence[Story], *, by: Act | None = None, actor: Actor = SYSTEM, now: datetime
) -> Outcome:
    """Obey consent that went in these locked stories: reduce what stands and waits, take back a story left with
    nothing, ask outlets what they did about it.

    `by` is the release that took it away. The caller appends the outcome to the journal, last.
    """
    outcome = reducing.reduce(session, stories, by=by, now=now)
    for story in stories:
        if story in outcome.emptied:
            record = take_back(session, story, reason=reducing.REASON, actor=actor, now=now)
            outcome.records.setdefault(story.id, []).append(record)
        elif story in outcome.thinned:
            outcome.records[story.id] = _set_back(session, story, actor=actor, now=now)
        elif any(loss.story_id == story.id for loss in outcome.losses):
            story.revision += 1
    unbooking.add_to(outcome.records, session, [story.id for story in stories], now=now)
    outcome.receipts = receipts.ask(session, outcome.losses, now=now, within=answer_within(session, now))
    return outcome


def _set_back(session: Session, story: Story, *, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """What waited in channels waits there no more: let them show it, and where no release of the version is left,
    let the one that stands be the released one again; returns the journal record of that.
    """
    story.revision += 1
    entries = [row for row in releases.list_entries(session, story.id) if row.state != Status.WITHDRAWN]
    if entries:
        channels = ledgers.lock(session, {entry.channel_id for entry in entries})
        releases.reflect(session, entries, channels, status_of(story.state, held=story.held), now=now)
    left = releases.list_live_versions(session, story.id)
    if story.released is None or story.released in left:
        return []
    cancelled, story.released = story.released, max(left)
    said = {"kind": CANCELLED, "version": cancelled, "stands": story.released}
    return [{**said, "organization": story.organization.code, "actor": actor.mark}]


def take_back(session: Session, story: Story, *, reason: str, actor: Actor, now: datetime) -> dict[str, Any]:
    """Write the act that withdraws a story of which nothing may be shown any more.

    Its releases are taken back by the caller, who also appends the journal record that is answered.
    """
    order, ruling = Order(kind=ActKind.WITHDRAW, reason=reason), ruling_of(session, story, now=now)
    after = Standing(State.WITHDRAWN)
    act = _write(session, story, order, after, actor=actor, role=actor.role, ruling=ruling, step="", now=now)
    _move(session, story, after, now=now)
    end(session, story)
    session.flush()
    telling.of_acts(session, [act], actor=actor, now=now)
    return act_records.record_of(act, story)


def answer_within(session: Session, now: datetime) -> timedelta:
    """How long outlets have to say what they took down, by the clause in force; the usual time where it says none."""
    hours = clauses.hours_to_answer(editions.in_force(session, now), "receipt")
    return receipts.ANSWER_WITHIN if hours is None else timedelta(hours=hours)


def end(session: Session, story: Story) -> None:
    """What a story that has ended leaves behind in the workflow: nothing waits for it, nothing is like it."""
    story.released, story.step, story.step_since = None, "", None
    likenesses.forget(session, story.id)


def status_of(state: str, *, held: bool) -> Status:
    """What outlets see of a story in this state; a hold lasts until it is lifted."""
    if held and state == State.WITHDRAWAL_REQUESTED:
        return Status.HELD
    return STATUS.get(State(state), Status.RELEASED)


def list_acts(session: Session, story_id: str) -> list[Act]:
    """Everything that was done to a story, oldest first."""
    return list(session.scalars(select(Act).where(Act.story_id == story_id).order_by(Act.id)))


def returned_version(session: Session, story_id: str) -> int | None:
    """The version that was returned last; what is newer has been mended since."""
    newest = select(Act.version).where(Act.story_id == story_id, Act.kind == ActKind.RETURN.value)
    return session.scalar(newest.order_by(Act.id.desc()).limit(1))


def _do(session: Session, story: Story, order: Order, *, actor: Actor, now: datetime) -> Done:
    ruling = ruling_of(session, story, now=now)
    known = confirming.progress(session, story, ruling)
    with winning.told(session, story, order.kind.value, now=now):
        orders.check(session, story, order)
        role, after = _next_standing(session, story, order, actor, ruling, known, now=now)
        if order.kind is ActKind.CONFIRM:
            confirming.check(session, story, ruling, known, actor=actor, now=now)
        if order.kind in JUDGES:
            confirming.check_not_own(session, story, ruling, order.kind, actor=actor)
        if order.kind is ActKind.RELEASE:
            releasing.check_second_person(session, story, ruling, actor=actor)
            corrections.check_explained(session, story, order, ruling)
        releasing.check_not_released(session, story, order, ruling)
        goal = joining.get_goal(session, story, order, actor=actor, now=now) if order.kind is ActKind.JOIN else None
    if role is Role.AUDITOR:
        order, actor = holds.hushed(order), holds.AUDITORS
    waits = order.kind is ActKind.CONFIRM or (order.kind is ActKind.LIFT and story.step)  # an edition may drop its step
    step = (known.open.name if known.open is not None else story.step) if waits else ""
    act = _write(session, story, order, after, actor=actor, role=role, ruling=ruling, step=step, now=now)
    open_step = known.after(ruling, order.kind, actor.user_id)
    _move(session, story, after, now=now, **_waiting(story, after, open_step, order.kind, now=now))
    if order.kind is ActKind.VERIFY_CLAIM:
        claims.verify(session, story, act, order.claims)
    settled = None
    if goal is not None:
        joining.join(session, story, goal, actor=actor, now=now)
        settled = _obey_in(session, goal, following.join(session, story, goal, actor=actor, at=now), actor, now=now)
    if after.state in workflow.ENDED:
        likenesses.forget(session, story.id)
    telling.of_waiting(session, story, act, ruling, actor=actor, record=act_records.record_of(act, story), now=now)
    if order.kind is ActKind.RELEASE:
        corrects = story.released is not None and story.released != act.version
        if corrects:
            order = replace(order, severity=corrections.record(session, story, act, order).severity)
        severity = corrections.gravest_shown(session, story, order.severity) if corrects else ""
        kept_out, narrowed, told = releasing.release(session, story, act, order, ruling, now=now)
        settled = _obey_in(session, story, narrowed, actor, by=act, now=now)
        return Done((act,), kept_out, settled=settled, told=tuple(told), severity=severity)
    return Done((act,), asked=tuple(_show(session, story, act, now=now)), settled=settled)


def _obey_in(
    session: Session, story: Story, said: Record | None, actor: Actor, *, by: Act | None = None, now: datetime
) -> Settled | None:
    """Settle a story in which an act made consent go, of which the journal is told `said`; None where it did not."""
    if said is None:
        return None
    outcome = settle(session, [story], by=by, actor=actor, now=now)
    return Settled([story], outcome, {story.id: {**said, "actor": actor.mark}})


def standing_of(story: Story) -> Standing:
    """What the table needs to know of a story."""
    return Standing(State(story.state), story.held, story.resumes_to, story.released is not None)


def _next_standing(
    session: Session,
    story: Story,
    order: Order,
    actor: Actor,
    ruling: Ruling,
    known: Progress,
    *,
    now: datetime,
) -> tuple[Role, Standing]:
    before = standing_of(story)
    roles = rights.roles_over(session, actor, story.organization_id, on=local_day(now))
    if order.kind is ActKind.REQUEST_WITHDRAWAL and crediting.is_credited(session, story.id, actor, on=local_day(now)):
        roles = (*roles, Role.CONTRIBUTOR)  # it tells what they told
    open_after = known.after(ruling, order.kind, actor.user_id) is not None
    role = workflow.role_for(order.kind, roles, state=before.state)
    if order.kind in holds.KINDS:
        told = [(act.kind, act.actor_kind) for act in list_acts(session, story.id)]
        return role, holds.next_standing(before, order.kind, role, holds.list_holders(told))
    return role, workflow.next_standing(before, order.kind, role, route_open=open_after)


def _waiting(story: Story, after: Standing, step: Step | None, kind: ActKind, *, now: datetime) -> dict[str, Any]:
    """The step that a story waits for after an act, where it is another one; a story on hold keeps its own."""
    if after.state is State.HELD and step is None and kind is not ActKind.SUBMIT:
        return {}
    name = step.name if step is not None and after.state in (State.CONFIRMING, State.HELD) else ""
    anew = kind in (ActKind.SUBMIT, ActKind.LIFT)  # then whoever confirms has all the term
    if name and name == story.step and not anew:
        return {}
    return {"step": name, "step_since": now if name else None}


def _move(session: Session, story: Story, after: Standing, *, now: datetime, **waiting: Any) -> None:
    """Make of a story what an act has made of it."""
    standing = {"state": after.state.value, "held": after.held, "resumes_to": after.resumes_to}
    change_at_once(session, story, **standing, **waiting, revision=story.revision + 1, updated_at=now)


def _write(
    session: Session,
    story: Story,
    order: Order,
    after: Standing,
    *,
    actor: Actor,
    role: Role,
    ruling: Ruling,
    step: str,
    now: datetime,
) -> Act:
    act = Act(
        story_id=story.id,
        version=releasing.meant_version(story, order.kind),
        kind=order.kind.value,
        actor_kind=role.value,
        actor_id=actor.id,
        actor_name=actor.name,
        user_id=actor.user_id,
        by_code=actor.code,
        step=step,
        clause=ruling.clause_for(order.kind.value, step=step),
        state_before=story.state,
        state_after=after.state.value,
        note=order.note,
        reason=order.reason,
        channels=list(order.channels or ()),
        embargo_until=order.embargo_until,
        into_id=order.into if order.kind is ActKind.JOIN else None,
        faults=[asdict(fault) for fault in order.faults] or None,
        changes=[note.as_json() for note in order.changes] or None,
        salt=secrets.token_urlsafe(16),
        at=now,
    )
    add_at_once(session, act)  # a release writes its channels into the row afterwards
    return act


def _show(session: Session, story: Story, act: Act, *, now: datetime) -> list[Receipt]:
    """Let every channel that has the story show what has become of it; returns what outlets were asked."""
    if act.state_before not in workflow.STANDING:
        return []
    entries = releases.list_entries(session, story.id)
    if act.kind == ActKind.WITHDRAW:
        channels = ledgers.lock(session, {entry.channel_id for entry in entries})
        had = [channels[entry.channel_id] for entry in entries if entry.state != Status.WITHDRAWN]
        losses = [Loss(story_id=story.id, channel=channel, task=receipts.WITHDRAW) for channel in had]
        releases.withdraw(session, story.id, entries, channels, now=now)
        story.released = None
        return receipts.ask(session, losses, now=now, within=answer_within(session, now))
    if entries:
        channels = ledgers.lock(session, {entry.channel_id for entry in entries})
        releases.reflect(session, entries, channels, status_of(story.state, held=story.held), now=now)
    return []
