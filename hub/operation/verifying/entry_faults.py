"""What `hub verify` finds in entries: what each channel shows, against its ledger, its release and its story.

What acts and the ledger leave of an entry is derived once more and compared. Entries of an outlet that has ended stay
as they were, off its pages: no act reaches them any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, aliased

from feeds.document import Status
from hub.models import Change, Channel, Entry, Outlet, Release, Story
from hub.operation.verifying.proof_faults import Seen
from hub.outlets import releases
from hub.outlets.ledgers import ChangeKind
from hub.regulation.acts import status_of
from hub.regulation.workflow import State

PAGE = 500
OVERTAKING = ("scheduled", "cancelled")  # releases that a correction was to stand as
Place = tuple[int, str]  # a channel and a story


@dataclass(frozen=True, slots=True)
class _Origin:
    """An entry of a merged channel that another one may have been carried from."""

    uid: str
    published: datetime
    corrected: bool


def find(session: Session, seen: Seen) -> Iterator[str]:
    """Every fault of entries, as a sentence."""
    last = 0
    while rows := session.execute(_entries().where(Entry.id > last).limit(PAGE)).all():
        changes = _changes(session, [row.id for row in rows])
        origins = _origins(session, {row.story_id for row in rows})
        pending = _overtaken(session, {row.story_id for row in rows})
        for row in rows:
            place = (row.channel_id, row.story_id)
            faults = [
                *_ledger_faults(row, changes[row.id], origins[place]),
                *_standing_faults(row, waits=pending.get(place, 0) > row.release_id),
            ]
            yield from (f"entry {row.id} ({row.story_id}): {fault}" for fault in faults)
        seen("entries", len(rows))
        last = rows[-1].id


def _entries() -> Any:
    return (
        select(
            *(Entry.id, Entry.channel_id, Entry.story_id, Entry.release_id, Entry.uid, Entry.state, Entry.listed),
            *(Entry.corrected, Entry.published, Entry.updated, Channel.audience, Channel.modified_at),
            Outlet.code.label("outlet"),
            Channel.code.label("channel"),
            Outlet.ended_on,
            Release.state.label("release_state"),
            Story.state.label("story_state"),
            Story.held,
        )
        .join(Channel, Channel.id == Entry.channel_id)
        .join(Outlet, Outlet.id == Channel.outlet_id)
        .join(Release, Release.id == Entry.release_id)
        .join(Story, Story.id == Entry.story_id)
        .order_by(Entry.id)
    )


def _changes(session: Session, entry_ids: Collection[int]) -> dict[int, list[Row[Any]]]:
    """The rows of the ledger by entry, oldest first."""
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    query = select(Change.entry_id, Change.kind, Change.at).where(Change.entry_id.in_(entry_ids))
    rows: Any = session.execute(query.order_by(Change.number))
    for row in rows:
        found[row.entry_id].append(row)
    return found


def _origins(session: Session, story_ids: Collection[str]) -> dict[Place, list[_Origin]]:
    """Where entries may have been carried from when outlets merged, by the place they are in now."""
    before, origin = aliased(Release), aliased(Entry)
    query = (
        select(Release.channel_id, Release.story_id, origin.uid, origin.published, origin.corrected)
        .join(before, before.id == Release.carried_from_id)
        .join(origin, (origin.channel_id == before.channel_id) & (origin.story_id == Release.story_id))
        .where(Release.story_id.in_(story_ids), Release.carried_from_id.is_not(None))
    )
    found: dict[Place, list[_Origin]] = defaultdict(list)
    for channel_id, story_id, uid, published, corrected in session.execute(query):
        found[channel_id, story_id].append(_Origin(uid, published, corrected))
    return found


def _overtaken(session: Session, story_ids: Collection[str]) -> dict[Place, int]:
    """The newest release of each place that waits, or waited until it was cancelled."""
    query = select(Release.channel_id, Release.story_id, Release.id).where(
        Release.story_id.in_(story_ids), Release.state.in_(OVERTAKING)
    )
    rows = session.execute(query.order_by(Release.id))
    return {(channel_id, story_id): release_id for channel_id, story_id, release_id in rows}


def _ledger_faults(row: Row[Any], changes: Sequence[Row[Any]], origins: Sequence[_Origin]) -> Iterator[str]:
    """An entry against its rows of the ledger: withdrawn, corrected and first published as they tell."""
    kinds = [change.kind for change in changes]
    if ChangeKind.WITHDRAWN in kinds[:-1]:
        yield "the ledger goes on after it was withdrawn"
    if (row.state == Status.WITHDRAWN) != (kinds[-1:] == [ChangeKind.WITHDRAWN]):
        yield f"is {row.state}, and the ledger's last word is {kinds[-1] if kinds else 'none'}"
    if not changes:
        return
    again = ChangeKind.CORRECTED in kinds
    own = releases.uid_in(row.story_id, row.outlet, row.channel, audience=row.audience)
    firsts = {(origin.published, origin.corrected or again) for origin in origins if origin.uid == row.uid}
    if row.uid == own:  # all public channels of a story share one: there, it may have been carried
        firsts.add((changes[0].at, again))
    if not any(published == row.published for published, _ in firsts):
        yield "was not published when the ledger tells"
    elif (row.published, row.corrected) not in firsts:
        yield f"is said to {'be' if row.corrected else 'be not'} corrected, and the ledger tells otherwise"


def _standing_faults(row: Row[Any], *, waits: bool) -> Iterator[str]:
    """An entry against its release and its story. `waits`: a later release waits there, or did."""
    withdrawn = row.state == Status.WITHDRAWN
    standing = "superseded" if row.ended_on is not None else "standing"
    if row.release_state != ("withdrawn" if withdrawn else standing):
        yield f"is {row.state}, and its release is {row.release_state}"
    if row.ended_on is not None:
        if row.listed:
            yield "stands on the pages of an outlet that has ended"
        return
    if row.listed != (row.state != Status.HELD or row.audience != "public") and not _is_old_tombstone(row):
        yield f"is {row.state}, and {'stands' if row.listed else 'does not stand'} on the pages"
    if withdrawn:
        return
    if row.story_state == State.WITHDRAWN:
        yield "is shown, and its story was withdrawn"
    elif row.story_state in set(State) and row.state not in _states(row, waits=waits):
        yield f"is {row.state}, and its story is {row.story_state}"


def _states(row: Row[Any], *, waits: bool) -> set[str]:
    """What the acts on its story may have left an entry as.

    Where a correction waits for its embargo, or was cancelled while it did, outlets may have been told that one is
    pending, or may not: merged channels take over what waits elsewhere without a word.
    """
    status = status_of(row.story_state, held=row.held)
    told = {status, Status.CORRECTION_PENDING} if status is Status.RELEASED and waits else {status}
    public = row.audience == "public"
    return {releases.status_for(each, public=public, corrected=row.corrected).value for each in told}


def _is_old_tombstone(row: Row[Any]) -> bool:
    """Has it left the public pages, and had its time to? What takes it off moves the channel."""
    old = row.modified_at > row.updated + releases.TOMBSTONE_TIME
    return row.state == Status.WITHDRAWN and row.audience == "public" and old and not row.listed
