"""Releases: a version enters channels, is replaced there, is flagged, held and taken back.

Every function here writes rows of the caller's transaction; the channels concerned are locked by the caller.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from feeds.document import Status
from hub import ids
from hub.models import Act, Change, Channel, Entry, MediaToken, Outlet, Release, Story, Version
from hub.outlets import embargo, ledgers
from hub.outlets.ledgers import ChangeKind

COSMETIC = "cosmetic"  # the severity that readers need not notice
LIVE = ("scheduled", "standing")
ASKED_BACK = "withdrawal_requested"  # a story's state, as `hub.regulation.workflow` calls it
TOMBSTONE_TIME = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A release decided: what goes where, when, with which fields and pictures."""

    channel_id: int
    available_from: datetime
    fields: Sequence[str]
    pictures: Collection[str]  # ids of uploads
    hidden: Sequence[str] = ()  # JSON pointers to members of lists that consent hides
    note: str = ""
    severity: str = ""  # of a correction
    suppliers: Sequence[str] = ()


def list_live(session: Session, story_id: str) -> list[Release]:
    """The releases of a story that stand in a channel or will."""
    query = select(Release).where(Release.story_id == story_id, Release.state.in_(LIVE)).order_by(Release.channel_id)
    return list(session.scalars(query))


def list_live_versions(session: Session, story_id: str) -> set[int]:
    """The numbers of the versions that stand in a channel or will."""
    query = select(Version.number).join(Release, Release.version_id == Version.id)
    return set(session.scalars(query.where(Release.story_id == story_id, Release.state.in_(LIVE))))


def plan(session: Session, story: Story, version: Version, act: Act, order: Plan, *, now: datetime) -> Release:
    """Write a release as scheduled. A scheduled one in the same channel gives way to it."""
    for older in list_live(session, story.id):
        if older.channel_id == order.channel_id and older.state == "scheduled":
            older.state = "cancelled"
    release = Release(
        story_id=story.id,
        version_id=version.id,
        channel_id=order.channel_id,
        act_id=act.id,
        state="scheduled",
        available_from=order.available_from,
        fields=list(order.fields),
        hidden=list(order.hidden),
        note=order.note,
        severity=order.severity,
        suppliers=list(order.suppliers),
        created_at=now,
    )
    session.add(release)
    session.flush()
    session.add_all(
        MediaToken(token=ids.new_token(), release_id=release.id, upload_id=upload) for upload in order.pictures
    )
    return release


def list_due(session: Session, *, now: datetime, limit: int = 100) -> list[Release]:
    """Scheduled releases whose embargo has ended, oldest first; none while a story is held or asked back."""
    query = (
        select(Release)
        .join(Story, Story.id == Release.story_id)
        .where(Release.state == "scheduled", Release.available_from <= now)
        .where(Story.held.is_(False), Story.state != ASKED_BACK)
        .order_by(Release.available_from, Release.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def stand(
    session: Session, release: Release, channel: Channel, *, status: Status = Status.RELEASED, now: datetime
) -> bool:
    """Let a scheduled release whose embargo has ended enter its locked channel; `status` is what outlets see.

    Returns whether readers are told of it: not of a cosmetic correction, unless it brings what graver ones changed
    that were overtaken before anybody saw them.
    """
    if not embargo.is_due(release.available_from, now=now):
        raise AssertionError(f"release {release.id} is under embargo until {release.available_from.isoformat()}")
    entry = find_entry(session, channel.id, release.story_id)
    if entry is not None and entry.state == Status.WITHDRAWN:
        release.state = "cancelled"  # what was taken back from a channel never returns there
        return False
    first, quiet = entry is None, False
    pending = entry is not None and entry.state == Status.CORRECTION_PENDING
    if entry is None:
        kind = ChangeKind.RELEASED
        entry = _new_entry(release, channel, now=now)
        session.add(entry)
    else:
        before = session.get_one(Release, entry.release_id)
        before.state = "superseded"
        kind = ChangeKind.RELEASED if before.version_id == release.version_id else ChangeKind.CORRECTED
        entry.release_id = release.id
        quiet = kind is ChangeKind.CORRECTED and _is_quiet(session, before, release)
        entry.corrected = entry.corrected or (kind is ChangeKind.CORRECTED and not quiet)
        entry.listed = True
    entry.state = status_for(status, public=channel.audience == "public", corrected=entry.corrected)
    release.state = "standing"
    if quiet:
        _show_quietly(session, channel, entry, pending=pending, now=now)
        return False
    at = ledgers.record(session, channel, entry, kind, now=now)
    if first:
        entry.published = at
    return True


def _is_quiet(session: Session, before: Release, release: Release) -> bool:
    """Is all that changed since what stands cosmetic, with the corrections that waited here and were overtaken?"""
    overtaken = select(Release.severity).where(
        Release.channel_id == release.channel_id,
        Release.story_id == release.story_id,
        Release.id > before.id,
        Release.id < release.id,
        Release.severity != "",
    )
    return {release.severity, *session.scalars(overtaken)} == {COSMETIC}


def _show_quietly(session: Session, channel: Channel, entry: Entry, *, pending: bool, now: datetime) -> None:
    """A cosmetic correction changes the bytes and not the date; whoever was told that one is pending hears its end."""
    session.flush()
    if pending:
        ledgers.record(session, channel, entry, ChangeKind.FLAGGED, now=now)
    else:
        ledgers.touch(session, channel, entry, now=now)


def find_entry(session: Session, channel_id: int, story_id: str) -> Entry | None:
    """The story's standing in a channel."""
    return session.scalar(select(Entry).where(Entry.channel_id == channel_id, Entry.story_id == story_id))


def list_entries(session: Session, story_id: str) -> list[Entry]:
    """The story's standing in every channel that ever had it, by channel; in those that have ended it is past."""
    query = (
        select(Entry)
        .join(Channel, Channel.id == Entry.channel_id)
        .join(Outlet, Outlet.id == Channel.outlet_id)
        .where(Entry.story_id == story_id, Outlet.ended_on.is_(None))
        .order_by(Entry.channel_id)
    )
    return list(session.scalars(query))


def reflect(
    session: Session, entries: Sequence[Entry], channels: dict[int, Channel], status: Status, *, now: datetime
) -> None:
    """Show what has become of a story in every channel that has it.

    `status` is what outlets see. The public hears only of corrections and withdrawals; a held story leaves public
    channels without a word.
    """
    waiting = {row.channel_id for row in list_live(session, entries[0].story_id) if row.state == "scheduled"}
    for entry in entries:
        channel = channels[entry.channel_id]
        if entry.state == Status.WITHDRAWN:
            continue
        public = channel.audience == "public"
        pending = status is Status.RELEASED and channel.id in waiting  # a correction under embargo
        shown = status_for(Status.CORRECTION_PENDING if pending else status, public=public, corrected=entry.corrected)
        if entry.state == shown:
            continue
        entry.state = shown
        if public:
            entry.listed = shown is not Status.HELD
            ledgers.touch(session, channel, entry, now=now)
        else:
            ledgers.record(session, channel, entry, ChangeKind.FLAGGED, now=now)


def withdraw(
    session: Session, story_id: str, entries: Sequence[Entry], channels: dict[int, Channel], *, now: datetime
) -> None:
    """Take a story back from every channel; what nobody has seen yet is cancelled without a trace."""
    for release in list_live(session, story_id):
        release.state = "withdrawn" if release.state == "standing" else "cancelled"
    for entry in entries:
        if entry.state != Status.WITHDRAWN:
            entry.state = Status.WITHDRAWN
            entry.listed = True
            ledgers.record(session, channels[entry.channel_id], entry, ChangeKind.WITHDRAWN, now=now)


def shrink(
    session: Session, release: Release, *, fields: Sequence[str], hidden: Sequence[str], pictures: Collection[str]
) -> list[MediaToken]:
    """Leave a release no more than this; returns the pictures it loses, whose addresses say so from now on."""
    release.fields = list(fields)
    release.hidden = list(hidden)
    query = select(MediaToken).where(MediaToken.release_id == release.id, MediaToken.lost_at.is_(None))
    return [token for token in session.scalars(query) if token.upload_id not in pictures]


def tell_reduced(session: Session, entry: Entry, channel: Channel, *, now: datetime) -> None:
    """Let readers of a locked channel see that an entry has less in it; of a held one the public hears nothing."""
    if entry.listed:
        ledgers.record(session, channel, entry, ChangeKind.REDUCED, now=now)
    else:
        ledgers.touch(session, channel, entry, now=now)


def take_back(session: Session, entry: Entry, channel: Channel, *, now: datetime) -> None:
    """Withdraw a story from one locked channel, where it never returns; what waits there is cancelled."""
    for release in list_live(session, entry.story_id):
        if release.channel_id == channel.id:
            release.state = "withdrawn" if release.state == "standing" else "cancelled"
    entry.state = Status.WITHDRAWN
    entry.listed = True
    ledgers.record(session, channel, entry, ChangeKind.WITHDRAWN, now=now)


def credit(
    session: Session,
    story_id: str,
    entries: Sequence[Entry],
    channels: dict[int, Channel],
    suppliers: Sequence[str],
    *,
    now: datetime,
) -> None:
    """Let a story's releases name these suppliers. Outlets are told, so that they can name them in print and on air;
    for public readers the story is the same one."""
    for release in list_live(session, story_id):
        release.suppliers = list(suppliers)
    for entry in entries:
        channel = channels[entry.channel_id]
        if entry.state == Status.WITHDRAWN:
            continue
        if channel.audience == "public":
            ledgers.touch(session, channel, entry, now=now)
        else:
            ledgers.record(session, channel, entry, ChangeKind.FLAGGED, now=now)


def unlist_old_tombstones(session: Session, *, now: datetime) -> None:
    """Take tombstones off public pages TOMBSTONE_TIME after the withdrawal; the ledger keeps them for ever."""
    query = (
        select(Entry)
        .join(Channel, Channel.id == Entry.channel_id)
        .where(
            Channel.audience == "public",
            Entry.listed.is_(True),
            Entry.state == Status.WITHDRAWN.value,
            Entry.updated < now - TOMBSTONE_TIME,
        )
    )
    old = list(session.scalars(query))
    channels = ledgers.lock(session, {entry.channel_id for entry in old})
    for entry in old:
        entry.listed = False
        ledgers.touch(session, channels[entry.channel_id], None, now=now)


def status_for(status: Status, *, public: bool, corrected: bool) -> Status:
    """What a channel shows of a story that outlets see as `status`: the public hears of no state but held."""
    if public and status is not Status.HELD:
        status = Status.RELEASED
    return Status.CORRECTED if status is Status.RELEASED and corrected else status


def uid_in(story_id: str, outlet: str, channel: str, *, audience: str) -> str:
    """The id of a story's entry in a channel; all public ones share one."""
    return ids.entry_uid(story_id, "public" if audience == "public" else f"{outlet}/{channel}")


def list_changes(session: Session, channel_id: int, *, after: int, limit: int) -> list[Change]:
    """Ledger rows after a number, oldest first, each with its entry and current release."""
    query = (
        select(Change)
        .where(Change.channel_id == channel_id, Change.number > after)
        .order_by(Change.number)
        .limit(limit)
        .options(joinedload(Change.entry).joinedload(Entry.release).joinedload(Release.version))
    )
    return list(session.scalars(query))


def _new_entry(release: Release, channel: Channel, *, now: datetime) -> Entry:
    return Entry(
        channel_id=channel.id,
        story_id=release.story_id,
        release_id=release.id,
        uid=uid_in(release.story_id, channel.outlet.code, channel.code, audience=channel.audience),
        state=Status.RELEASED.value,
        listed=True,
        corrected=False,
        revision=0,
        number=0,
        published=now,
        updated=now,
    )
