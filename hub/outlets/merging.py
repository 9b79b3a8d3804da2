"""An outlet ends: it merges into another one, which inherits what stood in its channels, or it closes.

Whoever reads an old channel is led to a channel of the successor and finds the same entries there, under their ids
and first dates, with pictures at new addresses. So a later correction or withdrawal reaches everybody who had the
story. The old channel's ledger stays as it is, for ever; nothing is added to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, joinedload

from feeds.document import Status
from hub import ids
from hub.accounts import history
from hub.accounts.history import Decision, MergesIntoItself
from hub.clock import local_day
from hub.errors import Conflict, NotFound
from hub.models import Channel, Entry, MediaToken, Outlet, Release, Story
from hub.outlets import catalog, ledgers, listings, releases, shown, states
from hub.outlets.ledgers import ChangeKind

OUTLET = "outlet"


class NotYet(Conflict):
    """An outlet's ledgers move at once: it ends on a day that has come."""

    key = "error.not_yet"


class NoGoal(Conflict):
    """A channel has no channel of the successor that shows as much, to the same readers."""

    key = "error.no_goal_for_channel"


class OtherAudience(Conflict):
    """A channel leads to one for other readers: they may not see what stood in it."""

    key = "error.other_audience"


class OutletBusy(Conflict):
    """A story entered one of the channels at this very moment; try again."""

    key = "error.outlet_busy"


@dataclass(frozen=True, slots=True)
class Led:
    """Where an old channel leads, by addresses, and how much it took along."""

    old: str
    new: str
    carried: int  # entries
    moved: int  # releases that wait for their embargo


def merge(
    session: Session,
    code: str,
    into: str,
    decision: Decision,
    *,
    chosen: Mapping[str, str] | None = None,
    now: datetime,
) -> list[Led]:
    """End an outlet and lead each of its channels to one of `into`; `chosen` names goals by channel codes.

    Raises MergesIntoItself, HasEnded, NotYet, OverlappingValidity, NoGoal, OtherAudience, OutletBusy or NotFound.
    """
    if code == into:
        raise MergesIntoItself(code=code)
    row, heir = states.lock_lasting(session, Outlet, [code, into], decision)
    _check_day(session, row, decision, now=now)
    goals = _goals(session, row, heir, chosen or {})
    channels = _lock_all(session, list(goals), others=list(goals.values()))
    led, changed = [], set[str]()
    for old_id, goal_id in goals.items():
        old, goal = channels[old_id], channels[goal_id]
        carried = _carry(session, old, goal, now=now)
        moved = _move_scheduled(session, old, goal, now=now)
        changed |= carried | moved
        _retire(session, old, now=now)
        old.successor_id = goal.id
        led.append(Led(catalog.address_of(old), catalog.address_of(goal), len(carried), len(moved)))
    row.ended_on, row.successor_id = decision.on, heir.id
    history.record(session, OUTLET, "merge", [(code, into, True)], decision, now=now)
    shown.tell(session, changed, at=now)
    return led


def close(session: Session, code: str, decision: Decision, *, now: datetime) -> Outlet:
    """End an outlet that nobody inherits; the caller records it. Raises HasEnded, NotYet, OverlappingValidity."""
    (row,) = states.lock_lasting(session, Outlet, [code], decision)
    _check_day(session, row, decision, now=now)
    channel_ids = [channel.id for channel in catalog.list_of_outlet(session, row.id)]
    for channel in _lock_all(session, channel_ids).values():
        _cancel_scheduled(session, channel)
        _retire(session, channel, now=now)
    row.ended_on = decision.on
    session.flush()
    return row


def _check_day(session: Session, row: Outlet, decision: Decision, *, now: datetime) -> None:
    today = local_day(now)
    if decision.on > today:
        raise NotYet(code=row.code, on=decision.on.isoformat(), today=today.isoformat())
    states.check_end(session, row, on=decision.on)


def _goals(session: Session, row: Outlet, heir: Outlet, chosen: Mapping[str, str]) -> dict[int, int]:
    """To which channel each channel leads, by ids, in the order of the old ones."""
    old = catalog.list_of_outlet(session, row.id)
    new = {channel.code: channel for channel in catalog.list_of_outlet(session, heir.id)}
    for code in chosen.keys() - {channel.code for channel in old}:
        raise NotFound(what=f"{row.code}/{code}")
    return {channel.id: _goal(channel, new, heir, chosen.get(channel.code)).id for channel in old}


def _goal(channel: Channel, new: Mapping[str, Channel], heir: Outlet, chosen: str | None) -> Channel:
    if chosen is not None:
        if chosen not in new:
            raise NotFound(what=f"{heir.code}/{chosen}")
        if new[chosen].audience != channel.audience:
            raise OtherAudience(
                channel=catalog.address_of(channel),
                audience=channel.audience,
                goal=catalog.address_of(new[chosen]),
                goal_audience=new[chosen].audience,
            )
        return new[chosen]
    alike = [row for row in new.values() if (row.profile, row.audience) == (channel.profile, channel.audience)]
    same = [row for row in alike if row.code == channel.code]
    found = same or alike
    if not found:
        raise NoGoal(
            channel=catalog.address_of(channel), outlet=heir.code, profile=channel.profile, audience=channel.audience
        )
    return found[0]


def _lock_all(session: Session, channel_ids: Sequence[int], *, others: Sequence[int] = ()) -> dict[int, Channel]:
    """Lock the stories of these channels, then the channels and `others`, in the order that acts lock them in."""
    locked = _lock_stories(session, channel_ids)
    channels = ledgers.lock(session, {*channel_ids, *others})
    if not _story_ids(session, channel_ids) <= locked:
        raise OutletBusy(channels=", ".join(catalog.address_of(channels[row_id]) for row_id in channel_ids))
    return channels


def _lock_stories(session: Session, channel_ids: Sequence[int]) -> set[str]:
    wanted = _story_ids(session, channel_ids)
    if session.get_bind().dialect.name != "sqlite":  # there a writing transaction is alone anyhow
        session.execute(select(Story.id).where(Story.id.in_(wanted)).order_by(Story.id).with_for_update()).all()
    return wanted


def _story_ids(session: Session, channel_ids: Sequence[int]) -> set[str]:
    standing = select(Entry.story_id).where(Entry.channel_id.in_(channel_ids))
    waiting = select(Release.story_id).where(Release.channel_id.in_(channel_ids), Release.state == "scheduled")
    return set(session.scalars(standing.union(waiting)))


def _carry(session: Session, old: Channel, goal: Channel, *, now: datetime) -> set[str]:
    """Let what stands in a channel (tombstones, too) stand in its goal, oldest first, unless the story does already.

    Returns the ids of the stories that are new there.
    """
    known = set(session.scalars(select(Entry.story_id).where(Entry.channel_id == goal.id)))
    query = (
        select(Entry)
        .where(Entry.channel_id == old.id, or_(Entry.listed.is_(True), Entry.state != Status.WITHDRAWN.value))
        .order_by(Entry.number)
        .options(joinedload(Entry.release, innerjoin=True))
        .execution_options(populate_existing=True)
    )
    carried = [entry for entry in session.scalars(query) if entry.story_id not in known]
    for entry in carried:
        copy = Entry(
            channel_id=goal.id,
            story_id=entry.story_id,
            release_id=_copy(session, entry.release, goal, now=now).id,
            uid=entry.uid,
            state=entry.state,
            listed=entry.listed,
            corrected=entry.corrected,
            revision=0,
            number=0,
            published=entry.published,
            updated=now,
        )
        session.add(copy)
        kind = ChangeKind.WITHDRAWN if entry.state == Status.WITHDRAWN else ChangeKind.RELEASED
        ledgers.record(session, goal, copy, kind, now=now)
    return {entry.story_id for entry in carried}


def _move_scheduled(session: Session, old: Channel, goal: Channel, *, now: datetime) -> set[str]:
    """Let what waits for its embargo wait in the goal, unless the story stands or waits there as new as this."""
    moved = set[str]()
    gone = select(Entry.story_id).where(Entry.channel_id == goal.id, Entry.state == Status.WITHDRAWN.value)
    taken_back = set(session.scalars(gone))
    for release in _cancel_scheduled(session, old):
        if release.story_id in taken_back:
            continue  # what was taken back from a channel never returns there
        there = [row for row in releases.list_live(session, release.story_id) if row.channel_id == goal.id]
        if all(row.version_id < release.version_id for row in there):
            _copy(session, release, goal, state="scheduled", now=now)
            moved.add(release.story_id)
    return moved


def _cancel_scheduled(session: Session, channel: Channel) -> list[Release]:
    query = select(Release).where(Release.channel_id == channel.id, Release.state == "scheduled").order_by(Release.id)
    found = list(session.scalars(query.execution_options(populate_existing=True)))
    for release in found:
        release.state = "cancelled"
    session.flush()
    return found


def _copy(session: Session, release: Release, goal: Channel, *, state: str = "", now: datetime) -> Release:
    """The same release in another channel; its pictures get new addresses, and no field that it did not have."""
    copy = Release(
        story_id=release.story_id,
        version_id=release.version_id,
        channel_id=goal.id,
        act_id=release.act_id,
        state=state or release.state,
        available_from=release.available_from,
        fields=list(release.fields),
        hidden=list(release.hidden),
        note=release.note,
        severity=release.severity,
        suppliers=list(release.suppliers),
        created_at=now,
        carried_from_id=release.id,
    )
    session.add(copy)
    session.flush()
    uploads = session.scalars(
        select(MediaToken.upload_id)
        .where(MediaToken.release_id == release.id, MediaToken.lost_at.is_(None))
        .order_by(MediaToken.upload_id)
    ).all()
    session.add_all(MediaToken(token=ids.new_token(), release_id=copy.id, upload_id=upload) for upload in uploads)
    return copy


def _retire(session: Session, channel: Channel, *, now: datetime) -> None:
    """Empty a channel's pages; its ledger stays, its pictures' addresses are gone."""
    session.execute(update(Entry).where(Entry.channel_id == channel.id).values(listed=False))
    listings.wait_in(session, channel.id)
    session.execute(
        update(Release).where(Release.channel_id == channel.id, Release.state == "standing").values(state="superseded")
    )
    ledgers.touch(session, channel, None, now=now)
    session.flush()
