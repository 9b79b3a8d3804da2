"""Acts: one step of the regulation on a version, written into the chained journal with all that follows from it.

Order inside a transaction: the story's row is locked, the table and the rules decide, channels are locked in the
order of their ids, rows are written, and the journal's head comes last.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

import schemas
from feeds.document import Status
from hub.accounts import organizations
from hub.accounts.actors import SYSTEM, Actor
from hub.errors import Conflict, Invalid, NotFound
from hub.models import Act, Channel, Organization, Release, Story, Version
from hub.outlets import catalog, embargo, ledgers, releases, selection
from hub.records import clock_trust, consents, journal
from hub.records.disclosures import Content, reveal
from hub.regulation import release_rules, workflow
from hub.regulation.release_rules import Refusal, Target
from hub.regulation.workflow import ActKind, Standing, State
from schemas.faults import fault_at

STATUS: Mapping[State, Status] = {
    State.HELD: Status.HELD,
    State.WITHDRAWAL_REQUESTED: Status.WITHDRAWAL_REQUESTED,
    **dict.fromkeys(workflow.CORRECTIONS, Status.CORRECTION_PENDING),
}
NEEDS_NOTE = frozenset({ActKind.RETURN})
NEEDS_REASON = frozenset({ActKind.WITHDRAW, ActKind.REQUEST_WITHDRAWAL})


class VersionConflict(Conflict):
    """The act names a version that is not the newest one."""

    key = "error.version_conflict"


class ReleaseRefused(Conflict):
    """The rules of release do not let this version into these channels."""

    key = "error.release_refused"


class NoChannel(Conflict):
    """No channel's selection proposes this story, and the act names none."""

    key = "error.no_channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody wants done. `channels` None: those the selections propose."""

    kind: ActKind
    version: int | None = None
    note: str = ""
    public_note: str = ""  # what readers of a correction are told
    channels: tuple[str, ...] | None = None
    embargo_until: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """The acts that happened, and the proposed channels that the rules kept the story out of."""

    acts: tuple[Act, ...]
    kept_out: tuple[tuple[str, Refusal], ...] = ()


def get_locked(session: Session, story_id: str) -> Story:
    """The story, locked until the transaction ends. Raises NotFound."""
    story = find_locked(session, Story.id == story_id)
    if story is None:
        raise NotFound(what=story_id)
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
    _check(session, story, order)
    if order.kind is ActKind.APPROVE and order.channels is not None:
        approved = _do(session, story, replace(order, channels=None, embargo_until=None), actor=actor, now=now)
        released = _do(session, story, replace(order, kind=ActKind.RELEASE), actor=actor, now=now)
        done = Done(approved.acts + released.acts, released.kept_out)
    else:
        done = _do(session, story, order, actor=actor, now=now)
    records = [*preceding, *(_record(act) for act in done.acts)]
    journal.append_all(session, records, at=now, story_id=story.id)
    return done


def release_due(session: Session, *, now: datetime) -> int:
    """End every embargo that `now` has passed; returns how many releases entered their channels."""
    due = releases.list_due(session, now=now)
    for story_id in sorted({release.story_id for release in due}):
        get_locked(session, story_id)
    due = releases.list_due(session, now=now)  # once more, now that nobody can hold or withdraw them
    channels = ledgers.lock(session, {release.channel_id for release in due})
    for release in due:
        releases.stand(session, release, channels[release.channel_id], now=now)
        story = session.get_one(Story, release.story_id)
        story.revision += 1
    if due:
        record = {"kind": "embargo_ended", "releases": [release.id for release in due], "actor": SYSTEM.name}
        journal.append(session, record, at=now)
    return len(due)


def get_version(session: Session, story_id: str, number: int) -> Version:
    """A version by number. Raises NotFound."""
    version = session.scalar(select(Version).where(Version.story_id == story_id, Version.number == number))
    if version is None:
        raise NotFound(what=f"{story_id}/versions/{number}")
    return version


def list_acts(session: Session, story_id: str) -> list[Act]:
    """Everything that was done to a story, oldest first."""
    return list(session.scalars(select(Act).where(Act.story_id == story_id).order_by(Act.id)))


def explain(session: Session, story: Story, channel: Channel, *, now: datetime) -> tuple[str | None, list[Refusal]]:
    """Why the newest version would enter a channel or not: the selection's mismatch, and the rules' refusals."""
    content = reveal(get_version(session, story.id, story.latest).disclosures)
    facts = _facts(session, story, content)
    scopes = consents.scopes_of(session, story.id, now=now)
    refusals = release_rules.find_refusals(
        content, target_of(channel), scopes=scopes, act_embargo=None, today=now.date()
    )
    return selection.find_mismatch(channel.selection, facts), refusals


def target_of(channel: Channel) -> Target:
    """What the rules of release look at in a channel."""
    required = schemas.vocabulary("profiles")[channel.profile].extras["required"]
    return Target(profile=channel.profile, audience=channel.audience, fields=channel.fields, required=required)


def _do(session: Session, story: Story, order: Order, *, actor: Actor, now: datetime) -> Done:
    after = _next_standing(session, story, order, actor)
    act = _write(session, story, order, after, actor=actor, now=now)
    kept_out: tuple[tuple[str, Refusal], ...] = ()
    if order.kind is ActKind.RELEASE:
        kept_out = _release(session, story, act, order, now=now)
    else:
        _show(session, story, act, now=now)
    return Done((act,), kept_out)


def _check(session: Session, story: Story, order: Order) -> None:
    if order.version is not None and order.version != story.latest:
        raise VersionConflict(version=order.version, latest=story.latest, **_winner(session, story))
    if order.kind in NEEDS_NOTE and not order.note:
        raise Invalid(faults=[fault_at("act.v1", ("note",), "required")])
    if order.kind in NEEDS_REASON:
        reasons = schemas.vocabulary("withdrawal_reasons")
        if not order.reason:
            raise Invalid(faults=[fault_at("act.v1", ("reason",), "required")])
        if order.reason not in reasons:
            raise Invalid(
                faults=[fault_at("act.v1", ("reason",), "enum", value=order.reason, allowed=", ".join(reasons.codes))]
            )


def _next_standing(session: Session, story: Story, order: Order, actor: Actor) -> Standing:
    before = Standing(State(story.state), story.held, story.resumes_to)
    try:
        return workflow.next_standing(before, order.kind, actor.role)
    except workflow.ActForbidden as exc:
        raise type(exc)(**exc.facts, **_winner(session, story)) from exc


def _winner(session: Session, story: Story) -> dict[str, Any]:
    """The act that made the story what it is now, for whoever came second."""
    act = session.scalar(select(Act).where(Act.story_id == story.id).order_by(Act.id.desc()).limit(1))
    if act is None:
        return {"winner": "-", "winner_at": "-"}
    return {"winner": act.kind, "winner_at": act.at.isoformat()}


def _write(session: Session, story: Story, order: Order, after: Standing, *, actor: Actor, now: datetime) -> Act:
    act = Act(
        story=story,
        version=story.latest,
        kind=order.kind.value,
        actor_kind=actor.role.value,
        actor_id=actor.id,
        actor_name=actor.name,
        state_before=story.state,
        state_after=after.state.value,
        note=order.note,
        reason=order.reason,
        channels=list(order.channels or ()),
        embargo_until=order.embargo_until,
        salt=secrets.token_urlsafe(16),
        at=now,
    )
    session.add(act)
    story.state, story.held, story.resumes_to = after.state.value, after.held, after.resumes_to
    story.revision += 1
    story.updated_at = now
    session.flush()
    return act


def _record(act: Act) -> dict[str, Any]:
    """What the journal keeps of an act: commitments, never its texts."""
    return {
        "kind": "act",
        "act": act.kind,
        "id": act.id,
        "version": act.version,
        "actor": f"{act.actor_kind}:{act.actor_id}",
        "before": act.state_before,
        "after": act.state_after,
        "channels": list(act.channels),
        "embargo_until": act.embargo_until.astimezone(UTC).isoformat() if act.embargo_until else None,
        "note": journal.commitment(act.salt, f"{act.reason}\n{act.note}\n{act.actor_name}"),
    }


def _release(
    session: Session, story: Story, act: Act, order: Order, *, now: datetime
) -> tuple[tuple[str, Refusal], ...]:
    version = get_version(session, story.id, story.latest)
    content = reveal(version.disclosures)
    live = releases.list_live(session, story.id)
    corrects = story.released is not None and story.released != story.latest
    standing = {release.channel_id for release in live} if corrects else set()
    if corrects:
        consents.narrow_to(session, story_id=story.id, consent=content["consent"], at=now)
    scopes = consents.scopes_of(session, story.id, now=now)
    chosen, kept_out = _choose(session, story, content, order, scopes, standing, now=now)
    act.channels = [catalog.address_of(channel) for channel in chosen]
    channels = ledgers.lock(session, {channel.id for channel in chosen})
    own = release_rules.embargo_of(content)
    starts = embargo.available_from(now=now, story_embargo=own, act_embargo=order.embargo_until)
    # what has an embargo waits for the worker, who alone may say that the clocks have passed it
    at_once = own is None and order.embargo_until is None and clock_trust.is_trusted(session, now=now)
    for channel in channels.values():
        fields = release_rules.consented_fields(target_of(channel), scopes)
        plan = releases.Plan(
            channel_id=channel.id,
            available_from=_starts(live, channel, starts),
            fields=fields,
            pictures=release_rules.allowed_pictures(content, scopes, fields),
            note=order.public_note,
        )
        release = releases.plan(session, story, version, act, plan, now=now)
        if at_once:
            releases.stand(session, release, channel, now=now)
    story.released = story.latest
    return kept_out


def _starts(live: Sequence[Release], channel: Channel, starts: datetime) -> datetime:
    """A correction never shows earlier than what it corrects."""
    return max([starts, *(release.available_from for release in live if release.channel_id == channel.id)])


def _choose(
    session: Session,
    story: Story,
    content: Content,
    order: Order,
    scopes: frozenset[str],
    standing: set[int],
    *,
    now: datetime,
) -> tuple[list[Channel], tuple[tuple[str, Refusal], ...]]:
    """The channels a release goes into. A correction goes wherever the story already stands, too."""
    every = catalog.list_channels(session)
    facts = _facts(session, story, content)
    proposed = {channel.id for channel in every if selection.find_mismatch(channel.selection, facts) is None}
    known = {catalog.address_of(channel): channel for channel in every}
    named = _named(known, order)
    beyond = [catalog.address_of(channel) for channel in named if channel.id not in proposed | standing]
    if beyond and not order.note:
        raise Invalid(faults=[schemas.Fault("/note", "note_needed", {"channels": ", ".join(beyond)})])
    must = {channel.id for channel in named} | standing
    if order.channels is None and not standing:
        wanted = [channel for channel in every if channel.id in proposed]
    else:
        wanted = [channel for channel in every if channel.id in must]
    refused: list[tuple[str, Refusal]] = []
    chosen = []
    for channel in wanted:
        found = release_rules.find_refusals(
            content, target_of(channel), scopes=scopes, act_embargo=order.embargo_until, today=now.date()
        )
        refused += [(catalog.address_of(channel), refusal) for refusal in found]
        if not found:
            chosen.append(channel)
    if refused and (not chosen or any(known[address].id in must for address, _ in refused)):
        raise ReleaseRefused(faults=_as_faults(order, refused))
    if not chosen:
        raise NoChannel()
    return chosen, tuple(refused)


def _named(known: Mapping[str, Channel], order: Order) -> list[Channel]:
    faults = [
        schemas.Fault(f"/channels/{place}", "unknown_channel", {"channel": address})
        for place, address in enumerate(order.channels or ())
        if address not in known
    ]
    if faults:
        raise Invalid(faults=faults)
    return [known[address] for address in order.channels or ()]


def _as_faults(order: Order, refused: Sequence[tuple[str, Refusal]]) -> list[schemas.Fault]:
    named = list(order.channels or ())
    return [
        schemas.Fault(
            f"/channels/{named.index(address)}" if address in named else "/channels",
            refusal.code,
            {**refusal.facts, "channel": address},
        )
        for address, refusal in refused
    ]


def _facts(session: Session, story: Story, content: Content) -> selection.Facts:
    lineage = organizations.list_lineage(session, story.organization_id)
    code = session.scalar(select(Organization.code).where(Organization.id == story.organization_id)) or ""
    return selection.facts_of(content, organization=code, lineage=lineage)


def _show(session: Session, story: Story, act: Act, *, now: datetime) -> None:
    """Let every channel that has the story show what has become of it."""
    if act.state_before not in workflow.STANDING:
        return
    entries = releases.list_entries(session, story.id)
    if act.kind == ActKind.WITHDRAW:
        channels = ledgers.lock(session, {entry.channel_id for entry in entries})
        releases.withdraw(session, story.id, entries, channels, now=now)
        story.released = None
    elif entries:
        channels = ledgers.lock(session, {entry.channel_id for entry in entries})
        status = STATUS.get(State(story.state), Status.RELEASED)
        if story.held and story.state == State.WITHDRAWAL_REQUESTED:
            status = Status.HELD  # a hold lasts until it is lifted
        releases.reflect(session, entries, channels, status, now=now)
