"""A release decided and written: which channels a version enters, from when, and with which fields and pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

import schemas
from hub.accounts import organizations
from hub.actors import Actor
from hub.clock import local_day
from hub.errors import Conflict, Invalid
from hub.models import Act, Channel, Organization, Release, Story, Version
from hub.outlets import catalog, embargo, ledgers, releases, selection
from hub.records import clock_trust, consents, grants, signatures
from hub.records.disclosures import Content, reveal
from hub.records.grants import Agreed, Limits, Parties
from hub.records.journal import Record
from hub.records.parties import parties_of
from hub.regulation import claims, crediting, release_rules
from hub.regulation.chain import SecondPersonNeeded
from hub.regulation.consent import consent_rules
from hub.regulation.edition import editions
from hub.regulation.reading import get_version
from hub.regulation.release_rules import Refusal, Target
from hub.regulation.ruling import Ruling
from hub.regulation.workflow import ActKind, State


class ReleaseRefused(Conflict):
    """The rules of release do not let this version into these channels."""

    key = "error.release_refused"


class NoChannel(Conflict):
    """No channel's selection proposes this story, and the act names none."""

    key = "error.no_channel"


class AlreadyReleased(Conflict):
    """The story stands in these channels already; readers must not be told twice."""

    key = "error.already_released"


@dataclass(frozen=True, slots=True)
class ReturnFault:
    """What is to be mended in a field, by a code of ``return_faults``, whose hint says how."""

    pointer: str
    code: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ChangeNote:
    """Why a field is corrected, and how much it matters."""

    pointer: str
    reason: str
    severity: str

    def as_json(self) -> dict[str, str]:
        """As acts and corrections keep it."""
        return {"pointer": self.pointer, "reason": self.reason, "severity": self.severity}


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
    faults: tuple[ReturnFault, ...] = ()  # what a return asks to mend
    claims: tuple[int, ...] = ()  # places of the claims that are verified
    severity: str = ""  # of a correction as a whole
    changes: tuple[ChangeNote, ...] = ()  # what is said of the fields that a correction changes
    into: str | None = None  # the story that a join makes this one a part of


def meant_version(story: Story, kind: ActKind) -> int:
    """What a release takes into more channels is what stands; whatever else is meant for the newest version."""
    if kind is ActKind.RELEASE and story.state == State.RELEASED and story.released is not None:
        return story.released
    return story.latest


def check_not_released(session: Session, story: Story, order: Order, ruling: Ruling) -> None:
    """Refuse a second release of what stands already; only a scheduled one may get another embargo."""
    if order.kind is not ActKind.RELEASE or story.state != State.RELEASED:
        return
    fixed = {
        row.channel_id
        for row in releases.list_live(session, story.id)
        if row.state == "standing" or order.embargo_until is None
    }
    standing = {catalog.address_of(channel) for channel in catalog.list_channels(session) if channel.id in fixed}
    again = standing if order.channels is None else standing & set(order.channels)
    if again:
        clause = ruling.clause_for_refusal("already_released")
        raise AlreadyReleased(channels=", ".join(sorted(again)), clause=clause)


def target_of(channel: Channel) -> Target:
    """What the rules of release look at in a channel."""
    required = schemas.vocabulary("profiles")[channel.profile].extras["required"]
    return Target(
        profile=channel.profile,
        audience=channel.audience,
        fields=channel.fields,
        required=required,
        outlet=channel.outlet.code,
    )


def agreed_in(parties: Parties, target: Target, *, now: datetime) -> Agreed:
    """What everybody a version is about gives to a channel today."""
    return grants.agreed_in(parties, outlet=target.outlet, audience=target.audience, today=local_day(now))


def limits_at(session: Session, now: datetime) -> Limits:
    """The ages that decide who is asked, by the edition in force."""
    said = editions.in_force(session, now).limits
    return Limits(assent_age=said.assent_age, minor_age=said.minor_age)


def check_second_person(session: Session, story: Story, ruling: Ruling, *, actor: Actor) -> None:
    """Where a clause asks for two people, whoever approved a story does not release it. Raises SecondPersonNeeded."""
    if not ruling.wants_two_people("release"):
        return
    approved = session.scalar(
        select(Act).where(Act.story_id == story.id, Act.kind == ActKind.APPROVE.value).order_by(Act.id.desc()).limit(1)
    )
    if approved is not None and (approved.user_id, approved.actor_id) == (actor.user_id, actor.id):
        clause = ruling.clause_for("release")
        raise SecondPersonNeeded(clause=clause, step="release", unit=actor.code)


def release(
    session: Session, story: Story, act: Act, order: Order, ruling: Ruling, *, now: datetime
) -> tuple[tuple[tuple[str, Refusal], ...], Record | None, list[Release]]:
    """Put the act's version into its channels.

    Returns the proposed channels that the rules kept it out of, what the journal has to hear of consent that a
    correction narrowed, whose releases the caller settles, and the releases that readers see from now on. Raises
    ReleaseRefused, NoChannel (Conflict) or Invalid.
    """
    version = get_version(session, story.id, act.version)
    signatures.sign(session, version, now=now)
    content = reveal(version.disclosures)
    live = releases.list_live(session, story.id)
    # what of this version waits gets a new embargo
    kept = [row for row in live if row.state == "standing" or row.version_id != version.id]
    corrects = story.released is not None and story.released != act.version
    standing = {release.channel_id for release in live} if corrects else set()
    consent = content["consent"]
    narrowed = consents.narrow_to(session, story_id=story.id, consent=consent, at=now) if corrects else None
    own = release_rules.embargo_of(content)
    starts = embargo.available_from(now=now, story_embargo=own, act_embargo=order.embargo_until)
    shown_at = max([starts, *(row.available_from for row in kept)])  # consent has to hold when it is shown
    limits = limits_at(session, now)
    parties = parties_of(session, story.id, act.version, content, at=shown_at, limits=limits)
    chosen, kept_out = _choose(session, story, content, order, parties, standing, ruling, now=now)
    act.channels = [catalog.address_of(channel) for channel in chosen]
    channels = ledgers.lock(session, {channel.id for channel in chosen})
    catalog.check_open(session, channels)
    # what has an embargo waits for the worker, who alone may say that the clocks have passed it; once they have, what
    # they let stand is corrected at once
    over = own is None or any(row.state == "standing" and row.available_from >= own for row in live)
    at_once = over and order.embargo_until is None and clock_trust.is_trusted(session, now=now)
    severity, suppliers = order.severity if corrects else "", crediting.list_names(session, story.id)
    plans = []
    for channel in channels.values():
        plan = _plan(channel, content, parties, available_from=_starts(kept, channel, starts), now=now)
        note = order.public_note or _overtaken_note(live, channel)
        plans.append((channel, replace(plan, note=note, severity=severity, suppliers=suppliers)))
    told = _put(session, story, version, act, plans, at_once=at_once, now=now)
    story.released = act.version
    return kept_out, narrowed, told


def _put(
    session: Session,
    story: Story,
    version: Version,
    act: Act,
    plans: Sequence[tuple[Channel, releases.Plan]],
    *,
    at_once: bool,
    now: datetime,
) -> list[Release]:
    """Write what is planned for each locked channel, and let it stand where nothing waits; returns what readers see."""
    told = []
    for channel, plan in plans:
        planned = releases.plan(session, story, version, act, plan, now=now)
        stands = at_once and embargo.is_due(planned.available_from, now=now)
        if stands and releases.stand(session, planned, channel, now=now):
            told.append(planned)
    return told


def _overtaken_note(live: Sequence[Release], channel: Channel) -> str:
    """What readers were to be told of a correction that waits in a channel and gives way to this one."""
    waiting = (row.note for row in live if row.channel_id == channel.id and row.state == "scheduled")
    return next(waiting, "")


def _plan(
    channel: Channel, content: Content, parties: Parties, *, available_from: datetime, now: datetime
) -> releases.Plan:
    """What consent lets one channel show."""
    target = target_of(channel)
    allowed = consent_rules.allow(content, target, agreed_in(parties, target, now=now))
    return releases.Plan(
        channel_id=channel.id,
        available_from=available_from,
        fields=allowed.fields,
        hidden=allowed.hidden,
        pictures=allowed.pictures,
    )


def _starts(live: Sequence[Release], channel: Channel, starts: datetime) -> datetime:
    """A correction never shows earlier than what it corrects."""
    return max([starts, *(row.available_from for row in live if row.channel_id == channel.id)])


def _choose(
    session: Session,
    story: Story,
    content: Content,
    order: Order,
    parties: Parties,
    standing: set[int],
    ruling: Ruling,
    *,
    now: datetime,
) -> tuple[list[Channel], tuple[tuple[str, Refusal], ...]]:
    """The channels a release goes into. A correction goes wherever the story already stands, too."""
    every = catalog.list_open(session)
    facts = facts_of(session, story, content, now=now)
    proposed = {channel.id for channel in every if selection.find_mismatch(channel.selection, facts) is None}
    known = catalog.by_address(session)
    named = _named(known, order)
    beyond = [catalog.address_of(channel) for channel in named if channel.id not in proposed | standing]
    if beyond and not order.note:
        raise Invalid(faults=[schemas.Fault("/note", "note_needed", {"channels": ", ".join(beyond)})])
    must = {channel.id for channel in named} | standing
    if order.channels is None and not standing:
        wanted = [channel for channel in every if channel.id in proposed]
    else:
        wanted = [channel for channel in every if channel.id in must]
    taken_back = {entry.channel_id for entry in releases.list_entries(session, story.id) if entry.state == "withdrawn"}
    refused: list[tuple[str, Refusal]] = []
    chosen = []
    for channel in wanted:
        target = target_of(channel)
        agreed = agreed_in(parties, target, now=now)
        found = release_rules.find_refusals(content, target, agreed, act_embargo=order.embargo_until)
        found = [*found, *unverified(session, story, content, ruling)]
        if channel.id in taken_back:
            found.append(Refusal("taken_back_here"))
        refused += [(catalog.address_of(channel), with_clause(refusal, ruling)) for refusal in found]
        if not found:
            chosen.append(channel)
    if refused and (not chosen or any(known[address].id in must for address, _ in refused)):
        raise ReleaseRefused(faults=_as_faults(order, refused))
    if not chosen:
        raise NoChannel()
    return chosen, tuple(refused)


def unverified(session: Session, story: Story, content: Content, ruling: Ruling) -> list[Refusal]:
    """Claims that nobody verified, where a clause asks for it."""
    if not ruling.bars("unverified_claim"):
        return []
    places = claims.list_unverified(session, story.id, content)
    return [Refusal("unverified_claim", {"claims": ", ".join(str(place + 1) for place in places)})] if places else []


def with_clause(refusal: Refusal, ruling: Ruling) -> Refusal:
    """The refusal, naming the clause it rests on."""
    clause = ruling.clause_for_refusal(refusal.code)
    return replace(refusal, facts={**refusal.facts, "clause": clause}) if clause else refusal


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


def facts_of(session: Session, story: Story, content: Content, *, now: datetime) -> selection.Facts:
    """What channels select a story by."""
    lineage = organizations.list_lineage(session, story.organization_id, on=local_day(now))
    code = session.scalar(select(Organization.code).where(Organization.id == story.organization_id)) or ""
    return selection.facts_of(content, organization=code, lineage=lineage)
