"""What a channel would have let in, had its selection been so: asked before a selection is saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import schemas
from feeds.document import Status
from hub.models import Channel, Entry, Outlet, Release, Story
from hub.outlets import catalog, selection
from hub.outlets.readership import STOOD
from hub.records.disclosures import reveal
from hub.records.parties import parties_of
from hub.regulation import release_rules, releasing, ruling
from hub.regulation.reading import get_version
from hub.regulation.refusals import Refusal, Target
from hub.regulation.workflow import ENDED

PAGE = 200


class Standing(Enum):
    """How a story stands in the channel as it is saved now."""

    NEVER = auto()
    STANDS = auto()
    TAKEN_BACK = auto()  # it never returns there


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A story that was released somewhere, and what a channel would have made of it."""

    story_id: str
    title: str
    released_at: datetime  # when it was seen first, wherever
    matches: Mapping[str, list[str]]  # the values of each dimension by which the selection proposes it
    mismatch: str | None  # the dimension that keeps it out
    refusals: tuple[Refusal, ...]  # what the rules say against it, where the selection proposes it
    stands: bool  # it stands in the channel as it is saved now

    @property
    def is_let_in(self) -> bool:
        return self.mismatch is None and not self.refusals


def preview(
    session: Session, outlet: str, said: Mapping[str, Any], *, since: datetime, now: datetime
) -> Iterator[Preview]:
    """What a channel of `outlet`, as `said` in a file of outlets, would have let in, newest first.

    Of every story that readers saw first since then and that has not ended; judged by its newest released version and
    by what its people agree to today.
    """
    target = Target(
        profile=said["profile"],
        audience=said["audience"],
        fields=catalog.fields_of(said),
        required=schemas.vocabulary("profiles")[said["profile"]].extras["required"],
        outlet=outlet,
    )
    standing = _standing(session, outlet, said["code"])
    for story, seen in _released(session, since):
        here = standing.get(story.id, Standing.NEVER)
        yield _judge(session, story, seen, said["selection"], target, standing=here, now=now)


def _judge(
    session: Session,
    story: Story,
    seen: datetime,
    wanted: Mapping[str, Any],
    target: Target,
    *,
    standing: Standing,
    now: datetime,
) -> Preview:
    version = story.released or story.latest
    content = reveal(get_version(session, story.id, version).disclosures)
    facts = releasing.facts_of(session, story, content, now=now)
    mismatch, refusals = selection.find_mismatch(wanted, facts), list[Refusal]()
    if mismatch is None:
        limits = releasing.limits_at(session, now)
        parties = parties_of(session, story.id, version, content, at=now, limits=limits)
        agreed = releasing.agreed_in(parties, target, now=now)
        refusals = release_rules.find_refusals(content, target, agreed, act_embargo=None)
        refusals += releasing.unverified(session, story, content, ruling.of_story(session, story, now=now))
        refusals += [Refusal("taken_back_here")] if standing is Standing.TAKEN_BACK else []
    return Preview(
        story_id=story.id,
        title=str(content.get("title", "")),
        released_at=seen,
        matches=selection.list_matches(wanted, facts),
        mismatch=mismatch,
        refusals=tuple(refusals),
        stands=standing is Standing.STANDS,
    )


def _released(session: Session, since: datetime) -> Iterator[tuple[Story, datetime]]:
    """The stories that were seen first since an instant and have not ended, newest first, page by page."""
    first = func.min(Release.available_from)
    query = (
        select(Release.story_id, first)
        .join(Story, Story.id == Release.story_id)
        .where(Release.state.in_(STOOD), Story.state.not_in(ENDED))
        .group_by(Release.story_id)
        .having(first >= since)
        .order_by(first.desc(), Release.story_id)
    )
    found = session.execute(query).all()
    for start in range(0, len(found), PAGE):
        page = found[start : start + PAGE]
        rows = session.scalars(select(Story).where(Story.id.in_([story_id for story_id, _ in page])))
        stories = {story.id: story for story in rows}
        yield from ((stories[story_id], seen) for story_id, seen in page)
        session.expunge_all()


def _standing(session: Session, outlet: str, channel: str) -> dict[str, Standing]:
    query = (
        select(Entry.story_id, Entry.state)
        .join(Channel, Channel.id == Entry.channel_id)
        .join(Outlet, Outlet.id == Channel.outlet_id)
        .where(Outlet.code == outlet, Channel.code == channel)
    )
    return {
        story_id: Standing.TAKEN_BACK if state == Status.WITHDRAWN else Standing.STANDS
        for story_id, state in session.execute(query)
    }
