"""Consent that went: every release of the stories concerned shows no more than the ledger still allows.

What is left stays if it can stand; where the profile's required fields or the name's consent are gone while texts
need them, the story is withdrawn from that channel, and altogether when no channel is left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from feeds.document import Status
from hub.models import Act, Channel, Entry, Receipt, Release, Story
from hub.outlets import catalog, ledgers, receipts, releases, shown
from hub.outlets.receipts import Loss
from hub.records import journal
from hub.records.disclosures import reveal
from hub.records.parties import parties_of
from hub.regulation import release_rules, releasing, ruling
from hub.regulation.consent import consent_rules
from hub.regulation.consent.consent_rules import Allowed

REASON = "consent_withdrawn"
PAST = ("superseded",)


@dataclass(slots=True)
class Outcome:
    """What became of stories: what was lost where, which receipts were asked, and journal records by story.

    `emptied` are those of which nothing stands or waits any more, `thinned` those of which something waits no more.
    """

    losses: list[Loss] = field(default_factory=list)
    emptied: list[Story] = field(default_factory=list)
    thinned: list[Story] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def asked(self, story: Story) -> list[dict[str, Any]]:
        """Journal records of the receipts asked for a story: they come last."""
        code = story.organization.code
        rows = (row for row in self.receipts if row.story_id == story.id)
        return [receipts.record_of(row, organization=code, reason=receipts.CONSENT) for row in rows]


@dataclass(frozen=True, slots=True)
class Settled:
    """Stories that were settled, what became of them, and what the journal is told first, by story."""

    stories: Sequence[Story]
    outcome: Outcome
    said: Mapping[str | None, dict[str, Any]]


def reduce(session: Session, stories: Sequence[Story], *, by: Act | None = None, now: datetime) -> Outcome:
    """Bring every release of these locked stories down to what consent allows now; never up.

    `by` is the release that took consent away: what it replaced is lost by it, too. Locks the channels concerned.
    Call `acts.settle`, which does what follows for the stories.
    """
    session.flush()
    outcome = Outcome()
    live = {story.id: _releases(session, story.id, releases.LIVE) for story in stories}
    channels = ledgers.lock(session, {release.channel_id for rows in live.values() for release in rows})
    for story in stories:
        entries = {entry.channel_id: entry for entry in releases.list_entries(session, story.id)}
        for release in live[story.id]:
            channel = channels[release.channel_id]
            outcome.losses += _settle(session, release, channel, entries.get(channel.id), now=now)
        replaced = _replaced(session, by) if by is not None and by.story_id == story.id else {}
        for release in _releases(session, story.id, PAST):
            if release.channel_id in channels:  # what corrections still tell of; elsewhere nothing is told
                channel = channels[release.channel_id]
                allowed, stands = _left(session, release, channel, now=now)
                if lost := _lost(release, allowed) if release.id in replaced else ():
                    outcome.losses.append(Loss(story_id=story.id, channel=channel, task=receipts.REDUCE, fields=lost))
                    _tell_if_quiet(session, replaced[release.id], entries.get(channel.id), channel, now=now)
                release.fields, release.hidden = allowed.fields, allowed.hidden
                if not stands:  # a text of it tells what nobody may be told: of this one no correction tells
                    release.state = "withdrawn"
        if live[story.id] and not releases.list_live(session, story.id):
            outcome.emptied.append(story)
        elif any(release.state == "cancelled" for release in live[story.id]):
            outcome.thinned.append(story)
    return outcome


def append(session: Session, settled: Settled, *, now: datetime) -> None:
    """Journal rows, story by story: what was said and the channels that lost something, and the act that took it back.

    Duties read `organization`, whose story it is, and the rows that tell which outlets were asked for a receipt.
    """
    outcome, said = settled.outcome, settled.said
    channels: dict[str, set[str]] = {}
    for loss in outcome.losses:
        channels.setdefault(loss.story_id, set()).add(catalog.address_of(loss.channel))
    known = {story.id: story for story in settled.stories}
    for story_id in sorted({*said, *outcome.records}, key=lambda found: found or ""):
        rows = []
        if story_id in said:
            of_story = {"organization": known[story_id].organization.code} if story_id in known else {}
            row = {**said[story_id], **of_story, "channels": sorted(channels.get(story_id or "", ()))}
            rows.append(ruling.with_clause(session, row, now=now))
        rows += outcome.records.get(story_id or "", [])
        asked = outcome.asked(known[story_id]) if story_id in known else ()
        rows += [ruling.with_clause(session, row, now=now) for row in asked]
        journal.append_all(session, rows, at=now, story_id=story_id)
    shown.tell(session, known, at=now)


def _releases(session: Session, story_id: str, states: Sequence[str]) -> list[Release]:
    """Standing before scheduled: what is withdrawn from a channel takes with it what waits there."""
    query = (
        select(Release)
        .where(Release.story_id == story_id, Release.state.in_(states))
        .options(joinedload(Release.version, innerjoin=True))
        .order_by(Release.channel_id, Release.state.desc())
    )
    return list(session.scalars(query))


def _replaced(session: Session, by: Act) -> dict[int, Release]:
    """The releases that stood until an act's own took their place at once, by id, with what took it."""
    found: dict[int, Release] = {}
    for new in session.scalars(select(Release).where(Release.act_id == by.id, Release.state == "standing")):
        older = select(Release.id).where(
            Release.story_id == by.story_id,
            Release.channel_id == new.channel_id,
            Release.state.in_(PAST),
            Release.id < new.id,
        )
        before = session.scalar(older.order_by(Release.id.desc()).limit(1))
        if before is not None:
            found[before] = new
    return found


def _tell_if_quiet(session: Session, release: Release, entry: Entry | None, channel: Channel, *, now: datetime) -> None:
    """A cosmetic correction tells readers nothing; that it took something away they have to hear."""
    if entry is not None and release.severity == releases.COSMETIC:
        releases.tell_reduced(session, entry, channel, now=now)


def _settle(session: Session, release: Release, channel: Channel, entry: Entry | None, *, now: datetime) -> list[Loss]:
    """What a release loses, as one loss or none."""
    if release.state not in releases.LIVE:
        return []
    allowed, stands = _left(session, release, channel, now=now)
    standing = entry is not None and release.state == "standing" and entry.state != Status.WITHDRAWN
    if not stands:
        if entry is None or not standing:
            release.state = "cancelled"
            return []
        releases.take_back(session, entry, channel, now=now)
        return [Loss(story_id=release.story_id, channel=channel, task=receipts.WITHDRAW)]
    lost = _lost(release, allowed)
    changed = (release.fields, release.hidden) != (allowed.fields, allowed.hidden)
    tokens = releases.shrink(session, release, fields=allowed.fields, hidden=allowed.hidden, pictures=allowed.pictures)
    for token in tokens:
        token.lost_at = now
    if not (changed or tokens) or entry is None or not standing:
        return []
    releases.tell_reduced(session, entry, channel, now=now)
    lost += ("media",) if tokens and "media" not in lost else ()
    return [Loss(story_id=release.story_id, channel=channel, task=receipts.REDUCE, fields=lost)]


def _left(session: Session, release: Release, channel: Channel, *, now: datetime) -> tuple[Allowed, bool]:
    """What a release may show from now on, and whether that can stand."""
    content = reveal(release.version.disclosures)
    shown_at = max(now, release.available_from)
    version, limits = release.version.number, releasing.limits_at(session, now)
    parties = parties_of(session, release.story_id, version, content, at=shown_at, limits=limits)
    target = releasing.target_of(channel)
    agreed = releasing.agreed_in(parties, target, now=now)
    allowed = consent_rules.allow(content, target, agreed)
    left = Allowed(
        fields=[path for path in release.fields if path in set(allowed.fields)],
        hidden=sorted({*release.hidden, *allowed.hidden}),
        pictures=allowed.pictures,
    )
    refusals = [
        *consent_rules.find_lapses(content, target, agreed, left),
        *release_rules.find_profile_refusals(content, target),
    ]
    return left, not refusals


def _lost(release: Release, allowed: Allowed) -> tuple[str, ...]:
    """The paths a release loses, each by the widest that went whole; a hidden guest or picture by its list."""
    paths = {_widest(path, allowed.fields) for path in set(release.fields) - set(allowed.fields)}
    paths |= {".".join(pointer.split("/")[1:-1]) for pointer in set(allowed.hidden) - set(release.hidden)}
    return tuple(sorted(paths))


def _widest(path: str, kept: Sequence[str]) -> str:
    steps = path.split(".")
    wider = (".".join(steps[:count]) for count in range(1, len(steps)))
    return next((holder for holder in wider if not any(left.startswith(holder + ".") for left in kept)), path)
