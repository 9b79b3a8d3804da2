"""Why a channel has a story or not: what let it in or keeps it out, and how it stands there today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from hub.models import Act, Channel, Entry, Release, Story, Version
from hub.outlets import embargo, selection
from hub.records.disclosures import Content, reveal
from hub.records.grants import Parties
from hub.records.parties import parties_of
from hub.regulation import release_rules, releasing, ruling
from hub.regulation.reading import get_version
from hub.regulation.refusals import Refusal
from hub.regulation.ruling import Ruling
from hub.regulation.workflow import ENDED, ActKind, State

NEXT = {  # what the newest version waits for
    State.DRAFT: ActKind.SUBMIT,
    State.RETURNED: ActKind.SUBMIT,
    State.CONFIRMING: ActKind.CONFIRM,
    State.SUBMITTED: ActKind.APPROVE,
    State.APPROVED: ActKind.RELEASE,
    State.CORRECTING: ActKind.APPROVE,
    State.CORRECTION_RETURNED: ActKind.CORRECT,
    State.CORRECTION_APPROVED: ActKind.RELEASE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """How a story stands in a channel: the version, since when or from when on, and the act and clause that put it.

    `state` is that of its entry for outlets, or ``scheduled`` while it waits for its embargo.
    """

    state: str
    version: int
    available_from: datetime
    act: str
    clause: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The act that the newest version waits for before it can enter any channel, and the clause that asks for it."""

    act: str
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`mismatch` is the criterion of the selection that the story misses; `refusals` keep its newest version out."""

    mismatch: str | None
    refusals: tuple[Refusal, ...]
    waits_for: Waiting | None
    here: Here | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What is asked once for all channels: the newest version's content, what it is judged by, and where it stands.

    `unverified` keeps it out everywhere; `entries` and `here` go by the ids of channels.
    """

    content: Content
    facts: selection.Facts
    rules: Ruling
    parties: Parties
    unverified: tuple[Refusal, ...]
    entries: Mapping[int, Entry]
    here: Mapping[int, Here]


def basis_of(session: Session, story: Story, *, now: datetime) -> Basis:
    """What the newest version is judged by in every channel."""
    content = reveal(get_version(session, story.id, story.latest).disclosures)
    shown_at = embargo.available_from(now=now, story_embargo=release_rules.embargo_of(content), act_embargo=None)
    limits, rules = releasing.limits_at(session, now), ruling.of_story(session, story, now=now)
    entries = {row.channel_id: row for row in session.scalars(select(Entry).where(Entry.story_id == story.id))}
    return Basis(
        content=content,
        facts=releasing.facts_of(session, story, content, now=now),
        rules=rules,
        parties=parties_of(session, story.id, story.latest, content, at=shown_at, limits=limits),
        unverified=tuple(releasing.unverified(session, story, content, rules)),
        entries=entries,
        here=_here(session, story, entries),
    )


def explain(
    session: Session, story: Story, channel: Channel, *, now: datetime, basis: Basis | None = None
) -> Explanation:
    """Why the newest version would enter a channel or not, and how the story stands there.

    Whoever asks for several channels brings the `basis`.
    """
    basis = basis or basis_of(session, story, now=now)
    content, rules = basis.content, basis.rules
    target = releasing.target_of(channel)
    agreed = releasing.agreed_in(basis.parties, target, now=now)
    refusals = [*_of_state(story, basis.entries.get(channel.id))]
    if story.state not in ENDED:
        refusals += release_rules.find_refusals(content, target, agreed, act_embargo=None)
        refusals += basis.unverified
    return Explanation(
        mismatch=selection.find_mismatch(channel.selection, basis.facts),
        refusals=tuple(releasing.with_clause(refusal, rules) for refusal in refusals),
        waits_for=_waiting(story, rules),
        here=basis.here.get(channel.id),
    )


def _waiting(story: Story, rules: Ruling) -> Waiting | None:
    act = NEXT.get(State(story.state))
    return Waiting(act.value, rules.clause_for(act.value, step=story.step)) if act is not None else None


def _of_state(story: Story, entry: Entry | None) -> Iterator[Refusal]:
    """What keeps a story out whatever its text says."""
    if story.state in ENDED:
        yield Refusal("story_ended", {"state": story.state})
    elif entry is not None and entry.state == State.WITHDRAWN:
        yield Refusal("taken_back_here")
    elif story.held:
        yield Refusal("story_held")


def _here(session: Session, story: Story, entries: Mapping[int, Entry]) -> dict[int, Here]:
    """What stands in each channel, or was taken back there; before the first entry what waits."""
    standing = [entry.release_id for entry in entries.values()]
    rows = session.execute(
        select(Release.id, Release.channel_id, Release.available_from, Version.number, Act.kind, Act.clause)
        .join(Version, Version.id == Release.version_id)
        .join(Act, Act.id == Release.act_id)
        .where(or_(Release.id.in_(standing), and_(Release.story_id == story.id, Release.state == "scheduled")))
        .order_by(Release.id)
    )
    found: dict[int, Here] = {}
    for release_id, channel_id, available_from, number, kind, clause in rows:
        entry = entries.get(channel_id)
        if entry is None or entry.release_id == release_id:
            state = entry.state if entry is not None else "scheduled"
            found[channel_id] = Here(
                state=state, version=number, available_from=available_from, act=kind, clause=clause
            )
    return found
