"""Corrections that wait, withdrawals with their receipts, and the calendar of embargoes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from sqlalchemy.orm import Session

from hub.actors import Actor
from hub.clock import local_day
from hub.http.services import services
from hub.http.wording import local
from hub.models import Version
from hub.outlets import readership, receipts, uses
from hub.records import contacts
from hub.records.disclosures import reveal
from hub.regulation import acts, corrections, desk_boards, desk_queue, reading
from hub.regulation.desk_queue import Filter, Line
from hub.regulation.reading import View
from hub.regulation.workflow import CORRECTIONS
from hub.web.editor.comparing import Difference, differences
from hub.web.editor.desk import actor, part, show
from hub.web.editor.keys import read_key, write_key
from hub.web.editor.queue import titles_of
from hub.web.numbers import asked_number

PAGE = 30
FEW = 12  # corrections on a page, each with what it changes
MOST_CHANGES = 6  # of a correction in the list
WEEKS = 6  # that a month touches at most
LAST_YEAR = 2200

bp = part(__name__, "boards")


@bp.get("/corrections/")
def show_corrections() -> Response:
    asker, now = actor(), services().clock.now()
    wanted = Filter(states=tuple(sorted(CORRECTIONS)))
    with services().database.reading() as session:
        after = request.args.get("after", "")
        found = desk_queue.list_all(session, wanted, asker=asker, after=after, limit=FEW, now=now)
        lines = _corrections(session, found.lines, asker)
    following = local(f"/desk/editor/corrections/?after={found.following}") if found.following else ""
    return show("corrections.html", lines=lines, following=following)


@bp.get("/withdrawals/")
def show_withdrawals() -> Response:
    asker, now = actor(), services().clock.now()
    everything = request.args.get("show") == "all"
    with services().database.reading() as session:
        to_decide = desk_boards.list_asked(session, asker=asker, now=now, limit=PAGE + 1)
        rows = desk_boards.list_receipts(
            session,
            asker=asker,
            open_only=not everything,
            before=asked_number("before"),
            limit=PAGE + 1,
            now=now,
        )
        stories = desk_boards.list_stories(session, {row.story_id for row in rows[:PAGE]})
        asked = [(one.story, one.version) for one in to_decide]
        titles = titles_of(session, [*asked, *stories.values()], asker)
        names = desk_boards.names_of(session, {address for row in rows[:PAGE] for address in row.channels})
        units = {key: story.organization_name or story.organization.name for key, (story, _) in stories.items()}
    tab = "all" if everything else "open"
    following = local(f"/desk/editor/withdrawals/?show={tab}&before={rows[PAGE - 1].id}") if len(rows) > PAGE else ""
    facts: dict[str, Any] = {"titles": titles, "units": units, "names": names, "tab": tab, "following": following}
    facts["to_decide"], facts["more_to_decide"] = to_decide[:PAGE], len(to_decide) > PAGE
    return show("withdrawals.html", receipts=rows[:PAGE], **facts)


@bp.get("/withdrawals/<story_id>")
def show_receipts(story_id: str) -> Response:
    """The receipts board of one story: who could have had it, who used it, who said what they did."""
    asker, now = actor(), services().clock.now()
    with services().database.reading() as session:
        story = desk_queue.get_story(session, story_id, asker=asker, now=now)
        version = reading.get_version(session, story.id, story.latest)
        facts: dict[str, Any] = {
            "title": titles_of(session, [(story, version)], asker)[story.id],
            "had": readership.list_had(session, story.id),
            "receipts": receipts.list_of_stories(session, [story.id]),
            "uses": uses.list_uses(session, story.id),
            "taken": [act for act in acts.list_acts(session, story.id) if act.kind == "withdraw"],
        }
        codes = {each.address for each in facts["had"]} | {one for row in facts["receipts"] for one in row.channels}
        facts["names"] = desk_boards.names_of(session, codes)
    return show("receipts.html", story=story, **facts)


@bp.get("/embargoes/")
def show_embargoes() -> Response:
    """A month of days; as a list on a phone."""
    asker, now = actor(), services().clock.now()
    today = local_day(now)
    month = _month(request.args.get("month", ""), today)
    start = month - timedelta(days=month.weekday())
    following = (month + timedelta(days=32)).replace(day=1)
    weeks = [[start + timedelta(days=7 * week + day) for day in range(7)] for week in range(WEEKS)]
    weeks = [week for week in weeks if week[0] < following]
    begin = read_key(request.args.get("begin", ""))
    with services().database.reading() as session:
        last = weeks[-1][-1] + timedelta(days=1)
        days, more = desk_boards.list_embargoes(session, start, last, asker=asker, now=now, begin=begin)
        shown = [(each.story, each.version) for entries in days.values() for each in entries]
        titles = titles_of(session, shown, asker)
        waiting = {address for entries in days.values() for each in entries for address in each.channels}
        names = desk_boards.names_of(session, waiting)
    before = (month - timedelta(days=1)).replace(day=1)
    return show(
        "embargoes.html",
        month=month,
        weeks=weeks,
        days=days,
        begun=begin[0] if begin else None,
        more=more,
        further=_further(month, more) if more else "",
        titles=titles,
        names=names,
        today=today,
        links={
            name: local(f"/desk/editor/embargoes/?month={at:%Y-%m}")
            for name, at in (("before", before), ("after", following))
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Correcting:
    """A correction in the list: before and after of its first fields, how many `more` there are, what was said."""

    line: Line
    title: str
    language: str
    changes: Sequence[Difference]
    more: int
    said: Mapping[str, Mapping[str, str]]


def _corrections(session: Session, lines: Sequence[Line], asker: Actor) -> list[Correcting]:
    """What these lines show, in as many statements for all of them as for one."""
    stories = [line.story for line in lines]
    views = reading.views_of(session, stories, asker=asker, now=services().clock.now())
    before = reading.list_at(session, {story.id: story.released or 1 for story in stories})
    said = corrections.list_said(session, stories)
    return [
        _correcting(line, before[line.story.id], views[line.story.id], said.get(line.story.id, ())) for line in lines
    ]


def _correcting(line: Line, before: Version, view: View, said: Sequence[Mapping[str, str]]) -> Correcting:
    old, new = (contacts.without(view.prune(reveal(each.disclosures))) for each in (before, line.version))
    found = differences(old, new)
    return Correcting(
        line=line,
        title=str(new.get("title", "")),
        language=str(new.get("language", "vi")),
        changes=found[:MOST_CHANGES],
        more=max(0, len(found) - MOST_CHANGES),
        said={note["pointer"]: note for note in said},
    )


def _further(month: date, key: desk_boards.Key) -> str:
    """The calendar from a key on: what did not fit beside the embargoes before it."""
    return local(f"/desk/editor/embargoes/?{urlencode({'month': f'{month:%Y-%m}', 'begin': write_key(key)})}")


def _month(said: str, today: date) -> date:
    """The first day of the month that was asked for, of today's where it cannot be read."""
    try:
        found = date.fromisoformat(f"{said}-01")
    except ValueError:
        return today.replace(day=1)
    return found if 2000 <= found.year < LAST_YEAR else today.replace(day=1)
