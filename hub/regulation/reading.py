"""Who may read which story, and how much of it: the condition stands in the query, never behind it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Date, Integer, Select, Table, and_, bindparam, func, literal, or_, select
from sqlalchemy.orm import Session, joinedload

import schemas
from hub.accounts import organizations, rights
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import Gone, NotFound
from hub.models import Organization, Story, Version
from hub.records.disclosures import Content
from hub.regulation.workflow import State

READERS = frozenset({Role.CONTRIBUTOR, Role.CONFIRMER, Role.EDITOR, Role.AUDITOR})
FEW = 1_000  # rows; what is rarer than this drives a list
_VERSION = select(Version).where(  # built once: every act asks it
    Version.story_id == bindparam("story_id"), Version.number == bindparam("number")
)


def get_story(session: Session, story_id: str, *, asker: Actor, now: datetime) -> Story:
    """A story by our id or, for an organization, by its own. Raises NotFound for what the asker may not know."""
    if not story_id.startswith("st_"):
        known = find_own(session, asker, story_id, now=now)
        if known is None:
            raise NotFound(what=story_id, kind="story")
        story_id = known
    query = visible(asker, now).where(Story.id == story_id)
    story: Story | None = session.scalar(query.options(joinedload(Story.organization, innerjoin=True)))
    if story is None:
        raise NotFound(what=story_id, kind="story")
    return story


class StoryClosed(Gone):
    """What a withdrawn story said is closed to all but auditors."""

    key = "error.story_closed"


@dataclass(frozen=True, slots=True)
class View:
    """How much of a story an asker may read, by the roles that reach its organization, and no other ones."""

    is_open: bool  # what it said; once it is withdrawn to auditors alone
    is_whole: bool  # what is sealed, too: to the very organization that sends it

    def prune(self, content: Content) -> Content:
        """Whoever sends a story reads all of it; those above and the desk up to audience `desk`, so nothing sealed."""
        if self.is_whole:
            return content
        return {name: _reached(member, name) for name, member in content.items()}


def view_of(session: Session, story: Story, *, asker: Actor, now: datetime) -> View:
    """The view of a story that an asker may know of."""
    roles = set(asker.roles)
    if len(asker.grants) > 1:  # a single one reaches the story, or the asker would not know of it
        roles = set(rights.roles_over(session, asker, story.organization_id, on=local_day(now)))
    is_open = story.state != State.WITHDRAWN or Role.AUDITOR in roles
    return View(is_open, _sends(session, asker, story, now=now))


def views_of(session: Session, stories: Sequence[Story], *, asker: Actor, now: datetime) -> dict[str, View]:
    """As `view_of` for each of these stories, by their ids; few statements, however many there are."""
    closed = list_closed(session, stories, asker=asker, now=now)
    sent = _list_sent(session, asker, stories, now=now)
    return {story.id: View(story.id not in closed, story.id in sent) for story in stories}


def list_closed(session: Session, stories: Sequence[Story], *, asker: Actor, now: datetime) -> frozenset[str]:
    """Those of these stories, all known to the asker, whose words `view_of` would not open to them, by their ids."""
    withdrawn = {story.id for story in stories if story.state == State.WITHDRAWN}
    if not withdrawn:
        return frozenset()
    audited = rights.within_reach(Story.organization_id, asker, {Role.AUDITOR}, on=local_day(now))
    return frozenset(withdrawn) - set(session.scalars(select(Story.id).where(Story.id.in_(withdrawn), audited)))


def _sends(session: Session, asker: Actor, story: Story, *, now: datetime) -> bool:
    """Does the asker contribute for the very organization whose story it is, or for one that came after it?"""
    seats = {grant.organization_id for grant in asker.grants if grant.role is Role.CONTRIBUTOR}
    if not seats or story.organization_id in seats:
        return bool(seats)
    return bool(seats & rights.line_of(session, story.organization_id, on=local_day(now)).own)


def _list_sent(session: Session, asker: Actor, stories: Sequence[Story], *, now: datetime) -> set[str]:
    """Those of these stories that the asker `_sends`."""
    seats = {grant.organization_id for grant in asker.grants if grant.role is Role.CONTRIBUTOR}
    others = [story.id for story in stories if story.organization_id not in seats]
    sent = {story.id for story in stories if story.organization_id in seats}
    if not seats or not others:
        return sent
    on = local_day(now)
    goes_on = or_(Organization.ended_on.is_(None), Organization.ended_on > on, Organization.successor_id.is_not(None))
    live = session.scalars(select(Organization.id).where(Organization.id.in_(seats - {None}), goes_on)).all()
    family = organizations.families(live, on=on)
    before = Story.organization_id.in_(select(family.c.id))
    return sent | set(session.scalars(select(Story.id).where(Story.id.in_(others), before)))


def open_view(session: Session, story: Story, *, asker: Actor, now: datetime) -> View:
    """As `view_of`. Raises StoryClosed for a withdrawn story, unless an auditor of it asks."""
    view = view_of(session, story, asker=asker, now=now)
    if not view.is_open:
        raise StoryClosed(story=story.id)
    return view


def find_own(session: Session, asker: Actor, external_id: str, *, now: datetime) -> str | None:
    """The id of the story that the asker's organization, or one it came after, calls `external_id`.

    Where two that have merged used the same id, each key means its own organization's, then the successor's.
    """
    if asker.organization_id is None:
        return None
    asked = {
        "external_id": external_id,
        "organization_id": asker.organization_id,
        "given_id": asker.given_id,
        "day": local_day(now),
    }
    return session.scalar(_own(), asked)


def list_stories(
    session: Session,
    *,
    asker: Actor,
    state: str | None,
    states: Collection[State] = (),
    before: str | None,
    limit: int,
    now: datetime,
) -> list[tuple[Story, Version]]:
    """Stories with their newest version, newest first; `before` is the last id of the page before.

    In `state`, or in any of `states`; in whatever state where neither is given.
    """
    conditions = [Story.state == state] if state is not None else []
    conditions += [Story.state.in_([each.value for each in states])] if states else []
    conditions += [Story.id < before] if before is not None else []
    column = driving_column(session, visible(asker, now).where(*conditions))
    ids = visible(asker, now, organization_id=column).where(*conditions).with_only_columns(Story.id)
    wanted = session.scalars(ids.order_by(Story.id.desc()).limit(limit)).all()
    query = (  # the texts of these alone: a database that puts stories in order would carry all texts along
        select(Story, Version)
        .join(Version, and_(Version.story_id == Story.id, Version.number == Story.latest))
        .where(Story.id.in_(wanted))
        .options(joinedload(Story.organization, innerjoin=True))
        .order_by(Story.id.desc())
    )
    return [(story, version) for story, version in session.execute(query)] if wanted else []


def driving_column(session: Session, stories: Select[Any]) -> Any:
    """The organization of a story, for a condition that holds these stories.

    Few are found by the index of organizations. Many are not: databases would put them all in order for one page.
    """
    some = stories.with_only_columns(literal(1)).limit(FEW).subquery()
    counted = session.scalar(select(func.count()).select_from(some)) or 0
    return Story.organization_id if counted < FEW else Story.organization_id + 0


def get_version(session: Session, story_id: str, number: int) -> Version:
    """A version by number. Raises NotFound."""
    version = session.scalar(_VERSION, {"story_id": story_id, "number": number})
    if version is None:
        raise NotFound(what=f"{story_id}/versions/{number}", kind="version")
    return version


def list_at(session: Session, numbers: Mapping[str, int]) -> dict[str, Version]:
    """Of each of these stories the version with this number, by the stories' ids, in one statement."""
    wanted = [and_(Version.story_id == story_id, Version.number == number) for story_id, number in numbers.items()]
    return {row.story_id: row for row in session.scalars(select(Version).where(or_(*wanted)))} if wanted else {}


def list_newest(session: Session, stories: Sequence[Story]) -> dict[str, Version]:
    """The newest versions of these stories, by the ids of those, in one statement."""
    query = (
        select(Version)
        .join(Story, and_(Version.story_id == Story.id, Version.number == Story.latest))
        .where(Story.id.in_([story.id for story in stories]))
    )
    return {version.story_id: version for version in session.scalars(query)} if stories else {}


def list_versions(session: Session, story_id: str, *, after: int, limit: int) -> list[Version]:
    """Versions with a number over `after`, oldest first."""
    query = (
        select(Version)
        .where(Version.story_id == story_id, Version.number > after)
        .order_by(Version.number)
        .limit(limit)
    )
    return list(session.scalars(query))


def visible(asker: Actor, now: datetime, *, organization_id: Any = Story.organization_id) -> Select[Any]:
    """The stories an asker may know of: drafts are the sender's, all others whoever's below whom they stand, too."""
    on = local_day(now)
    handed_in = rights.within_reach(organization_id, asker, READERS, on=on)
    own = rights.own(organization_id, asker, on=on)
    return select(Story).where(or_(own, and_(Story.state != State.DRAFT, handed_in)))


@cache
def _own() -> Select[str]:
    """The query of `find_own`, built once: every push asks it."""
    organization_id, given_id = bindparam("organization_id", type_=Integer), bindparam("given_id", type_=Integer)
    family = organizations.family(organization_id, on=bindparam("day", type_=Date))
    story = cast("Table", Story.__table__).c
    return (
        select(story.id)
        .where(story.external_id == bindparam("external_id"), story.organization_id.in_(select(family.c.id)))
        .order_by(story.organization_id != given_id, story.organization_id != organization_id, story.id.desc())
        .limit(1)
    )


def _reached(value: Any, path: str) -> Any:
    if isinstance(value, dict):
        return {
            name: _reached(member, f"{path}.{name}")
            for name, member in value.items()
            if schemas.fields().get(f"{path}.{name}", schemas.Audience.PUBLIC) <= schemas.Audience.DESK
        }
    if isinstance(value, list):
        return [_reached(member, path) for member in value]
    return value
