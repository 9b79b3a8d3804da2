"""What `hub verify` finds in releases: what they show against the journal, and where they stand against each other."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from feeds.document import Status
from hub.models import Act, Channel, Entry, Outlet, Release, Setting, Story, Version
from hub.operation.verifying.proof_faults import Seen
from hub.outlets import releases, shown
from hub.regulation.workflow import ActKind, State

PAGE = 500  # stories


def find(session: Session, seen: Seen) -> Iterator[str]:
    """Every fault of releases, as a sentence."""
    yield from _shown_faults(session, seen)
    yield from _standing_faults(session)


def _shown_faults(session: Session, seen: Seen) -> Iterator[str]:
    """The releases of each story, against the last digest that the journal tells of them."""
    told = shown.told_last(session)
    since = session.get(Setting, shown.TOLD)
    if since is not None:
        for story_id in session.scalars(select(Release.story_id).distinct().order_by(Release.story_id)):
            if story_id not in told:
                yield f"releases of {story_id}: the journal does not tell of them"
    stories = sorted(told)
    for first in range(0, len(stories), PAGE):
        page = stories[first : first + PAGE]
        found = shown.digests_of(session, page)
        for story_id in page:
            if found.get(story_id) != told[story_id]:
                yield f"releases of {story_id}: show something else than the journal tells"
    seen("stories shown", len(stories))


def _standing_faults(session: Session) -> Iterator[str]:
    """States that no act leaves behind."""
    for release_id, story_id in session.execute(
        select(Release.id, Release.story_id)
        .join(Act, Act.id == Release.act_id)
        .where((Act.story_id != Release.story_id) | (Act.kind != ActKind.RELEASE))
    ):
        yield f"release {release_id} ({story_id}): no act of the story released it"
    live = Release.state.in_(releases.LIVE)
    for release_id, story_id in session.execute(
        select(Release.id, Release.story_id)
        .join(Story, Story.id == Release.story_id)
        .where(live, Story.state == State.WITHDRAWN)
    ):
        yield f"release {release_id} ({story_id}): stands or waits, and the story was withdrawn"
    supported = (
        select(Release.id)
        .join(Version, Version.id == Release.version_id)
        .where(Release.story_id == Story.id, Version.number == Story.released)
        .join(Channel, Channel.id == Release.channel_id)
        .join(Outlet, Outlet.id == Channel.outlet_id)
        # or it was taken back from wherever it stood, or its outlet is no more
        .where(or_(Release.state.in_((*releases.LIVE, "withdrawn")), Outlet.ended_on.is_not(None)))
    )
    idle = select(Story.id, Story.released).where(Story.released.is_not(None), ~supported.exists())
    for story_id, number in session.execute(idle):
        yield f"story {story_id}: names version {number} as released, and no release of it ever stood or waits"
    gone = select(Entry.id).where(
        Entry.channel_id == Release.channel_id, Entry.story_id == Release.story_id, Entry.state == Status.WITHDRAWN
    )
    for release_id, story_id in session.execute(select(Release.id, Release.story_id).where(live, gone.exists())):
        yield f"release {release_id} ({story_id}): stands or waits in a channel that it was taken back from"
    shows = aliased(Entry)
    other = (
        select(Release.id, Release.story_id)
        .outerjoin(shows, shows.release_id == Release.id)
        .where(Release.state == "standing", shows.id.is_(None))
    )
    for release_id, story_id in session.execute(other):
        yield f"release {release_id} ({story_id}): stands, and its channel does not show it"
    waiting = (
        select(Release.story_id, Release.channel_id)
        .where(Release.state == "scheduled")
        .group_by(Release.story_id, Release.channel_id)
        .having(func.count() > 1)
    )
    for story_id, channel_id in session.execute(waiting):
        yield f"releases of {story_id}: more than one waits for channel {channel_id}"
