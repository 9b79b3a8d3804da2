"""What an act would do, told before it is done: the very act, in a transaction of which nothing stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

import schemas
from hub.actors import Actor
from hub.db import Database
from hub.errors import Conflict
from hub.models import Act, Channel, MediaToken, Receipt, Release, Story, Version
from hub.outlets import catalog, readership
from hub.publishing.visibility import Variant, visible_paths
from hub.records.disclosures import reveal, showing
from hub.regulation import acts, joining, reviewing
from hub.regulation.refusals import Refusal
from hub.regulation.releasing import Order


class StoryMovedOn(Conflict):
    """Somebody did something to the story after the page was opened by which it is decided now."""

    key = "error.story_moved_on"


class _Undone(Exception):
    """Ends a transaction that was only tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How somebody saw a story when they decided: what moved since then, they do not know."""

    revision: int
    last_act: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiving:
    """A channel that gets the story: from when on, which of its fields and pictures show, what consent hides.

    `at_once`: readers see it as soon as the act is done; else the worker lets it in at `available_from`.
    """

    address: str
    title: str
    outlet: str
    audience: str
    profile: str
    available_from: datetime
    at_once: bool
    fields: tuple[str, ...]
    hidden: int
    pictures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What would have happened: the acts, who gets what and when, who is kept out and why, what outlets are asked."""

    acts: tuple[Act, ...]
    receiving: tuple[Receiving, ...]
    kept_out: tuple[tuple[str, Refusal], ...]
    asked: tuple[Receipt, ...]
    losing: tuple[str, ...]  # the channels that it is taken back from
    flagged: tuple[str, ...]  # the channels that show something to mind


@contextmanager
def undone(database: Database) -> Iterator[Session]:
    """A writing session of which nothing stays."""
    try:
        with database.writing() as session:
            yield session
            session.expunge_all()  # what was read goes on to tell what it told
            raise _Undone
    except _Undone:
        return


def foresee(session: Session, story_id: str, order: Order, *, seen: Seen, actor: Actor, now: datetime) -> Foreseen:
    """Do what `order` says in a session of which nothing stays (see `undone`), and tell what came of it.

    Raises what the act itself raises, and StoryMovedOn.
    """
    before = readership.list_had(session, story_id)
    done = decide(session, story_id, order, seen=seen, actor=actor, now=now)
    session.flush()
    made = {act.id for act in done.acts}
    rows = session.scalars(select(Release).where(Release.act_id.in_(made)).order_by(Release.channel_id)).all()
    after = {had.address: had.state for had in readership.list_had(session, story_id)}
    moved = {had.address: after[had.address] for had in before if after[had.address] != had.state}
    entered = {each.channel_id for each in rows}
    return Foreseen(
        acts=done.acts,
        receiving=tuple(_receiving(session, row) for row in rows),
        kept_out=done.kept_out,
        asked=done.asked,
        losing=tuple(address for address, state in moved.items() if state == "withdrawn"),
        flagged=tuple(
            had.address
            for had in before
            if had.channel_id not in entered and moved.get(had.address, "withdrawn") != "withdrawn"
        ),
    )


def decide(session: Session, story_id: str, order: Order, *, seen: Seen, actor: Actor, now: datetime) -> acts.Done:
    """Do what `order` says, unless the story has moved on since it was `seen`. Raises StoryMovedOn.

    The caller knows that the actor may know of the story.
    """
    joining.lock_both(session, story_id, order)
    story = acts.get_locked(session, story_id)
    if story.revision != seen.revision:
        raise StoryMovedOn(story=story.id)
    return acts.perform(session, story, order, actor=actor, now=now)


def list_since(session: Session, story: Story, seen: Seen) -> list[Act]:
    """The acts on a story that somebody who saw it then does not know of, oldest first."""
    query = select(Act).where(Act.story_id == story.id, Act.id > seen.last_act).order_by(Act.id)
    return list(session.scalars(query))


def _receiving(session: Session, row: Release) -> Receiving:
    found = select(Channel).where(Channel.id == row.channel_id).options(joinedload(Channel.outlet, innerjoin=True))
    channel = session.scalars(found.execution_options(populate_existing=True)).one()
    paths = visible_paths(row.fields, channel.fields, channel.audience, Variant.FULL)
    content = reveal(showing(session.get_one(Version, row.version_id).disclosures, row.hidden))
    tokens = session.scalars(select(MediaToken.upload_id).where(MediaToken.release_id == row.id)).all()
    return Receiving(
        address=catalog.address_of(channel),
        title=channel.title,
        outlet=channel.outlet.name,
        audience=channel.audience,
        profile=channel.profile,
        available_from=row.available_from,
        at_once=row.state != "scheduled",
        fields=tuple(path for path in schemas.fields() if path in paths and reviewing.holds(content, path)),
        hidden=len(row.hidden),
        pictures=len(tokens),
    )
