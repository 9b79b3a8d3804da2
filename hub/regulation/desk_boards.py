"""What the desk keeps an eye on: embargoes by day, withdrawals and their receipts, silent units, figures by week."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, func, select, tuple_
from sqlalchemy.orm import Session, joinedload

from hub.accounts import rights
from hub.actors import Actor
from hub.clock import LOCAL, local_day
from hub.models import Act, Channel, Organization, Outlet, Pickup, Receipt, Release, Story, Version
from hub.outlets import receipts
from hub.outlets.uses import counts
from hub.regulation import desk_queue
from hub.regulation.desk_queue import AT_DESK
from hub.regulation.workflow import ActKind, State

MOST_EMBARGOES = 400  # releases (of a story into a channel) on one page of the calendar
WEEK = timedelta(days=7)

Key = tuple[datetime, str]  # of an embargo in the calendar: when it ends, and of which story


@dataclass(frozen=True, slots=True)
class Embargoed:
    """A story that enters channels at an instant."""

    at: datetime
    story: Story
    version: Version
    channels: tuple[str, ...]
    clause: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A story whose withdrawal was asked for: by which act."""

    story: Story
    version: Version
    act: Act | None


@dataclass(frozen=True, slots=True)
class Silent:
    """A unit, and when it last sent a story; None for never."""

    organization: Organization
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Week:
    """The stories that came in a week, by the state they are in today."""

    monday: date
    by_state: dict[str, int]


def list_embargoes(
    session: Session, first: date, last: date, *, asker: Actor, now: datetime, begin: Key | None = None
) -> tuple[dict[date, list[Embargoed]], Key | None]:
    """What waits for its embargo, by the day in Việt Nam on which it ends; `last` is the first day left out.

    With it the key of what comes after MOST_EMBARGOES, which begins the next page; None where all is there.
    """
    query = (
        desk_queue.visible(asker, now)
        .join(Release, Release.story_id == Story.id)
        .join(Act, Act.id == Release.act_id)
        .join(Channel, Channel.id == Release.channel_id)
        .join(Outlet, Outlet.id == Channel.outlet_id)
        .where(Release.state == "scheduled", Release.available_from >= start_of(first))
        .where(Release.available_from < start_of(last))
        .with_only_columns(
            Release.available_from, Story.id, Release.version_id, Outlet.code + "/" + Channel.code, Act.clause
        )
        .order_by(Release.available_from, Story.id, Channel.id)
        .limit(MOST_EMBARGOES + 1)
    )
    if begin is not None:
        query = query.where(tuple_(Release.available_from, Story.id) >= begin)
    rows = session.execute(query).all()
    following: Key | None = (rows[-1][0], rows[-1][1]) if len(rows) > MOST_EMBARGOES else None
    return _by_day(session, [row for row in rows if (row[0], row[1]) != following]), following


def _by_day(session: Session, rows: Sequence[Any]) -> dict[date, list[Embargoed]]:
    """Rows of one release each, told by story and day; each story and version is read once."""
    known = {row.id: row for row in session.scalars(select(Story).where(Story.id.in_({row[1] for row in rows})))}
    versions = {row.id: row for row in session.scalars(select(Version).where(Version.id.in_({row[2] for row in rows})))}
    found: dict[Key, Embargoed] = {}
    for at, story_id, version_id, address, clause in rows:
        before = found[at, story_id].channels if (at, story_id) in found else ()
        found[at, story_id] = Embargoed(at, known[story_id], versions[version_id], (*before, address), clause)
    days: dict[date, list[Embargoed]] = {}
    for each in found.values():
        days.setdefault(local_day(each.at), []).append(each)
    return days


def list_asked(session: Session, *, asker: Actor, now: datetime, limit: int) -> list[Asked]:
    """The stories whose withdrawal is asked for, the longest waiting first."""
    query = (
        desk_queue.visible(asker, now)
        .add_columns(Version)
        .join(Version, (Version.story_id == Story.id) & (Version.number == Story.latest))
        .where(Story.state == State.WITHDRAWAL_REQUESTED)
        .options(joinedload(Story.organization, innerjoin=True))
        .order_by(Story.updated_at, Story.id)
        .limit(limit)
    )
    rows = [(story, version) for story, version in session.execute(query)]
    wanted = select(func.max(Act.id)).where(
        Act.story_id.in_([story.id for story, _ in rows]), Act.kind == ActKind.REQUEST_WITHDRAWAL.value
    )
    newest = session.scalars(select(Act).where(Act.id.in_(wanted.group_by(Act.story_id)))) if rows else ()
    acts = {act.story_id: act for act in newest}
    return [Asked(story, version, acts.get(story.id)) for story, version in rows]


def list_receipts(
    session: Session, *, asker: Actor, open_only: bool, before: int | None, limit: int, now: datetime
) -> list[Receipt]:
    """What outlets were asked to do about stories that the asker sees, newest first."""
    by_story: Any = Story.organization_id + 0  # of receipts there are few: no database shall begin with the stories
    within = rights.within_reach(by_story, asker, AT_DESK, on=local_day(now))
    return receipts.list_page(session, within=within, open_only=open_only, before=before, limit=limit)


def list_stories(session: Session, story_ids: Collection[str]) -> dict[str, tuple[Story, Version]]:
    """Stories that a board names, with their newest version; what the asker may see of them is the board's part."""
    query = (
        select(Story, Version)
        .join(Version, and_(Version.story_id == Story.id, Version.number == Story.latest))
        .where(Story.id.in_(story_ids))
        .options(joinedload(Story.organization, innerjoin=True))
    )
    return {story.id: (story, version) for story, version in session.execute(query)}


def list_silent(
    session: Session, *, asker: Actor, since: datetime, now: datetime, after: str = "", limit: int
) -> list[Silent]:
    """The units that have sent nothing since an instant, by name; `after` is the code that the page before ended with.

    Of each unit its newest story is asked for, by an index. Those that were founded since are no more silent than new.
    """
    newest = (
        select(Story.created_at)
        .where(Story.organization_id == Organization.id, Story.state != State.DRAFT)
        .order_by(Story.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    reached = rights.within_reach(Organization.id, asker, AT_DESK, on=local_day(now))
    query = (
        select(Organization, newest)
        .where(reached, Organization.ended_on.is_(None), Organization.created_at < since)
        .where(func.coalesce(newest, start_of(date(1970, 1, 1))) < since)
        .where(Organization.code > after)
        .order_by(Organization.code)
        .limit(limit)
    )
    return [Silent(row, last_at) for row, last_at in session.execute(query)]


def list_weeks(session: Session, *, asker: Actor, weeks: int, now: datetime) -> list[Week]:
    """The stories of the last weeks, the present one last, counted by an index."""
    monday = local_day(now) - timedelta(days=local_day(now).weekday())
    found = []
    for back in range(weeks - 1, -1, -1):
        first = monday - back * WEEK
        query = (  # by the index of instants, which holds all that is asked for
            desk_queue.visible(asker, now, organization_id=Story.organization_id + 0)
            .where(Story.created_at >= start_of(first), Story.created_at < start_of(first + WEEK))
            .with_only_columns(Story.state, func.count())
            .group_by(Story.state)
        )
        found.append(Week(first, dict(session.execute(query).all())))
    return found


def count_uses(session: Session, *, asker: Actor, since: datetime, now: datetime) -> list[tuple[str, dict[str, int]]]:
    """How often each outlet told of a use of stories that the asker sees since an instant, by use; outlets by name."""
    reached = rights.within_reach(Story.organization_id, asker, AT_DESK, on=local_day(now))
    query = (
        select(Outlet.name, Pickup.use, func.count())
        .join(Outlet, Outlet.id == Pickup.outlet_id)
        .join(Story, Story.id == Pickup.story_id)
        .where(Pickup.at >= since, counts(), reached)
        .group_by(Outlet.name, Pickup.use)
        .order_by(Outlet.name)
    )
    found: dict[str, dict[str, int]] = {}
    for name, use, count in session.execute(query):
        found.setdefault(name, {})[use] = count
    return list(found.items())


def names_of(session: Session, codes: Collection[str]) -> dict[str, str]:
    """What organizations, outlets and channels (``outlet/channel``) are called, by code."""
    found: dict[str, str] = {}
    for table in (Outlet, Organization):
        query = select(table.code, table.name).where(table.code.in_(codes))
        found |= dict(session.execute(query).all())
    addresses = [code for code in codes if "/" in code]
    address = Outlet.code + "/" + Channel.code
    named = select(address, Channel.title, Outlet.name).join(Outlet, Outlet.id == Channel.outlet_id)
    rows = session.execute(named.where(address.in_(addresses))) if addresses else ()
    return found | {code: f"{title} – {outlet}" for code, title, outlet in rows}


def start_of(day: date) -> datetime:
    """The instant at which a day begins in Việt Nam."""
    return datetime.combine(day, time(), LOCAL)
